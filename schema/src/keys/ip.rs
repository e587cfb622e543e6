//! IPv4, IPv6 and multipath TCP settings of an interface.
//!
//! nmstate has one structure for both families and rejects the keys of the other one; here each
//! family has its own section made of the same keys.

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::family;
use super::kinds::MPTCP_FLAG;
use super::{Choice, Decided, Extras, Key, Kind, Literal, Order, Section, Text};
use crate::finding::Finding;
use crate::path::Path;
use crate::phrase::Phrase;
use crate::{text, walk};

const CLIENT_IDS: &[Choice] =
    &[Choice::with_aliases("ll", &["LL"]), Choice::with_aliases("iaid+duid", &["IAID+DUID"])];

const DUIDS: &[Choice] = &[
    Choice::with_aliases("llt", &["LLT"]),
    Choice::with_aliases("en", &["EN"]),
    Choice::with_aliases("ll", &["LL"]),
    Choice::with_aliases("uuid", &["UUID"]),
];

const ADDRESS_GENERATION: &[Choice] = &[
    Choice::with_aliases("eui64", &["EUI64"]),
    Choice::with_aliases("stable-privacy", &["STABLE-PRIVACY"]),
];

const ENABLED: Key = Key::boolean("enabled").since("2.2.0").default(Literal::Bool(false)).doc(
    "Whether the interface uses this family; switching it off drops its \
                    addresses",
);
const DHCP: Key = Key::boolean("dhcp")
    .since("2.2.0")
    .default(Literal::Bool(false))
    .doc("Whether addresses are requested from a DHCP server");
const ALLOW_EXTRA_ADDRESS: Key = Key::boolean("allow-extra-address")
    .strict()
    .write_only()
    .since("2.2.0")
    .doc("Whether static addresses that are not listed may stay on the interface");
const AUTO_DNS: Key = Key::boolean("auto-dns")
    .since("2.2.0")
    .default(Literal::Bool(true))
    .doc("Whether DNS servers that the network announces are used");
const AUTO_GATEWAY: Key = Key::boolean("auto-gateway")
    .since("2.2.0")
    .default(Literal::Bool(true))
    .doc("Whether a default gateway that the network announces is used");
const AUTO_ROUTES: Key = Key::boolean("auto-routes")
    .since("2.2.0")
    .default(Literal::Bool(true))
    .doc("Whether routes that the network announces are used");
const AUTO_ROUTE_TABLE_ID: Key =
    Key::u32("auto-route-table-id").since("2.2.0").default(Literal::Integer(0)).doc(
        "The routing table for routes that the network announces; 0 is the main \
                    table",
    );
const AUTO_ROUTE_METRIC: Key = Key::integer("auto-route-metric", -1, u32::MAX as i64)
    .since("2.2.5")
    .default(Literal::Integer(-1))
    .doc(
        "The metric of routes that the network announces; -1 lets NetworkManager \
                    choose",
    );
const DHCP_SEND_HOSTNAME: Key = Key::boolean("dhcp-send-hostname")
    .strict()
    .since("2.2.15")
    .default(Literal::Bool(true))
    .doc("Whether the host name is sent to the DHCP server");
const DHCP_CUSTOM_HOSTNAME: Key =
    Key::text("dhcp-custom-hostname").since("2.2.15").default(Literal::Text("")).doc(
        "The host name that is sent to the DHCP server in place of the real one; \
                    an empty string removes it",
    );

/// The IPv4 settings of an interface.
pub(super) static IPV4: Section = Section::new(
    "IPv4",
    "The IPv4 settings of an interface",
    &[
        ENABLED,
        Key::list("address", &Kind::Section(&IPV4_ADDRESS), Order::Unordered)
            .extras(Extras::ToleratedIf("allow-extra-address"))
            .decided(Decided::With(&["dhcp"]))
            .since("2.2.0")
            .doc(
                "The static addresses; the list is complete, and an empty one removes \
                    them all. The first address of a network is its primary one, the source of \
                    what is sent there; the order of the others means nothing",
            ),
        ALLOW_EXTRA_ADDRESS,
        DHCP,
        Key::choice("dhcp-client-id", CLIENT_IDS).open().since("2.2.0").doc(
            "What the host identifies itself with to the DHCP server: `ll` for the \
                    hardware address, `iaid+duid`, or hexadecimal bytes",
        ),
        DHCP_SEND_HOSTNAME,
        DHCP_CUSTOM_HOSTNAME,
        AUTO_DNS,
        AUTO_GATEWAY,
        AUTO_ROUTES,
        AUTO_ROUTE_TABLE_ID,
        AUTO_ROUTE_METRIC,
        Key::boolean("forwarding")
            .of_host()
            .strict()
            .since("2.2.57")
            .doc("Whether packets that arrive on the interface are forwarded to others"),
        Key::integer("prefix-route-metric", -1, u32::MAX as i64)
            .since("2.2.62")
            .default(Literal::Integer(-1))
            .doc(
                "The metric of the routes to the interface's own networks; -1 lets \
                    NetworkManager choose",
            ),
    ],
)
.normal(without_foreign_addresses)
.inherits(&["dhcp", "address"])
.expected(expected_ipv4)
.check(check_ipv4);

/// The IPv6 settings of an interface.
pub(super) static IPV6: Section = Section::new(
    "IPv6",
    "The IPv6 settings of an interface",
    &[
        ENABLED,
        Key::list("address", &Kind::Section(&IPV6_ADDRESS), Order::Unordered)
            .extras(Extras::ToleratedIf("allow-extra-address"))
            .decided(Decided::With(&["dhcp", "autoconf"]))
            .since("2.2.0")
            .doc(
                "The static addresses; the list is complete, and an empty one removes \
                    them all. Link-local addresses belong to the kernel and are left out",
            ),
        ALLOW_EXTRA_ADDRESS,
        DHCP,
        Key::boolean("autoconf")
            .since("2.2.0")
            .default(Literal::Bool(false))
            .doc("Whether addresses are formed from router advertisements (SLAAC)"),
        Key::choice("dhcp-duid", DUIDS).open().since("2.2.0").doc(
            "What the host identifies itself with to the DHCPv6 server: `llt`, `en`, \
                    `ll`, `uuid`, or hexadecimal bytes",
        ),
        DHCP_SEND_HOSTNAME,
        DHCP_CUSTOM_HOSTNAME,
        Key::choice("addr-gen-mode", ADDRESS_GENERATION).open().since("2.2.0").doc(
            "How the host part of an automatic address is formed: `eui64` from the \
                    hardware address, `stable-privacy` from a secret of the host",
        ),
        Key::formatted("token", Text::Ip)
            .of_host()
            .since("2.2.9")
            .default(Literal::Text("::"))
            .doc(
                "The host part for automatic addresses, such as `::42`; an empty string \
                    or `::` removes it",
            ),
        AUTO_DNS,
        AUTO_GATEWAY,
        AUTO_ROUTES,
        AUTO_ROUTE_TABLE_ID,
        AUTO_ROUTE_METRIC,
    ],
)
.normal(normal_ipv6)
.inherits(&["dhcp", "autoconf"])
.expected(expected_ipv6)
.check(check_ipv6);

const MPTCP_FLAGS_OF_ADDRESS: Key = Key::list("mptcp-flags", &MPTCP_FLAG, Order::Unordered)
    .read_only()
    .since("2.2.0")
    .doc("How multipath TCP uses the address");
const VALID_LIFE_TIME: Key = Key::text("valid-life-time")
    .aliases(&["valid-left", "valid-lft"])
    .read_only()
    .volatile()
    .since("2.2.20")
    .doc(
        "How long the address remains usable, such as `3000sec`; only addresses \
                    that the network has assigned have one",
    );
const PREFERRED_LIFE_TIME: Key = Key::text("preferred-life-time")
    .aliases(&["preferred-left", "preferred-lft"])
    .read_only()
    .volatile()
    .since("2.2.20")
    .doc("How long the address is preferred for new connections, such as `3000sec`");
const PROTOCOL: Key = Key::text("protocol")
    .read_only()
    .since("2.2.62")
    .doc("Who has set the address, such as `ra` for router advertisements");

static IPV4_ADDRESS: Section = Section::new(
    "IPv4 address",
    "A static IPv4 address",
    &[
        Key::formatted("ip", Text::Ip).required().doc("The address, such as `192.0.2.10`"),
        Key::integer("prefix-length", 0, 32)
            .required()
            .unit("bits")
            .doc("The length of the network part"),
        MPTCP_FLAGS_OF_ADDRESS,
        VALID_LIFE_TIME,
        PREFERRED_LIFE_TIME,
        PROTOCOL,
    ],
)
.identity(&["ip", "prefix-length"])
.ranked(network);

static IPV6_ADDRESS: Section = Section::new(
    "IPv6 address",
    "A static IPv6 address",
    &[
        Key::formatted("ip", Text::Ip).required().doc("The address, such as `2001:db8::10`"),
        Key::integer("prefix-length", 0, 128)
            .required()
            .unit("bits")
            .doc("The length of the network part"),
        MPTCP_FLAGS_OF_ADDRESS,
        VALID_LIFE_TIME,
        PREFERRED_LIFE_TIME,
        PROTOCOL,
    ],
)
.identity(&["ip", "prefix-length"]);

/// The multipath TCP settings of an interface.
pub(super) static MPTCP: Section = Section::new(
    "multipath TCP",
    "How multipath TCP uses the addresses of an interface",
    &[Key::list("address-flags", &MPTCP_FLAG, Order::Unordered).of_host().since("2.2.0").doc(
        "The flags of every address: `signal` announces it, `subflow` opens \
                    connections from it, `backup` uses it only when nothing else works, \
                    `fullmesh` connects it to every address of the peer",
    )],
);

/// Addresses that the network, the kernel or another program looks after are nobody's to set.
fn without_foreign_addresses(section: &mut Map<String, Value>) {
    if let Some(Value::Array(addresses)) = section.get_mut("address") {
        addresses.retain(|address| !is_foreign(address));
    }
}

fn is_foreign(address: &Value) -> bool {
    let text = |key: &str| address.get(key).and_then(Value::as_str);
    text("valid-life-time").is_some_and(|time| time != "forever")
        || text("protocol").is_some_and(|protocol| protocol != "lo")
        || text("ip").and_then(text::ip_address).is_some_and(text::is_link_local)
}

fn normal_ipv6(section: &mut Map<String, Value>) {
    without_foreign_addresses(section);
    if section.get("token").is_some_and(|token| token == "") {
        section.insert("token".to_owned(), "::".into());
    }
}

/// What only an address from the network can have.
const AUTOMATIC: &[&str] = &[
    "auto-dns",
    "auto-gateway",
    "auto-routes",
    "auto-route-table-id",
    "auto-route-metric",
    "dhcp-send-hostname",
    "dhcp-custom-hostname",
];

/// The network of an IPv4 address: the kernel takes the first of each for the primary one.
fn network(address: &Map<String, Value>) -> String {
    let [ip, length] = ["ip", "prefix-length"].map(|key| address.get(key));
    let text = ip.and_then(Value::as_str).zip(length.and_then(Value::as_u64));
    let network = text.map(|(ip, length)| format!("{ip}/{length}"));
    network.and_then(|text| text::canonical_text(Text::IpNetwork, &text)).unwrap_or_default()
}

fn expected_ipv4(section: &mut Map<String, Value>) {
    let has_address =
        section.get("address").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
    // nmstate switches it off where there is nothing to use it for, a server least of all.
    if is(section, "enabled", true) && !is(section, "dhcp", true) && !has_address {
        section.retain(|name, _| matches!(name.as_str(), "address" | "dhcp"));
    }
    if is(section, "enabled", false) {
        section.retain(|name, _| name == "enabled");
    }
    if !is(section, "dhcp", true) {
        section.retain(|name, _| !AUTOMATIC.contains(&name.as_str()) && name != "dhcp-client-id");
    }
    without_default_metrics(section);
}

fn expected_ipv6(section: &mut Map<String, Value>) {
    if is(section, "enabled", false) {
        section.retain(|name, _| name == "enabled");
    }
    if !is(section, "dhcp", true) && !is(section, "autoconf", true) {
        section.retain(|name, _| !AUTOMATIC.contains(&name.as_str()));
    }
    if !is(section, "dhcp", true) {
        section.shift_remove("dhcp-duid");
    }
    without_default_metrics(section);
}

/// What NetworkManager is to choose can turn out as anything.
fn without_default_metrics(section: &mut Map<String, Value>) {
    for name in ["auto-route-metric", "prefix-route-metric"] {
        if section.get(name).is_some_and(|metric| metric == -1) {
            section.shift_remove(name);
        }
    }
    if is(section, "dhcp-send-hostname", false) {
        section.shift_remove("dhcp-custom-hostname");
    }
}

fn is(section: &Map<String, Value>, name: &str, value: bool) -> bool {
    section.get(name) == Some(&Value::Bool(value))
}

fn check_ipv4(section: &Map<String, Value>, findings: &mut Vec<Finding>) {
    check_enabled(section, findings);
    check_addresses(section, ("IPv4", "ipv6"), IpAddr::is_ipv4, findings);
    let metrics = ["auto-route-metric", "prefix-route-metric"].map(|name| section.get(name));
    if let [Some(automatic), Some(prefix)] = metrics
        && automatic != prefix
        && *automatic != -1
        && *prefix != -1
    {
        findings.push(
            Finding::new(
                Path::new().join("prefix-route-metric"),
                Phrase::from("`{}` differs from <auto-route-metric>, which is `{}`")
                    .with(prefix)
                    .with(automatic),
            )
            .with_hint("NetworkManager has one metric for both: give them the same value"),
        );
    }
}

fn check_ipv6(section: &Map<String, Value>, findings: &mut Vec<Finding>) {
    check_enabled(section, findings);
    check_addresses(section, ("IPv6", "ipv4"), IpAddr::is_ipv6, findings);
    let reason = Phrase::from("give the host part of an IPv6 address, such as `::42`");
    family::check_family(section, &["token"], (true, &reason), findings);
    let has_token = section.get("token").is_some_and(|token| token != "::");
    if has_token && is(section, "autoconf", false) {
        findings.push(
            Finding::new(Path::new().join("token"), "a token has no effect without <autoconf>")
                .with_hint("set <autoconf: true> or leave <token> out"),
        );
    }
}

fn check_enabled(section: &Map<String, Value>, findings: &mut Vec<Finding>) {
    if !is(section, "enabled", false) {
        return;
    }
    for name in ["dhcp", "autoconf"] {
        if is(section, name, true) {
            findings.push(
                Finding::new(Path::new().join(name), "`true` contradicts <enabled: false>")
                    .with_hint(Phrase::from("set <enabled: true> or leave {} out").key(name)),
            );
        }
    }
    if section.get("address").and_then(Value::as_array).is_some_and(|list| !list.is_empty()) {
        findings.push(
            Finding::new(Path::new().join("address"), "addresses contradict <enabled: false>")
                .with_hint("set <enabled: true> or leave <address> out"),
        );
    }
}

fn check_addresses(
    section: &Map<String, Value>,
    (family, other): (&str, &str),
    is_family: fn(&IpAddr) -> bool,
    findings: &mut Vec<Finding>,
) {
    let addresses = section.get("address").and_then(Value::as_array);
    for (index, address) in addresses.into_iter().flatten().enumerate() {
        let Some(text) = address.get("ip").and_then(Value::as_str) else { continue };
        if text::ip_address(text).is_some_and(|address| !is_family(&address)) {
            let item = walk::item_step(&Kind::Section(&IPV6_ADDRESS), address, index);
            let path = Path::new().join("address").join(item).join("ip");
            findings.push(
                Finding::new(path, format!("`{text}` is not an {family} address")).with_hint(
                    Phrase::from("addresses of the other family stand in {}").key(other),
                ),
            );
        }
    }
}
