//! The way back.
//!
//! Built from what the host showed before a change, and only about what the change touched, so
//! that it can be sent long after it was recorded without undoing what others did since.

use serde_json::{Map, Value, json};

use crate::canonical::{canonical, canonical_value, settable};
use crate::compare::is_meant_by;
use crate::document::Document;
use crate::keys::{Extras, INTERFACE, Kind, Literal, ROUTE, ROUTE_RULE, STATE, Section};
use crate::lookup::{self, Index};
use crate::walk;

/// The document that undoes `desired` on a host that was in state `before`.
///
/// Interfaces that `desired` created are removed, changed ones get back the values of the keys
/// that it gives, with lists whole, and those that it removed or made a port get back all their
/// settings. Routes that it added are removed, those that it removed come back.
pub fn revert(desired: &Document, before: &Document) -> Document {
    let before = canonical(before);
    let desired = lookup::with_kernel_names(&canonical(desired), &before);
    let mut document = Map::new();
    let interfaces = Interfaces::collect(&desired, &before);
    let names = interfaces.restored;
    if !interfaces.entries.is_empty() {
        document.insert("interfaces".to_owned(), interfaces.entries.into());
    }
    let routes = entries(&ROUTE, desired.routes(), before.routes(), |route| {
        names.iter().any(|name| route["next-hop-interface"] == name.as_str())
    });
    if !routes.is_empty() {
        document.insert("routes".to_owned(), json!({"config": routes}));
    }
    let rules = entries(&ROUTE_RULE, desired.route_rules(), before.route_rules(), |_| false);
    if !rules.is_empty() {
        document.insert("route-rules".to_owned(), json!({"config": rules}));
    }
    let none = Map::new();
    let shown = before.as_value().as_object().unwrap_or(&none);
    if let Value::Object(desired) = desired.as_value() {
        for name in ["dns-resolver", "hostname", "ovs-db", "ovn"] {
            if let Some((key, value)) = STATE.key(name).zip(desired.get(name))
                && let Some(value) = restored(&key.kind, key.extras, None, value, shown.get(name))
            {
                document.insert(name.to_owned(), value);
            }
        }
    }
    Document::from_tree(Value::Object(document))
}

/// The interfaces of a revert.
#[derive(Default)]
struct Interfaces {
    entries: Vec<Value>,
    /// The names of those that were there before.
    restored: Vec<String>,
}

impl Interfaces {
    fn collect(desired: &Document, before: &Document) -> Interfaces {
        let mut interfaces = Interfaces::default();
        let shown = Index::of(before);
        let mut removed = Vec::new();
        for interface in desired.interfaces().filter_map(Value::as_object) {
            let state = interface.get("state").and_then(Value::as_str).unwrap_or("up");
            let is_removed = matches!(state, "absent" | "down");
            match shown.find(interface) {
                _ if state == "ignore" => {}
                None if is_removed => {}
                None => {
                    interfaces.remove(interface);
                    interfaces.remove_peer(interface, before);
                }
                Some(found) if is_removed => {
                    removed.extend(found.get("name").cloned());
                    interfaces.restore_whole(found);
                }
                Some(found) => interfaces.restore_touched(interface, found),
            }
        }
        // What stands on a removed interface goes with it.
        while let Some(base) = removed.pop() {
            for interface in before.interfaces().filter_map(Value::as_object) {
                if lookup::stands_on(interface, &base) && !interfaces.has(interface) {
                    removed.extend(interface.get("name").cloned());
                    interfaces.restore_whole(interface);
                }
            }
        }
        for port in desired.interfaces().flat_map(lookup::ports) {
            let named = Map::from_iter([("name".to_owned(), port.into())]);
            if let Some(found) = shown.find(&named) {
                interfaces.restore_port(found);
            }
        }
        interfaces
    }

    fn has(&self, interface: &Map<String, Value>) -> bool {
        let interface = Value::Object(interface.clone());
        self.entries.iter().any(|entry| lookup::is_same_interface(entry, &interface))
    }

    fn remove(&mut self, desired: &Map<String, Value>) {
        // A physical interface that is not there cannot have been created.
        if desired.get("type").is_none_or(lookup::is_virtual) && !self.has(desired) {
            let mut entry = identity(desired);
            entry.insert("state".to_owned(), "absent".into());
            self.entries.push(entry.into());
        }
    }

    /// The other end of a virtual cable has a profile of its own, which would lay the cable anew.
    fn remove_peer(&mut self, desired: &Map<String, Value>, before: &Document) {
        let peer = desired.get("veth").and_then(|veth| veth.get("peer"));
        let Some(peer) = peer.and_then(Value::as_str) else { return };
        let end = Map::from_iter(
            [("name", peer), ("type", "veth")].map(|(key, value)| (key.to_owned(), value.into())),
        );
        if before.interface(peer).is_none() {
            self.remove(&end);
        }
    }

    fn restore_whole(&mut self, found: &Map<String, Value>) {
        if let Value::Object(settings) = settable(&INTERFACE, &Value::Object(found.clone())) {
            self.push(found, settings);
        }
    }

    fn restore_touched(&mut self, desired: &Map<String, Value>, found: &Map<String, Value>) {
        let mut desired = desired.clone();
        lookup::resolve_identifier(&mut desired);
        let interface_type = found.get("type").and_then(Value::as_str);
        let settings = restored_section(&INTERFACE, interface_type, &desired, found);
        self.push(found, settings);
    }

    /// Becoming a port costs an interface its addresses.
    fn restore_port(&mut self, found: &Map<String, Value>) {
        let Value::Object(mut settings) = settable(&INTERFACE, &Value::Object(found.clone()))
        else {
            return;
        };
        settings.retain(|name, _| matches!(name.as_str(), "mtu" | "ipv4" | "ipv6" | "controller"));
        settings.entry("controller").or_insert_with(|| "".into());
        if settings.get("controller").is_some_and(|controller| controller == "") {
            for family in ["ipv4", "ipv6"] {
                settings.entry(family).or_insert_with(|| json!({"enabled": false}));
            }
        }
        let port = Value::Object(found.clone());
        let own = self.entries.iter_mut().find(|one| lookup::is_same_interface(one, &port));
        match own {
            None => self.push(found, settings),
            Some(entry) if entry["state"] != "up" => {}
            Some(entry) => {
                entry.as_object_mut().into_iter().for_each(|entry| entry.extend(settings.clone()));
            }
        }
    }

    fn push(&mut self, found: &Map<String, Value>, settings: Map<String, Value>) {
        let mut entry = identity(found);
        let is_virtual = found.get("type").is_some_and(lookup::is_virtual);
        let is_veth = found.get("type").is_some_and(|of_type| of_type == "veth");
        let state = match found.get("state").and_then(Value::as_str) {
            // Nothing is left of an unmanaged interface's settings once its profile is gone.
            Some("ignore") if !is_virtual => "absent",
            // nmstate shows `identifier` with a profile only; without one, `down` would leave a
            // profile behind that is active after the next boot. A veth without a profile was
            // not made by NetworkManager, which therefore leaves the link alone.
            Some("down") if !found.contains_key("identifier") && (!is_virtual || is_veth) => {
                "absent"
            }
            Some("down") => "down",
            _ => "up",
        };
        entry.insert("state".to_owned(), state.into());
        if state != "absent" {
            for (name, value) in settings {
                entry.entry(name).or_insert(value);
            }
        }
        if let Some(name) = found.get("name").and_then(Value::as_str) {
            self.restored.push(name.to_owned());
        }
        self.entries.push(entry.into());
    }
}

fn identity(interface: &Map<String, Value>) -> Map<String, Value> {
    let keys = ["name", "type"].iter();
    keys.filter_map(|key| Some(((*key).to_owned(), interface.get(*key)?.clone()))).collect()
}

/// The values that the keys of a desired section had before.
pub(crate) fn restored_section(
    section: &'static Section,
    interface_type: Option<&str>,
    desired: &Map<String, Value>,
    before: &Map<String, Value>,
) -> Map<String, Value> {
    let mut restored_section = Map::new();
    for (name, value) in desired {
        let Some(key) = section.key_for(name, interface_type) else { continue };
        if !key.is_compared() {
            continue;
        }
        let shown = before.get(name).cloned().or_else(|| match key.default? {
            Literal::Sibling(_) => None,
            default => Some(canonical_value(&key.kind, &default.value(before))),
        });
        let value = restored(&key.kind, key.extras, interface_type, value, shown.as_ref());
        restored_section.extend(value.map(|value| (name.clone(), value)));
    }
    if !restored_section.is_empty() {
        restored_section.extend(voided(section, desired, before));
        // A section is only valid with its required keys, touched or not.
        for key in section.keys.iter().filter(|key| key.required && key.applies_to(interface_type))
        {
            if let Some(value) = before.get(key.name) {
                restored_section.entry(key.name).or_insert_with(|| value.clone());
            }
        }
    }
    restored_section
}

/// What the desired keys make void without naming it: an interface whose IPv4 is disabled loses its
/// addresses.
fn voided(
    section: &'static Section,
    desired: &Map<String, Value>,
    before: &Map<String, Value>,
) -> Map<String, Value> {
    let Some(expected) = section.expected else { return Map::new() };
    let Value::Object(mut lost) = settable(section, &Value::Object(before.clone())) else {
        return Map::new();
    };
    let mut after = lost.clone();
    after.extend(desired.clone());
    expected(&mut lost);
    expected(&mut after);
    lost.retain(|name, _| !after.contains_key(name) && !desired.contains_key(name));
    lost
}

pub(crate) fn restored(
    kind: &Kind,
    extras: Extras,
    interface_type: Option<&str>,
    desired: &Value,
    before: Option<&Value>,
) -> Option<Value> {
    match (kind, desired) {
        (Kind::Section(section), Value::Object(map)) if map.is_empty() && section.empty_resets => {
            Some(before.map_or_else(|| json!({}), |before| settable(section, before)))
        }
        (Kind::Section(section), Value::Object(map)) => {
            let none = Map::new();
            let before = before.and_then(Value::as_object).unwrap_or(&none);
            let restored = restored_section(section, interface_type, map, before);
            (!restored.is_empty()).then(|| restored.into())
        }
        (Kind::List { item: Kind::Section(section), .. }, Value::Array(items))
            if extras == Extras::Tolerated =>
        {
            let before = before.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            Some(entries(section, items.iter(), before.iter(), |_| false).into())
        }
        (Kind::List { .. }, _) => Some(before.map_or_else(
            || json!([]),
            |before| {
                let mut before = before.clone();
                walk::retain_kind(kind, interface_type, &mut before, &|key, _| key.is_compared());
                before
            },
        )),
        (Kind::Map(_), Value::Object(map)) => {
            let shown = |name: &String| before.and_then(|before| before.get(name)).cloned();
            let values = map.keys().map(|name| (name.clone(), shown(name).unwrap_or_default()));
            Some(Value::Object(values.collect()))
        }
        _ => before.cloned(),
    }
}

/// The entries that take back entries of a list to which documents only add: what was added is
/// made absent, what was removed is there again, and so is what is `lost` otherwise.
fn entries<'a>(
    section: &'static Section,
    desired: impl Iterator<Item = &'a Value>,
    before: impl Iterator<Item = &'a Value>,
    lost: impl Fn(&Value) -> bool,
) -> Vec<Value> {
    let before: Vec<&Value> = before.collect();
    let mut absent = Vec::new();
    let mut present: Vec<Value> = Vec::new();
    for (entry, state) in desired.filter_map(|entry| Some((entry.as_object()?, entry.get("state"))))
    {
        // nmstate takes no notice of the metric when it looks for what to remove.
        let mut matched = entry.clone();
        matched.shift_remove("metric");
        let victims = before.iter().filter(|found| is_meant_by(section, &matched, found));
        if state.is_some_and(|state| state == "absent") {
            present.extend(victims.map(|found| settable(section, found)));
        } else if !before.iter().any(|found| is_meant_by(section, entry, found)) {
            present.extend(victims.map(|found| settable(section, found)));
            let mut entry = entry.clone();
            // Where one key names the item, that key is all that removing it needs.
            if let [name] = section.identity {
                entry.retain(|key, _| key == name);
            }
            absent.push(section.removal(&entry.into()));
        }
    }
    present.extend(before.iter().filter(|found| lost(found)).map(|found| settable(section, found)));
    let mut unique = absent;
    for entry in present {
        if !unique.contains(&entry) {
            unique.push(entry);
        }
    }
    unique
}
