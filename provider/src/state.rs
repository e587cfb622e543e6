//! `nmstate_state`: a whole document in one transaction.
//!
//! The document is an HCL object or a text in YAML or JSON. The state keeps it as the user wrote
//! it; after a refresh it shows what the host has instead, projected on the declared keys.

mod adopt;
mod change;
mod list;
mod parts;
mod plan;

use std::sync::Arc;

use async_trait::async_trait;
use nmstate_engine::Error;
use nmstate_schema::document::Document;
use nmstate_schema::path::Step;
use nmstate_schema::project::project;
use nmstate_schema::undo::Undo;
use nmstate_schema::{Nmstate, Value as Json};
use tfplugin::{
    ApplyRequest, ApplyResponse, Attribute, AttributePath, Diagnostics, IdentitySchema,
    ImportResponse, Mode, Nesting, PlanDestroyRequest, PlanRequest, PlanResponse, RawState,
    ReadRequest, ReadResponse, Resource, Schema, Type, Value, stored,
};

use crate::common::{self, Job, Refresh, lets_go};
use crate::differences::attributes;
use crate::document::{self, dynamic, parse, parse_valid, refused};
use crate::entry::DEFAULT_HOST;
use crate::original::{OnDestroy, Original};
use crate::shared::Shared;
use crate::{checks, report, taking_over};

use adopt::{adopt, identity_schema, lasting_identity};
use change::DocumentChange;
pub(crate) use list::StateList;

/// The name of the resource type.
const TYPE_NAME: &str = "nmstate_state";
/// The attribute with the document.
const DESIRED: &str = "desired";
/// The attribute with what an apply changes.
const DIFFERENCES: &str = "differences";

/// The resource type `nmstate_state`.
pub(crate) struct StateResource {
    shared: Arc<Shared>,
}

impl StateResource {
    /// The resource type.
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    async fn change(
        &self,
        job: &Job,
        request: &ApplyRequest,
        diagnostics: &mut Diagnostics,
    ) -> Result<ApplyResponse, Error> {
        let declared =
            parse(request.config.attribute(DESIRED)).map_err(|findings| refused(&findings))?;
        let change = DocumentChange::new(&declared, &request.prior, &request.private);
        let host = &job.snapshot.state;
        let secrets = change.secrets(&job.member.host, &job.snapshot).await;
        let resend = !secrets.is_empty();
        let undo = change.undo(host);
        let applied = job.carry_out(declared.clone(), undo, resend, diagnostics).await?;
        let postponed = job.member.host.postponed();
        let replaced = change.replaced(host);
        let mut state = request.planned.clone();
        if state.attribute(DIFFERENCES).is_unknown() {
            let found = change.differences(&applied.before.state, &secrets);
            state.set_attribute(DIFFERENCES, found.unwrap_or_default());
        }
        job.complete(&mut state, request, &applied);
        let original = change.original.after(&declared, &declared, &replaced, &applied, &postponed);
        let identity = lasting_identity(request.identity.clone(), &state);
        Ok(ApplyResponse { state, private: job.private(original.write()), identity })
    }

    async fn adopt(&self, host: &Value, diagnostics: &mut Diagnostics) -> Option<ImportResponse> {
        adopt(&self.shared, host)
            .await
            .inspect_err(|error| report::error(diagnostics, error, None))
            .ok()
    }

    async fn destroy(&self, request: ApplyRequest, diagnostics: &mut Diagnostics) -> ApplyResponse {
        taking_over::release(&self.shared, &request.prior, TYPE_NAME);
        let undo = match undoing(&request.prior, &request.private) {
            Some(undo) => undo,
            None if OnDestroy::is_keep(&request.prior) => return ApplyResponse::default(),
            None => {
                report::untouched(diagnostics, "the host");
                if !lets_go(&self.shared, &request) {
                    return ApplyResponse::default();
                }
                Undo::default()
            }
        };
        let Some(job) = Job::find(&self.shared, &request, diagnostics).await else {
            return ApplyResponse::unchanged(request);
        };
        let outcome = job.carry_out(Document::default(), undo, false, diagnostics);
        match outcome.await {
            Ok(_) => ApplyResponse::default(),
            Err(error) => {
                report::error(diagnostics, &error, None);
                ApplyResponse::unchanged(request)
            }
        }
    }
}

#[async_trait]
impl Resource for StateResource {
    fn type_name(&self) -> &str {
        TYPE_NAME
    }

    fn schema(&self) -> Schema {
        let desired = Attribute::required(DESIRED, Type::Dynamic).described(
            "The document: an object with nmstate's own keys, or its text in YAML or JSON. An \
             interface, a route, a route rule or a port that is dropped from it is removed if the \
             resource created it, and otherwise put back as it was.",
        );
        let description = "A whole nmstate document, applied in one transaction. What it declares \
                           is managed; everything else on the host is left alone.";
        let differences =
            Attribute::nested(DIFFERENCES, Mode::Computed, Nesting::List, attributes()).described(
                "What a plan finds on the host that is not as the document says, and the apply \
                 changes: sorted by path, what goes with a dropped part included, empty when the \
                 host is as desired already. Secrets read `(sensitive value)`. It is about one plan \
                 and its apply, and null from the next run on: an output of it changes then, too.",
            );
        common::schema(description.into(), vec![desired, differences])
    }

    /// Forgets what the last apply has changed: beside what the next plan changes, core would show
    /// it as something that goes.
    async fn upgrade(
        &self,
        _version: i64,
        state: RawState,
        diagnostics: &mut Diagnostics,
    ) -> Option<Value> {
        let mut state = stored(&state, &self.schema(), diagnostics)?;
        state.set_attribute(DIFFERENCES, Value::Null);
        Some(state)
    }

    fn identity_schema(&self) -> Option<IdentitySchema> {
        Some(identity_schema())
    }

    async fn validate(&self, config: &Value, diagnostics: &mut Diagnostics) {
        common::validate(config, diagnostics);
        if !config.attribute(DESIRED).is_wholly_known() {
            return;
        }
        if let Err(findings) = parse_valid(config.attribute(DESIRED)) {
            document::report(diagnostics, findings, DESIRED);
        }
    }

    async fn read(&self, request: ReadRequest, diagnostics: &mut Diagnostics) -> ReadResponse {
        let Some(refresh) = Refresh::look(&self.shared, &request, diagnostics).await else {
            return ReadResponse::unchanged(request);
        };
        let mut state = request.state.clone();
        if let Ok(desired) = parse(request.state.attribute(DESIRED)) {
            checks::remember_lost(&refresh.member, &refresh.snapshot.state, &desired);
            let seen = project(&desired, &*refresh.host(&desired, diagnostics).await);
            if seen != *desired.as_value() {
                state.set_attribute(DESIRED, respelled(request.state.attribute(DESIRED), &seen));
            }
        }
        refresh.complete(&mut state, &request.state);
        let identity = lasting_identity(request.identity, &state);
        ReadResponse { state, private: refresh.private(request.private), identity }
    }

    async fn plan(&self, request: PlanRequest, diagnostics: &mut Diagnostics) -> PlanResponse {
        self.plan_document(request, diagnostics).await
    }

    async fn plan_destroy(
        &self,
        request: PlanDestroyRequest,
        diagnostics: &mut Diagnostics,
    ) -> Vec<u8> {
        if let Some(undo) = undoing(&request.prior, &request.private) {
            let locate = |_: &[Step]| Some(AttributePath::from(DESIRED));
            let shared = &self.shared;
            return common::plan_destroy(shared, &request, &undo, &locate, &Nmstate, diagnostics)
                .await;
        }
        request.private
    }

    async fn apply(&self, request: ApplyRequest, diagnostics: &mut Diagnostics) -> ApplyResponse {
        if request.is_destroy() {
            return self.destroy(request, diagnostics).await;
        }
        let Some(job) = Job::find(&self.shared, &request, diagnostics).await else {
            return ApplyResponse::unchanged(request);
        };
        self.change(&job, &request, diagnostics).await.unwrap_or_else(|error| {
            let own = || error.path.as_ref().map(|_| AttributePath::from(DESIRED));
            let path = job.attribute_of(&error).or_else(own);
            report::error(diagnostics, &error, path);
            ApplyResponse::unchanged(request)
        })
    }

    async fn import(&self, id: &str, diagnostics: &mut Diagnostics) -> Option<ImportResponse> {
        let host = if id == DEFAULT_HOST { Value::Null } else { Value::from(id) };
        self.adopt(&host, diagnostics).await
    }

    async fn import_by_identity(
        &self,
        identity: &Value,
        diagnostics: &mut Diagnostics,
    ) -> Option<ImportResponse> {
        self.adopt(identity.attribute("host"), diagnostics).await
    }
}

/// A changed document in the form that the user chose.
fn respelled(spelled: &Value, seen: &Json) -> Value {
    let document = || Document::from_value(seen.clone()).ok();
    match spelled.as_str() {
        Some(text) if text.trim_start().starts_with('{') => {
            Value::dynamic(Type::String, Value::from(seen.to_string()))
        }
        Some(_) => match document() {
            Some(document) => Value::dynamic(Type::String, Value::from(document.to_yaml())),
            None => dynamic(seen),
        },
        None => dynamic(seen),
    }
}

/// The things that a destroy undoes; none when the host stays as it is.
fn undoing(state: &Value, private: &[u8]) -> Option<Undo> {
    let original = Original::read(private);
    match OnDestroy::of(state) {
        Some(OnDestroy::Keep) => None,
        // A state's document has been applied, and so is one.
        Some(OnDestroy::Absent) => Some(Undo::removing(&parse(state.attribute(DESIRED)).ok()?)),
        Some(OnDestroy::Restore) | None => Some(original.undo()).filter(|undo| !undo.is_empty()),
    }
}

#[cfg(test)]
mod tests;
