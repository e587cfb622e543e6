//! Putting things back, or taking them away, on a host that others change too.
//!
//! What is to be undone was recorded long ago. So each step asks the host as it is now and whatever
//! else is declared by then: is it still there, does somebody else declare it, is what it refers to
//! still there? What is left out is said. An entry of a list is removed by all that it is, and what
//! nmstate would take along with it is declared in the same document.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::canonical::{canonical, settable};
use crate::compare::{self, is_meant_by};
use crate::declared::Declared;
use crate::document::Document;
use crate::keys::{Extras, INTERFACE, Kind, STATE, Section};
use crate::list::List;
use crate::lookup::{self, Index};
use crate::record::Origin;

mod entries;

/// What is to be undone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Undo {
    steps: Vec<Step>,
}

/// One thing to undo.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    RemoveInterface { identity: Value },
    RestoreInterface { identity: Value, origin: Origin, before: Map<String, Value> },
    RemoveEntry { list: List, entry: Value },
    RestoreEntry { list: List, entry: Value },
    RestoreSetting { name: String, before: Value },
}

/// What undoing comes to on a host as it is now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resolved {
    /// What nmstate is asked for.
    pub document: Document,
    /// What is not undone, and why.
    pub left_out: Vec<LeftOut>,
}

/// Something that is not undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The thing, such as ``interface `eth1` ``.
    pub thing: String,
    /// Why it stays as it is.
    pub reason: Reason,
}

/// Why something is not undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Something else declares it by now.
    Declared,
    /// What it referred to is not there any more.
    Reference,
    /// It is not there any more.
    Gone,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LeftOut { thing, reason } = self;
        match reason {
            Reason::Declared => write!(formatter, "{thing} stays: another resource declares it"),
            Reason::Reference => {
                write!(formatter, "{thing} is not put back: what it referred to is gone")
            }
            Reason::Gone => write!(formatter, "{thing} is not put back: it is gone"),
        }
    }
}

impl Undo {
    pub(crate) fn of(steps: impl IntoIterator<Item = Step>) -> Undo {
        Undo { steps: steps.into_iter().collect() }
    }

    /// The removal of what a document declares: its interfaces, routes and rules. A section that a
    /// host has once is emptied by a document of its own.
    #[must_use]
    pub fn removing(document: &Document) -> Undo {
        let document = canonical(document);
        let interfaces = document
            .interfaces()
            .map(|one| Step::RemoveInterface { identity: Value::Object(identity(one)) });
        // The other end of a cable has a profile of its own, which would lay the cable anew.
        let peers = document.interfaces().filter_map(|one| one.pointer("/veth/peer"));
        let peers = peers.map(|name| Step::RemoveInterface {
            identity: json!({ "name": name, "type": "veth" }),
        });
        let entries = List::ALL.into_iter().flat_map(|list| {
            let entry = move |one| settable(list.section(), one);
            list.entries(&document).map(move |one| Step::RemoveEntry { list, entry: entry(one) })
        });
        Undo::of(interfaces.chain(peers).chain(entries))
    }

    /// Whether there is nothing to undo.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Both.
    #[must_use]
    pub fn and(mut self, other: Undo) -> Undo {
        for step in other.steps {
            if !self.steps.contains(&step) {
                self.steps.push(step);
            }
        }
        self
    }

    /// What undoing comes to beside all that `declared` says, on a host in state `current`.
    #[must_use]
    pub fn resolve<'a>(
        &self,
        declared: impl IntoIterator<Item = &'a Document>,
        current: &Document,
    ) -> Resolved {
        let current = canonical(current);
        let declared = Declared::of(declared, &current);
        let removed: Vec<&Value> = self
            .steps
            .iter()
            .filter_map(|step| match step {
                Step::RemoveInterface { identity } if !declared.has_interface(identity) => {
                    Some(identity)
                }
                _ => None,
            })
            .collect();
        let shown = Index::of(&current);
        let mut resolving = Resolving {
            declared: &declared,
            current: &current,
            shown: &shown,
            removed: &removed,
            steps: &self.steps,
            tree: Map::new(),
            left_out: Vec::new(),
        };
        for step in &self.steps {
            resolving.step(step);
        }
        for list in List::ALL {
            resolving.entries(list);
        }
        let Resolving { tree, left_out, .. } = resolving;
        Resolved { document: Document::from_tree(Value::Object(tree)), left_out }
    }
}

struct Resolving<'a> {
    declared: &'a Declared,
    /// The host, in normal form.
    current: &'a Document,
    shown: &'a Index<'a>,
    /// What goes in the same document.
    removed: &'a [&'a Value],
    steps: &'a [Step],
    tree: Map<String, Value>,
    left_out: Vec<LeftOut>,
}

impl Resolving<'_> {
    fn step(&mut self, step: &Step) {
        match step {
            Step::RemoveInterface { identity } => self.remove_interface(identity),
            Step::RestoreInterface { identity, origin, before } => {
                self.restore_interface(identity, *origin, before);
            }
            Step::RestoreSetting { name, before } => self.restore_setting(name, before),
            Step::RemoveEntry { .. } | Step::RestoreEntry { .. } => {}
        }
    }

    fn leave_out(&mut self, thing: String, reason: Reason) {
        let left_out = LeftOut { thing, reason };
        if !self.left_out.contains(&left_out) {
            self.left_out.push(left_out);
        }
    }

    fn push_interface(&mut self, entry: Map<String, Value>) {
        let list = self.tree.entry("interfaces").or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            list.push(entry.into());
        }
    }

    fn found(&self, identity: &Value) -> Option<&Map<String, Value>> {
        self.shown.find(identity.as_object()?)
    }

    fn is_removed(&self, name: &str) -> bool {
        self.removed.iter().any(|one| one["name"] == name)
    }

    fn remove_interface(&mut self, identity: &Value) {
        if self.declared.has_interface(identity) {
            self.leave_out(interface_label(identity), Reason::Declared);
        } else if self.found(identity).is_some() {
            let mut entry = self::identity(identity);
            entry.insert("state".to_owned(), "absent".into());
            self.push_interface(entry);
        }
    }

    fn restore_interface(&mut self, identity: &Value, origin: Origin, before: &Map<String, Value>) {
        let of_type = identity["type"].as_str().map(str::to_owned);
        let Some(found) = self.found(identity).cloned() else {
            // A virtual interface that was taken away is made again; hardware cannot be.
            if identity.get("type").is_some_and(lookup::is_virtual) {
                let settings = self.remaining(identity, before, None);
                self.push_restored(identity, "up", settings);
            } else {
                self.leave_out(interface_label(identity), Reason::Gone);
            }
            return;
        };
        let settings = self.remaining(identity, before, Some(&found));
        let is_declared = self.declared.has_interface(identity);
        let is_foreign = || is_declared || self.is_used_by_others(&found, before);
        if origin == Origin::Bare && !is_foreign() {
            let absent =
                json!({"name": identity["name"], "type": identity["type"], "state": "absent"});
            if compare::differs(&absent, self.shown) {
                self.push_restored(identity, "absent", Map::new());
            }
            return;
        }
        let found_type = found.get("type").and_then(Value::as_str).map(str::to_owned);
        let settings: Map<String, Value> = settings
            .into_iter()
            .filter(|(key, value)| {
                let one = json!({ key: value });
                let interface_type = found_type.as_deref().or(of_type.as_deref());
                !compare::compare_section(&INTERFACE, interface_type, &one, &found.clone().into())
                    .is_empty()
            })
            .collect();
        let state = if origin == Origin::Down && !is_declared { "down" } else { "up" };
        let is_state_right = found.get("state").is_none_or(|found| found == state) || is_declared;
        if !settings.is_empty() || !is_state_right {
            self.push_restored(identity, state, settings);
        }
    }

    fn push_restored(&mut self, identity: &Value, state: &str, settings: Map<String, Value>) {
        let mut entry = self::identity(identity);
        entry.insert("state".to_owned(), state.into());
        entry.extend(settings);
        self.push_interface(entry);
    }

    /// What of the settings of before nobody else declares, with references that still lead somewhere.
    fn remaining(
        &mut self,
        identity: &Value,
        before: &Map<String, Value>,
        found: Option<&Map<String, Value>>,
    ) -> Map<String, Value> {
        let name = identity["name"].as_str().unwrap_or_default().to_owned();
        let mut settings = before.clone();
        for declared in self.declared.of_interface(identity) {
            subtract(&INTERFACE, identity["type"].as_str(), &mut settings, declared);
        }
        if self.declared.controller_of(&name).is_some() {
            for key in ["controller", "ipv4", "ipv6"] {
                settings.shift_remove(key);
            }
            return settings;
        }
        if let Some(controller) = settings.get("controller").and_then(Value::as_str) {
            let is_there =
                |one: &Map<String, Value>| one.get("name").is_some_and(|n| n == controller);
            let exists = controller.is_empty()
                || self.current.interfaces().filter_map(Value::as_object).any(is_there);
            let is_gone = !exists || self.is_removed(controller);
            if is_gone || self.declared.refuses_port(controller, &name) {
                let thing = format!("`{name}` as a port of `{controller}`");
                self.leave_out(thing, if is_gone { Reason::Reference } else { Reason::Declared });
                settings.insert("controller".to_owned(), "".into());
            }
        }
        // A port has no addresses of its own.
        let controller = settings.get("controller").or_else(|| found?.get("controller"));
        let controller = controller.and_then(Value::as_str).unwrap_or_default();
        if !controller.is_empty() && !self.is_removed(controller) {
            settings.shift_remove("ipv4");
            settings.shift_remove("ipv6");
        }
        settings
    }

    /// Whether hardware that had no profile has settings by now that this record knows nothing of.
    fn is_used_by_others(&self, found: &Map<String, Value>, before: &Map<String, Value>) -> bool {
        let is_mine = |key: &str| before.contains_key(key);
        let name = found.get("name").cloned().unwrap_or_default();
        let has_addresses = |family: &str| {
            let Some(section) = found.get(family) else { return false };
            let is_on = |key: &str| section.get(key).is_some_and(|value| *value == true);
            let is_static = section["address"].as_array().is_some_and(|all| !all.is_empty());
            !is_mine(family) && (is_static || is_on("dhcp"))
        };
        let controller = found.get("controller").and_then(Value::as_str).unwrap_or_default();
        let is_port =
            !is_mine("controller") && !controller.is_empty() && !self.is_removed(controller);
        let is_removed = |route: &Value| {
            self.steps.iter().any(|step| match step {
                Step::RemoveEntry { list: List::Routes, entry } => {
                    let section = List::Routes.section();
                    entry.as_object().is_some_and(|entry| is_meant_by(section, entry, route))
                }
                _ => false,
            })
        };
        let routes = self.current.routes().filter(|route| route["next-hop-interface"] == name);
        let has_text = |key: &str| {
            !is_mine(key)
                && found.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_empty())
        };
        has_addresses("ipv4")
            || has_addresses("ipv6")
            || is_port
            || has_text("description")
            || (!is_mine("802.1x") && found.contains_key("802.1x"))
            || routes.into_iter().any(|route| !is_removed(route))
    }

    fn restore_setting(&mut self, name: &str, before: &Value) {
        let Some(key) = STATE.key(name) else { return };
        let mut remaining = Map::from_iter([(name.to_owned(), before.clone())]);
        for declared in self.declared.settings(name) {
            let declared = Map::from_iter([(name.to_owned(), declared.clone())]);
            subtract(&STATE, None, &mut remaining, &declared);
        }
        let Some(value) = remaining.shift_remove(name) else {
            return self.leave_out(format!("`{name}`"), Reason::Declared);
        };
        let alone = json!({ name: value });
        let none = Map::new();
        let shown = self.current.as_value().as_object().unwrap_or(&none);
        let is_whole =
            matches!(&key.kind, Kind::Section(_)) && value.as_object().is_some_and(Map::is_empty);
        if is_whole || compare::differs_in_settings(&alone, shown) {
            self.tree.insert(name.to_owned(), value);
        }
    }
}

/// `settings` without what `declared` says.
fn subtract(
    section: &'static Section,
    interface_type: Option<&str>,
    settings: &mut Map<String, Value>,
    declared: &Map<String, Value>,
) {
    for (name, said) in declared.iter().filter(|(name, _)| !is_name(name)) {
        let Some(value) = settings.get_mut(name) else { continue };
        let is_emptied = match (section.key_for(name, interface_type), value, said) {
            // What is on or off in such a section decides the rest of it.
            (Some(key), Value::Object(value), Value::Object(said)) => match &key.kind {
                Kind::Section(inner) if inner.key("enabled").is_none() => {
                    subtract(inner, interface_type, value, said);
                    value.is_empty()
                }
                _ => true,
            },
            (Some(key), Value::Array(value), Value::Array(said))
                if key.extras == Extras::Tolerated =>
            {
                if let Kind::List { item: Kind::Section(inner), .. } = &key.kind {
                    let is_same = |one: &Value, other: &Value| {
                        inner.identity.iter().all(|name| one.get(*name) == other.get(*name))
                    };
                    value.retain(|one| !said.iter().any(|other| is_same(one, other)));
                }
                value.is_empty()
            }
            _ => true,
        };
        if is_emptied {
            settings.shift_remove(name);
        }
    }
}

fn is_name(key: &str) -> bool {
    matches!(key, "name" | "type" | "state")
}

fn identity(interface: &Value) -> Map<String, Value> {
    let keys = ["name", "type"].iter();
    keys.filter_map(|key| Some(((*key).to_owned(), interface.get(*key)?.clone()))).collect()
}

fn interface_label(identity: &Value) -> String {
    format!("interface `{}`", identity["name"].as_str().unwrap_or_default())
}

#[cfg(test)]
mod tests;
