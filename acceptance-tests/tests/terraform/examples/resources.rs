//! The examples of resources on a namespace host.

use std::fs;

use acceptance_tests::Temporary;
use acceptance_tests::terraform::{Version, Workspace};
use anyhow::{Context, Result, ensure};

use super::root;
use super::table::{TRIALS, Trial, named};
use crate::terraform::Scenario;
use crate::terraform::kinds::without_loopback;

/// What the examples take for granted. `ib0`, `bond0` and `br-ex` are cables in the place of what a
/// namespace host cannot have: a plan looks for their names alone.
const SETUP: &str = "
ip link add eth0 type veth peer name far0
ip link set far0 up
ip link add ib0 type veth peer name bond0
ip link add br-ex type veth peer name far1
nmstatectl apply -q <<'YAML'
interfaces:
  - name: eth1
    type: ethernet
    state: up
    ipv4: { enabled: true, dhcp: false, address: [{ ip: 203.0.113.1, prefix-length: 24 }] }
YAML
";

const SECRETS: &str =
    "psk        = \"secret\"\nmacsec_key = \"00112233445566778899aabbccddeeff\"\n";

/// The document of `nmstate_state` speaks of a NIC that other examples speak of too.
const ALONE: &str = "nmstate_state";
/// Whose type is an attribute.
const ANY_TYPE: &str = "nmstate_interface";

/// How the objects of a resource type are taken over: the blocks that its example gives for it.
type Import = fn(&str) -> Result<Vec<String>>;

#[test]
fn applied_and_planned() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_15, "examples")?;
    applied(&scenario, import_by_command)?;
    let others = TRIALS.iter().filter(|(_, trial)| *trial != Trial::Applied);
    // One at a time: they are about the same cards.
    for (name, _) in others {
        let planning = workspace(&scenario, &[name])?;
        secrets(&planning)?;
        let plan = planning.run(["plan"])?.succeeded()?;
        ensure!(plan.stdout.contains(&format!("# {name}.")), "{name} is not in: {}", plan.stdout);
        ensure!(plan.stdout.contains(" 0 to change, 0 to destroy"), "{}", plan.stdout);
    }
    Ok(())
}

#[test]
fn found_by_identity() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_15, "examplesid")?;
    applied(&scenario, import_by_identity)
}

/// A host with what the examples take for granted.
pub(super) fn prepared(name: &str) -> Result<Scenario<Temporary>> {
    let scenario = Scenario::namespace(Version::V1_15, name)?;
    scenario.host.shell(SETUP)?;
    Ok(scenario)
}

/// Gives the examples the secrets that they ask for.
pub(super) fn secrets(workspace: &Workspace) -> Result<()> {
    workspace.write("secrets.auto.tfvars", SECRETS)
}

/// All that a namespace host can have, and no trace of it in the end.
fn applied(scenario: &Scenario<Temporary>, import: Import) -> Result<()> {
    scenario.host.shell(SETUP)?;
    let before = without_loopback(scenario.running_config()?);
    let applied: Vec<&str> = named(Trial::Applied).filter(|name| *name != ALONE).collect();
    whole_life(scenario, &applied, import)?;
    whole_life(scenario, &[ALONE], import)?;
    let after = without_loopback(scenario.running_config()?);
    ensure!(after == before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");
    Ok(())
}

/// From the first plan to the last trace.
fn whole_life(scenario: &Scenario<Temporary>, names: &[&str], import: Import) -> Result<()> {
    let managing = workspace(scenario, names)?;
    managing.apply()?;
    let plan = managing.run(["plan", "-detailed-exitcode"])?;
    ensure!(plan.status == 0, "the second plan is not empty: {}{}", plan.stdout, plan.stderr);
    // An example may hold a second resource, which the import of the first leaves to be created.
    let examples: String =
        names.iter().map(|name| read(name, "resource.tf")).collect::<Result<_>>()?;
    let resources = examples.lines().filter(|line| line.starts_with("resource ")).count();
    let (imports, others) = (names.len(), resources - names.len());
    // An imported document is the whole host, so the example is a change to it.
    let changes = usize::from(names == [ALONE]);
    let expected =
        format!("Plan: {imports} to import, {others} to add, {changes} to change, 0 to destroy.");
    imported(scenario, names, import, &expected)?;
    managing.destroy()?;
    Ok(())
}

/// A workspace that takes the examples over plans what is expected.
fn imported(
    scenario: &Scenario<Temporary>,
    names: &[&str],
    import: Import,
    expected: &str,
) -> Result<()> {
    let imports: Vec<Vec<String>> = names.iter().map(|name| import(name)).collect::<Result<_>>()?;
    let rounds = imports.iter().map(Vec::len).max().unwrap_or_default();
    ensure!(rounds > 0, "{names:?} cannot be imported");
    let adopting = workspace(scenario, names)?;
    for round in 0..rounds {
        // Who has fewer ways than others goes the last one again.
        let blocks = imports.iter().filter_map(|ways| ways.get(round).or(ways.last()));
        let blocks: String = blocks.map(String::as_str).collect();
        adopting.write("imports.tf", &blocks.replace("server2", scenario.host.name()))?;
        if names.contains(&ANY_TYPE) {
            adopting.write(&format!("{ANY_TYPE}.tf"), &of_found_type(&blocks)?)?;
        }
        let plan = adopting.run(["plan"])?.succeeded()?;
        ensure!(plan.stdout.contains(expected), "{expected}\n{blocks}{}", plan.stdout);
    }
    Ok(())
}

/// The example of `nmstate_interface`. The NICs of a namespace host are cables, which an import
/// finds that does not tell a type.
fn of_found_type(imports: &str) -> Result<String> {
    let example = read(ANY_TYPE, "resource.tf")?;
    let tells_type = imports.contains("eth0,ethernet") || imports.contains("\"ethernet\"");
    Ok(if tells_type { example } else { example.replace("\"ethernet\"", "\"veth\"") })
}

/// The block by identity.
fn import_by_identity(name: &str) -> Result<Vec<String>> {
    Ok(vec![read(name, "import-by-identity.tf")?])
}

/// A block for each of the commands.
fn import_by_command(name: &str) -> Result<Vec<String>> {
    let commands = read(name, "import.sh")?;
    let commands = commands.lines().filter_map(|line| line.strip_prefix("terraform import "));
    commands
        .map(|words| {
            let (address, id) = words.split_once(' ').with_context(|| words.to_owned())?;
            Ok(format!("import {{\n  to = {address}\n  id = \"{id}\"\n}}\n"))
        })
        .collect()
}

/// A workspace with these examples for the scenario's host.
pub(super) fn workspace(scenario: &Scenario<Temporary>, names: &[&str]) -> Result<Workspace> {
    let other = Scenario::on(&scenario.host, Version::V1_15)?;
    for name in names {
        other.workspace.write(&format!("{name}.tf"), &read(name, "resource.tf")?)?;
    }
    other.configure("")?;
    Ok(other.workspace)
}

fn read(name: &str, file: &str) -> Result<String> {
    let path = root().join("examples/resources").join(name).join(file);
    fs::read_to_string(&path).with_context(|| format!("no `{}`", path.display()))
}
