//! From memory to disk: a change is made in memory, and written when it is final.

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

    /// The interfaces of which no profile may be left.
    fn removed(&self) -> Vec<String> {
        let document = &self.change.document;
        let absent = document.interfaces().filter(|interface| interface["state"] == "absent");
        let names = absent.filter_map(|interface| interface["name"].as_str()).map(str::to_owned);
        names.chain(self.removed_hardware.iter().cloned()).collect()
    }
}
