//! Routes and policy routing rules.

use ipnet::IpNet;
use serde_json::{Map, Value};

use super::family;
use super::interface::unusable;
use super::kinds::ONLY_ABSENT;
use super::{Choice, Decided, Extras, Key, Kind, Literal, Order, Section, Text};
use crate::finding::Finding;
use crate::path::Path;
use crate::phrase::Phrase;
use crate::text;

const STATES: &[Choice] = &[Choice::new("absent"), Choice::new("ignore")];
const TYPES: &[Choice] =
    &[Choice::new("blackhole"), Choice::new("unreachable"), Choice::new("prohibit")];
const FAMILIES: &[Choice] =
    &[Choice::new("ipv4"), Choice::new("ipv6"), Choice::query_only("unknown")];

/// All routes of a host.
pub(super) static ROUTES: Section = Section::new(
    "routes",
    "The routes of a host",
    &[
        Key::list("running", &Kind::Section(&ROUTE), Order::Unordered)
            .read_only()
            .volatile()
            .doc("The routes in effect, those learned from the network among them"),
        Key::list("config", &Kind::Section(&ROUTE), Order::Unordered)
            .extras(Extras::Tolerated)
            .doc(
                "The static routes; routes that are not listed stay, and are removed with \
                    `state: absent`",
            ),
    ],
);

/// A route.
pub static ROUTE: Section = Section::new(
    "route",
    "A static route",
    &[
        Key::choice("state", STATES).doc(
            "`absent` removes every static route that has the given values, whatever \
                    its other values",
        ),
        Key::formatted("destination", Text::IpNetwork).doc(
            "The network that the route leads to, in CIDR notation; the default route \
                    is `0.0.0.0/0` or `::/0`",
        ),
        Key::reference("next-hop-interface").doc("The interface that packets leave by"),
        Key::formatted("next-hop-address", Text::Ip).doc(
            "The address of the gateway; left out where the destination is on the \
                    link",
        ),
        Key::integer("metric", -1, u32::MAX as i64)
            .decided(Decided::Always)
            .doc("The cost of the route, lower is preferred; -1 lets NetworkManager choose"),
        Key::u32("table-id")
            .decided(Decided::Always)
            .doc("The routing table; 254, the main table, when left out"),
        Key::integer("weight", 1, 256).since("2.2.5").doc(
            "The share of traffic among several IPv4 routes to one destination, from \
                    1 to 256",
        ),
        Key::choice("route-type", TYPES).since("2.2.20").doc(
            "Drops packets instead of forwarding them: `blackhole` silently, \
                    `unreachable` and `prohibit` with an ICMP message",
        ),
        Key::formatted("source", Text::Ip)
            .since("2.2.37")
            .doc("The source address that the host prefers on this route"),
        Key::u32("mtu").since("2.2.42").unit("bytes").doc("The largest packet on this route"),
        Key::boolean("lock-mtu")
            .since("2.2.62")
            .default(Literal::Bool(false))
            .doc("Whether path MTU discovery leaves `mtu` alone"),
        Key::u32("advmss")
            .since("2.2.48")
            .unit("bytes")
            .doc("The largest TCP segment to announce to peers"),
        Key::integer("cwnd", 1, u32::MAX as i64)
            .since("2.2.27")
            .unit("segments")
            .doc("The largest TCP congestion window"),
        Key::u32("initcwnd")
            .since("2.2.42")
            .unit("segments")
            .doc("The initial TCP congestion window"),
        Key::u32("initrwnd").since("2.2.42").unit("segments").doc("The initial TCP receive window"),
        Key::boolean("quickack")
            .since("2.2.48")
            .default(Literal::Bool(false))
            .doc("Whether TCP acknowledges every segment at once"),
        Key::reference("vrf-name")
            .since("2.2.57")
            .doc("The VRF whose routing table holds the route, in place of `table-id`"),
    ],
)
.identity(&[
    "destination",
    "next-hop-interface",
    "next-hop-address",
    "table-id",
    "vrf-name",
    "route-type",
])
.normal(normal_route)
.expected(expected_route)
.check(check_route);

/// All policy routing rules of a host.
pub(super) static ROUTE_RULES: Section = Section::new(
    "route rules",
    "The policy routing rules of a host",
    &[Key::list("config", &Kind::Section(&ROUTE_RULE), Order::Unordered)
        .extras(Extras::Tolerated)
        .doc(
            "The rules; rules that are not listed stay, and are removed with `state: \
                    absent`",
        )],
);

/// A policy routing rule.
pub static ROUTE_RULE: Section = Section::new(
    "route rule",
    "A policy routing rule, which chooses the routing table of a packet",
    &[
        Key::choice("state", ONLY_ABSENT).doc(
            "`absent` removes every rule that has the given values, whatever its \
                    other values",
        ),
        Key::choice("family", FAMILIES)
            .since("2.2.5")
            .decided(Decided::Always)
            .follows(&["ip-from", "ip-to"])
            .doc("`ipv4` or `ipv6`; taken from `ip-from` or `ip-to` when left out"),
        Key::formatted("ip-from", Text::IpNetwork)
            .default(Literal::Text(""))
            .doc("The network of the source address, in CIDR notation"),
        Key::formatted("ip-to", Text::IpNetwork)
            .default(Literal::Text(""))
            .doc("The network of the destination address, in CIDR notation"),
        Key::integer("priority", -1, u32::MAX as i64)
            .decided(Decided::Always)
            .default(Literal::Integer(0))
            .doc(
                "The position of the rule, lower is asked first; -1 lets NetworkManager \
                    choose",
            ),
        Key::u32("route-table")
            .follows(&["action"])
            .doc("The routing table to use; 254, the main table, when left out"),
        Key::u32("fwmark").hex().default(Literal::Integer(0)).since("2.2.5").doc(
            "The firewall mark of the packet, a number or a hexadecimal string such \
                    as `0x30`",
        ),
        Key::u32("fwmask")
            .hex()
            .default(Literal::Integer(0))
            .since("2.2.5")
            .doc("The bits of the firewall mark that are looked at; needs `fwmark`"),
        Key::choice("action", TYPES).since("2.2.5").follows(&["route-table"]).doc(
            "Drops the packet in place of looking up a route: `blackhole` silently, \
                    `unreachable` and `prohibit` with an ICMP message",
        ),
        Key::reference("iif")
            .since("2.2.5")
            .default(Literal::Text(""))
            .doc("The interface that the packet came in by"),
        Key::u32("suppress-prefix-length")
            .aliases(&["suppress_prefixlength"])
            .strict()
            .since("2.2.15")
            .unit("bits")
            .doc("Ignores routes whose prefix is this long or shorter"),
    ],
)
.identity(&["family", "ip-from", "ip-to", "route-table", "fwmark", "fwmask", "action", "iif"])
.empty_if_absent(&["ip-from", "ip-to"])
.normal(normal_rule)
.expected(expected_rule)
.check(check_rule);

/// The main routing table of the kernel, which nmstate means by 0 and by leaving the table out.
const MAIN_TABLE: u64 = 254;
/// The metric that the kernel gives to IPv6 routes without one.
const IPV6_DEFAULT_METRIC: u64 = 1024;

/// Whether an entry names what to remove, so that a key that is left out matches anything.
fn is_absent(section: &Map<String, Value>) -> bool {
    section.get("state").is_some_and(|state| state == "absent")
}

fn is_one_of(section: &Map<String, Value>, name: &str, values: &[Value]) -> bool {
    section.get(name).is_some_and(|value| values.contains(value))
}

fn normal_route(section: &mut Map<String, Value>) {
    if is_one_of(section, "destination", &["".into()]) {
        section.shift_remove("destination");
    }
    let no_gateway = ["".into(), "0.0.0.0".into(), "::".into()];
    if is_absent(section) {
        if is_one_of(section, "next-hop-address", &no_gateway) {
            section.insert("next-hop-address".to_owned(), "".into());
        }
        if is_one_of(section, "table-id", &[0.into()]) {
            section.shift_remove("table-id");
        }
    } else {
        if is_one_of(section, "next-hop-address", &no_gateway) {
            section.shift_remove("next-hop-address");
        }
        let has_table = section.contains_key("table-id") || section.contains_key("vrf-name");
        if !has_table || is_one_of(section, "table-id", &[0.into()]) {
            section.insert("table-id".to_owned(), MAIN_TABLE.into());
        }
    }
    if is_one_of(section, "metric", &[(-1).into()]) {
        section.shift_remove("metric");
    }
    let destination = section.get("destination").and_then(Value::as_str);
    if destination.and_then(text::ip_address).is_some_and(|address| address.is_ipv6())
        && is_one_of(section, "metric", &[0.into()])
    {
        section.insert("metric".to_owned(), IPV6_DEFAULT_METRIC.into());
    }
    // The kernel shows its own choice for IPv6 routes that lead nowhere.
    if section.contains_key("route-type")
        && is_one_of(section, "next-hop-interface", &["lo".into()])
    {
        section.shift_remove("next-hop-interface");
    }
}

/// With a VRF the host looks the table up.
fn expected_route(section: &mut Map<String, Value>) {
    if section.contains_key("vrf-name") {
        section.shift_remove("table-id");
    }
}

fn normal_rule(section: &mut Map<String, Value>) {
    let family = ["ip-from", "ip-to"]
        .iter()
        .filter_map(|name| section.get(*name).and_then(Value::as_str))
        .find_map(text::ip_address)
        .map(|address| if address.is_ipv6() { "ipv6" } else { "ipv4" });
    if let (None, Some(family)) = (section.get("family"), family) {
        section.insert("family".to_owned(), family.into());
    }
    if is_one_of(section, "priority", &[(-1).into()]) {
        section.shift_remove("priority");
    }
    if is_one_of(section, "route-table", &[0.into()]) {
        section.shift_remove("route-table");
    }
    if !is_absent(section) {
        for name in ["ip-from", "ip-to"] {
            if is_one_of(section, name, &["".into()]) {
                section.shift_remove(name);
            }
        }
        if !section.contains_key("action") && !section.contains_key("route-table") {
            section.insert("route-table".to_owned(), MAIN_TABLE.into());
        }
    }
}

/// A rule that says nothing of a selector is for packets of any kind: a narrower rule is another
/// rule, although nmstate takes one for the other.
fn expected_rule(section: &mut Map<String, Value>) {
    if !is_absent(section) {
        for name in ["ip-from", "ip-to", "iif"] {
            section.entry(name).or_insert_with(|| "".into());
        }
        section.entry("fwmark").or_insert_with(|| "0x0".into());
    }
}

fn check_route(section: &Map<String, Value>, findings: &mut Vec<Finding>) {
    if section.contains_key("state") {
        return;
    }
    if !section.contains_key("destination") {
        findings.push(
            Finding::new(Path::new(), "a route needs the key <destination>")
                .with_hint("the default route is `0.0.0.0/0` or `::/0`"),
        );
    }
    if !section.contains_key("next-hop-interface") && !section.contains_key("route-type") {
        findings.push(
            Finding::new(Path::new(), "a route needs the key <next-hop-interface>").with_hint(
                "name the interface that packets leave by, or drop them by <route-type>",
            ),
        );
    }
    if section.contains_key("route-type") && section.contains_key("next-hop-address") {
        findings.push(
            Finding::new(
                Path::new().join("next-hop-address"),
                "a route that drops packets has no gateway",
            )
            .with_hint("leave out <next-hop-address> or <route-type>"),
        );
    }
    if section.contains_key("route-type")
        && section.get("next-hop-interface").is_some_and(|name| name != "lo")
    {
        findings.push(
            Finding::new(
                Path::new().join("next-hop-interface"),
                "a route that drops packets leaves by no interface",
            )
            .with_hint("leave out <next-hop-interface> or <route-type>"),
        );
    }
    check_destination(section, findings);
    family::check_alike(section, &["destination", "next-hop-address", "source"], findings);
    let destination = family::address(section, "destination");
    if section.contains_key("weight") && destination.is_some_and(|address| address.is_ipv6()) {
        findings.push(
            Finding::new(Path::new().join("weight"), "IPv6 routes have no weight")
                .with_hint("leave <weight> out"),
        );
    }
}

/// No packet is sent to the address that stands for none, or into `0.0.0.0/8`, where nmstate refuses
/// a route (`validate_route_dst` in its `route.rs`).
fn check_destination(section: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let text = section.get("destination").and_then(Value::as_str).unwrap_or_default();
    let Ok(network) = text.parse::<IpNet>() else { return };
    let is_alone =
        network.addr().is_unspecified() && network.prefix_len() == network.max_prefix_len();
    let is_in_vain = match network {
        IpNet::V4(network) => network.addr().octets()[0] == 0 && network.prefix_len() >= 8,
        IpNet::V6(_) => is_alone,
    };
    if !is_in_vain || section.contains_key("route-type") {
        return;
    }
    let message = match is_alone {
        true => format!(
            "`{}` without a prefix length is one address, and no route leads there",
            network.addr()
        ),
        false => format!("no route leads to `{text}`"),
    };
    let default = if network.addr().is_ipv6() { "::/0" } else { "0.0.0.0/0" };
    findings.push(
        Finding::new(Path::new().join("destination"), message)
            .with_hint(format!("the default route is `{default}`")),
    );
}

fn check_rule(section: &Map<String, Value>, findings: &mut Vec<Finding>) {
    if is_absent(section) {
        return;
    }
    if !["family", "ip-from", "ip-to"].iter().any(|name| section.contains_key(*name)) {
        findings.push(
            Finding::new(Path::new(), "a rule needs one of <family>, <ip-from> and <ip-to>")
                .with_hint("set <family: ipv4> or <family: ipv6>"),
        );
    }
    if section.contains_key("fwmask") && !section.contains_key("fwmark") {
        findings.push(
            Finding::new(Path::new().join("fwmask"), "a mask has no effect without <fwmark>")
                .with_hint("add <fwmark>"),
        );
    }
    let selectors = ["ip-from", "ip-to"];
    let addresses = selectors.map(|name| family::address(section, name));
    match (addresses, section.get("family").and_then(Value::as_str)) {
        // The normal form has the family of the one, whether or not anybody gave it.
        ([Some(from), Some(to)], _) if from.is_ipv4() != to.is_ipv4() => {
            family::check_alike(section, &selectors, findings);
        }
        (_, Some(word @ ("ipv4" | "ipv6"))) => {
            let reason = Phrase::from(
                "the rule has <family>, which is `{}`: correct one of them, or leave <family> out",
            )
            .with(word);
            family::check_family(section, &selectors, (word == "ipv6", &reason), findings);
        }
        _ => {}
    }
    let iif = section.get("iif").and_then(Value::as_str).filter(|name| !name.is_empty());
    if let Some((name, fault)) = iif.and_then(|name| Some((name, text::name_fault(name)?))) {
        findings.push(unusable(Path::new().join("iif"), name, &fault));
    }
}
