//! The one normal form of a document.
//!
//! Two documents that mean the same have equal normal forms, in the spelling that `nmstatectl
//! show` uses, so that everything after this step compares plain values. What a key says about
//! itself is in the table; what several keys say together is in [`Section::normal`], next to the
//! keys. Keys that are not in the table are kept as they are: a newer nmstate may know them.

use serde_json::{Map, Value, json};

use crate::document::Document;
use crate::keys::{Digits, Group, Key, Kind, Order, STATE, Section};
use crate::text;
use crate::walk;

/// The normal form of a document: canonical names, values and list orders. Addresses that the
/// network or the kernel has set are left out, because no document decides about them.
pub fn canonical(document: &Document) -> Document {
    Document::from_tree(section_value(&STATE, None, document.as_value()))
}

/// The normal form of one value; a value of the wrong type stays as it is.
pub fn canonical_value(kind: &Kind, value: &Value) -> Value {
    kind_value(kind, None, value)
}

/// Whether two values have the same normal form.
pub fn equivalent(kind: &Kind, a: &Value, b: &Value) -> bool {
    canonical_value(kind, a) == canonical_value(kind, b)
}

/// What of a shown section may be sent back: its normal form without read-only and volatile keys,
/// and without secrets that `show` has masked.
pub fn settable(section: &'static Section, value: &Value) -> Value {
    let mut value = section_value(section, None, value);
    walk::retain(section, None, &mut value, &|key, value| {
        key.is_compared() && !(key.sensitive && is_masked(value))
    });
    value
}

/// What `show` prints in place of a secret.
pub const MASKED_SECRET: &str = "<_password_hid_by_nmstate>";

/// Whether `show` has masked this value.
pub(crate) fn is_masked(value: &Value) -> bool {
    value == MASKED_SECRET
}

/// The name in normal form of an entry of a map with free keys, `key` of `section`: a feature of a card
/// has names of its own for people.
pub fn normal_entry(section: &'static Section, key: &Key, spelled: &str) -> String {
    let alone = json!({ key.name: { spelled: true } });
    let normal = section_value(section, None, &alone);
    let entries = normal.get(key.name).and_then(Value::as_object);
    let name = entries.and_then(|entries| entries.keys().next().cloned());
    name.unwrap_or_else(|| spelled.to_owned())
}

/// The normal form of a section of an interface of the given type.
pub(crate) fn section_value(
    section: &'static Section,
    interface_type: Option<&str>,
    value: &Value,
) -> Value {
    let map = match (value, section.shorthand) {
        (Value::Object(map), _) => map,
        (other, Some(key)) if !other.is_null() => {
            let map = Map::from_iter([(key.to_owned(), other.clone())]);
            return section_value(section, interface_type, &Value::Object(map));
        }
        (other, _) => return other.clone(),
    };
    let interface_type = walk::interface_type(section, map, interface_type);
    let mut canonical = Map::new();
    for (name, value) in map {
        let Some(key) = section.key_for(name, interface_type) else {
            canonical.insert(name.clone(), value.clone());
            continue;
        };
        // Null is how a front door says "not given"; nmstate itself rejects it for many keys.
        if value.is_null() {
            continue;
        }
        // With two spellings of one key in a document the canonical one decides.
        if name == key.name || !map.contains_key(key.name) {
            canonical.insert(key.name.to_owned(), kind_value(&key.kind, interface_type, value));
        }
    }
    if let Some(normal) = section.normal {
        normal(&mut canonical);
    }
    Value::Object(canonical)
}

fn kind_value(kind: &Kind, interface_type: Option<&str>, value: &Value) -> Value {
    let canonical = match kind {
        Kind::Text(form) => {
            value.as_str().and_then(|text| text::canonical_text(*form, text)).map(Value::from)
        }
        Kind::Bool { lenient } => lenient.then(|| boolean(value)).flatten().map(Value::from),
        Kind::Integer { text, hex, .. } => integer(value, *text)
            .map(|number| if *hex { format!("{number:#x}").into() } else { number.into() }),
        Kind::Enum { choices, open, lenient } => {
            let word = match value {
                Value::String(word) => Some(word.clone()),
                Value::Number(number) if *lenient => Some(number.to_string()),
                _ => None,
            };
            word.and_then(|word| match choices.iter().find(|choice| choice.is_named(&word)) {
                Some(choice) => Some(choice.name.into()),
                None => open.then(|| word.into()),
            })
        }
        Kind::List { item, order } => value.as_array().map(|items| {
            list(
                items.iter().map(|value| kind_value(item, interface_type, value)).collect(),
                item,
                *order,
            )
        }),
        Kind::Section(section) => return section_value(section, interface_type, value),
        Kind::Map(kind) => value.as_object().map(|map| {
            let entries = map
                .iter()
                .map(|(name, value)| (name.clone(), kind_value(kind, interface_type, value)));
            Value::Object(entries.collect())
        }),
    };
    canonical.unwrap_or_else(|| value.clone())
}

fn list(items: Vec<Value>, item: &Kind, order: Order) -> Value {
    if order == Order::Exact {
        return Value::Array(items);
    }
    if let Kind::Section(Section { ranked: Some(group), .. }) = item {
        return ranked(items, item, *group);
    }
    let keyed = items.into_iter().map(|value| (walk::sort_key(item, &value), value));
    let mut keyed: Vec<_> = keyed.collect();
    // Items without an identity of their own are few; writing out each one would cost most of all.
    keyed.sort_by(|(one_key, one), (other_key, other)| {
        one_key.cmp(other_key).then_with(|| one.to_string().cmp(&other.to_string()))
    });
    let mut items: Vec<_> = keyed.into_iter().map(|(_, value)| value).collect();
    items.dedup();
    Value::Array(items)
}

/// Group by group, the first of each at its head.
fn ranked(items: Vec<Value>, item: &Kind, group: Group) -> Value {
    let mut unique: Vec<(String, bool, Value)> = Vec::with_capacity(items.len());
    for value in items {
        let group = value.as_object().map(group).unwrap_or_default();
        let is_first = !unique.iter().any(|(other, ..)| *other == group);
        if !unique.iter().any(|(.., known)| *known == value) {
            unique.push((group, !is_first, value));
        }
    }
    unique.sort_by_cached_key(|(group, is_later, value)| {
        (group.clone(), *is_later, walk::sort_key(item, value))
    });
    Value::Array(unique.into_iter().map(|(.., value)| value).collect())
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::Number(number) => match number.as_u64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        Value::String(word) => text::boolean(word),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Reads a whole number, from a string too where nmstate does.
pub(crate) fn integer(value: &Value, digits: Digits) -> Option<i64> {
    match (value, digits) {
        (Value::Number(number), _) => number.as_i64(),
        (Value::String(text), Digits::Decimal) => text.parse().ok(),
        (Value::String(text), Digits::Hexadecimal) => text::integer(text),
        _ => None,
    }
}
