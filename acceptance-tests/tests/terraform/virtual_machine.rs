//! What needs kernel features that not every machine's kernel has: bonds and VLANs.

use acceptance_tests::kernel::{Feature, kind_with};
use acceptance_tests::terraform::{Version, changes};
use acceptance_tests::{HostOptions, Lab, SHARED_MACHINE};
use anyhow::{Result, ensure};
use serde_json::Value;

use super::Scenario;

const CONFIGURATION: &str = r#"
resource "nmstate_bond" "bond0" {
  name = "bond0"
  mode = "active-backup"
  mtu  = 1500
  port = ["eth2", "eth1"]
  options = {
    miimon  = 100
    primary = "eth1"
  }
}

resource "nmstate_vlan" "storage" {
  name       = "bond0.100"
  base_iface = nmstate_bond.bond0.name
  id         = 100
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "192.0.2.1", prefix_length = 24 }]
  }
}

resource "nmstate_linux_bridge" "br0" {
  name = "br0"
  port = [{
    name = "eth3"
    vlan = {
      mode       = "trunk"
      trunk_tags = [{ id = 101 }, { id_range = { min = 200, max = 210 } }]
    }
  }]
  options = { stp = { enabled = false } }
}

resource "nmstate_route" "lab" {
  destination        = "198.51.100.0/24"
  next_hop_interface = nmstate_vlan.storage.name
  next_hop_address   = "192.0.2.254"
}
"#;

/// On one Terraform: what differs from one to the other shows on every host.
#[test]
fn bond_vlan_and_filtering_bridge() -> Result<()> {
    let kind = kind_with(&[Feature::Bond, Feature::Vlan, Feature::FilteringBridge]);
    let host = Lab::from_environment()?.temporary(kind, SHARED_MACHINE, &HostOptions::default())?;
    let mut scenario = Scenario::on(&host, Version::V1_15)?;
    let timeout = host.limits().transaction.as_secs();
    scenario.settings = format!("  checkpoint = {{ timeout = {timeout} }}");
    let before = scenario.running_config()?;
    scenario.configure(CONFIGURATION)?;
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;

    scenario.configure(&CONFIGURATION.replace("mtu  = 1500", "mtu  = 1400"))?;
    let planned = changes(&scenario.workspace.plan()?, "resource_changes");
    ensure!(planned == [("nmstate_bond.bond0".to_owned(), vec!["mtu".to_owned()])], "{planned:#?}");
    scenario.workspace.apply()?;
    // The kernel lowers the MTU of the VLAN with that of its bond: nobody manages it, so the
    // refresh sees it and the plan has nothing to say.
    let planned = changes(&scenario.workspace.plan()?, "resource_changes");
    ensure!(planned.is_empty(), "the plan is not empty: {planned:#?}");

    scenario.workspace.destroy()?;
    let after = scenario.running_config()?;
    ensure!(after == before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");
    // A NIC that was up and without a profile is so again.
    scenario.host.shell("ip link show dev eth1 up | grep -q eth1")?;
    let profiles = scenario.host.shell("nmcli -t -f name,device connection")?;
    ensure!(!profiles.contains("eth1"), "{profiles}");
    Ok(())
}

const BOND: &str = r#"
resource "nmstate_bond" "bond0" {
  name    = "bond0"
  mode    = "active-backup"
  port    = ["eth1", "eth2"]
  options = { miimon = 100 }
}
"#;

/// Fails as soon as the VLAN is there.
const VLAN: &str = r#"
resource "nmstate_vlan" "storage" {
  name           = "bond0.100"
  base_iface     = nmstate_bond.bond0.name
  id             = 100
  settle_timeout = 2
  probes         = [{ command = ["test", "!", "-d", "/sys/class/net/bond0.100"] }]
}
"#;

/// The kernel takes large receive offload from a bond that carries a VLAN, and does not give it back.
#[test]
fn a_bond_that_a_vlan_has_cost_its_offload_is_as_before() -> Result<()> {
    let kind = kind_with(&[Feature::Bond, Feature::Vlan]);
    let host = Lab::from_environment()?.temporary(kind, SHARED_MACHINE, &HostOptions::default())?;
    let mut scenario = Scenario::on(&host, Version::V1_15)?;
    let timeout = host.limits().transaction.as_secs();
    scenario.settings = format!("  checkpoint = {{ timeout = {timeout} }}");
    let before = scenario.running_config()?;
    scenario.configure(BOND)?;
    scenario.workspace.apply()?;
    let lro = || -> Result<bool> {
        let shown = scenario.host.shell("nmstatectl show bond0 --json")?;
        let shown: Value = serde_json::from_str(&shown)?;
        Ok(shown["interfaces"][0]["ethtool"]["feature"]["rx-lro"] == true)
    };
    ensure!(lro()?, "the bond has no large receive offload to lose");

    scenario.configure(&format!("{BOND}{VLAN}"))?;
    let error = scenario.workspace.run(["apply"])?.failed()?;
    let flat = error.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    let chosen = "the kernel chose `interfaces[bond0].ethtool.feature.rx-lro`";
    for words in ["the host is as it was before", chosen, "proven to be as before"] {
        ensure!(flat.contains(words), "`{words}` is missing in: {error}");
    }
    ensure!(!flat.contains("put back by our own document"), "something was put back: {error}");
    ensure!(!lro()?, "the kernel has given the offload back");

    // Nobody declares it, so it is no drift.
    scenario.configure(BOND)?;
    let planned = changes(&scenario.workspace.plan()?, "resource_changes");
    ensure!(planned.is_empty(), "the plan is not empty: {planned:#?}");
    scenario.workspace.destroy()?;
    let after = scenario.running_config()?;
    ensure!(after == before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");
    Ok(())
}
