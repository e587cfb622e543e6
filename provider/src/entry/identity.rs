//! What identifies an entry for good: its host, and the keys that its kind is named by.
//!
//! The identity holds the values of the host, not the spelling of a configuration, so that one
//! entry never has two of them.

use nmstate_schema::Value as Json;
use nmstate_schema::keys::Key;
use serde_json::json;
use tfplugin::{
    Diagnostics, IdentityAttribute, IdentitySchema, ImportResponse, RawState, Shape, Type, Value,
};

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
        let implied = self.implied();
        let own = self.kind.identity().into_iter().enumerate().map(|(position, key)| {
            let attribute = convert::attribute(convert::attribute_name(key.name), key);
            let implied = implied.iter().find(|(name, _)| *name == attribute.name);
            let description = match implied.and_then(|(_, value)| value.as_str()) {
                Some(own) => format!("`{own}`, as the resource has no other; need not be given."),
                None => attribute.description,
            };
            IdentityAttribute {
                kind: match attribute.shape {
                    Shape::Type(kind) => kind,
                    Shape::Nested(..) => Type::String,
                },
                name: attribute.name,
                description,
                required_for_import: position == 0,
            }
        });
        let attributes = std::iter::once(host).chain(own).collect();
        IdentitySchema { version: self.kind.identity_version(), attributes }
    }

    /// The identity of an entry in this state; none as long as it is not known.
    pub(super) fn identity_of(&self, state: &Attributes) -> Option<Value> {
        let canonical = checks::canonical_entry(&self.kind, &self.entry(state));
        let own = self.kind.identity().into_iter().map(|key| {
            let value = canonical.get(key.name).map(|value| convert::from_json(&key.kind, value));
            (convert::attribute_name(key.name), value.unwrap_or_default())
        });
        let host = state.get("host").cloned().unwrap_or_default();
        Some(Value::object(std::iter::once(("host".to_owned(), host)).chain(own)))
    }

    /// The identity that an entry has already, or else the one of its state: core refuses another
    /// identity for the same entry, and a host may get another name.
    pub(super) fn lasting_identity(&self, known: Option<Value>, state: &Value) -> Option<Value> {
        let state = attributes(state);
        let known = known.filter(|known| !known.is_null() && known.is_wholly_known());
        let Some(mut known) = known else { return self.identity_of(&state) };
        // An identity that OpenTofu has kept from before the type was part of it.
        for (name, value) in self.naming(&state) {
            if known.attribute(&name).is_null() {
                known.set_attribute(name, value);
            }
        }
        Some(known)
    }

    /// A stored identity, of an older version too, by the schema of now.
    pub(super) fn upgraded_identity(
        &self,
        identity: &RawState,
        diagnostics: &mut Diagnostics,
    ) -> Option<Value> {
        let kind = self.identity_attributes().implied_type();
        match identity.decode_type(&kind) {
            Ok(mut identity) => {
                for (name, value) in self.implied() {
                    if identity.attribute(&name).is_null() {
                        identity.set_attribute(name, value);
                    }
                }
                Some(identity)
            }
            Err(error) => {
                diagnostics.error("the stored identity cannot be read", error.to_string());
                None
            }
        }
    }

    /// Finds an entry by its identity.
    pub(super) async fn import_identity(
        &self,
        identity: &Value,
        diagnostics: &mut Diagnostics,
    ) -> Option<ImportResponse> {
        for (name, own) in self.implied() {
            let (asked, own) = (identity.attribute(&name).as_str(), own);
            let own = own.as_str().unwrap_or_default();
            if let Some(asked) = asked.filter(|asked| *asked != own) {
                diagnostics.error(
                    format!("`{name}` is `{asked}`, and `{}` has only `{own}`", self.name),
                    format!("leave `{name}` out, or import to the resource of that type"),
                );
                return None;
            }
        }
        let keys = self.kind.identity().into_iter();
        let parts: Vec<String> = keys
            .map(|key| identity.attribute(&convert::attribute_name(key.name)).clone())
            .map(|value| match convert::plain_to_json(&value) {
                Some(Json::String(text)) => text,
                Some(other) => other.to_string(),
                None => String::new(),
            })
            .collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let shown = parts.join(",");
        self.adopt(identity.attribute("host"), &parts, &shown, diagnostics).await
    }

    /// What the resource type alone says of an identity: the type of a typed resource.
    fn implied(&self) -> Vec<(String, Value)> {
        let complete = self.kind.complete(json!({}));
        self.values(|key| complete.get(key.name))
    }

    /// What an identity always says, of the attributes and of what the resource type implies.
    fn naming(&self, state: &Attributes) -> Vec<(String, Value)> {
        let entry = self.entry(state);
        let implied = self.implied();
        let is_name = |key: &Key| {
            self.layout.fields.iter().any(|field| field.identity && field.key.name == key.name)
                || implied.iter().any(|(name, _)| *name == convert::attribute_name(key.name))
        };
        self.values(|key| entry.get(key.name).filter(|_| is_name(key)))
    }

    fn values<'a>(&self, value: impl Fn(&'static Key) -> Option<&'a Json>) -> Vec<(String, Value)> {
        let keys = self.kind.identity().into_iter();
        keys.filter_map(|key| {
            let value = convert::from_json(&key.kind, value(key)?);
            Some((convert::attribute_name(key.name), value))
        })
        .collect()
    }
}

#[cfg(test)]
mod tests;
