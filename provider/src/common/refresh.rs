//! Looking at the host of a state.

use std::sync::Arc;

use nmstate_engine::Snapshot;
use tfplugin::{Diagnostics, ReadRequest, Value};

use super::home::{Home, is_forgotten};
use super::limit::{Limit, within};
use super::machine::identity;
use crate::report;
use crate::shared::Shared;

/// A host that was looked at for a refresh.
pub(crate) struct Refresh {
    /// The host as it is.
    pub(crate) snapshot: Arc<Snapshot>,
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
        let look = Home::find(&fleet, &request.state);
        match within(limit.as_ref(), request.state.attribute("host"), look).await {
            Ok(found) => {
                found.map(|home| Self { snapshot: home.snapshot, reports: fleet.reports() })
            }
            Err(error) if is_forgotten(&fleet, &request.state) => {
                report::warning(
                    diagnostics,
                    &error,
                    "the provider has no host of this name any more, and none of its hosts is the same \
                     machine: its resources stay as they were",
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
