//! What was there before a resource took a part of a host over, path by path.
//!
//! A resource owns what its configuration declares and nothing else, so its record speaks of just
//! that: of an interface the declared keys, of a list to which documents only add the entries that
//! it added or took away. What is undone later is made of the record alone ([`Record::undo`]) and
//! is asked of the host as it is by then ([`crate::undo`]).
//!
//! The first value that is recorded of a path stays: it is the one from before. What nobody changed
//! is recorded for the sake of a later change, and never undone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::canonical::{canonical, settable};
use crate::compare::{self, is_meant_by};
use crate::declared::Declared;
use crate::document::Document;
use crate::keys::{Extras, INTERFACE, STATE};
use crate::list::List;
use crate::lookup::is_same_interface;
use crate::lookup::{self, Index};
use crate::revert::{restored, restored_section};
use crate::undo::{LeftOut, Reason, Step, Thing, Undo, subtract};

mod before;
mod upgrade;

pub use self::upgrade::upgrade;

/// The sections of a document that a host has once.
pub(crate) const SETTINGS: [&str; 4] = ["dns-resolver", "hostname", "ovs-db", "ovn"];

/// The keys that becoming a port costs an interface.
const OF_A_PORT: [&str; 4] = ["mtu", "ipv4", "ipv6", "controller"];

/// What was there before.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Record {
    interfaces: Vec<Interface>,
    routes: Vec<Entry>,
    route_rules: Vec<Entry>,
    settings: BTreeMap<String, Setting>,
}

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
    /// The values of what it loses as a port.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) as_port: Map<String, Value>,
    /// The controller that the resource made it a port of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) port_of: Option<String>,
    /// Whether a change of the resource's has touched it.
    pub(crate) changed: bool,
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

/// An entry of a list to which documents only add.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) entry: Value,
    /// Whether the resource added it; else it took it away.
    pub(crate) made: bool,
}

/// A section that a host has once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Setting {
    pub(crate) before: Value,
    pub(crate) changed: bool,
}

impl Record {
    /// What was there of all that `desired` declares, on a host that was in state `before` the
    /// change to it.
    #[must_use]
    pub fn of(desired: &Document, before: &Document) -> Record {
        let before = canonical(before);
        let desired = lookup::with_kernel_names(&canonical(desired), &before);
        let interfaces = before::interfaces(&desired, &before);
        // A port loses the routes that led over it.
        let taken: Vec<&str> = interfaces
            .iter()
            .filter(|one| one.changed && !one.as_port.is_empty())
            .map(|one| one.name.as_str())
            .collect();
        let is_lost =
            |route: &&Value| taken.iter().any(|name| route["next-hop-interface"] == *name);
        let mut routes = entries(List::Routes, &desired, &before);
        for lost in
            before.routes().filter(is_lost).map(|route| settable(List::Routes.section(), route))
        {
            if !routes.iter().any(|known| known.entry == lost) {
                routes.push(Entry { entry: lost, made: false });
            }
        }
        Record {
            routes,
            route_rules: entries(List::RouteRules, &desired, &before),
            settings: settings(&desired, &before),
            interfaces,
        }
    }

    /// The same after a later change, whose record is `later`.
    #[must_use]
    pub fn extended(mut self, later: Record) -> Record {
        for interface in later.interfaces {
            let known = self.interfaces.iter_mut().find(|one| one.is_same(&interface));
            match known {
                Some(known) => known.extend(interface),
                None => self.interfaces.push(interface),
            }
        }
        extend_entries(&mut self.routes, later.routes);
        extend_entries(&mut self.route_rules, later.route_rules);
        for (name, setting) in later.settings {
            match self.settings.get_mut(&name) {
                Some(known) => {
                    known.changed |= setting.changed;
                    fill(&mut known.before, setting.before);
                }
                None => {
                    self.settings.insert(name, setting);
                }
            }
        }
        self
    }

    /// The same when entries of the host, those of a document, were taken away for a new form of them.
    /// One that is still there `after` the change was left to something else that declares it.
    #[must_use]
    pub fn replacing(mut self, replaced: &Document, after: &Document) -> Record {
        let (replaced, after) = (canonical(replaced), canonical(after));
        for list in List::ALL {
            let is_left = |found: &&Value| list.entries(&after).any(|one| one == *found);
            for found in list.entries(&replaced).filter(|found| !is_left(found)) {
                let gone = Entry { entry: settable(list.section(), found), made: false };
                extend_entries(self.list(list), vec![gone]);
            }
        }
        self
    }

    /// The same with the form that the entries which were added have `after` the change, so that each
    /// is told from others by all that it is.
    #[must_use]
    pub fn settled(mut self, after: &Document) -> Record {
        let after = canonical(after);
        let shown = Index::of(&after);
        for interface in &mut self.interfaces {
            interface.settle(&shown);
        }
        settle(List::Routes, &mut self.routes, &after);
        settle(List::RouteRules, &mut self.route_rules, &after);
        self
    }

    /// What is left of the record when only `declared` is declared any more, and what is to be
    /// undone. `current` is the host as it is now.
    #[must_use]
    pub fn reduced(self, declared: &Document, current: &Document) -> (Record, Record) {
        let now = Declared::of([declared], current);
        let (mut kept, mut dropped) = (Record::default(), Record::default());
        for interface in self.interfaces {
            let (stays, goes) = interface.reduced(&now);
            kept.interfaces.extend(stays);
            dropped.interfaces.extend(goes);
        }
        for (list, entries) in [(List::Routes, self.routes), (List::RouteRules, self.route_rules)] {
            for entry in entries {
                let is_declared = now.has_entry(list, &entry.entry);
                let is_settled = !entry.made && is_declared;
                let hop = entry.entry.get("next-hop-interface").and_then(Value::as_str);
                let leads_over_port = hop.is_some_and(|hop| now.controller_of(hop).is_some());
                let stays = if entry.made {
                    is_declared
                } else {
                    leads_over_port || now.takes_away(list, &entry.entry)
                };
                match (is_settled, stays) {
                    // It is there again because it is declared.
                    (true, _) => {}
                    (false, true) => kept.list(list).push(entry),
                    (false, false) => dropped.list(list).push(entry),
                }
            }
        }
        for (name, setting) in self.settings {
            let record = if now.has_setting(&name) { &mut kept } else { &mut dropped };
            record.settings.insert(name, setting);
        }
        (kept, dropped)
    }

    /// What puts back all that was changed.
    #[must_use]
    pub fn undo(&self) -> Undo {
        let interfaces = self.interfaces.iter().filter(|one| one.changed).map(Interface::undo);
        let entries = [(List::Routes, &self.routes), (List::RouteRules, &self.route_rules)];
        let entries = entries.into_iter().flat_map(|(list, entries)| {
            entries.iter().map(move |entry| match entry.made {
                true => Step::RemoveEntry { list, entry: entry.entry.clone(), made: true },
                false => Step::RestoreEntry { list, entry: entry.entry.clone() },
            })
        });
        let settings = self.settings.iter().filter(|(_, one)| one.changed);
        let settings = settings.map(|(name, one)| Step::RestoreSetting {
            name: name.clone(),
            before: one.before.clone(),
        });
        Undo::of(interfaces.chain(entries).chain(settings))
    }

    /// What of this record could not be undone because something else declares it by now.
    #[must_use]
    pub fn remaining(&self, left_out: &[LeftOut]) -> Record {
        let is_left = |thing: &Thing| {
            left_out.iter().any(|one| one.reason == Reason::Declared && one.thing == *thing)
        };
        let interfaces = self.interfaces.iter().filter(|one| {
            is_left(&Thing::Interface(one.identity())) || is_left(&Thing::Port(one.name.clone()))
        });
        let entries = |list: List, entries: &[Entry]| -> Vec<Entry> {
            let left = entries.iter().filter(|one| is_left(&Thing::Entry(list, one.entry.clone())));
            left.cloned().collect()
        };
        Record {
            interfaces: interfaces.cloned().collect(),
            routes: entries(List::Routes, &self.routes),
            route_rules: entries(List::RouteRules, &self.route_rules),
            settings: BTreeMap::new(),
        }
    }

    /// The same of a resource that has taken over what another of the same run has made, or has taken
    /// from elsewhere: `undo` is what the other one would have undone.
    #[must_use]
    pub fn inheriting(mut self, undo: &Undo) -> Record {
        for step in undo.steps() {
            match step {
                Step::RemoveInterface { identity, made: true } => {
                    let own = self.interfaces.iter_mut();
                    for own in own.filter(|one| is_same_interface(&one.identity(), identity)) {
                        own.origin = Origin::Made;
                        own.changed = true;
                    }
                }
                Step::RestoreInterface { identity, origin, before, as_port, .. } => {
                    let own = self.interfaces.iter_mut();
                    for own in own.filter(|one| is_same_interface(&one.identity(), identity)) {
                        own.inherit(*origin, before, as_port);
                    }
                }
                Step::RemoveInterface { .. }
                | Step::RemoveEntry { .. }
                | Step::RestoreEntry { .. }
                | Step::RestoreSetting { .. }
                | Step::KeepEntry { .. }
                | Step::KeepPort { .. } => {}
            }
        }
        self
    }

    /// The same with the entries among `declared` that another resource of the same run has added.
    #[must_use]
    pub fn inheriting_entries(
        mut self,
        undo: &Undo,
        declared: &Document,
        host: &Document,
    ) -> Record {
        let now = Declared::of([declared], host);
        for step in undo.steps() {
            if let Step::RemoveEntry { list, entry, made: true } = step
                && now.has_entry(*list, entry)
                && !self.list(*list).iter().any(|one| one.entry == *entry)
            {
                self.list(*list).push(Entry { entry: entry.clone(), made: true });
            }
        }
        self
    }

    /// Whether the resource made this interface, or added an entry.
    #[must_use]
    pub fn has_made(&self) -> bool {
        self.interfaces.iter().any(|one| one.origin == Origin::Made)
            || self.routes.iter().chain(&self.route_rules).any(|entry| entry.made)
    }

    fn list(&mut self, list: List) -> &mut Vec<Entry> {
        match list {
            List::Routes => &mut self.routes,
            List::RouteRules => &mut self.route_rules,
        }
    }
}

impl Interface {
    fn is_same(&self, other: &Interface) -> bool {
        is_same_interface(&self.identity(), &other.identity())
    }

    /// Its name and type.
    pub(crate) fn identity(&self) -> Value {
        match &self.of_type {
            Some(of_type) => json!({ "name": self.name, "type": of_type }),
            None => json!({ "name": self.name }),
        }
    }

    fn extend(&mut self, later: Interface) {
        self.changed |= later.changed;
        if self.origin == Origin::Made {
            return;
        }
        for (key, value) in later.before {
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
            for (key, value) in later.as_port {
                let value = self.before.get(&key).cloned().unwrap_or(value);
                self.as_port.insert(key, value);
            }
        }
    }

    /// What stays recorded, and what is undone, when `now` is all that is declared.
    fn reduced(self, now: &Declared) -> (Option<Interface>, Option<Interface>) {
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
    fn settle(&mut self, after: &Index<'_>) {
        let named = self.identity();
        let Some(found) = named.as_object().and_then(|named| after.find(named)) else { return };
        let is_port = found.get("controller").and_then(Value::as_str) == self.port_of.as_deref();
        if is_port && self.as_port.get("mtu").is_some_and(|mtu| found.get("mtu") == Some(mtu)) {
            self.as_port.shift_remove("mtu");
        }
    }

    /// Takes the values of before from a record that is older.
    fn inherit(
        &mut self,
        origin: Origin,
        before: &Map<String, Value>,
        as_port: &Map<String, Value>,
    ) {
        if self.origin == Origin::Made {
            return;
        }
        // The one that tells least of what was there is the older one.
        if origin == Origin::Bare || self.origin == Origin::Up {
            self.origin = origin;
        }
        for (known, older) in [(&mut self.before, before), (&mut self.as_port, as_port)] {
            for (key, value) in
                older.iter().filter(|(key, _)| known.contains_key(*key)).collect::<Vec<_>>()
            {
                known.insert(key.clone(), value.clone());
            }
        }
        if !self.as_port.is_empty() {
            self.as_port.extend(as_port.clone());
        }
        self.changed = true;
    }

    fn undo(&self) -> Step {
        if self.origin == Origin::Made {
            return Step::RemoveInterface { identity: self.identity(), made: true };
        }
        Step::RestoreInterface {
            identity: self.identity(),
            origin: self.origin,
            before: self.before.clone(),
            as_port: self.as_port.clone(),
            port_of: self.port_of.clone(),
        }
    }
}

/// Whether documents only add to this list of an interface.
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

/// `known` with what only `later` has.
fn fill(known: &mut Value, later: Value) {
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

fn extend_entries(known: &mut Vec<Entry>, later: Vec<Entry>) {
    for entry in later {
        match known.iter().position(|one| one.entry == entry.entry) {
            // What was added and is taken away, or the other way round, is as before.
            Some(position) if known[position].made != entry.made => {
                known.remove(position);
            }
            Some(_) => {}
            None => known.push(entry),
        }
    }
}

fn settle(list: List, recorded: &mut [Entry], after: &Document) {
    for entry in recorded.iter_mut().filter(|entry| entry.made) {
        let Some(object) = entry.entry.as_object() else { continue };
        let is_it = |one: &&Value| is_meant_by(list.section(), object, one);
        let found: Vec<_> = list.entries(after).filter(is_it).collect();
        if let [found] = found.as_slice() {
            entry.entry = settable(list.section(), found);
        }
    }
}

/// The entries that `desired` adds, and those that it takes away.
fn entries(list: List, desired: &Document, before: &Document) -> Vec<Entry> {
    let section = list.section();
    let before: Vec<&Value> = list.entries(before).collect();
    let mut recorded: Vec<Entry> = Vec::new();
    for desired in list.entries(desired).filter_map(Value::as_object) {
        let is_absence = desired.get("state").is_some_and(|state| state == "absent");
        if desired.get("state").is_some_and(|state| state == "ignore")
            || (!is_absence && before.iter().any(|found| is_meant_by(section, desired, found)))
        {
            continue;
        }
        if !is_absence {
            let made = Entry { entry: desired.clone().into(), made: true };
            extend_entries(&mut recorded, vec![made]);
            continue;
        }
        // nmstate takes no notice of the metric when it looks for what to remove.
        let mut matched = desired.clone();
        matched.shift_remove("metric");
        let gone = before.iter().filter(|found| is_meant_by(section, &matched, found));
        let gone = gone.map(|found| Entry { entry: settable(section, found), made: false });
        extend_entries(&mut recorded, gone.collect());
    }
    recorded
}

fn settings(desired: &Document, before: &Document) -> BTreeMap<String, Setting> {
    let none = Map::new();
    let shown = before.as_value().as_object().unwrap_or(&none);
    let mut recorded = BTreeMap::new();
    for name in SETTINGS {
        if let Some((key, value)) = STATE.key(name).zip(desired.as_value().get(name))
            && let Some(before) = restored(&key.kind, key.extras, None, value, shown.get(name))
        {
            let alone = json!({ name: value });
            let changed = compare::differs_in_settings(&alone, shown);
            recorded.insert(name.to_owned(), Setting { before, changed });
        }
    }
    recorded
}

/// The values of keys that becoming a port changes.
fn port_settings(found: &Map<String, Value>) -> Map<String, Value> {
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

/// The values that the declared keys of an interface had.
fn declared_settings(
    desired: &Map<String, Value>,
    found: &Map<String, Value>,
) -> Map<String, Value> {
    let mut desired = desired.clone();
    lookup::resolve_identifier(&mut desired);
    let interface_type = found.get("type").and_then(Value::as_str);
    let mut settings = restored_section(&INTERFACE, interface_type, &desired, found);
    settings.retain(|name, _| !matches!(name.as_str(), "name" | "type" | "state"));
    settings
}

/// Whether what is recorded of an interface differs from what is desired of it.
fn is_changed(desired: &Value, shown: &Index<'_>) -> bool {
    compare::differs(desired, shown)
}

#[cfg(test)]
mod tests;
