//! What this machine's kernel has, asked of the kernel itself.
//!
//! A namespace host has what the kernel of this machine has, and kernels differ. A scenario that
//! needs more than every kernel has runs on a namespace host where it can, and on a VM host, whose
//! kernel has nearly all, where it cannot.

use crate::command::{as_root, output};
use crate::record::Kind;
use crate::workers::say;

/// Something that not every kernel has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// Bonds.
    Bond,
    /// VLANs on an interface.
    Vlan,
    /// Bridges that filter VLANs.
    FilteringBridge,
}

impl Feature {
    fn name(self) -> &'static str {
        match self {
            Self::Bond => "bond",
            Self::Vlan => "VLAN",
            Self::FilteringBridge => "filtering bridge",
        }
    }

    /// Makes one in an empty network namespace. An attribute that a kernel does not know it ignores,
    /// so what was made is looked at.
    fn trial(self) -> &'static str {
        match self {
            Self::Bond => "ip link add bond0 type bond",
            Self::Vlan => {
                "ip link add veth0 type veth peer name veth1 && \
                 ip link add veth0.2 link veth0 type vlan id 2"
            }
            Self::FilteringBridge => {
                "ip link add br0 type bridge vlan_filtering 1 && \
                 ip -d link show dev br0 | grep -q 'vlan_filtering 1'"
            }
        }
    }

    fn is_there(self) -> bool {
        let script = ["--net", "sh", "-c", self.trial()];
        output(as_root("unshare").args(script)).is_ok_and(|output| output.status.success())
    }
}

/// The kind of host that has these features here; says why when it is not a namespace host.
pub fn kind_with(features: &[Feature]) -> Kind {
    match features.iter().find(|feature| !feature.is_there()) {
        None => Kind::Namespace,
        Some(missing) => {
            say(&format!("on a VM host: no {} in a namespace of this machine", missing.name()));
            Kind::Vm
        }
    }
}
