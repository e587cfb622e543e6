//! The interface types.

use super::InterfaceType;

static TYPES: &[InterfaceType] = &[
    InterfaceType::device(
        "ethernet",
        "A physical network card, or whatever the kernel shows as one; it cannot be created or \
         deleted",
    )
    .section("ethernet"),
    InterfaceType::created(
        "veth",
        "One end of a virtual cable; what goes into one end comes out of the other",
    )
    .section("veth"),
    InterfaceType::created(
        "dummy",
        "A virtual interface that drops what is sent to it, to hold addresses",
    ),
    InterfaceType::device("loopback", "The loopback interface `lo`"),
    InterfaceType::created(
        "bond",
        "Several interfaces used as one link, for bandwidth or for redundancy",
    )
    .section("link-aggregation")
    .controller(),
    InterfaceType::created(
        "vlan",
        "A tagged virtual LAN (IEEE 802.1Q) on top of another interface",
    )
    .section("vlan"),
    InterfaceType::created("linux-bridge", "A software switch of the Linux kernel")
        .section("bridge")
        .controller(),
];

/// The interface types that can be configured.
pub fn interface_types() -> &'static [InterfaceType] {
    TYPES
}

/// The interface type of this name.
pub fn interface_type(name: &str) -> Option<&'static InterfaceType> {
    TYPES.iter().find(|interface_type| interface_type.name == name)
}

/// Whether a host that shows `current` has what `desired` asks for. nmstate takes a veth for an
/// ethernet, which is what it looks like from within a container.
pub(crate) fn is_same_type(desired: &str, current: &str) -> bool {
    desired == current || matches!((desired, current), ("ethernet", "veth") | ("veth", "ethernet"))
}

impl InterfaceType {
    const fn device(name: &'static str, doc: &'static str) -> InterfaceType {
        InterfaceType {
            name,
            section: None,
            is_virtual: false,
            is_controller: false,
            is_user_space: false,
            since: "",
            doc,
        }
    }

    const fn created(name: &'static str, doc: &'static str) -> InterfaceType {
        let mut interface_type = InterfaceType::device(name, doc);
        interface_type.is_virtual = true;
        interface_type
    }

    const fn section(mut self, key: &'static str) -> InterfaceType {
        self.section = Some(key);
        self
    }

    const fn controller(mut self) -> InterfaceType {
        self.is_controller = true;
        self
    }
}
