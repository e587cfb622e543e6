//! One bridge with an address, a route over it and the resolver, from the first plan to the last
//! trace.

use anyhow::{Result, ensure};
use serde_json::Value;

use super::{Scenario, each_version};
use acceptance_tests::terraform::{Version, changes};

const CONFIGURATION: &str = r#"
resource "nmstate_linux_bridge" "br0" {
  name = "br0"
  mtu  = 1450
  port = [{ name = "eth1" }]
  options = { stp = { enabled = false } }
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "192.0.2.1", prefix_length = 24 }]
  }
}

resource "nmstate_route" "lab" {
  destination        = "198.51.100.0/24"
  next_hop_interface = nmstate_linux_bridge.br0.name
  next_hop_address   = "192.0.2.254"
  metric             = 150
}

resource "nmstate_dns_resolver" "this" {
  server = ["192.0.2.53", "192.0.2.54"]
  search = ["example.com"]
}
"#;

each_version!(lifecycle);

fn lifecycle(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "lifecycle")?;
    let before = scenario.running_config()?;
    scenario.configure(CONFIGURATION)?;

    let run = scenario.workspace.apply()?;
    ensure!(run.stdout.contains("3 added, 0 changed, 0 destroyed"), "{}", run.stdout);
    scenario.workspace.assert_converged()?;
    let addresses = scenario.host.shell("ip -4 -o address show dev br0")?;
    ensure!(addresses.contains("192.0.2.1/24"), "{addresses}");
    let routes = scenario.host.shell("ip route show 198.51.100.0/24")?;
    ensure!(
        routes.contains("via 192.0.2.254 dev br0") && routes.contains("metric 150"),
        "{routes}"
    );
    let resolver = scenario.host.shell("nmstatectl show --json")?;
    ensure!(resolver.contains("192.0.2.53"), "{resolver}");

    // Another MTU and metric: exactly these attributes, and the host follows.
    scenario.configure(&CONFIGURATION.replace("1450", "1400").replace("150", "200"))?;
    let planned = changes(&scenario.workspace.plan()?, "resource_changes");
    let expected = [
        ("nmstate_linux_bridge.br0".to_owned(), vec!["mtu".to_owned()]),
        ("nmstate_route.lab".to_owned(), vec!["metric".to_owned()]),
    ];
    ensure!(planned == expected, "{planned:#?}");
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;
    let routes = scenario.host.shell("ip route show 198.51.100.0/24")?;
    ensure!(routes.contains("metric 200") && !routes.contains("metric 150"), "{routes}");
    ensure!(scenario.host.shell("cat /sys/class/net/br0/mtu")?.trim() == "1400");

    // What is dropped from a list leaves the host; what is not mentioned stays.
    scenario.configure(
        &CONFIGURATION
            .replace("1450", "1400")
            .replace("150", "200")
            .replace("[{ ip = \"192.0.2.1\", prefix_length = 24 }]", "[{ ip = \"192.0.2.1\", prefix_length = 24 }, { ip = \"203.0.113.1\", prefix_length = 24 }]"),
    )?;
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;
    scenario.configure(&CONFIGURATION.replace("1450", "1400").replace("150", "200"))?;
    scenario.workspace.apply()?;
    let addresses = scenario.host.shell("ip -4 -o address show dev br0")?;
    ensure!(
        addresses.contains("192.0.2.1/24") && !addresses.contains("203.0.113.1"),
        "{addresses}"
    );

    scenario.workspace.destroy()?;
    let after = scenario.running_config()?;
    ensure!(after == before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");
    Ok(())
}

each_version!(drift);

/// Drift made by hand on the host is found by CI: exit code 2, and the attribute by name.
fn drift(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "drift")?;
    scenario.configure(CONFIGURATION)?;
    scenario.workspace.apply()?;

    let run = scenario.workspace.run(["plan", "-detailed-exitcode"])?;
    ensure!(run.status == 0, "{}{}", run.stdout, run.stderr);
    scenario.host.shell("ip link set br0 mtu 1300")?;
    let run = scenario.workspace.run(["plan", "-detailed-exitcode"])?;
    ensure!(run.status == 2, "{}: {}{}", run.status, run.stdout, run.stderr);
    ensure!(run.stdout.contains("~ mtu") && run.stdout.contains("1300 -> 1450"), "{}", run.stdout);
    let planned = changes(&scenario.workspace.plan()?, "resource_changes");
    ensure!(
        planned == [("nmstate_linux_bridge.br0".to_owned(), vec!["mtu".to_owned()])],
        "{planned:#?}"
    );

    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;
    scenario.workspace.destroy()?;
    Ok(())
}

each_version!(import);

/// What exists on the host is adopted with generated configuration: nothing to change after it.
fn import(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "import")?;
    scenario.configure(CONFIGURATION)?;
    scenario.workspace.apply()?;
    let adopting = Scenario::on(&scenario.host, version)?;
    adopting.configure(
        r#"
import {
  to = nmstate_linux_bridge.br0
  id = "br0"
}
import {
  to = nmstate_interface.eth1
  id = "eth1"
}
import {
  to = nmstate_route.lab
  id = "198.51.100.0/24,br0,192.0.2.254"
}
import {
  to = nmstate_dns_resolver.this
  id = "default"
}
import {
  to = nmstate_state.all
  id = "default"
}
"#,
    )?;
    adopting.workspace.run(["plan", "-generate-config-out=generated.tf"])?.succeeded()?;
    let run = adopting.workspace.apply()?;
    ensure!(run.stdout.contains("5 imported, 0 added, 0 changed, 0 destroyed"), "{}", run.stdout);
    adopting.workspace.assert_converged()?;

    // The host shows the lab's network card as one end of a cable.
    let named = Scenario::on(&scenario.host, version)?;
    named.configure(
        r#"
import {
  to = nmstate_interface.eth1
  id = "eth1"
}
resource "nmstate_interface" "eth1" {
  name = "eth1"
  type = "ethernet"
}
"#,
    )?;
    let run = named.workspace.apply()?;
    ensure!(run.stdout.contains("1 imported, 0 added, 0 changed, 0 destroyed"), "{}", run.stdout);
    named.workspace.assert_converged()?;
    scenario.workspace.assert_converged()
}

each_version!(takeover);

/// A NIC that somebody else configured: taken over, changed, and put back as it was.
fn takeover(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "takeover")?;
    scenario.host.shell(
        "printf '%s' '{\"interfaces\": [{\"name\": \"eth1\", \"type\": \"ethernet\", \"mtu\": 1400, \
         \"ipv4\": {\"enabled\": true, \"address\": [{\"ip\": \"192.0.2.7\", \"prefix-length\": 24}]}}]}' \
         | nmstatectl apply -q",
    )?;
    let before = scenario.running_config()?;
    let configuration = |on_destroy: &str| {
        format!(
            "resource \"nmstate_interface\" \"eth1\" {{\n  name = \"eth1\"\n  type = \"veth\"\n  mtu = 1300\n  \
             description = \"uplink\"\n  {on_destroy}\n  ipv4 = {{\n    enabled = true\n    dhcp = false\n    \
             address = [{{ ip = \"192.0.2.8\", prefix_length = 24 }}]\n  }}\n}}\n"
        )
    };
    scenario.configure(&configuration(""))?;
    let planned = scenario.workspace.plan()?;
    ensure!(
        planned.pointer("/planned_values/root_module/resources/0/values/on_destroy")
            == Some(&Value::Null),
        "{planned:#}"
    );
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;
    ensure!(scenario.running_config()? != before, "nothing was changed");
    scenario.workspace.destroy()?;
    let after = scenario.running_config()?;
    ensure!(after == before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");

    // `keep` leaves the host alone.
    scenario.configure(&configuration("on_destroy = \"keep\""))?;
    scenario.workspace.apply()?;
    let kept = scenario.running_config()?;
    scenario.workspace.destroy()?;
    let after = scenario.running_config()?;
    ensure!(after == kept, "destroying changed the host\nbefore: {kept:#}\nafter: {after:#}");
    Ok(())
}

each_version!(port_of_a_bridge);

/// A NIC that is taken over after a bridge has made it its port: what was planned from the host
/// before stands when it is planned once more.
fn port_of_a_bridge(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "port")?;
    let before = scenario.running_config()?;
    scenario.configure(
        r#"
resource "nmstate_linux_bridge" "br0" {
  name = "br0"
  port = [{ name = "eth1" }]
}

resource "nmstate_interface" "eth1" {
  name       = "eth1"
  type       = "veth"
  mtu        = 1400
  depends_on = [nmstate_linux_bridge.br0]
}
"#,
    )?;
    scenario.workspace.apply()?;
    scenario.host.shell("ip link show dev eth1 | grep 'mtu 1400' | grep 'master br0'")?;
    let run = scenario.workspace.run(["plan", "-detailed-exitcode"])?;
    ensure!(run.status == 0, "{}{}", run.stdout, run.stderr);
    scenario.workspace.destroy()?;
    let after = scenario.running_config()?;
    ensure!(after == before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");
    Ok(())
}

each_version!(bridge_on_a_cable);

/// A bridge takes an interface of the same run as its port: that is no drift of the interface. Its
/// controller is known where a configuration gives it, and where the interface was taken over.
fn bridge_on_a_cable(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "cable")?;
    let before = scenario.running_config()?;
    let cable = |more: &str| {
        format!(
            r#"
resource "nmstate_veth" "cable" {{
  name = "cable0"
  peer = "cable1"
  {more}
}}

resource "nmstate_linux_bridge" "br0" {{
  name    = "br0"
  port    = [{{ name = nmstate_veth.cable.name }}]
  options = {{ stp = {{ enabled = false }} }}
}}
"#
        )
    };
    scenario.configure(&cable(""))?;
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;
    scenario.host.shell("ip link show dev cable0 | grep 'master br0'")?;

    let adopting = Scenario::on(&scenario.host, version)?;
    let import = "import {\n  to = nmstate_veth.cable\n  id = \"cable0\"\n}\n";
    let only = |more: &str| {
        format!(
            "{import}resource \"nmstate_veth\" \"cable\" {{\n  name = \"cable0\"\n  peer = \"cable1\"\n  {more}\n}}\n"
        )
    };
    adopting.configure(&only("controller = \"br0\""))?;
    adopting.workspace.apply()?;
    adopting.workspace.assert_converged()?;
    adopting.configure(&only(""))?;
    adopting.workspace.assert_converged()?;

    scenario.configure(&cable("mtu = 1400"))?;
    let planned = changes(&scenario.workspace.plan()?, "resource_changes");
    ensure!(planned == [("nmstate_veth.cable".to_owned(), vec!["mtu".to_owned()])], "{planned:#?}");
    scenario.workspace.apply()?;
    scenario.host.shell("ip link show dev cable0 | grep 'mtu 1400' | grep 'master br0'")?;
    scenario.workspace.destroy()?;
    let after = scenario.running_config()?;
    ensure!(after == before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");
    Ok(())
}
