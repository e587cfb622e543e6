//! Looking at the host of a configuration, and at the one of a state that is to be destroyed.

use std::sync::Arc;

use nmstate_engine::transaction::Change;
use nmstate_engine::{Error, ErrorKind, Snapshot};
use nmstate_schema::path::Step;
use tfplugin::{AttributePath, Diagnostics, PlanRequest, Value};

use super::home::Home;
use super::limit::{Limit, within};
use super::machine::{Standing, identity, replaced, standing};
use crate::configuration::Unreachable;
use crate::fleet::{Fleet, Member, Resolved, contacted};
use crate::original::{OnDestroy, Original};
use crate::shared::Shared;
use crate::{checks, report, risks};

/// The host that a plan is about.
pub(crate) struct Plan {
    /// The host and what this run plans there; `None` while it is unknown.
    pub(crate) member: Option<Arc<Member>>,
    /// The host as it is; `None` when it was not looked at.
    pub(crate) snapshot: Option<Arc<Snapshot>>,
    host: Value,
    is_replaced: bool,
    reports: bool,
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
        let snapshot = match contacted(member.as_deref()).await {
            Err(_) if !prior.is_null() && fleet.unreachable() == Unreachable::Warn => None,
            outcome => outcome?,
        };
        let is_replaced = match (&snapshot, host.as_str()) {
            (Some(snapshot), Some(name)) => {
                let found = identity(snapshot);
                match standing(prior, name, &found) {
                    Standing::Same => false,
                    Standing::Elsewhere => true,
                    Standing::Replaced => return Err(replaced(name, prior, &found)),
                }
            }
            // A host that nobody has looked at may be the same machine: the apply finds out.
            _ => false,
        };
        Ok(Self { member, snapshot, host, is_replaced, reports: fleet.reports() })
    }

    /// Adds the common attributes to a plan that has all others. The answer is what replaces the
    /// resource.
    pub(crate) fn complete(
        &self,
        planned: &mut Value,
        request: &PlanRequest,
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
}

/// Warns when destroying touches what carries the connection, and refuses another machine than
/// the state's. A host that cannot be looked at is the apply's business.
pub(crate) async fn plan_destroy(
    shared: &Shared,
    prior: &Value,
    change: &Change,
    locate: &(dyn Fn(&[Step]) -> Option<AttributePath> + Sync),
    diagnostics: &mut Diagnostics,
) {
    let Ok(fleet) = shared.fleet() else { return };
    let home = match Home::find(&fleet, prior).await {
        Ok(Some(home)) => home,
        Err(error) if error.kind == ErrorKind::Configuration => {
            return report::error(diagnostics, &error, report::host_attribute(&error));
        }
        Ok(None) | Err(_) => return,
    };
    if let Ok(resolved) = change.resolve(&home.snapshot.state) {
        let target = checks::Target { snapshot: &home.snapshot, member: &home.member, locate };
        risks::management(&target, &resolved.document, diagnostics);
    }
}
