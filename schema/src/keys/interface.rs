//! The keys of an interface: those that every type has, and one key per type for its own section.

use serde_json::{Map, Value};

use super::bond::BOND;
use super::ethernet::{ETHERNET, VETH};
use super::ethtool::ETHTOOL;
use super::ip::{IPV4, IPV6, MPTCP};
use super::ipsec::LIBRESWAN;
use super::kinds::{ONLY_ABSENT, PLAIN};
use super::linux_bridge::LINUX_BRIDGE;
use super::overlay::{INFINIBAND, IPVLAN, MAC_VLAN, VRF, VXLAN};
use super::ovs::{DPDK, OVS_BRIDGE, PATCH};
use super::tunnel::{HSR, IP_TUNNEL, MACSEC};
use super::vlan::VLAN;
use super::{Choice, Decided, Extras, Key, Kind, Literal, Order, Section, Text};

mod check;

pub(super) use self::check::unusable;

const TYPES: &[Choice] = &[
    Choice::new("ethernet"),
    Choice::new("veth"),
    Choice::new("dummy"),
    Choice::new("loopback"),
    Choice::new("bond"),
    Choice::new("vlan"),
    Choice::new("linux-bridge"),
    Choice::new("vxlan"),
    Choice::new("vrf"),
    Choice::new("mac-vlan"),
    Choice::new("mac-vtap"),
    Choice::new("ipvlan"),
    Choice::new("macsec"),
    Choice::new("hsr"),
    Choice::new("ip-tunnel"),
    Choice::new("infiniband"),
    Choice::new("ovs-bridge"),
    Choice::new("ovs-interface"),
    Choice::new("ipsec"),
    Choice::new("xfrm"),
    Choice::query_only("tun"),
    Choice::query_only("unknown"),
];

const STATES: &[Choice] = &[
    Choice::new("up"),
    Choice::new("down"),
    Choice::new("absent"),
    Choice::new("ignore"),
    Choice::query_only("unknown"),
];

const IDENTIFIERS: &[Choice] =
    &[Choice::new("name"), Choice::new("mac-address"), Choice::new("pci-address")];

const WAIT_IP: &[Choice] =
    &[Choice::new("any"), Choice::new("ipv4"), Choice::new("ipv6"), Choice::new("ipv4+ipv6")];

/// With another value nmstate makes an interface anew that has hardware addresses of its own
/// (`gen_nm_conn_need_to_deactivate_first` in its `nm/query_apply/apply.rs`).
const MAKE_ANEW: &[&str] = &[
    "vxlan/id",
    "vrf/route-table-id",
    "veth/peer",
    "ipvlan/base-iface",
    "hsr/port1",
    "hsr/port2",
    "ip-tunnel/mode",
    "ip-tunnel/base-iface",
    "ip-tunnel/local",
    "ip-tunnel/remote",
    "ip-tunnel/ttl",
    "ip-tunnel/tos",
    "ip-tunnel/flow-label",
    "ip-tunnel/ip6tun-flags",
    "ip-tunnel/pmtu-disc",
    "ip-tunnel/encap-limit",
    "ip-tunnel/fwmark",
];

/// Every key of an interface; [`Key::types`] says which types have it. Two keys may have the same
/// name, such as `bridge`, if no type has both.
pub static INTERFACE: Section = Section::new(
    "interface",
    "A network interface",
    &[
        Key::formatted("name", Text::InterfaceName).required().doc(
            "The name of the interface in the kernel; with `identifier` set to \
                    `mac-address` or `pci-address` any name, which then becomes the name of \
                    the profile",
        ),
        Key::choice("type", TYPES).open().doc(
            "The type of the interface; required to create one, otherwise taken from \
                    the host",
        ),
        Key::choice("state", STATES).default(Literal::Text("up")).doc(
            "`up` configures and activates the interface, `down` deactivates it, \
                    `absent` removes it (a physical interface only loses its configuration), \
                    `ignore` leaves it alone",
        ),
        Key::text("profile-name").since("2.2.15").default(Literal::Sibling("name")).doc(
            "The name of the NetworkManager profile, when it is not that of the \
                    interface",
        ),
        Key::text("description")
            .default(Literal::Text(""))
            .doc("A remark, kept in the NetworkManager profile"),
        Key::choice("identifier", IDENTIFIERS).since("2.2.15").default(Literal::Text("name")).doc(
            "What the interface is found by: its `name`, its `mac-address` or its \
                    `pci-address`",
        ),
        Key::formatted("mac-address", Text::Mac)
            .of_host()
            .decided(Decided::Always)
            .follows(MAKE_ANEW)
            .doc("The hardware address, as colon-separated bytes in hexadecimal"),
        Key::formatted("permanent-mac-address", Text::Mac)
            .read_only()
            .decided(Decided::Always)
            .follows(MAKE_ANEW)
            .since("2.2.33")
            .doc("The hardware address that the manufacturer gave to the card"),
        Key::formatted("pci-address", Text::PciAddress)
            .of_host()
            .since("2.2.48")
            .doc("The PCI address of the card, such as `0000:00:1f.4`"),
        Key::u32("mtu").of_host().decided(Decided::Always).unit("bytes").doc(
            "The largest packet that the interface sends; at least 1280 where IPv6 is \
                    enabled",
        ),
        Key::u64("min-mtu")
            .read_only()
            .decided(Decided::Always)
            .strict()
            .since("2.2.0")
            .unit("bytes")
            .doc("The smallest MTU that the device supports"),
        Key::u64("max-mtu")
            .read_only()
            .decided(Decided::Always)
            .strict()
            .since("2.2.0")
            .unit("bytes")
            .doc("The largest MTU that the device supports"),
        Key::text("driver")
            .read_only()
            .decided(Decided::Always)
            .since("2.2.27")
            .doc("The kernel driver of the device"),
        Key::choice("wait-ip", WAIT_IP).since("2.2.0").default(Literal::Text("any")).doc(
            "Which addresses the interface must have before it counts as activated: \
                    of `any` family, of `ipv4`, of `ipv6`, or of both (`ipv4+ipv6`)",
        ),
        Key::section("ipv4", &IPV4).doc("The IPv4 settings"),
        Key::section("ipv6", &IPV6).doc("The IPv6 settings"),
        Key::section("mptcp", &MPTCP).since("2.2.0").doc("The multipath TCP settings"),
        Key::reference("controller").default(Literal::Text("")).doc(
            "The bond, bridge or VRF that the interface is a port of; an empty string \
                    detaches it",
        ),
        Key::boolean("accept-all-mac-addresses").default(Literal::Bool(false)).doc(
            "Whether the interface takes frames to any hardware address (promiscuous \
                    mode)",
        ),
        Key::reference("copy-mac-from")
            .write_only()
            .types(&["bond", "linux-bridge", "ovs-interface"])
            .doc("The port whose hardware address the interface takes over"),
        Key::section("ovs-db", &OVS_DB_INTERFACE)
            .doc("What Open vSwitch stores about the interface"),
        Key::section("802.1x", &IEEE_8021X).doc("Port authentication (IEEE 802.1X)"),
        Key::section("lldp", &LLDP).doc("The Link Layer Discovery Protocol"),
        Key::section("ethtool", &ETHTOOL).doc("The settings that `ethtool` knows"),
        Key::section("dispatch", &DISPATCH).since("2.2.20").doc(
            "Shell scripts that NetworkManager runs when the interface goes up or \
                    down; they are not part of a checkpoint and stay when a change is rolled \
                    back",
        ),
        Key::list("alt-names", &Kind::Section(&ALT_NAME), Order::Unordered)
            .extras(Extras::Tolerated)
            .since("2.2.57")
            .doc("Further names of the interface; names that are not listed stay"),
        Key::section("ethernet", &ETHERNET)
            .types(&["ethernet", "veth"])
            .doc("The settings of the card"),
        Key::section("veth", &VETH).types(&["veth"]).doc("The settings of a virtual cable"),
        Key::section("link-aggregation", &BOND)
            .aliases(&["bond"])
            .types(&["bond"])
            .doc("The settings of a bond"),
        Key::section("vlan", &VLAN).types(&["vlan"]).doc("The settings of a VLAN"),
        Key::section("bridge", &LINUX_BRIDGE)
            .types(&["linux-bridge"])
            .doc("The settings of a Linux bridge"),
        Key::section("vxlan", &VXLAN).types(&["vxlan"]).doc("The settings of a VXLAN"),
        Key::section("vrf", &VRF).types(&["vrf"]).doc("The settings of a VRF"),
        Key::section("mac-vlan", &MAC_VLAN).types(&["mac-vlan"]).doc("The settings of a MACVLAN"),
        Key::section("mac-vtap", &MAC_VLAN).types(&["mac-vtap"]).doc("The settings of a MACVTAP"),
        Key::section("ipvlan", &IPVLAN)
            .types(&["ipvlan"])
            .since("2.2.37")
            .doc("The settings of an IPVLAN"),
        Key::section("macsec", &MACSEC)
            .types(&["macsec"])
            .since("2.2.20")
            .doc("The settings of MACsec"),
        Key::section("hsr", &HSR).types(&["hsr"]).since("2.2.27").doc("The settings of HSR or PRP"),
        Key::section("ip-tunnel", &IP_TUNNEL)
            .types(&["ip-tunnel"])
            .since("2.2.62")
            .doc("The settings of an IP tunnel"),
        Key::section("infiniband", &INFINIBAND)
            .types(&["infiniband"])
            .doc("The settings of InfiniBand"),
        Key::section("bridge", &OVS_BRIDGE)
            .types(&["ovs-bridge"])
            .doc("The settings of an Open vSwitch bridge"),
        Key::section("patch", &PATCH)
            .types(&["ovs-interface"])
            .doc("The settings of a cable between two Open vSwitch bridges"),
        Key::section("dpdk", &DPDK)
            .types(&["ovs-interface"])
            .doc("The settings of an interface that is driven by DPDK"),
        Key::section("libreswan", &LIBRESWAN)
            .types(&["ipsec"])
            .since("2.2.20")
            .doc("The settings of an IPsec connection"),
    ],
)
.identity(&["name"])
.normal(normal_interface)
.check(check::interface);

/// What Open vSwitch stores about an interface.
pub(super) static OVS_DB_INTERFACE: Section = Section::new(
    "Open vSwitch columns of an interface",
    "Columns of the Open vSwitch database",
    &[
        Key::map("external_ids", &PLAIN)
            .doc("Keys for programs outside Open vSwitch; a null value deletes the key"),
        Key::map("other_config", &PLAIN)
            .since("2.2.5")
            .doc("Rarely used settings; a null value deletes the key"),
    ],
)
.empty_resets();

static IEEE_8021X: Section = Section::new(
    "802.1x",
    "How the interface authenticates itself to the switch",
    &[
        Key::text("identity").doc("The identity that is presented to the authentication server"),
        Key::list("eap-methods", &PLAIN, Order::Exact)
            .doc("The EAP methods to try, such as `tls` or `peap`"),
        Key::text("private-key").doc("The path of the private key on the host"),
        Key::text("client-cert").doc("The path of the client certificate on the host"),
        Key::text("ca-cert")
            .doc("The path of the certificate of the certification authority on the host"),
        Key::text("private-key-password").sensitive().doc("The password of the private key"),
        Key::text("phase2-auth").since("2.2.37").doc(
            "The inner authentication method of a tunnelled EAP method, such as \
                    `mschapv2`",
        ),
        Key::text("password").since("2.2.37").sensitive().doc("The password of the identity"),
    ],
);

static LLDP: Section = Section::new(
    "LLDP",
    "Whether the interface listens to the Link Layer Discovery Protocol",
    &[
        Key::boolean("enabled")
            .required()
            .default(Literal::Bool(false))
            .doc("Whether the announcements of neighbours are received"),
        Key::list("neighbors", &NEIGHBOR, Order::Exact)
            .read_only()
            .volatile()
            .doc("What the neighbours have announced, one list of entries for each"),
    ],
);

const NEIGHBOR: Kind = Kind::List { item: &Kind::Map(&PLAIN), order: Order::Exact };

static DISPATCH: Section = Section::new(
    "dispatch scripts",
    "Shell scripts that NetworkManager runs for the interface",
    &[
        Key::text("post-activation").since("2.2.20").default(Literal::Text("")).doc(
            "The bash script to run after the interface was activated; an empty \
                    string removes it",
        ),
        Key::text("post-deactivation").since("2.2.20").default(Literal::Text("")).doc(
            "The bash script to run after the interface was deactivated; an empty \
                    string removes it",
        ),
    ],
);

static ALT_NAME: Section = Section::new(
    "alternative name",
    "A further name of an interface",
    &[
        Key::text("name").required().since("2.2.57").doc("The further name"),
        Key::choice("state", ONLY_ABSENT).since("2.2.57").doc("`absent` removes the name"),
    ],
)
.identity(&["name"]);

/// Drops from a desired interface in normal form what nmstate ignores on one such as `current`.
pub(crate) fn without_ineffective(desired: &mut Map<String, Value>, current: &Map<String, Value>) {
    let ineffective: &[&str] = match current.get("type").and_then(Value::as_str) {
        // A routing domain has no link layer.
        Some("vrf") if desired.get("accept-all-mac-addresses") == Some(&Value::Bool(false)) => {
            &["mac-address", "accept-all-mac-addresses"]
        }
        Some("vrf") => &["mac-address"],
        // A switch is reached by an interface of its own.
        Some("ovs-bridge") => &["mtu", "ipv4", "ipv6"],
        Some("bond") if has_address_of_port(current) && !may_have_own_address(desired) => {
            &["mac-address"]
        }
        _ => &[],
    };
    for name in ineffective {
        desired.shift_remove(*name);
    }
    for family in ["ipv4", "ipv6"] {
        let is_on = current.get(family).is_some_and(|found| found["enabled"] == true);
        if let (false, Some(Value::Object(settings))) = (is_on, desired.get_mut(family))
            && !settings.contains_key("enabled")
        {
            // What is left asks for the family to be on.
            settings.retain(|name, _| matches!(name.as_str(), "address" | "dhcp" | "autoconf"));
        }
    }
    // Nobody waits for the addresses of a port.
    if current.get("controller").and_then(Value::as_str).is_some_and(|name| !name.is_empty()) {
        desired.shift_remove("wait-ip");
    }
}

/// Whether the active port of a bond decides about its hardware address.
fn has_address_of_port(bond: &Map<String, Value>) -> bool {
    bond.get("link-aggregation").is_some_and(|settings| {
        settings["mode"] == "active-backup" && settings["options"]["fail_over_mac"] == "active"
    })
}

/// Whether a desired bond says that its active port no longer does.
fn may_have_own_address(bond: &Map<String, Value>) -> bool {
    bond.get("link-aggregation").is_some_and(|settings| {
        let mode = settings.get("mode").is_some_and(|mode| mode != "active-backup");
        let option = &settings["options"]["fail_over_mac"];
        mode || (!option.is_null() && option != "active")
    })
}

/// `unknown` says nothing.
fn normal_interface(section: &mut Map<String, Value>) {
    for name in ["type", "state"] {
        if section.get(name).is_some_and(|value| value == "unknown") {
            section.shift_remove(name);
        }
    }
    // There the kernel shows the IP address that a tunnel begins at.
    let is_tunnel = section.get("type").is_some_and(|of_type| of_type == "ip-tunnel");
    if is_tunnel && section.get("mac-address").and_then(Value::as_str).is_some_and(is_ip_address) {
        section.shift_remove("mac-address");
    }
}

/// Whether a text has as many bytes, between colons, as an IP address.
fn is_ip_address(text: &str) -> bool {
    matches!(text.split(':').count(), 4 | 16)
}
