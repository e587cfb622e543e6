//! Looking at the host of a state.

use std::borrow::Cow;
use std::sync::Arc;

use nmstate_engine::Snapshot;
use nmstate_schema::document::Document;
use tfplugin::{Diagnostics, ReadRequest, Value};

use super::forgotten::is_forgotten;
use super::home::{Home, Purpose};
use super::limit::{Limit, within};
use super::machine::{Machine, identity};
use super::others::Settled;
use crate::fleet::{Member, Resolved};
use crate::machine_record::MachineRecord;
use crate::original::{OnDestroy, Original};
use crate::shared::Shared;
use crate::{others, report, secrets};

/// A host that was looked at for a refresh.
pub(crate) struct Refresh {
    /// The host as it is.
    pub(crate) snapshot: Arc<Snapshot>,
    /// The host.
    pub(crate) member: Arc<Member>,
    record: MachineRecord,
    reports: bool,
}

impl Refresh {
    /// Looks at the host of a state. `None` leaves the state as it is: the host is unknown for now,
    /// or a diagnostic says why.
    pub(crate) async fn look(
        shared: &Shared,
        request: &ReadRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let fleet = match shared.fleet() {
            Ok(fleet) => fleet,
            Err(error) => {
                report::error(diagnostics, &error, report::host_attribute(&error));
                return None;
            }
        };
        let limit = Limit::of_look(&request.state);
        // Before the look: other resources of the host are read while this one waits for it.
        if let Ok(Resolved::Known(_, member)) = fleet.resolve(request.state.attribute("host"))
            && let Some(declared) = Original::read(&request.private).declaration()
        {
            member.note(declared);
        }
        let record = MachineRecord::read(&request.private);
        let look = Home::find(&fleet, &request.state, &record, Purpose::Look);
        match within(limit.as_ref(), request.state.attribute("host"), look).await {
            Ok(found) => found.map(|home| {
                if let Settled::NewKey(unseen) = &home.settled
                    && home.member.tell_new_key()
                {
                    new_key(&home, &record, unseen, diagnostics);
                }
                let is_forgotten = is_forgotten(&fleet, &request.state);
                Self {
                    record: learned(record.clone(), &home, is_forgotten),
                    snapshot: home.snapshot,
                    member: home.member,
                    reports: fleet.reports(),
                }
            }),
            Err(error) if is_forgotten(&fleet, &request.state) => {
                report::warning(
                    diagnostics,
                    &error,
                    "its resources stay in the state as they were",
                );
                None
            }
            // To forget it takes no look at the host; a plan that has more to do fails itself.
            Err(error) if OnDestroy::is_keep(&request.state) => {
                report::warning(
                    diagnostics,
                    &error,
                    "the resource stays in the state as it was; `on_destroy = \"keep\"` lets it be \
                     destroyed all the same",
                );
                None
            }
            Err(error) => {
                let limit = limit.and_then(|limit| limit.attribute_of(&error));
                report::refresh_failed(diagnostics, &fleet, &error, limit);
                None
            }
        }
    }

    /// The host in normal form, beside what the state declares.
    pub(crate) async fn host(
        &self,
        declared: &Document,
        diagnostics: &mut Diagnostics,
    ) -> Cow<'_, Document> {
        secrets::host::refreshed(&self.member, &self.snapshot, declared, diagnostics).await
    }

    /// The private bytes with what is known of the machine and of other resources now.
    pub(crate) fn private(&self, private: Vec<u8>) -> Vec<u8> {
        let original = Original::read(&private);
        let concerned = self.member.concerned(&original.undo());
        let own = original.declaration().map(|own| own.by);
        self.record.beside(others::beside(own.as_deref(), concerned, private))
    }

    /// Adds the common attributes to a refreshed state.
    pub(crate) fn complete(&self, state: &mut Value, prior: &Value) {
        for name in ["host", "on_destroy"].into_iter().chain(super::GIVEN) {
            state.set_attribute(name, prior.attribute(name).clone());
        }
        let known = prior.attribute("machine_id");
        let machine = if known.is_null() { identity(&self.snapshot) } else { known.clone() };
        state.set_attribute("machine_id", machine);
        let transaction = Some(prior.attribute("transaction")).filter(|_| self.reports);
        state.set_attribute("transaction", transaction.cloned().unwrap_or_default());
    }
}

/// What is known of a machine after a look. One that was only found by its id may be a clone.
fn learned(record: MachineRecord, home: &Home, is_forgotten: bool) -> MachineRecord {
    let machine = Machine::of(&home.snapshot);
    match is_forgotten && record.has(machine.key()) != Some(true) {
        true => record,
        false => record.with(machine.key()),
    }
}

/// Says that a host has a new key, which the connection has accepted.
fn new_key(home: &Home, record: &MachineRecord, unseen: &[String], diagnostics: &mut Diagnostics) {
    let machine = Machine::of(&home.snapshot);
    let shown = machine.key().map(|key| key.fingerprint.as_str()).unwrap_or_default();
    let known = record.beside_key(machine.key()).unwrap_or_default();
    let asked = match unseen {
        [] => "no other host of the provider shows that id".to_owned(),
        names => format!(
            "of the other hosts of the provider none that could be looked at shows that id ({} could \
             not)",
            names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        ),
    };
    diagnostics.warning(
        format!("host `{}`: it has a new host key, `{shown}` in place of `{known}`", home.name),
        format!(
            "the machine id is the same, SSH has accepted the key, and {asked}: it counts as the \
             same machine, and the new key is remembered"
        ),
    );
}
