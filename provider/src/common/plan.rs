//! Looking at the host of a configuration, and at the one of a state that is to be destroyed.

use std::sync::Arc;

use nmstate_engine::{Error, ErrorKind, Snapshot};
use nmstate_schema::Names;
use nmstate_schema::document::Document;
use nmstate_schema::path::Step;
use nmstate_schema::undo::Undo;
use tfplugin::{AttributePath, Diagnostics, PlanDestroyRequest, PlanRequest, Value};

use super::forgotten::is_forgotten;
use super::home::{Home, Purpose};
use super::limit::{Limit, within};
use super::machine::{Known, Machine, Standing, identity};
use super::others::{is_at_home, settle, unmistakable};
use crate::configuration::Unreachable;
use crate::fleet::{Fleet, Member, Resolved, contacted};
use crate::machine_record::MachineRecord;
use crate::original::{OnDestroy, Original};
use crate::shared::Shared;
use crate::taking_over::is_allowed;
use crate::{checks, others, report, risks};

/// The host that a plan is about.
pub(crate) struct Plan {
    /// The host and what this run plans there; `None` while it is unknown.
    pub(crate) member: Option<Arc<Member>>,
    /// The host as it is; `None` when it was not looked at.
    pub(crate) snapshot: Option<Arc<Snapshot>>,
    host: Value,
    record: MachineRecord,
    /// Why the host of a resource was not looked at that destroying leaves alone.
    unseen: Option<Error>,
    is_replaced: bool,
    reports: bool,
    /// True if a new resource may take over what is there.
    pub(crate) adopts: bool,
}

impl Plan {
    /// Looks at the host; `None` comes with an error.
    pub(crate) async fn look(
        shared: &Shared,
        request: &PlanRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let limit = Limit::of_look(&request.config);
        let found = async {
            let fleet = shared.fleet()?;
            let work = Self::find(&fleet, request);
            within(limit.as_ref(), request.config.attribute("host"), work).await
        };
        match found.await {
            Ok(plan) => Some(plan),
            Err(error) => {
                let limit = limit.and_then(|limit| limit.attribute_of(&error));
                report::error(diagnostics, &error, limit.or(report::host_attribute(&error)));
                None
            }
        }
    }

    async fn find(fleet: &Fleet, request: &PlanRequest) -> Result<Self, Error> {
        let (prior, configured) = (&request.prior, request.config.attribute("host"));
        let (host, member) = match fleet.resolve(configured)? {
            Resolved::Known(name, member) => (Value::from(name), Some(member)),
            // The provider's default is unknown for now: nothing says that it will be another.
            Resolved::Unknown if configured.is_null() && !prior.is_null() => {
                (prior.attribute("host").clone(), None)
            }
            Resolved::Unknown => (configured.clone(), None),
        };
        let host = if host.is_null() { Value::Unknown } else { host };
        let (snapshot, unseen) = match contacted(member.as_deref()).await {
            Err(_) if !prior.is_null() && fleet.unreachable() == Unreachable::Warn => (None, None),
            Err(error) if OnDestroy::is_keep(prior) => (None, Some(error)),
            outcome => (outcome?, None),
        };
        let mut record = MachineRecord::read(&request.private);
        if prior.is_null() {
            record = record.planning(snapshot.as_ref().and_then(|one| one.host_key.as_ref()));
        }
        let mut is_replaced = false;
        // A host that nobody has looked at may be the same machine: the apply finds out.
        if let (Some(member), Some(snapshot), Some(name)) = (&member, &snapshot, host.as_str()) {
            unmistakable(fleet, member, snapshot)?;
            let (nothing, found) = (MachineRecord::default(), Machine::of(snapshot));
            // What replaces another resource has the record of that one.
            let record_of = if prior.is_null() { &nothing } else { &record };
            let known = Known::of(prior, record_of);
            is_replaced = match known.standing(name, &found) {
                Standing::Elsewhere => true,
                _ if known.is_named(name) => {
                    settle(fleet, &known, name, member, &found).await?;
                    false
                }
                _ => is_at_home(fleet, &known, name, member, &found).await?,
            };
            if !is_replaced && !prior.is_null() {
                record = record.with(found.key());
            }
        }
        let (reports, adopts) = (fleet.reports(), is_allowed(&request.config, fleet.adopts()));
        Ok(Self { member, snapshot, host, record, unseen, is_replaced, reports, adopts })
    }

    /// The private bytes with what is known of the machine.
    pub(crate) fn private(&self, private: Vec<u8>) -> Vec<u8> {
        self.record.beside(private)
    }

    /// Adds the common attributes to a plan that has all others. The answer is what replaces the
    /// resource.
    pub(crate) fn complete(
        &self,
        planned: &mut Value,
        request: &PlanRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<AttributePath> {
        let (config, prior) = (&request.config, &request.prior);
        for name in super::GIVEN {
            planned.set_attribute(name, config.attribute(name).clone());
        }
        let word = match config.attribute("on_destroy") {
            Value::Null => OnDestroy::kept(prior, &Original::read(&request.private)),
            word => word.clone(),
        };
        planned.set_attribute("on_destroy", word);
        planned.set_attribute("host", self.host.clone());

        // From here on what does not change anything by itself.
        let is_changed = prior.is_null()
            || planned.as_map().into_iter().flatten().any(|(name, value)| {
                !matches!(name.as_str(), "machine_id" | "transaction")
                    && value != prior.attribute(name)
            });
        // Terraform plans before it destroys, too: what changes nothing needs no look at the host.
        if let Some(error) = self.unseen.as_ref().filter(|_| is_changed) {
            report::error(diagnostics, error, report::host_attribute(error));
        }
        let machine = match &self.snapshot {
            _ if !prior.is_null() => prior.attribute("machine_id").clone(),
            Some(snapshot) => identity(snapshot),
            None => Value::Unknown,
        };
        planned.set_attribute("machine_id", machine);
        let transaction = match (is_changed, self.reports) {
            (true, true) => Value::Unknown,
            (true, false) => Value::Null,
            (false, _) => prior.attribute("transaction").clone(),
        };
        planned.set_attribute("transaction", transaction);
        self.is_replaced.then(|| "host".into())
    }

    /// Notes what a resource that stays as it is declares, and says what of that goes all the same.
    pub(crate) fn stays(&self, declared: &Document, private: &[u8], diagnostics: &mut Diagnostics) {
        let (Some(member), Some(snapshot)) = (&self.member, &self.snapshot) else { return };
        let declared = others::remembered(declared, snapshot.canonical());
        let own = Original::read(private).declaring(declared);
        member.note(own.clone());
        for thing in member.taken_by_others(&own, &snapshot.state) {
            diagnostics.warning(
                format!(
                    "host `{}`: {thing} goes with another resource that this run changes, and is \
                     declared here",
                    member.host.name()
                ),
                "the next apply puts it back; core has planned the two in an order in which the one could \
                 not know of the other, as it may with `-parallelism=1`",
            );
        }
    }
}

/// Warns when destroying touches what carries the connection, and refuses another machine than
/// the state's. A host that cannot be looked at is the apply's business. The answer are the private
/// bytes, with what other resources declare of what goes.
pub(crate) async fn plan_destroy(
    shared: &Shared,
    request: &PlanDestroyRequest,
    undo: &Undo,
    locate: &(dyn Fn(&[Step]) -> Option<AttributePath> + Sync),
    names: &(dyn Names + Sync),
    diagnostics: &mut Diagnostics,
) -> Vec<u8> {
    let private = request.private.clone();
    let Ok(fleet) = shared.fleet() else { return private };
    let record = MachineRecord::read(&request.private);
    let home = match Home::find(&fleet, &request.prior, &record, Purpose::Removal).await {
        Ok(Some(home)) => home,
        // Not an error, because a refresh plans to destroy what has no block any more, too.
        Err(error) if is_forgotten(&fleet, &request.prior) => {
            report::warning(diagnostics, &error, "destroying its resources is refused");
            return private;
        }
        Err(error) if error.kind == ErrorKind::Configuration => {
            report::error(diagnostics, &error, report::host_attribute(&error));
            return private;
        }
        Ok(None) | Err(_) => return private,
    };
    let resolved = undo.resolve([], &home.snapshot.state);
    let target = checks::Target { snapshot: &home.snapshot, member: &home.member, locate, names };
    risks::management(&target, &resolved.document, diagnostics);
    let concerned = home.member.concerned(undo);
    let original = Original::read(&private);
    let own = original.declaration();
    home.member.plan_undo(undo.clone(), own.clone(), concerned.clone());
    others::beside(own.map(|own| own.by).as_deref(), concerned, private)
}
