//! One actor per host: it owns the connection, one cached snapshot and one queue.
//!
//! A Terraform run asks for fifty resources of one host at once. All of them share one login and
//! one `show`; and changes that come together, or while a transaction runs, are merged into one
//! transaction. When a merged change fails it has been undone, and its members are tried one by
//! one, so that each caller gets its own answer. What one change puts back or takes away stops at what
//! another one of this run declares ([`ledger`]). A host that does not answer fails everybody who
//! waits for it at once, and holds up no other host.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use nmstate_schema::Declaration;
use nmstate_schema::policy::Policy;
use nmstate_schema::undo::{LeftOut, Undo};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::sleep_until;

use self::actor::{Actor, Request};
use self::backend::{Backend, RemoteBackend};
use self::claim::Claim;
use self::ledger::Ledger;
use crate::error::{Error, ErrorKind};
use crate::networkmanager::Configured;
use crate::nmstate::Resolution;
use crate::secrets::Secrets;
use crate::snapshot::Snapshot;
use crate::target::Target;
use crate::transaction::{Change, Options, Report};

mod actor;
mod backend;
mod claim;
mod ledger;
#[cfg(feature = "simulated")]
mod simulated;

#[cfg(feature = "simulated")]
pub use simulated::SimulatedHost;

/// Changes that arrive within this time of each other become one transaction.
const GATHERING_WINDOW: Duration = Duration::from_millis(150);
/// No change waits longer than this for others.
const GATHERING_LIMIT: Duration = Duration::from_secs(2);
/// A host that could not be looked at is not tried again before this time.
const FAILURE_MEMORY: Duration = Duration::from_secs(3);

/// A host; clones share the connection, the snapshot and the queue.
#[derive(Clone)]
pub struct Host {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    backend: Arc<dyn Backend>,
    requests: OnceLock<mpsc::UnboundedSender<Request>>,
    ledger: Arc<Ledger>,
    cancelled: watch::Sender<bool>,
}

/// The outcome of an apply.
#[derive(Clone, Debug)]
pub struct Applied {
    /// Whether the host did not satisfy the document before.
    pub changed: bool,
    /// The host before.
    pub before: Arc<Snapshot>,
    /// The host after.
    pub after: Arc<Snapshot>,
    /// What the transaction did, the same one for all changes that it carried; `None` when there
    /// was none.
    pub report: Option<Arc<Report>>,
    /// What of this change was not put back or taken away, and why.
    pub left_out: Vec<LeftOut>,
}

impl Host {
    /// A host that is not contacted yet.
    pub fn new(target: Target, options: Options) -> Host {
        let name = target.name().to_owned();
        Host::with_backend(name, Arc::new(RemoteBackend::new(target, options)))
    }

    fn with_backend(name: String, backend: Arc<dyn Backend>) -> Host {
        let (cancelled, _) = watch::channel(false);
        let (requests, ledger) = (OnceLock::new(), Arc::default());
        Host { inner: Arc::new(Inner { name, backend, requests, ledger, cancelled }) }
    }

    /// The host as the user named it.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The host's state, cached until a transaction of ours; concurrent callers share one login
    /// and one `show`.
    pub async fn snapshot(&self) -> Result<Arc<Snapshot>, Error> {
        self.ask(Request::Snapshot).await?
    }

    /// Resolves a policy against the host as it is, over the connection that all share.
    pub async fn resolve(&self, policy: Policy) -> Result<Resolution, Error> {
        self.ask(|reply| Request::Resolve(policy, reply)).await?
    }

    /// What the profiles of NetworkManager configure, over the connection that all share.
    pub async fn configured(&self) -> Result<Configured, Error> {
        self.ask(Request::Configured).await?
    }

    /// The secrets of the host, asked for once per look at it, over the connection that all share.
    pub async fn secrets<'a>(&self, snapshot: &'a Snapshot) -> Result<&'a Secrets, Error> {
        let ask = || async { self.ask(Request::Secrets).await? };
        snapshot.secrets.get_or_init(ask).await.as_ref().map_err(Error::clone)
    }

    /// Makes the host satisfy a document, in one transaction with whatever else waits.
    ///
    /// An error leaves the host as it was, except [`ErrorKind::Uncertain`].
    pub async fn apply(&self, change: impl Into<Change>) -> Result<Applied, Error> {
        let change = change.into();
        // From now on nobody takes away what this change declares.
        let declaration = self.inner.ledger.declare(&change.document);
        let outcome = self.carry_out(change).await;
        match outcome {
            Ok(_) => self.inner.ledger.settle(declaration),
            Err(_) => self.inner.ledger.withdraw(declaration),
        }
        outcome
    }

    async fn carry_out(&self, change: Change) -> Result<Applied, Error> {
        let claim = Claim::default();
        let (deadline, theirs) = (change.deadline, claim.clone());
        let answer = self.ask(|reply| Request::Apply(change, reply, theirs));
        tokio::pin!(answer);
        if let Some(deadline) = deadline {
            tokio::select! {
                biased;
                answer = &mut answer => return answer?,
                () = sleep_until(deadline.into()) => {}
            }
            // What has begun ends with an answer that is proven from the host.
            if claim.take() {
                return Err(claim::out_of_time(self.name()));
            }
        }
        answer.await?
    }

    /// What other changes of this run would have undone if nothing else had declared it.
    pub fn postponed(&self) -> Undo {
        self.inner.ledger.postponed()
    }

    /// Notes what resources declare that this run may leave as they are. What is undone stops at that,
    /// too.
    pub fn know(&self, declarations: &[Declaration]) {
        self.inner.ledger.know(declarations);
    }

    /// Takes back what a resource declared before this run, because it is changed or goes.
    pub fn release(&self, by: &str) {
        self.inner.ledger.release(by);
    }

    /// Undoes [`Host::release`], because the resource stays as it was.
    pub fn keep(&self, by: &str) {
        self.inner.ledger.keep(by);
    }

    /// Ends the connection after what is queued; the next request makes a new one.
    pub async fn close(&self) {
        if self.inner.requests.get().is_some() {
            let _ = self.ask(Request::Close).await;
        }
    }

    /// Refuses changes from now on, and undoes the one that is not committed yet.
    pub fn cancel(&self) {
        self.inner.cancelled.send_replace(true);
    }

    async fn ask<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<T>) -> Request,
    ) -> Result<T, Error> {
        let requests = self.inner.requests.get_or_init(|| {
            let (sender, receiver) = mpsc::unbounded_channel();
            let cancelled = self.inner.cancelled.subscribe();
            let backend = Arc::clone(&self.inner.backend);
            let ledger = Arc::clone(&self.inner.ledger);
            let name = self.inner.name.clone();
            tokio::spawn(Actor::new(name, backend, ledger, receiver, cancelled).run());
            sender
        });
        let gone = || Error::new(ErrorKind::Protocol, self.name(), "the host's task has ended");
        let (reply, answer) = oneshot::channel();
        requests.send(request(reply)).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Host").field("name", &self.inner.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
