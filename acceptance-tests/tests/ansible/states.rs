//! Every state of the module, on a host that has neither nmstatectl nor Python.

use acceptance_tests::ansible::{Project, Version};
use acceptance_tests::{HostOptions, Kind, Lab};
use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{bare_host, change, is_changed, task, traces};

const BRIDGE: &str = "\
interfaces:
  - name: br0
    type: linux-bridge
    mtu: \"1400\"
    bridge: {port: [{name: eth1}]}
    ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}
routes:
  config:
    - {destination: 198.51.100.0/24, next-hop-interface: br0, next-hop-address: 192.0.2.254}
    - {destination: 203.0.113.0/24, next-hop-interface: br0, next-hop-address: 192.0.2.254}
dns-resolver: {config: {server: [192.0.2.53]}}";
const REPLACED: &str = "\
interfaces:
  - name: br0
    type: linux-bridge
    bridge: {port: [{name: eth2}]}
    ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}
routes:
  config: [{destination: 198.51.100.0/24, next-hop-interface: br0, next-hop-address: 192.0.2.254}]";
const OVERRIDDEN: &str = "\
interfaces:
  - name: br1
    type: linux-bridge
    ipv4: {enabled: true, address: [{ip: 203.0.113.1, prefix-length: 24}]}";
const DELETED: &str = "interfaces: [{name: br1}]";

#[test]
fn every_state_on_ansible_2_14() -> Result<()> {
    every_state_is_checked_made_and_idempotent(Version::V2_14, "ansible-states-old")
}

#[test]
fn every_state_on_ansible_2_19() -> Result<()> {
    every_state_is_checked_made_and_idempotent(Version::V2_19, "ansible-states")
}

fn every_state_is_checked_made_and_idempotent(version: Version, name: &str) -> Result<()> {
    let host = bare_host(name, false)?;
    let project = Project::on(version, &[&host])?;
    let before = traces(&host)?;
    for (state, document) in [
        ("merged", BRIDGE),
        ("replaced", REPLACED),
        ("overridden", OVERRIDDEN),
        ("deleted", DELETED),
    ] {
        let options = format!("state: {state}\nconfirm: host");
        let tasks = task("check", &format!("{options}\n"), document)
            + "  check_mode: true\n"
            + &task("run", &options, document)
            + &task("again", &options, document);
        let play = project.play(&tasks, &["--diff"])?.succeeded()?;
        let (check, run) = (play.result("check")?, play.result("run")?);
        ensure!(is_changed(&play, "run")?, "{state}: nothing was changed: {run:#}");
        ensure!(change(check) == change(run), "{state}: the check says {check:#}, the run {run:#}");
        ensure!(run["transaction"]["state"] == "confirmed", "{state}: {run:#}");
        ensure!(!is_changed(&play, "again")?, "{state}: {:#}", play.result("again")?);
        let shown = traces(&host)?;
        let expected: &[(&str, bool)] = match state {
            "merged" => &[("br0 1400", true), ("192.0.2.1/24", true), ("203.0.113.0/24", true)],
            "replaced" => &[("br0", true), ("198.51.100.0/24", true), ("203.0.113.0/24", false)],
            "overridden" => &[("br1", true), ("203.0.113.1/24", true), ("br0", false)],
            _ => &[("br1", false)],
        };
        for (words, is_there) in expected {
            ensure!(shown.contains(words) == *is_there, "{state}: `{words}` in {shown}");
        }
        match state {
            "replaced" => {
                let ports = host.shell("ls /sys/class/net/br0/brif")?;
                ensure!(ports.trim() == "eth2", "{ports}");
            }
            "overridden" => {
                let servers = host.shell("cat /etc/resolv.conf")?;
                ensure!(!servers.contains("192.0.2.53"), "{servers}");
            }
            _ => {}
        }
    }
    let after = traces(&host)?;
    ensure!(after == before, "something is left over\nbefore: {before}\nafter: {after}");
    Ok(())
}

/// What is gathered can be desired, what is rendered needs no host, and what is parsed is the same
/// as what is gathered.
#[test]
fn what_only_reads_agrees_with_nmstatectl() -> Result<()> {
    let options = HostOptions::default();
    let host = Lab::from_environment()?.temporary(Kind::Namespace, "ansible-reads", &options)?;
    host.shell(
        "printf '%s' '{\"interfaces\": [{\"name\": \"eth1\", \"type\": \"ethernet\", \"mtu\": 1400, \
         \"ipv4\": {\"enabled\": true, \"address\": [{\"ip\": \"192.0.2.7\", \"prefix-length\": 24}]}}]}' \
         | nmstatectl apply -q",
    )?;
    let calls = host.nmstatectl_calls()?;
    let project = Project::new(&[&host])?;
    let shown = host.shell("nmstatectl show --json")?;
    project.write("shown.json", &shown)?;
    let tasks = "
- name: all
  nmstate.host.nmstate_info:
- name: eth1
  nmstate.host.nmstate_info: {gather: interfaces, name: eth1, running_config: true}
- name: gathered
  nmstate.host.nmstate: {state: gathered}
  register: gathered
- name: as it is
  nmstate.host.nmstate:
    desired_state: \"{{ gathered.gathered }}\"
- name: parsed
  nmstate.host.nmstate:
    state: parsed
    running_config: \"{{ lookup('ansible.builtin.file', 'shown.json') }}\"
- name: policy
  check_mode: true
  nmstate.host.nmstate:
    desired_state: !unsafe |
      kind: NodeNetworkConfigurationPolicy
      spec:
        capture: {nic: 'interfaces.name==\"eth1\"'}
        desiredState:
          interfaces: [{name: '{{ capture.nic.interfaces.0.name }}', mtu: 1300}]
- name: rendered
  nmstate.host.nmstate:
    state: rendered
    desired_state: {interfaces: [{name: eth7, type: ethernet, mtu: 1300}]}
";
    let play = project.play(tasks, &[])?.succeeded()?;
    let mut all = play.result("all")?["state"].clone();
    let mut expected: Value = serde_json::from_str(&shown)?;
    for state in [&mut all, &mut expected] {
        still(state);
    }
    ensure!(all == expected, "nmstatectl shows {expected:#}, the module {all:#}");
    let eth1 = &play.result("eth1")?["interfaces"][0];
    ensure!(eth1["mtu"] == 1400 && eth1.get("max-mtu").is_none(), "{eth1:#}");
    ensure!(!is_changed(&play, "as it is")?, "{:#}", play.result("as it is")?);
    let mut read = [&play.result("parsed")?["parsed"], &play.result("gathered")?["gathered"]]
        .map(Value::clone);
    read.iter_mut().for_each(still);
    ensure!(read[0] == read[1], "parsed {:#}, gathered {:#}", read[0], read[1]);
    let commands = &play.result("policy")?["commands"];
    ensure!(commands[0] == "change `interfaces[eth1].mtu` from `1400` to `1300`", "{commands}");
    let files = &play.result("rendered")?["rendered"]["NetworkManager"];
    let profile = files["eth7.nmconnection"].as_str().context("no profile")?;
    ensure!(profile.contains("mtu=1300"), "{profile}");
    // The module is nmstate itself and asks no other.
    ensure!(host.nmstatectl_calls()?.len() == calls.len() + 1);
    Ok(())
}

/// Takes out what changes from one look to the next, and what one of the two leaves out when it is
/// empty.
fn still(state: &mut Value) {
    for interface in state["interfaces"].as_array_mut().into_iter().flatten() {
        if let Some(options) = interface.pointer_mut("/bridge/options") {
            for name in ["gc-timer", "hello-timer"] {
                options.as_object_mut().map(|options| options.remove(name));
            }
        }
    }
    if let Some(state) = state.as_object_mut() {
        state.retain(|_, value| !matches!(value, Value::Object(map) if map.is_empty()));
        if let Some(Value::Array(interfaces)) = state.get_mut("interfaces") {
            interfaces.sort_by_key(|interface| interface["name"].to_string());
        }
    }
}
