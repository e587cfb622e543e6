//! Alternative names, of which some are udev's.

use anyhow::{Result, ensure};

use super::super::Scenario;
use super::each_parallelism;
use acceptance_tests::terraform::changes;

/// Ours come and go; the others stay, and no file of ours is left.
#[test]
fn ours_come_and_go_beside_others() -> Result<()> {
    let scenario = Scenario::with_cards("names")?;
    scenario.host.shell("ip link property add dev eth1 altname enxdocu1")?;
    let card = |names: &str| {
        format!(
            "resource \"nmstate_ethernet\" \"card\" {{\n  name = \"eth1\"\n  alt_names = [{names}]\n}}\n"
        )
    };
    let names = |scenario: &Scenario<acceptance_tests::Temporary>, wanted: &[&str]| -> Result<()> {
        let shown = scenario.host.shell("ip -details link show dev eth1")?;
        for name in ["enxdocu1", "port1", "port2"] {
            let is_there = shown.contains(&format!("altname {name}"));
            ensure!(is_there == wanted.contains(&name), "`{name}`: {shown}");
        }
        Ok(())
    };
    each_parallelism(&scenario, |scenario, parallelism| {
        let one = card("{ name = \"port1\" }");
        scenario.in_force(&one, parallelism)?;
        names(scenario, &["enxdocu1", "port1"])?;
        scenario.workspace.run(["apply", "-refresh-only", parallelism])?.succeeded()?;
        scenario.workspace.assert_converged()?;
        scenario.host.shell("ip link property del dev eth1 altname port1")?;
        let planned = changes(&scenario.workspace.plan()?, "resource_changes");
        let is_named = |(address, paths): &(String, Vec<String>)| {
            address == "nmstate_ethernet.card"
                && paths.iter().all(|one| one.starts_with("alt_names"))
        };
        ensure!(planned.len() == 1 && planned.iter().all(is_named), "{planned:?}");
        scenario.in_force(&one, parallelism)?;
        names(scenario, &["enxdocu1", "port1"])?;
        let more = "{ name = \"port1\" }, { name = \"port2\" }, { name = \"never-was-there\", state = \"absent\" }";
        scenario.in_force(&card(more), parallelism)?;
        names(scenario, &["enxdocu1", "port1", "port2"])?;
        scenario.workspace.run(["destroy", parallelism])?.succeeded()?;
        names(scenario, &["enxdocu1"])?;
        let files = scenario.host.shell("grep -rl port[12] /etc/systemd/network || true")?;
        ensure!(files.trim().is_empty(), "{files}");
        Ok(())
    })
}
