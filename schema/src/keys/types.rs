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
    .modules(&["veth"])
    .section("veth"),
    InterfaceType::created(
        "dummy",
        "A virtual interface that drops what is sent to it, to hold addresses",
    )
    .modules(&["dummy"]),
    InterfaceType::device("loopback", "The loopback interface `lo`"),
    InterfaceType::created(
        "bond",
        "Several interfaces used as one link, for bandwidth or for redundancy",
    )
    .modules(&["bonding"])
    .section("link-aggregation")
    .controller(),
    InterfaceType::created(
        "vlan",
        "A tagged virtual LAN (IEEE 802.1Q) on top of another interface",
    )
    .modules(&["8021q"])
    .section("vlan"),
    InterfaceType::created("linux-bridge", "A software switch of the Linux kernel")
        .modules(&["bridge"])
        .section("bridge")
        .controller(),
    InterfaceType::created("vxlan", "A virtual network that is carried in UDP packets")
        .modules(&["vxlan"])
        .section("vxlan"),
    InterfaceType::created(
        "vrf",
        "A routing domain of its own for the interfaces that belong to it",
    )
    .modules(&["vrf"])
    .section("vrf")
    .controller(),
    InterfaceType::created(
        "mac-vlan",
        "A virtual interface with a hardware address of its own on top of another",
    )
    .modules(&["macvlan"])
    .section("mac-vlan"),
    InterfaceType::created("mac-vtap", "A `mac-vlan` that is handed to a virtual machine")
        .modules(&["macvtap"])
        .section("mac-vtap"),
    InterfaceType::created(
        "ipvlan",
        "A virtual interface that shares the hardware address of another",
    )
    .modules(&["ipvlan"])
    .section("ipvlan")
    .since("2.2.37"),
    InterfaceType::created(
        "macsec",
        "An encrypted link (IEEE 802.1AE) on top of another interface",
    )
    .modules(&["macsec"])
    .section("macsec")
    .since("2.2.20"),
    InterfaceType::created("hsr", "A redundant link over two ports (IEC 62439-3)")
        .modules(&["hsr"])
        .section("hsr")
        .controller()
        .since("2.2.27"),
    InterfaceType::created("ip-tunnel", "A tunnel that carries IP packets in IP packets")
        .modules(&["ipip", "sit", "ip_gre", "ip6_tunnel", "ip6_gre"])
        .section("ip-tunnel")
        .since("2.2.62"),
    InterfaceType::device("infiniband", "An InfiniBand card, or a partition on one")
        .section("infiniband"),
    InterfaceType::created("ovs-bridge", "A software switch of Open vSwitch")
        .section("bridge")
        .controller()
        .user_space(),
    InterfaceType::created(
        "ovs-interface",
        "An interface of Open vSwitch: the host's own port on a bridge, a cable between bridges, or a DPDK port",
    ),
    InterfaceType::created("ipsec", "An IPsec connection by Libreswan")
        .section("libreswan")
        .user_space()
        .since("2.2.20"),
    InterfaceType::created("xfrm", "The virtual interface of an IPsec connection")
        .modules(&["xfrm_interface"]),
];

/// The interface types that can be configured.
pub fn interface_types() -> &'static [InterfaceType] {
    TYPES
}

/// The interface type of this name.
pub fn interface_type(name: &str) -> Option<&'static InterfaceType> {
    TYPES.iter().find(|interface_type| interface_type.name == name)
}

/// The modules of the kernel that interface types need, each once.
pub fn kernel_modules() -> impl Iterator<Item = &'static str> {
    TYPES.iter().flat_map(|one| one.modules).copied()
}

/// Whether a host that shows `current` has what `desired` asks for. nmstate takes a veth for an
/// ethernet, which is what it looks like from within a container.
pub fn is_same_type(desired: &str, current: &str) -> bool {
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
            modules: &[],
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

    const fn user_space(mut self) -> InterfaceType {
        self.is_user_space = true;
        self
    }

    const fn modules(mut self, modules: &'static [&'static str]) -> InterfaceType {
        self.modules = modules;
        self
    }

    const fn since(mut self, version: &'static str) -> InterfaceType {
        self.since = version;
        self
    }
}
