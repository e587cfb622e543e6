//! Names in a document that neither the host nor the document nor another resource has.

use acceptance_tests::terraform::{Version, changes};
use anyhow::{Context, Result, ensure};

use super::super::{Scenario, each_version};
use super::block;

/// A document, the place of the name and the name.
const MISSING: [(&str, &str, &str); 11] = [
    ("{interfaces: [{name: eth666, state: up}]}", "interfaces[eth666].name", "eth666"),
    ("{interfaces: [{name: eth666, type: ethernet}]}", "interfaces[eth666].name", "eth666"),
    ("{interfaces: [{name: eth666, mtu: 1400, state: down}]}", "interfaces[eth666].name", "eth666"),
    (
        "{interfaces: [{name: br0, type: linux-bridge, bridge: {port: [{name: eth1}, {name: eth9}]}}]}",
        "interfaces[br0].bridge.port[eth9].name",
        "eth9",
    ),
    (
        "{interfaces: [{name: bond0, type: bond, link-aggregation: {mode: active-backup, port: [eth9]}}]}",
        "interfaces[bond0].link-aggregation.port[0]",
        "eth9",
    ),
    (
        "{interfaces: [{name: v5, type: vlan, vlan: {base-iface: eth9, id: 5}}]}",
        "interfaces[v5].vlan.base-iface",
        "eth9",
    ),
    ("{interfaces: [{name: eth1, controller: br9}]}", "interfaces[eth1].controller", "br9"),
    (
        "{routes: {config: [{destination: 198.51.100.0/24, next-hop-interface: eth9}]}}",
        "routes.config[198.51.100.0/24 eth9].next-hop-interface",
        "eth9",
    ),
    (
        "{routes: {config: [{destination: 198.51.100.0/24, next-hop-interface: eth1, vrf-name: vrf9}]}}",
        "routes.config[198.51.100.0/24 eth1 vrf9].vrf-name",
        "vrf9",
    ),
    (
        "{route-rules: {config: [{family: ipv4, iif: eth9, priority: 100, route-table: 254}]}}",
        "route-rules.config[ipv4 254 eth9].iif",
        "eth9",
    ),
    (
        "{dns-resolver: {config: {server: ['fe80::1%eth9']}}}",
        "dns-resolver.config.server[0]",
        "eth9",
    ),
];

/// Documents with names of what is to go, or is made by the document itself.
const FINE: [&str; 5] = [
    "{interfaces: [{name: eth666, state: absent}]}",
    "{interfaces: [{name: eth666, type: ethernet, state: down}]}",
    "{interfaces: [{name: br0, type: linux-bridge, state: absent, bridge: {port: [{name: eth9}]}}]}",
    "{routes: {config: [{state: absent, next-hop-interface: eth9}]}}",
    "{interfaces: [{name: br0.5, type: vlan, vlan: {base-iface: br0, id: 5}}, {name: br0, type: linux-bridge}]}",
];

fn text(document: &str) -> String {
    format!("<<-YAML\n{document}\nYAML\n")
}

each_version!(missing);

/// Each is an error of the plan, with its place and the names that are there.
fn missing(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "planmissing")?;
    for (document, place, name) in MISSING {
        scenario.configure(&block(&text(document)))?;
        let error = scenario.workspace.run(["plan"])?.failed()?;
        let said = format!("`{place}`: interface `{name}` does not exist");
        for word in [said.as_str(), "`eth1`", "`eth2`"] {
            ensure!(error.contains(word), "{document}: `{word}` is missing in: {error}");
        }
    }
    let by_address = "{interfaces: [{name: up, type: ethernet, identifier: mac-address, \
                      mac-address: '02:00:00:00:99:01'}]}";
    scenario.configure(&block(&text(by_address)))?;
    let error = scenario.workspace.run(["plan"])?.failed()?;
    let said = "`interfaces[up].mac-address`: no interface has the address `02:00:00:00:99:01`";
    ensure!(error.contains(said), "{error}");
    for document in FINE {
        scenario.configure(&block(&text(document)))?;
        scenario.workspace.run(["plan"])?.succeeded().with_context(|| document.to_owned())?;
    }
    ensure!(scenario.transactions()? == 0, "a plan has changed the host");
    Ok(())
}

/// The first policy of Kubernetes NMState's tutorial, with a capture beside it.
#[test]
fn missing_in_a_policy() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_11, "planpolicyname")?;
    for of_type in ["", ", type: ethernet"] {
        scenario.configure(&format!(
            "data \"nmstate_policy\" \"this\" {{\n  policy = <<-YAML\n    capture: {{card: \
             'interfaces.name==\"eth1\"'}}\n    desiredState: {{interfaces: [{{name: \
             eth666{of_type}, state: up}}]}}\n  YAML\n}}\n\nresource \"nmstate_state\" \"this\" \
             {{\n  desired = data.nmstate_policy.this.desired\n}}\n"
        ))?;
        let error = scenario.workspace.run(["plan"])?.failed()?;
        ensure!(error.contains("`interfaces[eth666].name`"), "{error}");
        ensure!(error.contains("`eth666` does not exist") && error.contains("`eth1`"), "{error}");
    }
    Ok(())
}

/// A typed resource says the same at its attribute, and names the place by its attributes.
#[test]
fn missing_in_a_typed_resource() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_11, "plantyped")?;
    for (block, place) in [
        (
            "resource \"nmstate_route_rule\" \"this\" {\n  family      = \"ipv4\"\n  iif         = \
             \"eth9\"\n  priority    = 100\n  route_table = 254\n}\n",
            "`iif`",
        ),
        (
            "resource \"nmstate_linux_bridge\" \"this\" {\n  name = \"br0\"\n  port = [{ name = \
             \"eth9\" }]\n}\n",
            "`port[0].name`",
        ),
        (
            "resource \"nmstate_dns_resolver\" \"this\" {\n  server = [\"fe80::1%eth9\"]\n}\n",
            "`server[0]`",
        ),
    ] {
        scenario.configure(block)?;
        let error = scenario.workspace.run(["plan"])?.failed()?;
        let said = "interface `eth9` does not exist";
        ensure!(error.contains(place) && error.contains(said), "{place}: {error}");
    }
    Ok(())
}

each_version!(made_by_another);

/// An interface that another resource of the run makes is there by the time that it is needed.
fn made_by_another(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "planmade")?;
    let bridge = "resource \"nmstate_linux_bridge\" \"br0\" {\n  name = \"br0\"\n}\n";
    let document = "{interfaces: [{name: br0, mtu: 1400, ipv4: {enabled: true, \
                    address: [{ip: 192.0.2.1, prefix-length: 24}]}}, {name: eth1, controller: \
                    br0}], routes: {config: [{destination: 198.51.100.0/24, \
                    next-hop-interface: br0}]}, route-rules: {config: [{family: ipv4, iif: br0, \
                    priority: 100, route-table: 254}]}}";
    let own = format!(
        "resource \"nmstate_state\" \"this\" {{\n  desired = {}\n  depends_on = \
         [nmstate_linux_bridge.br0]\n}}\n",
        text(document)
    );
    scenario.configure(&format!("{bridge}{own}"))?;
    scenario.workspace.apply()?;
    let again = changes(&scenario.workspace.plan()?, "resource_changes");
    ensure!(again.is_empty(), "the plan is not empty: {again:#?}");
    scenario.workspace.destroy()?;
    Ok(())
}
