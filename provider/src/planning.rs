//! What an attribute will be: the one place where configuration, state and host meet.
//!
//! - [`plan`]: a value that the configuration gives is planned as it is spelled there, unless the
//!   state holds the same meaning in another spelling; a value that it leaves out keeps what the
//!   host has (design rule 2), so a plan names exactly what changes.
//! - [`settle`]: after an apply, what was planned stands; what was unknown comes from the host.
//! - [`refreshed`]: after a refresh, what means the same keeps the spelling of the state; what
//!   differs is drift and takes the host's value.
//!
//! Elements of lists are matched by the identity that the table gives them, so an inserted port
//! does not shift its neighbours' values.

use std::collections::BTreeMap;

use nmstate_schema::canonical::equivalent;
use nmstate_schema::compare::is_so;
use nmstate_schema::keys::{Access, Key, Kind, Order, Section};
use tfplugin::Value;

pub(crate) use self::refresh::{Differences, refreshed};
use crate::{convert, secrets};

mod refresh;

/// The planned value of a key. `unset` is what an attribute becomes that neither the
/// configuration nor `prior` knows: unknown where the host is about to decide it.
pub(crate) fn plan(key: &'static Key, config: &Value, prior: &Value, unset: &Value) -> Value {
    match config {
        Value::Unknown => Value::Unknown,
        Value::Null if is_config_only(key) => Value::Null,
        Value::Null if matches!(prior, Value::Null) && !key.shared => unset.clone(),
        Value::Null => prior.clone(),
        given => plan_given(&key.kind, given, prior, true),
    }
}

/// What the host has of a key, before it is changed for the first time: what it does not have yet
/// may come with the profile that the change makes.
pub(crate) fn undecided(key: &'static Key, value: &Value) -> Value {
    match (&key.kind, value) {
        _ if key.shared => Value::Null,
        (_, Value::Null) if !is_config_only(key) => Value::Unknown,
        (Kind::Section(section), Value::Map(_)) => {
            map_section(section, value, |key, name| undecided(key, child(value, name)))
        }
        _ => value.clone(),
    }
}

/// `planned` with everything unknown taken from `actual`, the host's own values after the apply.
pub(crate) fn settle(kind: &'static Kind, planned: &Value, actual: &Value) -> Value {
    match (kind, planned) {
        (_, Value::Unknown) => unmanaged(kind, actual),
        (Kind::Section(section), Value::Map(attributes)) => {
            map_section(section, planned, |key, name| {
                settle(&key.kind, get(attributes, name), child(actual, name))
            })
        }
        (Kind::List { item: item @ Kind::Section(section), .. }, Value::List(items)) => {
            Value::List(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, one)| {
                        let partner =
                            partner(section, one, actual).or_else(|| elements(actual).get(index));
                        settle(item, one, partner.unwrap_or(&Value::Null))
                    })
                    .collect(),
            )
        }
        _ => planned.clone(),
    }
}

/// The host's value of an entry of which nothing is known yet.
pub(crate) fn adopt(key: &'static Key, host: &Value) -> Value {
    if is_config_only(key) { Value::Null } else { unmanaged(&key.kind, host) }
}

/// A value that the configuration gives. `same_place` says whether core compares it with this
/// very prior value: only there may the state's spelling stand for the configuration's.
fn plan_given(kind: &'static Kind, config: &Value, prior: &Value, same_place: bool) -> Value {
    match (kind, config) {
        (Kind::Section(section), Value::Map(given)) => {
            let unset = if matches!(prior, Value::Null) { Value::Unknown } else { Value::Null };
            map_section(section, config, |key, name| match get(given, name) {
                Value::Null | Value::Unknown => {
                    plan(key, get(given, name), child(prior, name), &unset)
                }
                inner => plan_given(&key.kind, inner, child(prior, name), same_place),
            })
        }
        (Kind::List { item: item @ Kind::Section(section), order }, Value::List(given)) => {
            let known = elements(prior);
            let partners: Vec<Option<&Value>> = given
                .iter()
                .enumerate()
                .map(|(index, one)| match order {
                    Order::Exact => known.get(index),
                    Order::Unordered => partner(section, one, prior),
                })
                .collect();
            let planned: Vec<Value> = given
                .iter()
                .zip(&partners)
                .enumerate()
                .map(|(index, (one, partner))| {
                    let Some(partner) = partner else {
                        let planned = plan_given(item, one, &Value::Null, false);
                        return new_element(section, one, planned, known);
                    };
                    let in_place =
                        same_place && known.get(index).is_some_and(|at| std::ptr::eq(at, *partner));
                    plan_given(item, one, partner, in_place)
                })
                .collect();
            let is_same = |(one, partner): (&Value, &Option<&Value>)| {
                partner.is_some_and(|partner| one == partner || means_the_same(item, one, partner))
            };
            let unchanged = planned.len() == known.len()
                && planned.iter().zip(&partners).all(is_same)
                && is_in_order(kind, config, prior);
            if unchanged && same_place && matches!(prior, Value::List(_)) {
                prior.clone()
            } else {
                Value::List(planned)
            }
        }
        // Terraform takes the state's spelling for the configuration's, but not null for a value.
        _ if same_place && !prior.is_null() && means_the_same(kind, config, prior) => prior.clone(),
        _ => config.clone(),
    }
}

/// True unless the order of a list means something and is another one.
fn is_in_order(kind: &'static Kind, config: &Value, prior: &Value) -> bool {
    let both = convert::to_json(kind, config).zip(convert::to_json(kind, prior));
    both.is_none_or(|(config, prior)| is_so(kind, &config, &prior))
}

/// A new element of a list. Its identity is the configuration's alone, and what no other element has
/// the host will not decide for this one.
fn new_element(section: &Section, config: &Value, mut planned: Value, known: &[Value]) -> Value {
    let is_decided = |name: &str| {
        section.identity.iter().any(|key| convert::attribute_name(key) == name)
            || (!known.is_empty() && known.iter().all(|one| child(one, name).is_null()))
    };
    if let Value::Map(attributes) = &mut planned {
        for (name, value) in attributes {
            let is_open = *value == Value::Unknown && child(config, name).is_null();
            if is_open && is_decided(name) {
                *value = Value::Null;
            }
        }
    }
    planned
}

/// Whether two values have one canonical form. Null stands for nmstate's own defaults: false,
/// the empty string, nothing in a list.
fn means_the_same(kind: &'static Kind, one: &Value, other: &Value) -> bool {
    if one == other {
        return true;
    }
    if !one.is_wholly_known() || !other.is_wholly_known() {
        return false;
    }
    match (one, other) {
        (Value::Null, value) | (value, Value::Null) => is_default(value),
        _ => match (convert::to_json(kind, one), convert::to_json(kind, other)) {
            (Some(one), Some(other)) => equivalent(kind, &one, &other),
            _ => false,
        },
    }
}

fn is_default(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Map(attributes) => attributes.values().all(is_default),
        Value::Bool(true) | Value::Number(_) | Value::Unknown | Value::Dynamic(_) => false,
    }
}

/// A key whose value is the configuration's alone: the host does not answer for it, or, with a
/// map of free keys, has many more entries than anybody declares.
pub(crate) fn is_config_only(key: &Key) -> bool {
    matches!(key.access, Access::WriteOnly) || key.sensitive || matches!(key.kind, Kind::Map(_))
}

/// The host's value without what only a configuration can bring into the state.
fn unmanaged(kind: &'static Kind, host: &Value) -> Value {
    match (kind, host) {
        (Kind::Section(section), Value::Map(_)) => {
            map_section(section, &Value::Null, |key, name| adopt(key, child(host, name)))
        }
        (Kind::List { item, .. }, Value::List(items)) => {
            Value::List(items.iter().map(|one| unmanaged(item, one)).collect())
        }
        _ => host.clone(),
    }
}

/// The element of `list` with the identity of `element`.
fn partner<'a>(section: &'static Section, element: &Value, list: &'a Value) -> Option<&'a Value> {
    if section.identity.is_empty() {
        return elements(list).iter().find(|one| *one == element);
    }
    elements(list).iter().find(|one| {
        section.identity.iter().all(|name| {
            let Some(key) = section.key(name) else { return false };
            let name = convert::attribute_name(key.name);
            means_the_same(&key.kind, child(element, &name), child(one, &name))
        })
    })
}

/// The attributes of a section; `versions` is where those of its secrets come from.
fn map_section(
    section: &'static Section,
    versions: &Value,
    mut value: impl FnMut(&'static Key, &str) -> Value,
) -> Value {
    let none = BTreeMap::new();
    let versions = versions.as_map().unwrap_or(&none);
    Value::Map(
        convert::shown_keys(section)
            .flat_map(|key| {
                let name = convert::attribute_name(key.name);
                let planned = value(key, &name);
                secrets::beside(key, &name, versions).chain([(name, planned)])
            })
            .collect(),
    )
}

fn get<'a>(attributes: &'a BTreeMap<String, Value>, name: &str) -> &'a Value {
    attributes.get(name).unwrap_or(&Value::Null)
}

fn child<'a>(value: &'a Value, name: &str) -> &'a Value {
    match value {
        Value::Map(attributes) => get(attributes, name),
        _ => &Value::Null,
    }
}

fn elements(value: &Value) -> &[Value] {
    match value {
        Value::List(items) => items,
        _ => &[],
    }
}

#[cfg(test)]
mod tests;
