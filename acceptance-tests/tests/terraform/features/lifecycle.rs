//! What decides that a resource is there, stays, or is left out of a run.

use anyhow::{Result, anyhow, ensure};

use super::{Ground, Trouble, bridge, expect, run};

const SWITCH: &str = "variable \"switch\" {\n  type = bool\n}\n";

pub(super) fn enabled(ground: &Ground<'_>) -> Result<(), Trouble> {
    let enabled = bridge("brenabled", "  lifecycle {\n    enabled = var.switch\n  }\n");
    let workspace = ground.managing(&format!("{SWITCH}{enabled}"))?;
    for switch in [true, false] {
        run(&workspace, &["apply", &format!("-var=switch={switch}")])?;
        is_there(ground, "brenabled", switch)?;
    }
    Ok(())
}

pub(super) fn destroy_false(ground: &Ground<'_>) -> Result<(), Trouble> {
    let stays = bridge("brstays", "  lifecycle {\n    destroy = false\n  }\n");
    let workspace = ground.managing(&stays)?;
    run(&workspace, &["apply"])?;
    // It forgets what it does not destroy, and says so with its exit status.
    let destroyed = workspace.run(["destroy"])?;
    let left = run(&workspace, &["state", "list"])?.stdout;
    if left.is_empty() {
        return Ok(is_there(ground, "brstays", true)?);
    }
    Err(anyhow!("left in the state: {left}{}{}", destroyed.stdout, destroyed.stderr).into())
}

pub(super) fn prevent_destroy(ground: &Ground<'_>) -> Result<(), Trouble> {
    let kept = bridge("brkept", "  lifecycle {\n    prevent_destroy = var.switch\n  }\n");
    let workspace = ground.managing(&format!("{SWITCH}{kept}"))?;
    run(&workspace, &["apply", "-var=switch=true"])?;
    let error = workspace.run(["destroy", "-var=switch=true"])?.failed()?;
    expect(&error, "prevent_destroy")?;
    is_there(ground, "brkept", true)?;
    run(&workspace, &["destroy", "-var=switch=false"])?;
    Ok(is_there(ground, "brkept", false)?)
}

pub(super) fn exclude(ground: &Ground<'_>) -> Result<(), Trouble> {
    let two = format!("{}{}", bridge("brin", ""), bridge("brout", ""));
    let workspace = ground.managing(&two)?;
    run(&workspace, &["apply", "-exclude=nmstate_linux_bridge.brout"])?;
    is_there(ground, "brin", true)?;
    Ok(is_there(ground, "brout", false)?)
}

fn is_there(ground: &Ground<'_>, name: &str, expected: bool) -> Result<()> {
    let found = ground.has_interface(name)?;
    ensure!(found == expected, "`{name}` is there: {found}, and not {expected}");
    Ok(())
}
