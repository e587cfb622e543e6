//! Hosts without `nmstatectl`: the provider brings nmstate along.

use acceptance_tests::terraform::{Version, provider_block};
use acceptance_tests::{HostOptions, Temporary, agents};
use anyhow::{Result, ensure};

use super::Scenario;

const BRIDGE: &str = "resource \"nmstate_linux_bridge\" \"br0\" {\n  name = \"br0\"\n}\n";
const FILES: &str = "/var/lib/nmstate-agent/*/nmstatectl";

impl Scenario<Temporary> {
    fn with_agent(name: &str, engine: &str, options: &HostOptions) -> Result<Self> {
        let mut scenario = Self::with_options(Version::V1_11, &format!("agent-{name}-"), options)?;
        let agents = agents()?;
        scenario.settings = format!("{engine}\nagent_directory = \"{}\"\n", agents.display());
        scenario.configure(BRIDGE)?;
        Ok(scenario)
    }

    /// When the agent was put where it is, and how often it is there.
    fn agent_file(&self) -> Result<String> {
        self.host.shell(&format!("stat -c '%U %a %y' {FILES}"))
    }

    fn apply_and_converge(&self) -> Result<()> {
        self.workspace.apply()?;
        self.host.shell("test -d /sys/class/net/br0")?;
        self.workspace.assert_converged()
    }
}

/// A host with NetworkManager and nothing else: the agent is sent once, and is also the way to D-Bus.
#[test]
fn bare_host() -> Result<()> {
    let options = HostOptions { nmstatectl: false, ..HostOptions::default() };
    let scenario = Scenario::with_agent("bare", "", &options)?;
    scenario.host.shell("rm \"$(command -v systemd-stdio-bridge)\"")?;
    scenario.apply_and_converge()?;
    let sent = scenario.agent_file()?;
    ensure!(sent.starts_with("root 755 ") && sent.lines().count() == 1, "{sent}");
    scenario.configure("resource \"nmstate_linux_bridge\" \"br1\" {\n  name = \"br1\"\n}\n")?;
    scenario.workspace.apply()?;
    scenario.host.shell("test -d /sys/class/net/br1 && ! test -d /sys/class/net/br0")?;
    scenario.workspace.assert_converged()?;
    ensure!(scenario.agent_file()? == sent, "the agent was sent again");
    scenario.workspace.destroy()?;
    Ok(())
}

/// What was changed on the host is noticed before it runs.
#[test]
fn changed_agent() -> Result<()> {
    let scenario = Scenario::with_agent("changed", "engine = \"agent\"", &HostOptions::default())?;
    scenario.apply_and_converge()?;
    ensure!(scenario.host.nmstatectl_calls()?.is_empty(), "the host's own program was called");
    let poison = "#!/bin/sh\ntouch /run/lab/poisoned\n";
    for change in [
        format!("printf '{poison}' >\"$(echo {FILES})\""),
        // Somebody who may write there could change it after it was looked at.
        format!("chmod 777 \"$(echo {FILES})\""),
        format!("rm \"$(echo {FILES})\""),
    ] {
        scenario.host.shell(&change)?;
        scenario.workspace.assert_converged()?;
        ensure!(scenario.agent_file()?.starts_with("root 755 "), "{change}");
    }
    ensure!(scenario.host.exec(&["test", "-e", "/run/lab/poisoned"])?.status == 1);
    // A directory that others may change is not the provider's to mend.
    scenario.host.shell("chmod 777 /var/lib/nmstate-agent/*/")?;
    let error = scenario.workspace.run(["plan"])?.failed()?;
    ensure!(
        error.contains("is not the one that was sent") && error.contains("mode 755"),
        "{error}"
    );
    Ok(())
}

/// A host's own program that is too old for what is asked of it. It is a fake: old versions are in no
/// registry.
#[test]
fn fake_old_nmstatectl() -> Result<()> {
    let scenario = Scenario::with_agent("old", "", &HostOptions::default())?;
    scenario.host.shell(
        "printf '#!/bin/sh\\n[ \"$1\" = version ] && echo nmstatectl 2.2.8\\n' \
         >/usr/local/bin/nmstatectl",
    )?;
    scenario.apply_and_converge()
}

/// The login user may run the agent and nothing else; it was put there by somebody who may.
#[test]
fn least_privilege() -> Result<()> {
    let options = HostOptions { nmstatectl: false, ..HostOptions::default() };
    let scenario = Scenario::with_agent("operator", "", &options)?;
    let block = provider_block(&[&scenario.host], &scenario.settings);
    let by_operator = block.replace("= \"root\"", "= \"operator\"");
    ensure!(by_operator != block);
    let configuration = format!("{by_operator}{BRIDGE}");
    scenario.workspace.configure(&configuration)?;
    let error = scenario.workspace.run(["plan"])?.failed()?;
    ensure!(
        error.contains("sudo refused") && error.contains("log in once as somebody who may"),
        "{error}"
    );

    scenario.configure(BRIDGE)?;
    scenario.apply_and_converge()?;
    scenario.workspace.configure(&configuration)?;
    let error = scenario.workspace.run(["plan"])?.failed()?;
    let rule = error.split_once("NOPASSWD: ").map(|(_, rest)| rest).unwrap_or_default();
    let rule = rule.split('`').next().unwrap_or_default().split_whitespace();
    // The hint is what helps.
    let rule = rule.collect::<Vec<_>>().join(" ");
    ensure!(rule.contains("/nmstatectl, /var/lib/nmstate-agent/"), "{error}");
    scenario.host.shell(&format!(
        "echo 'operator ALL=(root) NOPASSWD: {rule}' >/etc/sudoers.d/agent\n\
         chmod 0440 /etc/sudoers.d/agent"
    ))?;
    scenario.workspace.assert_converged()?;
    scenario.workspace.destroy()?;
    scenario.host.shell("! test -d /sys/class/net/br0")?;
    Ok(())
}

/// A password for sudo reaches sudo, and no byte of it the agent.
#[test]
fn sudo_password() -> Result<()> {
    let options = HostOptions { nmstatectl: false, ..HostOptions::default() };
    let scenario = Scenario::with_agent("sudo", "sudo_password = \"pa55\"", &options)?;
    scenario.host.shell(
        "echo viewer:pa55 | chpasswd\necho 'viewer ALL=(root) ALL' >/etc/sudoers.d/viewer\n\
         chmod 0440 /etc/sudoers.d/viewer",
    )?;
    let block = provider_block(&[&scenario.host], &scenario.settings);
    let by_viewer = block.replace("= \"root\"", "= \"viewer\"");
    ensure!(by_viewer != block);
    scenario.workspace.configure(&format!("{by_viewer}{BRIDGE}"))?;
    scenario.apply_and_converge()
}

/// Without an agent for the host's machine there is one clear error.
#[test]
fn no_agent() -> Result<()> {
    let options = HostOptions { nmstatectl: false, ..HostOptions::default() };
    let mut scenario = Scenario::with_agent("none", "", &options)?;
    for (engine, words) in [
        ("agent", ["there is no agent for `x86_64`", "`nmstate-agent-x86_64` into"]),
        ("auto", ["`nmstatectl` is not installed", "or put"]),
        ("nmstatectl", ["`nmstatectl` is not installed", "install the package `nmstate`"]),
        ("magic", ["`engine` cannot be `magic`", "use `auto`, `nmstatectl` or `agent`"]),
    ] {
        let empty = scenario.workspace.path().display().to_string();
        scenario.settings = format!("engine = \"{engine}\"\nagent_directory = \"{empty}\"\n");
        scenario.configure(BRIDGE)?;
        let error = scenario.workspace.run(["plan"])?.failed()?;
        let error = error.split_whitespace().collect::<Vec<_>>().join(" ");
        for word in words {
            ensure!(error.contains(word), "`{word}` is missing with `{engine}`: {error}");
        }
    }
    Ok(())
}
