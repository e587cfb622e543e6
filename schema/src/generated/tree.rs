//! Values in trees: on top of others, by their paths, and as a host shows them.

use serde_json::{Map, Value, json};

use crate::canonical::canonical_value;
use crate::keys::{Access, Extras, Kind, Section};
use crate::path::Step;
use crate::walk;

/// Puts a tree on top of another.
pub fn overlay(value: &mut Value, over: &Value) {
    match (value, over) {
        (Value::Object(map), Value::Object(over)) => {
            for (name, over) in over {
                overlay(map.entry(name.clone()).or_insert(Value::Null), over);
            }
        }
        (value, over) => *value = over.clone(),
    }
}

/// The values of a tree by their keys; a list is one value.
pub fn leaves(value: &Value, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, Value)>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (name, value) in map {
                path.push(name.clone());
                leaves(value, path, found);
                path.pop();
            }
        }
        other => found.push((path.clone(), other.clone())),
    }
}

/// Sets or removes one value of a tree.
pub fn put(value: &mut Value, path: &[String], leaf: Option<&Value>) {
    let (Some((first, rest)), Some(map)) = (path.split_first(), value.as_object_mut()) else {
        return;
    };
    match (rest, leaf) {
        ([], Some(leaf)) => {
            map.insert(first.clone(), leaf.clone());
        }
        ([], None) => {
            map.remove(first);
        }
        (rest, Some(_)) => put(map.entry(first.clone()).or_insert_with(|| json!({})), rest, leaf),
        (rest, None) => put(map.get_mut(first).unwrap_or(&mut Value::Null), rest, None),
    }
}

/// Removes what steps lead to, or what they lead as far as; false where that is all.
pub(super) fn remove(kind: &Kind, value: &mut Value, steps: &[Step]) -> bool {
    let Some((first, rest)) = steps.split_first() else { return false };
    match (kind, first, value) {
        (Kind::Section(section), Step::Key(name), Value::Object(map)) => {
            let of_type = walk::interface_type(section, map, None).map(str::to_owned);
            let Some(inner) = map.get_mut(name) else { return false };
            let is_below = section
                .key_for(name, of_type.as_deref())
                .is_some_and(|key| remove(&key.kind, inner, rest));
            is_below || map.shift_remove(name).is_some()
        }
        (Kind::Map(_), Step::Key(name), Value::Object(map)) => map.shift_remove(name).is_some(),
        (Kind::List { item, .. }, step, Value::Array(items)) => {
            let position = items.iter().enumerate().position(|(index, one)| {
                *step == Step::Index(index)
                    || walk::item_step(item, one, index) == *step
                    || walk::item_step(item, &canonical_value(item, one), index) == *step
            });
            let Some(position) = position else { return false };
            if !remove(item, &mut items[position], rest) {
                items.remove(position);
            }
            true
        }
        _ => false,
    }
}

/// The rest of `found` where an empty section asks for nothing to be there.
pub(super) fn left(section: &'static Section, desired: &Value, found: &Value) -> Value {
    let Value::Object(found) = found else { return found.clone() };
    let left = found.iter().filter_map(|(name, found)| {
        let wanted = desired.get(name).unwrap_or(&Value::Null);
        let inner = section.keys.iter().filter(|key| key.name == name);
        let inner = inner.filter_map(|key| match &key.kind {
            Kind::Section(inner) => Some(*inner),
            _ => None,
        });
        let found = inner.clone().fold(found.clone(), |found, inner| left(inner, wanted, &found));
        let is_emptied = inner.clone().any(|inner| inner.empty_resets) && *wanted == json!({});
        (!is_emptied).then(|| (name.clone(), found))
    });
    Value::Object(left.collect())
}

/// The lists in which `found` has more than a desired section names and may have, with both.
pub(super) fn tolerated(section: &'static Section, desired: &Value, found: &Value) -> Value {
    let mut lists = Map::new();
    for key in section.keys {
        match (&key.kind, desired.get(key.name), found.get(key.name)) {
            (Kind::Section(inner), Some(desired), Some(found)) => {
                let inner = tolerated(inner, desired, found);
                if inner.as_object().is_some_and(|lists| !lists.is_empty()) {
                    lists.insert(key.name.to_owned(), inner);
                }
            }
            (Kind::List { item, .. }, Some(Value::Array(wanted)), Some(Value::Array(there))) => {
                let may_have_more = match key.extras {
                    Extras::Differ => false,
                    Extras::Tolerated => true,
                    Extras::ToleratedIf(switch) => desired.get(switch) == Some(&true.into()),
                };
                let step = |one: &Value| walk::item_step(item, one, 0);
                let more =
                    there.iter().filter(|one| wanted.iter().all(|own| step(own) != step(one)));
                if may_have_more {
                    let all = wanted.iter().chain(more).cloned().collect();
                    lists.insert(key.name.to_owned(), all);
                }
            }
            _ => {}
        }
    }
    Value::Object(lists)
}

/// Drops what has no effect beside what a host keeps.
pub(super) fn without_effect(
    section: &'static Section,
    of_type: Option<&str>,
    desired: &mut Value,
    found: &Value,
) {
    let Value::Object(map) = desired else { return };
    let inherited = section.inherits.iter().filter(|name| !map.contains_key(**name));
    let inherited: Vec<_> = inherited.filter_map(|name| Some((*name, found.get(*name)?))).collect();
    for (name, value) in &inherited {
        map.insert((*name).to_owned(), (*value).clone());
    }
    if let Some(reduce) = section.expected {
        reduce(map);
    }
    for (name, _) in &inherited {
        map.shift_remove(*name);
    }
    for (name, value) in map.iter_mut() {
        if let Some(Kind::Section(inner)) = section.key_for(name, of_type).map(|key| &key.kind) {
            without_effect(inner, of_type, value, found.get(name).unwrap_or(&Value::Null));
        }
    }
}

/// Drops what no host shows: what is only applied, what is to be absent, and what is null.
pub(super) fn as_shown(section: &'static Section, value: &mut Value) {
    let Value::Object(map) = value else { return };
    map.retain(|_, value| !value.is_null());
    let of_type = walk::interface_type(section, map, None).map(str::to_owned);
    let write_only = |name: &str| {
        section.key_for(name, of_type.as_deref()).is_some_and(|key| key.access == Access::WriteOnly)
    };
    map.retain(|name, _| !write_only(name));
    for (name, value) in map.iter_mut() {
        match section.key_for(name, of_type.as_deref()).map(|key| &key.kind) {
            Some(Kind::Section(inner)) => as_shown(inner, value),
            Some(Kind::List { item: Kind::Section(inner), .. }) => {
                let Value::Array(items) = value else { continue };
                let gone: Vec<Value> =
                    items.iter().filter(|one| one["state"] == "absent").cloned().collect();
                let is_gone = |one: &Value| {
                    gone.iter().any(|gone| inner.identity.iter().all(|key| gone[*key] == one[*key]))
                };
                items.retain(|one| !is_gone(one));
                items.iter_mut().for_each(|one| as_shown(inner, one));
            }
            _ => {}
        }
    }
}

/// A family that is off has no settings, and one without a server none of its answers.
pub(super) fn show_family(name: &str, family: &mut Value) {
    let is_on = |family: &Value, name: &str| family[name] == true;
    let is_automatic = is_on(family, "dhcp") || is_on(family, "autoconf");
    let has_address = family["address"].as_array().is_some_and(|all| !all.is_empty());
    // nmstate switches it off where there is nothing to use it for.
    let is_idle = name == "ipv4" && !is_automatic && !has_address;
    if !is_on(family, "enabled") || is_idle {
        let forwarding = family.get("forwarding").cloned();
        *family = json!({ "enabled": false });
        if let Some(forwarding) = forwarding {
            family["forwarding"] = forwarding;
        }
        return;
    }
    let is_dhcp = is_on(family, "dhcp");
    if let Some(family) = family.as_object_mut() {
        family.retain(|name, _| match name.as_str() {
            "dhcp-client-id" | "dhcp-duid" => is_dhcp,
            name => is_automatic || !name.starts_with("auto-") && !name.starts_with("dhcp-"),
        });
    }
}
