//! Parts of a host that a document finds in its place when it is applied for the first time.

use nmstate_engine::Snapshot;
use nmstate_schema::compare::compare;
use nmstate_schema::document::Document;
use nmstate_schema::{List, Value as Json};
use serde_json::json;

use crate::ownership;

/// A part of a document that a host has something of.
pub(super) struct Part {
    /// The part for messages.
    pub(super) label: String,
    /// The part alone.
    pub(super) document: Document,
    /// True if somebody has configured what is there.
    pub(super) is_in_use: bool,
}

/// The sections that a host has once, and the key with what is configured in them.
const SETTINGS: [&str; 4] = ["dns-resolver", "hostname", "ovs-db", "ovn"];

/// The parts of `declared` that the host has something of.
pub(super) fn in_place_of(declared: &Document, host: &Snapshot) -> Vec<Part> {
    let state = host.canonical();
    let mut parts = Vec::new();
    let mut add = |label: String, tree: Json, is_in_use: bool| {
        let document = Document::from_value(tree).unwrap_or_default();
        parts.push(Part { label, document, is_in_use });
    };
    for interface in declared.interfaces().filter(|one| one["state"] != "absent") {
        let name = interface["name"].as_str().unwrap_or_default();
        if let Some(found) = state.interface(name) {
            let is_in_use = ownership::is_in_use(found);
            add(format!("interface `{name}`"), json!({ "interfaces": [interface] }), is_in_use);
        }
    }
    for list in [List::Routes, List::RouteRules] {
        for entry in list.entries(declared).filter(|one| one["state"] != "absent") {
            let tree = json!({ list.name(): { "config": [entry] } });
            let is_there = Document::from_value(tree.clone())
                .is_ok_and(|document| compare(&document, &host.state).is_empty());
            if is_there {
                add(list.label(entry), tree, true);
            }
        }
    }
    for name in SETTINGS {
        let [said, there] = [declared, state].map(|document| document.as_value().get(name));
        if let (Some(said), Some(there)) = (said, there)
            && says_something(there)
        {
            add(format!("`{name}`"), json!({ name: said }), true);
        }
    }
    parts
}

/// True if a section has a value anywhere.
fn says_something(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Array(items) => !items.is_empty(),
        Json::Object(map) => {
            map.iter().any(|(key, value)| key != "running" && says_something(value))
        }
        Json::String(text) => !text.is_empty(),
        Json::Bool(_) | Json::Number(_) => true,
    }
}
