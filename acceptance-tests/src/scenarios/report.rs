//! What came of the tests, for people and as `target/scenarios.json`.

use std::fmt::Write as _;
use std::fs;

use anyhow::Result;
use serde_json::{Value, json};

use super::nextest::top;
use crate::terraform::Terraform;

/// What came of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    /// The program lacks something, as a table foresees.
    Cannot(String),
    Failed(String),
}

/// A test on a program.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) outcome: Outcome,
    pub(super) seconds: f64,
}

/// All tests on a program.
#[derive(Debug)]
pub(super) struct Program {
    terraform: Terraform,
    rows: Vec<Row>,
}

impl Outcome {
    fn word(&self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Cannot(_) => "cannot",
            Outcome::Failed(_) => "failed",
        }
    }

    fn why(&self) -> &str {
        match self {
            Outcome::Passed => "",
            Outcome::Cannot(why) | Outcome::Failed(why) => why,
        }
    }
}

impl Program {
    pub(super) fn new(terraform: &Terraform, rows: Vec<Row>) -> Program {
        Program { terraform: terraform.clone(), rows }
    }

    /// Whether nothing has failed.
    pub(super) fn is_well(&self) -> bool {
        self.with("failed").next().is_none()
    }

    /// How many tests passed, and which did not.
    pub(super) fn text(&self) -> String {
        let count = |word| self.with(word).count();
        let Program { terraform, rows } = self;
        let seconds: f64 = rows.iter().map(|row| row.seconds).sum();
        let mut text = format!(
            "\n{terraform}: {} passed, {} failed, {} need what it lacks; {:.0} min of tests",
            count("passed"),
            count("failed"),
            count("cannot"),
            seconds / 60.0
        );
        for (word, title) in [("cannot", "it cannot run"), ("failed", "FAILED")] {
            for Row { name, outcome, .. } in self.with(word) {
                let _ = write!(text, "\n  {title} {name}: {}", outcome.why());
            }
        }
        text
    }

    fn with(&self, word: &str) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.outcome.word() == word)
    }

    fn json(&self) -> Value {
        let rows = self.rows.iter().map(|row| {
            json!({
                "name": row.name,
                "outcome": row.outcome.word(),
                "why": row.outcome.why(),
                "seconds": (row.seconds * 10.0).round() / 10.0,
            })
        });
        json!({
            "product": self.terraform.product().name(),
            "version": self.terraform.version(),
            "tests": rows.collect::<Vec<_>>(),
        })
    }
}

/// Writes what came of all programs so far.
pub(super) fn write(programs: &[Program]) -> Result<()> {
    let directory = top().join("target");
    fs::create_dir_all(&directory)?;
    let programs: Vec<Value> = programs.iter().map(Program::json).collect();
    let text = format!("{}\n", serde_json::to_string_pretty(&programs)?);
    Ok(fs::write(directory.join("scenarios.json"), text)?)
}
