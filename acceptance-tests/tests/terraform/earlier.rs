//! States that earlier versions of the provider have written.

use acceptance_tests::terraform::{Product, Version, changes};
use anyhow::{Result, ensure};

use super::Scenario;

const CONFIGURATION: &str = include_str!("earlier/main.tf");

/// The state of that configuration, written when a record was a document that undoes everything.
/// `HOST` and `MACHINE` are placeholders.
const STATE: &str = include_str!("earlier/state.json");

/// It plans empty, and a destroy puts back what its record knows of.
#[test]
fn a_state_with_records_of_the_first_form() -> Result<()> {
    let scenario = Scenario::with_cards("earlier")?;
    let before = scenario.all()?;
    scenario.configure(CONFIGURATION)?;
    scenario.workspace.apply()?;

    let earlier = Scenario::on(&scenario.host, Version::V1_11)?;
    earlier.configure(CONFIGURATION)?;
    let machine = scenario.host.shell("cat /etc/machine-id")?;
    let state = STATE.replace("HOST", scenario.host.name()).replace("MACHINE", machine.trim());
    let state = match earlier.workspace.terraform().product() {
        Product::Terraform => state,
        Product::OpenTofu => state.replace("registry.terraform.io", "registry.opentofu.org"),
    };
    earlier.workspace.write("terraform.tfstate", &state)?;
    let planned = changes(&earlier.workspace.plan()?, "resource_changes");
    ensure!(planned.is_empty(), "the plan is not empty: {planned:#?}");
    let asked = scenario.transactions()?;
    earlier.workspace.apply()?;
    ensure!(scenario.transactions()? == asked, "an empty plan has changed the host");

    earlier.workspace.destroy()?;
    let after = scenario.all()?;
    ensure!(after == before, "the host is not as before\nbefore: {before:#?}\nafter: {after:#?}");
    Ok(())
}
