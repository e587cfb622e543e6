//! The one implementation behind every resource that manages an entry of the host's state: an
//! interface, a route, the DNS resolver.
//!
//! What differs between them is small ([`Kind`]): where the entry is found in a host's state, and
//! how it is put there and taken away again. Planning, spelling, drift, the record of the original
//! and the transaction are the same for all.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use nmstate_engine::{Error, ErrorKind, Snapshot};
use nmstate_schema::Value as Json;
use nmstate_schema::document::Document;
use nmstate_schema::path::Step;
use nmstate_schema::validate;
use tfplugin::{
    ApplyRequest, ApplyResponse, Attribute, AttributePath, Diagnostics, ImportResponse,
    PlanRequest, PlanResponse, ReadRequest, ReadResponse, Resource, Schema, Type, Value,
};

use crate::configuration::Unreachable;
use crate::fleet::{Fleet, Member, Resolved};
use crate::layout::{Layout, within_entry};
use crate::original::{OnDestroy, Original};
use crate::shared::Shared;
use crate::{checks, planning, report};

/// What is particular to one kind of entry.
pub(crate) trait Kind: Send + Sync + 'static {
    /// The name of the resource type.
    fn type_name(&self) -> String;
    /// What the resource is for, for the registry.
    fn description(&self) -> String;
    /// Where the keys of the entry sit in the resource.
    fn layout(&self) -> Layout;
    /// Values of attributes that the configuration leaves out, where nmstate itself has a default
    /// that does not depend on the host.
    fn defaults(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }
    /// The entry with what the resource type implies, such as the interface type.
    fn complete(&self, entry: Json) -> Json {
        entry
    }
    /// The entry on a host, in canonical form.
    fn find(&self, state: &Document, entry: &Json) -> Option<Json>;
    /// The document that makes `entry` what it says, in place of `previous`.
    fn desired(&self, entry: &Json, previous: Option<&Json>, state: &Document) -> Json;
    /// The document that removes the entry.
    fn absent(&self, entry: &Json) -> Json;
    /// Whether a configuration can bring the entry into being where there is none.
    fn creatable(&self, _entry: &Json) -> bool {
        true
    }
    /// The entry for messages, such as `interface bond0`.
    fn label(&self, entry: &Json) -> String;
    /// The form of an import id without its host, such as `NAME`.
    fn import_form(&self) -> &'static str;
    /// Whether the first of the comma-separated parts of an import id is a host.
    fn starts_with_host(&self, parts: &[&str]) -> bool;
    /// The entry that the other parts of an import id mean.
    fn find_import(&self, state: &Document, parts: &[&str]) -> Option<Json>;
}

/// A resource type over one [`Kind`] of entry.
pub(crate) struct EntryResource<K> {
    kind: K,
    name: String,
    layout: Layout,
    shared: Arc<Shared>,
}

type Attributes = BTreeMap<String, Value>;

impl<K: Kind> EntryResource<K> {
    /// The resource type of a kind.
    pub(crate) fn new(kind: K, shared: Arc<Shared>) -> Self {
        Self { name: kind.type_name(), layout: kind.layout(), kind, shared }
    }

    fn entry(&self, attributes: &Attributes) -> Json {
        self.kind.complete(self.layout.entry_of(attributes))
    }

    fn document(json: Json) -> Result<Document, Error> {
        Document::from_value(json).map_err(|findings| {
            let text: Vec<String> =
                findings.iter().map(|one| format!("{}: {}", one.path, one.message)).collect();
            Error::new(ErrorKind::InvalidDocument, "", text.join("; "))
        })
    }

    /// The attribute that an engine error is about, when it names a place in this entry.
    fn attribute_of(&self, error: &Error, attributes: &Attributes) -> Option<AttributePath> {
        match error.kind {
            ErrorKind::Verification | ErrorKind::InvalidDocument | ErrorKind::NmstatectlTooOld => {
                self.layout.attribute_path(within_entry(error.path.as_ref()?), attributes)
            }
            ErrorKind::Configuration => Some("host".into()),
            _ => None,
        }
    }

    fn host_attribute(error: &Error) -> Option<AttributePath> {
        (error.kind != ErrorKind::Configuration || !error.host.is_empty()).then(|| "host".into())
    }

    /// The state of an entry as it is on the host, spelled like `prior` where both mean the same.
    fn respelled(&self, prior: &Attributes, found: &Json) -> Attributes {
        let host = self.layout.attributes_of(found);
        let normal =
            self.layout.attributes_of(&checks::canonical_entry(&self.kind, &self.entry(prior)));
        let null = Value::Null;
        self.layout
            .fields
            .iter()
            .map(|field| {
                let name = &field.attribute;
                let value = planning::respell(
                    field.key,
                    prior.get(name).unwrap_or(&null),
                    normal.get(name).unwrap_or(&null),
                    host.get(name).unwrap_or(&null),
                );
                (name.clone(), value)
            })
            .collect()
    }

    /// The planned attributes. `base` is what is there now; `None` when the entry will be new.
    fn planned(&self, config: &Attributes, base: Option<&Attributes>) -> Attributes {
        let entry = self.entry(config);
        let null = Value::Null;
        self.layout
            .fields
            .iter()
            .map(|field| {
                let name = &field.attribute;
                let default = self.kind.defaults().iter().find(|(key, _)| key == name);
                let given = config.get(name).unwrap_or(&null);
                let value = match (given, default) {
                    (Value::Null, Some((_, default))) => Value::from(*default),
                    _ => {
                        let prior = base.and_then(|base| base.get(name)).unwrap_or(&null);
                        let decides = base.is_none() && field.fits(&entry);
                        let unset = if decides { Value::Unknown } else { Value::Null };
                        planning::plan(field.key, given, prior, &unset)
                    }
                };
                (name.clone(), value)
            })
            .collect()
    }

    async fn create_or_update(
        &self,
        member: &Member,
        request: &ApplyRequest,
        prior: &Attributes,
    ) -> Result<(Attributes, Original), Error> {
        let config = attributes(&request.config);
        let planned = attributes(&request.planned);
        let entry = self.entry(&config);
        let previous = (!request.is_create()).then(|| self.entry(prior));
        let snapshot = member.host.snapshot().await?;
        let desired =
            Self::document(self.kind.desired(&entry, previous.as_ref(), snapshot.canonical()))?;
        let applied = member.host.apply(desired.clone()).await?;

        let found = self.kind.find(applied.after.canonical(), &entry).ok_or_else(|| {
            let text = format!("{} is not there after the change", self.kind.label(&entry));
            Error::new(ErrorKind::Verification, member.host.name(), text)
        })?;
        let actual = self.layout.attributes_of(&found);
        let state = self
            .layout
            .fields
            .iter()
            .map(|field| {
                let name = &field.attribute;
                let actual = actual.get(name).unwrap_or(&Value::Null);
                let planned = planned.get(name).unwrap_or(&Value::Null);
                (name.clone(), planning::settle(&field.key.kind, planned, actual))
            })
            .collect();

        let existed = self.kind.find(applied.before.canonical(), &entry).is_some();
        let original = Original::read(&request.private).extended(
            request.is_create() && !existed,
            &desired,
            &applied.before.state,
        );
        Ok((state, original))
    }

    async fn destroy(
        &self,
        request: &ApplyRequest,
        prior: &Attributes,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Error> {
        let original = Original::read(&request.private);
        let entry = self.entry(prior);
        let absent = self.kind.absent(&entry);
        let json = match OnDestroy::of(prior.get("on_destroy"), &original) {
            OnDestroy::Keep => return Ok(()),
            OnDestroy::Absent if !original.created() => absent,
            // What was created goes, and what it had taken, such as ports, is put back.
            OnDestroy::Absent | OnDestroy::Restore => match original.restoring(&absent) {
                Some(json) => json,
                None if original.created() => absent,
                None => {
                    diagnostics.warning(
                        format!(
                            "{} stays as it is: nothing is known about what was there before",
                            self.kind.label(&entry)
                        ),
                        "set `on_destroy = \"absent\"` to remove it",
                    );
                    return Ok(());
                }
            },
        };
        let fleet = self.shared.fleet()?;
        let (_, member) = known_host(fleet.resolve(prior.get("host").unwrap_or(&Value::Null))?)?;
        member.host.apply(Self::document(json)?).await.map(|_| ())
    }
}

#[async_trait]
impl<K: Kind> Resource for EntryResource<K> {
    fn type_name(&self) -> &str {
        &self.name
    }

    fn schema(&self) -> Schema {
        let mut attributes = vec![
            Attribute::optional_computed("host", Type::String).described(
                "The host: a key of the provider's `hosts` or an SSH destination. Defaults to the \
                 provider's `host`. Another host replaces the resource.",
            ),
            Attribute::optional_computed("on_destroy", Type::String).described(
                "What destroying does: `restore` puts back what was there when Terraform took over \
                 (the default for what Terraform did not create), `absent` removes (the default for \
                 what it created), `keep` leaves everything as it is.",
            ),
        ];
        attributes.extend(self.layout.attributes());
        Schema { version: 0, description: self.kind.description(), attributes }
    }

    async fn validate(&self, config: &Value, diagnostics: &mut Diagnostics) {
        let config = attributes(config);
        if let Some(word) = config.get("on_destroy").and_then(Value::as_str)
            && OnDestroy::parse(word).is_none()
        {
            diagnostics.attribute_error(
                "on_destroy",
                format!("`on_destroy` cannot be `{word}`"),
                "use `restore`, `absent` or `keep`",
            );
        }
        if config.get("state").and_then(Value::as_str) == Some("absent") {
            diagnostics.attribute_error(
                "state",
                "a resource cannot be declared absent",
                "remove the resource (its `on_destroy` says what happens then), or use `nmstate_state`",
            );
            return;
        }
        let document = self.kind.desired(&self.entry(&config), None, &Document::default());
        let findings = match Document::from_value(document) {
            Ok(document) => validate::validate(&document),
            Err(findings) => findings,
        };
        for finding in findings {
            let path = self.layout.attribute_path(within_entry(&finding.path), &config);
            // What relates several keys cannot be judged before all of them are known.
            let undecided = match &path {
                Some(path) => {
                    Value::Map(config.clone()).at(path).is_some_and(|one| !one.is_wholly_known())
                }
                None => !config.values().all(Value::is_wholly_known),
            };
            if !undecided {
                report::finding(diagnostics, &finding, path);
            }
        }
    }

    async fn read(&self, request: ReadRequest, diagnostics: &mut Diagnostics) -> ReadResponse {
        let prior = attributes(&request.state);
        let resolved = self.shared.fleet().and_then(|fleet| {
            Ok((fleet.resolve(prior.get("host").unwrap_or(&Value::Null))?, fleet))
        });
        let (member, fleet) = match resolved {
            Ok((Resolved::Known(_, member), fleet)) => (member, fleet),
            Ok((Resolved::Unknown, _)) => return ReadResponse::unchanged(request),
            Err(error) => {
                report::error(diagnostics, &error, Self::host_attribute(&error));
                return ReadResponse::unchanged(request);
            }
        };
        let snapshot = match member.host.snapshot().await {
            Ok(snapshot) => snapshot,
            Err(error) => {
                refresh_failed(diagnostics, &fleet, &error);
                return ReadResponse::unchanged(request);
            }
        };
        let entry = self.entry(&prior);
        let Some(found) = self.kind.find(snapshot.canonical(), &entry) else {
            return ReadResponse {
                state: Value::Null,
                private: request.private,
                identity: request.identity,
            };
        };
        let mut state = self.respelled(&prior, &found);
        for name in ["host", "on_destroy"] {
            state.insert(name.into(), prior.get(name).cloned().unwrap_or_default());
        }
        ReadResponse {
            state: Value::Map(state),
            private: request.private,
            identity: request.identity,
        }
    }

    async fn plan(&self, request: PlanRequest, diagnostics: &mut Diagnostics) -> PlanResponse {
        let config = attributes(&request.config);
        let prior = (!request.prior.is_null()).then(|| attributes(&request.prior));
        let refused = |request: PlanRequest| PlanResponse {
            planned: request.proposed,
            requires_replace: Vec::new(),
            private: request.private,
            identity: request.identity,
        };
        let contact = self.shared.fleet().and_then(|fleet| {
            let resolved = fleet.resolve(config.get("host").unwrap_or(&Value::Null))?;
            Ok((fleet, resolved))
        });
        let (fleet, resolved) = match contact {
            Ok(found) => found,
            Err(error) => {
                report::error(diagnostics, &error, Self::host_attribute(&error));
                return refused(request);
            }
        };
        let (host, member) = match resolved {
            Resolved::Known(name, member) => (Value::from(name), Some(member)),
            Resolved::Unknown => (Value::Unknown, None),
        };
        let snapshot = match contacted(member.as_deref()).await {
            Ok(snapshot) => snapshot,
            Err(_) if prior.is_some() && fleet.unreachable() == Unreachable::Warn => None,
            Err(error) => {
                report::error(diagnostics, &error, Some("host".into()));
                return refused(request);
            }
        };

        let entry = self.entry(&config);
        let existing = match (&prior, &snapshot) {
            (None, Some(snapshot)) => self
                .kind
                .find(snapshot.canonical(), &entry)
                .map(|found| self.respelled(&self.layout.attributes_of(&found), &found)),
            _ => None,
        };
        let base = prior.as_ref().or(existing.as_ref());
        let mut planned = self.planned(&config, base);

        if let (Some(snapshot), Some(member)) = (&snapshot, &member) {
            let unchanged = base.is_some_and(|base| {
                planned.iter().all(|(name, value)| base.get(name).unwrap_or(&Value::Null) == value)
            });
            if !unchanged {
                let locate = |steps: &[Step]| self.layout.attribute_path(steps, &config);
                let target = checks::Target { snapshot, member, locate: &locate };
                let missing_itself = base.is_none() && !self.kind.creatable(&entry);
                if !missing_itself {
                    checks::remember(member, &entry);
                }
                checks::existence(&target, &entry, missing_itself, diagnostics);
                checks::management(&target, &entry, diagnostics);
            }
        }

        let on_destroy = match config.get("on_destroy") {
            Some(given @ (Value::String(_) | Value::Unknown)) => given.clone(),
            _ => match &prior {
                Some(prior) => prior.get("on_destroy").filter(|value| !value.is_null()).cloned(),
                None => None,
            }
            .unwrap_or_else(|| match (&snapshot, &existing) {
                (None, _) => Value::Unknown,
                (_, Some(_)) => OnDestroy::Restore.word().into(),
                (_, None) => OnDestroy::Absent.word().into(),
            }),
        };
        planned.insert("on_destroy".into(), on_destroy);
        let old_host = prior.as_ref().and_then(|prior| prior.get("host")).cloned();
        let host = match (&host, config.get("host"), &old_host) {
            // The provider's default is unknown for now: nothing says that it will be another.
            (Value::Unknown, None | Some(Value::Null), Some(old)) => old.clone(),
            _ => host,
        };
        let mut requires_replace: Vec<AttributePath> = self
            .layout
            .fields
            .iter()
            .filter(|field| field.identity)
            .map(|field| field.attribute.as_str().into())
            .collect();
        if !host.is_unknown() && old_host.is_some_and(|old| old != host) {
            requires_replace.push("host".into());
        }
        planned.insert("host".into(), host);
        PlanResponse {
            planned: Value::Map(planned),
            requires_replace,
            private: request.private,
            identity: request.identity,
        }
    }

    async fn apply(&self, request: ApplyRequest, diagnostics: &mut Diagnostics) -> ApplyResponse {
        let prior = attributes(&request.prior);
        if request.is_destroy() {
            return match self.destroy(&request, &prior, diagnostics).await {
                Ok(()) => ApplyResponse::default(),
                Err(error) => {
                    report::error(diagnostics, &error, None);
                    ApplyResponse::unchanged(request)
                }
            };
        }
        let planned = attributes(&request.planned);
        let config = attributes(&request.config);
        let outcome = async {
            let (name, member) = {
                let fleet = self.shared.fleet()?;
                known_host(fleet.resolve(config.get("host").unwrap_or(&Value::Null))?)?
            };
            same_host(prior.get("host"), &name)?;
            let (mut state, original) = self.create_or_update(&member, &request, &prior).await?;
            state.insert("host".into(), name.into());
            let on_destroy = planned.get("on_destroy").filter(|value| !value.is_unknown());
            let on_destroy = on_destroy
                .cloned()
                .unwrap_or_else(|| OnDestroy::default_for(&original).word().into());
            state.insert("on_destroy".into(), on_destroy);
            Ok::<_, Error>(ApplyResponse {
                state: Value::Map(state),
                private: original.write(),
                identity: request.identity.clone(),
            })
        };
        match outcome.await {
            Ok(response) => response,
            Err(error) => {
                let path = self.attribute_of(&error, &config);
                report::error(diagnostics, &error, path);
                ApplyResponse::unchanged(request)
            }
        }
    }

    async fn import(&self, id: &str, diagnostics: &mut Diagnostics) -> Option<ImportResponse> {
        let parts: Vec<&str> = id.split(',').map(str::trim).collect();
        let (host, parts) = match parts.split_first() {
            Some((first, rest)) if self.kind.starts_with_host(&parts) => {
                (Value::from(*first), rest)
            }
            _ => (Value::Null, parts.as_slice()),
        };
        let outcome = async {
            let fleet = self.shared.fleet()?;
            let (name, member) = known_host(fleet.resolve(&host)?)?;
            let snapshot = member.host.snapshot().await?;
            let found = self.kind.find_import(snapshot.canonical(), parts).ok_or_else(|| {
                let form = self.kind.import_form();
                Error::new(ErrorKind::Configuration, name.as_str(), format!("`{id}` is not there"))
                    .with_hint(format!(
                        "import with `[HOST,]{form}`; there are {}",
                        checks::interface_names(&snapshot)
                    ))
            })?;
            let mut state = self.layout.attributes_of(&found);
            state.insert("host".into(), name.into());
            state.insert("on_destroy".into(), OnDestroy::Restore.word().into());
            let desired = Self::document(self.kind.desired(&found, None, snapshot.canonical()))?;
            let original = Original::default().extended(false, &desired, &snapshot.state);
            Ok::<_, Error>(ImportResponse {
                state: Value::Map(state),
                private: original.write(),
                identity: None,
            })
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

/// The host of an apply or an import, which has to be known by then.
pub(crate) fn known_host(resolved: Resolved) -> Result<(String, Arc<Member>), Error> {
    match resolved {
        Resolved::Known(name, member) => Ok((name, member)),
        Resolved::Unknown => {
            Err(Error::new(ErrorKind::Configuration, "", "the host is not known yet")
                .with_hint("apply the resources that the provider block depends on first"))
        }
    }
}

/// A snapshot of a host that is known.
pub(crate) async fn contacted(member: Option<&Member>) -> Result<Option<Arc<Snapshot>>, Error> {
    match member {
        Some(member) => member.host.snapshot().await.map(Some),
        None => Ok(None),
    }
}

/// A host that was unknown at plan must turn out to be the one that has the resource: replacing
/// was not planned.
pub(crate) fn same_host(prior: Option<&Value>, now: &str) -> Result<(), Error> {
    match prior.and_then(Value::as_str) {
        Some(before) if before != now => Err(Error::new(
            ErrorKind::Configuration,
            now,
            format!("the host was `{before}` before"),
        )
        .with_hint("plan again: now that the host is known, the resource will be replaced")),
        _ => Ok(()),
    }
}

/// A refresh could not reach the host: an error, or a warning when the provider says so.
pub(crate) fn refresh_failed(diagnostics: &mut Diagnostics, fleet: &Fleet, error: &Error) {
    match fleet.unreachable() {
        Unreachable::Warn if error.kind.is_unreachable() => {
            report::warning(diagnostics, error, "the state of its resources stays as it was");
        }
        Unreachable::Warn | Unreachable::Error => {
            report::error(diagnostics, error, Some("host".into()));
        }
    }
}

/// The attributes of a resource's value; none when it is null.
pub(crate) fn attributes(value: &Value) -> Attributes {
    value.as_map().cloned().unwrap_or_default()
}
