//! Records of the first form: a document that undoes what a resource has declared.

use serde_json::{Map, Value};

use super::entry::Entry;
use super::interface::{Interface, Origin};
use super::{Record, SETTINGS, Setting};
use crate::keys::Section;
use crate::list::List;
use crate::lookup;

/// The record that a document of the first form stands for. `changed` says whether anything was
/// applied since the resource took over.
#[must_use]
pub fn upgrade(document: &Value, changed: bool) -> Record {
    let list = |value: Option<&Value>| -> Vec<Value> {
        value.and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let config = |name: &str| list(document.get(name).and_then(|part| part.get("config")));
    let settings = SETTINGS.iter().filter_map(|name| {
        let before = document.get(*name)?.clone();
        Some(((*name).to_owned(), Setting { before, changed }))
    });
    let interfaces = list(document.get("interfaces"));
    Record {
        interfaces: interfaces
            .into_iter()
            .filter_map(|entry| match entry {
                Value::Object(entry) => interface(entry, changed),
                _ => None,
            })
            .collect(),
        routes: config("routes")
            .into_iter()
            .map(|one| entry(List::Routes.section(), one))
            .collect(),
        route_rules: config("route-rules")
            .into_iter()
            .map(|one| entry(List::RouteRules.section(), one))
            .collect(),
        settings: settings.collect(),
    }
}

fn interface(mut entry: Map<String, Value>, changed: bool) -> Option<Interface> {
    let text = |entry: &mut Map<String, Value>, key: &str| {
        entry.shift_remove(key).and_then(|value| value.as_str().map(str::to_owned))
    };
    let name = text(&mut entry, "name")?;
    let of_type = text(&mut entry, "type");
    let state = text(&mut entry, "state");
    // The end of a cable that was there shows itself like one that was laid: its removal is the same,
    // and only what certainly came into being counts as made.
    let can_be_made = of_type
        .as_deref()
        .is_none_or(|of_type| of_type != "veth" && lookup::is_virtual(&of_type.into()));
    let origin = match state.as_deref() {
        Some("absent") if can_be_made => Origin::Made,
        Some("absent") => Origin::Bare,
        Some("down") => Origin::Down,
        _ => Origin::Up,
    };
    Some(Interface {
        name,
        of_type,
        origin,
        before: entry,
        found: Map::new(),
        as_port: Map::new(),
        beside: None,
        port_of: None,
        keeper: None,
        changed,
    })
}

fn entry(section: &Section, mut entry: Value) -> Entry {
    let made = entry.get("state").is_some_and(|state| state == "absent");
    if let Some(object) = entry.as_object_mut() {
        object.shift_remove("state");
        // A removal says of these that they are not there.
        object
            .retain(|key, value| *value != "" || !section.empty_if_absent.contains(&key.as_str()));
    }
    Entry { entry, made }
}
