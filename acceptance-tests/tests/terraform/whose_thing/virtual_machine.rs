//! The same with VLANs, which not every machine's kernel has.

use acceptance_tests::kernel::{Feature, kind_with};
use acceptance_tests::terraform::{Version, changes};
use acceptance_tests::{Host, HostOptions, Lab, SHARED_MACHINE};
use anyhow::{Result, ensure};

use super::super::Scenario;
use super::{PARALLELISM, has, said};

/// Applies the configuration; the second plan is empty.
fn in_force(scenario: &Scenario<&Host>, configuration: &str, parallelism: &str) -> Result<String> {
    scenario.configure(configuration)?;
    let run = scenario.workspace.run(["apply", parallelism])?.succeeded()?;
    let planned = changes(&scenario.workspace.plan()?, "resource_changes");
    ensure!(planned.is_empty(), "the second plan has {planned:#?} of {configuration}");
    Ok(said(&run))
}

/// A VLAN under a bridge, and one on a card of this MTU.
fn vlans(id: u32, base: u32, top: u32) -> String {
    format!(
        r#"
resource "nmstate_vlan" "storage" {{
  name       = "storage0"
  base_iface = "eth2"
  id         = {id}
}}

resource "nmstate_linux_bridge" "guests" {{
  name    = "br0"
  port    = [{{ name = nmstate_vlan.storage.name }}]
  options = {{ stp = {{ enabled = false }} }}
  ipv4 = {{
    enabled = true
    dhcp    = false
    address = [{{ ip = "192.0.2.71", prefix_length = 24 }}]
  }}
}}

resource "nmstate_ethernet" "base" {{
  name = "eth1"
  mtu  = {base}
}}

resource "nmstate_vlan" "top" {{
  name       = "top0"
  base_iface = nmstate_ethernet.base.name
  id         = 100
  mtu        = {top}
}}
"#
    )
}

/// Another VLAN number makes the interface anew, and it is a port of its bridge again; sizes go up
/// and down together.
#[test]
fn a_vlan_made_anew_and_a_stack_that_changes_its_mtu() -> Result<()> {
    let kind = kind_with(&[Feature::Vlan]);
    let host = Lab::from_environment()?.temporary(kind, SHARED_MACHINE, &HostOptions::default())?;
    let mut scenario = Scenario::on(&host, Version::V1_11)?;
    let timeout = host.limits().transaction.as_secs();
    scenario.settings = format!("  checkpoint = {{ timeout = {timeout} }}");
    let before = scenario.running_config()?;
    let is = |id: &str, sizes: [&str; 2]| -> Result<()> {
        let shown = host.shell(
            "ip -details -oneline link show dev storage0; cat /sys/class/net/eth1/mtu /sys/class/net/top0/mtu",
        )?;
        has(&shown, &["master br0", &format!(" id {id} ")])?;
        let read: Vec<&str> = shown.split_whitespace().rev().take(2).collect();
        ensure!(read == [sizes[1], sizes[0]], "{sizes:?}: {shown}");
        Ok(())
    };
    in_force(&scenario, &vlans(100, 1500, 1500), PARALLELISM[1])?;
    is("100", ["1500", "1500"])?;
    in_force(&scenario, &vlans(200, 9000, 9000), PARALLELISM[0])?;
    is("200", ["9000", "9000"])?;
    // The base alone goes down: the plan names both.
    scenario.configure(&vlans(200, 1500, 9000))?;
    let error = scenario.workspace.run(["apply", PARALLELISM[0]])?.failed()?;
    has(&error, &["the mtu of `top0`", "`9000`", "`1500`"])?;
    is("200", ["9000", "9000"])?;
    in_force(&scenario, &vlans(100, 1500, 1500), PARALLELISM[1])?;
    is("100", ["1500", "1500"])?;
    scenario.workspace.destroy()?;
    let after = scenario.running_config()?;
    ensure!(after == before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");
    Ok(())
}
