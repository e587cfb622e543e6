//! One actor per host: it owns the connection, one cached snapshot and one queue.

use std::sync::Arc;

use nmstate_schema::document::Document;

use crate::error::{Error, ErrorKind};
use crate::snapshot::Snapshot;
use crate::target::Target;
use crate::transaction::{Options, Report};

/// A host; clones share the connection, the snapshot and the queue.
#[derive(Clone, Debug)]
pub struct Host {
    target: Arc<Target>,
}

/// The outcome of an apply.
#[derive(Clone, Debug)]
pub struct Applied {
    /// Whether anything was sent that writes.
    pub changed: bool,
    /// The host before.
    pub before: Arc<Snapshot>,
    /// The host after.
    pub after: Arc<Snapshot>,
    /// What the transaction did; `None` when there was none.
    pub report: Option<Report>,
}

impl Host {
    /// A host that is not contacted yet.
    pub fn new(target: Target, options: Options) -> Host {
        let _ = options;
        Host { target: Arc::new(target) }
    }

    /// The host as the user named it.
    pub fn name(&self) -> &str {
        self.target.name()
    }

    /// The host's state, cached until a transaction of ours; concurrent callers share one login
    /// and one `show`.
    pub async fn snapshot(&self) -> Result<Arc<Snapshot>, Error> {
        Err(Error::new(ErrorKind::Remote, self.name(), "not built yet"))
    }

    /// Makes the host satisfy `desired`, in one transaction with whatever else waits.
    pub async fn apply(&self, desired: Document) -> Result<Applied, Error> {
        let _ = desired;
        Err(Error::new(ErrorKind::Remote, self.name(), "not built yet"))
    }

    /// Ends the connection; a running transaction is finished first.
    pub async fn close(&self) {}

    /// Cancels what waits and undoes a transaction that is not confirmed yet.
    pub fn cancel(&self) {}
}
