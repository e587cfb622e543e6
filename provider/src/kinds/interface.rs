//! Interfaces: `nmstate_interface` for every type, and one resource per type with the type's own
//! section flattened.

use nmstate_schema::document::Document;
use nmstate_schema::keys::{self, Key, Section};
use nmstate_schema::{Value as Json, find_interface};
use serde_json::json;

use super::keys_of;
use crate::convert;
use crate::entry::Kind;
use crate::layout::Layout;
use crate::ownership::{self, Reason, Seen};

/// The interfaces of one type, or of all types.
pub(crate) struct Interface {
    /// The nmstate type of a typed resource; `None` for `nmstate_interface`.
    pub(crate) of_type: Option<&'static str>,
}

impl Kind for Interface {
    fn type_name(&self) -> String {
        format!("nmstate_{}", convert::attribute_name(self.of_type.unwrap_or("interface")))
    }

    fn section(&self) -> &'static Section {
        &keys::INTERFACE
    }

    fn description(&self) -> String {
        match self.of_type.and_then(keys::interface_type) {
            Some(of_type) => format!(
                "{}: an interface of nmstate's type `{}`. What the configuration leaves out is not \
                 managed and keeps the host's value.",
                of_type.doc.trim_end_matches('.'),
                of_type.name
            ),
            None => "A network interface of any type. What the configuration leaves out is not \
                     managed and keeps the host's value."
                .into(),
        }
    }

    fn layout(&self) -> Layout {
        self.of_type.map_or_else(Layout::interface, Layout::typed)
    }

    fn defaults(&self) -> &'static [(&'static str, &'static str)] {
        // What nmstate does with an interface whose `state` is left out.
        &[("state", "up")]
    }

    fn complete(&self, mut entry: Json) -> Json {
        if let (Some(of_type), Some(object)) = (self.of_type, entry.as_object_mut()) {
            object.insert("type".into(), of_type.into());
        }
        entry
    }

    fn find(&self, state: &Document, entry: &Json) -> Option<Json> {
        let of_type = entry.get("type").and_then(Json::as_str);
        let mut found = find_interface(state, entry)?.clone();
        let shown = found.get("type").and_then(Json::as_str).unwrap_or_default();
        if !of_type.is_none_or(|of_type| keys::is_same_type(of_type, shown)) {
            return None;
        }
        // It is called as it was looked for, so that this is no difference.
        for key in ["name", "type"] {
            let said = entry.get(key).filter(|said| !said.is_null());
            if let (Some(said), Some(object)) = (said, found.as_object_mut()) {
                object.insert(key.into(), said.clone());
            }
        }
        Some(found)
    }

    fn all(&self, state: &Document) -> Vec<Json> {
        let is_meant = |one: &&Json| {
            self.of_type.is_none() || one.get("type").and_then(Json::as_str) == self.of_type
        };
        state.interfaces().filter(is_meant).cloned().collect()
    }

    fn filters(&self) -> &'static [&'static str] {
        match self.of_type {
            None => &["name", "type", "state", "controller"],
            Some(_) => &["name", "state", "controller"],
        }
    }

    fn desired(&self, entry: &Json, _previous: Option<&Json>) -> Json {
        json!({ "interfaces": [entry] })
    }

    fn creatable(&self, entry: &Json) -> bool {
        let of_type = entry.get("type").and_then(Json::as_str);
        // A partition of an InfiniBand card, unlike the card.
        entry.pointer("/infiniband/base-iface").is_some()
            || of_type.and_then(keys::interface_type).is_none_or(|one| one.is_virtual)
    }

    fn label(&self, entry: &Json) -> String {
        format!("interface `{}`", entry.get("name").and_then(Json::as_str).unwrap_or_default())
    }

    fn is_alike(&self, key: &str, one: &Json, other: &Json) -> bool {
        let types = (key == "type").then(|| one.as_str().zip(other.as_str())).flatten();
        types.is_some_and(|(one, other)| keys::is_same_type(one, other))
    }

    fn identity(&self) -> Vec<&'static Key> {
        keys_of(&keys::INTERFACE, &["name", "type"])
    }

    /// Version 0 of a typed resource had no `type`.
    fn identity_version(&self) -> i64 {
        1
    }

    fn source(&self, type_name: &str) -> Option<Self> {
        let sources = keys::interface_types().iter().map(|one| Some(one.name)).chain([None]);
        sources
            .map(|of_type| Interface { of_type })
            .find(|source| source.type_name() == type_name)
            .filter(|source| source.of_type.is_none() != self.of_type.is_none())
    }

    fn import_form(&self) -> &'static str {
        match self.of_type {
            Some(_) => "NAME",
            None => "NAME[,TYPE]",
        }
    }

    fn starts_with_host(&self, parts: &[&str]) -> bool {
        // A type is only told after a host.
        parts.len() > 1
    }

    fn find_imports(&self, state: &Document, parts: &[&str]) -> Vec<Json> {
        let (name, of_type) = match parts {
            [name] => (name, self.of_type),
            [name, ""] => (name, self.of_type),
            [name, of_type] => (name, Some(*of_type)),
            _ => return Vec::new(),
        };
        // What asks for another type than the resource's own finds nothing.
        if self.of_type.zip(of_type).is_some_and(|(own, asked)| !keys::is_same_type(own, asked)) {
            return Vec::new();
        }
        self.find(state, &json!({ "name": name, "type": of_type })).into_iter().collect()
    }

    fn import_parts(&self, entry: &Json) -> Vec<String> {
        vec![self.resource_name(entry)]
    }

    fn resource_name(&self, entry: &Json) -> String {
        entry.get("name").and_then(Json::as_str).unwrap_or_default().to_owned()
    }

    fn is_in_use(&self, found: &Json) -> bool {
        ownership::is_in_use(found)
    }

    fn left_out(&self, entry: &Json, host: &Seen<'_>) -> Option<Reason> {
        host.interface_owner(entry)
    }
}
