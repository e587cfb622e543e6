//! The record of one interface.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::canonical::settable;
use crate::compare;
use crate::declared::Declared;
use crate::document::Document;
use crate::keys::{Extras, INTERFACE, Key, Kind, Owner, Section};
use crate::lookup::{self, Index, is_same_interface};
use crate::revert::restored_section;
use crate::undo::{Step, subtract};

/// The keys that becoming a port costs an interface.
const OF_A_PORT: [&str; 4] = ["mtu", "ipv4", "ipv6", "controller"];

/// An interface that a resource declares, makes a port, or lays as the other end of a cable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Interface {
    pub(crate) name: String,
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub(crate) of_type: Option<String>,
    pub(crate) origin: Origin,
    /// The values of the keys that are declared.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) before: Map<String, Value>,
    /// The values of keys that the host decides about, of an interface that was taken over as it is: they
    /// are put back as soon as a change has declared them, and not before.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) found: Map<String, Value>,
    /// The values of what it loses as a port.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) as_port: Map<String, Value>,
    /// The other ports that its controller of before had; unknown in an older record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) beside: Option<Vec<String>>,
    /// The controller that the resource made it a port of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) port_of: Option<String>,
    /// Its keeper of before, where a profile of its own took the place of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) keeper: Option<Keeper>,
    /// True if a change of the resource's has touched it.
    pub(crate) changed: bool,
}

/// The keeper of an interface that has no profile of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keeper {
    /// Nobody: NetworkManager does not manage it.
    Unmanaged,
    /// A profile of this name, which other interfaces may have too.
    Profile(String),
}

/// How an interface was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Origin {
    /// It was not there: the resource made it.
    Made,
    /// Hardware without a profile of its own.
    Bare,
    /// Down, with a profile.
    Down,
    /// Up.
    Up,
}

impl Interface {
    pub(super) fn is_same(&self, other: &Interface) -> bool {
        is_same_interface(&self.identity(), &other.identity())
    }

    /// Its name and type.
    pub(crate) fn identity(&self) -> Value {
        match &self.of_type {
            Some(of_type) => json!({ "name": self.name, "type": of_type }),
            None => json!({ "name": self.name }),
        }
    }

    pub(super) fn extend(&mut self, later: Interface) {
        self.changed |= later.changed;
        if self.origin == Origin::Made {
            return;
        }
        for (key, mut value) in later.before {
            if let Some(found) = self.found.get(&key) {
                as_found(&mut value, found);
            }
            match self.before.get_mut(&key) {
                Some(Value::Array(known)) if is_added_to(&key) => add(known, value),
                Some(known) => fill(known, value),
                None => {
                    // What it had as nobody's port was recorded when it became one.
                    let value = self.as_port.get(&key).cloned().unwrap_or(value);
                    self.before.insert(key, value);
                }
            }
        }
        self.port_of = later.port_of.or(self.port_of.take());
        if self.as_port.is_empty() {
            self.beside = later.beside;
            for (key, value) in later.as_port {
                let value = self.before.get(&key).cloned().unwrap_or(value);
                self.as_port.insert(key, value);
            }
        }
    }

    /// Sets the values of keys apart that the host decides about.
    pub(super) fn set_found_apart(&mut self) {
        self.found = taken_of_host(&INTERFACE, self.of_type.as_deref(), &mut self.before);
    }

    /// What stays recorded, and what is undone, when `now` is all that is declared.
    pub(super) fn reduced(self, now: &Declared) -> (Option<Interface>, Option<Interface>) {
        let is_declared = now.has_interface(&self.identity());
        let is_port = now.controller_of(&self.name).is_some();
        if !is_declared && !is_port {
            return (None, Some(self));
        }
        if self.origin == Origin::Made {
            return (Some(self), None);
        }
        let (mut stays, mut goes) = (self.clone(), self);
        if is_declared {
            goes.before = stays.drop_items(now);
        } else {
            stays.before.clear();
        }
        if is_port {
            goes.as_port.clear();
        } else {
            stays.as_port.clear();
        }
        // What it declares itself is no other resource's.
        let identity = goes.identity();
        for declared in now.of_interface(&identity) {
            subtract(&INTERFACE, goes.of_type.as_deref(), &mut goes.as_port, declared);
        }
        let is_any = !goes.before.is_empty() || !goes.as_port.is_empty();
        // Something of it stays declared, so the profile does.
        if goes.origin == Origin::Bare {
            goes.origin = Origin::Up;
        }
        goes.keeper = None;
        (Some(stays), is_any.then_some(goes))
    }

    /// Takes the items out that are not declared any more, of lists to which documents only add.
    fn drop_items(&mut self, now: &Declared) -> Map<String, Value> {
        let identity = self.identity();
        let declared: Vec<_> = now.of_interface(&identity).collect();
        let mut dropped = Map::new();
        for (key, value) in self.before.iter_mut().filter(|(key, _)| is_added_to(key)) {
            let Value::Array(items) = value else { continue };
            let is_declared = |item: &Value| {
                let lists = declared.iter().filter_map(|one| one.get(key)?.as_array());
                lists.flatten().any(|one| one.get("name") == item.get("name"))
            };
            let (stay, go): (Vec<Value>, Vec<Value>) =
                std::mem::take(items).into_iter().partition(is_declared);
            *items = stay;
            if !go.is_empty() {
                dropped.insert(key.clone(), go.into());
            }
        }
        dropped
    }

    /// Forgets what becoming a port has not changed.
    pub(super) fn settle(&mut self, after: &Index<'_>) {
        let named = self.identity();
        let Some(found) = named.as_object().and_then(|named| after.find(named)) else { return };
        // nmstate has changed the profile itself, which is its own.
        if self.keeper.is_some() && self.keeper == keeper(found) {
            self.keeper = None;
        }
        let is_port = found.get("controller").and_then(Value::as_str) == self.port_of.as_deref();
        if is_port && self.as_port.get("mtu").is_some_and(|mtu| found.get("mtu") == Some(mtu)) {
            self.as_port.shift_remove("mtu");
        }
    }

    /// Takes the values of before from a record that is older.
    pub(super) fn inherit(
        &mut self,
        origin: Origin,
        before: &Map<String, Value>,
        as_port: &Map<String, Value>,
        beside: Option<&Vec<String>>,
    ) {
        if self.origin == Origin::Made {
            return;
        }
        // The one that tells least of what was there is the older one.
        if origin == Origin::Bare || self.origin == Origin::Up {
            self.origin = origin;
        }
        // What it had while it was nobody's port is what becoming one changes, too.
        let both = before.iter().chain(as_port);
        for (key, value) in both {
            for known in [&mut self.before, &mut self.as_port] {
                if let Some(known) = known.get_mut(key) {
                    known.clone_from(value);
                }
            }
        }
        if !self.as_port.is_empty() {
            self.as_port.extend(as_port.clone());
            if as_port.contains_key("controller") {
                self.beside = beside.cloned();
            }
        }
        self.changed = true;
    }

    pub(super) fn undo(&self) -> Step {
        if self.origin == Origin::Made {
            return Step::RemoveInterface { identity: self.identity(), made: true };
        }
        Step::RestoreInterface {
            identity: self.identity(),
            origin: self.origin,
            before: self.before.clone(),
            as_port: self.as_port.clone(),
            beside: self.beside.clone(),
            port_of: self.port_of.clone(),
            keeper: self.keeper.clone(),
        }
    }
}

/// True if documents only add to this list of an interface.
fn is_added_to(key: &str) -> bool {
    INTERFACE.key(key).is_some_and(|key| key.extras == Extras::Tolerated)
}

/// `known` with the items that only `later` has.
fn add(known: &mut Vec<Value>, later: Value) {
    if let Value::Array(later) = later {
        for item in later {
            if !known.iter().any(|one| one.get("name") == item.get("name")) {
                known.push(item);
            }
        }
    }
}

/// Takes the values out of a section that are the host's where nobody holds one.
fn taken_of_host(
    section: &'static Section,
    interface_type: Option<&str>,
    values: &mut Map<String, Value>,
) -> Map<String, Value> {
    let mut taken = Map::new();
    values.retain(|name, value| match section.key_for(name, interface_type) {
        Some(key) if key.owner == Owner::Host => {
            taken.insert(name.clone(), value.take());
            false
        }
        Some(Key { kind: Kind::Section(inner), .. }) => {
            let Value::Object(map) = value else { return true };
            let had_any = !map.is_empty();
            let own = taken_of_host(inner, interface_type, map);
            let is_kept = !(had_any && map.is_empty());
            if !own.is_empty() {
                taken.insert(name.clone(), own.into());
            }
            is_kept
        }
        _ => true,
    });
    taken
}

/// `value` with what was `found` of all that it has.
fn as_found(value: &mut Value, found: &Value) {
    match (value, found) {
        (Value::Object(values), Value::Object(found)) => {
            for (key, value) in values {
                if let Some(found) = found.get(key) {
                    as_found(value, found);
                }
            }
        }
        (value, found) => value.clone_from(found),
    }
}

/// `known` with what only `later` has.
pub(super) fn fill(known: &mut Value, later: Value) {
    if let (Value::Object(known), Value::Object(later)) = (known, later) {
        for (key, value) in later {
            match known.get_mut(&key) {
                Some(known) => fill(known, value),
                None => {
                    known.insert(key, value);
                }
            }
        }
    }
}

/// The values of keys that becoming a port changes.
pub(super) fn port_settings(found: &Map<String, Value>) -> Map<String, Value> {
    let Value::Object(mut settings) = settable(&INTERFACE, &Value::Object(found.clone())) else {
        return Map::new();
    };
    settings.retain(|name, _| OF_A_PORT.contains(&name.as_str()));
    settings.entry("controller").or_insert_with(|| "".into());
    let is_free = settings.get("controller").is_some_and(|controller| controller == "");
    for family in ["ipv4", "ipv6"] {
        if is_free {
            settings.entry(family).or_insert_with(|| json!({"enabled": false}));
        } else {
            // A port has no addresses: what it had before is in the record of whoever made it one.
            settings.shift_remove(family);
        }
    }
    settings
}

/// The keeper of an interface of a host, where that is no profile of its own.
pub(super) fn keeper(found: &Map<String, Value>) -> Option<Keeper> {
    let text = |key: &str| found.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let of_type = found.get("type");
    let is_card = of_type.is_some_and(|of_type| of_type == "veth" || !lookup::is_virtual(of_type));
    match text("state") {
        Some("ignore") if is_card => Some(Keeper::Unmanaged),
        Some("up") => {
            let profile = text("profile-name").filter(|profile| text("name") != Some(*profile));
            profile.map(|profile| Keeper::Profile(profile.to_owned()))
        }
        _ => None,
    }
}

/// The ports that the controller of `port` has beside it, as long as NetworkManager decides about
/// them: a hypervisor plugs its own in and out.
pub(super) fn ports_beside(port: &Map<String, Value>, host: &Document) -> Vec<String> {
    let controller = port.get("controller").and_then(Value::as_str).unwrap_or_default();
    let others = lookup::managed_ports(controller, host);
    others
        .filter(|other| port.get("name").is_none_or(|name| name != other))
        .map(str::to_owned)
        .collect()
}

/// The values that the declared keys of an interface had.
pub(super) fn declared_settings(
    desired: &Map<String, Value>,
    found: &Map<String, Value>,
) -> Map<String, Value> {
    let mut desired = desired.clone();
    lookup::resolve_identifier(&mut desired);
    let interface_type = found.get("type").and_then(Value::as_str);
    let mut settings = restored_section(&INTERFACE, interface_type, &desired, found);
    // nmstate goes from a name to an address as identifier, and not back.
    settings.retain(|name, _| !lookup::FOUND_BY.contains(&name.as_str()));
    settings
}

/// True if what is recorded of an interface differs from what is desired of it.
pub(super) fn is_changed(desired: &Value, shown: &Index<'_>) -> bool {
    compare::differs(desired, shown)
}
