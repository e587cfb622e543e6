//! Letting nmstate work, when nobody else does, and finding its result whatever it did to the
//! connection.

use std::time::{Duration, Instant};

use nmstate_schema::document::Document;
use nmstate_schema::redact;
use tokio::time::sleep;

use super::connection::{Heartbeat, is_dynamic};
use super::{
    GRACE, RETRY_DELAY, SILENCE, State, Transaction, is_loss, name_servers, removal, step,
};
use crate::error::{Error, ErrorKind};
use crate::networkmanager::NetworkManager;
use crate::nmstate::{APPLY_TIMEOUT, ApplyMode, Outcome, Ticket};
use crate::snapshot::Snapshot;

/// How long a question for the result waits on the host.
const COLLECT_WAIT: Duration = Duration::from_secs(5);

impl Transaction<'_> {
    /// Applies as soon as no checkpoint of somebody else is pending.
    pub(super) async fn apply_when_free(
        &mut self,
        ticket: &Ticket,
        before: &Snapshot,
    ) -> Result<Outcome, Error> {
        let deadline = Instant::now() + self.options.lock_timeout;
        loop {
            self.wait_for_others(deadline, before).await?;
            step::reached("before_apply").await;
            self.refuse_if_cancelled()?;
            self.recorder.enter(State::Applying, "applying");
            match self.apply(ticket, before).await? {
                Outcome::Conflict => {
                    self.client.clean(ticket).await?;
                    self.recorder.enter(State::Baseline, "somebody else was faster");
                    sleep(RETRY_DELAY).await;
                }
                outcome => return Ok(outcome),
            }
        }
    }

    /// Waits until nobody has a pending checkpoint; never touches one. Remembers which profiles
    /// there are before the change.
    async fn wait_for_others(&mut self, deadline: Instant, before: &Snapshot) -> Result<(), Error> {
        let bus = NetworkManager::connect(&self.client).await?;
        let mut noted = false;
        loop {
            let pending = bus.checkpoints().await?;
            let Some(checkpoint) = pending.first() else {
                self.profiles = bus.profiles().await?;
                return self.find_name_servers(&bus, before).await;
            };
            self.refuse_if_cancelled()?;
            if Instant::now() >= deadline {
                let age = self.client.uptime().await?.saturating_sub(checkpoint.created);
                let left = match checkpoint.rollback_timeout {
                    Duration::ZERO => "never rolled back by itself".to_owned(),
                    limit => format!("rolled back in {} s", limit.saturating_sub(age).as_secs()),
                };
                let path = &checkpoint.path;
                let message = format!(
                    "somebody else is changing the network: checkpoint `{path}`, created {} s \
                     ago, {left}",
                    age.as_secs()
                );
                let hint = format!(
                    "wait for its end, or end it on the host: `nmstatectl rollback {path}` or \
                     `nmstatectl commit {path}`"
                );
                return Err(Error::new(ErrorKind::Busy, self.name(), message).with_hint(hint));
            }
            if !std::mem::replace(&mut noted, true) {
                self.recorder.note("waiting for somebody else's checkpoint");
            }
            sleep(RETRY_DELAY).await;
        }
    }

    /// Finds the name servers that nmstate is not to see. Without a rollback of theirs nmstate sees
    /// them, and refuses the change.
    async fn find_name_servers(
        &mut self,
        bus: &NetworkManager,
        before: &Snapshot,
    ) -> Result<(), Error> {
        self.name_servers = match name_servers::kept(&self.document, before, &self.profiles) {
            Some([servers, searches, options]) if bus.tracks_global_dns().await? => {
                Some(bus.global_dns().await?.with(servers, searches, options))
            }
            _ => None,
        };
        Ok(())
    }

    /// A document as nmstate may see it.
    pub(super) fn unseen(&self, document: &Document) -> Document {
        match self.name_servers {
            Some(_) => name_servers::without(document),
            None => document.clone(),
        }
    }

    /// Lets nmstate work, and finds its result even if the connection does not live to see it.
    async fn apply(&mut self, ticket: &Ticket, before: &Snapshot) -> Result<Outcome, Error> {
        self.recorder.answered();
        let client = self.client.clone();
        let memory_only = self.is_in_memory(before);
        let asked = self.unseen(&self.in_force());
        let sent = removal::sent(&asked, &self.removed_hardware, before, memory_only);
        tracing::trace!(document = %redact(sent.as_value()), "sent");
        let mode = ApplyMode { commit: false, memory_only, timeout: self.options.timeout() };
        let work = client.apply(ticket, &sent, mode);
        tokio::pin!(work);
        let mut heartbeat = Heartbeat::start(&client).await;
        let held = step::reached("during_apply");
        tokio::pin!(held);
        let mut is_held = true;
        let lost = loop {
            tokio::select! {
                biased;
                outcome = &mut work => match outcome {
                    Err(error) => break error,
                    Ok(outcome) => {
                        self.recorder.answered();
                        self.learn_addresses(before).await;
                        if is_held {
                            held.await;
                        }
                        return Ok(outcome);
                    }
                },
                () = &mut held, if is_held => is_held = false,
                alive = heartbeat.beat(SILENCE) => {
                    if alive {
                        self.recorder.answered();
                    } else if self.recorder.silence() >= SILENCE {
                        break Error::new(ErrorKind::Unreachable, self.name(), "no sign of life");
                    }
                }
            }
        };
        self.recorder.lost("lost the connection");
        match self.collect(ticket).await? {
            Outcome::None => {
                let message = format!("the change was never begun: {}", lost.message);
                let error = Error { message, ..lost };
                Ok(Outcome::Failed { error, checkpoint: None })
            }
            outcome => Ok(outcome),
        }
    }

    /// Applies a document that may take away the connection, and finds the result over a new one.
    pub(super) async fn apply_and_follow(
        &mut self,
        ticket: &Ticket,
        document: &Document,
        mode: ApplyMode,
    ) -> Result<Outcome, Error> {
        let client = self.client.clone();
        let mut heartbeat = Heartbeat::start(&client).await;
        let lost = tokio::select! {
            biased;
            outcome = client.apply(ticket, document, mode) => match outcome {
                Err(error) if is_loss(error.kind) => error,
                outcome => return outcome,
            },
            () = heartbeat.silence(SILENCE) => {
                Error::new(ErrorKind::Unreachable, self.name(), "no sign of life")
            }
        };
        tracing::debug!(error = %lost, "following the host");
        self.recorder.lost("lost the connection");
        self.collect(ticket).await
    }

    /// Reads the addresses that the network gave to the path of the connection, while the old
    /// path still works. Without an answer the addresses of the document have to do.
    async fn learn_addresses(&mut self, before: &Snapshot) {
        if !is_dynamic(&self.document, before) {
            return;
        }
        if let Ok(Ok(addresses)) = tokio::time::timeout(SILENCE, self.client.addresses()).await {
            let client = self.client.clone();
            self.ways.add(addresses, &client);
        }
    }

    /// Fetches the result of an apply over new connections.
    async fn collect(&mut self, ticket: &Ticket) -> Result<Outcome, Error> {
        let deadline = Instant::now() + APPLY_TIMEOUT + self.options.timeout() + GRACE;
        loop {
            self.reconnect(deadline).await?;
            match self.client.collect(ticket, COLLECT_WAIT).await {
                Ok(Outcome::Pending) if Instant::now() < deadline => {}
                Err(error) if is_silence(error.kind) && Instant::now() < deadline => {
                    self.recorder.lost("lost the connection");
                }
                outcome => return outcome,
            }
        }
    }
}

/// Whether a question has found no answer: a host under load may be slower than any time-out, and
/// asking again changes nothing.
fn is_silence(kind: ErrorKind) -> bool {
    is_loss(kind) || kind == ErrorKind::Remote
}
