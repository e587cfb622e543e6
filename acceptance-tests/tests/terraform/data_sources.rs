//! Data sources: every one against a real host, and at what cost.
//!
//! The configurations are the examples that users copy.

use acceptance_tests::terraform::{Version, provider_block};
use acceptance_tests::{HostOptions, Temporary};
use anyhow::{Result, ensure};
use serde_json::json;

use super::{Scenario, each_version, example, outputs};

const DATA_SOURCES: [&str; 6] = [
    "nmstate_state",
    "nmstate_interface",
    "nmstate_interfaces",
    "nmstate_routes",
    "nmstate_diff",
    "nmstate_policy",
];

/// Gives the host something to be seen.
const SETUP: &str = r#"
nmstatectl apply -q <<'YAML'
interfaces:
  - name: eth1
    type: ethernet
    state: up
    mtu: 1400
    ipv4: { enabled: true, dhcp: false, address: [{ ip: 192.0.2.7, prefix-length: 24 }] }
  - { name: br1, type: linux-bridge, state: up, bridge: { port: [{ name: eth3 }], options: { stp: { enabled: false } } } }
routes:
  config:
    - { destination: 0.0.0.0/0, next-hop-interface: eth1, next-hop-address: 192.0.2.1, table-id: 254 }
YAML
"#;

/// Every interface with all of its attributes, as it is and as it is configured.
const ALL: &str = r#"
data "nmstate_interfaces" "all" {}

data "nmstate_interface" "each" {
  for_each = toset(data.nmstate_interfaces.all.names)
  name     = each.key
}

data "nmstate_interface" "configured" {
  for_each       = toset(data.nmstate_interfaces.all.names)
  name           = each.key
  type           = data.nmstate_interface.each[each.key].type
  running_config = true
}

data "nmstate_interfaces" "ports" {
  controller = "br1"
  state      = "up"
}

output "all" {
  value = {
    types    = { for name, one in data.nmstate_interface.each : name => one.type }
    stp      = data.nmstate_interface.configured["br1"].bridge.options.stp.enabled
    port     = data.nmstate_interface.configured["br1"].bridge.port[0].name
    ports    = data.nmstate_interfaces.ports.names
    max_mtu  = data.nmstate_interface.each["eth1"].max_mtu
    no_limit = data.nmstate_interface.configured["eth1"].max_mtu == null
  }
}
"#;

each_version!(examples);

/// Every data source once; one login and one `show` for all of them, and one command more for the
/// policy.
fn examples(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "data")?;
    scenario.host.shell(SETUP)?;
    let mac_address = scenario.host.shell("cat /sys/class/net/eth2/address")?;
    for name in DATA_SOURCES {
        let text = example(&format!("data-sources/{name}/data-source.tf"))?;
        // The address of the lab's NIC depends on the number of its host.
        let text = text
            .replace("02:4c:41:00:01:02", mac_address.trim())
            .replace("02:4C:41:00:01:02", &mac_address.trim().to_uppercase());
        scenario.workspace.write(&format!("{name}.tf"), &text)?;
    }
    let logins = scenario.host.logins()?;
    let calls = scenario.host.nmstatectl_calls()?.len();
    scenario.configure(ALL)?;
    let plan = scenario.workspace.run(["plan", "-out=plan.bin"])?.succeeded()?;
    ensure!(!plan.stdout.contains("Warning"), "{}", plan.stdout);
    ensure!(scenario.host.logins()? - logins == 1, "more than one login");
    let new = scenario.host.nmstatectl_calls()?.split_off(calls);
    let count = |verb: &str| new.iter().filter(|call| call.starts_with(verb)).count();
    ensure!((count("show"), count("policy")) == (1, 1), "{new:#?}");

    scenario.workspace.apply()?;
    let outputs = outputs(&scenario.workspace)?;
    let all = &outputs["all"];
    ensure!(all["types"]["br1"] == "linux-bridge" && all["types"]["lo"] == "loopback", "{all:#}");
    ensure!(all["stp"] == false && all["port"] == "eth3", "{all:#}");
    ensure!(all["ports"] == json!(["eth3"]), "{all:#}");
    ensure!(all["max_mtu"] == 65535 && all["no_limit"] == true, "{all:#}");
    ensure!(outputs["uplink_addresses"] == json!(["192.0.2.7"]), "{outputs:#}");
    let document = outputs["document"].as_str().unwrap_or_default();
    ensure!(document.contains("192.0.2.7") && !document.contains("min-mtu"), "{document}");
    ensure!(outputs["uplink"]["mtu"] == 1400, "{outputs:#}");
    ensure!(outputs["nics"] == json!(["eth1", "eth2", "eth3"]), "{outputs:#}");
    ensure!(outputs["storage_nic"] == "eth2", "{outputs:#}");
    ensure!(outputs["gateways"] == json!(["192.0.2.1"]), "{outputs:#}");
    ensure!(outputs["static_routes"] == json!(["0.0.0.0/0"]), "{outputs:#}");
    ensure!(outputs["captured_nic"] == "eth2", "{outputs:#}");
    let port = outputs["desired"].pointer("/interfaces/0/bridge/port/0/name");
    ensure!(port == Some(&json!("eth2")), "{outputs:#}");

    // A host that is not as desired is a warning of the check, by path.
    scenario.host.shell("ip link set eth1 mtu 1300")?;
    let plan = scenario.workspace.run(["plan"])?.succeeded()?;
    let words = plan.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    ensure!(words.contains("not as desired: interfaces[eth1].mtu"), "{}", plan.stdout);
    Ok(())
}

/// What cannot be read is an error on its attribute, and says what there is instead.
#[test]
fn errors() -> Result<()> {
    let mut scenario = Scenario::namespace(Version::V1_11, "dataerr")?;
    scenario.settings = "  destinations = true".into();
    let cases: [(&str, &[&str]); 5] = [
        (
            "data \"nmstate_interface\" \"x\" {\n  name = \"eth9\"\n}",
            &["name = \"eth9\"", "`eth9` does not exist", "`eth1`"],
        ),
        (
            "data \"nmstate_diff\" \"x\" {\n  desired = \"interfaces: [{name: eth1, mut: 1}]\"\n}",
            &["desired = ", "`mut`", "`mtu`"],
        ),
        (
            "data \"nmstate_policy\" \"x\" {\n  policy = \"capture: {a: 1}\"\n}",
            &["policy = ", "capture.a", "not a string", "no desired state"],
        ),
        (
            "data \"nmstate_policy\" \"x\" {\n  policy = { capture = { a = \"interfaces.name==\" }, \
             desiredState = {} }\n}",
            &["policy = ", "nmstate refuses", "`interfaces.name==`"],
        ),
        (
            "data \"nmstate_state\" \"x\" {\n  host = \"127.0.0.1:9\"\n}",
            &["host = ", "127.0.0.1:9"],
        ),
    ];
    for (block, words) in cases {
        scenario.configure(block)?;
        let error = scenario.workspace.run(["plan"])?.failed()?;
        for word in words {
            ensure!(error.contains(word), "`{word}` is missing in: {error}");
        }
    }
    Ok(())
}

/// Nothing of a policy is a word of a command, and sudo gets its password but no policy.
#[test]
fn policy_through_sudo() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_11, "datasudo")?;
    scenario.host.shell(
        "echo 'viewer:pa55word' | chpasswd\necho 'viewer ALL=(root) ALL' >/etc/sudoers.d/data\n\
         chmod 0440 /etc/sudoers.d/data",
    )?;
    let policy = r#"
data "nmstate_policy" "x" {
  policy = {
    capture = {
      nic                                       = "interfaces.name == \"eth1\""
      "'; touch /run/lab/owned; $(touch /run/lab/owned) '" = "interfaces.name == \"eth2\""
    }
    desiredState = { interfaces = "{{ capture.nic.interfaces }}" }
  }
}

output "name" {
  value = data.nmstate_policy.x.desired.interfaces[0].name
}
"#;
    for (user, settings) in [("operator", ""), ("viewer", "  sudo_password = \"pa55word\"\n")] {
        let block = provider_block(&[&*scenario.host], settings)
            .replace("\"root\"", &format!("\"{user}\""));
        scenario.workspace.configure(&format!("{block}{policy}"))?;
        scenario.workspace.apply()?;
        ensure!(outputs(&scenario.workspace)?["name"] == "eth1", "{user}");
    }
    let calls = scenario.host.nmstatectl_calls()?.join("\n");
    ensure!(!calls.contains("touch") && !calls.contains("pa55word"), "{calls}");
    ensure!(scenario.host.exec(&["test", "-e", "/run/lab/owned"])?.status != 0);
    Ok(())
}

/// An older nmstatectl is named with the version that is needed.
#[test]
fn old_nmstatectl() -> Result<()> {
    let scenario: Scenario<Temporary> =
        Scenario::with_options(Version::V1_11, "dataold", &HostOptions::default())?;
    scenario.host.shell(
        "printf '#!/bin/sh\\n[ \"$1\" = version ] && echo nmstatectl 2.2.3 && exit\\necho \"error: \
         unrecognized subcommand\" >&2\\nexit 2\\n' >/usr/local/bin/nmstatectl",
    )?;
    scenario.configure("data \"nmstate_policy\" \"x\" {\n  policy = { desiredState = {} }\n}")?;
    let error = scenario.workspace.run(["plan"])?.failed()?;
    for word in ["`2.2.3`", "`2.2.9`", "update nmstate"] {
        ensure!(error.contains(word), "`{word}` is missing in: {error}");
    }
    Ok(())
}

each_version!(unknown_arguments);

/// What only an apply makes known puts the read off to the apply.
fn unknown_arguments(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "dataunk")?;
    let logins = scenario.host.logins()?;
    scenario.configure(
        "resource \"terraform_data\" \"name\" {\n  input = \"eth1\"\n}\n\
         data \"nmstate_interface\" \"x\" {\n  name = terraform_data.name.output\n}\n\
         output \"state\" {\n  value = data.nmstate_interface.x.state\n}\n",
    )?;
    scenario.workspace.run(["plan"])?.succeeded()?;
    ensure!(scenario.host.logins()? == logins, "the plan contacted the host");
    scenario.workspace.apply()?;
    let outputs = outputs(&scenario.workspace)?;
    ensure!(outputs["state"].is_string(), "{outputs:#}");
    Ok(())
}
