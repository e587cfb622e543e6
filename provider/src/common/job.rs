//! Carrying a document out on the machine that it is meant for.

use std::sync::Arc;

use nmstate_engine::transaction::Change;
use nmstate_engine::{Applied, Error, Snapshot};
use nmstate_schema::document::Document;
use nmstate_schema::undo::Undo;
use tfplugin::{ApplyRequest, AttributePath, Diagnostics, Value};

use super::home::Home;
use super::limit::{Limit, within};
use super::machine::{Standing, identity, replaced, same_host, standing};
use crate::fleet::{Member, known_host};
use crate::shared::Shared;
use crate::{report, settings};

/// One apply: its host, known by now and the right machine, and what watches the change.
pub(crate) struct Job {
    /// The host before.
    pub(crate) snapshot: Arc<Snapshot>,
    name: String,
    /// The host.
    pub(crate) member: Arc<Member>,
    change: Change,
    limit: Option<Limit>,
    reports: bool,
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
        let found = async {
            let fleet = shared.fleet()?;
            let reports = fleet.reports();
            if request.is_destroy()
                && let Some(Home { name, member, snapshot }) =
                    Home::find(&fleet, &request.prior).await?
            {
                return Ok((name, member, snapshot, reports));
            }
            let (name, member) = known_host(fleet.resolve(declared.attribute("host"))?)?;
            let snapshot = member.look().await?;
            is_meant(request, &name, &identity(&snapshot))?;
            Ok::<_, Error>((name, member, snapshot, reports))
        };
        match within(limit.as_ref(), declared.attribute("host"), found).await {
            Ok((name, member, snapshot, reports)) => {
                Some(Self { snapshot, name, member, change, limit, reports })
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
        let outcome = self.member.host.apply(change).await;
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
fn is_meant(request: &ApplyRequest, name: &str, found: &Value) -> Result<(), Error> {
    let meant = if request.is_create() { &request.planned } else { &request.prior };
    match standing(meant, name, found) {
        Standing::Same => Ok(()),
        Standing::Elsewhere => Err(same_host(name, meant)),
        Standing::Replaced => Err(replaced(name, meant, found)),
    }
}
