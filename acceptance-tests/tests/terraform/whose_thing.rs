//! Things of another resource, another program or somebody's hand stay on a host, or their going is
//! said.
//!
//! What Terraform core does is the same for each version here, so these run on one. Each runs with
//! one resource at a time and with as many as Terraform likes.

mod conflicts;
mod name_servers;
mod names;
mod ports;
mod profiles;
mod routes;
mod scripts;
mod shifts;
mod taken;
mod taking_over;
mod virtual_machine;

use acceptance_tests::Temporary;
use acceptance_tests::terraform::{Run, Version, changes};
use anyhow::{Context, Result, ensure};
use nmstate_schema::changes::excerpts;
use serde_json::Value;

use super::Scenario;
use super::kinds::without_loopback;

/// One resource at a time, and as many as Terraform likes.
const PARALLELISM: [&str; 2] = ["-parallelism=1", "-parallelism=100"];

impl Scenario<Temporary> {
    /// A host whose cards have profiles of their own; eth2 has an address.
    pub(super) fn with_cards(name: &str) -> Result<Self> {
        let scenario = Self::namespace(Version::V1_11, &format!("thing-{name}-"))?;
        let before = r#"{"interfaces": [
            {"name": "eth1", "type": "ethernet", "state": "up", "ipv4": {"enabled": false}, "ipv6": {"enabled": false}},
            {"name": "eth2", "type": "ethernet", "state": "up", "ipv6": {"enabled": false},
             "ipv4": {"enabled": true, "dhcp": false, "address": [{"ip": "192.0.2.173", "prefix-length": 24}]}}]}"#;
        scenario.by_hand(before)?;
        Ok(scenario)
    }

    /// Applies a document on the host, past Terraform.
    fn by_hand(&self, document: &str) -> Result<()> {
        let output =
            self.host.exec_with_input(&["nmstatectl", "apply", "-q"], document.as_bytes())?;
        ensure!(output.status == 0, "{}", output.stderr);
        Ok(())
    }

    /// The configuration of the host, and its profiles.
    pub(super) fn all(&self) -> Result<(Value, String)> {
        // Rules and routes without an interface are in a profile of the loopback interface.
        let profiles = self
            .host
            .shell("nmcli -t -f NAME,UUID,TYPE,DEVICE connection | grep -v ':loopback:' | sort")?;
        Ok((without_loopback(self.running_config()?), profiles))
    }

    /// Applies the configuration; the second plan is empty. The answer is what was said.
    fn in_force(&self, configuration: &str, parallelism: &str) -> Result<String> {
        self.configure(configuration)?;
        let run = self.workspace.run(["apply", parallelism])?.succeeded()?;
        // What a resource does not declare may follow what another one does.
        let planned = changes(&self.workspace.plan()?, "resource_changes");
        ensure!(planned.is_empty(), "the second plan has {planned:#?} of {configuration}");
        Ok(said(&run))
    }

    /// Destroys everything; the host is as it was.
    fn as_before(&self, before: &(Value, String), parallelism: &str) -> Result<()> {
        self.workspace.run(["destroy", parallelism])?.succeeded()?;
        let after = self.all()?;
        let (was, is) = excerpts(&before.0, &after.0);
        ensure!(after.0 == before.0, "{was:#}\nbecame {is:#}");
        ensure!(after.1 == before.1, "{}became {}", before.1, after.1);
        Ok(())
    }
}

/// Runs a scenario on one host once for each parallelism.
fn each_parallelism(
    scenario: &Scenario<Temporary>,
    steps: impl Fn(&Scenario<Temporary>, &str) -> Result<()>,
) -> Result<()> {
    let before = scenario.all()?;
    for parallelism in PARALLELISM {
        steps(scenario, parallelism).context(parallelism)?;
        scenario.as_before(&before, parallelism).context(parallelism)?;
    }
    Ok(())
}

/// The output of a run that went well, without line breaks.
fn said(run: &Run) -> String {
    let plain = run.stdout.replace(['\u{2502}', '\u{2577}', '\u{2575}'], " ");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Fails unless a text has each of these words.
fn has(text: &str, words: &[&str]) -> Result<()> {
    for words in words {
        ensure!(text.contains(words), "`{words}` is missing in: {text}");
    }
    Ok(())
}
