//! The only place that changes a host.
//!
//! `Idle -> Baseline -> Applying -> Pending -> Confirmed | Reverted`. nmstate applies without
//! committing, so NetworkManager undoes the change by itself unless somebody says that it is good;
//! and that is said only over a connection made after the change. Whoever says nothing (killed,
//! cut off, cancelled) has undone it. Every end is read from the host: an error that says
//! "reverted" has compared the state with the one before, and what cannot be read is "uncertain".
//!
//! Each step is a function of its own, in the order in which they run.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nmstate_schema::compare::{Difference, compare, removed_hardware};
use nmstate_schema::document::Document;
use nmstate_schema::path::Path;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::error::{Error, ErrorKind};
use crate::networkmanager::NetworkManager;
use crate::nmstate::{APPLY_TIMEOUT, Client, Outcome, Ticket};
use crate::snapshot::Snapshot;
use crate::target::Target;

mod hardware;
mod proof;
mod report;

pub use report::{Report, State, Timeline};

use proof::{first_difference, verify};
use report::Recorder;

/// NetworkManager needs a moment to put everything back after the time is up.
const GRACE: Duration = Duration::from_secs(15);
/// How long a link may take to show the state that nmstate has verified, or the one before.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(10);
/// The rhythm of asking again.
const RETRY_DELAY: Duration = Duration::from_millis(500);
/// While nmstate works: how often the connection is tried, and how long it may be silent.
const HEARTBEAT: Duration = Duration::from_secs(1);
const SILENCE: Duration = Duration::from_secs(4);

/// How carefully, and how long.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// T: how long an unconfirmed change stands before NetworkManager undoes it; at least 5 s.
    pub timeout: Duration,
    /// How long to wait for somebody else's checkpoint.
    pub lock_timeout: Duration,
}

impl Options {
    /// The shortest T: a new login and a `show` on a slow host must fit in.
    pub const MINIMUM_TIMEOUT: Duration = Duration::from_secs(5);

    fn timeout(&self) -> Duration {
        self.timeout.max(Options::MINIMUM_TIMEOUT)
    }
}

impl Default for Options {
    fn default() -> Options {
        Options { timeout: Duration::from_secs(30), lock_timeout: Duration::from_secs(60) }
    }
}

/// The state before and after, and the way from one to the other; no report when nothing differed.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    pub(crate) before: Arc<Snapshot>,
    pub(crate) after: Arc<Snapshot>,
    pub(crate) report: Option<Report>,
}

/// One change of one host.
pub(crate) struct Transaction<'a> {
    target: Arc<Target>,
    client: Client,
    desired: &'a Document,
    /// Hardware interfaces whose configuration is to be removed.
    removed_hardware: Vec<String>,
    options: &'a Options,
    cancelled: watch::Receiver<bool>,
    recorder: Recorder,
}

/// Why the pending change is not good.
enum Objection {
    Cancelled,
    Differs(Vec<Difference>),
    Lost(Error),
}

impl<'a> Transaction<'a> {
    pub(crate) fn new(
        target: Arc<Target>,
        client: Client,
        desired: &'a Document,
        options: &'a Options,
        cancelled: watch::Receiver<bool>,
    ) -> Transaction<'a> {
        let (removed_hardware, recorder) = (Vec::new(), Recorder::new());
        Transaction { target, client, desired, removed_hardware, options, cancelled, recorder }
    }

    /// The connection that the host answered over last.
    pub(crate) fn into_client(self) -> Client {
        self.client
    }

    /// Makes the host satisfy the document, or leaves it as it was.
    pub(crate) async fn run(&mut self) -> Result<Done, Error> {
        let before = Arc::new(self.client.snapshot().await?);
        if compare(self.desired, &before.state).is_empty() {
            return Ok(Done { after: Arc::clone(&before), before, report: None });
        }
        self.removed_hardware = removed_hardware(self.desired, &before.state);
        self.recorder.enter(State::Baseline, "looked at the host");
        let ticket = Ticket::new();
        let outcome = self.apply_when_free(&ticket).await;
        let end = match outcome {
            Ok(Outcome::Applied { checkpoint: Some(checkpoint) }) => {
                self.recorder.enter(State::Pending, "applied");
                self.recorder.checkpoint(&checkpoint);
                self.confirm(&checkpoint, &before).await
            }
            Ok(Outcome::Applied { checkpoint: None }) => {
                // Without its path a checkpoint cannot be told from somebody else's.
                let message = "`nmstatectl` did not name its checkpoint";
                let error = Error::new(ErrorKind::Protocol, self.target.name(), message);
                sleep(self.options.timeout()).await;
                Err(self.prove_reverted(&before, error).await)
            }
            Ok(Outcome::Failed { error, checkpoint }) => {
                // A killed nmstatectl leaves its checkpoint pending.
                match checkpoint {
                    None => Err(self.prove_reverted(&before, error).await),
                    Some(checkpoint) => match self.roll_back(&checkpoint).await {
                        Ok(_) => Err(self.prove_reverted(&before, error).await),
                        Err(uncertain) => Err(uncertain),
                    },
                }
            }
            Ok(Outcome::None | Outcome::Pending | Outcome::Conflict) => {
                Err(self.uncertain("nmstate still works"))
            }
            Err(error) => Err(error),
        };
        if self.recorder.report().state != State::Baseline {
            // A runner removes its result itself in the end; nobody needs to wait for that.
            let _ = self.client.clean(&ticket).await;
        }
        let after = end?;
        Ok(Done { before, after, report: Some(self.recorder.report().clone()) })
    }

    /// Applies as soon as no checkpoint of somebody else is pending.
    async fn apply_when_free(&mut self, ticket: &Ticket) -> Result<Outcome, Error> {
        let deadline = Instant::now() + self.options.lock_timeout;
        loop {
            self.wait_for_others(deadline).await?;
            self.refuse_if_cancelled()?;
            self.recorder.enter(State::Applying, "applying");
            match self.apply(ticket).await? {
                Outcome::Conflict => {
                    self.client.clean(ticket).await?;
                    self.recorder.enter(State::Baseline, "somebody else was faster");
                    sleep(RETRY_DELAY).await;
                }
                outcome => return Ok(outcome),
            }
        }
    }

    /// Waits until nobody has a pending checkpoint; never touches one.
    async fn wait_for_others(&mut self, deadline: Instant) -> Result<(), Error> {
        let bus = NetworkManager::connect(&self.client).await?;
        let mut noted = false;
        loop {
            let pending = bus.checkpoints().await?;
            let Some(checkpoint) = pending.first() else { return Ok(()) };
            self.refuse_if_cancelled()?;
            if Instant::now() >= deadline {
                let age = self.client.uptime().await?.saturating_sub(checkpoint.created);
                let left = match checkpoint.rollback_timeout {
                    Duration::ZERO => "never rolled back by itself".to_owned(),
                    limit => format!("rolled back in {} s", limit.saturating_sub(age).as_secs()),
                };
                let message = format!(
                    "somebody else is changing the network: checkpoint `{}`, created {} s ago, {left}",
                    checkpoint.path,
                    age.as_secs()
                );
                let hint = format!(
                    "wait for its end, or end it on the host: `nmstatectl rollback {0}` or \
                     `nmstatectl commit {0}`",
                    checkpoint.path
                );
                return Err(
                    Error::new(ErrorKind::Busy, self.target.name(), message).with_hint(hint)
                );
            }
            if !std::mem::replace(&mut noted, true) {
                self.recorder.note("waiting for somebody else's checkpoint");
            }
            sleep(RETRY_DELAY).await;
        }
    }

    /// Lets nmstate work, and finds its result even if the connection does not live to see it.
    async fn apply(&mut self, ticket: &Ticket) -> Result<Outcome, Error> {
        self.recorder.answered();
        let client = self.client.clone();
        let sent = hardware::sent(self.desired, &self.removed_hardware);
        let work = client.apply(ticket, &sent, self.options.timeout());
        tokio::pin!(work);
        let lost = loop {
            let beat = async {
                sleep(HEARTBEAT).await;
                client.ping(HEARTBEAT).await
            };
            tokio::select! {
                biased;
                outcome = &mut work => match outcome {
                    Err(error) => break error,
                    Ok(outcome) => {
                        self.recorder.answered();
                        return Ok(outcome);
                    }
                },
                alive = beat => match alive {
                    Ok(()) => self.recorder.answered(),
                    Err(error) if self.recorder.silence() > SILENCE => break error,
                    Err(_) => {}
                },
            }
        };
        self.recorder.note("lost the connection");
        match self.collect(ticket).await? {
            Outcome::None => {
                let message = format!("the change was never begun: {}", lost.message);
                let error = Error { message, ..lost };
                Ok(Outcome::Failed { error, checkpoint: None })
            }
            outcome => Ok(outcome),
        }
    }

    /// Fetches the result of an apply over new connections.
    async fn collect(&mut self, ticket: &Ticket) -> Result<Outcome, Error> {
        let deadline = Instant::now() + APPLY_TIMEOUT + self.options.timeout() + GRACE;
        loop {
            self.reconnect(deadline).await?;
            match self.client.collect(ticket, HEARTBEAT * 5).await {
                Ok(Outcome::Pending) if Instant::now() < deadline => {}
                Err(error) if is_loss(error.kind) && Instant::now() < deadline => {}
                outcome => return outcome,
            }
        }
    }

    /// Replaces the connection by a new one, trying until the deadline.
    async fn reconnect(&mut self, deadline: Instant) -> Result<(), Error> {
        let mut failed = false;
        loop {
            match Client::open(Arc::clone(&self.target)).await {
                Ok(client) => {
                    self.client = client;
                    if failed || self.recorder.silence() > SILENCE {
                        self.recorder.back();
                    }
                    self.recorder.answered();
                    return Ok(());
                }
                Err(error) => {
                    if !std::mem::replace(&mut failed, true) {
                        self.recorder.note("no new connection");
                    }
                    if Instant::now() >= deadline {
                        return Err(self.uncertain(&error.message));
                    }
                    sleep(RETRY_DELAY).await;
                }
            }
        }
    }

    /// Commits the change over a new connection if it is good, and undoes it if not.
    async fn confirm(
        &mut self,
        checkpoint: &str,
        before: &Arc<Snapshot>,
    ) -> Result<Arc<Snapshot>, Error> {
        self.reconnect(Instant::now() + self.options.timeout() + GRACE).await?;
        self.recorder.note("connected anew");
        let objection = match self.verify_and_commit(checkpoint).await {
            Ok(after) => {
                self.recorder.enter(State::Confirmed, "committed");
                return Ok(after);
            }
            Err(objection) => objection,
        };
        let error = self.objection_error(&objection);
        if let Objection::Lost(cause) = &objection {
            let gone = cause.kind == ErrorKind::Remote;
            self.recorder.note(if gone { "the checkpoint is gone" } else { "lost the connection" });
            self.reconnect(Instant::now() + self.options.timeout() + GRACE).await?;
        }
        if self.roll_back(checkpoint).await? {
            return Err(self.prove_reverted(before, error).await);
        }
        // The checkpoint is gone: either its time was up, or a commit was carried out whose answer got lost.
        let after = Arc::new(self.client.snapshot().await?);
        if matches!(objection, Objection::Lost(_)) && compare(self.desired, &after.state).is_empty()
        {
            self.recorder.enter(State::Confirmed, "found committed");
            return Ok(after);
        }
        Err(self.prove_reverted(before, error).await)
    }

    /// Looks at the host until it is as desired, keeps the checkpoint alive meanwhile, and commits.
    async fn verify_and_commit(&mut self, checkpoint: &str) -> Result<Arc<Snapshot>, Objection> {
        let timeout = self.options.timeout();
        let bus = NetworkManager::connect(&self.client).await.map_err(Objection::Lost)?;
        bus.extend(checkpoint, timeout).await.map_err(Objection::Lost)?;
        let extend = async {
            loop {
                sleep(timeout / 3).await;
                if let Err(error) = bus.extend(checkpoint, timeout).await {
                    return error;
                }
            }
        };
        let mut cancelled = self.cancelled.clone();
        let cancel = async {
            if cancelled.wait_for(|cancelled| *cancelled).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let after = tokio::select! {
            biased;
            () = cancel => return Err(Objection::Cancelled),
            error = extend => return Err(Objection::Lost(error)),
            verified = self.finish(&bus) => verified?,
        };
        bus.commit(checkpoint).await.map_err(Objection::Lost)?;
        Ok(Arc::new(after))
    }

    /// Does what nmstate was not asked to do, and looks whether all is as desired.
    async fn finish(&self, bus: &NetworkManager) -> Result<Snapshot, Objection> {
        for interface in &self.removed_hardware {
            bus.delete_profiles(interface).await.map_err(Objection::Lost)?;
        }
        verify(&self.client, self.desired).await
    }

    fn objection_error(&self, objection: &Objection) -> Error {
        let name = self.target.name();
        match objection {
            Objection::Cancelled => Error::new(ErrorKind::Cancelled, name, "cancelled"),
            Objection::Differs(differences) => {
                let path = differences.first().map(|difference| difference.path.clone());
                let shown = path.as_ref().map(Path::to_string).unwrap_or_default();
                let message = format!("`{shown}` did not take on the desired value");
                Error::new(ErrorKind::Verification, name, message).with_path(path)
            }
            Objection::Lost(_) => {
                let message = "the change cut the connection to the host";
                Error::new(ErrorKind::Reverted, name, message)
            }
        }
    }

    /// Rolls our checkpoint back; false when it is not pending any more.
    async fn roll_back(&mut self, checkpoint: &str) -> Result<bool, Error> {
        let deadline = Instant::now() + self.options.timeout() + GRACE;
        loop {
            let bus = NetworkManager::connect(&self.client).await;
            let outcome = match &bus {
                Err(error) => Err(error.clone()),
                Ok(bus) => match bus.is_pending(checkpoint).await {
                    Ok(false) => return Ok(false),
                    Ok(true) => bus.rollback(checkpoint).await,
                    Err(error) => Err(error),
                },
            };
            match outcome {
                Ok(()) => {
                    self.recorder.note("rolled back");
                    return Ok(true);
                }
                Err(error) if Instant::now() >= deadline => {
                    return Err(self.uncertain(&error.message));
                }
                Err(_) => {
                    sleep(RETRY_DELAY).await;
                    self.reconnect(deadline).await?;
                }
            }
        }
    }

    /// Proves that the host is as it was, and completes the error that led here.
    async fn prove_reverted(&mut self, before: &Snapshot, error: Error) -> Error {
        let deadline = Instant::now() + SETTLE_TIMEOUT;
        let remains = loop {
            let remains = match self.client.snapshot().await {
                Ok(now) => match first_difference(before, &now) {
                    None => break None,
                    Some(path) => format!("`{path}` is not as before"),
                },
                Err(cause) if is_loss(cause.kind) => {
                    let _ = self.reconnect(deadline).await;
                    cause.message
                }
                Err(cause) => cause.message,
            };
            if Instant::now() >= deadline {
                break Some(remains);
            }
            sleep(RETRY_DELAY).await;
        };
        if let Some(remains) = remains {
            let uncertain = self.uncertain(&remains);
            let message = format!("{}, and {}", error.message, uncertain.message);
            return Error { message, ..uncertain }.with_path(error.path);
        }
        self.recorder.enter(State::Reverted, "proven to be as before");
        let report = self.recorder.report();
        let mut message = error.message;
        if let Some(outage) = report.outage {
            message = format!("{message}; no answer for {:.1} s", outage.as_secs_f32());
        }
        let refused =
            matches!(error.kind, ErrorKind::InvalidDocument | ErrorKind::NmstatectlTooOld);
        if !refused {
            message.push_str("; the host is as it was before");
        }
        let detail = match error.detail {
            Some(detail) => format!("{}\n{detail}", report.timeline),
            None => report.timeline.to_string(),
        };
        Error { message, detail: Some(detail), ..error }
    }

    fn uncertain(&self, reason: &str) -> Error {
        let message = format!("the state of the host could not be proven: {reason}");
        Error::new(ErrorKind::Uncertain, self.target.name(), message)
            .with_hint("look at the host: an uncommitted change is undone by NetworkManager")
            .with_detail(self.recorder.report().timeline.to_string())
    }

    fn refuse_if_cancelled(&self) -> Result<(), Error> {
        if *self.cancelled.borrow() {
            let message = "cancelled before anything was changed";
            return Err(Error::new(ErrorKind::Cancelled, self.target.name(), message));
        }
        Ok(())
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
