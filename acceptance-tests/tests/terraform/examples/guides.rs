//! What the guides promise, done as they say on a namespace host.

use std::fs;
use std::net::Ipv4Addr;

use acceptance_tests::terraform::{Run, Version, Workspace};
use acceptance_tests::{HostOptions, Temporary};
use anyhow::{Context, Result, ensure};

use super::{copy, root};
use crate::terraform::Scenario;

/// A host that somebody has configured. With STP the kernel shortens the ageing time of a bridge for
/// half a minute when a port begins to forward, which would look like a change.
const IN_USE: &str = "
ip link add eth0 type veth peer name far0
ip link set far0 up
nmstatectl apply -q <<'YAML'
interfaces:
  - name: eth0
    type: ethernet
    state: up
    ipv4: { enabled: true, dhcp: false, address: [{ ip: 192.0.2.10, prefix-length: 24 }] }
  - name: br0
    type: linux-bridge
    state: up
    bridge: { options: { stp: { enabled: false } }, port: [{ name: eth1 }] }
routes:
  config:
    - { destination: 0.0.0.0/0, next-hop-interface: eth0, next-hop-address: 192.0.2.254 }
dns-resolver: { config: { server: [192.0.2.53] } }
YAML
";

/// A workspace with the files of a guide for the scenario's host.
fn workspace(scenario: &Scenario<Temporary>, guide: &str) -> Result<Workspace> {
    let other = Scenario::on(&scenario.host, Version::V1_15)?;
    let text = fs::read_to_string(root().join("examples/guides").join(guide).join("main.tf"));
    copy(&root().join("examples/guides").join(guide), other.workspace.path())?;
    other.configure(&text.unwrap_or_default())?;
    Ok(other.workspace)
}

/// Runs a script of a guide, for which `terraform` and `tofu` are the workspace's program.
pub(super) fn script(workspace: &Workspace, name: &str) -> Result<Run> {
    let terraform = workspace.command(["version"]);
    let program = terraform.get_program().to_string_lossy().into_owned();
    let program = format!("{{ {program} \"$@\"; }}");
    let script = format!("terraform() {program}\ntofu() {program}\n. ./{name}\n");
    let mut command = std::process::Command::new("sh");
    command.arg("-c").arg(script).current_dir(workspace.path());
    for verb in ["plan", "show"] {
        command.env(format!("TF_CLI_ARGS_{verb}"), "-no-color");
    }
    for (name, value) in terraform.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    Ok(Run::from(command.output()?))
}

#[test]
fn adopting() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_15, "adopting")?;
    scenario.host.shell(IN_USE)?;
    let before = scenario.running_config()?;
    let transactions = scenario.transactions()?;
    let workspace = workspace(&scenario, "adopting")?;
    let plan = workspace.run(["plan", "-generate-config-out=generated.tf"])?.succeeded()?;
    let line = "Plan: 4 to import, 0 to add, 0 to change, 0 to destroy.";
    ensure!(plan.stdout.contains(line), "{}", plan.stdout);
    ensure!(plan.stdout.contains("= \"linux-bridge\""), "{}", plan.stdout);
    workspace.apply()?;
    fs::remove_file(workspace.path().join("imports.tf"))?;
    workspace.assert_converged()?;
    ensure!(scenario.transactions()? == transactions, "something was sent");
    workspace.destroy()?;
    let after = scenario.running_config()?;
    ensure!(after == before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");
    Ok(())
}

#[test]
fn drift() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_15, "drift")?;
    let managing = workspace(&scenario, "drift")?;
    managing.apply()?;
    let run = script(&managing, "pipeline.sh")?;
    ensure!(run.status == 0, "{}{}", run.stdout, run.stderr);
    ensure!(run.stdout.contains("every host is as declared"), "{}", run.stdout);
    let checking = workspace(&scenario, "drift-check")?;
    let run = checking.run(["plan"])?.succeeded()?;
    ensure!(!run.stdout.contains("not as desired"), "{}", run.stdout);

    scenario.host.shell("ip link set eth1 mtu 1400")?;
    let run = script(&managing, "pipeline.sh")?;
    ensure!(run.status == 2, "{}{}", run.stdout, run.stderr);
    for words in ["something differs", "1400 -> 9000"] {
        ensure!(run.stdout.contains(words), "`{words}` is missing in: {}", run.stdout);
    }
    let run = checking.run(["plan", "-detailed-exitcode"])?;
    let words = "not as desired: interfaces[eth1].mtu";
    ensure!(run.status == 2 && run.stdout.contains(words), "{}{}", run.stdout, run.stderr);
    managing.apply()?;
    // As the guide says, such a plan is never empty.
    let run = checking.run(["plan", "-detailed-exitcode"])?;
    ensure!(run.status == 2 && !run.stdout.contains("not as desired"), "{}", run.stdout);

    scenario.host.cut()?;
    let run = script(&managing, "pipeline.sh")?;
    scenario.host.restore()?;
    ensure!(run.status == 1, "{}: {}{}", run.status, run.stdout, run.stderr);
    Ok(())
}

#[test]
fn captures() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_15, "captures")?;
    scenario.host.shell(&IN_USE.replace("eth1", "eth2").replace("br0", "br9"))?;
    let workspace = workspace(&scenario, "kubernetes-nmstate-captures")?;
    workspace.apply()?;
    let port = scenario.host.shell("ip -o link show master br1")?;
    ensure!(port.contains("eth0"), "{port}");
    let route = scenario.host.shell("ip route show default")?;
    ensure!(route.contains("via 192.0.2.254 dev br1"), "{route}");
    // The captures find the bridge now, and nothing is to be done all the same.
    let plan = workspace.run(["plan", "-detailed-exitcode"])?;
    ensure!(plan.status == 0, "{}{}", plan.stdout, plan.stderr);
    scenario.host.shell("ip address add 192.0.2.77/24 dev br1")?;
    let run = workspace.run(["plan", "-detailed-exitcode"])?;
    ensure!(run.status == 2, "{}: {}{}", run.status, run.stdout, run.stderr);
    workspace.apply()?;
    workspace.assert_converged().context("after the drift was put right")
}

/// The host is followed to the address that the change gives it.
#[test]
fn management_address() -> Result<()> {
    let options = HostOptions { managed_management: true, ..HostOptions::default() };
    let scenario = Scenario::with_options(Version::V1_15, "moving", &options)?;
    let namespace = scenario.host.controller_namespace().context("no way to another address")?;
    let old = scenario.host.management_address();
    // The upper half of the namespace hosts' network is free.
    let new = Ipv4Addr::from(u32::from(old) + (1 << 16));
    let moving = Scenario::on(&scenario.host, Version::V1_15)?.workspace.within(namespace);
    let guide = root().join("examples/guides/management-address/main.tf");
    let guide = of_lab(&scenario, &fs::read_to_string(guide)?, old, new)?;
    moving.configure(&guide)?;
    let plan = moving.run(["plan"])?.succeeded()?;
    let warning = format!("`{old}` is the address that it comes over, and it goes away");
    ensure!(words(&plan.stdout).contains(&warning), "{}", plan.stdout);
    let run = moving.apply()?;
    let warning = format!("@{new}:22` since the change");
    ensure!(words(&run.stdout).contains(&warning), "{}", run.stdout);

    // As the guide says: the new address in the provider block, and nothing else changes.
    moving.configure(&guide.replace(&format!("\"{old}\""), &format!("\"{new}\"")))?;
    let plan = moving.run(["plan", "-detailed-exitcode"])?;
    ensure!(plan.status == 0, "{}{}", plan.stdout, plan.stderr);
    Ok(())
}

/// The guide's configuration with what is different on a lab host. It has no default gateway, so
/// none can be asked.
fn of_lab(
    scenario: &Scenario<Temporary>,
    guide: &str,
    old: Ipv4Addr,
    new: Ipv4Addr,
) -> Result<String> {
    let known = fs::read_to_string(scenario.host.known_hosts_file())?;
    let (_, key) = known.trim().split_once(' ').context("a known host has a key")?;
    let login = format!(
        "  ssh = {{\n    user = \"{}\"\n    identity_file = \"{}\"\n    host_key = \"{key}\"\n    \
         agent = false\n    config_file = \"none\"\n  }}\n  checkpoint = {{ timeout = 60 }}",
        scenario.host.user(),
        scenario.host.identity_file().display(),
    );
    let mut text = guide.to_owned();
    for (from, to) in [
        ("  checkpoint = { timeout = 60 }", login.as_str()),
        ("\"192.0.2.10\"", &format!("\"{old}\"")),
        ("\"192.0.2.20\"", &format!("\"{new}\"")),
        ("prefix_length = 24", "prefix_length = 15"),
        ("\"eth0\"", &format!("\"{}\"", scenario.host.management_interface())),
        ("  probes = [{ gateway = true, required = true }]\n", ""),
    ] {
        ensure!(text.contains(from), "the guide has no `{from}`");
        text = text.replace(from, to);
    }
    Ok(text)
}

/// Without the marks and line breaks that Terraform puts into a message.
fn words(printed: &str) -> String {
    let plain = printed.replace(['\u{2502}', '\u{2577}', '\u{2575}'], " ");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// nmcli takes the commands of its guide; `--offline` writes the profiles without a device.
#[test]
fn nmcli() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_15, "nmcli")?;
    let script = root().join("examples/guides/netplan-nmcli/nmcli.sh");
    let script =
        format!("nmcli() {{ command nmcli --offline \"$@\"; }}\n{}", fs::read_to_string(script)?);
    let profiles = scenario.host.shell(&script)?;
    for line in ["type=bond", "miimon=100", "mtu=9000", "type=vlan", "address1=192.0.2.10/24"] {
        ensure!(profiles.contains(line), "`{line}` is missing in: {profiles}");
    }
    ensure!(profiles.matches("controller=bond0").count() == 2, "{profiles}");
    Ok(())
}
