//! `moved` between a resource of an interface's own type and `nmstate_interface`.

use acceptance_tests::terraform::{Terraform, Version, Workspace};
use anyhow::{Result, ensure};
use nmstate_schema::keys;
use serde_json::{Value, json};

use super::{Scenario, each_version};

/// The same bridge as a resource of its own type, and as any interface.
pub(super) const TYPED: &str = r#"
resource "nmstate_linux_bridge" "br0" {
  name = "br0"
  mtu  = 1400
  port = [{ name = "eth1" }]
  options = { stp = { enabled = false } }
}
"#;
const GENERIC: &str = r#"
resource "nmstate_interface" "br0" {
  name = "br0"
  type = "linux-bridge"
  mtu  = 1400
  bridge = {
    port    = [{ name = "eth1" }]
    options = { stp = { enabled = false } }
  }
}
"#;

const OTHER: &str = r#"
resource "nmstate_bond" "br0" {
  name = "br0"
  mode = "active-backup"
}
moved {
  from = nmstate_linux_bridge.br0
  to   = nmstate_bond.br0
}
"#;

each_version!(there_and_back);

/// A resource changes its type and back: nothing happens on the host, and what was there before is
/// still known.
fn there_and_back(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "moved")?;
    let before = scenario.running_config()?;
    scenario.configure(TYPED)?;
    scenario.workspace.apply()?;
    for (from, to, configuration) in [
        ("nmstate_linux_bridge.br0", "nmstate_interface.br0", GENERIC),
        ("nmstate_interface.br0", "nmstate_linux_bridge.br0", TYPED),
    ] {
        let moved = format!("moved {{\n  from = {from}\n  to   = {to}\n}}\n");
        scenario.configure(&format!("{configuration}{moved}"))?;
        let run = scenario.workspace.run(["plan"])?.succeeded()?;
        ensure!(run.stdout.contains(&format!("{from} has moved to {to}")), "{}", run.stdout);
        let run = scenario.workspace.apply()?;
        ensure!(run.stdout.contains("0 added, 0 changed, 0 destroyed"), "{}", run.stdout);
        scenario.workspace.assert_converged()?;
    }

    scenario.configure(OTHER)?;
    let refused = scenario.workspace.run(["plan"])?.failed()?;
    ensure!(refused.contains("cannot be moved to `nmstate_bond`"), "{refused}");

    scenario.configure(TYPED)?;
    scenario.workspace.destroy()?;
    let after = scenario.running_config()?;
    ensure!(after == before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");
    Ok(())
}

each_version!(every_type);

/// A host that nobody answers at: a move and its refresh need none.
const NOBODY: &str = r#"
provider "nmstate" {
  host        = "root@127.0.0.1:9"
  unreachable = "warn"
}
"#;

/// Each type moves there and back, from states of this version and of the one whose typed resources
/// had no `type` in their identity.
fn every_type(version: Version) -> Result<()> {
    for identity_version in [0, 1] {
        let workspace = Workspace::new(Terraform::of(version)?)?;
        let mut configuration = NOBODY.to_owned();
        let mut resources = Vec::new();
        let mut moves = Vec::new();
        for of_type in keys::interface_types() {
            let name = of_type.name.replace('-', "_");
            let typed = format!("nmstate_{name}");
            for (from, to) in [(&*typed, "nmstate_interface"), ("nmstate_interface", &*typed)] {
                let (label, of_type) = (format!("{from}_{name}"), of_type.name);
                resources.push(stored(from, &label, of_type, identity_version));
                let (from, to) = (format!("{from}.{label}"), format!("{to}.{label}"));
                configuration += &format!("moved {{\n  from = {from}\n  to   = {to}\n}}\n");
                moves.push((from, to));
            }
        }
        let state = json!({"version": 4, "terraform_version": "1.11.0", "serial": 1,
            "lineage": "moves", "outputs": {}, "resources": resources});
        workspace.configure(&configuration)?;
        workspace.write("terraform.tfstate", &state.to_string())?;
        let plan = workspace.plan()?;
        let changes = plan["resource_changes"].as_array().cloned().unwrap_or_default();
        for (from, to) in moves {
            let is_moved = |one: &&Value| one["address"] == *to && one["previous_address"] == *from;
            ensure!(changes.iter().any(|one| is_moved(&one)), "{from} to {to}: {plan:#}");
        }
    }
    Ok(())
}

/// A resource as a state file has it.
fn stored(resource: &str, label: &str, of_type: &str, identity_version: u64) -> Value {
    let mut attributes = json!({"name": "x0", "host": "root@127.0.0.1:9", "on_destroy": "keep"});
    let mut identity = json!({"name": "x0", "host": "root@127.0.0.1:9"});
    let is_typed = resource != "nmstate_interface";
    if !is_typed {
        attributes["type"] = of_type.into();
    }
    if !is_typed || identity_version > 0 {
        identity["type"] = of_type.into();
    }
    json!({"mode": "managed", "type": resource, "name": label,
        "provider": "provider[\"registry.terraform.io/nmstate/nmstate\"]",
        "instances": [{"schema_version": 0, "attributes": attributes, "sensitive_attributes": [],
            "identity_schema_version": identity_version, "identity": identity}]})
}
