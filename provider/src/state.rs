//! `nmstate_state`: a whole document in one transaction.
//!
//! The document is an HCL object or a text in YAML or JSON. The state keeps it as the user wrote
//! it; after a refresh it shows what the host has instead, projected on the declared keys.

use std::sync::Arc;

use async_trait::async_trait;
use nmstate_engine::Error;
use nmstate_schema::Value as Json;
use nmstate_schema::canonical::{canonical, settable};
use nmstate_schema::document::Document;
use nmstate_schema::validate::Finding;
use nmstate_schema::{keys, path::Step};
use serde_json::json;
use tfplugin::{
    ApplyRequest, ApplyResponse, Attribute, AttributePath, Diagnostics, ImportResponse,
    PlanRequest, PlanResponse, ReadRequest, ReadResponse, Resource, Schema, Type, Value,
};

use crate::configuration::Unreachable;
use crate::document::{self, dynamic, parse, parse_valid, refused};
use crate::fleet::{Resolved, contacted, known_host, same_host};
use crate::original::{OnDestroy, Original};
use crate::projection::project;
use crate::shared::Shared;
use crate::{checks, report};

/// The resource type `nmstate_state`.
pub(crate) struct StateResource {
    shared: Arc<Shared>,
}

impl StateResource {
    /// The resource type.
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    async fn change(&self, request: &ApplyRequest) -> Result<ApplyResponse, Error> {
        let (name, member) =
            known_host(self.shared.fleet()?.resolve(request.config.attribute("host"))?)?;
        same_host(Some(request.prior.attribute("host")), &name)?;
        let declared =
            parse(request.config.attribute("desired")).map_err(|findings| refused(&findings))?;
        let earlier = Original::read(&request.private);
        let desired = with_dropped(&declared, request.prior.attribute("desired"), &earlier)
            .map_err(|findings| refused(&findings))?;
        let applied = member.host.apply(desired).await?;
        let original = earlier.extended(false, &declared, &applied.before.state);
        let mut state = request.planned.clone();
        state.set_attribute("host", name.as_str());
        Ok(ApplyResponse { state, private: original.write(), identity: None })
    }

    async fn destroy(
        &self,
        request: &ApplyRequest,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Error> {
        let original = Original::read(&request.private);
        let document = match OnDestroy::of(Some(request.prior.attribute("on_destroy")), &original) {
            OnDestroy::Keep => None,
            OnDestroy::Absent => {
                let declared = parse(request.prior.attribute("desired"))
                    .map_err(|findings| refused(&findings))?;
                Some(absent(&declared))
            }
            OnDestroy::Restore => {
                let document = original.restoring(&Json::Null);
                if document.is_none() {
                    diagnostics.warning(
                        "the host stays as it is: nothing is known about what was there before",
                        "set `on_destroy = \"absent\"` to remove what the document declares",
                    );
                }
                document
            }
        };
        let Some(document) = document else { return Ok(()) };
        let (_, member) =
            known_host(self.shared.fleet()?.resolve(request.prior.attribute("host"))?)?;
        let document = Document::from_value(document).map_err(|findings| refused(&findings))?;
        member.host.apply(document).await.map(|_| ())
    }
}

#[async_trait]
impl Resource for StateResource {
    fn type_name(&self) -> &str {
        "nmstate_state"
    }

    fn schema(&self) -> Schema {
        Schema {
            version: 0,
            description:
                "A whole nmstate document, applied in one transaction. What it declares is \
                          managed; everything else on the host is left alone."
                    .into(),
            attributes: vec![
                Attribute::optional_computed("host", Type::String).described(
                    "The host: a key of the provider's `hosts` or an SSH destination. Defaults to \
                     the provider's `host`. Another host replaces the resource.",
                ),
                Attribute::required("desired", Type::Dynamic).described(
                    "The document: an object with nmstate's own keys, or its text in YAML or JSON. \
                     An interface that is dropped from it is removed if the resource created it, \
                     and otherwise put back as it was.",
                ),
                Attribute::optional_computed("on_destroy", Type::String).described(
                    "What destroying does: `restore` (the default) puts back what was there before \
                     and removes what the document created, `absent` removes everything that the \
                     document declares, `keep` leaves everything as it is.",
                ),
            ],
        }
    }

    async fn validate(&self, config: &Value, diagnostics: &mut Diagnostics) {
        if let Some(word) = config.attribute("on_destroy").as_str()
            && OnDestroy::parse(word).is_none()
        {
            diagnostics.attribute_error(
                "on_destroy",
                format!("`on_destroy` cannot be `{word}`"),
                "use `restore`, `absent` or `keep`",
            );
        }
        if !config.attribute("desired").is_wholly_known() {
            return;
        }
        if let Err(findings) = parse_valid(config.attribute("desired")) {
            document::report(diagnostics, findings, "desired");
        }
    }

    async fn read(&self, request: ReadRequest, diagnostics: &mut Diagnostics) -> ReadResponse {
        let outcome = async {
            let fleet = self.shared.fleet()?;
            match fleet.resolve(request.state.attribute("host"))? {
                Resolved::Known(_, member) => Ok((fleet, Some(member))),
                Resolved::Unknown => Ok((fleet, None)),
            }
        };
        let (fleet, member) = match outcome.await {
            Ok(found) => found,
            Err(error) => {
                report::error(diagnostics, &error, Some("host".into()));
                return ReadResponse::unchanged(request);
            }
        };
        let snapshot = match contacted(member.as_deref()).await {
            Ok(Some(snapshot)) => snapshot,
            Ok(None) => return ReadResponse::unchanged(request),
            Err(error) => {
                report::refresh_failed(diagnostics, &fleet, &error);
                return ReadResponse::unchanged(request);
            }
        };
        let mut state = request.state.clone();
        if let Ok(desired) = parse(request.state.attribute("desired")) {
            let seen = project(&desired, snapshot.canonical());
            if seen != *desired.as_value() {
                state
                    .set_attribute("desired", respelled(request.state.attribute("desired"), &seen));
            }
        }
        ReadResponse { state, private: request.private, identity: request.identity }
    }

    async fn plan(&self, request: PlanRequest, diagnostics: &mut Diagnostics) -> PlanResponse {
        let mut planned = request.config.clone();
        let prior = &request.prior;
        let mut requires_replace = Vec::new();
        let outcome = async {
            let fleet = self.shared.fleet()?;
            let resolved = fleet.resolve(request.config.attribute("host"))?;
            let (name, member) = match resolved {
                Resolved::Known(name, member) => (Value::from(name), Some(member)),
                Resolved::Unknown
                    if request.config.attribute("host").is_null() && !prior.is_null() =>
                {
                    (prior.attribute("host").clone(), None)
                }
                Resolved::Unknown => (Value::Unknown, None),
            };
            let snapshot = match contacted(member.as_deref()).await {
                Err(_) if !prior.is_null() && fleet.unreachable() == Unreachable::Warn => None,
                outcome => outcome?,
            };
            Ok::<_, Error>((name, member, snapshot))
        };
        let (host, member, snapshot) = match outcome.await {
            Ok(found) => found,
            Err(error) => {
                report::error(diagnostics, &error, Some("host".into()));
                (Value::Unknown, None, None)
            }
        };
        if !host.is_unknown() && !prior.is_null() && *prior.attribute("host") != host {
            requires_replace.push("host".into());
        }
        planned.set_attribute("host", host);

        let desired = request.config.attribute("desired");
        let declared = desired.is_wholly_known().then(|| parse(desired).ok()).flatten();
        if let (Some(declared), false) = (&declared, prior.is_null())
            && parse(prior.attribute("desired"))
                .is_ok_and(|known| canonical(&known) == canonical(declared))
        {
            planned.set_attribute("desired", prior.attribute("desired").clone());
        }
        if let (Some(declared), Some(member), Some(snapshot)) = (&declared, &member, &snapshot) {
            for interface in declared.interfaces() {
                checks::remember(member, interface);
            }
            if planned.attribute("desired") != prior.attribute("desired") {
                let locate = |_: &[Step]| Some(AttributePath::from("desired"));
                let target = checks::Target { snapshot, member, locate: &locate };
                for entry in declared.interfaces().chain(declared.routes()) {
                    checks::existence(&target, entry, false, diagnostics);
                    checks::management(&target, entry, diagnostics);
                }
            }
        }
        if request.config.attribute("on_destroy").is_null() {
            let kept = prior.attribute("on_destroy").as_str().unwrap_or(OnDestroy::Restore.word());
            planned.set_attribute("on_destroy", kept);
        }
        PlanResponse {
            planned,
            requires_replace,
            private: request.private,
            identity: request.identity,
        }
    }

    async fn apply(&self, request: ApplyRequest, diagnostics: &mut Diagnostics) -> ApplyResponse {
        let outcome = if request.is_destroy() {
            self.destroy(&request, diagnostics).await.map(|()| ApplyResponse::default())
        } else {
            self.change(&request).await
        };
        outcome.unwrap_or_else(|error| {
            let path = error.path.as_ref().map(|_| AttributePath::from("desired"));
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

/// The declared document and what undoes the interfaces that it no longer declares.
fn with_dropped(
    declared: &Document,
    earlier: &Value,
    original: &Original,
) -> Result<Document, Vec<Finding>> {
    if earlier.is_null() {
        return Ok(declared.clone());
    }
    let kept = checks::involved(declared);
    let dropped = checks::involved(&parse(earlier)?).difference(&kept).cloned().collect();
    let dropped = original.interfaces(&dropped);
    if dropped.is_empty() {
        return Ok(declared.clone());
    }
    let mut document = declared.as_value().clone();
    if let Some(object) = document.as_object_mut() {
        let interfaces = object.entry("interfaces").or_insert_with(|| json!([]));
        if let Some(interfaces) = interfaces.as_array_mut() {
            interfaces.extend(dropped);
        }
    }
    Document::from_value(document)
}

/// The document that removes what `declared` declares.
fn absent(declared: &Document) -> Json {
    let interfaces: Vec<Json> = declared
        .interfaces()
        .filter_map(|one| one.get("name"))
        .map(|name| json!({ "name": name, "state": "absent" }))
        .collect();
    let routes: Vec<Json> = declared
        .routes()
        .filter(|route| route.get("state").is_none())
        .map(|route| {
            let mut route = route.clone();
            route["state"] = "absent".into();
            route
        })
        .collect();
    let mut document = json!({ "interfaces": interfaces, "routes": { "config": routes } });
    if declared.dns().is_some() {
        document["dns-resolver"] =
            json!({ "config": { "server": [], "search": [], "options": [] } });
    }
    document
}
