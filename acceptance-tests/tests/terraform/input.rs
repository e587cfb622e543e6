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
        "name that is too long",
        "resource \"nmstate_linux_bridge\" \"this\" {\n  name = \"bridge-of-the-guests\"\n}",
        &["name = \"bridge-of-the-guests\"", "name: `bridge-of-the-guests` cannot be", "15 bytes"],
    ),
    (
        "peer that cannot be",
        "resource \"nmstate_veth\" \"this\" {\n  name = \"veth0\"\n  peer = \"veth/1\"\n}",
        &["peer = \"veth/1\"", "peer: `veth/1` cannot be the name of an interface"],
    ),
    (
        "host name",
        "resource \"nmstate_hostname\" \"this\" {\n  config = \"web 1\"\n}",
        &["config = \"web 1\"", "config: `web 1` is not a host name"],
    ),
    (
        "next hop of the other family",
        "resource \"nmstate_route\" \"this\" {\n  destination = \"192.0.2.0/24\"\n  next_hop_interface = \"eth1\"\n  next_hop_address = \"2001:db8::1\"\n}",
        &[
            "next_hop_address = \"2001:db8::1\"",
            "next_hop_address: `2001:db8::1` is of IPv6, and `destination` is of IPv4",
        ],
    ),
    (
        "no way to leave by",
        "resource \"nmstate_route\" \"this\" {\n  destination = \"192.0.2.0/24\"\n}",
        &["a route needs the key `next_hop_interface`", "`route_type`"],
    ),
    (
        "everything without a prefix length",
        "resource \"nmstate_route\" \"this\" {\n  destination = \"0.0.0.0\"\n  next_hop_interface = \"eth1\"\n}",
        &["destination = \"0.0.0.0\"", "the default route is `0.0.0.0/0`"],
    ),
    (
        "address with a prefix length",
        "resource \"nmstate_linux_bridge\" \"this\" {\n  name = \"br0\"\n  ipv4 = {\n    enabled = true\n    address = [{ ip = \"192.0.2.1/24\", prefix_length = 24 }]\n  }\n}",
        &[
            "line 5",
            "address = [{ ip = \"192.0.2.1/24\", prefix_length = 24 }]",
            "ipv4.address[0].ip: `192.0.2.1/24` is an address and a prefix length",
            "`prefix_length = 24`",
        ],
    ),
    (
        "two ways to check links",
        "resource \"nmstate_bond\" \"this\" {\n  name = \"bond0\"\n  mode = \"active-backup\"\n  options = {\n    arp_interval = 100\n    miimon = 100\n  }\n}",
        &["line 6", "miimon = 100", "options.miimon: links are checked either by `miimon` or by"],
    ),
    (
        "primary without a choice",
        "resource \"nmstate_bond\" \"this\" {\n  name = \"bond0\"\n  mode = \"balance-rr\"\n  options = { primary = \"eth1\" }\n}",
        &["options.primary: a bond of `mode` `balance-rr` has no `primary`"],
    ),
    (
        "below a list",
        "resource \"nmstate_linux_bridge\" \"this\" {\n  name = \"br0\"\n  port = [\n    { name = \"eth1\" },\n    { name = \"eth2\", vlan = { mode = \"trunk\", tag = 7, trunk_tags = [{ id = 10 }] } },\n  ]\n}",
        &["line 5", "port[1].vlan.tag: a trunk port has a tag", "`enable_native = true`"],
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

/// Core drops what it does not know inside of an object: of what is left with nothing, a warning.
#[test]
fn misspelt_in_an_object() -> Result<()> {
    let workspace = Workspace::new(Terraform::of(Version::V1_11)?)?;
    let block = |ipv4: &str| {
        format!(
            "resource \"nmstate_linux_bridge\" \"this\" {{\n  name = \"br0\"\n  ipv4 = {ipv4}\n}}\n"
        )
    };
    workspace.configure(&block("{ adress = [{ ip = \"192.0.2.1\", prefix_length = 24 }] }"))?;
    let said = workspace.run(["validate", "-no-color"])?.succeeded()?.stdout;
    let plain = said.replace('\u{2502}', " ");
    let said = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in ["Warning: ipv4: there is nothing in it", "ipv4 = { adress", "look for a misspelt"]
    {
        ensure!(said.contains(words), "`{words}` is missing in: {said}");
    }
    workspace.configure(&block("{ enabled = false }"))?;
    let said = workspace.run(["validate", "-no-color"])?.succeeded()?.stdout;
    ensure!(!said.contains("Warning"), "{said}");
    Ok(())
}

/// A family that is off on the host, or on an interface that is not there yet, is named by the plan.
#[test]
fn addresses_without_enabled() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_11, "enabled")?;
    let block = |name: &str, kind: &str| {
        format!(
            "resource \"nmstate_{kind}\" \"this\" {{\n  name = \"{name}\"\n  ipv4 = {{\n    address = \
             [{{ ip = \"192.0.2.1\", prefix_length = 24 }}]\n  }}\n}}\n"
        )
    };
    scenario.configure(&block("br0", "linux_bridge"))?;
    let before = scenario.transactions()?;
    let error = scenario.workspace.run(["plan"])?.failed()?;
    for words in [
        "ipv4.address: `address` has no effect while IPv4 is switched off on the interface",
        "address = [{ ip = \"192.0.2.1\", prefix_length = 24 }]",
        "set `enabled = true` beside `address`",
    ] {
        ensure!(error.contains(words), "`{words}` is missing in: {error}");
    }
    ensure!(scenario.transactions()? == before, "the host was changed");
    scenario.host.shell(
        "echo '{interfaces: [{name: eth1, type: ethernet, ipv4: {enabled: true, dhcp: false, \
         address: [{ip: 198.51.100.7, prefix-length: 24}]}}]}' | nmstatectl apply",
    )?;
    scenario.configure(&block("eth1", "ethernet"))?;
    scenario.workspace.run(["plan"])?.succeeded()?;
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
    // What cannot be there is told from what is not.
    scenario.configure(
        "resource \"nmstate_vlan\" \"this\" {\n  name = \"guests.5\"\n  base_iface = \"uplink-of-the-guests\"\n  id = 5\n}",
    )?;
    let error = scenario.workspace.run(["plan"])?.failed()?;
    for words in ["`uplink-of-the-guests` does not exist", "15 bytes", "base_iface ="] {
        ensure!(error.contains(words), "`{words}` is missing in: {error}");
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
