//! A network card that has vanished.

use acceptance_tests::terraform::Version;
use anyhow::{Result, ensure};

use super::super::{Scenario, each_version};
use super::{has, said};

/// A card that was configured before, one that was not, and all that stands on them.
const CONFIGURATION: &str = r#"
resource "nmstate_ethernet" "eth1" {
  name = "eth1"
  mtu  = 1400
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "192.0.2.1", prefix_length = 24 }]
  }
}

resource "nmstate_route" "over" {
  destination        = "198.51.100.0/24"
  next_hop_interface = nmstate_ethernet.eth1.name
  next_hop_address   = "192.0.2.254"
}

resource "nmstate_route_rule" "of" {
  iif         = nmstate_ethernet.eth1.name
  family      = "ipv4"
  priority    = 3000
  route_table = 200
}

resource "nmstate_linux_bridge" "br0" {
  name = "br0"
  port = [{ name = "eth2" }]
}

resource "nmstate_state" "whole" {
  desired = {
    interfaces = [{ name = "eth3", type = "ethernet", state = "up", mtu = 1450 }]
  }
}

resource "nmstate_dns_resolver" "this" {
  server = ["192.0.2.53"]
}
"#;

/// What the document declares.
const WHOLE: &str =
    "interfaces = [{ name = \"eth3\", type = \"ethernet\", state = \"up\", mtu = 1450 }]";

fn applied(version: Version, name: &str) -> Result<Scenario<acceptance_tests::Temporary>> {
    let scenario = Scenario::namespace(version, name)?;
    let before = r#"{"interfaces": [
        {"name": "eth1", "type": "ethernet", "mtu": 1300, "ipv4": {"enabled": true, "address": [{"ip": "192.0.2.7", "prefix-length": 24}]}},
        {"name": "eth2", "type": "ethernet", "state": "up", "mtu": 1300},
        {"name": "eth3", "type": "ethernet", "state": "up", "mtu": 1300}]}"#;
    let output =
        scenario.host.exec_with_input(&["nmstatectl", "apply", "-q"], before.as_bytes())?;
    ensure!(output.status == 0, "{}", output.stderr);
    scenario.configure(CONFIGURATION)?;
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;
    scenario.host.shell("for link in eth1 eth2 eth3; do ip link delete $link; done; sleep 1")?;
    Ok(scenario)
}

fn nothing_left(scenario: &Scenario<acceptance_tests::Temporary>) -> Result<()> {
    let state = scenario.workspace.run(["state", "list"])?.succeeded()?;
    ensure!(state.stdout.trim().is_empty(), "{}", state.stdout);
    scenario.host.shell("test ! -e /sys/class/net/br0; ! ip rule | grep -q '^3000:'")?;
    let resolver = scenario.host.shell("nmstatectl show --json")?;
    ensure!(!resolver.contains("192.0.2.53"), "{resolver}");
    Ok(())
}

each_version!(needs_no_destroy);

/// A destroy of what is gone succeeds, and of the rest is a destroy.
fn needs_no_destroy(version: Version) -> Result<()> {
    let scenario = applied(version, "gone")?;
    scenario.workspace.destroy()?;
    nothing_left(&scenario)
}

/// The same without a look before, and one at a time.
#[test]
fn needs_no_destroy_without_a_look() -> Result<()> {
    let scenario = applied(Version::V1_11, "gonelook")?;
    // A document that drops it has nothing to put back either.
    let dropped = CONFIGURATION.replace(WHOLE, "interfaces = []");
    scenario.configure(&dropped)?;
    let whole = ["apply", "-refresh=false", "-target=nmstate_state.whole"];
    let run = scenario.workspace.run(whole)?.succeeded()?;
    has(&said(&run), &["interface `eth3` is not put back: it is gone"])?;
    let destroy = ["destroy", "-refresh=false", "-parallelism=1"];
    let run = scenario.workspace.run(destroy)?.succeeded()?;
    let words =
        ["interface `eth1` is not put back: it is gone", "interface `eth2` is not put back"];
    has(&said(&run), &words)?;
    nothing_left(&scenario)
}

each_version!(is_said);

/// The plan names what is gone and the way out, the apply fails for that alone, and the way out is
/// one.
fn is_said(version: Version) -> Result<()> {
    let scenario = applied(version, "goneplan")?;
    let plan = said(&scenario.workspace.run(["plan"])?.succeeded()?);
    for name in ["eth1", "eth2", "eth3"] {
        has(&plan, &[&format!("interface `{name}` is gone")])?;
    }
    has(
        &plan,
        &["applying the resource will fail", "remove the resource's block", "terraform state rm"],
    )?;

    scenario.configure(&CONFIGURATION.replace("192.0.2.53", "192.0.2.54"))?;
    let run = scenario.workspace.run(["apply"])?;
    let error = run.failed()?;
    has(&error, &["eth1", "remove the resource's block", "terraform state rm"])?;
    let resolver = scenario.host.shell("nmstatectl show --json")?;
    ensure!(resolver.contains("192.0.2.54"), "the rest was not applied: {resolver}");

    // A card that never was there is an error of the plan.
    scenario.configure("resource \"nmstate_ethernet\" \"x\" {\n  name = \"eth9\"\n}\n")?;
    let error = scenario.workspace.run(["plan"])?.failed()?;
    has(&error, &["interface `eth9` does not exist", "`mgmt0`"])?;
    scenario.configure("")?;
    scenario.workspace.apply()?;
    nothing_left(&scenario)
}
