//! Carrying a document out on the machine that it is meant for.

use std::sync::Arc;

use nmstate_engine::transaction::Change;
use nmstate_engine::{Applied, Error, Snapshot};
use nmstate_schema::document::Document;
use nmstate_schema::undo::Undo;
use tfplugin::{ApplyRequest, AttributePath, Diagnostics, Value};

use super::home::{Home, Purpose};
use super::limit::{Limit, within};
use super::machine::{Known, Machine, Standing, identity, same_host};
use super::others::{is_at_home, settle, unmistakable};
use crate::fleet::{Fleet, Member, Resolved, known_host};
use crate::machine_record::MachineRecord;
use crate::original::Original;
use crate::shared::Shared;
use crate::{others, report, settings};

/// One apply: its host, known by now and the right machine, and what watches the change.
pub(crate) struct Job {
    /// The host before.
    pub(crate) snapshot: Arc<Snapshot>,
    name: String,
    /// The host.
    pub(crate) member: Arc<Member>,
    record: MachineRecord,
    /// The resource, if it declared something before.
    own: Option<String>,
    change: Change,
    limit: Option<Limit>,
    reports: bool,
}

/// True if the destroy of a resource that has nothing to undo lets something go all the same, which
/// another one would have undone.
pub(crate) fn lets_go(shared: &Shared, request: &ApplyRequest) -> bool {
    let fleet = shared.fleet().ok();
    let host = fleet.and_then(|fleet| fleet.resolve(request.prior.attribute("host")).ok());
    let Some(Resolved::Known(_, member)) = host else { return false };
    let is_awaited = !member.host.postponed().is_empty();
    // Otherwise it is taken back with the change.
    if let (false, Some(own)) = (is_awaited, Original::read(&request.private).declaration()) {
        member.host.release(&own.by);
    }
    is_awaited
}

impl Job {
    /// Finds the host of a configuration, or of the state that is to be destroyed; `None` comes
    /// with an error.
    pub(crate) async fn find(
        shared: &Shared,
        request: &ApplyRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let declared = if request.is_destroy() { &request.prior } else { &request.config };
        let limit = Limit::of_apply(request);
        let mut bad_values = Diagnostics::new();
        let root = AttributePath::root();
        let change = Change {
            probes: settings::probes(declared, &mut bad_values).unwrap_or_default(),
            settle_timeout: settings::seconds(
                declared,
                &root,
                "settle_timeout",
                0,
                &mut bad_values,
            ),
            deadline: limit.as_ref().map(Limit::deadline),
            ..Document::default().into()
        };
        if bad_values.has_errors() {
            diagnostics.extend(bad_values);
            return None;
        }
        let record = MachineRecord::read(&request.private);
        let record = if request.is_create() { record.planned() } else { record };
        let found = async {
            let fleet = shared.fleet()?;
            let reports = fleet.reports();
            if request.is_destroy()
                && let Some(home) =
                    Home::find(&fleet, &request.prior, &record, Purpose::Removal).await?
            {
                return Ok((home.name, home.member, home.snapshot, reports));
            }
            let (name, member) = known_host(fleet.resolve(declared.attribute("host"))?)?;
            let snapshot = member.look().await?;
            unmistakable(&fleet, &member, &snapshot)?;
            let meant = if request.is_create() { &request.planned } else { &request.prior };
            let found = Machine::of(&snapshot);
            is_meant(&fleet, &Known::of(meant, &record), &name, &member, &found).await?;
            Ok::<_, Error>((name, member, snapshot, reports))
        };
        match within(limit.as_ref(), declared.attribute("host"), found).await {
            Ok((name, member, snapshot, reports)) => {
                let record = record.with(Machine::of(&snapshot).key());
                let original = (!request.is_create()).then(|| Original::read(&request.private));
                let own = original.and_then(|one| one.declaration()).map(|own| own.by);
                member.host.know(&others::read(&request.private));
                Some(Self { snapshot, name, member, record, own, change, limit, reports })
            }
            Err(error) => {
                let limit = limit.and_then(|limit| limit.attribute_of(&error));
                report::error(diagnostics, &error, limit.or(report::host_attribute(&error)));
                None
            }
        }
    }

    /// The host as the user named it.
    pub(crate) fn host(&self) -> &str {
        &self.name
    }

    /// Makes the host satisfy a document and undoes what else there is to undo, and tells the user what
    /// that took. With `resend` the document is sent to a host that seems to satisfy it, too.
    pub(crate) async fn carry_out(
        &self,
        document: Document,
        undo: Undo,
        resend: bool,
        diagnostics: &mut Diagnostics,
    ) -> Result<Applied, Error> {
        let is_destroy = document.is_empty();
        let change = Change { document, undo, resend, ..self.change.clone() };
        if let Some(own) = &self.own {
            self.member.host.release(own);
        }
        let outcome = self.member.host.apply(change).await;
        if let (Err(_), Some(own)) = (&outcome, &self.own) {
            self.member.host.keep(own);
        }
        let applied = match &self.limit {
            Some(limit) => limit.named(outcome)?,
            None => outcome?,
        };
        if let Some(report) = applied.report.as_ref().filter(|report| self.member.tell(report)) {
            report::confirmed(diagnostics, &self.name, report);
        }
        report::left_out(diagnostics, &self.name, &applied.left_out, is_destroy);
        Ok(applied)
    }

    /// The private bytes with what is known of the machine.
    pub(crate) fn private(&self, private: Vec<u8>) -> Vec<u8> {
        self.record.beside(private)
    }

    /// The attribute of an error, when it is one of those that all resources have.
    pub(crate) fn attribute_of(&self, error: &Error) -> Option<AttributePath> {
        self.limit.as_ref()?.attribute_of(error)
    }

    /// Adds the common attributes to the state after an apply.
    pub(crate) fn complete(&self, state: &mut Value, request: &ApplyRequest, applied: &Applied) {
        let transaction = match &applied.report {
            Some(report) if self.reports => report::transaction(report),
            _ => Value::Null,
        };
        for (name, actual) in [
            ("on_destroy", Value::Null),
            ("machine_id", identity(&applied.after)),
            ("transaction", transaction),
        ] {
            let planned = request.planned.attribute(name);
            let settled = if planned.is_unknown() { actual } else { planned.clone() };
            state.set_attribute(name, settled);
        }
        for name in super::GIVEN {
            state.set_attribute(name, request.config.attribute(name).clone());
        }
        state.set_attribute("host", self.name.as_str());
    }
}

/// Whether this is the machine of the state, or the one that a new resource was planned for.
async fn is_meant(
    fleet: &Fleet,
    known: &Known<'_>,
    name: &str,
    member: &Arc<Member>,
    found: &Machine,
) -> Result<(), Error> {
    let is_elsewhere = match known.standing(name, found) {
        Standing::Elsewhere => true,
        _ if known.is_named(name) => {
            settle(fleet, known, name, member, found).await?;
            false
        }
        _ => is_at_home(fleet, known, name, member, found).await?,
    };
    if is_elsewhere { Err(same_host(name, known)) } else { Ok(()) }
}
