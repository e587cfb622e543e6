//! Physical network cards with their virtual functions, and virtual cables.

use serde_json::{Map, Value};

use super::interface::unusable;
use super::kinds::VLAN_PROTOCOLS;
use super::{Choice, Decided, Key, Kind, Order, Section, Text};
use crate::finding::Finding;
use crate::path::Path;
use crate::text;

const DUPLEX: &[Choice] = &[Choice::new("full"), Choice::new("half")];

/// The settings of a network card.
pub(super) static ETHERNET: Section = Section::new(
    "ethernet",
    "The settings of a network card",
    &[
        Key::boolean("auto-negotiation")
            .of_host()
            .doc("Whether speed and duplex are negotiated with the link partner"),
        Key::u32("speed")
            .of_host()
            .unit("Mb/s")
            .doc("The speed of the link; only compared when it is not negotiated"),
        Key::choice("duplex", DUPLEX)
            .of_host()
            .doc("`full` or `half` duplex; only compared when it is not negotiated"),
        Key::section("sr-iov", &SR_IOV)
            .doc("Single-root I/O virtualization: virtual functions for virtual machines"),
    ],
)
.expected(expected_ethernet);

static SR_IOV: Section = Section::new(
    "SR-IOV",
    "The virtual functions of a card",
    &[
        Key::boolean("drivers-autoprobe")
            .since("2.2.33")
            .doc("Whether the host binds drivers to new virtual functions"),
        // PCI Express keeps the number in 16 bits.
        Key::u16("total-vfs").doc("The number of virtual functions to create"),
        Key::u32("max-vfs")
            .read_only()
            .decided(Decided::Always)
            .since("2.2.62")
            .doc("The largest number of virtual functions that the card supports"),
        Key::list("vfs", &Kind::Section(&VF), Order::Unordered)
            .doc("The settings of the virtual functions; an empty list resets them all"),
    ],
);

static VF: Section = Section::new(
    "virtual function",
    "A virtual function of a card",
    &[
        Key::u32("id").required().doc("The number of the virtual function, from 0"),
        Key::text("iface-name")
            .read_only()
            .decided(Decided::Always)
            .since("2.2.20")
            .doc("The interface of the virtual function on the host"),
        Key::formatted("mac-address", Text::Mac)
            .doc("The hardware address, as colon-separated bytes in hexadecimal"),
        Key::boolean("spoof-check").doc("Whether frames with a foreign source address are dropped"),
        Key::boolean("trust").doc(
            "Whether the user of the virtual function may change its hardware address \
                    and receive all frames",
        ),
        Key::u32("min-tx-rate").unit("Mb/s").doc("The guaranteed send rate; 0 for none"),
        Key::u32("max-tx-rate").unit("Mb/s").doc("The largest send rate; 0 for no limit"),
        Key::integer("vlan-id", 0, 4095).doc("The VLAN that frames are tagged with; 0 for none"),
        Key::integer("qos", 0, 7).doc("The priority in the VLAN tag, from 0 to 7"),
        Key::choice("vlan-proto", VLAN_PROTOCOLS)
            .since("2.2.27")
            .doc("The kind of the VLAN tag, `802.1q` or `802.1ad`"),
    ],
)
.identity(&["id"]);

/// The settings of a virtual cable.
pub(super) static VETH: Section = Section::new(
    "veth",
    "The settings of a virtual cable",
    &[Key::reference("peer").required().doc(
        "The name of the other end; it is created and removed together with this \
                    one",
    )],
)
.check(check_veth);

/// The other end is made together with this one.
fn check_veth(section: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let peer = section.get("peer").and_then(Value::as_str);
    if let Some((peer, fault)) = peer.and_then(|peer| Some((peer, text::name_fault(peer)?))) {
        findings.push(unusable(Path::new().join("peer"), peer, &fault));
    }
}

/// What is negotiated can turn out as anything.
fn expected_ethernet(section: &mut Map<String, Value>) {
    if section.get("auto-negotiation") == Some(&Value::Bool(true)) {
        section.retain(|name, _| name != "speed" && name != "duplex");
    }
}
