//! How carefully a host is changed, and for how long it may be in between.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use nmstate_schema::Value;
use nmstate_schema::canonical::canonical;
use nmstate_schema::document::Document;
use nmstate_schema::merge::{Conflict, merge};
use nmstate_schema::undo::{Resolved, Undo};

use crate::probe::Probe;

/// How carefully, and how long.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// T: how long an unconfirmed change stands before NetworkManager undoes it; at least 5 s.
    pub timeout: Duration,
    /// How long to wait for somebody else's checkpoint.
    pub lock_timeout: Duration,
    /// How long probes that fail after a change are asked again before it is undone, unless the
    /// change says otherwise.
    pub settle_timeout: Duration,
    /// When the change is written to disk.
    pub persist: Persist,
    /// What is watched in every change, beside what a change brings along.
    pub probes: Vec<Probe>,
    /// Where a file about each transaction is written (`~` is the home directory); `None` writes
    /// none.
    pub report_dir: Option<PathBuf>,
    /// Who has to find a change good besides the engine, when it runs on the host itself: the
    /// connection that it could make from there proves nothing. `None` is nobody.
    pub approval: Option<Approval>,
}

/// A word from elsewhere, without which a change is undone after [`Options::timeout`].
///
/// Both files are made on the host, in a directory that nobody else can write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Who gives it, for messages.
    pub who: String,
    /// Made by the engine when the change is in force: a word given before counts nothing.
    pub awaited: PathBuf,
    /// Made by whoever finds the change good, or with an objection in its first line, and then whole
    /// or not at all.
    pub given: PathBuf,
}

/// When a change is written to disk, and so outlives a reboot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Persist {
    /// After it is confirmed: a reboot before falls back to the state before.
    #[default]
    AfterCommit,
    /// With the change itself, as `nmstatectl apply` does: a reboot or a restart of NetworkManager
    /// while it is unconfirmed keeps it.
    AtOnce,
    /// Never: the next reboot undoes it.
    Never,
}

/// What a host is asked to become.
#[derive(Clone, Debug)]
pub struct Change {
    /// The desired state.
    pub document: Document,
    /// What is put back or taken away beside it, as far as that concerns nobody else by then.
    pub undo: Undo,
    /// What else is declared on the host in this run; its queue fills that in.
    pub declared: Vec<Document>,
    /// What is watched beside the probes of [`Options`].
    pub probes: Vec<Probe>,
    /// In place of the one of [`Options`]; of changes that travel together the longest counts.
    pub settle_timeout: Option<Duration>,
    /// When its time is up: what is not begun by then is refused, and what is not committed is
    /// undone, as by a cancel. `None` leaves it its time.
    pub deadline: Option<Instant>,
    /// Sends the document to a host that satisfies it too: what a host shows of a secret does not
    /// tell one from another.
    pub resend: bool,
}

impl Change {
    /// The one document that nmstate gets for a host in state `before`, and what is not undone.
    ///
    /// # Errors
    /// The document contradicts what is to be put back.
    pub fn resolve(&self, before: &Document) -> Result<Resolved, Box<Conflict>> {
        let declared = self.declared.iter().chain([&self.document]);
        let mut resolved = self.undo.resolve(declared, before);
        if resolved.document.is_empty() {
            resolved.document = self.document.clone();
            return Ok(resolved);
        }
        let document = with_tables(&self.document, &resolved.document);
        resolved.document = merge(&[resolved.document, document])?;
        Ok(resolved)
    }
}

/// The document with its routes in normal form beside removals of others: nmstate takes one that does
/// not name its table for the one that is to be removed.
fn with_tables(document: &Document, undoing: &Document) -> Document {
    if undoing.routes().next().is_none() || document.routes().next().is_none() {
        return document.clone();
    }
    let normal = canonical(document);
    let routes: Vec<Value> = normal.routes().cloned().collect();
    let mut tree = document.as_value().clone();
    tree["routes"]["config"] = routes.into();
    Document::from_value(tree).unwrap_or_else(|_| document.clone())
}

impl Options {
    /// The shortest T: a new login and a `show` on a slow host must fit in.
    pub const MINIMUM_TIMEOUT: Duration = Duration::from_secs(5);

    pub(super) fn timeout(&self) -> Duration {
        self.timeout.max(Options::MINIMUM_TIMEOUT)
    }
}

impl Default for Options {
    fn default() -> Options {
        Options {
            timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(60),
            settle_timeout: Duration::from_secs(10),
            persist: Persist::default(),
            probes: Probe::defaults(),
            report_dir: None,
            approval: None,
        }
    }
}

impl From<Document> for Change {
    fn from(document: Document) -> Change {
        Change {
            document,
            undo: Undo::default(),
            declared: Vec::new(),
            probes: Vec::new(),
            settle_timeout: None,
            deadline: None,
            resend: false,
        }
    }
}
