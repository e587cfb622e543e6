//! What the program does around the provider.

use acceptance_tests::terraform::provider_block;

use super::{Ground, Trouble, bridge, expect, run, said};
use crate::terraform::example;

pub(super) fn provider_for_each(ground: &Ground<'_>) -> Result<(), Trouble> {
    let block = provider_block(&[ground.host], "").replace(
        "provider \"nmstate\" {",
        "provider \"nmstate\" {\n  alias    = \"by_host\"\n  for_each = local.fleet",
    );
    let text = format!(
        "locals {{\n  fleet = toset([\"one\"])\n}}\n{block}\
         resource \"nmstate_linux_bridge\" \"each\" {{\n  for_each = local.fleet\n  \
         provider = nmstate.by_host[each.key]\n  name     = \"breach\"\n}}\n"
    );
    let workspace = ground.workspace(&text)?;
    let applied = run(&workspace, &["apply"])?;
    expect(&applied.stdout, "1 added")?;
    run(&workspace, &["destroy"]).map(drop)
}

pub(super) fn mocks(ground: &Ground<'_>) -> Result<(), Trouble> {
    tested(ground, "plan")
}

pub(super) fn mocks_applied(ground: &Ground<'_>) -> Result<(), Trouble> {
    tested(ground, "apply")
}

/// The example of a test, which plans, with the command given.
fn tested(ground: &Ground<'_>, command: &str) -> Result<(), Trouble> {
    let workspace = ground.workspace(&example("guides/mocks/main.tf")?)?;
    let test = example("guides/mocks/network.tftest.hcl")?;
    let line = |command: &str| format!("  command = {command}\n");
    expect(&test, &line("plan"))?;
    workspace.write("network.tftest.hcl", &test.replace(&line("plan"), &line(command)))?;
    let run = run(&workspace, &["test", "-no-color"])?;
    Ok(expect(&run.stdout, "1 passed, 0 failed")?)
}

/// The provider has no action, so the program is asked for one that does not exist.
pub(super) fn actions(ground: &Ground<'_>) -> Result<(), Trouble> {
    let workspace = ground.managing("action \"nmstate_nothing\" \"this\" {}\n")?;
    let run = workspace.run(["validate", "-no-color"])?;
    let said = said(&run)?;
    expect(&said, "nmstate_nothing")?;
    Err(Trouble::Known(said))
}

/// How many there are to be is known only after an apply.
pub(super) fn deferral(ground: &Ground<'_>) -> Result<(), Trouble> {
    let many = bridge("brlater", "  count = length(terraform_data.names.output)\n");
    let names = "resource \"terraform_data\" \"names\" {\n  input = [\"one\"]\n}\n";
    let workspace = ground.managing(&format!("{names}{many}"))?;
    run(&workspace, &["plan", "-allow-deferral"])?;
    Ok(())
}
