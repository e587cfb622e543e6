//! The figures, for people as a table and for programs as JSON.

use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use super::measure::say;

/// All figures in the order in which they are shown.
#[derive(Default)]
pub(super) struct Table {
    entries: Vec<Entry>,
    /// The program that plans and applies, such as `Terraform 1.11.4`.
    program: Option<String>,
}

/// One figure.
pub(super) struct Entry {
    name: &'static str,
    value: f64,
    /// Empty for a count.
    unit: &'static str,
    /// What it stands beside, and that one's value in the same unit.
    baseline: Option<(&'static str, f64)>,
    goal: Option<&'static str>,
}

impl Entry {
    pub(super) fn new(name: &'static str, value: f64, unit: &'static str) -> Entry {
        Entry { name, value, unit, baseline: None, goal: None }
    }

    pub(super) fn against(self, name: &'static str, value: f64) -> Entry {
        Entry { baseline: Some((name, value)), ..self }
    }

    pub(super) fn goal(self, goal: &'static str) -> Entry {
        Entry { goal: Some(goal), ..self }
    }

    fn ratio(&self) -> Option<f64> {
        self.baseline.map(|(_, baseline)| self.value / baseline)
    }

    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "value": rounded(self.value),
            "unit": self.unit,
            "baseline": self.baseline.map(|(_, value)| rounded(value)),
            "ratio": self.ratio().map(rounded),
        })
    }

    fn columns(&self) -> [String; 5] {
        let baseline = self
            .baseline
            .map_or(String::new(), |(name, value)| format!("{} {name}", shown(value, self.unit)));
        [
            self.name.to_owned(),
            shown(self.value, self.unit),
            self.goal.unwrap_or_default().to_owned(),
            self.ratio().map_or(String::new(), |ratio| format!("{ratio:.1}")),
            baseline,
        ]
    }
}

impl Table {
    pub(super) fn add(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    pub(super) fn planned_by(&mut self, program: String) {
        self.program = Some(program);
    }

    pub(super) fn print(&self) {
        let head = ["NAME", "VALUE", "GOAL", "RATIO", "BASELINE"].map(str::to_owned);
        let rows: Vec<[String; 5]> =
            std::iter::once(head).chain(self.entries.iter().map(Entry::columns)).collect();
        let width = |column: usize| {
            rows.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..5).map(width).collect();
        say("");
        for row in &rows {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            say(cells.collect::<Vec<_>>().join("  ").trim_end());
        }
        if let Some(program) = &self.program {
            say(&format!("\nplans and applies by {program}"));
        }
    }

    pub(super) fn write(&self, path: &Path) -> Result<()> {
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory)?;
        }
        let figures: Vec<Value> = self.entries.iter().map(Entry::json).collect();
        let text = json!({ "program": self.program, "figures": figures });
        Ok(fs::write(path, format!("{}\n", serde_json::to_string_pretty(&text)?))?)
    }
}

fn shown(value: f64, unit: &str) -> String {
    match unit {
        "" => format!("{value:.0}"),
        unit => format!("{value:.2} {unit}"),
    }
}

/// Three digits behind the point: more is noise.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
