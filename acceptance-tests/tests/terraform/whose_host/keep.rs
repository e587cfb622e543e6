//! What destroying leaves alone is destroyed without a login.

use acceptance_tests::terraform::{Version, provider_block};
use anyhow::{Result, ensure};

use super::super::{Scenario, each_version};
use super::{has, said};

const KEPT: &str = r#"
resource "nmstate_linux_bridge" "br0" {
  name       = "br0"
  on_destroy = "keep"
}

resource "nmstate_state" "whole" {
  desired    = { interfaces = [{ name = "eth1", type = "ethernet", state = "up", mtu = 1400 }] }
  on_destroy = "keep"
}
"#;

each_version!(needs_no_login);

fn needs_no_login(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "keep")?;
    let block = provider_block(&[&*scenario.host], "");
    scenario.configure(KEPT)?;
    scenario.workspace.apply()?;
    scenario.host.down()?;

    // A change needs the host, as ever; what is not kept does, too.
    scenario.workspace.configure(&format!("{block}{}", KEPT.replace("1400", "1300")))?;
    let error = scenario.workspace.run(["plan"])?.failed()?;
    has(&error, &["cannot connect to"])?;
    let restored = KEPT.replace("\"keep\"", "\"restore\"");
    scenario.workspace.configure(&format!("{block}{restored}"))?;
    scenario.workspace.run(["plan"])?.failed()?;

    scenario.workspace.configure(&format!("{block}{KEPT}"))?;
    let run = scenario.workspace.run(["plan", "-detailed-exitcode"])?;
    ensure!(run.status == 0, "{}{}", run.stdout, run.stderr);
    has(&said(&run), &["cannot connect to", "lets it be destroyed all the same"])?;
    let run = scenario.workspace.destroy()?;
    ensure!(run.stdout.contains("2 destroyed"), "{}", run.stdout);
    Ok(())
}
