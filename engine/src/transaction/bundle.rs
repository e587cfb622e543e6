//! One file about one transaction, for whoever has to explain it afterwards.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nmstate_schema::redact;
use serde_json::json;

use super::Transaction;
use crate::error::Error;
use crate::snapshot::Snapshot;
use crate::target;

/// How long the host's journal is waited for.
const JOURNAL_TIMEOUT: Duration = Duration::from_secs(5);

impl Transaction<'_> {
    /// Writes the file when a directory for it is set. A failure is no reason to fail a change:
    /// it becomes a warning.
    pub(super) async fn write_bundle(
        &mut self,
        started: Instant,
        before: &Snapshot,
        after: Option<&Snapshot>,
        error: Option<&Error>,
    ) {
        let Some(directory) = self.options.report_dir.as_deref().map(target::expand) else {
            return;
        };
        let journal =
            tokio::time::timeout(JOURNAL_TIMEOUT, self.client.journal(started.elapsed())).await;
        let journal = match journal {
            Ok(Ok(lines)) => lines,
            Ok(Err(error)) => vec![error.message],
            Err(_) => vec!["the host did not answer in time".to_owned()],
        };
        let report = self.recorder.report();
        let differences: Vec<_> =
            report.differences.iter().map(|one| one.path.to_string()).collect();
        let bundle = json!({
            "host": self.name(),
            "machine_id": before.machine_id,
            "nmstate_version": before.nmstate_version,
            "error": error.map(ToString::to_string),
            "transaction": report.to_value(),
            "before": redact(before.state.as_value()),
            "desired": redact(self.document.as_value()),
            "after": after.map(|after| redact(after.state.as_value())),
            "verification": differences,
            "networkmanager_journal": journal,
        });
        let file = directory.join(file_name(self.name()));
        if let Err(cause) = write(&file, &bundle.to_string()) {
            let message = format!("cannot write the report `{}`: {cause}", file.display());
            self.recorder.report_mut().warnings.push(message);
        }
    }
}

/// The host and the time, with nothing that a file name cannot hold.
fn file_name(host: &str) -> PathBuf {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let host: String = host.chars().map(plain).collect();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("nmstate-{host}-{}.{:09}.json", now.as_secs(), now.subsec_nanos()).into()
}

/// Addresses and names of a network are for its administrators alone.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    if let Some(directory) = file.parent() {
        std::fs::create_dir_all(directory)?;
    }
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    file.write_all(text.as_bytes())
}
