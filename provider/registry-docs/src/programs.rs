//! What works with which Terraform and OpenTofu: a table of what test runs have recorded.
//!
//! The record is written by the acceptance tests, which use each feature with the provider on a
//! real host, and never by hand.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::sources::{Error, read};

/// Where the record is, below the top of the repository.
pub const RECORD: &str = "provider/registry-docs/what-works-where.json";

#[derive(Debug, Deserialize)]
struct Record {
    features: Vec<Feature>,
    programs: Vec<Program>,
}

#[derive(Debug, Deserialize)]
struct Feature {
    id: String,
    name: String,
}

#[derive(Debug, Deserialize)]
struct Program {
    product: String,
    version: String,
    found: BTreeMap<String, Found>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase", tag = "outcome", content = "said")]
enum Found {
    Works,
    Known(String),
    Missing(String),
}

/// A row for each feature, and below the table what the programs say where something is missing.
///
/// # Errors
/// The record cannot be read.
pub fn table(root: &Path) -> Result<String, Error> {
    let path = root.join(RECORD);
    let record: Record =
        serde_json::from_str(&read(&path)?).map_err(|error| Error::new(&path, error.into()))?;
    let names: Vec<String> =
        record.programs.iter().map(|one| format!("{} {}", one.product, one.version)).collect();
    let mut page = format!("| Feature | {} |\n", names.join(" | "));
    page.push_str(&format!("|---|{}\n", "---|".repeat(names.len())));
    for feature in &record.features {
        let cells = record.programs.iter().map(|program| match program.found.get(&feature.id) {
            Some(Found::Works) => "yes",
            Some(Found::Known(_)) => "not by the provider",
            Some(Found::Missing(_)) => "no",
            None => "not tried",
        });
        let cells: Vec<&str> = cells.collect();
        page.push_str(&format!("| {} | {} |\n", capitalised(&feature.name), cells.join(" | ")));
    }
    page.push_str("\n## What the programs say\n\n");
    for feature in &record.features {
        for (words, programs) in said(&record, &feature.id) {
            let name = capitalised(&feature.name);
            page.push_str(&format!("- {name}, {}: `{words}`\n", programs.join(", ")));
        }
    }
    Ok(page)
}

/// The words about a feature, each with the programs that say so.
fn said<'a>(record: &'a Record, id: &str) -> Vec<(&'a str, Vec<String>)> {
    let mut all: Vec<(&str, Vec<String>)> = Vec::new();
    for program in &record.programs {
        let Some(Found::Known(words) | Found::Missing(words)) = program.found.get(id) else {
            continue;
        };
        let name = format!("{} {}", program.product, program.version);
        match all.iter_mut().find(|(known, _)| known == words) {
            Some((_, programs)) => programs.push(name),
            None => all.push((words, vec![name])),
        }
    }
    all
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
