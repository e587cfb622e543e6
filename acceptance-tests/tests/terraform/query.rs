//! `terraform query`: what a host has is found, and taken over without a change. Terraform 1.14 has
//! it, so only the newer version is asked.

use acceptance_tests::terraform::{Version, changes};
use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::examples::folders;
use super::{Scenario, example};

/// What is on the host before Terraform.
const DOCUMENT: &str = "
interfaces:
- {name: br0, type: linux-bridge, state: up, mtu: 1400, bridge: {port: [{name: eth1}]},
   ipv4: {enabled: true, dhcp: false, address: [{ip: 192.0.2.1, prefix-length: 24}]}}
- {name: br1, type: linux-bridge, state: up}
routes: {config: [
  {destination: 198.51.100.0/24, next-hop-interface: br0, next-hop-address: 192.0.2.254},
  {destination: 203.0.113.0/24, next-hop-interface: br0, next-hop-address: 192.0.2.254, table-id: 100}]}
route-rules: {config: [{ip-from: 192.0.2.0/24, route-table: 100, priority: 1000}]}
";

/// What is taken over: one list per kind, and of interfaces those that nothing else is found by.
const TAKEN_OVER: [&str; 3] = ["nmstate_linux_bridge", "nmstate_route", "nmstate_route_rule"];

#[test]
fn what_a_host_has_is_found() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_15, "query")?;
    scenario.host.exec_with_input(&["nmstatectl", "apply", "-"], DOCUMENT.as_bytes())?;
    scenario.configure("")?;
    let examples = folders("list-resources")?;
    ensure!(examples == folders("resources")?, "each resource has an example of its list");
    write_lists(&scenario, &examples)?;
    let logins = scenario.host.logins()?;
    let found = query(&scenario, &[])?;
    ensure!(scenario.host.logins()? == logins + 1, "all lists share one login");

    let named = |address: &str| -> Vec<String> {
        let of_list = found.iter().filter(|one| one["address"] == address);
        let mut names: Vec<String> = of_list
            .map(|one| one["display_name"].as_str().unwrap_or_default().to_owned())
            .collect();
        names.sort();
        names
    };
    let bridges = ["interface `br0`", "interface `br1`"];
    ensure!(named("list.nmstate_linux_bridge.all") == bridges, "{found:#?}");
    ensure!(named("list.nmstate_interface.bridges") == bridges, "{found:#?}");
    ensure!(named("list.nmstate_route.main") == ["route `198.51.100.0/24`"], "{found:#?}");
    ensure!(named("list.nmstate_route_rule.backup").len() == 1, "{found:#?}");
    ensure!(named("list.nmstate_hostname.this") == ["the host name"], "{found:#?}");
    let bridge = found.iter().find(|one| one["display_name"] == "interface `br0`");
    let bridge = bridge.context("no bridge")?;
    ensure!(bridge["identity"]["name"] == "br0", "{bridge:#}");
    ensure!(bridge["identity"]["host"] == scenario.host.name(), "{bridge:#}");
    ensure!(bridge["resource_object"].is_null(), "nobody asked for it: {bridge:#}");
    let whole = found.iter().find(|one| one["address"] == "list.nmstate_state.this");
    let whole = whole.context("no state")?;
    let interfaces = &whole["resource_object"]["desired"]["interfaces"];
    ensure!(interfaces.is_array(), "{whole:#}");
    Ok(())
}

/// The configuration that Terraform makes of what is found imports it and changes nothing.
#[test]
fn what_is_found_is_taken_over_without_a_change() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_15, "takeover")?;
    scenario.host.exec_with_input(&["nmstatectl", "apply", "-"], DOCUMENT.as_bytes())?;
    scenario.configure("")?;
    write_lists(&scenario, &TAKEN_OVER.map(str::to_owned))?;
    query(&scenario, &["-generate-config-out=found.tf"])?;
    let plan = scenario.workspace.plan()?;
    let resources = plan["resource_changes"].as_array().context("no resources")?;
    ensure!(resources.len() == 4, "two bridges, a route and a rule: {resources:#?}");
    for resource in resources {
        ensure!(resource["change"]["importing"].is_object(), "{resource:#}");
    }
    let planned = changes(&plan, "resource_changes");
    ensure!(planned.is_empty(), "{planned:#?}");
    scenario.workspace.apply()?;
    ensure!(scenario.transactions()? == 1, "the takeover changed the host");
    scenario.workspace.assert_converged()
}

fn write_lists(scenario: &Scenario<acceptance_tests::Temporary>, types: &[String]) -> Result<()> {
    for name in types {
        let text = example(&format!("list-resources/{name}/list-resource.tfquery.hcl"))?;
        let text = text.replace("server1", scenario.host.name());
        scenario.workspace.write(&format!("{name}.tfquery.hcl"), &text)?;
    }
    Ok(())
}

fn query(
    scenario: &Scenario<acceptance_tests::Temporary>,
    arguments: &[&str],
) -> Result<Vec<Value>> {
    let words = ["query", "-json", "-no-color"].iter().chain(arguments);
    let run = scenario.workspace.run(words)?.succeeded()?;
    let lines = run.stdout.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>()?;
    let found = lines.into_iter().filter(|line| line["type"] == "list_resource_found");
    Ok(found.map(|mut line| line["list_resource_found"].take()).collect())
}
