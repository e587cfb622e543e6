//! The only place that changes a host.
//!
//! `Idle -> Baseline -> Applying -> Pending -> Confirmed | Reverted`. nmstate applies without
//! committing and in memory, so NetworkManager undoes the change by itself unless somebody says
//! that it is good, and so does a reboot. That it is good is said only over a connection made after
//! the change. Whoever says nothing (killed, cut off, cancelled) has undone it. Every end is read
//! from the host: an error that says "reverted" has compared the state with the one before, and
//! what cannot be read is "uncertain".
//!
//! The steps in their order: `probing` (what works now), `apply` (nmstate works), `connection`
//! (back to the host, wherever it is now), `confirm` (good or not), `persist` (to disk), and
//! `revert` with `proof` when it is not good. `approval` waits for somebody
//! else's word, for an engine that runs on the host itself. `report` keeps what happened, `bundle` files it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nmstate_schema::compare::{compare, removed_hardware};
use nmstate_schema::document::Document;
use nmstate_schema::loss::{Losses, losses};
use nmstate_schema::undo::{HandedBack, Resolved, Undo};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::error::{Error, ErrorKind};
use crate::networkmanager::{GlobalDns, Profiles};
use crate::nmstate::{Client, Outcome, Ticket};
use crate::snapshot::Snapshot;
use crate::target::Target;

mod apply;
mod approval;
mod bundle;
mod confirm;
mod connection;
mod name_servers;
mod options;
mod persist;
mod probing;
mod proof;
mod removal;
mod report;
mod revert;
mod step;

pub use options::{Approval, Change, Options, Persist};
pub use report::{Report, State, Timeline};

use confirm::Objection;
use connection::Ways;
pub use connection::new_addresses;
use probing::Watch;
use report::Recorder;

/// NetworkManager needs a moment to put everything back after the time is up.
const GRACE: Duration = Duration::from_secs(15);
/// How long a link may take to show the state that nmstate has verified, or the one before.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(10);
/// The rhythm of asking again.
const RETRY_DELAY: Duration = Duration::from_millis(500);
/// While nmstate works: how long a connection may be silent before another one is tried.
const SILENCE: Duration = Duration::from_secs(2);

/// The state before and after, and the way from one to the other; no report when nothing differed.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    pub(crate) before: Arc<Snapshot>,
    pub(crate) after: Arc<Snapshot>,
    pub(crate) report: Option<Arc<Report>>,
    /// What went with an interface, and comes back with it.
    pub(crate) kept: Undo,
}

impl Done {
    /// Nothing was to be done.
    pub(crate) fn unchanged(before: Arc<Snapshot>) -> Done {
        Done { after: Arc::clone(&before), before, report: None, kept: Undo::default() }
    }
}

/// One change of one host.
pub(crate) struct Transaction<'a> {
    ways: Ways,
    client: Client,
    change: &'a Change,
    /// The change as this host needs it: with what is put back.
    document: Document,
    /// Hardware interfaces whose configuration is to be removed.
    removed_hardware: Vec<String>,
    /// Interfaces that go back to what had them before.
    handed_back: Vec<HandedBack>,
    options: &'a Options,
    cancelled: watch::Receiver<bool>,
    recorder: Recorder,
    watch: Watch,
    /// The profiles before the change.
    profiles: Profiles,
    /// The name servers that nmstate is not to see, and that the host gets back.
    name_servers: Option<GlobalDns>,
    /// A write to disk has failed.
    disk_refuses: bool,
}

impl<'a> Transaction<'a> {
    pub(crate) fn new(
        target: Arc<Target>,
        client: Client,
        change: &'a Change,
        options: &'a Options,
        cancelled: watch::Receiver<bool>,
    ) -> Transaction<'a> {
        Transaction {
            ways: Ways::new(target),
            client,
            change,
            document: change.document.clone(),
            removed_hardware: Vec::new(),
            handed_back: Vec::new(),
            options,
            cancelled,
            recorder: Recorder::new(),
            watch: Watch::default(),
            profiles: Profiles::default(),
            name_servers: None,
            disk_refuses: false,
        }
    }

    /// The connection that the host answered over last, and where it is reached since.
    pub(crate) fn into_client(self) -> (Client, Arc<Target>) {
        (self.client, Arc::clone(self.ways.current()))
    }

    /// Makes the host satisfy the document, or leaves it as it was.
    pub(crate) async fn run(&mut self) -> Result<Done, Error> {
        let started = Instant::now();
        let before = Arc::new(self.client.snapshot().await?);
        let resolved = self.resolved(&before)?;
        (self.document, self.handed_back) = (resolved.document, resolved.handed_back);
        let is_so = || compare(&self.document, &before.state).is_empty();
        if !self.change.resend && self.handed_back.is_empty() && is_so() {
            return Ok(Done::unchanged(before));
        }
        self.recorder.enter(State::Baseline, "looked at the host");
        let ticket = Ticket::new();
        let old_way = self.ways.current().destination();
        let end = self.carry_out(&ticket, &before).await;
        if self.recorder.report().state != State::Baseline {
            // A runner removes its result itself in the end; nobody needs to wait for that.
            let _ = self.client.clean(&ticket).await;
        }
        let place = self.ways.current().destination();
        if place != old_way {
            self.recorder.report_mut().address = Some(place);
        }
        let (after, error) = match &end {
            Ok(after) => (Some(after.as_ref()), None),
            // Proven to be equal.
            Err(error) if self.recorder.report().state == State::Reverted => {
                (Some(before.as_ref()), Some(error))
            }
            Err(error) => (None, Some(error)),
        };
        let losses = after.filter(|_| error.is_none()).map_or_else(Losses::default, |after| {
            losses(&self.document, before.canonical(), after.canonical())
        });
        let warnings = losses.unasked.iter().map(ToString::to_string);
        self.recorder.report_mut().warnings.extend(warnings);
        self.write_bundle(started, &before, after, error).await;
        let report = self.recorder.report().clone();
        match end {
            Ok(after) => {
                Ok(Done { before, after, report: Some(Arc::new(report)), kept: losses.kept })
            }
            Err(error) => Err(error.with_report(report)),
        }
    }

    async fn carry_out(
        &mut self,
        ticket: &Ticket,
        before: &Arc<Snapshot>,
    ) -> Result<Arc<Snapshot>, Error> {
        self.removed_hardware = removed_hardware(&self.document, &before.state);
        let client = self.client.clone();
        self.ways.add(new_addresses(&self.document, before), &client);
        self.baseline().await?;
        match self.apply_when_free(ticket, before).await? {
            Outcome::Applied { checkpoint: Some(checkpoint) } => {
                self.recorder.enter(State::Pending, "applied");
                self.recorder.report_mut().checkpoint = Some(checkpoint.clone());
                self.confirm(&checkpoint, before).await
            }
            Outcome::Applied { checkpoint: None } => {
                // Without its path a checkpoint cannot be told from somebody else's.
                let message = "`nmstatectl` did not name its checkpoint";
                let error = Error::new(ErrorKind::Protocol, self.name(), message);
                sleep(self.options.timeout()).await;
                Err(self.prove_reverted(before, error).await)
            }
            Outcome::Failed { error, checkpoint } => {
                // A killed nmstatectl leaves its checkpoint pending.
                if let Some(checkpoint) = checkpoint {
                    self.roll_back(&checkpoint).await?;
                }
                Err(self.prove_reverted(before, error).await)
            }
            Outcome::None | Outcome::Pending | Outcome::Conflict => {
                Err(self.uncertain("nmstate still works"))
            }
        }
    }

    fn resolved(&self, before: &Snapshot) -> Result<Resolved, Error> {
        self.change.resolve(&before.state).map_err(|conflict| {
            let path = &conflict.path;
            let message = format!("`{path}` is declared and put back to something else");
            Error::new(ErrorKind::InvalidDocument, self.name(), message)
                .with_path(Some(path.clone()))
        })
    }

    /// Replaces the connection by a new one, trying all ways until the deadline.
    async fn reconnect(&mut self, deadline: Instant) -> Result<(), Error> {
        let way = self.ways.current().destination();
        match self.ways.open(deadline).await {
            Ok(client) => {
                let broken = std::mem::replace(&mut self.client, client);
                if self.recorder.is_lost()
                    && let Err(error) = self.client.fence(&broken).await
                {
                    // Whoever is lost again comes back here.
                    tracing::debug!(%error, "the old connection could not be ended");
                }
                self.recorder.answered();
                let place = self.ways.current().destination();
                if place != way {
                    self.recorder.note(&format!("answered at {place}"));
                }
                Ok(())
            }
            Err(error) => Err(self.uncertain(&error.message)),
        }
    }

    fn refuse_if_cancelled(&self) -> Result<(), Error> {
        if *self.cancelled.borrow() {
            let message = "cancelled before anything was changed";
            return Err(Error::new(ErrorKind::Cancelled, self.name(), message));
        }
        Ok(())
    }

    fn name(&self) -> &str {
        self.ways.current().name()
    }
}

/// Whether an error means that the host cannot be talked to, for now.
fn is_loss(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Unreachable
            | ErrorKind::ConnectTimeout
            | ErrorKind::JumpHost
            | ErrorKind::Protocol
    )
}
