//! From memory to disk: a change is made in memory, and written when it is found good.
//!
//! Profiles are saved while the change is still pending: NetworkManager's rollback takes a saved
//! profile back, byte for byte, and after a commit nobody would. So a disk that refuses one of them
//! undoes the change without a document of ours. What no rollback takes back, deletions and the name
//! in `/etc/hostname`, goes along with the commit.
//!
//! Several files are not replaced as one. Profiles that are new go first, because a port without its
//! bridge would lock everybody out: a host that loses its power between the two writes comes up with
//! its old network and the new interfaces, without ports, beside it.
//!
//! The name in `/etc/hostname` has no form in memory. nmstate leaves it out of a change in memory
//! and then misses it, so it is kept from nmstate.

use std::sync::Arc;
use std::time::Instant;

use nmstate_schema::document::Document;
use nmstate_schema::record::Keeper;
use nmstate_schema::undo::HandedBack;
use tokio::time::sleep;

use super::{Objection, Persist, RETRY_DELAY, SETTLE_TIMEOUT, Transaction, is_loss, step};
use crate::error::{Error, ErrorKind};
use crate::networkmanager::{NetworkManager, ProfileCall, Profiles, Writes};
use crate::snapshot::Snapshot;

impl Transaction<'_> {
    /// What writes the change to disk.
    pub(super) async fn writes(&self, bus: &NetworkManager) -> Result<Writes, Error> {
        let removed = match self.options.persist {
            Persist::Never => return Ok(Writes::default()),
            // nmstate has written all but what it was not asked to do.
            Persist::AtOnce => self.removed_hardware.clone(),
            Persist::AfterCommit => self.removed(),
        };
        let profiles = bus.profiles().await?;
        let mut writes = profiles.writes(&self.profiles, &removed);
        if self.options.persist == Persist::AtOnce {
            (writes.added, writes.replaced) = (Vec::new(), Vec::new());
        }
        writes.last.extend(self.left_behind(&profiles));
        let name = self.late_hostname().map(|name| ProfileCall::Hostname { name: name.to_owned() });
        writes.last.extend(name);
        Ok(writes)
    }

    /// Gives interfaces back to the profiles that had them, while a rollback would take that back; those
    /// whose profile is gone, which keep one of their own.
    pub(super) async fn hand_back(&self, bus: &NetworkManager) -> Result<Vec<HandedBack>, Error> {
        let mut stranded = Vec::new();
        for one in &self.handed_back {
            if let Keeper::Profile(profile) = &one.to {
                let profiles = bus.profiles().await?;
                if !bus.activate(&profiles, profile, &one.interface).await? {
                    stranded.push(one.clone());
                }
            }
        }
        Ok(stranded)
    }

    /// The calls that end the time in which interfaces had profiles of their own.
    fn left_behind(&self, profiles: &Profiles) -> Vec<ProfileCall> {
        let calls = self.handed_back.iter().flat_map(|HandedBack { interface, to }| match to {
            Keeper::Unmanaged => vec![ProfileCall::Unmanage { interface: interface.clone() }],
            Keeper::Profile(profile) if profiles.has_shared(profile) => profiles.own(interface),
            Keeper::Profile(_) => Vec::new(),
        });
        calls.collect()
    }

    /// True if every interface is back with what had it.
    fn is_back(&self, now: &Snapshot) -> bool {
        self.handed_back.iter().all(|HandedBack { interface, to }| {
            let shown = now.state.interface(interface);
            shown.is_none_or(|shown| match to {
                Keeper::Unmanaged => shown["state"] == "ignore",
                Keeper::Profile(profile) => shown["profile-name"] == *profile.as_str(),
            })
        })
    }

    /// Saves what a rollback would take back, what is new first; the warnings.
    pub(super) async fn save(
        &self,
        bus: &NetworkManager,
        writes: &Writes,
    ) -> Result<Vec<String>, Objection> {
        let mut warnings =
            self.sent(bus.send(&writes.added).await, !writes.added.is_empty()).await?;
        step::reached("save").await;
        let failures = bus.send(&writes.replaced).await;
        warnings.extend(self.sent(failures, !writes.replaced.is_empty()).await?);
        Ok(warnings)
    }

    /// Completes what was sent along with the commit, or after it; the warnings. nmstate itself may
    /// have written too.
    pub(super) async fn finish(&self, failures: Vec<Error>) -> Result<Vec<String>, Objection> {
        self.sent(failures, self.options.persist != Persist::Never).await
    }

    /// Notes what came of writing.
    pub(super) fn written(
        &mut self,
        outcome: Result<Vec<String>, Objection>,
        event: &str,
    ) -> Result<(), Objection> {
        match outcome {
            Ok(warnings) => {
                self.recorder.report_mut().warnings.extend(warnings);
                if self.options.persist != Persist::Never {
                    self.recorder.note(event);
                }
                Ok(())
            }
            Err(objection) => {
                if matches!(objection, Objection::Unwritten(_)) {
                    self.disk_refuses = true;
                    self.recorder.note("could not be written to disk");
                }
                Err(objection)
            }
        }
    }

    /// The name in `/etc/hostname` that is written when the change is final.
    pub(super) fn late_hostname(&self) -> Option<&str> {
        let name = self.document.as_value().pointer("/hostname/config")?;
        name.as_str().filter(|_| self.options.persist == Persist::AfterCommit)
    }

    /// The last look, again when something was done after it. NetworkManager gives a new name to the
    /// kernel by and by.
    pub(super) async fn as_left(&self, after: Arc<Snapshot>) -> Result<Arc<Snapshot>, Objection> {
        let name = self.late_hostname();
        if self.removed_hardware.is_empty() && self.handed_back.is_empty() && name.is_none() {
            return Ok(after);
        }
        let deadline = Instant::now() + SETTLE_TIMEOUT;
        loop {
            let now = self.client.snapshot().await.map_err(Objection::Lost)?;
            let running = now.state.as_value().pointer("/hostname/running");
            let is_settled = name.is_none_or(|name| {
                name.is_empty() || running.and_then(|one| one.as_str()) == Some(name)
            });
            let is_settled = is_settled && self.is_back(&now);
            if is_settled || Instant::now() >= deadline {
                return Ok(Arc::new(now));
            }
            sleep(RETRY_DELAY).await;
        }
    }

    /// Whether nmstate makes the change in memory, so that a reboot undoes it as long as it is not
    /// final. There it does not find the profile of a MACVTAP, which it could not remove then.
    pub(super) fn is_in_memory(&self, before: &Snapshot) -> bool {
        let document = &self.document;
        let gone =
            document.interfaces().filter(|one| one["state"] == "absent" || one["state"] == "down");
        let mut found = gone
            .filter_map(|one| before.state.interface(one["name"].as_str()?))
            .filter(|one| one["type"] == "mac-vtap");
        self.options.persist != Persist::AtOnce && found.next().is_none()
    }

    /// What of the change is in force before it is final.
    pub(super) fn in_force(&self) -> Document {
        let document = self.document.clone();
        if self.late_hostname().is_none() {
            return document;
        }
        let mut tree = document.into_value();
        if let Some(hostname) = tree.get_mut("hostname").and_then(|one| one.as_object_mut()) {
            hostname.remove("config");
        }
        Document::from_value(tree).unwrap_or_else(|_| self.document.clone())
    }

    /// Whether all was written, and if it was anything, makes it outlive a loss of power: for files
    /// that it makes anew NetworkManager leaves it to the kernel when they reach the disk, which may
    /// be half a minute later. A connection that was lost meanwhile has carried the calls or not:
    /// that is found out over another one.
    async fn sent(&self, mut failures: Vec<Error>, is_any: bool) -> Result<Vec<String>, Objection> {
        if let Some(lost) = failures.iter().position(|error| error.kind == ErrorKind::Unreachable) {
            return Err(Objection::Lost(failures.swap_remove(lost)));
        }
        if let Some(cause) = failures.into_iter().next() {
            return Err(Objection::Unwritten(cause));
        }
        if !is_any {
            return Ok(Vec::new());
        }
        match self.client.flush().await {
            Ok(()) => Ok(Vec::new()),
            Err(error) if is_loss(error.kind) => Err(Objection::Lost(error)),
            Err(error) => Ok(vec![format!(
                "a loss of power within the next minute may undo the change: `sync` failed: {}",
                error.message
            )]),
        }
    }

    /// The interfaces of which no profile may be left.
    fn removed(&self) -> Vec<String> {
        let mut names = absent(&self.document);
        names.extend(self.removed_hardware.iter().cloned());
        names
    }
}

/// The names of the interfaces that a document removes.
pub(super) fn absent(document: &Document) -> Vec<String> {
    let absent = document.interfaces().filter(|interface| interface["state"] == "absent");
    absent.filter_map(|interface| interface["name"].as_str()).map(str::to_owned).collect()
}
