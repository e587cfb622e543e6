//! `nmstate_state`: a whole document in one transaction.

use acceptance_tests::terraform::{Version, changes};
use anyhow::{Result, ensure};

use super::{Scenario, each_version};

const OBJECT: &str = r#"
resource "nmstate_state" "this" {
  desired = {
    interfaces = [
      {
        name   = "br0"
        type   = "linux-bridge"
        mtu    = 1450
        bridge = { port = [{ name = "eth2" }, { name = "eth1" }] }
        ipv4 = {
          enabled = true
          address = [{ ip = "192.0.2.1", prefix-length = 24 }]
        }
      },
      {
        name = "br1"
        type = "linux-bridge"
      },
    ]
    routes = {
      config = [{
        destination        = "198.51.100.0/24"
        next-hop-interface = "br0"
        next-hop-address   = "192.0.2.254"
      }]
    }
  }
}
"#;

const TEXT: &str = r#"
resource "nmstate_state" "this" {
  desired = <<-YAML
    # The spelling of a document is its author's.
    interfaces:
      - name: br0
        type: linux-bridge
        mtu: "1450"
        ipv4:
          enabled: true
          address:
            - ip: 192.0.2.1
              prefix-length: 24
    dns-resolver:
      config:
        server: [192.0.2.53]
  YAML
}
"#;

each_version!(object);

fn object(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "object")?;
    let before = scenario.running_config()?;
    scenario.configure(OBJECT)?;
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;

    scenario.host.shell("ip link set br0 mtu 1300")?;
    let planned = changes(&scenario.workspace.plan()?, "resource_changes");
    let expected =
        [("nmstate_state.this".to_owned(), vec!["desired.interfaces[0].mtu".to_owned()])];
    ensure!(planned == expected, "{planned:#?}");
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;

    // An interface that the resource created goes when it is dropped from the document.
    let dropped = OBJECT.replace(
        "      {\n        name = \"br1\"\n        type = \"linux-bridge\"\n      },\n",
        "",
    );
    ensure!(dropped != OBJECT);
    scenario.configure(&dropped)?;
    scenario.workspace.apply()?;
    ensure!(
        scenario.host.exec(&["test", "-d", "/sys/class/net/br1"])?.status != 0,
        "br1 is still there"
    );
    scenario.workspace.assert_converged()?;

    scenario.workspace.destroy()?;
    let after = scenario.running_config()?;
    ensure!(after == before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");
    Ok(())
}

each_version!(text);

fn text(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "text")?;
    scenario.configure(TEXT)?;
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;
    scenario.host.shell("ip link set br0 mtu 1300")?;
    let run = scenario.workspace.run(["plan", "-detailed-exitcode"])?;
    ensure!(run.status == 2 && run.stdout.contains("mtu: 1300"), "{}", run.stdout);
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;
    scenario.workspace.destroy()?;
    Ok(())
}
