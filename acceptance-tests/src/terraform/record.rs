//! What works where, as test runs found it: `provider/registry-docs/what-works-where.json`, of
//! which the registry's page is made.
//!
//! A column belongs to a product and its version without the last number. `NMSTATE_RECORD=1` has a
//! run write its column; without it a run is held against the one that is there.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::feature::Feature;
use super::program::Terraform;
use crate::lock::lock;

const FILE: &str = "../provider/registry-docs/what-works-where.json";
const RECORDING: &str = "NMSTATE_RECORD";

/// How a program got on with a feature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "outcome", content = "said")]
pub enum Found {
    /// It does what it is for.
    Works,
    /// The program has it and the provider makes no use of it; with the words of the program.
    Known(String),
    /// It does not work; with the words of the program.
    Missing(String),
}

/// What a program was found to have, by the names of features in records.
pub type Column = BTreeMap<String, Found>;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Record {
    features: Vec<Named>,
    programs: Vec<Program>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Named {
    id: String,
    name: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Program {
    product: String,
    version: String,
    found: Column,
}

/// Writes what was found with a program into the record, or fails where the record has it
/// otherwise. A program that the record does not have is no failure.
///
/// # Errors
/// The record differs, or cannot be read or written.
pub fn hold(terraform: &Terraform, found: Column) -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    if env::var_os(RECORDING).is_some_and(|value| !value.is_empty() && value != "0") {
        let _lock = lock(&target().join("what-works-where.lock"))?;
        let mut record = if path.exists() { read(&path)? } else { Record::default() };
        record.add(terraform, found);
        return Ok(fs::write(&path, format!("{}\n", serde_json::to_string_pretty(&record)?))?);
    }
    let record = read(&path)?;
    let Some(program) = record.programs.iter().find(|one| one.is(terraform)) else { return Ok(()) };
    let differ = |(id, one): &(&String, &Found)| program.found.get(*id) != Some(one);
    let others: Vec<_> = found.iter().filter(differ).collect();
    ensure!(
        others.is_empty() && program.found.len() == found.len(),
        "{terraform}: the record of {} has it otherwise: {others:#?}; {RECORDING}=1 writes it",
        program.version
    );
    Ok(())
}

impl Record {
    fn add(&mut self, terraform: &Terraform, found: Column) {
        let named = |one: Feature| Named { id: one.id().into(), name: one.name().into() };
        self.features = Feature::all().map(named).collect();
        self.programs.retain(|one| !one.is(terraform));
        self.programs.push(Program {
            product: terraform.product().name().into(),
            version: terraform.version().into(),
            found,
        });
        // Terraform first.
        self.programs.sort_by_key(|one| (one.product != "Terraform", numbers(&one.version)));
    }
}

impl Program {
    /// Whether the column is that of a program.
    fn is(&self, terraform: &Terraform) -> bool {
        let numbers = numbers(&self.version);
        self.product == terraform.product().name()
            && numbers.get(..2) == self::numbers(terraform.version()).get(..2)
    }
}

fn numbers(version: &str) -> Vec<u32> {
    version.split(['.', '-']).map_while(|number| number.parse().ok()).collect()
}

fn read(path: &Path) -> Result<Record> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}`: {RECORDING}=1 writes it", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("`{}` is no record", path.display()))
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target")
}
