//! Contradictions in what a bond is to be.
//!
//! Each is refused by nmstate (`ifaces/bond.rs`), by NetworkManager (`nm-setting-bond.c`) or by the
//! kernel (`bond_options.c`), most of them not before all retries have failed. What a bond has
//! already may be the missing part, so only what the document itself says is held against it.

use serde_json::{Map, Value};

use crate::finding::Finding;
use crate::path::Path;
use crate::phrase::Phrase;

/// The options of only some modes: of one that has none, any value but the last one here is refused.
const OPTIONS_OF_MODES: &[(&str, &[&str], Option<&str>)] = &[
    ("primary", &["active-backup", "balance-tlb", "balance-alb"], Some("")),
    ("lacp_rate", &["802.3ad"], None),
    ("lacp_active", &["802.3ad"], None),
    ("ad_actor_sys_prio", &["802.3ad"], Some("65535")),
    ("ad_actor_system", &["802.3ad"], Some("00:00:00:00:00:00")),
    ("ad_user_port_key", &["802.3ad"], Some("0")),
    ("packets_per_slave", &["balance-rr"], Some("1")),
    ("tlb_dynamic_lb", &["balance-tlb", "balance-alb"], Some("true")),
    ("arp_interval", CHECKED_BY_ARP, Some("0")),
    ("arp_ip_target", CHECKED_BY_ARP, Some("")),
    ("arp_validate", CHECKED_BY_ARP, Some("none")),
    ("balance_slb", &["balance-xor"], Some("false")),
];

/// The modes in which links can be checked with ARP.
const CHECKED_BY_ARP: &[&str] = &["balance-rr", "active-backup", "balance-xor", "broadcast"];

/// The modes that choose one port among several.
const CHOOSING: &[&str] = &["active-backup", "balance-tlb", "balance-alb"];

/// What several keys of a bond say together.
pub(super) fn bond(section: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let mode = section.get("mode").and_then(Value::as_str);
    if let Some(Value::Object(options)) = section.get("options") {
        let mut found = Vec::new();
        if let Some(mode) = mode {
            options_of_mode(options, mode, &mut found);
        }
        check_links(options, &mut found);
        check_values(options, &mut found);
        findings.extend(found.into_iter().map(|one| one.under("options")));
    }
    check_ports(section, mode, findings);
}

fn options_of_mode(options: &Map<String, Value>, mode: &str, findings: &mut Vec<Finding>) {
    for (name, modes, default) in OPTIONS_OF_MODES {
        let Some(value) = options.get(*name) else { continue };
        if modes.contains(&mode) || default.is_some_and(|default| plain(value) == default) {
            continue;
        }
        findings.push(
            Finding::new(
                Path::new().join(*name),
                Phrase::from("a bond of <mode> `{}` has no {}").with(mode).key(name),
            )
            .with_hint(
                Phrase::from("leave {} out, or set <mode> to {}").key(name).with(words(modes)),
            ),
        );
    }
}

/// Links are checked by their state or with ARP, and delays belong to the former.
fn check_links(options: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let number = |name: &str| options.get(name).and_then(Value::as_i64);
    let (miimon, arp) = (number("miimon"), number("arp_interval"));
    let checks_with_arp = arp.is_some_and(|interval| interval > 0);
    if checks_with_arp && miimon.is_some_and(|interval| interval > 0) {
        findings.push(
            Finding::new(
                Path::new().join("miimon"),
                "links are checked either by <miimon> or by <arp_interval>",
            )
            .with_hint("leave one of the two out, or set it to 0"),
        );
    }
    for name in ["updelay", "downdelay"] {
        let is_given = number(name).is_some_and(|delay| delay > 0);
        let is_unchecked = checks_with_arp && !options.contains_key("miimon");
        if is_given && (miimon == Some(0) || is_unchecked) {
            findings.push(
                Finding::new(
                    Path::new().join(name),
                    "a delay has no effect unless <miimon> checks the links",
                )
                .with_hint(Phrase::from("set <miimon>, or leave {} out").key(name)),
            );
        }
    }
    let targets: Vec<&str> = ["arp_ip_target", "ns_ip6_target"]
        .into_iter()
        .filter(|name| {
            options
                .get(*name)
                .is_some_and(|value| *value != "" && *value != Value::Array(Vec::new()))
        })
        .collect();
    for name in &targets {
        let is_by_state = miimon.is_some_and(|interval| interval > 0);
        if arp == Some(0) || (is_by_state && !options.contains_key("arp_interval")) {
            findings.push(
                Finding::new(Path::new().join(*name), "nobody is asked without <arp_interval>")
                    .with_hint(
                        Phrase::from("set <arp_interval> in place of <miimon>, or leave {} out")
                            .key(name),
                    ),
            );
        }
    }
}

fn check_values(options: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let mut add = |name: &str, message: Phrase, hint: Phrase| {
        findings.push(Finding::new(Path::new().join(name), message).with_hint(hint));
    };
    if let (Some(arp), Some(neighbour)) = (options.get("num_grat_arp"), options.get("num_unsol_na"))
        && arp != neighbour
    {
        add(
            "num_unsol_na",
            Phrase::from("`{}` differs from <num_grat_arp>, which is `{}`")
                .with(neighbour)
                .with(arp),
            "the kernel has one number for both: give them the same value".into(),
        );
    }
    let is_group = |address: &str| {
        u8::from_str_radix(address.get(..2).unwrap_or_default(), 16)
            .is_ok_and(|first| first & 1 == 1)
    };
    let system = options.get("ad_actor_system").and_then(Value::as_str).unwrap_or_default();
    if is_group(system) {
        add(
            "ad_actor_system",
            format!("`{system}` is the address of a group, not of one host").into(),
            "use an address whose first byte is even".into(),
        );
    }
    let targets = options.get("arp_ip_target").and_then(Value::as_str).unwrap_or_default();
    if targets.contains(':') {
        add(
            "arp_ip_target",
            format!("`{targets}` is not of IPv4").into(),
            "IPv6 addresses stand in <ns_ip6_target>".into(),
        );
    }
    let neighbours = options.get("ns_ip6_target").and_then(Value::as_array).into_iter().flatten();
    for address in neighbours.filter_map(Value::as_str).filter(|text| !text.contains(':')) {
        add(
            "ns_ip6_target",
            format!("`{address}` is not of IPv6").into(),
            "IPv4 addresses stand in <arp_ip_target>".into(),
        );
    }
    let policy = options.get("xmit_hash_policy").and_then(Value::as_str);
    let balances = options.get("balance_slb") == Some(&Value::Bool(true));
    if balances && policy.is_some_and(|policy| policy != "vlan+srcmac") {
        add(
            "xmit_hash_policy",
            "<balance_slb> needs `vlan+srcmac`".into(),
            "set <xmit_hash_policy: vlan+srcmac>, or leave <balance_slb> out".into(),
        );
    }
}

fn check_ports(section: &Map<String, Value>, mode: Option<&str>, findings: &mut Vec<Finding>) {
    let listed = section.get("port").and_then(Value::as_array);
    let settings = section.get("ports-config").and_then(Value::as_array);
    let mut queues: Vec<(&Value, &str)> = Vec::new();
    for port in settings.into_iter().flatten() {
        let Some(name) = port.get("name").and_then(Value::as_str) else { continue };
        let path = Path::new().join("ports-config").join(crate::path::Step::Item(name.to_owned()));
        if listed.is_some_and(|listed| listed.iter().all(|port| port != name)) {
            findings.push(
                Finding::new(
                    Path::new().join("port"),
                    Phrase::from("`{}` has settings in <ports-config>, and is not listed")
                        .with(name),
                )
                .with_hint("list it, or leave its settings out"),
            );
        }
        let priority = port.get("priority").filter(|priority| **priority != 0);
        if let (Some(mode), true) = (mode, priority.is_some())
            && !CHOOSING.contains(&mode)
        {
            findings.push(
                Finding::new(
                    path.join("priority"),
                    Phrase::from("a bond of <mode> `{}` prefers no port").with(mode),
                )
                .with_hint(
                    Phrase::from("leave <priority> out, or set <mode> to {}").with(words(CHOOSING)),
                ),
            );
        }
        let Some(queue) = port.get("queue-id").filter(|queue| **queue != 0) else { continue };
        match queues.iter().find(|(known, _)| *known == queue) {
            Some((_, other)) => findings.push(
                Finding::new(
                    path.join("queue-id"),
                    format!("`{queue}` is the queue of `{other}` already"),
                )
                .with_hint("give each port a queue of its own, or 0 for none"),
            ),
            None => queues.push((queue, name)),
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn words(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
