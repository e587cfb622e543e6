//! Scenarios through the real `ansible-playbook` against real hosts.

mod collection;
mod differences;
mod examples;
mod input;
mod safety;
mod same;
mod sameness;
mod states;
mod virtual_machine;

use std::time::{Duration, Instant};

use acceptance_tests::ansible::Play;
use acceptance_tests::{Host, HostOptions, Kind, Lab, Temporary};
use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// T of these scenarios, in seconds.
const TIMEOUT: u64 = 6;
/// The limit of invariant I1: T + 15 s.
const LIMIT: Duration = Duration::from_secs(TIMEOUT + 15);

/// A namespace host of the scenario's own, which runs nothing but NetworkManager: neither
/// nmstatectl nor Python.
fn bare_host(name: &str, managed_management: bool) -> Result<Temporary> {
    let options = HostOptions { nmstatectl: false, managed_management, ..HostOptions::default() };
    let host = Lab::from_environment()?.temporary(Kind::Namespace, name, &options)?;
    host.shell("rm -f /usr/bin/python3*")?;
    Ok(host)
}

/// A task that changes the host.
fn task(name: &str, options: &str, document: &str) -> String {
    let indent = |text: &str, by: usize| {
        let lines = text.lines().map(|line| format!("{:by$}{line}\n", ""));
        lines.collect::<String>()
    };
    format!(
        "- name: {name}\n  nmstate.host.nmstate:\n{}    desired_state:\n{}",
        indent(options, 4),
        indent(document, 6)
    )
}

/// The profiles and the links of a host, as they are without any nmstate: what a change leaves.
fn traces(host: &Host) -> Result<String> {
    host.shell(
        "ls /etc/NetworkManager/system-connections; \
         ls /run/NetworkManager/system-connections 2>/dev/null | grep -v '^lo' || :; \
         ip -o -4 address; for link in /sys/class/net/*; do echo \"${link##*/} $(cat $link/mtu)\"; done; \
         ip route",
    )
}

/// Waits until the host is as before; no checkpoint is left.
fn as_before(host: &Host, before: &str) -> Result<()> {
    until("no checkpoint is pending", || {
        let pending = host.shell(
            "busctl get-property org.freedesktop.NetworkManager /org/freedesktop/NetworkManager \
             org.freedesktop.NetworkManager Checkpoints",
        )?;
        Ok(pending.trim() == "ao 0")
    })?;
    let after = traces(host)?;
    ensure!(after == before, "the host is not as before\nbefore: {before}\nafter: {after}");
    Ok(())
}

fn until(what: &str, mut condition: impl FnMut() -> Result<bool>) -> Result<()> {
    let end = Instant::now() + LIMIT;
    while !condition()? {
        ensure!(Instant::now() < end, "not within {LIMIT:?}: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// The message of a task that failed: one line.
fn message<'a>(play: &'a Play, task: &str) -> Result<&'a str> {
    let result = play.result(task)?;
    let found = play.results.iter().find(|result| result.task == task);
    let status = found.map(|result| result.status.as_str()).unwrap_or_default();
    ensure!(status == "failed", "`{task}` is {status}: {result:#}");
    let message = result["msg"].as_str().context("no message")?;
    ensure!(!message.contains('\n'), "`{task}` says more than a line: {message}");
    Ok(message)
}

/// Whether a task says that it has changed the host.
fn is_changed(play: &Play, task: &str) -> Result<bool> {
    let result = play.result(task)?;
    result["changed"].as_bool().with_context(|| format!("`{task}`: {result:#}"))
}

/// The part of a result that says what a change is.
fn change(result: &Value) -> [&Value; 5] {
    ["changed", "commands", "diff", "before", "after"].map(|name| &result[name])
}
