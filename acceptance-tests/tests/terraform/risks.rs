//! What a plan says about the path of the connection, also of a destroy.

use acceptance_tests::HostOptions;
use acceptance_tests::terraform::Version;
use anyhow::{Result, ensure};

use super::Scenario;

/// Another MTU on the management interface, and a default route by way of a data interface.
const RISKY: &str = r#"
resource "nmstate_interface" "management" {
  name = "mgmt0"
  type = "veth"
  mtu  = 1400
}

resource "nmstate_interface" "eth1" {
  name = "eth1"
  type = "veth"
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "192.0.2.1", prefix_length = 24 }]
  }
}

resource "nmstate_route" "default" {
  destination        = "0.0.0.0/0"
  next_hop_interface = nmstate_interface.eth1.name
  next_hop_address   = "192.0.2.254"
}
"#;

const CARRIES: &str = "touches `mgmt0`, which carries this SSH connection";
const DEFAULT: &str = "touches the default route";

#[test]
fn changes_and_destroys() -> Result<()> {
    let options = HostOptions { managed_management: true, ..HostOptions::default() };
    let scenario = Scenario::with_options(Version::V1_11, "risks", &options)?;
    let warns = |arguments: &[&str], expected: &[(&str, bool)]| -> Result<()> {
        let run = scenario.workspace.run(arguments)?.succeeded()?;
        for (words, is_expected) in expected {
            ensure!(run.stdout.contains(words) == *is_expected, "`{words}`: {}", run.stdout);
        }
        Ok(())
    };
    scenario.configure(RISKY)?;
    warns(&["plan"], &[(CARRIES, true), (DEFAULT, true)])?;
    scenario.workspace.apply()?;
    warns(&["plan"], &[("No changes", true), ("Warning", false)])?;
    warns(&["plan", "-destroy"], &[(CARRIES, true), (DEFAULT, true)])?;
    let nic = ["plan", "-destroy", "-target=nmstate_route.default"];
    warns(&nic, &[(CARRIES, false), (DEFAULT, true)])?;

    // A default route that becomes another one is a default route less.
    scenario.configure(&RISKY.replace("0.0.0.0/0", "198.51.100.0/24"))?;
    warns(&["plan"], &[(CARRIES, false), (DEFAULT, true)])?;
    // `keep` leaves the host alone.
    scenario.configure(&RISKY.replace("mtu  = 1400", "mtu  = 1400\n  on_destroy = \"keep\""))?;
    scenario.workspace.apply()?;
    warns(&["plan", "-destroy"], &[(CARRIES, false), (DEFAULT, true)])?;

    let bridge = "resource \"nmstate_linux_bridge\" \"br0\" {\n  name = \"br0\"\n  \
                  port = [{ name = \"eth2\" }, { name = \"mgmt0\" }]\n}\n";
    scenario.configure(&format!("{RISKY}{bridge}"))?;
    warns(&["plan"], &[(CARRIES, true), ("nmstate_linux_bridge.br0,", true)])
}
