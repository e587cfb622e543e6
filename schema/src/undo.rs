//! Putting things back, or taking them away, on a host that others change too.
//!
//! What is to be undone was recorded long ago. So each step asks the host as it is now and whatever
//! else is declared by then: is it still there, does somebody else declare it, is what it refers to
//! still there? What is left out is said. An entry of a list is removed by all that it is, and what
//! nmstate would take along with it is declared in the same document.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::canonical::{canonical, settable};
use crate::compare;
use crate::declared::Declared;
use crate::document::Document;
use crate::keys::{Kind, STATE};
use crate::list::List;
use crate::lookup::Index;
use crate::record::{Keeper, Origin, SETTINGS};
use crate::revert::restored;

mod entries;
mod interfaces;
mod kept;
mod subtract;

pub(crate) use self::subtract::subtract;

/// What is to be undone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Undo {
    steps: Vec<Step>,
}

/// One thing to undo.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    RemoveInterface {
        identity: Value,
        /// Whether it came into being with what is undone.
        made: bool,
    },
    RestoreInterface {
        identity: Value,
        origin: Origin,
        before: Map<String, Value>,
        /// What it had before it became a port.
        as_port: Map<String, Value>,
        /// The other ports that its controller of before had, if that is known.
        beside: Option<Vec<String>>,
        /// The controller that it was made a port of.
        port_of: Option<String>,
        /// Its keeper of before it had a profile of its own.
        keeper: Option<Keeper>,
    },
    RemoveEntry {
        list: List,
        entry: Value,
        /// As of an interface.
        made: bool,
    },
    RestoreEntry {
        list: List,
        entry: Value,
    },
    RestoreSetting {
        name: String,
        before: Value,
    },
    /// Of an interface that went, once it is there again.
    KeepEntry {
        list: List,
        entry: Value,
    },
    KeepPort {
        port: String,
        controller: String,
    },
}

/// What undoing comes to on a host as it is now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resolved {
    /// What nmstate is asked for.
    pub document: Document,
    /// What is not undone, and why.
    pub left_out: Vec<LeftOut>,
    /// The steps that wait until nothing else declares what they are about.
    pub postponed: Undo,
    /// The interfaces that go back to what had them before, which no document can say.
    pub handed_back: Vec<HandedBack>,
}

/// An interface that goes back to what had it before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedBack {
    /// Its name.
    pub interface: String,
    /// Its keeper.
    pub to: Keeper,
}

impl Resolved {
    /// The entries that are put back, for messages.
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        let of = |list: List| {
            let entries = list.entries(&self.document).filter(|one| one["state"] != "absent");
            entries.map(move |one| list.label(one)).collect::<Vec<_>>()
        };
        List::ALL.into_iter().flat_map(of).collect()
    }
}

/// Something that is not undone.
#[derive(Debug, Clone, PartialEq)]
pub struct LeftOut {
    /// The thing.
    pub thing: Thing,
    /// Why it stays as it is.
    pub reason: Reason,
}

/// A thing that could be undone.
#[derive(Debug, Clone, PartialEq)]
pub enum Thing {
    /// An interface, by its name and type.
    Interface(Value),
    /// The part of an interface, by its name, that it has only while it is no port.
    Port(String),
    /// An entry of a list.
    Entry(List, Value),
    /// A section that a host has once.
    Setting(String),
}

/// Why something is not undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Something else declares it by now.
    Declared,
    /// Something else of the same run declares it, and has taken over what is known of it.
    Inherited,
    /// What it referred to is not there any more.
    Reference,
    /// It is not there any more.
    Gone,
    /// The controller of before has been given other ports.
    OtherPorts,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LeftOut { thing, reason } = self;
        match (thing, reason) {
            (Thing::Port(name), Reason::Declared | Reason::Inherited) => {
                write!(formatter, "`{name}` is not put back: it is a port of something else by now")
            }
            (Thing::Port(name), Reason::OtherPorts) => write!(
                formatter,
                "`{name}` is nobody's port now: its controller of before has other ports by now"
            ),
            (Thing::Port(name), _) => {
                write!(formatter, "`{name}` is nobody's port now: its controller of before is gone")
            }
            (_, Reason::Declared | Reason::Inherited) => {
                write!(formatter, "{thing} stays: another resource declares it")
            }
            (_, Reason::Reference) => {
                write!(formatter, "{thing} is not put back: what it referred to is gone")
            }
            (_, Reason::Gone | Reason::OtherPorts) => {
                write!(formatter, "{thing} is not put back: it is gone")
            }
        }
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Thing::Interface(identity) => {
                write!(formatter, "interface `{}`", identity["name"].as_str().unwrap_or_default())
            }
            Thing::Port(name) => write!(formatter, "port `{name}`"),
            Thing::Entry(list, entry) => formatter.write_str(&list.label(entry)),
            Thing::Setting(name) => write!(formatter, "`{name}`"),
        }
    }
}

impl Undo {
    pub(crate) fn of(steps: impl IntoIterator<Item = Step>) -> Undo {
        Undo { steps: steps.into_iter().collect() }
    }

    /// The removal of what a document declares: its interfaces, routes and rules. What a host has once
    /// is emptied.
    #[must_use]
    pub fn removing(document: &Document) -> Undo {
        let document = canonical(document);
        let interfaces = document.interfaces().map(|one| Step::RemoveInterface {
            identity: Value::Object(identity(one)),
            made: false,
        });
        // The other end of a cable has a profile of its own, which would lay the cable anew.
        let peers = document.interfaces().filter_map(|one| one.pointer("/veth/peer"));
        let peers = peers.map(|name| Step::RemoveInterface {
            identity: json!({ "name": name, "type": "veth" }),
            made: false,
        });
        let entries = List::ALL.into_iter().flat_map(|list| {
            let entry = move |one| settable(list.section(), one);
            list.entries(&document).map(move |one| Step::RemoveEntry {
                list,
                entry: entry(one),
                made: false,
            })
        });
        Undo::of(interfaces.chain(peers).chain(entries).chain(emptying(&document)))
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether there is nothing to undo.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The same without putting back the interface of this name, and whether that was in it.
    #[must_use]
    pub fn leaving(mut self, interface: &str) -> (Undo, bool) {
        let before = self.steps.len();
        self.steps.retain(|step| match step {
            Step::RestoreInterface { identity, .. } => identity["name"] != interface,
            _ => true,
        });
        let had_it = self.steps.len() < before;
        (self, had_it)
    }

    /// The removals of entries that came into being with what is undone: what finds one of them in its
    /// place did not find what was there before.
    #[must_use]
    pub fn made_entries(&self) -> Undo {
        let made =
            self.steps.iter().filter(|one| matches!(one, Step::RemoveEntry { made: true, .. }));
        Undo::of(made.cloned())
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
                Step::RemoveInterface { identity, .. } if !declared.has_interface(identity) => {
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
            postponed: Undo::default(),
            handed_back: Vec::new(),
        };
        for step in &self.steps {
            resolving.step(step);
        }
        for list in List::ALL {
            resolving.entries(list);
        }
        let Resolving { tree, left_out, postponed, handed_back, .. } = resolving;
        let document = Document::from_tree(Value::Object(tree));
        Resolved { document, left_out, postponed, handed_back }
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
    postponed: Undo,
    handed_back: Vec<HandedBack>,
}

impl Resolving<'_> {
    fn step(&mut self, step: &Step) {
        match step {
            Step::RemoveInterface { identity, .. } => self.remove_interface(identity, step),
            Step::RestoreInterface { .. } => self.restore_interface(step),
            Step::RestoreSetting { name, before } => self.restore_setting(name, before),
            Step::KeepPort { port, controller } => self.keep_port(port, controller),
            Step::RemoveEntry { .. } | Step::RestoreEntry { .. } | Step::KeepEntry { .. } => {}
        }
    }

    fn leave_out(&mut self, thing: Thing, reason: Reason) {
        let left_out = LeftOut { thing, reason };
        if !self.left_out.contains(&left_out) {
            self.left_out.push(left_out);
        }
    }

    /// Leaves out what something else declares, until it does not.
    fn postpone(&mut self, thing: Thing, step: &Step) {
        self.leave_out(thing, Reason::Declared);
        if !self.postponed.steps.contains(step) {
            self.postponed.steps.push(step.clone());
        }
    }

    fn restore_setting(&mut self, name: &str, before: &Value) {
        let Some(key) = STATE.key(name) else { return };
        let mut remaining = Map::from_iter([(name.to_owned(), before.clone())]);
        for declared in self.declared.settings(name) {
            let declared = Map::from_iter([(name.to_owned(), declared.clone())]);
            subtract(&STATE, None, &mut remaining, &declared);
        }
        let Some(value) = remaining.shift_remove(name) else {
            return self.leave_out(Thing::Setting(name.to_owned()), Reason::Declared);
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

/// The steps that take away what a document declares of the settings that a host has once.
fn emptying(document: &Document) -> impl Iterator<Item = Step> {
    SETTINGS.iter().filter_map(|name| {
        let (key, declared) = STATE.key(name).zip(document.as_value().get(*name))?;
        let before = match *name {
            // The name that the kernel has cannot be taken away.
            "hostname" => json!({ "config": "" }),
            _ => restored(&key.kind, key.extras, None, declared, None)?,
        };
        Some(Step::RestoreSetting { name: (*name).to_owned(), before })
    })
}

fn identity(interface: &Value) -> Map<String, Value> {
    let keys = ["name", "type"].iter();
    keys.filter_map(|key| Some(((*key).to_owned(), interface.get(*key)?.clone()))).collect()
}

#[cfg(test)]
mod tests;
