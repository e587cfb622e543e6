//! What works where: each feature that not every program has is used with the provider, on one
//! host. What is found has to be what the table of features says, and what the record says of
//! which the registry's page is made.

mod importing;
mod lifecycle;
mod moving;
mod programs;
mod values;

use std::fs;

use acceptance_tests::terraform::{
    Column, Feature, Found, Run, Terraform, Version, Workspace, hold, messages, provider_block,
};
use acceptance_tests::{Host, HostOptions, Kind, Lab};
use anyhow::{Context, Error, Result, ensure};

use super::each_version;

/// What is on the host before.
const DOCUMENT: &str = "
interfaces:
- {name: br0, type: linux-bridge, state: up, mtu: 1400}
- {name: eth1, type: ethernet, state: up, ipv4: {enabled: false}, ipv6: {enabled: false}}
- {name: eth2, type: ethernet, state: up, ipv4: {enabled: false}, ipv6: {enabled: false}}
";

/// The host, and the program that is tried.
struct Ground<'a> {
    host: &'a Host,
    terraform: Terraform,
}

/// Why a feature was not used to its end.
enum Trouble {
    /// The program does not have it, or it does not work; its words.
    Missing(String),
    /// The program has it and the provider does not; the program's words.
    Known(String),
    /// Whatever else.
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Trouble {
    fn from(error: E) -> Trouble {
        Trouble::Failed(error.into())
    }
}

type Probe = fn(&Ground<'_>) -> Result<(), Trouble>;

each_version!(what_works_where);

fn what_works_where(version: Version) -> Result<()> {
    let terraform = Terraform::of(version)?;
    let name = format!("features{}", version.number().replace('.', ""));
    let host =
        Lab::from_environment()?.temporary(Kind::Namespace, &name, &HostOptions::default())?;
    let made = host.exec_with_input(&["nmstatectl", "apply", "-q"], DOCUMENT.as_bytes())?;
    ensure!(made.status == 0, "{}", made.stderr);
    let ground = Ground { host: &host, terraform };
    let (mut column, mut wrong) = (Column::new(), Vec::new());
    for feature in Feature::all() {
        let found = match probe(feature)(&ground) {
            Ok(()) => Found::Works,
            Err(Trouble::Missing(said)) => Found::Missing(said),
            Err(Trouble::Known(said)) => Found::Known(said),
            Err(Trouble::Failed(error)) => return Err(error.context(feature.id())),
        };
        let is_there = !matches!(found, Found::Missing(_));
        if is_there != ground.terraform.has(feature) {
            wrong.push(format!("{}: {found:?}", feature.id()));
        }
        column.insert(feature.id().to_owned(), found);
    }
    ensure!(
        wrong.is_empty(),
        "{}: the table of features has it otherwise: {wrong:#?}",
        ground.terraform
    );
    hold(&ground.terraform, column)
}

fn probe(feature: Feature) -> Probe {
    match feature {
        Feature::ImportBlocks => importing::blocks,
        Feature::GeneratedConfiguration => importing::generated_configuration,
        Feature::Identity => importing::identity,
        Feature::ImportByIdentity => importing::by_identity,
        Feature::ListResources => importing::list_resources,
        Feature::WriteOnly => values::write_only,
        Feature::EphemeralValues => values::ephemeral,
        Feature::Functions => values::functions,
        Feature::FunctionsOfConfigured => values::functions_of_configured,
        Feature::FunctionsOfAlias => values::functions_of_alias,
        Feature::Encryption => values::encryption,
        Feature::MovedBetweenTypes => moving::between_types,
        Feature::Removed => moving::removed,
        Feature::Enabled => lifecycle::enabled,
        Feature::DestroyFalse => lifecycle::destroy_false,
        Feature::PreventDestroyByVariable => lifecycle::prevent_destroy,
        Feature::Exclude => lifecycle::exclude,
        Feature::ProviderForEach => programs::provider_for_each,
        Feature::Mocks => programs::mocks,
        Feature::MocksApplied => programs::mocks_applied,
        Feature::Actions => programs::actions,
        Feature::Deferral => programs::deferral,
    }
}

impl Ground<'_> {
    /// A workspace with this configuration below a provider block for the host.
    fn managing(&self, text: &str) -> Result<Workspace, Trouble> {
        let block = provider_block(&[self.host], "");
        self.workspace(&format!("{block}{text}"))
    }

    /// A workspace with this configuration and no other.
    fn workspace(&self, text: &str) -> Result<Workspace, Trouble> {
        let workspace = Workspace::new(self.terraform.clone())?;
        workspace.write("main.tf", text)?;
        run(&workspace, &["init"])?;
        Ok(workspace)
    }

    fn has_interface(&self, name: &str) -> Result<bool> {
        Ok(self.host.exec(&["test", "-d", &format!("/sys/class/net/{name}")])?.status == 0)
    }
}

/// Runs the program; what it has against that are the words of a feature that is missing.
fn run(workspace: &Workspace, arguments: &[&str]) -> Result<Run, Trouble> {
    let run = workspace.run(arguments)?;
    if run.status == 0 { Ok(run) } else { Err(Trouble::Missing(said(&run)?)) }
}

/// What core says when it cannot even read a configuration, before it says why.
const ONLY_THAT: &str = "encountered problems during initialisation";

/// An error of a run, the same each time: its title and the paragraph below, or the first line of
/// what is no message.
fn said(run: &Run) -> Result<String> {
    let printed = format!("{}\n{}", run.stderr, run.stdout);
    let is_meant = |one: &String| one.starts_with("Error: ") && !one.contains(ONLY_THAT);
    if let Some(error) = messages(&printed).into_iter().filter(is_meant).min() {
        return Ok(error.lines().take(2).collect::<Vec<_>>().join(": "));
    }
    let line = printed.lines().map(str::trim).find(|line| !line.is_empty());
    Ok(line.context("the run failed without a word")?.to_owned())
}

/// A bridge of this name, with more in its block.
fn bridge(name: &str, more: &str) -> String {
    format!("resource \"nmstate_linux_bridge\" \"{name}\" {{\n  name = \"{name}\"\n{more}}}\n")
}

/// The state as it is kept.
fn kept_state(workspace: &Workspace) -> Result<String> {
    let path = workspace.path().join("terraform.tfstate");
    fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))
}

/// Fails unless a text has these words.
fn expect(text: &str, words: &str) -> Result<()> {
    ensure!(text.contains(words), "`{words}` is missing in: {text}");
    Ok(())
}
