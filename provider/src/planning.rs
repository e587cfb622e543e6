//! What an attribute will be: the one place where configuration, state and host meet.
//!
//! - [`plan`]: a value that the configuration gives is planned as it is spelled there, unless the
//!   state holds the same meaning in another spelling. What it leaves out is no part of the state of
//!   a new entry, but for the few keys whose value the host chooses and people refer to
//!   ([`Decided`]); what the state has of it stays there (design rule 2). So a plan names exactly what
//!   changes.
//! - [`settle`]: after an apply, what was planned stands; what was unknown comes from the host.
//! - [`refreshed`]: after a refresh, what means the same keeps the spelling of the state; what
//!   differs is drift and takes the host's value.
//!
//! Elements of lists are matched by the identity that the table gives them, so an inserted port
//! does not shift its neighbours' values.

use std::collections::BTreeMap;

use nmstate_schema::canonical::equivalent;
use nmstate_schema::keys::{Access, Decided, Key, Kind, Order, Section, Text};
use tfplugin::Value;

pub(crate) use self::refresh::{Differences, Sides, refreshed};
use crate::{convert, secrets};

mod refresh;

/// A value before a plan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Earlier<'a> {
    /// In the state.
    pub(crate) state: &'a Value,
    /// True if core compares the plan with this very value of the state: only there may the state's
    /// spelling stand for the configuration's.
    pub(crate) in_place: bool,
}

impl<'a> Earlier<'a> {
    /// Of what is new.
    const NONE: Earlier<'static> = Earlier { state: &Value::Null, in_place: false };

    fn child(self, name: &str) -> Earlier<'a> {
        Earlier { state: child(self.state, name), ..self }
    }
}

/// The planned value of a key under the attribute `name`. `given` is the section that it is in, by the
/// configuration, and `earlier` the same before.
pub(crate) fn plan(key: &'static Key, name: &str, given: &Value, earlier: Earlier<'_>) -> Value {
    match child(given, name) {
        Value::Unknown => Value::Unknown,
        Value::Null if is_config_only(key) => Value::Null,
        Value::Null => left_out(key, name, given, earlier),
        value => plan_given(&key.kind, value, earlier.child(name)),
    }
}

/// The planned value of a key that the configuration leaves out.
fn left_out(key: &Key, name: &str, given: &Value, earlier: Earlier<'_>) -> Value {
    let [now, before] = [given, earlier.state].map(|section| is_decided(key, section));
    match (before, now) {
        (false, true) => Value::Unknown,
        (true, false) => Value::Null,
        _ => child(earlier.state, name).clone(),
    }
}

/// True if the host chooses the value of a key of this section where the configuration does not.
fn is_decided(key: &Key, section: &Value) -> bool {
    let is_on = |name: &&str| match child(section, &convert::attribute_name(name)) {
        Value::Unknown => true,
        value => value.as_bool() == Some(true),
    };
    matches!(section, Value::Map(_))
        && match key.decided {
            None => false,
            Some(Decided::Always) => true,
            Some(Decided::With(switches)) => switches.iter().any(is_on),
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

/// A value of a host with `false`, an empty text and an empty list where it shows nothing: core takes a
/// configuration that says so for a change of what is null.
pub(crate) fn spelled_out(key: &'static Key, value: &Value) -> Value {
    if is_config_only(key) || key.access != Access::Settable {
        return value.clone();
    }
    match (&key.kind, value) {
        (Kind::Bool { .. }, Value::Null) => Value::Bool(false),
        (Kind::List { .. }, Value::Null) => Value::List(Vec::new()),
        // The empty name of an interface says that it is the port of none, which nobody means.
        (Kind::Text(Text::InterfaceReference | Text::InterfaceName), Value::Null) => Value::Null,
        (Kind::Text(_), Value::Null) => "".into(),
        (kind, value) => spelled_out_within(kind, value),
    }
}

fn spelled_out_within(kind: &'static Kind, value: &Value) -> Value {
    match (kind, value) {
        (Kind::Section(section), Value::Map(_)) => {
            map_section(section, value, |key, name| spelled_out(key, child(value, name)))
        }
        (Kind::List { item, .. }, Value::List(items)) => {
            Value::List(items.iter().map(|one| spelled_out_within(item, one)).collect())
        }
        _ => value.clone(),
    }
}

/// A value that the configuration gives.
fn plan_given(kind: &'static Kind, config: &Value, earlier: Earlier<'_>) -> Value {
    let prior = earlier.state;
    match (kind, config) {
        (Kind::Section(section), Value::Map(_)) => {
            map_section(section, config, |key, name| plan(key, name, config, earlier))
        }
        (Kind::List { item: item @ Kind::Section(section), order }, Value::List(given)) => {
            let known = elements(prior);
            let at = |index: usize, one, list| match order {
                Order::Exact => elements(list).get(index),
                Order::Unordered => partner(section, one, list),
            };
            let numbered = || given.iter().enumerate();
            let partners: Vec<Option<&Value>> =
                numbered().map(|(index, one)| at(index, one, prior)).collect();
            let planned: Vec<Value> = numbered()
                .zip(&partners)
                .map(|((index, one), partner)| {
                    let Some(state) = partner else { return plan_given(item, one, Earlier::NONE) };
                    let is_there = known.get(index).is_some_and(|at| std::ptr::eq(at, *state));
                    let in_place = earlier.in_place && is_there;
                    plan_given(item, one, Earlier { state, in_place })
                })
                .collect();
            let is_same = |(one, partner): (&Value, &Option<&Value>)| {
                partner.is_some_and(|partner| one == partner || means_the_same(item, one, partner))
            };
            let unchanged = planned.len() == known.len()
                && planned.iter().zip(&partners).all(is_same)
                && is_in_order(kind, &planned, prior);
            if unchanged && earlier.in_place && matches!(prior, Value::List(_)) {
                prior.clone()
            } else {
                Value::List(planned)
            }
        }
        // Terraform takes the state's spelling for the configuration's, but not null for a value.
        _ if earlier.in_place && !prior.is_null() && means_the_same(kind, config, prior) => {
            prior.clone()
        }
        _ => config.clone(),
    }
}

/// True unless the order of a list means something and is another one.
fn is_in_order(kind: &'static Kind, planned: &[Value], prior: &Value) -> bool {
    means_the_same(kind, &Value::List(planned.to_vec()), prior)
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
