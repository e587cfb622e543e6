//! Back to the state before, and the proof of it.
//!
//! NetworkManager's rollback restores what NetworkManager manages. What nmstate sets by other means
//! (alternative names, the running host name, the settings of Open vSwitch and OVN) stays changed,
//! and is put back by a document of our own: the way back that `schema` derives from the state
//! before. The same document is the last resort wherever a rollback did not do. What the host decides
//! about by itself is no reason for it.

use std::time::Instant;

use nmstate_schema::Held;
use nmstate_schema::document::Document;
use nmstate_schema::path::{Path, Step};
use nmstate_schema::revert::revert;
use tokio::time::sleep;

use super::connection::Heartbeat;
use super::persist::absent;
use super::proof::{Deviation, deviation};
use super::{GRACE, Persist, RETRY_DELAY, SETTLE_TIMEOUT, SILENCE, State, Transaction, is_loss};
use crate::error::{Error, ErrorKind};
use crate::networkmanager::NetworkManager;
use crate::nmstate::{ApplyMode, Outcome, Ticket};
use crate::snapshot::Snapshot;

impl Transaction<'_> {
    /// Rolls our checkpoint back; false when it is not pending any more.
    pub(super) async fn roll_back(&mut self, checkpoint: &str) -> Result<bool, Error> {
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
                // The rollback may have taken away the very path that the answer was to come by.
                Err(_) => {
                    sleep(RETRY_DELAY).await;
                    self.reconnect(deadline).await?;
                }
            }
        }
    }

    /// Proves that the host is as it was, puts back what no rollback covers, and completes the
    /// error that led here.
    pub(super) async fn prove_reverted(&mut self, before: &Snapshot, error: Error) -> Error {
        let mut deadline = Instant::now() + SETTLE_TIMEOUT;
        let mut is_put_back = false;
        let mut is_found_again = false;
        let held = self.held(before);
        // What NetworkManager gives back a little later is not the host's choice.
        let mut settled = None;
        let remains = loop {
            let remains = match self.look().await {
                Ok(now) => match deviation(before, &now, &held) {
                    Deviation { first: None, chosen } => {
                        let limit = *settled.get_or_insert_with(|| Instant::now() + SILENCE);
                        if chosen.is_empty() || Instant::now() >= limit {
                            self.note_chosen(&chosen);
                            break None;
                        }
                        sleep(RETRY_DELAY).await;
                        continue;
                    }
                    Deviation { first: Some(path), .. } => {
                        let now = Instant::now();
                        if !is_put_back && (is_uncovered(&path) || now >= deadline) {
                            is_put_back = true;
                            self.put_back(before).await;
                            deadline = now + SETTLE_TIMEOUT;
                        }
                        format!("`{path}` is not as before")
                    }
                },
                Err(cause) if is_loss(cause.kind) => {
                    self.recorder.lost("lost the connection");
                    // The way back may lead over another address than the change did, and the host
                    // may have to come by it first.
                    let limit = match is_found_again {
                        true => deadline,
                        false => Instant::now() + self.options.timeout() + GRACE,
                    };
                    if self.reconnect(limit).await.is_ok() && !is_found_again {
                        is_found_again = true;
                        deadline = Instant::now() + SETTLE_TIMEOUT;
                    }
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

    /// The values of the host that the change and the profiles of before hold.
    fn held(&self, before: &Snapshot) -> Held {
        let mut documents = self.profiles.held(&before.state);
        documents.push(self.document.clone());
        Held::of(&documents, &before.state)
    }

    fn note_chosen(&mut self, chosen: &[Path]) {
        if !chosen.is_empty() {
            let shown: Vec<_> = chosen.iter().map(|path| format!("`{path}`")).collect();
            self.recorder.note(&format!("the kernel chose {}", shown.join(", ")));
        }
    }

    /// A look at the host that a connection does not hold up whose other end has gone without a word:
    /// behind a jump host nothing else tells.
    async fn look(&self) -> Result<Snapshot, Error> {
        let mut heartbeat = Heartbeat::start(&self.client).await;
        tokio::select! {
            biased;
            now = self.client.snapshot() => now,
            () = heartbeat.silence(SILENCE * 3) => {
                Err(Error::new(ErrorKind::Unreachable, self.name(), "no sign of life"))
            }
        }
    }

    /// Applies the way back. To disk as the change was, and when that fails, in memory: a disk that
    /// has refused the change is not tried first, because nmstate, halfway through, leaves the host
    /// without an address. Whether it worked is seen by looking at the host.
    pub(super) async fn put_back(&mut self, before: &Snapshot) {
        let way_back = revert(&self.unseen(&self.document), &before.state);
        let to_disk = self.options.persist != Persist::Never;
        let modes: &[bool] = match (to_disk, self.disk_refuses) {
            (true, false) => &[false, true],
            (true, true) => &[true, false],
            (false, _) => &[true],
        };
        for &memory_only in modes {
            let timeout = self.options.timeout();
            let mode = ApplyMode { commit: true, memory_only, timeout };
            let ticket = Ticket::new();
            let outcome = self.apply_and_follow(&ticket, &way_back, mode).await;
            let _ = self.client.clean(&ticket).await;
            match outcome {
                Ok(Outcome::Applied { .. }) => {
                    self.recorder.note("put back by our own document");
                    if to_disk && memory_only {
                        self.write_back(&way_back).await;
                    }
                    return;
                }
                Ok(Outcome::Failed { error, .. }) => {
                    tracing::debug!(%error, memory_only, "the way back failed");
                }
                Ok(_) | Err(_) => return,
            }
        }
    }

    /// Writes to disk what a way back has done in memory. A full disk takes at least the deletions.
    async fn write_back(&mut self, way_back: &Document) {
        let written = async {
            let bus = NetworkManager::connect(&self.client).await?;
            let writes = bus.profiles().await?.writes(&self.profiles, &absent(way_back));
            Ok(bus.send(&[writes.last, writes.added, writes.replaced].concat()).await)
        };
        let failures = written.await.unwrap_or_else(|error| vec![error]);
        let warnings = failures.iter().map(|error| {
            format!("what was put back may be lost with the next boot: {}", error.message)
        });
        self.recorder.report_mut().warnings.extend(warnings);
    }

    /// The error for an end that could not be read from the host.
    pub(super) fn uncertain(&self, reason: &str) -> Error {
        let message = format!("the state of the host could not be proven: {reason}");
        Error::new(ErrorKind::Uncertain, self.name(), message)
            .with_hint("look at the host: an uncommitted change is undone by NetworkManager")
            .with_detail(self.recorder.report().timeline.to_string())
    }
}

/// Whether a rollback of NetworkManager leaves this place alone.
fn is_uncovered(path: &Path) -> bool {
    match path.steps() {
        [Step::Key(first), ..] if ["hostname", "ovs-db", "ovn"].contains(&first.as_str()) => true,
        [Step::Key(list), _, Step::Key(key), ..] => {
            list == "interfaces" && (key == "alt-names" || key == "dispatch")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_rollback_leaves_alone() {
        let path = |steps: &[&str]| {
            steps.iter().fold(Path::new(), |path, step| path.join(Step::Key((*step).to_owned())))
        };
        assert!(is_uncovered(&path(&["interfaces", "eth0", "alt-names"])));
        assert!(is_uncovered(&path(&["interfaces", "eth0", "dispatch", "post-activation"])));
        assert!(is_uncovered(&path(&["hostname", "running"])));
        assert!(!is_uncovered(&path(&["interfaces", "eth0", "mtu"])));
        assert!(!is_uncovered(&path(&["routes", "config"])));
    }
}
