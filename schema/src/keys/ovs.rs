//! Open vSwitch bridges and interfaces.

use super::bridge_vlan::PORT_VLAN;
use super::interface::OVS_DB_INTERFACE;
use super::linux_bridge::OVS_STP;
use super::{Choice, Extras, Key, Kind, Literal, Order, Section};

const BOND_MODES: &[Choice] = &[
    Choice::new("active-backup"),
    Choice::new("balance-slb"),
    Choice::new("balance-tcp"),
    Choice::new("lacp"),
];

/// The settings of an Open vSwitch bridge.
pub(super) static OVS_BRIDGE: Section = Section::new(
    "Open vSwitch bridge",
    "The settings of an Open vSwitch bridge",
    &[
        Key::list("port", &Kind::Section(&PORT), Order::Unordered)
            .extras(Extras::ToleratedIf("allow-extra-ports"))
            .aliases(&["ports"])
            .doc(
                "The ports of the bridge; the list is complete and names the bridge's own \
                    interface too",
            ),
        Key::boolean("allow-extra-patch-ports")
            .strict()
            .write_only()
            .since("2.2.15")
            .doc("Whether patch ports that are not listed may stay connected"),
        Key::boolean("allow-extra-ports")
            .strict()
            .write_only()
            .since("2.2.62")
            .doc("Whether ports that are not listed may stay connected"),
        Key::section("options", &OPTIONS).doc("The settings of the bridge as a whole"),
    ],
);

static OPTIONS: Section = Section::new(
    "Open vSwitch bridge options",
    "The settings of an Open vSwitch bridge as a whole",
    &[
        Key::section("stp", &OVS_STP)
            .doc("The spanning tree protocol; a plain `true` or `false` is accepted too"),
        Key::boolean("rstp")
            .initially(Literal::Bool(false))
            .doc("Whether the bridge takes part in the rapid spanning tree"),
        Key::boolean("mcast-snooping-enable")
            .initially(Literal::Bool(false))
            .doc("Whether multicast goes only to the ports that asked for it"),
        Key::text("fail-mode")
            .doc("What the bridge does without its controller: `standalone` or `secure`"),
        Key::text("datapath").doc("The datapath: `system` for the kernel, `netdev` for DPDK"),
    ],
);

static PORT: Section = Section::new(
    "Open vSwitch bridge port",
    "A port of an Open vSwitch bridge",
    &[
        Key::reference("name").required().doc("The interface, or the name of a bond"),
        Key::section("link-aggregation", &BOND).aliases(&["bond"]).doc("The bond that the port is"),
        Key::section("vlan", &PORT_VLAN)
            .doc("VLAN filtering on the port; an empty mapping removes it"),
    ],
)
.identity(&["name"]);

static BOND: Section = Section::new(
    "Open vSwitch bond",
    "A bond that is a port of an Open vSwitch bridge",
    &[
        Key::choice("mode", BOND_MODES).doc(
            "How the bond uses its ports; `lacp` and `balance-tcp` need a switch that \
                    is configured for LACP",
        ),
        Key::list("port", &Kind::Section(&BOND_PORT), Order::Unordered)
            .aliases(&["ports"])
            .doc("The interfaces that make up the bond; the list is complete"),
        Key::u32("bond-downdelay")
            .unit("milliseconds")
            .doc("How long a port may be without link before it is disabled"),
        Key::u32("bond-updelay")
            .unit("milliseconds")
            .doc("How long a port must have a link before it is used"),
        Key::section("ovs-db", &OVS_DB_INTERFACE)
            .since("2.2.5")
            .doc("What Open vSwitch stores about the bond"),
    ],
);

static BOND_PORT: Section = Section::new(
    "Open vSwitch bond port",
    "A port of an Open vSwitch bond",
    &[Key::reference("name").required().doc("The interface")],
)
.identity(&["name"]);

/// One end of a patch cable between two bridges.
pub(super) static PATCH: Section = Section::new(
    "Open vSwitch patch",
    "One end of a cable between two Open vSwitch bridges",
    &[Key::reference("peer").required().doc("The interface at the other end")],
);

/// A port that is driven by DPDK.
pub(super) static DPDK: Section = Section::new(
    "Open vSwitch DPDK",
    "An Open vSwitch interface that is driven by DPDK",
    &[
        Key::text("devargs").required().doc("The device, such as `0000:af:00.1`"),
        Key::u32("rx-queue")
            .aliases(&["n_rxq"])
            .strict()
            .since("2.2.0")
            .doc("The number of receive queues"),
        Key::integer("n_rxq_desc", 0, 4096).strict().since("2.2.5").doc(
            "The number of receive descriptors, a power of 2 up to 4096; 0 for the \
                    default",
        ),
        Key::integer("n_txq_desc", 0, 4096).strict().since("2.2.5").doc(
            "The number of send descriptors, a power of 2 up to 4096; 0 for the \
                    default",
        ),
        Key::boolean("lsc-interrupt")
            .aliases(&["dpdk-lsc-interrupt"])
            .strict()
            .since("2.2.57")
            .doc("Whether a change of link is reported by interrupt rather than polled"),
    ],
);
