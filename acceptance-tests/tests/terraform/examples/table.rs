//! Which example of a resource is applied to a namespace host, and why the others are not. The
//! README says the same, in the rows that this table makes.

use std::fs;

use anyhow::{Result, ensure};

use super::root;
use Trial::{Applied, Card, Kernel, Program};

/// How the example of a resource is put to the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trial {
    /// On a namespace host, from the first plan to the last trace.
    Applied,
    /// A namespace host shares the kernel of its machine, which need not have this type.
    Kernel,
    /// Only a real card has the setting.
    Card,
    /// The lab's hosts do not have the program behind it.
    Program,
}

/// Every resource type.
pub(super) const TRIALS: [(&str, Trial); 28] = [
    ("nmstate_bond", Kernel),
    ("nmstate_dns_resolver", Applied),
    ("nmstate_dummy", Kernel),
    ("nmstate_ethernet", Card),
    ("nmstate_hostname", Applied),
    ("nmstate_hsr", Kernel),
    ("nmstate_infiniband", Card),
    ("nmstate_interface", Applied),
    ("nmstate_ip_tunnel", Kernel),
    ("nmstate_ipsec", Program),
    ("nmstate_ipvlan", Kernel),
    ("nmstate_linux_bridge", Kernel),
    ("nmstate_loopback", Applied),
    ("nmstate_mac_vlan", Applied),
    ("nmstate_mac_vtap", Applied),
    ("nmstate_macsec", Kernel),
    ("nmstate_ovn_bridge_mapping", Program),
    ("nmstate_ovs_bridge", Program),
    ("nmstate_ovs_db", Program),
    ("nmstate_ovs_interface", Program),
    ("nmstate_route", Applied),
    ("nmstate_route_rule", Applied),
    ("nmstate_state", Applied),
    ("nmstate_veth", Applied),
    ("nmstate_vlan", Kernel),
    ("nmstate_vrf", Kernel),
    ("nmstate_vxlan", Applied),
    ("nmstate_xfrm", Program),
];

impl Trial {
    fn row(self) -> String {
        let what = match self {
            Applied => "applied, found unchanged, imported, destroyed",
            Kernel => "planned; not every kernel has the type",
            Card => "planned; only a real card has it",
            Program => "planned; needs a program that a namespace host does not have",
        };
        let names: Vec<String> = named(self).map(|name| format!("`{name}`")).collect();
        format!("| examples of {}: {what} | namespace | 1.15.5 |", names.join(", "))
    }
}

/// The resource types with this trial.
pub(super) fn named(trial: Trial) -> impl Iterator<Item = &'static str> {
    TRIALS.iter().filter(move |(_, one)| *one == trial).map(|(name, _)| *name)
}

#[test]
fn readme_says_what_was_tried() -> Result<()> {
    let readme = fs::read_to_string(root().join("README.md"))?;
    let rows = [Applied, Kernel, Card, Program].map(Trial::row);
    let missing: Vec<&String> = rows.iter().filter(|row| !readme.contains(*row)).collect();
    ensure!(missing.is_empty(), "rows missing under `What was run where`: {missing:#?}");
    Ok(())
}
