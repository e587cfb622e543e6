//! A host's state seen through a document: only what the document declares, in its order and
//! spelling, with the host's values where they differ.
//!
//! Drift so reads as a change of the very keys that the user wrote.

use serde_json::{Map, Value as Json, json};

use crate::canonical::equivalent;
use crate::compare::compare;
use crate::document::Document;
use crate::keys::{self, Key, Kind, Order, Section};

/// Lists that nmstate only adds to: what a host has beyond the document is not the document's.
const ADDITIVE: [&str; 3] = ["interfaces", "routes", "route-rules"];

/// `desired` with the values that `current`, in canonical form, has instead; `desired` itself
/// when the host satisfies it.
pub fn project(desired: &Document, current: &Document) -> Json {
    if compare(desired, current).is_empty() {
        return desired.as_value().clone();
    }
    let mut projected = Map::new();
    let Some(declared) = desired.as_value().as_object() else { return Json::Null };
    for (name, value) in declared {
        let found = current.as_value().get(name).unwrap_or(&Json::Null);
        let seen = match name.as_str() {
            "interfaces" => interfaces(value, current),
            list if ADDITIVE.contains(&list) => entries(list, value, current),
            _ => match keys::STATE.key(name) {
                Some(key) => keep_or_drop(key, value, found),
                None => Some(value.clone()),
            },
        };
        if let Some(seen) = seen {
            projected.insert(name.clone(), seen);
        }
    }
    Json::Object(projected)
}

fn interfaces(declared: &Json, current: &Document) -> Option<Json> {
    let seen = declared.as_array()?.iter().filter_map(|interface| {
        let alone = Document::from_value(json!({ "interfaces": [interface] })).ok()?;
        if compare(&alone, current).is_empty() {
            return Some(interface.clone());
        }
        let found = current.interface(interface.get("name")?.as_str()?)?;
        let of_type = found.get("type").and_then(Json::as_str).unwrap_or_default();
        let keys: Vec<&Key> = keys::interface_keys(of_type).collect();
        Some(through(&keys, interface, found))
    });
    Some(Json::Array(seen.collect()))
}

/// Routes and rules have no values of their own to drift: they are there or they are not.
fn entries(section: &str, declared: &Json, current: &Document) -> Option<Json> {
    let config = declared.get("config")?.as_array()?;
    let seen: Vec<&Json> = config
        .iter()
        .filter(|entry| {
            let alone = json!({ section: { "config": [entry] } });
            Document::from_value(alone).is_ok_and(|alone| compare(&alone, current).is_empty())
        })
        .collect();
    Some(json!({ "config": seen }))
}

fn through(keys: &[&Key], declared: &Json, found: &Json) -> Json {
    let Some(declared) = declared.as_object() else { return found.clone() };
    let mut seen = Map::new();
    for (name, value) in declared {
        let key = keys.iter().find(|key| key.name == name || key.aliases.contains(&name.as_str()));
        let projected = match key {
            Some(key) => keep_or_drop(key, value, found.get(key.name).unwrap_or(&Json::Null)),
            None => Some(value.clone()),
        };
        if let Some(projected) = projected {
            seen.insert(name.clone(), projected);
        }
    }
    Json::Object(seen)
}

fn keep_or_drop(key: &Key, declared: &Json, found: &Json) -> Option<Json> {
    let unseen = key.sensitive || !matches!(key.access, keys::Access::Settable);
    match (&key.kind, found) {
        _ if unseen => Some(declared.clone()),
        (_, Json::Null) => is_default(declared).then(|| declared.clone()),
        (kind @ Kind::Section(section), _) => {
            let seen = through(&section_keys(section), declared, found);
            // Only the section tells that a range of VLANs is the same as each of them.
            Some(if equivalent(kind, declared, &seen) { declared.clone() } else { seen })
        }
        (
            Kind::List { item: Kind::Section(section), order: Order::Unordered },
            Json::Array(found),
        ) => Some(elements(section, declared, found)),
        (kind, _) if equivalent(kind, declared, found) => Some(declared.clone()),
        _ => Some(found.clone()),
    }
}

fn elements(section: &'static Section, declared: &Json, found: &[Json]) -> Json {
    let keys = section_keys(section);
    let mut left: Vec<&Json> = found.iter().collect();
    let mut seen = Vec::new();
    for element in declared.as_array().into_iter().flatten() {
        let same = |one: &&Json| {
            section.identity.iter().all(|name| match section.key(name) {
                Some(key) => {
                    let (one, element) = (one.get(key.name), element.get(key.name));
                    one == element
                        || one
                            .zip(element)
                            .is_some_and(|(one, element)| equivalent(&key.kind, one, element))
                }
                None => false,
            })
        };
        if let Some(position) = left.iter().position(same) {
            seen.push(through(&keys, element, left.remove(position)));
        }
    }
    seen.extend(left.into_iter().cloned());
    Json::Array(seen)
}

fn section_keys(section: &'static Section) -> Vec<&'static Key> {
    section.keys.iter().collect()
}

/// Null stands for nmstate's own defaults.
fn is_default(value: &Json) -> bool {
    match value {
        Json::Null | Json::Bool(false) => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(entries) => entries.values().all(is_default),
        Json::Bool(true) | Json::Number(_) => false,
    }
}
