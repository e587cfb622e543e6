//! Changes that go wrong: the host is as before, and Terraform says why.

use std::time::{Duration, Instant};

use acceptance_tests::terraform::Version;
use acceptance_tests::{Host, HostOptions, provider_of};
use anyhow::{Context, Result, ensure};

use super::{Scenario, each_version};

/// T of these scenarios, in seconds.
const TIMEOUT: u64 = 10;
/// The limit of invariant I1: T + 15 s.
const LIMIT: Duration = Duration::from_secs(TIMEOUT + 15);

each_version!(cut_connection);

/// A change that takes the management address away is undone by the host itself and reported.
fn cut_connection(version: Version) -> Result<()> {
    let options = HostOptions { managed_management: true, ..HostOptions::default() };
    let mut scenario = Scenario::with_options(version, "cut", &options)?;
    scenario.settings = format!("  checkpoint = {{ timeout = {TIMEOUT} }}");
    let before = scenario.running_config()?;
    let (interface, address) =
        (scenario.host.management_interface(), scenario.host.foreign_address());
    scenario.configure(&format!(
        r#"
resource "nmstate_interface" "management" {{
  name = "{interface}"
  type = "veth"
  ipv4 = {{
    enabled = true
    dhcp    = false
    address = [{{ ip = "{address}", prefix_length = 32 }}]
  }}
}}
"#
    ))?;
    let plan = scenario.workspace.run(["plan"])?.succeeded()?;
    ensure!(plan.stdout.contains("carries this SSH connection"), "{}", plan.stdout);
    let error = scenario.workspace.run(["apply"])?.failed()?;
    for words in ["cut the connection", "no answer for", "the host is as it was before"] {
        ensure!(error.contains(words), "`{words}` is missing in: {error}");
    }
    let away = error.split("no answer for ").nth(1).and_then(|rest| rest.split(' ').next());
    let away: f64 = away.context("the error has no seconds")?.parse()?;
    ensure!(away < LIMIT.as_secs_f64(), "the host did not answer for {away} s");
    let state = scenario.workspace.state()?;
    ensure!(state.pointer("/values/root_module/resources").is_none(), "{state:#}");
    as_before(&scenario.host, || scenario.running_config(), &before)
}

each_version!(provider_killed);

/// SIGKILL of the provider between apply and commit: nobody confirms, and the host goes back.
fn provider_killed(version: Version) -> Result<()> {
    let mut scenario = Scenario::namespace(version, "killed")?;
    scenario.settings = format!("  checkpoint = {{ timeout = {TIMEOUT} }}");
    let before = scenario.running_config()?;
    scenario.configure(
        "resource \"nmstate_linux_bridge\" \"br0\" {\n  name = \"br0\"\n  port = [{ name = \"eth1\" }]\n}\n",
    )?;
    let mut terraform = scenario.workspace.start(["apply"])?;
    until("the change is on the host", LIMIT, || {
        Ok(scenario.host.exec(&["test", "-d", "/sys/class/net/br0"])?.status == 0)
    })?;
    // Without a path nobody can confirm before the signal arrives.
    scenario.host.cut()?;
    let killed = Instant::now();
    let provider = provider_of(terraform.id())?;
    rustix::process::kill_process(provider, rustix::process::Signal::KILL)?;
    let status = terraform.wait()?;
    ensure!(!status.success(), "terraform reported success");
    scenario.host.restore()?;
    until("the bridge is gone", LIMIT, || {
        Ok(scenario.host.exec(&["test", "-d", "/sys/class/net/br0"])?.status != 0)
    })?;
    as_before(&scenario.host, || scenario.running_config(), &before)?;
    ensure!(killed.elapsed() < LIMIT, "it took {:?}", killed.elapsed());
    Ok(())
}

each_version!(interrupted);

/// Ctrl-C while the change is pending: undone at once, and no state is lost.
fn interrupted(version: Version) -> Result<()> {
    let mut scenario = Scenario::namespace(version, "interrupted")?;
    scenario.settings = format!("  checkpoint = {{ timeout = {TIMEOUT} }}");
    let before = scenario.running_config()?;
    scenario.configure(
        "resource \"nmstate_linux_bridge\" \"br0\" {\n  name = \"br0\"\n  port = [{ name = \"eth1\" }]\n}\n",
    )?;
    let mut terraform = scenario.workspace.start(["apply"])?;
    until("the change is on the host", LIMIT, || {
        Ok(scenario.host.exec(&["test", "-d", "/sys/class/net/br0"])?.status == 0)
    })?;
    scenario.host.cut()?;
    let terraform_process = rustix::process::Pid::from_child(&terraform);
    rustix::process::kill_process(terraform_process, rustix::process::Signal::INT)?;
    std::thread::sleep(Duration::from_secs(1));
    scenario.host.restore()?;
    let status = terraform.wait()?;
    ensure!(!status.success(), "terraform reported success");
    as_before(&scenario.host, || scenario.running_config(), &before)
}

/// Waits until the host is as before; no checkpoint is left.
fn as_before(
    host: &Host,
    state: impl Fn() -> Result<serde_json::Value>,
    before: &serde_json::Value,
) -> Result<()> {
    until("no checkpoint is pending", LIMIT, || {
        let pending = host.shell(
            "busctl get-property org.freedesktop.NetworkManager /org/freedesktop/NetworkManager \
             org.freedesktop.NetworkManager Checkpoints",
        )?;
        Ok(pending.trim() == "ao 0")
    })?;
    let after = state()?;
    ensure!(after == *before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");
    Ok(())
}

fn until(what: &str, limit: Duration, mut condition: impl FnMut() -> Result<bool>) -> Result<()> {
    let end = Instant::now() + limit;
    while !condition()? {
        ensure!(Instant::now() < end, "not within {limit:?}: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
