//! What identifies an entry for good: its host, and the keys that its kind is named by.
//!
//! The identity holds the values of the host, not the spelling of a configuration, so that one
//! entry never has two of them.

use nmstate_schema::Value as Json;
use tfplugin::{Diagnostics, IdentityAttribute, IdentitySchema, ImportResponse, Type, Value};

use super::{Attributes, EntryResource, Kind, attributes};
use crate::{checks, convert};

impl<K: Kind> EntryResource<K> {
    /// The attributes of an identity.
    pub(super) fn identity_attributes(&self) -> IdentitySchema {
        let host = IdentityAttribute {
            name: "host".into(),
            kind: Type::String,
            description: "The host; the provider's own when left out.".into(),
            required_for_import: false,
        };
        let first = self.kind.identity().first();
        let own = self.schema_of_identity().into_iter().map(|attribute| IdentityAttribute {
            required_for_import: first
                .is_some_and(|first| convert::attribute_name(first) == attribute.name),
            kind: match attribute.shape {
                tfplugin::Shape::Type(kind) => kind,
                tfplugin::Shape::Nested(..) => Type::String,
            },
            name: attribute.name,
            description: attribute.description,
        });
        IdentitySchema { version: 0, attributes: std::iter::once(host).chain(own).collect() }
    }

    /// The identity of an entry in this state; none as long as it is not known.
    pub(super) fn identity_of(&self, state: &Attributes) -> Option<Value> {
        let canonical = checks::canonical_entry(&self.kind, &self.entry(state));
        let own = self.layout.attributes_of(&canonical);
        let own = self.identity_names().map(|name| {
            let value = own.get(&name).cloned().unwrap_or_default();
            (name, value)
        });
        let host = state.get("host").cloned().unwrap_or_default();
        Some(Value::object(std::iter::once(("host".to_owned(), host)).chain(own)))
    }

    /// The identity that an entry has already, or else the one of its state: core refuses another
    /// identity for the same entry, and a host may get another name.
    pub(super) fn lasting_identity(&self, known: Option<Value>, state: &Value) -> Option<Value> {
        known
            .filter(|known| !known.is_null() && known.is_wholly_known())
            .or_else(|| self.identity_of(&attributes(state)))
    }

    /// Finds an entry by its identity.
    pub(super) async fn import_identity(
        &self,
        identity: &Value,
        diagnostics: &mut Diagnostics,
    ) -> Option<ImportResponse> {
        let parts: Vec<String> = self
            .identity_names()
            .map(|name| match convert::plain_to_json(identity.attribute(&name)) {
                Some(Json::String(text)) => text,
                Some(other) => other.to_string(),
                None => String::new(),
            })
            .collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let shown = parts.join(",");
        self.adopt(identity.attribute("host"), &parts, &shown, diagnostics).await
    }

    fn identity_names(&self) -> impl Iterator<Item = String> {
        self.kind.identity().iter().map(|key| convert::attribute_name(key))
    }

    fn schema_of_identity(&self) -> Vec<tfplugin::Attribute> {
        let attributes = self.layout.attributes();
        self.identity_names()
            .filter_map(|name| attributes.iter().find(|one| one.name == name).cloned())
            .collect()
    }
}
