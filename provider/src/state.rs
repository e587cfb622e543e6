//! `nmstate_state`: a whole document in one transaction.
//!
//! The document is an HCL object or a text in YAML or JSON. The state keeps it as the user wrote
//! it; after a refresh it shows what the host has instead, projected on the declared keys.

mod dropped;

use std::sync::Arc;

use async_trait::async_trait;
use nmstate_engine::Error;
use nmstate_schema::Value as Json;
use nmstate_schema::canonical::{canonical, settable};
use nmstate_schema::document::Document;
use nmstate_schema::project::project;
use nmstate_schema::validate::Finding;
use nmstate_schema::{keys, path::Step};
use serde_json::json;
use tfplugin::{
    ApplyRequest, ApplyResponse, Attribute, AttributePath, Diagnostics, ImportResponse,
    PlanDestroyRequest, PlanRequest, PlanResponse, ReadRequest, ReadResponse, Resource, Schema,
    Type, Value,
};

use crate::common::{self, Job, Plan, Refresh, identity};
use crate::document::{self, dynamic, parse, parse_valid, refused};
use crate::fleet::known_host;
use crate::original::{OnDestroy, Original};
use crate::shared::Shared;
use crate::{checks, report, risks, secrets};

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
            parse(request.config.attribute("desired")).map_err(|findings| refused(&findings))?;
        let earlier = Original::read(&request.private);
        let (desired, earlier) =
            complete(&declared, &request.prior, earlier).map_err(|findings| refused(&findings))?;
        let resend = match parse(request.prior.attribute("desired")) {
            Ok(earlier) => secrets::differ(&earlier, &declared),
            Err(_) => false,
        };
        let applied = job.carry_out(desired, resend, diagnostics).await?;
        let original = earlier.extended(false, &declared, &applied.before.state);
        let mut state = request.planned.clone();
        job.complete(&mut state, request, OnDestroy::Restore, &applied);
        Ok(ApplyResponse { state, private: original.write(), identity: None })
    }

    async fn destroy(&self, request: ApplyRequest, diagnostics: &mut Diagnostics) -> ApplyResponse {
        let Some(document) = way_back(&request.prior, &request.private) else {
            let original = Original::read(&request.private);
            if OnDestroy::of(&request.prior, &original) != OnDestroy::Keep {
                report::nothing_known(diagnostics, "the host");
            }
            return ApplyResponse::default();
        };
        let Some(job) = Job::find(&self.shared, &request, diagnostics).await else {
            return ApplyResponse::unchanged(request);
        };
        let outcome = async {
            let document = Document::from_value(document).map_err(|findings| refused(&findings))?;
            job.carry_out(document, false, diagnostics).await
        };
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
        "nmstate_state"
    }

    fn schema(&self) -> Schema {
        let desired = Attribute::required("desired", Type::Dynamic).described(
            "The document: an object with nmstate's own keys, or its text in YAML or JSON. An \
             interface, a route, a route rule or a port that is dropped from it is removed if the \
             resource created it, and otherwise put back as it was.",
        );
        let description = "A whole nmstate document, applied in one transaction. What it declares \
                           is managed; everything else on the host is left alone.";
        common::schema(description.into(), vec![desired])
    }

    async fn validate(&self, config: &Value, diagnostics: &mut Diagnostics) {
        common::validate(config, diagnostics);
        if !config.attribute("desired").is_wholly_known() {
            return;
        }
        if let Err(findings) = parse_valid(config.attribute("desired")) {
            document::report(diagnostics, findings, "desired");
        }
    }

    async fn read(&self, request: ReadRequest, diagnostics: &mut Diagnostics) -> ReadResponse {
        let Some(refresh) = Refresh::look(&self.shared, &request, diagnostics).await else {
            return ReadResponse::unchanged(request);
        };
        let mut state = request.state.clone();
        if let Ok(desired) = parse(request.state.attribute("desired")) {
            let seen = project(&desired, refresh.snapshot.canonical());
            if seen != *desired.as_value() {
                state
                    .set_attribute("desired", respelled(request.state.attribute("desired"), &seen));
            }
        }
        refresh.complete(&mut state, &request.state);
        ReadResponse { state, private: request.private, identity: request.identity }
    }

    async fn plan(&self, request: PlanRequest, diagnostics: &mut Diagnostics) -> PlanResponse {
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
        let desired = request.config.attribute("desired");
        let declared = desired.is_wholly_known().then(|| parse(desired).ok()).flatten();
        if let (Some(declared), false) = (&declared, prior.is_null())
            && parse(prior.attribute("desired"))
                .is_ok_and(|known| canonical(&known) == canonical(declared))
        {
            planned.set_attribute("desired", prior.attribute("desired").clone());
        }
        if let (Some(declared), Some(member), Some(snapshot)) =
            (&declared, &plan.member, &plan.snapshot)
        {
            for interface in declared.interfaces() {
                checks::remember(member, interface);
            }
            if planned.attribute("desired") != prior.attribute("desired") {
                let locate = |_: &[Step]| Some(AttributePath::from("desired"));
                let target = checks::Target { snapshot, member, locate: &locate };
                for entry in declared.interfaces().chain(declared.routes()) {
                    checks::existence(&target, entry, false, diagnostics);
                }
                checks::versions(&target, declared, diagnostics);
                let original = Original::read(&request.private);
                if let Ok((document, _)) = complete(declared, prior, original) {
                    risks::management(&target, &document, diagnostics);
                }
            }
        }
        let moved = plan.complete(&mut planned, &request, Some(OnDestroy::Restore));
        PlanResponse {
            planned,
            requires_replace: moved.into_iter().collect(),
            private: request.private,
            identity: request.identity,
        }
    }

    async fn plan_destroy(
        &self,
        request: PlanDestroyRequest,
        diagnostics: &mut Diagnostics,
    ) -> Vec<u8> {
        if let Some(document) = way_back(&request.prior, &request.private) {
            let locate = |_: &[Step]| Some(AttributePath::from("desired"));
            common::plan_destroy(&self.shared, &request.prior, document, &locate, diagnostics)
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
            let own = || error.path.as_ref().map(|_| AttributePath::from("desired"));
            let path = job.attribute_of(&error).or_else(own);
            report::error(diagnostics, &error, path);
            ApplyResponse::unchanged(request)
        })
    }

    async fn import(&self, id: &str, diagnostics: &mut Diagnostics) -> Option<ImportResponse> {
        let host = if id == "default" { Value::Null } else { Value::from(id) };
        let outcome = async {
            let (name, member) = known_host(self.shared.fleet()?.resolve(&host)?)?;
            let snapshot = member.host.snapshot().await?;
            let desired = settable(&keys::STATE, snapshot.state.as_value());
            let document =
                Document::from_value(desired.clone()).map_err(|findings| refused(&findings))?;
            let original = Original::default().extended(false, &document, &snapshot.state);
            let state = Value::object([
                ("host", Value::from(name)),
                ("desired", dynamic(&desired)),
                ("on_destroy", Value::from(OnDestroy::Restore.word())),
                ("machine_id", identity(&snapshot)),
            ]);
            Ok::<_, Error>(ImportResponse { state, private: original.write(), identity: None })
        };
        match outcome.await {
            Ok(response) => Some(response),
            Err(error) => {
                report::error(diagnostics, &error, None);
                None
            }
        }
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

/// The declared document with what undoes what the state declares and it does not, and what the
/// record is after that.
fn complete(
    declared: &Document,
    prior: &Value,
    original: Original,
) -> Result<(Document, Original), Vec<Finding>> {
    let earlier = prior.attribute("desired");
    if earlier.is_null() {
        return Ok((declared.clone(), original));
    }
    dropped::with_dropped(declared, &parse(earlier)?, &original)
}

/// The document that a destroy carries out; none when the host stays as it is.
fn way_back(state: &Value, private: &[u8]) -> Option<Json> {
    let original = Original::read(private);
    match OnDestroy::of(state, &original) {
        OnDestroy::Keep => None,
        // A state's document has been applied, and so is one.
        OnDestroy::Absent => parse(state.attribute("desired")).ok().map(|one| absent(&one)),
        OnDestroy::Restore => original.restoring(&Json::Null),
    }
}

/// The document that removes what `declared` declares.
fn absent(declared: &Document) -> Json {
    let interfaces: Vec<Json> = declared
        .interfaces()
        .filter_map(|one| one.get("name"))
        .map(|name| json!({ "name": name, "state": "absent" }))
        .collect();
    let is_there = |one: &&Json| one.get("state").is_none();
    let routes: Vec<Json> =
        declared.routes().filter(is_there).map(|one| keys::ROUTE.removal(one)).collect();
    let rules: Vec<Json> =
        declared.route_rules().filter(is_there).map(|one| keys::ROUTE_RULE.removal(one)).collect();
    let mut document = json!({
        "interfaces": interfaces,
        "routes": { "config": routes },
        "route-rules": { "config": rules },
    });
    if declared.dns().is_some() {
        document["dns-resolver"] =
            json!({ "config": { "server": [], "search": [], "options": [] } });
    }
    document
}
