//! What the program does around the provider.

use acceptance_tests::terraform::provider_block;
use anyhow::ensure;

use super::{Ground, Trouble, bridge, expect, run, said};

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
    Ok(run(&workspace, &["destroy"]).map(drop)?)
}

pub(super) fn mocks(ground: &Ground<'_>) -> Result<(), Trouble> {
    let workspace = ground.managing(&bridge("brmock", ""))?;
    let test = r#"
mock_provider "nmstate" {}

run "applies" {
  assert {
    condition     = nmstate_linux_bridge.brmock.name == "brmock"
    error_message = "it has another name"
  }
}
"#;
    workspace.write("mocks.tftest.hcl", test)?;
    let run = run(&workspace, &["test", "-no-color"])?;
    expect(&run.stdout, "1 passed, 0 failed")?;
    Ok(untouched(ground)?)
}

fn untouched(ground: &Ground<'_>) -> anyhow::Result<()> {
    ensure!(!ground.has_interface("brmock")?, "a mock has changed the host");
    Ok(())
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
