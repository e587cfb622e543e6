//! Bad input and bad hosts: one diagnostic on the attribute, soon, and nothing is lost.

use acceptance_tests::HostOptions;
use acceptance_tests::terraform::{Terraform, Version, Workspace};
use anyhow::{Context, Result, ensure};

use super::Scenario;

/// A resource block and the words that its error must have.
const WRONG: &[(&str, &str, &[&str])] = &[
    (
        "bad CIDR",
        "resource \"nmstate_route\" \"this\" {\n  destination = \"192.0.2.0/33\"\n  next_hop_interface = \"eth1\"\n}",
        &["destination", "`192.0.2.0/33`", "with nmstate_route.this"],
    ),
    (
        "VLAN id",
        "resource \"nmstate_vlan\" \"this\" {\n  name = \"eth1.5000\"\n  base_iface = \"eth1\"\n  id = 5000\n}",
        &["id = 5000", "`5000`", "4094"],
    ),
    (
        "negative MTU",
        "resource \"nmstate_bond\" \"this\" {\n  name = \"bond0\"\n  mode = \"active-backup\"\n  mtu = -1\n}",
        &["mtu = -1", "`-1`"],
    ),
    (
        "bond mode",
        "resource \"nmstate_bond\" \"this\" {\n  name = \"bond0\"\n  mode = \"round-robin\"\n}",
        &["`round-robin`", "balance-rr", "active-backup", "802.3ad", "balance-alb"],
    ),
    (
        "port used twice",
        "resource \"nmstate_linux_bridge\" \"this\" {\n  name = \"br0\"\n  port = [{ name = \"eth1\" }, { name = \"eth1\" }]\n}",
        &["`eth1`", "port"],
    ),
    (
        "port of two controllers",
        "resource \"nmstate_state\" \"this\" {\n  desired = {\n    interfaces = [\n      { name = \"br0\", type = \"linux-bridge\", bridge = { port = [{ name = \"eth1\" }] } },\n      { name = \"br1\", type = \"linux-bridge\", bridge = { port = [{ name = \"eth1\" }] } },\n    ]\n  }\n}",
        &["`eth1`", "br0", "br1"],
    ),
    (
        "unknown key",
        "resource \"nmstate_state\" \"this\" {\n  desired = { interfaces = [{ name = \"br0\", type = \"linux-bridge\", mut = 1500 }] }\n}",
        &["`mut`", "`mtu`"],
    ),
    (
        "duplicate key",
        "resource \"nmstate_state\" \"this\" {\n  desired = \"interfaces: []\\ninterfaces: []\\n\"\n}",
        &["desired", "interfaces"],
    ),
    (
        "absent",
        "resource \"nmstate_interface\" \"this\" {\n  name = \"br0\"\n  type = \"linux-bridge\"\n  state = \"absent\"\n}",
        &["absent", "nmstate_state"],
    ),
];

/// Nothing of this needs a host: `validate` knows.
#[test]
fn configuration() -> Result<()> {
    let workspace = Workspace::new(Terraform::of(Version::V1_11)?)?;
    for (name, block, words) in WRONG {
        workspace.configure(block)?;
        let error = workspace
            .run(["validate", "-no-color"])?
            .failed()
            .with_context(|| (*name).to_owned())?;
        for word in *words {
            ensure!(error.contains(word), "{name}: `{word}` is missing in: {error}");
        }
    }
    Ok(())
}

/// All findings at once, not the first.
#[test]
fn all_findings_at_once() -> Result<()> {
    let workspace = Workspace::new(Terraform::of(Version::V1_11)?)?;
    workspace.configure(
        "resource \"nmstate_bond\" \"this\" {\n  name = \"bond0\"\n  mode = \"none\"\n  mtu = -1\n  mac_address = \"nonsense\"\n}",
    )?;
    let error = workspace.run(["validate", "-no-color"])?.failed()?;
    for word in ["`none`", "`-1`", "`nonsense`"] {
        ensure!(error.contains(word), "`{word}` is missing in: {error}");
    }
    Ok(())
}

/// A NIC that does not exist fails at plan, and the message names those that do.
#[test]
fn missing_nic() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_11, "nic")?;
    for block in [
        "resource \"nmstate_interface\" \"this\" {\n  name = \"eth9\"\n  type = \"ethernet\"\n}",
        "resource \"nmstate_linux_bridge\" \"this\" {\n  name = \"br0\"\n  port = [{ name = \"eth9\" }]\n}",
        "resource \"nmstate_route\" \"this\" {\n  destination = \"192.0.2.0/24\"\n  next_hop_interface = \"eth9\"\n}",
        "resource \"nmstate_vlan\" \"this\" {\n  name = \"eth9.5\"\n  base_iface = \"eth9\"\n  id = 5\n}",
    ] {
        scenario.configure(block)?;
        let error = scenario.workspace.run(["plan"])?.failed()?;
        ensure!(error.contains("`eth9` does not exist") && error.contains("`eth1`"), "{error}");
    }
    Ok(())
}

/// Each way in which a host cannot be worked with, by its own message; the state is never lost.
#[test]
fn hosts() -> Result<()> {
    let mut scenario = Scenario::namespace(Version::V1_11, "hosts")?;
    let configuration = "resource \"nmstate_linux_bridge\" \"br0\" {\n  name = \"br0\"\n}\n";
    scenario.configure(configuration)?;
    scenario.workspace.apply()?;
    let state = scenario.workspace.state()?;

    let other = tempfile::tempdir()?;
    let wrong_key = other.path().join("key");
    let made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&wrong_key)
        .status()?;
    ensure!(made.success(), "ssh-keygen failed");
    let public = std::fs::read_to_string(other.path().join("key.pub"))?;
    let algorithm_and_key: Vec<&str> = public.split_whitespace().take(2).collect();
    let known = other.path().join("known_hosts");
    std::fs::write(
        &known,
        format!(
            "[{}]:{} {}\n",
            scenario.host.address(),
            scenario.host.port(),
            algorithm_and_key.join(" ")
        ),
    )?;

    let base = format!("{}:{}", scenario.host.address(), scenario.host.port());
    let identity = scenario.host.identity_file().display().to_string();
    let known_hosts = scenario.host.known_hosts_file().display().to_string();
    let block = |address: &str, user: &str, identity: &str, known_hosts: &str| {
        format!(
            "provider \"nmstate\" {{\n  host = \"{0}\"\n  hosts = {{ {0} = {{ address = \"{address}\" }} }}\n  ssh = {{\n    \
             user = \"{user}\"\n    identity_file = \"{identity}\"\n    known_hosts_file = \"{known_hosts}\"\n    \
             agent = false\n    config_file = \"none\"\n    connect_timeout = 5\n  }}\n}}\n",
            scenario.host.name()
        )
    };
    let cases: [(&str, String, &[&str]); 5] = [
        (
            "wrong host key",
            block(&base, "root", &identity, &known.display().to_string()),
            &["host key", "SHA256:", "ssh-keygen -R"],
        ),
        (
            "unknown host key",
            block(&base, "root", &identity, "/dev/null"),
            &["host key", "SHA256:", "known_hosts"],
        ),
        (
            "wrong key",
            block(&base, "root", &wrong_key.display().to_string(), &known_hosts),
            &["root"],
        ),
        // Nobody listens on the discard port.
        ("unreachable", block("127.0.0.1:9", "root", &identity, &known_hosts), &["127.0.0.1:9"]),
        (
            "sudo refused",
            block(&base, "viewer", &identity, &known_hosts),
            &["sudo refused", "/etc/sudoers.d", "systemd-stdio-bridge"],
        ),
    ];
    for (name, block, words) in cases {
        scenario.workspace.configure(&format!("{block}{configuration}"))?;
        let error = scenario.workspace.run(["plan"])?.failed().with_context(|| name.to_owned())?;
        for word in words {
            ensure!(error.contains(word), "{name}: `{word}` is missing in: {error}");
        }
        ensure!(
            error.contains("nmstate_linux_bridge.br0"),
            "{name}: no resource is named in: {error}"
        );
    }
    // An unprivileged user with just the two commands in sudoers can do everything.
    scenario.workspace.configure(&format!(
        "{}{configuration}",
        block(&base, "operator", &identity, &known_hosts)
    ))?;
    scenario.workspace.assert_converged()?;
    let kept = scenario.workspace.state()?;
    ensure!(kept["values"] == state["values"], "the state changed: {kept:#}");
    scenario.settings = String::new();
    scenario.configure(configuration)?;
    scenario.workspace.destroy()?;
    Ok(())
}

/// A host without nmstatectl, and one on which NetworkManager does not run.
#[test]
fn incomplete_hosts() -> Result<()> {
    for (options, word) in [
        (HostOptions { nmstatectl: false, ..HostOptions::default() }, "nmstatectl"),
        (HostOptions { networkmanager: false, ..HostOptions::default() }, "NetworkManager"),
    ] {
        let scenario = Scenario::with_options(Version::V1_11, &word.to_lowercase(), &options)?;
        scenario.configure("resource \"nmstate_linux_bridge\" \"br0\" {\n  name = \"br0\"\n}\n")?;
        let error = scenario.workspace.run(["plan"])?.failed()?;
        ensure!(error.contains(word) && error.contains("install"), "{error}");
    }
    Ok(())
}
