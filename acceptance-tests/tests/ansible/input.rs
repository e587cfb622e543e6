//! Bad input and bad hosts: one readable line each, and nothing is changed.

use std::fmt::Write as _;

use acceptance_tests::ansible::Project;
use acceptance_tests::{HostOptions, Kind, Lab};
use anyhow::{Context, Result, ensure};

use super::{bare_host, message, task, traces};

/// The options of a task and the words that its message must have.
const WRONG: &[(&str, &str, &[&str])] = &[
    (
        "unquoted MAC",
        "desired_state: {interfaces: [{name: eth1, mac-address: 52:54:00:12:34:56}]}",
        &["interfaces[eth1].mac-address", "quote the address"],
    ),
    ("unknown option", "desired_stat: {}", &["`desired_stat`", "`desired_state`"]),
    (
        "unknown key",
        "desired_state: {interfaces: [{name: eth1, mut: 1400}]}",
        &["interfaces[eth1].mut", "did you mean `mtu`?"],
    ),
    ("wrong type", "desired_state: {interfaces: eth1}", &["interfaces", "is not a list"]),
    ("list", "desired_state: [eth1]", &["a document is a mapping, not a list"]),
    ("empty", "desired_state: {}", &["`desired_state` is empty"]),
    (
        "nothing stays",
        "{state: overridden, desired_state: {interfaces: []}}",
        &["lists nothing", "`state: overridden` would remove all"],
    ),
    (
        "two documents",
        "desired_state: \"interfaces: []\\n---\\nroutes: {}\\n\"",
        &["more than one document", "give one"],
    ),
    (
        "nodes of a cluster",
        "desired_state: {kind: NodeNetworkConfigurationPolicy, spec: {nodeSelector: {a: b}, \
         desiredState: {interfaces: [{name: eth1}]}}}",
        &["spec.nodeSelector", "`when`", "inventory"],
    ),
    ("missing", "state: merged", &["`desired_state` is missing"]),
    ("broken text", "desired_state: \"interfaces: [\"", &["not a valid YAML or JSON document"]),
    (
        "unknown state",
        "{state: present, desired_state: {interfaces: []}}",
        &["`present`", "`merged`, `replaced`"],
    ),
    (
        "seconds",
        "{checkpoint_timeout: soon, desired_state: {interfaces: [{name: eth1}]}}",
        &["`checkpoint_timeout`", "`soon`", "from 5 to 86400"],
    ),
    (
        "probe",
        "{probes: [{dns: a, tcp: 'b:1'}], desired_state: {interfaces: [{name: eth1}]}}",
        &["`probes[0]` asks `dns` and `tcp`"],
    ),
    (
        "name that is too long",
        "desired_state: {interfaces: [{name: bridge-of-the-guests, type: linux-bridge}]}",
        &["interfaces[bridge-of-the-guests].name", "15 bytes"],
    ),
    (
        "host name",
        "desired_state: {hostname: {config: web 1}}",
        &["hostname.config: `web 1` is not a host name"],
    ),
    (
        "families",
        "desired_state: {route-rules: {config: [{ip-from: 192.0.2.0/24, ip-to: '2001:db8::/32'}]}}",
        &["ip-to: `2001:db8::/32` is of IPv6, and `ip-from` is of IPv4"],
    ),
    (
        "family that is off",
        "desired_state: {interfaces: [{name: br7, type: linux-bridge, ipv4: {address: [{ip: 192.0.2.1, prefix-length: 24}]}}]}",
        &["interfaces[br7].ipv4.address", "set `enabled: true` beside `address`"],
    ),
    (
        "no such NIC",
        "{confirm: host, desired_state: {interfaces: [{name: eth9, type: ethernet, mtu: 1400}]}}",
        &["eth9"],
    ),
];

#[test]
fn bad_input_is_one_line() -> Result<()> {
    let host = bare_host("ansible-input", false)?;
    let project = Project::new(&[&host])?;
    let before = traces(&host)?;
    let tasks = WRONG.iter().fold(String::new(), |mut tasks, (name, options, _)| {
        let options = match options.starts_with('{') {
            true => format!(" {options}"),
            false => format!("\n    {options}"),
        };
        let _ = writeln!(
            tasks,
            "- name: {name}\n  nmstate.host.nmstate:{options}\n  ignore_errors: true"
        );
        tasks
    });
    let play = project.play(&tasks, &[])?;
    for (name, _, words) in WRONG {
        let said = message(&play, name).with_context(|| play.output.clone())?;
        for word in *words {
            ensure!(said.contains(word), "{name}: `{word}` is missing in: {said}");
        }
    }
    ensure!(traces(&host)? == before);
    Ok(())
}

/// A login user without rights, the same with `become`, and somebody else's checkpoint.
#[test]
fn hosts_that_do_not_let_us_say_why() -> Result<()> {
    let host = bare_host("ansible-rights", false)?;
    host.shell("echo 'viewer ALL=(root) NOPASSWD: ALL' >/etc/sudoers.d/viewer")?;
    let project = Project::new(&[&host])?;
    let document = "interfaces: [{name: br0, type: linux-bridge}]";
    let tasks = task("no rights", "", document)
        + "  ignore_errors: true\n"
        + &task("become", "", document)
        + "  become: true\n";
    project.write_play("  vars: {ansible_user: viewer}\n", &tasks)?;
    let play = project.run::<&str>("play.yml", &[])?.succeeded()?;
    let said = message(&play, "no rights")?;
    ensure!(said.contains("set `become: true`"), "{said}");
    ensure!(play.result("become")?["changed"] == true, "{:#}", play.result("become")?);

    host.shell(
        "busctl call org.freedesktop.NetworkManager /org/freedesktop/NetworkManager \
         org.freedesktop.NetworkManager CheckpointCreate aouu 0 60 0",
    )?;
    let blocked = task("blocked", "state: deleted\nlock_timeout: 0", document);
    let play = project.play(&blocked, &[])?;
    let said = message(&play, "blocked")?;
    for words in ["somebody else is changing the network", "Checkpoint/"] {
        ensure!(said.contains(words), "`{words}` is missing in: {said}");
    }
    Ok(())
}

#[test]
fn a_host_without_networkmanager_says_so() -> Result<()> {
    let options = HostOptions { networkmanager: false, ..HostOptions::default() };
    let host = Lab::from_environment()?.temporary(Kind::Namespace, "ansible-no-nm", &options)?;
    let project = Project::new(&[&host])?;
    let play =
        project.play(&task("change", "", "interfaces: [{name: br0, type: linux-bridge}]"), &[])?;
    let said = message(&play, "change")?;
    ensure!(said.contains("NetworkManager does not run"), "{said}");
    Ok(())
}

/// What must not be seen is not: neither in what a task returns nor in what is printed.
#[test]
fn secrets_are_masked() -> Result<()> {
    let host = bare_host("ansible-secrets", false)?;
    let project = Project::new(&[&host])?;
    let document = "interfaces: [{name: eth1, type: ethernet, 802.1x: {identity: me, \
                    eap-methods: [peap], phase2-auth: mschapv2, password: s3cr3t-w0rd}}]";
    let tasks = task("check", "", document)
        + "  check_mode: true\n"
        + &task("rendered", "state: rendered", document);
    let play = project.play(&tasks, &["--diff", "-vv"])?.succeeded()?;
    let returned: String = play.results.iter().map(|one| one.value.to_string()).collect();
    ensure!(returned.contains("802.1x") && returned.contains("module_args"), "{returned}");
    for (what, text) in [("the results", &returned), ("the output", &play.output)] {
        ensure!(!text.contains("s3cr3t-w0rd"), "a secret is in {what}: {text}");
    }
    Ok(())
}
