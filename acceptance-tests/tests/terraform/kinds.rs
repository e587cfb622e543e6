//! Each kind of entry that a namespace host can have: created, found unchanged, drifted, imported,
//! and gone without a trace.

use acceptance_tests::Temporary;
use acceptance_tests::terraform::{Version, changes};
use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::moved::TYPED;
use super::{Scenario, each_version};

/// What a host can have of one kind, and how it is put to the test.
struct Case {
    /// The resource address.
    address: &'static str,
    configuration: &'static str,
    /// A text of the configuration, what to replace it with, and the attributes that change.
    change: (&'static str, &'static str, &'static [&'static str]),
    /// A shell command that shows the entry on the host once it is there.
    proof: &'static str,
    /// A shell command that changes the entry by hand.
    drift: &'static str,
    import_id: &'static str,
}

const VETH: Case = Case {
    address: "nmstate_veth.cable",
    configuration: r#"
resource "nmstate_veth" "cable" {
  name = "cable0"
  peer = "cable1"
  mtu  = 1400
}
"#,
    change: ("1400", "1300", &["mtu"]),
    proof: "ip link show dev cable1",
    drift: "ip link set cable0 mtu 1200",
    import_id: "cable0",
};

const MAC_VLAN: Case = Case {
    address: "nmstate_mac_vlan.guest",
    configuration: r#"
resource "nmstate_mac_vlan" "guest" {
  name       = "guest0"
  base_iface = "eth1"
  mode       = "bridge"
  mtu        = 1400
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "192.0.2.7", prefix_length = 24 }]
  }
}
"#,
    change: ("1400", "1300", &["mtu"]),
    proof: "ip -d link show dev guest0 | grep 'macvlan mode bridge'",
    drift: "ip address del 192.0.2.7/24 dev guest0",
    import_id: "guest0",
};

const MAC_VTAP: Case = Case {
    address: "nmstate_mac_vtap.tap",
    configuration: r#"
resource "nmstate_mac_vtap" "tap" {
  name        = "tap0"
  base_iface  = "eth2"
  mode        = "private"
  mtu         = 1400
}
"#,
    change: ("1400", "1300", &["mtu"]),
    proof: "ip -d link show dev tap0 | grep 'macvtap mode private'",
    drift: "ip link set tap0 mtu 1200",
    import_id: "tap0",
};

const VXLAN: Case = Case {
    address: "nmstate_vxlan.overlay",
    configuration: r#"
resource "nmstate_vxlan" "overlay" {
  name             = "vx7"
  base_iface       = "eth1"
  id               = 7
  remote           = "192.0.2.99"
  destination_port = 4789
  mtu              = 1400
}
"#,
    change: ("1400", "1300", &["mtu"]),
    proof: "ip -d link show dev vx7 | grep 'vxlan id 7 remote 192.0.2.99'",
    drift: "ip link set vx7 mtu 1200",
    import_id: "vx7",
};

const ROUTE_RULE: Case = Case {
    address: "nmstate_route_rule.office",
    configuration: r#"
resource "nmstate_route_rule" "office" {
  ip_from     = "192.0.2.0/24"
  route_table = 200
}
"#,
    change: ("200", "300", &["route_table"]),
    proof: "ip rule show | grep 'from 192.0.2.0/24 lookup'",
    drift: "ip rule del from 192.0.2.0/24",
    import_id: "30000,ipv4,192.0.2.0/24",
};

const HOSTNAME: Case = Case {
    address: "nmstate_hostname.this",
    configuration: r#"
resource "nmstate_hostname" "this" {
  config = "machine1.example.com"
}
"#,
    change: ("machine1", "machine2", &["config", "running"]),
    proof: "hostname | grep machine1 && grep machine1 /etc/hostname",
    drift: "echo other.example.com > /etc/hostname",
    import_id: "default",
};

/// From the first plan to the last trace.
fn whole_life(case: &Case) -> Result<()> {
    let name = case.address.split('.').next().unwrap_or_default().replace('_', "");
    let scenario = Scenario::namespace(Version::V1_11, &name)?;
    let before = scenario.running_config()?;
    scenario.configure(case.configuration)?;
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;
    scenario.host.shell(case.proof)?;

    let (from, to, attributes) = case.change;
    let changed = case.configuration.replace(from, to);
    scenario.configure(&changed)?;
    let planned = changes(&scenario.workspace.plan()?, "resource_changes");
    let expected =
        [(case.address.to_owned(), attributes.iter().map(|one| (*one).to_owned()).collect())];
    ensure!(planned == expected, "{planned:#?}");
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;

    imported(&scenario, case, &changed)?;

    scenario.host.shell(case.drift)?;
    let run = scenario.workspace.run(["plan", "-detailed-exitcode"])?;
    ensure!(run.status == 2, "{}: {}{}", run.status, run.stdout, run.stderr);
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;

    scenario.workspace.destroy()?;
    let [before, after] = [before, scenario.running_config()?].map(without_loopback);
    ensure!(after == before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");
    Ok(())
}

/// nmstate keeps rules in a profile of `lo`, which stays when it has no more of them.
pub(super) fn without_loopback(mut state: Value) -> Value {
    if let Some(interfaces) = state["interfaces"].as_array_mut() {
        interfaces.retain(|interface| interface["name"] != "lo");
    }
    state
}

/// A second workspace takes over what is there, and has nothing to change.
fn imported(scenario: &Scenario<Temporary>, case: &Case, configuration: &str) -> Result<()> {
    let adopting = Scenario::on(&scenario.host, Version::V1_11)?;
    let import = format!("import {{\n  to = {}\n  id = \"{}\"\n}}\n", case.address, case.import_id);
    adopting.configure(&format!("{configuration}{import}"))?;
    let run = adopting.workspace.apply()?;
    ensure!(run.stdout.contains("1 imported, 0 added, 0 changed, 0 destroyed"), "{}", run.stdout);
    adopting.workspace.assert_converged()
}

#[test]
fn veth() -> Result<()> {
    whole_life(&VETH)
}

#[test]
fn mac_vlan() -> Result<()> {
    whole_life(&MAC_VLAN)
}

#[test]
fn mac_vtap() -> Result<()> {
    whole_life(&MAC_VTAP)
}

#[test]
fn vxlan() -> Result<()> {
    whole_life(&VXLAN)
}

#[test]
fn route_rule() -> Result<()> {
    whole_life(&ROUTE_RULE)
}

#[test]
fn hostname() -> Result<()> {
    whole_life(&HOSTNAME)
}

each_version!(made_anew);

const FIXED: &str = r#"
resource "nmstate_mac_vlan" "guest" {
  name       = "guest0"
  base_iface = "eth1"
  mode       = "bridge"
}

resource "nmstate_interface" "tunnel" {
  name  = "vx9"
  type  = "vxlan"
  vxlan = { id = 9, remote = "192.0.2.99", local = "192.0.2.1", destination_port = 4789 }
}

resource "nmstate_interface" "uplink" {
  name = "eth2"
  type = "ethernet"
  mtu  = 1400
}
"#;

/// What NetworkManager does not change on an interface that is there is replaced, and what the user
/// says is.
fn made_anew(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "anew")?;
    let before = scenario.running_config()?;
    scenario.configure(FIXED)?;
    scenario.workspace.apply()?;
    scenario.configure(&FIXED.replace("bridge", "private").replace("4789", "4790"))?;
    let plan = scenario.workspace.plan()?;
    let replaced: Vec<_> = plan["resource_changes"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| (&one["change"]["actions"], &one["change"]["replace_paths"]))
        .filter(|(actions, _)| **actions != json!(["no-op"]))
        .collect();
    let anew = json!(["delete", "create"]);
    let (port, mode) = (json!([["vxlan", "destination_port"]]), json!([["mode"]]));
    ensure!(replaced == [(&anew, &port), (&anew, &mode)], "{replaced:?}");
    let replace = "-replace=nmstate_interface.uplink";
    let run = scenario.workspace.run(["apply", "-auto-approve", replace])?.succeeded()?;
    ensure!(run.stdout.contains("3 added, 0 changed, 3 destroyed"), "{}", run.stdout);
    scenario.workspace.assert_converged()?;
    let links = scenario.host.shell("ip -d link show dev vx9; ip -d link show dev guest0")?;
    ensure!(links.contains("dstport 4790") && links.contains("mode private"), "{links}");

    scenario.workspace.destroy()?;
    let after = scenario.running_config()?;
    ensure!(after == before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");
    Ok(())
}

/// An identity finds what it names, and follows a change that gives the entry another one.
#[test]
fn identity() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_15, "identity")?;
    let rule = ROUTE_RULE.configuration;
    scenario.configure(&format!("{TYPED}{rule}"))?;
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;
    scenario.configure(&format!("{TYPED}{}", rule.replace("200", "300")))?;
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;

    let adopting = Scenario::on(&scenario.host, Version::V1_15)?;
    adopting.configure(
        r#"
import {
  to       = nmstate_linux_bridge.br0
  identity = { name = "br0" }
}
import {
  to       = nmstate_interface.br0
  identity = { name = "br0", type = "linux-bridge" }
}
import {
  to       = nmstate_route_rule.office
  identity = { priority = 30000, route_table = 300 }
}
import {
  to       = nmstate_hostname.this
  identity = {}
}
"#,
    )?;
    adopting.workspace.run(["plan", "-generate-config-out=generated.tf"])?.succeeded()?;
    let run = adopting.workspace.apply()?;
    ensure!(run.stdout.contains("4 imported, 0 added, 0 changed, 0 destroyed"), "{}", run.stdout);
    adopting.workspace.assert_converged()?;
    let state = adopting.workspace.state()?.to_string();
    ensure!(state.contains("\"identity\":{\"family\":\"ipv4\""), "{state}");
    Ok(())
}
