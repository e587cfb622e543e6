//! What a host has, found and taken over.

use std::fs;

use super::{Ground, Trouble, bridge, expect, kept_state, run};
use crate::terraform::example;

const IMPORT: &str = "import {\n  to = nmstate_linux_bridge.br0\n  id = \"br0\"\n}\n";

pub(super) fn blocks(ground: &Ground<'_>) -> Result<(), Trouble> {
    let workspace = ground.managing(&format!("{IMPORT}{}", bridge("br0", "")))?;
    let applied = run(&workspace, &["apply"])?;
    Ok(expect(&applied.stdout, "1 imported, 0 added, 0 changed")?)
}

pub(super) fn generated_configuration(ground: &Ground<'_>) -> Result<(), Trouble> {
    let workspace = ground.managing(IMPORT)?;
    run(&workspace, &["plan", "-generate-config-out=generated.tf"])?;
    let generated = fs::read_to_string(workspace.path().join("generated.tf"))?;
    expect(&generated, "resource \"nmstate_linux_bridge\" \"br0\"")?;
    expect(&generated, "1400")?;
    let applied = run(&workspace, &["apply"])?;
    Ok(expect(&applied.stdout, "1 imported, 0 added, 0 changed")?)
}

pub(super) fn identity(ground: &Ground<'_>) -> Result<(), Trouble> {
    let workspace = ground.managing(&format!("{IMPORT}{}", bridge("br0", "")))?;
    run(&workspace, &["apply"])?;
    if kept_state(&workspace)?.contains("\"identity\": {") {
        return Ok(());
    }
    Err(Trouble::Missing("the state has none".into()))
}

pub(super) fn by_identity(ground: &Ground<'_>) -> Result<(), Trouble> {
    let import =
        "import {\n  to       = nmstate_linux_bridge.br0\n  identity = { name = \"br0\" }\n}\n";
    let workspace = ground.managing(&format!("{import}{}", bridge("br0", "")))?;
    let applied = run(&workspace, &["apply"])?;
    Ok(expect(&applied.stdout, "1 imported, 0 added, 0 changed")?)
}

pub(super) fn list_resources(ground: &Ground<'_>) -> Result<(), Trouble> {
    let workspace = ground.managing("")?;
    let list = example("list-resources/nmstate_linux_bridge/list-resource.tfquery.hcl")?;
    workspace.write("all.tfquery.hcl", &list.replace("server1", ground.host.name()))?;
    let found = run(&workspace, &["query", "-no-color"])?;
    Ok(expect(&found.stdout, "interface `br0`")?)
}
