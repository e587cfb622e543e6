//! Scenarios through the real `terraform` or `tofu` against real hosts.

mod agent;
mod contact;
mod data_sources;
mod earlier;
mod examples;
mod features;
mod functions;
mod import_blocks;
mod input;
mod kinds;
mod lifecycle;
mod limits;
mod machine;
mod moved;
mod no_difference;
mod planned_document;
mod probes;
mod query;
mod reports;
mod risks;
mod safety;
mod sameness;
mod secrets;
mod virtual_machine;
mod ways_in;
mod whole_state;
mod whose_host;
mod whose_thing;

use std::fs;
use std::path::Path;

use acceptance_tests::terraform::{Terraform, Version, Workspace, provider_block};
use acceptance_tests::{Host, HostOptions, Kind, Lab, Temporary};
use anyhow::{Context, Result};
use serde_json::Value;

/// A host and a workspace that manages it.
struct Scenario<H> {
    // The workspace goes first: nothing may run against a host that is gone.
    workspace: Workspace,
    host: H,
    /// Further settings of the provider block.
    settings: String,
}

impl Scenario<Temporary> {
    /// A namespace host of the scenario's own.
    fn namespace(version: Version, name: &str) -> Result<Self> {
        Self::with_options(version, name, &HostOptions::default())
    }

    /// A namespace host with something missing or added.
    fn with_options(version: Version, name: &str, options: &HostOptions) -> Result<Self> {
        let workspace = Workspace::new(Terraform::of(version)?)?;
        let name = format!("{name}{}", version.number().replace('.', ""));
        let host = Lab::from_environment()?.temporary(Kind::Namespace, &name, options)?;
        Ok(Self { workspace, host, settings: String::new() })
    }
}

impl<'a> Scenario<&'a Host> {
    /// A second workspace for a host.
    fn on(host: &'a Host, version: Version) -> Result<Self> {
        let workspace = Workspace::new(Terraform::of(version)?)?;
        Ok(Self { workspace, host, settings: String::new() })
    }
}

impl<H: std::ops::Deref<Target = Host>> Scenario<H> {
    /// The configuration, below a provider block whose default host is this one.
    fn configure(&self, text: &str) -> Result<()> {
        let block = provider_block(&[&*self.host], &self.settings);
        self.workspace.configure(&format!("{block}{text}"))
    }

    /// How many transactions the host has seen since it started.
    fn transactions(&self) -> Result<usize> {
        let calls = self.host.nmstatectl_calls()?;
        Ok(calls.iter().filter(|call| call.starts_with("apply")).count())
    }

    /// What nmstate says is configured, without what changes by itself.
    fn running_config(&self) -> Result<Value> {
        let shown = self.host.shell("nmstatectl show -r --json")?;
        let mut state: Value = serde_json::from_str(&shown).context("nmstatectl show")?;
        for interface in state["interfaces"].as_array_mut().into_iter().flatten() {
            if let Some(options) =
                interface.pointer_mut("/bridge/options").and_then(Value::as_object_mut)
            {
                options.remove("gc-timer");
                options.remove("hello-timer");
            }
        }
        Ok(state)
    }
}

/// A file of the examples that users copy.
fn example(path: &str) -> Result<String> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples")).join(path);
    fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))
}

/// The values of the outputs after an apply.
fn outputs(workspace: &Workspace) -> Result<Value> {
    let state = workspace.state()?;
    let outputs = state.pointer("/values/outputs").and_then(Value::as_object);
    Ok(outputs
        .into_iter()
        .flatten()
        .map(|(name, one)| (name.clone(), one["value"].clone()))
        .collect())
}

/// A test per Terraform version. Where `NMSTATE_TERRAFORM` names a program, both are of that one.
macro_rules! each_version {
    ($scenario:ident) => {
        mod $scenario {
            use acceptance_tests::terraform::Version;

            #[test]
            fn terraform_1_11() -> anyhow::Result<()> {
                super::$scenario(Version::V1_11)
            }

            #[test]
            fn terraform_1_15() -> anyhow::Result<()> {
                super::$scenario(Version::V1_15)
            }
        }
    };
}
use each_version;
