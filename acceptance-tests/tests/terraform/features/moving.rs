//! Resources that get another address, or leave the state.

use std::fs;

use anyhow::anyhow;

use super::{Ground, Trouble, bridge, expect, run};

pub(super) fn between_types(ground: &Ground<'_>) -> Result<(), Trouble> {
    let workspace = ground.managing(&bridge("brmoved", ""))?;
    run(&workspace, &["apply"])?;
    let typed = fs::read_to_string(workspace.path().join("main.tf"))?;
    let generic = typed
        .replace("nmstate_linux_bridge", "nmstate_interface")
        .replace("name = \"brmoved\"\n", "name = \"brmoved\"\n  type = \"linux-bridge\"\n");
    let moved =
        "moved {\n  from = nmstate_linux_bridge.brmoved\n  to   = nmstate_interface.brmoved\n}\n";
    workspace.write("main.tf", &format!("{generic}{moved}"))?;
    let applied = run(&workspace, &["apply"])?;
    expect(&applied.stdout, "has moved to nmstate_interface.brmoved")?;
    Ok(expect(&applied.stdout, "0 added, 0 changed, 0 destroyed")?)
}

pub(super) fn removed(ground: &Ground<'_>) -> Result<(), Trouble> {
    let workspace = ground.managing(&bridge("brleft", ""))?;
    run(&workspace, &["apply"])?;
    let configuration = fs::read_to_string(workspace.path().join("main.tf"))?;
    let removed = "removed {\n  from = nmstate_linux_bridge.brleft\n  lifecycle {\n    destroy = false\n  }\n}\n";
    let configuration = configuration.replace(&bridge("brleft", ""), removed);
    workspace.write("main.tf", &configuration)?;
    run(&workspace, &["apply"])?;
    let left = run(&workspace, &["state", "list"])?.stdout;
    if left.is_empty() && ground.has_interface("brleft")? {
        return Ok(());
    }
    Err(anyhow!("in the state: `{left}`; or gone from the host").into())
}
