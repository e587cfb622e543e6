//! Carrying a document out on the machine that it is meant for.

use std::sync::Arc;

use nmstate_engine::transaction::Change;
use nmstate_engine::{Applied, Error, Snapshot};
use nmstate_schema::document::Document;
use tfplugin::{ApplyRequest, AttributePath, Diagnostics, Value};

use super::home::Home;
use super::machine::{Standing, identity, replaced, same_host, standing};
use crate::fleet::{Member, known_host};
use crate::original::OnDestroy;
use crate::shared::Shared;
use crate::{report, settings};

/// One apply: its host, known by now and the right machine, and what watches the change.
pub(crate) struct Job {
    /// The host before.
    pub(crate) snapshot: Arc<Snapshot>,
    name: String,
    member: Arc<Member>,
    change: Change,
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
        let mut bad_values = Diagnostics::new();
        let root = AttributePath::root();
        let change = Change {
            document: Document::default(),
            probes: settings::probes(declared, &mut bad_values).unwrap_or_default(),
            settle_timeout: settings::seconds(
                declared,
                &root,
                "settle_timeout",
                0,
                &mut bad_values,
            ),
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
                return Ok(Self { snapshot, name, member, change, reports });
            }
            let (name, member) = known_host(fleet.resolve(declared.attribute("host"))?)?;
            let snapshot = member.host.snapshot().await?;
            is_meant(request, &name, &identity(&snapshot))?;
            Ok::<_, Error>(Self { snapshot, name, member, change, reports })
        };
        match found.await {
            Ok(job) => Some(job),
            Err(error) => {
                report::error(diagnostics, &error, report::host_attribute(&error));
                None
            }
        }
    }

    /// The host as the user named it.
    pub(crate) fn host(&self) -> &str {
        &self.name
    }

    /// Makes the host satisfy a document, and tells the user what that took.
    pub(crate) async fn carry_out(
        &self,
        document: Document,
        diagnostics: &mut Diagnostics,
    ) -> Result<Applied, Error> {
        let applied = self.member.host.apply(Change { document, ..self.change.clone() }).await?;
        if let Some(report) = applied.report.as_ref().filter(|report| self.member.tell(report)) {
            report::confirmed(diagnostics, &self.name, report);
        }
        Ok(applied)
    }

    /// Adds the common attributes to the state after an apply; `on_destroy` is what a resource does
    /// that says nothing.
    pub(crate) fn complete(
        &self,
        state: &mut Value,
        request: &ApplyRequest,
        on_destroy: OnDestroy,
        applied: &Applied,
    ) {
        let transaction = match &applied.report {
            Some(report) if self.reports => report::transaction(report),
            _ => Value::Null,
        };
        for (name, actual) in [
            ("on_destroy", on_destroy.word().into()),
            ("machine_id", identity(&applied.after)),
            ("transaction", transaction),
        ] {
            let planned = request.planned.attribute(name);
            let settled = if planned.is_unknown() { actual } else { planned.clone() };
            state.set_attribute(name, settled);
        }
        for name in ["probes", "settle_timeout"] {
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
