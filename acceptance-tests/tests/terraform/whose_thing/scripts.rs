//! Dispatch scripts, which are files that no checkpoint holds.

use anyhow::{Result, ensure};

use super::super::Scenario;
use super::each_parallelism;
use acceptance_tests::terraform::changes;

const SCRIPTS: &str = r#"
locals {
  dispatch = {
    post_activation   = <<-EOT
      # it's "up"
      echo "$1 $2" >> /run/dispatch.log
    EOT
    post_deactivation = "echo down >> /run/dispatch.log"
  }
}

resource "nmstate_ethernet" "card" {
  name     = "eth1"
  dispatch = local.dispatch
}

resource "nmstate_linux_bridge" "own" {
  name     = "br0"
  options  = { stp = { enabled = false } }
  dispatch = local.dispatch
}
"#;

const FILES: &str = "ls /etc/NetworkManager/dispatcher.d/ | grep -E 'eth1|br0' || true";

/// Each is there with its text, drift is seen, and it goes when it is emptied or its resource goes.
#[test]
fn go_when_their_resource_goes() -> Result<()> {
    let scenario = Scenario::with_cards("scripts")?;
    let files = |scenario: &Scenario<acceptance_tests::Temporary>| -> Result<Vec<String>> {
        Ok(scenario.host.shell(FILES)?.lines().map(str::to_owned).collect())
    };
    each_parallelism(&scenario, |scenario, parallelism| {
        scenario.in_force(SCRIPTS, parallelism)?;
        let all = files(scenario)?;
        ensure!(all.len() == 4, "{all:?}");
        let texts = scenario.host.shell("cat /etc/NetworkManager/dispatcher.d/*eth1*")?;
        ensure!(texts.contains("# it's \"up\"") && texts.contains("echo \"$1 $2\" >>"), "{texts}");
        let own: Vec<&String> = all.iter().filter(|name| name.contains("eth1")).collect();
        scenario.host.shell(&format!("rm /etc/NetworkManager/dispatcher.d/{}", own[0]))?;
        let planned = changes(&scenario.workspace.plan()?, "resource_changes");
        let expected =
            [("nmstate_ethernet.card".to_owned(), vec!["dispatch.post_deactivation".to_owned()])];
        ensure!(planned == expected, "{planned:?}");
        scenario.in_force(SCRIPTS, parallelism)?;
        ensure!(files(scenario)? == all);
        let empty = SCRIPTS.replace("\"echo down >> /run/dispatch.log\"", "\"\"");
        scenario.in_force(&empty, parallelism)?;
        ensure!(files(scenario)?.len() == 2, "{:?}", files(scenario)?);
        scenario.in_force(SCRIPTS, parallelism)?;
        scenario.workspace.run(["destroy", parallelism])?.succeeded()?;
        ensure!(files(scenario)?.is_empty(), "{:?}", files(scenario)?);
        Ok(())
    })
}
