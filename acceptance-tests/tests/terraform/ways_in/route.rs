//! Finding the host: through jump hosts, and with the SSH client configuration.

use std::fs;

use acceptance_tests::terraform::Version;
use acceptance_tests::{Host, HostOptions, Kind, Lab, Temporary};
use anyhow::{Result, ensure};

use super::{Scenario, public_key};

/// A second host on the network of the first one's management interface.
fn neighbour(name: &str) -> Result<Temporary> {
    let name = format!("way-{name}-{}", Version::V1_11.number().replace('.', ""));
    Lab::from_environment()?.temporary(Kind::Namespace, &name, &HostOptions::default())
}

/// Writes a known_hosts file for these hosts: `first` as seen from here and from its neighbours,
/// the others from there alone.
fn write_known_hosts(
    scenario: &Scenario<Temporary>,
    first: &Host,
    others: &[&Host],
) -> Result<String> {
    let mut lines = format!("[127.0.0.1]:{} {}\n", first.port(), public_key(first)?);
    for host in others.iter().copied().chain([first]) {
        lines.push_str(&format!("{} {}\n", host.management_address(), public_key(host)?));
    }
    scenario.workspace.write("known_hosts", &lines)?;
    Ok(scenario.workspace.path().join("known_hosts").display().to_string())
}

#[test]
fn jump_host() -> Result<()> {
    let jump = neighbour("jump")?;
    // The scenario's host is the goal.
    let scenario = Scenario::way("goal")?;
    let known_hosts = write_known_hosts(&scenario, &jump, &[&scenario.host])?;
    let goal = format!("root@{}", scenario.host.management_address());
    let settings = |jump: &str| {
        format!(
            "agent = false\nconfig_file = \"none\"\n{}\nknown_hosts_file = \"{known_hosts}\"\n\
             jump = \"{jump}\"",
            scenario.lab_identity()
        )
    };
    let first = format!("root@127.0.0.1:{}", jump.port());
    scenario.configure_way(&goal, &settings(&first), "")?;
    scenario.apply_bridge()?;
    let from = format!("from {} ", jump.management_address());
    let log = scenario.host.shell("grep '^Accepted ' /run/lab/sshd.log | tail -n 1")?;
    ensure!(log.contains(&from), "not over the jump host: {log}");

    // Two in a row, to the first of them again.
    let chain = Scenario::on(&jump, Version::V1_11)?;
    let again = format!("root@{}", jump.management_address());
    chain.configure_way(&again, &settings(&format!("{first},{goal}")), "")?;
    chain.apply_bridge()?;
    let from = format!("from {} ", scenario.host.management_address());
    let log = jump.shell("grep '^Accepted ' /run/lab/sshd.log | tail -n 1")?;
    ensure!(log.contains(&from), "not over the second jump host: {log}");

    // A host that is itself in the list is reached over those before it.
    scenario.configure_way(&goal, &settings(&format!("{first},{goal}")), "")?;
    scenario.plan_bridge()?;

    // A jump host that refuses us, one that forwards nothing, and one that is not there.
    let stranger = format!("stranger@127.0.0.1:{}", jump.port());
    scenario.configure_way(&goal, &settings(&stranger), "")?;
    scenario.plan_fails(&["jump host `127.0.0.1`", "login at stranger@127.0.0.1", "failed"])?;
    let script = "echo 'AllowTcpForwarding no' >/etc/ssh/sshd_config.d/00-way.conf";
    jump.shell(script)?;
    jump.reboot()?;
    jump.wait_until_ready()?;
    scenario.configure_way(&goal, &settings(&first), "")?;
    scenario.plan_fails(&[
        "the jump host cannot reach",
        &scenario.host.management_address().to_string(),
    ])?;
    jump.down()?;
    scenario.plan_fails(&["jump host `127.0.0.1`", "cannot connect"])?;
    Ok(())
}

#[test]
fn ssh_config() -> Result<()> {
    let near = neighbour("near")?;
    let scenario = Scenario::way("behind")?;
    let known_hosts = write_known_hosts(&scenario, &near, &[&scenario.host])?;
    let text = format!(
        "Host near\n  HostName 127.0.0.1\n  Port {}\n\n\
         Host behind\n  HostName {}\n  ProxyJump near\n\n\
         Host near behind\n  User root\n  IdentityFile {}\n  UserKnownHostsFile {known_hosts}\n",
        near.port(),
        scenario.host.management_address(),
        scenario.host.identity_file().display(),
    );
    scenario.workspace.write("lab.conf", &text)?;
    let file = scenario.workspace.path().join("lab.conf");
    let bridges = "\
resource \"nmstate_linux_bridge\" \"near\" {
  host = \"near\"
  name = \"br1\"
}

resource \"nmstate_linux_bridge\" \"behind\" {
  host = \"behind\"
  name = \"br1\"
}
";
    let ssh = format!("ssh = {{\n  config_file = \"{}\"\n}}", file.display());
    scenario.workspace.configure(&format!("provider \"nmstate\" {{\n{ssh}\n}}\n{bridges}"))?;
    scenario.run_way("apply")?.succeeded()?;
    near.shell("test -d /sys/class/net/br1")?;
    scenario.host.shell("test -d /sys/class/net/br1")?;

    // The same without a word in the provider block, from the home directory.
    scenario.workspace.configure(&format!("provider \"nmstate\" {{}}\n{bridges}"))?;
    scenario.plan_fails(&["near", "cannot resolve"])?;
    fs::create_dir(scenario.workspace.path().join(".ssh"))?;
    fs::rename(&file, scenario.workspace.path().join(".ssh/config"))?;
    scenario.plan_bridge()
}
