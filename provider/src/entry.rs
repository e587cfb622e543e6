//! The one implementation behind every resource that manages an entry of the host's state: an
//! interface, a route, the DNS resolver.
//!
//! What differs between them is small ([`Kind`]): where the entry is found in a host's state, and
//! how it is put there and taken away again. Planning, spelling, drift, the record of the original
//! and the transaction are the same for all.

mod apply;
mod identity;
mod import;
mod importable;
mod list;
mod moved;
mod plan;
#[cfg(test)]
mod properties;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use nmstate_engine::{Error, ErrorKind};
use nmstate_schema::compare::compare_entry;
use nmstate_schema::document::Document;
use nmstate_schema::keys::{Key, Section};
use nmstate_schema::{Aliases, Nmstate, Value as Json, validate};
use tfplugin::{
    ApplyRequest, ApplyResponse, Attribute, Diagnostics, IdentitySchema, ImportResponse,
    MoveRequest, MoveResponse, PlanDestroyRequest, PlanRequest, PlanResponse, RawState,
    ReadRequest, ReadResponse, Resource, Schema, Value,
};

use crate::common::{self, Refresh};
use crate::fleet::Member;
use crate::layout::{Field, Layout, within_entry};
use crate::naming::Naming;
use crate::original::Original;
use crate::ownership::{Reason, Seen};
use crate::planning::Differences;
use crate::shared::Shared;
use crate::{checks, convert, hollow, planning, report, secrets};

pub(crate) use importable::{Found, Importable};
pub(crate) use list::{EntryList, host_attribute};

/// The word for the provider's own host in the import id of what a host has one of; an id may not
/// be empty.
pub(crate) const DEFAULT_HOST: &str = "default";

/// What is particular to one kind of entry. How an entry is imported is said here for those that a
/// host has one of, which only its host names.
pub(crate) trait Kind: Send + Sync + 'static {
    /// The name of the resource type.
    fn type_name(&self) -> String;
    /// The keys of the entry.
    fn section(&self) -> &'static Section;
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
    /// All such entries of a host, in canonical form; the one when a host has it once.
    fn all(&self, state: &Document) -> Vec<Json> {
        self.find(state, &Json::Null).into_iter().collect()
    }
    /// The keys that a list of them can be filtered by.
    fn filters(&self) -> &'static [&'static str] {
        &[]
    }
    /// The document that makes `entry` what it says; `previous` is what it said before.
    fn desired(&self, entry: &Json, previous: Option<&Json>) -> Json;
    /// Whether a configuration can bring the entry into being where there is none.
    fn creatable(&self, _entry: &Json) -> bool {
        true
    }
    /// Whether a change replaces the entry on the host as a whole, so that what the configuration
    /// leaves out must be sent again or is lost.
    fn is_replaced(&self) -> bool {
        false
    }
    /// Whether the host may show one of these values of a key for the other.
    fn is_alike(&self, _key: &str, _one: &Json, _other: &Json) -> bool {
        false
    }
    /// The keys that, with the host, name the entry for good; all but the first may be left out
    /// where the others are enough. None where a host has only one.
    ///
    /// Kinds that an entry can move between have the same: OpenTofu keeps the identity of the source
    /// and reads it by the schema of the target.
    fn identity(&self) -> Vec<&'static Key> {
        Vec::new()
    }
    /// The version of the identity's schema.
    fn identity_version(&self) -> i64 {
        0
    }
    /// The kind that has written the state of another resource type, if an entry can move from
    /// there.
    fn source(&self, _type_name: &str) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
    /// The entry for messages, such as `interface bond0`.
    fn label(&self, entry: &Json) -> String;
    /// The form of an import id without its host, such as `NAME`.
    fn import_form(&self) -> &'static str {
        DEFAULT_HOST
    }
    /// Whether the first of the comma-separated parts of an import id is a host.
    fn starts_with_host(&self, parts: &[&str]) -> bool {
        parts.first().is_some_and(|first| *first != DEFAULT_HOST)
    }
    /// The entries that the other parts of an import id mean.
    fn find_imports(&self, state: &Document, _parts: &[&str]) -> Vec<Json> {
        self.find(state, &Json::Null).into_iter().collect()
    }
    /// The parts of an import id that leave nothing of the entry open, the most telling first.
    fn import_parts(&self, _entry: &Json) -> Vec<String> {
        Vec::new()
    }
    /// A name for the resource of an entry that is written by a program.
    fn resource_name(&self, _entry: &Json) -> String {
        "this".into()
    }
    /// Whether somebody has configured the entry; what is always there may say nothing.
    fn is_configured(&self, _entry: &Json) -> bool {
        true
    }
    /// True if somebody uses what a host has in the place of the entry, so that it is taken over.
    fn is_in_use(&self, found: &Json) -> bool {
        self.is_configured(found)
    }
    /// Why the entry of a host that was seen is not to be taken over, if so.
    fn left_out(&self, _entry: &Json, _host: &Seen<'_>) -> Option<Reason> {
        None
    }
}

/// A resource type over one [`Kind`] of entry.
pub(crate) struct EntryResource<K> {
    kind: K,
    name: String,
    pub(crate) layout: Layout,
    shared: Arc<Shared>,
}

type Attributes = BTreeMap<String, Value>;

impl<K: Kind> EntryResource<K> {
    /// The resource type of a kind.
    pub(crate) fn new(kind: K, shared: Arc<Shared>) -> Self {
        Self { name: kind.type_name(), layout: kind.layout(), kind, shared }
    }

    /// The nmstate entry that attributes stand for.
    pub(crate) fn entry(&self, attributes: &Attributes) -> Json {
        self.kind.complete(self.layout.entry_of(attributes))
    }

    /// What the resource calls keys and places.
    fn names<'a>(&'a self, attributes: &'a Attributes) -> Naming<'a> {
        Naming { layout: &self.layout, attributes }
    }

    /// The entry as this run found it on the host.
    fn found(&self, member: &Member, entry: &Json) -> Option<Json> {
        self.find(member.found()?.canonical(), entry)
    }

    fn document(json: Json) -> Result<Document, Error> {
        Document::from_value(json).map_err(|findings| {
            let text: Vec<String> = findings.iter().map(|one| one.located(&Nmstate)).collect();
            Error::new(ErrorKind::InvalidDocument, "", text.join("; "))
        })
    }

    /// The entry on a host in normal form, with the names that it is called by.
    fn find(&self, host: &Document, entry: &Json) -> Option<Json> {
        let aliases = Aliases::of(self.kind.section(), entry, host);
        let found = self.kind.find(host, &aliases.resolved(entry))?;
        Some(aliases.spelled(&found))
    }

    /// The state of an entry after a look at a host that shows `found`.
    fn refreshed(&self, prior: &Attributes, found: &Json, original: &Original) -> Attributes {
        self.refreshed_beside(prior, found, self.declared(original).as_ref())
    }

    /// The same, with the entry as it was declared last.
    fn refreshed_beside(
        &self,
        prior: &Attributes,
        found: &Json,
        declared: Option<&Json>,
    ) -> Attributes {
        let differences = compare_entry(self.kind.section(), &self.entry(prior), found);
        self.layout.refreshed(prior, found, declared, &Differences::of(&differences))
    }

    /// The entry as it was declared by the last apply, if that is remembered.
    fn declared(&self, original: &Original) -> Option<Json> {
        let document = original.declaration()?.document;
        self.kind.all(&document).into_iter().find(|one| one["state"] != "absent")
    }

    /// The state of an entry that nothing is known of but what the host shows.
    fn as_found(&self, found: &Json) -> Attributes {
        let host = self.layout.attributes_of(found);
        let adopted = |field: &Field| {
            let value = host.get(&field.attribute).unwrap_or(&Value::Null);
            (field.attribute.clone(), planning::adopt(field.key, value))
        };
        let secrets =
            |field: &Field| secrets::beside(field.key, &field.attribute, &Attributes::new());
        self.layout.fields.iter().flat_map(|field| secrets(field).chain([adopted(field)])).collect()
    }

    /// The attributes that no other kind has.
    fn own_attributes(&self) -> Vec<Attribute> {
        secrets::with_write_only(self.layout.attributes())
    }
}

#[async_trait]
impl<K: Kind> Resource for EntryResource<K> {
    fn type_name(&self) -> &str {
        &self.name
    }

    fn schema(&self) -> Schema {
        common::schema(self.kind.description(), self.own_attributes())
    }

    fn identity_schema(&self) -> Option<IdentitySchema> {
        Some(self.identity_attributes())
    }

    async fn validate(&self, config: &Value, diagnostics: &mut Diagnostics) {
        common::validate(config, diagnostics);
        secrets::validate(&self.own_attributes(), config, diagnostics);
        let config = attributes(config);
        if config.get("state").and_then(Value::as_str) == Some("absent") {
            diagnostics.attribute_error(
                "state",
                "a resource cannot be declared absent",
                "remove the resource (its `on_destroy` says what happens then), or use `nmstate_state`",
            );
            return;
        }
        hollow::warn(&self.layout, &config, diagnostics);
        let findings_in = |config: &Attributes| {
            let document = self.kind.desired(&self.entry(config), None);
            match Document::from_value(document) {
                Ok(document) => validate::validate(&document),
                Err(findings) => findings,
            }
        };
        let mut findings = findings_in(&config);
        if !config.values().all(Value::is_wholly_known) {
            // What is not known yet may be there or not: what is wrong is wrong either way.
            let given = findings_in(&convert::with_unknown_given(&config));
            findings.retain(|finding| given.contains(finding));
        }
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
                report::finding(diagnostics, None, &finding, path, &self.names(&config));
            }
        }
    }

    async fn read(&self, request: ReadRequest, diagnostics: &mut Diagnostics) -> ReadResponse {
        let Some(refresh) = Refresh::look(&self.shared, &request, diagnostics).await else {
            return ReadResponse::unchanged(request);
        };
        let prior = attributes(&request.state);
        let entry = self.entry(&prior);
        let host = match Self::document(self.kind.desired(&entry, None)) {
            Ok(declared) => {
                checks::remember_lost(&refresh.member, &refresh.snapshot.state, &declared);
                refresh.host(&declared, diagnostics).await
            }
            Err(_) => Cow::Borrowed(refresh.snapshot.canonical()),
        };
        let Some(found) = self.find(&host, &entry) else {
            return ReadResponse {
                state: Value::Null,
                private: refresh.private(request.private),
                identity: request.identity,
            };
        };
        let original = Original::read(&request.private);
        let mut state = Value::Map(self.refreshed(&prior, &found, &original));
        refresh.complete(&mut state, &request.state);
        let identity = self.lasting_identity(request.identity, &state);
        ReadResponse { state, private: refresh.private(request.private), identity }
    }

    async fn plan(&self, request: PlanRequest, diagnostics: &mut Diagnostics) -> PlanResponse {
        self.plan_entry(request, diagnostics).await
    }

    async fn plan_destroy(
        &self,
        request: PlanDestroyRequest,
        diagnostics: &mut Diagnostics,
    ) -> Vec<u8> {
        self.plan_destroying(&request, diagnostics).await
    }

    async fn apply(&self, request: ApplyRequest, diagnostics: &mut Diagnostics) -> ApplyResponse {
        self.apply_entry(request, diagnostics).await
    }

    async fn import(&self, id: &str, diagnostics: &mut Diagnostics) -> Option<ImportResponse> {
        self.import_entry(id, diagnostics).await
    }

    async fn import_by_identity(
        &self,
        identity: &Value,
        diagnostics: &mut Diagnostics,
    ) -> Option<ImportResponse> {
        self.import_identity(identity, diagnostics).await
    }

    async fn upgrade_identity(
        &self,
        _version: i64,
        identity: RawState,
        diagnostics: &mut Diagnostics,
    ) -> Option<Value> {
        self.upgraded_identity(&identity, diagnostics)
    }

    async fn move_state(
        &self,
        request: MoveRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<MoveResponse> {
        self.moved(request, diagnostics)
    }
}

/// The attributes of a resource's value; none when it is null.
pub(crate) fn attributes(value: &Value) -> Attributes {
    value.as_map().cloned().unwrap_or_default()
}
