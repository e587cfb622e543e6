//! `timeouts`: an operation whose time is up has changed nothing.

use std::time::{Duration, Instant};

use acceptance_tests::terraform::Version;
use anyhow::{Result, ensure};

use super::{Scenario, each_version};

/// A bridge whose probe passes before it is there and never after, so that the change waits for
/// its confirmation as long as it may.
const WAITING: &str = r#"
resource "nmstate_linux_bridge" "br0" {
  name           = "br0"
  probes         = [{ command = ["test", "!", "-e", "/sys/class/net/br0"] }]
  settle_timeout = 120
  timeouts       = { create = "12s" }
}
"#;

each_version!(create);

fn create(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "limits")?;
    let before = scenario.running_config()?;
    scenario.configure(&WAITING.replace("12s", "soon"))?;
    let error = scenario.workspace.run(["plan"])?.failed()?;
    ensure!(error.contains("`timeouts.create` cannot be `soon`"), "{error}");
    ensure!(error.contains("nmstate_linux_bridge.br0"), "{error}");

    scenario.configure(WAITING)?;
    let begun = Instant::now();
    let error = scenario.workspace.run(["apply", "-auto-approve"])?.failed()?;
    let took = begun.elapsed();
    let expected = "the time of `timeouts.create` (`12s`) was up, and the change was undone";
    ensure!(error.contains(expected), "{error}");
    ensure!(took < Duration::from_secs(80), "it took {took:?}");
    let after = scenario.running_config()?;
    ensure!(after == before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");
    let state = scenario.workspace.state()?;
    ensure!(state.pointer("/values/root_module/resources").is_none(), "{state:#}");

    // With time enough it works, and another limit changes nothing on the host.
    let patient = "resource \"nmstate_linux_bridge\" \"br0\" {\n  name = \"br0\"\n  timeouts = { create = \
                   \"5m\" }\n}\n";
    scenario.configure(patient)?;
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;
    let transactions = scenario.transactions()?;
    scenario.configure(&patient.replace("create", "delete"))?;
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;
    ensure!(scenario.transactions()? == transactions, "a limit alone was a transaction");
    scenario.workspace.destroy()?;
    Ok(())
}
