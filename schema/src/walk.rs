//! Finding one's way through a tree by the key table.

use serde_json::{Map, Value};

use crate::keys::{INTERFACE, Key, Kind, Section, Text};
use crate::path::Step;

/// The type of the interface that the values of a section belong to: an interface says it itself,
/// a section inside one inherits it.
pub(crate) fn interface_type<'a>(
    section: &'static Section,
    map: &'a Map<String, Value>,
    outer: Option<&'a str>,
) -> Option<&'a str> {
    if std::ptr::eq(section, &raw const INTERFACE) {
        return map.get("type").and_then(Value::as_str).filter(|name| *name != "unknown");
    }
    outer
}

/// What tells an item of a list from the others, for messages: the values of the identity that
/// it has, the first of which it must have.
pub fn item_name(kind: &Kind, value: &Value) -> Option<String> {
    let Kind::Section(section) = kind else { return None };
    let (first, rest) = section.identity.split_first()?;
    let mut identity = scalar(value.get(first)?)?;
    for name in rest {
        if let Some(text) = value.get(name).and_then(scalar) {
            // An address reads best in the notation that everybody uses.
            let separator = if *name == "prefix-length" { '/' } else { ' ' };
            identity.push(separator);
            identity.push_str(&text);
        }
    }
    Some(identity)
}

/// The step to an item of a list in normal form.
pub fn item_step(kind: &Kind, value: &Value, index: usize) -> Step {
    item_name(kind, value).map_or(Step::Index(index), Step::Item)
}

/// Sorts items of an unordered list by identity, and numbers by value.
pub(crate) fn sort_key(kind: &Kind, value: &Value) -> Vec<String> {
    match kind {
        Kind::Section(section) if !section.identity.is_empty() => {
            section.identity.iter().map(|name| sortable(&value[*name])).collect()
        }
        _ => vec![sortable(value)],
    }
}

/// Removes the keys that do not satisfy `keep`, however deep they are.
pub(crate) fn retain(
    section: &'static Section,
    outer: Option<&str>,
    value: &mut Value,
    keep: &dyn Fn(&Key, &Value) -> bool,
) {
    let Value::Object(map) = value else { return };
    let own_type = interface_type(section, map, outer).map(str::to_owned);
    map.retain(|name, value| {
        let Some(key) = section.key_for(name, own_type.as_deref()) else { return true };
        if !keep(key, value) {
            return false;
        }
        retain_kind(&key.kind, own_type.as_deref(), value, keep);
        true
    });
}

/// [`retain`] for a value of any kind.
pub(crate) fn retain_kind(
    kind: &Kind,
    outer: Option<&str>,
    value: &mut Value,
    keep: &dyn Fn(&Key, &Value) -> bool,
) {
    match (kind, value) {
        (Kind::Section(section), value) => retain(section, outer, value, keep),
        (Kind::List { item, .. }, Value::Array(items)) => {
            for value in items {
                retain_kind(item, outer, value, keep);
            }
        }
        _ => {}
    }
}

/// Replaces the names of other interfaces, however deep they are.
pub(crate) fn rename_references(
    kind: &Kind,
    outer: Option<&str>,
    value: &mut Value,
    rename: &dyn Fn(&str) -> Option<String>,
) {
    match (kind, value) {
        (Kind::Text(Text::InterfaceReference), Value::String(name)) => {
            if let Some(new) = rename(name) {
                *name = new;
            }
        }
        (Kind::List { item, .. }, Value::Array(items)) => {
            for value in items {
                rename_references(item, outer, value, rename);
            }
        }
        (Kind::Section(section), Value::Object(map)) => {
            let own_type = interface_type(section, map, outer).map(str::to_owned);
            for (name, value) in map.iter_mut() {
                if let Some(key) = section.key_for(name, own_type.as_deref()) {
                    rename_references(&key.kind, own_type.as_deref(), value, rename);
                }
            }
        }
        _ => {}
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn sortable(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Number(number) => format!("{:>20}", number.to_string()),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
