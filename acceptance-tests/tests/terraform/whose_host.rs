//! Every resource on its own host and its own machine, whatever the names and addresses say.
//!
//! What Terraform core and SSH do is the same for each version here, so these run on one. Each loop
//! runs a few times; `NMSTATE_RUNS` says how many.

mod clones;
mod forgotten;
mod gone;
mod keep;
mod names;
mod ways;

use acceptance_tests::terraform::{Run, Version, Workspace};
use acceptance_tests::{Host, HostOptions, Kind, Lab, Temporary};
use anyhow::{Context, Result, ensure};

use super::Scenario;

/// The runs of a loop when nobody says how many.
const RUNS: usize = 4;
/// One resource at a time, and as many as Terraform likes.
const PARALLELISM: [&str; 2] = ["-parallelism=1", "-parallelism=10"];

/// How often a loop runs.
fn runs() -> Result<usize> {
    match std::env::var("NMSTATE_RUNS") {
        Ok(text) => text.parse().context("NMSTATE_RUNS is a number"),
        Err(_) => Ok(RUNS),
    }
}

impl Scenario<Temporary> {
    fn whose(name: &str) -> Result<Self> {
        Self::namespace(Version::V1_11, &format!("whose-{name}-"))
    }
}

/// A further host.
fn another(name: &str) -> Result<Temporary> {
    let name = format!("whose-{name}");
    Lab::from_environment()?.temporary(Kind::Namespace, &name, &HostOptions::default())
}

/// A bridge on each of these hosts, named after it, of this MTU.
fn bridges(names: &[&str], mtu: usize) -> String {
    let bridge = |name: &&str| {
        format!(
            "resource \"nmstate_linux_bridge\" \"{name}\" {{\n  host = \"{name}\"\n  name = \
             \"br-{name}\"\n  mtu  = {mtu}\n}}\n"
        )
    };
    names.iter().map(bridge).collect()
}

/// Fails unless each host has its own bridge of this MTU, and none of another.
fn each_has_its_own(hosts: &[(&str, &Host)], mtu: usize) -> Result<()> {
    for (name, host) in hosts {
        let links = host.shell("ip -oneline link show type bridge")?;
        let own = format!("br-{name}: ");
        ensure!(
            links.lines().count() == 1
                && links.contains(&own)
                && links.contains(&format!("mtu {mtu} ")),
            "`{name}` has not its own bridge of MTU {mtu}: {links}"
        );
    }
    Ok(())
}

/// Applies bridges of ever new MTUs, and looks each time where they are.
fn loops(workspace: &Workspace, block: &str, hosts: &[(&str, &Host)]) -> Result<()> {
    let names: Vec<&str> = hosts.iter().map(|(name, _)| *name).collect();
    for run in 0..runs()? {
        let mtu = 1400 + run;
        workspace.configure(&format!("{block}{}", bridges(&names, mtu)))?;
        let parallelism = PARALLELISM[run % PARALLELISM.len()];
        workspace.run(["apply", parallelism])?.succeeded()?;
        each_has_its_own(hosts, mtu).with_context(|| format!("run {run} with {parallelism}"))?;
    }
    workspace.assert_converged()
}

/// Fails unless a text has each of these words.
fn has(text: &str, words: &[&str]) -> Result<()> {
    for words in words {
        ensure!(text.contains(words), "`{words}` is missing in: {text}");
    }
    Ok(())
}

/// The warnings of a run that went well, without line breaks.
fn said(run: &Run) -> String {
    let plain = run.stdout.replace(['\u{2502}', '\u{2577}', '\u{2575}'], " ");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}
