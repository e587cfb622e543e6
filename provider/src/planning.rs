//! What an attribute will be: the one place where configuration, state and host meet.
//!
//! - [`plan`]: a value that the configuration gives is planned as it is spelled there, unless the
//!   state holds the same meaning in another spelling; a value that it leaves out keeps what the
//!   host has (design rule 2), so a plan names exactly what changes.
//! - [`settle`]: after an apply, what was planned stands; what was unknown comes from the host.
//! - [`respell`]: after a refresh, what means the same keeps the spelling of the state; what
//!   differs is drift and takes the host's value.
//!
//! Elements of lists are matched by the identity that the table gives them, so an inserted port
//! does not shift its neighbours' values.

use std::collections::BTreeMap;

use nmstate_schema::canonical::equivalent;
use nmstate_schema::keys::{Access, Extras, Key, Kind, Order, Section};
use tfplugin::Value;

use crate::{convert, secrets};

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

/// The host's value in the spelling of the state, where both mean the same. What the entry of another
/// interface sets too is not in the state until a configuration gives it: it would be drift of this
/// one whenever the other changes.
///
/// `normal` is the canonical form of `prior` in its context; it settles defaults that only the
/// whole entry tells, such as a profile named like its interface. With `tolerant` the list of the
/// state names what must be there, and more is no difference ([`tolerates`]).
pub(crate) fn respell(
    key: &'static Key,
    prior: &Value,
    normal: &Value,
    host: &Value,
    tolerant: bool,
) -> Value {
    if matches!(key.access, Access::WriteOnly) {
        return prior.clone();
    }
    if key.shared && prior.is_null() {
        return Value::Null;
    }
    if let Kind::Map(item) = &key.kind {
        return respell_map(item, prior, host);
    }
    if key.sensitive {
        // A secret is masked in what the host shows: it is there or it is not.
        return if matches!(host, Value::Null) { Value::Null } else { prior.clone() };
    }
    // As a port an interface shows fewer keys than alone.
    let is_default = |value: &Value| !value.is_null() && is_default_of(key, value);
    if (host.is_null() && is_default(prior)) || (prior.is_null() && is_default(host)) {
        return prior.clone();
    }
    match (&key.kind, prior) {
        (Kind::List { item, .. }, Value::List(known)) if tolerant => {
            respell_tolerant(item, known, elements(host))
        }
        _ => respell_kind(&key.kind, prior, normal, host),
    }
}

/// True if a list may have more items on the host than it is given; `given` is the section that it
/// is in.
pub(crate) fn tolerates(key: &Key, given: &Value) -> bool {
    match key.extras {
        Extras::Differ => false,
        Extras::Tolerated => true,
        Extras::ToleratedIf(switch) => {
            child(given, &convert::attribute_name(switch)).as_bool() == Some(true)
        }
    }
}

/// The elements of the state that are as they say, which may be absent.
fn respell_tolerant(item: &'static Kind, known: &[Value], found: &[Value]) -> Value {
    let named = |one: &Value| {
        let mut one = one.clone();
        if let Value::Map(attributes) = &mut one
            && attributes.contains_key("state")
        {
            attributes.insert("state".into(), Value::Null);
        }
        one
    };
    let so = known.iter().filter_map(|spelled| {
        let own = named(spelled);
        let there = found.iter().find(|one| is_same_element(item, &own, &named(one)));
        let is_absent = child(spelled, "state").as_str() == Some("absent");
        match there {
            None => is_absent.then(|| spelled.clone()),
            Some(there) => (!is_absent).then(|| respell_kind(item, spelled, spelled, there)),
        }
    });
    Value::List(so.collect())
}

fn respell_kind(kind: &'static Kind, prior: &Value, normal: &Value, host: &Value) -> Value {
    if matches!(prior, Value::Null) {
        return unmanaged(kind, host);
    }
    // The whole first: only a section tells that a range of VLANs is the same as each of them.
    if prior == host || normal == host || means_the_same(kind, prior, host) {
        return prior.clone();
    }
    match (kind, host) {
        (Kind::Section(section), Value::Map(_)) => map_section(section, prior, |key, name| {
            let (before, now) = (child(prior, name), child(host, name));
            // A list that the host comes to show is nothing new as long as nothing is in it: the
            // addresses that it gave itself are left out.
            if before.is_null() && matches!(now, Value::List(items) if items.is_empty()) {
                return Value::Null;
            }
            respell(key, before, child(normal, name), now, tolerates(key, prior))
        }),
        (Kind::List { item, order }, Value::List(found)) => {
            respell_list(item, *order, prior, found)
        }
        _ => host.clone(),
    }
}

/// The host's elements, those that the state knows first and in its order.
fn respell_list(item: &'static Kind, order: Order, prior: &Value, found: &[Value]) -> Value {
    if matches!(order, Order::Exact) {
        let known = elements(prior);
        return Value::List(
            found
                .iter()
                .enumerate()
                .map(|(index, one)| match known.get(index) {
                    Some(spelled) => respell_kind(item, spelled, spelled, one),
                    None => one.clone(),
                })
                .collect(),
        );
    }
    let mut left: Vec<&Value> = found.iter().collect();
    let mut listed = Vec::with_capacity(found.len());
    for spelled in elements(prior) {
        if let Some(position) = left.iter().position(|one| is_same_element(item, spelled, one)) {
            listed.push(respell_kind(item, spelled, spelled, left.remove(position)));
        }
    }
    listed.extend(left.into_iter().cloned());
    Value::List(listed)
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
            let unchanged = planned.len() == known.len()
                && planned.iter().zip(&partners).all(|(one, partner)| {
                    partner
                        .is_some_and(|partner| one == partner || means_the_same(item, one, partner))
                });
            if unchanged && same_place && !prior.is_null() {
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

/// Whether it means this when the host leaves the key out.
fn is_default_of(key: &'static Key, value: &Value) -> bool {
    let default = key.default.map(|default| default.value(&serde_json::Map::new()));
    match (default, convert::to_json(&key.kind, value)) {
        (Some(default), Some(value)) => equivalent(&key.kind, &default, &value),
        _ => false,
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

/// The entries that the state knows, with the host's values.
fn respell_map(item: &'static Kind, prior: &Value, host: &Value) -> Value {
    let Value::Map(declared) = prior else { return Value::Null };
    let seen = declared.iter().filter_map(|(name, spelled)| {
        let found = child(host, name);
        let kept = found == spelled || means_the_same(item, spelled, found);
        let value = if kept { spelled.clone() } else { found.clone() };
        (!value.is_null()).then(|| (name.clone(), value))
    });
    Value::Map(seen.collect())
}

fn is_same_element(item: &'static Kind, one: &Value, other: &Value) -> bool {
    match item {
        Kind::Section(section) if !section.identity.is_empty() => {
            section.identity.iter().all(|name| {
                let Some(key) = section.key(name) else { return false };
                let name = convert::attribute_name(key.name);
                means_the_same(&key.kind, child(one, &name), child(other, &name))
            })
        }
        _ => means_the_same(item, one, other),
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
