//! The plan of a document.
//!
//! It names all that differs on the host. An apply plans once more and must come to the same, though
//! other resources have changed the host by then: so the differences are those from the host as this
//! run found it.

use nmstate_schema::Nmstate;
use nmstate_schema::canonical::canonical;
use nmstate_schema::path::Step;
use tfplugin::{AttributePath, Diagnostics, PlanRequest, PlanResponse, Value};

use super::change::DocumentChange;
use super::parts::{self, Part};
use super::{DESIRED, DIFFERENCES, StateResource, TYPE_NAME};
use crate::common::Plan;
use crate::document::parse;
use crate::taking_over::{self, TakingOver};
use crate::{checks, gone, others, risks};

impl StateResource {
    /// Plans a create or an update.
    pub(super) async fn plan_document(
        &self,
        request: PlanRequest,
        diagnostics: &mut Diagnostics,
    ) -> PlanResponse {
        let Some(plan) = Plan::look(&self.shared, &request, diagnostics).await else {
            return PlanResponse {
                planned: request.proposed,
                requires_replace: Vec::new(),
                private: request.private,
                identity: request.identity,
            };
        };
        let mut planned = request.config.clone();
        let prior = &request.prior;
        let desired = request.config.attribute(DESIRED);
        let declared = desired.is_wholly_known().then(|| parse(desired).ok()).flatten();
        if let (Some(declared), false) = (&declared, prior.is_null())
            && parse(prior.attribute(DESIRED))
                .is_ok_and(|known| canonical(&known) == canonical(declared))
        {
            planned.set_attribute(DESIRED, prior.attribute(DESIRED).clone());
        }
        let change = declared.as_ref().map(|one| DocumentChange::new(one, prior, &request.private));
        if let (Some(declared), Some(change), Some(member), Some(snapshot)) =
            (&declared, &change, &plan.member, &plan.snapshot)
        {
            for interface in declared.interfaces().filter(|one| !gone::needs_what_is_there(one)) {
                checks::remember(member, interface);
            }
            let locate = |_: &[Step]| Some(AttributePath::from(DESIRED));
            let target = checks::Target { snapshot, member, locate: &locate, names: &Nmstate };
            checks::conflicts(&target, declared, diagnostics);
            if planned.attribute(DESIRED) != prior.attribute(DESIRED) {
                checks::existence(&target, declared, gone::needs_what_is_there, diagnostics);
                checks::kernel(&target, declared, diagnostics);
                checks::versions(&target, declared, diagnostics);
                checks::without_effect(&target, declared, &|_| false, diagnostics);
                member.plan_undo(
                    change.undo(&snapshot.state),
                    change.original.declaration(),
                    others::read(&request.private),
                );
                if let Some(sent) = change.sent(&snapshot.state) {
                    risks::management(&target, &sent, diagnostics);
                    taking_over::ports(&target, &sent, diagnostics);
                    if prior.is_null() {
                        let parts =
                            parts::in_place_of(declared, member.found().unwrap_or(snapshot));
                        for Part { label, document, is_in_use } in parts {
                            let taking = TakingOver {
                                label: &label,
                                resource: TYPE_NAME,
                                type_name: TYPE_NAME,
                                import_id: Some(member.host.name().to_owned()),
                                member,
                                is_allowed: plan.adopts,
                            };
                            let private = &request.private;
                            taking.report(&document, snapshot, is_in_use, private, diagnostics);
                        }
                    }
                }
            }
        }
        planned.set_attribute(DIFFERENCES, prior.attribute(DIFFERENCES).clone());
        let moved = plan.complete(&mut planned, &request, diagnostics);
        match &declared {
            Some(declared) if planned == request.prior => {
                plan.stays(declared, &request.private, diagnostics);
            }
            _ if planned == request.prior => {}
            // What goes before is undone first: nobody has seen the host as it will be then.
            _ if prior.is_null() && taking_over::is_about(&request.private, TYPE_NAME) => {
                planned.set_attribute(DIFFERENCES, Value::Unknown);
            }
            _ => {
                planned.set_attribute(DIFFERENCES, differences(&plan, change.as_ref()).await);
            }
        }
        let private = plan.private(request.private);
        let private =
            if prior.is_null() { private } else { taking_over::about(TYPE_NAME, private) };
        PlanResponse {
            planned,
            requires_replace: moved.into_iter().collect(),
            private,
            identity: request.identity,
        }
    }
}

/// What an apply will change; unknown until the document and the host are known.
async fn differences(plan: &Plan, change: Option<&DocumentChange<'_>>) -> Value {
    let (Some(change), Some(member)) = (change, &plan.member) else { return Value::Unknown };
    let Some(found) = member.found().or(plan.snapshot.as_deref()) else { return Value::Unknown };
    let secrets = change.secrets(&member.host, found).await;
    change.differences(&found.state, &secrets).unwrap_or(Value::Unknown)
}
