//! VLANs.

use super::kinds::VLAN_PROTOCOLS;
use super::{Choice, Key, Kind, Literal, Order, Section};

const REGISTRATION: &[Choice] = &[Choice::new("gvrp"), Choice::new("mvrp"), Choice::new("none")];

/// The settings of a VLAN.
pub(super) static VLAN: Section = Section::new(
    "VLAN",
    "The settings of a VLAN",
    &[
        Key::reference("base-iface")
            .fixed()
            .doc("The interface that carries the VLAN; required to create one"),
        Key::integer("id", 0, 4094).required().doc("The VLAN number, from 0 to 4094"),
        Key::choice("protocol", VLAN_PROTOCOLS)
            .fixed()
            .since("2.2.9")
            .default(Literal::Text("802.1q"))
            .doc(
                "The kind of the tag: `802.1q`, or `802.1ad` for the outer tag of stacked \
                    VLANs",
            ),
        Key::choice("registration-protocol", REGISTRATION)
            .since("2.2.27")
            .default(Literal::Text("none"))
            .doc(
                "How the VLAN is announced to the switch: `gvrp`, `mvrp`, or not at all \
                    (`none`)",
            ),
        Key::boolean("reorder-headers")
            .strict()
            .since("2.2.27")
            .default(Literal::Bool(true))
            .doc("Whether the tag is removed before packets are handed to programs"),
        Key::boolean("loose-binding")
            .strict()
            .since("2.2.27")
            .default(Literal::Bool(false))
            .doc("Whether the VLAN stays up when its base interface goes down"),
        Key::list("ingress-qos-map", &Kind::Section(&INGRESS_MAPPING), Order::Unordered)
            .since("2.2.48")
            .doc(
                "Which kernel priority a received VLAN priority becomes; the list is \
                    complete",
            ),
        Key::list("egress-qos-map", &Kind::Section(&EGRESS_MAPPING), Order::Unordered)
            .since("2.2.48")
            .doc("Which VLAN priority a kernel priority is sent with; the list is complete"),
    ],
);

static INGRESS_MAPPING: Section = Section::new(
    "VLAN ingress mapping",
    "From a VLAN priority to a kernel priority",
    &[
        Key::integer("from", 0, 7)
            .required()
            .since("2.2.48")
            .doc("The priority in the tag, from 0 to 7"),
        Key::u32("to").required().since("2.2.48").doc("The priority in the kernel"),
    ],
)
.identity(&["from", "to"]);

static EGRESS_MAPPING: Section = Section::new(
    "VLAN egress mapping",
    "From a kernel priority to a VLAN priority",
    &[
        Key::u32("from").required().since("2.2.48").doc("The priority in the kernel"),
        Key::integer("to", 0, 7)
            .required()
            .since("2.2.48")
            .doc("The priority in the tag, from 0 to 7"),
    ],
)
.identity(&["from", "to"]);
