//! What came of the cells, for programs as `target/faults.json` and for people as
//! `target/faults.md`.
//!
//! Both are written after each cell, so a run that is ended loses nothing, and the next one goes on
//! where it was: as long as the provider is the same.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::table::{Cell, Fault, Step};
use crate::cache::short_hex;

/// One cell's result.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) cell: Cell,
    /// `before`, `desired` or `other`.
    pub(super) outcome: String,
    pub(super) seconds_unreachable: f64,
    /// From the fault to the moment when the host was seen in its end state.
    pub(super) seconds_to_end: f64,
    pub(super) ok: bool,
    /// Why it is not ok.
    pub(super) wrong: String,
    /// What Terraform said in the end.
    pub(super) said: String,
    /// Where the log of a run that is not ok was kept.
    pub(super) log: String,
}

impl Row {
    /// The row of a cell that could not be run to its end.
    pub(super) fn without_end(cell: Cell, error: &anyhow::Error) -> Row {
        Row {
            cell,
            outcome: "other".to_owned(),
            seconds_unreachable: 0.0,
            seconds_to_end: 0.0,
            ok: false,
            wrong: format!("not run to the end: {error:#}"),
            said: String::new(),
            log: String::new(),
        }
    }

    /// The row in words.
    pub(super) fn line(&self) -> String {
        let Row { cell, outcome, seconds_unreachable: away, seconds_to_end: end, .. } = self;
        let kind = cell.kind().name();
        let mut line = format!("{kind} {cell}: {outcome}, away {away:.1} s, ended {end:.1} s");
        if !self.ok {
            let Row { wrong, said, log, .. } = self;
            let _ = write!(line, "\n    WRONG: {wrong}\n    Terraform: {said}\n    log: {log}");
        }
        line
    }

    fn json(&self, provider: &str, program: &str) -> Value {
        json!({
            "fault": self.cell.fault.name(),
            "step": self.cell.step.name(),
            "change": self.cell.change.name(),
            "host_kind": self.cell.kind().name(),
            "outcome": self.outcome,
            "seconds_unreachable": tenths(self.seconds_unreachable),
            "seconds_to_end": tenths(self.seconds_to_end),
            "ok": self.ok,
            "wrong": self.wrong,
            "said": self.said,
            "provider": provider,
            "program": program,
        })
    }
}

/// All results so far.
pub(super) struct Results {
    directory: PathBuf,
    /// Tells this provider from others.
    provider: String,
    /// What plans and applies, such as `Terraform 1.11.4`.
    program: String,
    rows: Vec<Value>,
    added: usize,
}

impl Results {
    /// What is known of this provider; nothing with `again`.
    pub(super) fn open(provider: &Path, program: String, again: bool) -> Result<Results> {
        let binary =
            fs::read(provider).with_context(|| format!("cannot read `{}`", provider.display()))?;
        let provider = short_hex(&Sha256::digest(binary));
        let directory = directory();
        let known = fs::read_to_string(directory.join("faults.json")).unwrap_or_default();
        let mut rows: Vec<Value> = serde_json::from_str(&known).unwrap_or_default();
        rows.retain(|row| {
            let is_known = row["provider"] == provider.as_str() && row["ok"] == true;
            is_known && !(again && row["program"] == program.as_str())
        });
        Ok(Results { directory, provider, program, rows, added: 0 })
    }

    /// Whether a cell ended well before.
    pub(super) fn has(&self, cell: &Cell) -> bool {
        self.own().any(|row| {
            row["fault"] == cell.fault.name()
                && row["step"] == cell.step.name()
                && row["change"] == cell.change.name()
        })
    }

    /// Adds a row and writes both files; a line of progress.
    pub(super) fn add(&mut self, row: &Row, total: usize) -> Result<String> {
        self.added += 1;
        self.rows.push(row.json(&self.provider, &self.program));
        fs::create_dir_all(&self.directory)?;
        let json = serde_json::to_string_pretty(&self.rows)?;
        fs::write(self.directory.join("faults.json"), format!("{json}\n"))?;
        fs::write(self.directory.join("faults.md"), self.markdown())?;
        Ok(format!("[{:>3}/{total}] {}", self.added, row.line()))
    }

    /// How many there are, and how they ended.
    pub(super) fn sum(&self) -> String {
        let count = |key: &str, value: Value| self.own().filter(|row| row[key] == value).count();
        format!(
            "{}: {} cells, {} as before, {} as desired, {} wrong",
            self.program,
            self.own().count(),
            count("outcome", "before".into()),
            count("outcome", "desired".into()),
            count("ok", false.into())
        )
    }

    pub(super) fn all_ok(&self) -> bool {
        self.own().all(|row| row["ok"] == true)
    }

    /// The rows of this program.
    fn own(&self) -> impl Iterator<Item = &Value> {
        self.rows.iter().filter(|row| row["program"] == self.program.as_str())
    }

    /// A table of faults by steps: per place how many cells there are, how they ended, and the
    /// longest time to the end. Below it what is wrong.
    fn markdown(&self) -> String {
        let mut text = format!("# Faults\n\n{}.\n\n", self.sum());
        text.push_str(
            "Per fault and step: changes that ended as before / as desired, and the longest \
             seconds from the fault to the end state.\n\n| fault |",
        );
        for step in Step::ALL {
            let _ = write!(text, " {step} |");
        }
        text.push_str("\n|---|");
        text.push_str(&"---|".repeat(Step::ALL.len()));
        text.push('\n');
        for fault in Fault::ALL {
            let _ = write!(text, "| {fault} |");
            for step in Step::ALL {
                let _ = write!(text, " {} |", self.place(*fault, *step));
            }
            text.push('\n');
        }
        text.push_str("\n| fault | step | change | host | outcome | unreachable | to end | ok |\n");
        text.push_str("|---|---|---|---|---|---|---|---|\n");
        for row in self.own() {
            let word = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {:.1} s | {:.1} s | {} |",
                word("fault"),
                word("step"),
                word("change"),
                word("host_kind"),
                word("outcome"),
                row["seconds_unreachable"].as_f64().unwrap_or_default(),
                row["seconds_to_end"].as_f64().unwrap_or_default(),
                if row["ok"] == true { "yes".to_owned() } else { word("wrong") }
            );
        }
        text
    }

    fn place(&self, fault: Fault, step: Step) -> String {
        let rows: Vec<&Value> = self
            .own()
            .filter(|row| row["fault"] == fault.name() && row["step"] == step.name())
            .collect();
        if rows.is_empty() {
            return String::new();
        }
        let count = |outcome: &str| rows.iter().filter(|row| row["outcome"] == outcome).count();
        let longest = rows.iter().filter_map(|row| row["seconds_to_end"].as_f64());
        format!("{} / {}, {:.0} s", count("before"), count("desired"), longest.fold(0.0, f64::max))
    }
}

/// Keeps the log of a run, and tells where.
pub(super) fn keep_log(cell: &Cell, log: &Path) -> Result<String> {
    let directory = directory().join("faults");
    fs::create_dir_all(&directory)?;
    let kept = directory.join(format!("{cell}.log").replace(' ', "-"));
    fs::copy(log, &kept).with_context(|| format!("cannot keep `{}`", log.display()))?;
    Ok(kept.display().to_string())
}

fn directory() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    workspace.unwrap_or(Path::new(".")).join("target")
}

fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}
