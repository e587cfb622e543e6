//! From memory to disk: a change is made in memory, and written when it is final.
//!
//! The name in `/etc/hostname` has no form in memory. nmstate leaves it out of a change in memory
//! and then misses it, so it is kept from nmstate and written with the profiles.

use std::sync::Arc;
use std::time::Instant;

use nmstate_schema::document::Document;
use tokio::time::sleep;

use super::connection::Heartbeat;
use super::{Objection, Persist, RETRY_DELAY, SETTLE_TIMEOUT, SILENCE, Transaction, is_loss};
use crate::error::{Error, ErrorKind};
use crate::networkmanager::{NetworkManager, ProfileCall};
use crate::snapshot::Snapshot;

impl Transaction<'_> {
    /// What writes the change to disk.
    pub(super) async fn write_calls(
        &self,
        bus: &NetworkManager,
    ) -> Result<Vec<ProfileCall>, Error> {
        let removed = match self.options.persist {
            Persist::Never => return Ok(Vec::new()),
            // nmstate has written all but what it was not asked to do.
            Persist::AtOnce => self.removed_hardware.clone(),
            Persist::AfterCommit => self.removed(),
        };
        let mut calls = bus.profiles().await?.calls(&self.profiles, &removed);
        if self.options.persist == Persist::AtOnce {
            calls.retain(|call| matches!(call, ProfileCall::Delete { .. }));
        }
        let name = self.late_hostname().map(|name| ProfileCall::Hostname { name: name.to_owned() });
        calls.extend(name);
        Ok(calls)
    }

    /// Whether all was written. A connection that was lost meanwhile has carried the calls or not:
    /// that is found out over another one.
    pub(super) fn written(&mut self, failures: Vec<Error>) -> Result<(), Objection> {
        let lost = failures.iter().position(|error| error.kind == ErrorKind::Unreachable);
        let mut failures = failures;
        match lost {
            Some(index) => Err(Objection::Lost(failures.swap_remove(index))),
            None => match failures.into_iter().next() {
                Some(cause) => {
                    self.disk_refuses = true;
                    self.recorder.note("could not be written to disk");
                    Err(Objection::Unwritten(cause))
                }
                None => {
                    if self.options.persist != Persist::Never {
                        self.recorder.note("written to disk");
                    }
                    Ok(())
                }
            },
        }
    }

    /// The name in `/etc/hostname` that is written when the change is final.
    pub(super) fn late_hostname(&self) -> Option<&str> {
        let name = self.change.document.as_value().pointer("/hostname/config")?;
        name.as_str().filter(|_| self.options.persist == Persist::AfterCommit)
    }

    /// The last look, again when something was done after it. NetworkManager gives a new name to the
    /// kernel by and by.
    pub(super) async fn as_left(&self, after: Arc<Snapshot>) -> Result<Arc<Snapshot>, Objection> {
        let name = self.late_hostname();
        if self.removed_hardware.is_empty() && name.is_none() {
            return Ok(after);
        }
        let deadline = Instant::now() + SETTLE_TIMEOUT;
        loop {
            let now = self.client.snapshot().await.map_err(Objection::Lost)?;
            let running = now.state.as_value().pointer("/hostname/running");
            let is_settled = name.is_none_or(|name| {
                name.is_empty() || running.and_then(|one| one.as_str()) == Some(name)
            });
            if is_settled || Instant::now() >= deadline {
                return Ok(Arc::new(now));
            }
            sleep(RETRY_DELAY).await;
        }
    }

    /// Whether nmstate makes the change in memory, so that a reboot undoes it as long as it is not
    /// final. There it does not find the profile of a MACVTAP, which it could not remove then.
    pub(super) fn is_in_memory(&self, before: &Snapshot) -> bool {
        let document = &self.change.document;
        let gone =
            document.interfaces().filter(|one| one["state"] == "absent" || one["state"] == "down");
        let mut found = gone
            .filter_map(|one| before.state.interface(one["name"].as_str()?))
            .filter(|one| one["type"] == "mac-vtap");
        self.options.persist != Persist::AtOnce && found.next().is_none()
    }

    /// What of the change is in force before it is final.
    pub(super) fn in_force(&self) -> Document {
        let document = self.change.document.clone();
        if self.late_hostname().is_none() {
            return document;
        }
        let mut tree = document.into_value();
        if let Some(hostname) = tree.get_mut("hostname").and_then(|one| one.as_object_mut()) {
            hostname.remove("config");
        }
        Document::from_value(tree).unwrap_or_else(|_| self.change.document.clone())
    }

    /// Makes what was written outlive a loss of power. NetworkManager leaves it to the kernel when
    /// its files reach the disk, which may be half a minute later.
    pub(super) async fn flush(&mut self) -> Result<(), Objection> {
        if self.options.persist == Persist::Never {
            return Ok(());
        }
        // A slow disk takes its time, a host that is gone shows no sign of life.
        let mut heartbeat = Heartbeat::start(&self.client).await;
        let flushed = tokio::select! {
            biased;
            flushed = self.client.flush() => flushed,
            () = heartbeat.silence(SILENCE * 3) => return Err(self.silent()),
        };
        match flushed {
            Ok(()) => Ok(()),
            Err(error) if is_loss(error.kind) => Err(Objection::Lost(error)),
            Err(error) => {
                let message = format!(
                    "a loss of power within the next minute may undo the change: `sync` failed: {}",
                    error.message
                );
                self.recorder.report_mut().warnings.push(message);
                Ok(())
            }
        }
    }

    /// The interfaces of which no profile may be left.
    fn removed(&self) -> Vec<String> {
        let mut names = absent(&self.change.document);
        names.extend(self.removed_hardware.iter().cloned());
        names
    }
}

/// The names of the interfaces that a document removes.
pub(super) fn absent(document: &Document) -> Vec<String> {
    let absent = document.interfaces().filter(|interface| interface["state"] == "absent");
    absent.filter_map(|interface| interface["name"].as_str()).map(str::to_owned).collect()
}
