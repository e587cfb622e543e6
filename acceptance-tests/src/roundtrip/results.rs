//! What came of the cells: `target/roundtrip.json`, written after each, so that a run that is ended
//! loses nothing and the next one goes on where it was, as long as the provider is the same. Each
//! Terraform or OpenTofu has results of its own.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::cell::Cell;
use crate::cache::short_hex;

/// All results so far.
pub(super) struct Results {
    file: PathBuf,
    /// Tells this provider from others.
    provider: String,
    /// What plans and applies, such as `Terraform 1.11.4`.
    program: String,
    rows: Vec<Value>,
    added: usize,
}

impl Results {
    /// What is known of this provider; nothing with `again`.
    pub(super) fn open(
        file: PathBuf,
        provider: &Path,
        program: String,
        again: bool,
    ) -> Result<Results> {
        let binary =
            fs::read(provider).with_context(|| format!("cannot read `{}`", provider.display()))?;
        let provider = short_hex(&Sha256::digest(binary));
        let known = fs::read_to_string(&file).unwrap_or_default();
        let mut rows: Vec<Value> = serde_json::from_str(&known).unwrap_or_default();
        rows.retain(|row| {
            let is_known = row["provider"] == provider.as_str() && row["ok"] == true;
            is_known && !(again && row["program"] == program.as_str())
        });
        Ok(Results { file, provider, program, rows, added: 0 })
    }

    /// Whether a cell ended well before.
    pub(super) fn has(&self, cell: &Cell) -> bool {
        self.own().any(|row| {
            row["document"] == cell.document()
                && row["variant"] == cell.variant.name()
                && row["form"] == cell.form.name()
        })
    }

    /// Adds a result and writes the file; a line of progress.
    pub(super) fn add(&mut self, cell: &Cell, why: Option<&str>, total: usize) -> Result<String> {
        self.added += 1;
        let kind = cell.document.place().0.name();
        self.rows.push(json!({
            "document": cell.document(),
            "variant": cell.variant.name(),
            "form": cell.form.name(),
            "host_kind": kind,
            "ok": why.is_none(),
            "why": why.unwrap_or_default(),
            "provider": self.provider,
            "program": self.program,
        }));
        if let Some(directory) = self.file.parent() {
            fs::create_dir_all(directory)?;
        }
        fs::write(&self.file, format!("{}\n", serde_json::to_string_pretty(&self.rows)?))?;
        let place =
            format!("{kind} {} {} {}", cell.document(), cell.variant.name(), cell.form.name());
        let how = why.map_or("ok".to_owned(), |why| format!("WRONG: {why}"));
        Ok(format!("[{:>3}/{total}] {place}: {how}", self.added))
    }

    /// How many there are, and how many are wrong.
    pub(super) fn sum(&self) -> String {
        let wrong = self.own().filter(|row| row["ok"] == false).count();
        format!("{}: {} cells, {wrong} wrong", self.program, self.own().count())
    }

    pub(super) fn all_ok(&self) -> bool {
        self.own().all(|row| row["ok"] == true)
    }

    /// The rows of this program.
    fn own(&self) -> impl Iterator<Item = &Value> {
        self.rows.iter().filter(|row| row["program"] == self.program.as_str())
    }
}
