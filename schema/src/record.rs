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
use crate::compare;
use crate::declared::Declared;
use crate::document::Document;
use crate::keys::STATE;
use crate::list::List;
use crate::lookup::is_same_interface;
use crate::lookup::{self, Index};
use crate::revert::restored;
use crate::undo::{LeftOut, Reason, Step, Thing, Undo};

mod before;
mod entry;
mod interface;
mod upgrade;

use self::entry::{Entry, entries, extend_entries, settle};
pub use self::interface::Keeper;
pub(crate) use self::interface::Origin;
use self::interface::{Interface, fill};
pub use self::upgrade::upgrade;

/// The sections of a document that a host has once.
pub(crate) const SETTINGS: [&str; 4] = ["dns-resolver", "hostname", "ovs-db", "ovn"];

/// What was there before.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Record {
    interfaces: Vec<Interface>,
    routes: Vec<Entry>,
    route_rules: Vec<Entry>,
    settings: BTreeMap<String, Setting>,
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

    /// The record of what a resource takes over as it is, of all that `shown` names: it declares
    /// nothing yet, so what the host decides about may go on changing.
    #[must_use]
    pub fn of_found(shown: &Document, host: &Document) -> Record {
        let mut record = Record::of(shown, host);
        record.interfaces.iter_mut().for_each(Interface::set_found_apart);
        record
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
        let host = canonical(current);
        let (mut kept, mut dropped) = (Record::default(), Record::default());
        for interface in self.interfaces {
            let (stays, goes) = interface.reduced(&now);
            kept.interfaces.extend(stays);
            dropped.interfaces.extend(goes);
        }
        for (list, entries) in [(List::Routes, self.routes), (List::RouteRules, self.route_rules)] {
            for entry in entries {
                let is_declared = now.has_entry(list, &entry.entry);
                // A declaration may mean another form of it, and that is what the host has.
                let is_there = list.entries(&host).any(|one| {
                    let entry = entry.entry.as_object();
                    entry.is_some_and(|entry| compare::is_meant_by(list.section(), entry, one))
                });
                let is_settled = !entry.made && is_declared && is_there;
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
            let is_others = |reason| matches!(reason, Reason::Declared | Reason::Inherited);
            left_out.iter().any(|one| is_others(one.reason) && one.thing == *thing)
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
                Step::RestoreInterface { identity, origin, before, as_port, beside, .. } => {
                    let own = self.interfaces.iter_mut();
                    for own in own.filter(|one| is_same_interface(&one.identity(), identity)) {
                        own.inherit(*origin, before, as_port, beside.as_ref());
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

    /// The same with what another resource of the same run has added of `declared`, and with what was
    /// there before in the place of it.
    #[must_use]
    pub fn inheriting_entries(
        mut self,
        undo: &Undo,
        declared: &Document,
        host: &Document,
    ) -> Record {
        let now = Declared::of([declared], host);
        let is_in_place_of = |list: List, entry: &Value| {
            let hop = entry.get("next-hop-interface").and_then(Value::as_str);
            now.takes_away(list, entry)
                || now.has_entry(list, entry)
                || hop.is_some_and(|hop| now.controller_of(hop).is_some())
        };
        for step in undo.steps() {
            match step {
                // It was there before, so it was not made.
                Step::RestoreEntry { list, entry } if is_in_place_of(*list, entry) => {
                    let own = self.list(*list);
                    own.retain(|one| one.entry != *entry);
                    own.push(Entry { entry: entry.clone(), made: false });
                }
                Step::RemoveEntry { list, entry, made: true } => {
                    let own = self.list(*list);
                    own.retain(|one| one.made || one.entry != *entry);
                    if now.has_entry(*list, entry) && !own.iter().any(|one| one.entry == *entry) {
                        own.push(Entry { entry: entry.clone(), made: true });
                    }
                }
                _ => {}
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

#[cfg(test)]
mod tests;
