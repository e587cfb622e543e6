//! How often a host is contacted, and what works without contact.

use acceptance_tests::Host;
use acceptance_tests::terraform::{Version, changes, provider_block};
use anyhow::{Result, ensure};

use super::{Scenario, each_version};

/// Bridges on veths with an address each, a route over each, and the resolver: 50 resources.
const FIFTY: &str = r#"
locals {
  numbers = toset([for number in range(16) : tostring(number)])
}

resource "nmstate_interface" "veth" {
  for_each = local.numbers
  name     = "veth${each.key}"
  type     = "veth"
  veth     = { peer = "peer${each.key}" }
}

resource "nmstate_linux_bridge" "bridge" {
  for_each = local.numbers
  name     = "br${each.key}"
  port     = [{ name = nmstate_interface.veth[each.key].name }]
  options  = { stp = { enabled = false } }
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "10.77.${each.key}.1", prefix_length = 24 }]
  }
}

resource "nmstate_route" "route" {
  for_each           = local.numbers
  destination        = "10.78.${each.key}.0/24"
  next_hop_interface = nmstate_linux_bridge.bridge[each.key].name
  next_hop_address   = "10.77.${each.key}.254"
}

resource "nmstate_dns_resolver" "this" {
  server = ["192.0.2.53"]
}

data "nmstate_state" "this" {
  depends_on = [nmstate_dns_resolver.this]
}
"#;

each_version!(fifty_resources);

/// Invariant I5: one login and one `show` refresh all of them, and applying them takes far fewer
/// transactions than resources.
fn fifty_resources(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "fifty")?;
    scenario.configure(FIFTY)?;
    let run = scenario.workspace.apply()?;
    ensure!(run.stdout.contains("49 added"), "{}", run.stdout);
    let calls = scenario.host.nmstatectl_calls()?;
    let applies = calls.iter().filter(|call| call.starts_with("apply")).count();
    ensure!(applies <= 16, "{applies} transactions for 49 resources");

    let count = || -> Result<(usize, usize)> {
        let shows = scenario.host.nmstatectl_calls()?;
        let shows = shows.iter().filter(|call| call.starts_with("show")).count();
        Ok((scenario.host.logins()?, shows))
    };
    let before = count()?;
    let plan = scenario.workspace.plan()?;
    let after = count()?;
    ensure!(changes(&plan, "resource_changes").is_empty(), "the plan is not empty");
    ensure!(after.0 - before.0 == 1, "{} logins", after.0 - before.0);
    ensure!(after.1 - before.1 == 1, "{} times `nmstatectl show`", after.1 - before.1);
    scenario.workspace.destroy()?;
    Ok(())
}

each_version!(unknown_host);

/// A host that another resource makes known plans without contact, and applies in the same run.
fn unknown_host(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "unknown")?;
    let logins = scenario.host.logins()?;
    scenario.configure(&format!(
        r#"
resource "terraform_data" "x" {{
  input = "{}"
}}

resource "nmstate_linux_bridge" "br0" {{
  host = terraform_data.x.output
  name = "br0"
}}
"#,
        scenario.host.name()
    ))?;
    let planned = scenario.workspace.plan()?;
    ensure!(changes(&planned, "resource_changes").len() == 2, "{planned:#}");
    ensure!(scenario.host.logins()? == logins, "the plan contacted the host");
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;
    scenario.host.shell("test -d /sys/class/net/br0")?;
    scenario.workspace.destroy()?;
    Ok(())
}

each_version!(unreachable_host);

/// An unreachable host fails its own resources alone; with `unreachable = "warn"` a refresh only
/// warns, and no state is lost either way.
fn unreachable_host(version: Version) -> Result<()> {
    let mut scenario = Scenario::namespace(version, "unreachable")?;
    let configuration = "resource \"nmstate_linux_bridge\" \"br0\" {\n  name = \"br0\"\n}\n";
    scenario.configure(configuration)?;
    scenario.workspace.apply()?;
    scenario.host.cut()?;

    scenario.settings = "  checkpoint = { timeout = 10 }".into();
    let error = scenario.workspace.run(["plan"])?.failed()?;
    ensure!(
        error.contains(scenario.host.name()) && error.contains("nmstate_linux_bridge.br0"),
        "{error}"
    );

    scenario.settings = "  unreachable = \"warn\"".into();
    scenario.configure(configuration)?;
    let run = scenario.workspace.run(["plan", "-detailed-exitcode"])?;
    ensure!(run.status == 0, "{}{}", run.stdout, run.stderr);
    ensure!(
        run.stdout.contains("Warning") && run.stdout.contains("stays as it was"),
        "{}",
        run.stdout
    );

    scenario.host.restore()?;
    scenario.workspace.assert_converged()?;
    scenario.workspace.destroy()?;
    Ok(())
}

each_version!(one_host_down);

/// Invariant I7: a host that does not answer fails alone; the other host gets its change.
fn one_host_down(version: Version) -> Result<()> {
    let down = Scenario::namespace(version, "down")?;
    let up = Scenario::namespace(version, "up")?;
    down.host.cut()?;
    let block = provider_block(&[&*up.host, &*down.host], "");
    let bridges: String = [&*up.host, &*down.host]
        .iter()
        .map(|host| {
            let name = host.name();
            format!("resource \"nmstate_linux_bridge\" \"{name}\" {{\n  host = \"{name}\"\n  name = \"br0\"\n}}\n")
        })
        .collect();
    up.workspace.configure(&format!("{block}{bridges}"))?;
    let error = up.workspace.run(["plan"])?.failed()?;
    ensure!(error.contains(down.host.name()), "{error}");
    let resource = |host: &Host| format!("-target=nmstate_linux_bridge.{}", host.name());
    up.workspace.run(["apply".to_owned(), resource(&up.host)])?.succeeded()?;
    up.host.shell("test -d /sys/class/net/br0")?;
    down.host.restore()?;
    up.workspace.apply()?;
    up.workspace.assert_converged()?;
    up.workspace.destroy()?;
    Ok(())
}
