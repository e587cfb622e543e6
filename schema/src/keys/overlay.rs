//! Virtual interfaces on top of one other interface, and VRFs.

use serde_json::{Map, Value};

use super::family;
use super::kinds::REFERENCE;
use super::{Choice, Key, Literal, Order, Section, Text};
use crate::finding::Finding;
use crate::path::Path;

const MAC_VLAN_MODES: &[Choice] = &[
    Choice::new("vepa"),
    Choice::new("bridge"),
    Choice::new("private"),
    Choice::new("passthru"),
    Choice::new("source"),
    Choice::query_only("unknown"),
];
const IPVLAN_MODES: &[Choice] = &[Choice::new("l2"), Choice::new("l3"), Choice::new("l3s")];
const INFINIBAND_MODES: &[Choice] = &[Choice::new("datagram"), Choice::new("connected")];

/// The settings of a VXLAN.
pub(super) static VXLAN: Section = Section::new(
    "VXLAN",
    "The settings of a VXLAN",
    &[
        Key::reference("base-iface")
            .fixed()
            .default(Literal::Text(""))
            .doc("The interface that carries the tunnel; none when empty"),
        Key::integer("id", 0, 0xff_ffff)
            .required()
            .doc("The network identifier (VNI), from 0 to 16777215"),
        Key::formatted("local", Text::Ip)
            .fixed()
            .since("2.2.9")
            .doc("The source address of the tunnel"),
        Key::formatted("remote", Text::Ip)
            .fixed()
            .doc("The address of the other end, or of the multicast group"),
        Key::u16("destination-port")
            .fixed()
            .doc("The UDP port of the other end; 8472 in the kernel, 4789 by standard"),
        Key::boolean("learning")
            .fixed()
            .strict()
            .since("2.2.9")
            .doc("Whether addresses behind the tunnel are learned from traffic"),
    ],
)
.check(check_vxlan);

/// The settings of a VRF.
pub(super) static VRF: Section = Section::new(
    "VRF",
    "The settings of a VRF",
    &[
        Key::list("port", &REFERENCE, Order::Unordered)
            .aliases(&["ports"])
            .doc("The interfaces that belong to the VRF; the list is complete"),
        Key::u32("route-table-id").doc(
            "The routing table of the VRF; required to create one, and 0 keeps the one it has",
        ),
    ],
)
.expected(expected_vrf);

/// The settings of a MACVLAN or a MACVTAP.
pub(super) static MAC_VLAN: Section = Section::new(
    "MACVLAN",
    "The settings of a MACVLAN or a MACVTAP",
    &[
        Key::reference("base-iface").fixed().required().doc("The interface that carries this one"),
        Key::choice("mode", MAC_VLAN_MODES).fixed().required().doc(
            "How interfaces on the same base reach each other: through the switch \
                    (`vepa`), directly (`bridge`), not at all (`private`), by allowed source \
                    addresses (`source`), or one interface takes the whole base (`passthru`)",
        ),
        Key::boolean("promiscuous").fixed().aliases(&["accept-all-mac"]).doc(
            "Whether frames to any hardware address are received; can be false in \
                    mode `passthru` only",
        ),
    ],
);

/// The settings of an IPVLAN.
pub(super) static IPVLAN: Section = Section::new(
    "IPVLAN",
    "The settings of an IPVLAN",
    &[
        Key::reference("base-iface")
            .since("2.2.37")
            .doc("The interface that carries this one; required to create it"),
        Key::choice("mode", IPVLAN_MODES).since("2.2.37").doc(
            "At which layer packets are handed over: `l2`, `l3`, or `l3s` for `l3` \
                    with connection tracking",
        ),
        Key::boolean("private")
            .since("2.2.37")
            .initially(Literal::Bool(false))
            .doc("Whether interfaces on the same base are kept apart; excludes `vepa`"),
        Key::boolean("vepa")
            .since("2.2.37")
            .initially(Literal::Bool(false))
            .doc("Whether all traffic goes through the switch; excludes `private`"),
    ],
)
.check(check_ipvlan);

/// The settings of an InfiniBand interface.
pub(super) static INFINIBAND: Section = Section::new(
    "InfiniBand",
    "The settings of an InfiniBand interface",
    &[
        Key::choice("mode", INFINIBAND_MODES)
            .required()
            .doc("The transport: `datagram` or `connected`"),
        Key::reference("base-iface").doc("The card that carries a partition"),
        Key::u16("pkey")
            .hex()
            .required()
            .doc("The key of the partition, such as `0x8001`; `0xffff` for the card itself"),
    ],
);

fn check_vxlan(section: &Map<String, Value>, findings: &mut Vec<Finding>) {
    family::check_alike(section, &["local", "remote"], findings);
}

/// nmstate sends neither both nor the frames of an IPVLAN through the switch and apart.
fn check_ipvlan(section: &Map<String, Value>, findings: &mut Vec<Finding>) {
    if ["private", "vepa"].iter().all(|name| section.get(*name) == Some(&Value::Bool(true))) {
        findings.push(
            Finding::new(Path::new().join("vepa"), "`true` contradicts <private: true>")
                .with_hint("leave one of <private> and <vepa> out"),
        );
    }
}

/// The host keeps the table that it has.
fn expected_vrf(section: &mut Map<String, Value>) {
    if section.get("route-table-id").is_some_and(|table| *table == 0) {
        section.shift_remove("route-table-id");
    }
}
