//! Random sequences of configurations through the real Terraform on namespace hosts: what
//! `make sequences-hosts` runs.
//!
//! The sequences are those of the provider's model, which writes them as files. Each step is an apply,
//! after which what is declared is in force and the second plan is empty; what somebody has added by
//! hand stays, or a warning names it. After the last destroy the host is as at the start. What is
//! done is in `target/sequences.json`, where a later run goes on.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Result, bail, ensure};
use nmstate_schema::List;
use nmstate_schema::canonical::canonical;
use nmstate_schema::changes::excerpts;
use nmstate_schema::compare::compare;
use nmstate_schema::document::Document;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cache::short_hex;
use crate::record::{HostOptions, Kind};
use crate::terraform::{Terraform, Workspace, provider_binary, provider_block};
use crate::workers::{self, Pace, locked, say};
use crate::{Host, Lab};

/// The message for what an interface cannot become in place; the host is as before then.
const CANNOT_BE_CHANGED: &str = "does not change an interface that is there in this way";

/// A sequence as the model has written it.
#[derive(Debug, Deserialize)]
struct Sequence {
    host: Value,
    steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
struct Step {
    configuration: Value,
    desired: Value,
    by_hand: Option<ByHand>,
    /// The targets of a run before the whole one.
    targets: Vec<String>,
}

/// A change by hand before a step.
#[derive(Debug, Deserialize)]
struct ByHand {
    document: Value,
    /// True if it is there when everything else is gone.
    lasts: bool,
}

/// The outcome of one sequence.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Row {
    sequence: u64,
    provider: String,
    /// The steps that were applied.
    steps: usize,
    /// The reason for an end that is not well.
    wrong: Option<String>,
}

/// Plays the sequences of a directory that were not played with this very provider; whether all ended
/// well.
///
/// # Errors
/// A file that is no sequence, or a lab that cannot start hosts.
pub fn run(directory: &Path, hosts: u16) -> Result<bool> {
    let mut numbers: Vec<u64> = fs::read_dir(directory)
        .with_context(|| format!("cannot read `{}`", directory.display()))?
        .filter_map(|entry| entry.ok()?.path().file_stem()?.to_str()?.parse().ok())
        .collect();
    numbers.sort_unstable();
    let provider = short_hex(&Sha256::digest(fs::read(provider_binary()?)?));
    let results = Mutex::new(Results::open(&provider)?);
    let known: Vec<u64> = locked(&results).rows.iter().map(|row| row.sequence).collect();
    numbers.retain(|number| !known.contains(number));
    say(&format!("{} sequences to play, {} are known", numbers.len(), known.len()));
    let pace = Pace { namespace_hosts: hosts, vm_hosts: 0 };
    workers::spread(
        numbers,
        |_| Kind::Namespace,
        pace,
        |name, numbers| {
            for sequence in numbers {
                let mut steps = 0;
                let played = read(directory, sequence).and_then(|one| play(name, &one, &mut steps));
                let wrong = played.err().map(|error| format!("{error:#}"));
                let told = wrong.as_deref().unwrap_or("well");
                say(&format!("{sequence}: {steps} steps, {told}"));
                let row = Row { sequence, provider: provider.clone(), steps, wrong };
                if let Err(error) = locked(&results).add(row) {
                    say(&format!("cannot be kept: {error:#}"));
                }
            }
        },
    );
    let results = locked(&results);
    let steps: usize = results.rows.iter().map(|row| row.steps).sum();
    let wrong = results.rows.iter().filter(|row| row.wrong.is_some()).count();
    say(&format!("{} sequences, {steps} steps, {wrong} wrong", results.rows.len()));
    Ok(wrong == 0)
}

fn read(directory: &Path, sequence: u64) -> Result<Sequence> {
    let path = directory.join(format!("{sequence}.json"));
    let text = fs::read_to_string(&path)?;
    serde_json::from_str(&text).with_context(|| format!("`{}` is no sequence", path.display()))
}

fn play(name: &str, sequence: &Sequence, done: &mut usize) -> Result<()> {
    let options = HostOptions { data_links: 4, ..HostOptions::default() };
    let host = Lab::from_environment()?.temporary(
        Kind::Namespace,
        &format!("sequence-{name}"),
        &options,
    )?;
    // One of a run that was ended may still be there.
    host.reset()?;
    by_hand(&host, &sequence.host)?;
    let workspace = Workspace::new(Terraform::any()?)?;
    workspace.configure(&provider_block(&[&host], ""))?;
    let mut start = state(&host)?;
    let mut may_stay = false;
    let mut last = Document::default();
    for (number, step) in sequence.steps.iter().enumerate() {
        if let Some(hand) = &step.by_hand {
            by_hand(&host, &hand.document)?;
            if hand.lasts {
                start = with_routes(&start, &hand.document);
            }
        }
        workspace.write("sequence.tf.json", &step.configuration.to_string())?;
        let parallelism = ["-parallelism=1", "-parallelism=100"][number % 2];
        let at = || format!("step {number} with {parallelism}");
        let before = state(&host)?;
        let mut said = String::new();
        if !step.targets.is_empty() {
            let targets = step.targets.iter().map(|one| format!("-target={one}"));
            let arguments = ["apply".to_owned(), parallelism.to_owned()].into_iter().chain(targets);
            let run = workspace.run(arguments)?;
            if run.stderr.contains(CANNOT_BE_CHANGED) {
                return Ok(());
            }
            said = run.succeeded().with_context(at)?.stdout;
        }
        let run = workspace.run(["apply", parallelism])?;
        // Made before its old self is destroyed, under the same name: nothing can do that.
        if run.stderr.contains(CANNOT_BE_CHANGED) {
            return Ok(());
        }
        let run = run.succeeded().with_context(at)?;
        said.push_str(&run.stdout);
        may_stay |= said.contains("another resource declares");
        // What one at a time could not know of each other is said, and heals.
        if said.contains("is declared here") {
            workspace.apply()?;
            may_stay = true;
        }
        let desired = Document::from_value(step.desired.clone())
            .map_err(|findings| anyhow::anyhow!("{findings:?}"))?;
        let after = state(&host)?;
        let missing = compare(&desired, &after);
        ensure!(missing.is_empty(), "{}: not in force: {missing:#?}", at());
        let plan = workspace.run(["plan", "-detailed-exitcode"])?;
        ensure!(plan.status == 0, "{}: the second plan is not empty: {}", at(), plan.stdout);
        if let Some(lost) = lost(&before, &after, [&last, &desired], &said) {
            bail!("{}: {lost} went without a word", at());
        }
        last = desired;
        *done += 1;
    }
    let run = workspace.destroy()?;
    may_stay |= run.stdout.contains("another resource declares");
    let end = state(&host)?;
    let (was, is) = excerpts(start.as_value(), end.as_value());
    if start != end && !may_stay {
        bail!("the host is not as at the start: {was}\nbecame {is}");
    }
    Ok(())
}

/// Applies a document on the host, past Terraform.
fn by_hand(host: &Host, document: &Value) -> Result<()> {
    let output =
        host.exec_with_input(&["nmstatectl", "apply", "-q"], document.to_string().as_bytes())?;
    ensure!(output.status == 0, "{}", output.stderr);
    Ok(())
}

/// The host, without the loopback interface: rules are in a profile of that.
fn state(host: &Host) -> Result<Document> {
    let mut shown: Value = serde_json::from_str(&host.shell("nmstatectl show -r --json")?)?;
    if let Some(interfaces) = shown["interfaces"].as_array_mut() {
        interfaces.retain(|one| one["name"] != "lo");
        // What is off is off, whatever a profile says beside it.
        for one in interfaces {
            for family in ["ipv4", "ipv6"] {
                if one[family]["enabled"] == false {
                    one[family] = json!({ "enabled": false });
                }
            }
        }
    }
    let shown = Document::from_value(shown).map_err(|findings| anyhow::anyhow!("{findings:?}"))?;
    Ok(canonical(&shown))
}

/// A route or rule that was there and is not, and that neither configuration nor a warning names.
fn lost(
    before: &Document,
    after: &Document,
    declared: [&Document; 2],
    said: &str,
) -> Option<String> {
    for (list, key) in [(List::Routes, "destination"), (List::RouteRules, "ip-from")] {
        let is_of = |document: &Document, gone: &Value| {
            list.entries(document).any(|one| one[key] == gone[key])
        };
        let mut gone = list.entries(before).filter(|one| !is_of(after, one));
        let unnamed = gone.find(|one| {
            let is_declared = declared.iter().any(|document| is_of(document, one));
            !is_declared && !said.contains(one[key].as_str().unwrap_or_default())
        });
        if let Some(one) = unnamed {
            return Some(list.label(one));
        }
    }
    None
}

/// A state to which somebody has added routes.
fn with_routes(state: &Document, added: &Value) -> Document {
    let mut tree = state.as_value().clone();
    let added = added.pointer("/routes/config").and_then(Value::as_array);
    for route in added.into_iter().flatten() {
        if let Some(list) = tree.pointer_mut("/routes/config").and_then(Value::as_array_mut)
            && !list.contains(route)
        {
            list.push(route.clone());
        }
    }
    canonical(&Document::from_value(tree).unwrap_or_else(|_| state.clone()))
}

/// The rows of one provider.
struct Results {
    path: PathBuf,
    rows: Vec<Row>,
}

impl Results {
    fn open(provider: &str) -> Result<Results> {
        let path = provider_binary()?
            .ancestors()
            .nth(2)
            .unwrap_or(Path::new("target"))
            .join("sequences.json");
        let text = fs::read_to_string(&path).unwrap_or_default();
        let mut rows: Vec<Row> = serde_json::from_str(&text).unwrap_or_default();
        rows.retain(|row| row.provider == provider && row.wrong.is_none());
        Ok(Results { path, rows })
    }

    fn add(&mut self, row: Row) -> Result<()> {
        self.rows.push(row);
        fs::write(&self.path, serde_json::to_vec_pretty(&self.rows)?)?;
        Ok(())
    }
}
