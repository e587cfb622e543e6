//! From memory to disk: a change is made in memory, and written when it is final.
//!
//! The name in `/etc/hostname` has no form in memory. nmstate leaves it out of a change in memory
//! and then misses it, so it is kept from nmstate and written with the profiles.

use nmstate_schema::document::Document;

use super::{Objection, Persist, Transaction};
use crate::error::{Error, ErrorKind};
use crate::networkmanager::{NetworkManager, ProfileCall};

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

    /// The interfaces of which no profile may be left.
    fn removed(&self) -> Vec<String> {
        let document = &self.change.document;
        let absent = document.interfaces().filter(|interface| interface["state"] == "absent");
        let names = absent.filter_map(|interface| interface["name"].as_str()).map(str::to_owned);
        names.chain(self.removed_hardware.iter().cloned()).collect()
    }
}
