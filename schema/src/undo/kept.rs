//! Things that went with an interface, and come back when that is there again.
//!
//! Until then nothing is sent and nothing is said; and what somebody takes away meanwhile stays
//! away.

use serde_json::{Map, Value, json};

use super::{Resolving, Step, Undo};
use crate::compare::is_meant_by;
use crate::list::List;

impl Resolving<'_> {
    /// Puts a port back under its controller.
    pub(super) fn keep_port(&mut self, port: &str, controller: &str) {
        let identity = |name: &str| json!({ "name": name });
        let shown = self.shown.named(port).first();
        let is_there = |name: &str| {
            !self.is_removed(name)
                && (!self.shown.named(name).is_empty()
                    || self.declared.has_interface(&identity(name)))
        };
        let now = shown.and_then(|one| one.get("controller")?.as_str()).unwrap_or_default();
        let is_elsewhere = self.declared.controller_of(port).is_some_and(|name| name != controller)
            || self
                .declared
                .of_interface(&identity(port))
                .any(|one| one.contains_key("controller"))
            || self.declared.refuses_port(controller, port);
        if now.is_empty() && is_there(port) && is_there(controller) && !is_elsewhere {
            let entry = [("name", port), ("controller", controller)];
            self.push_interface(Map::from_iter(
                entry.map(|(key, value)| (key.to_owned(), value.into())),
            ));
        }
    }

    /// True if an entry that went with its interface can be there again.
    pub(super) fn is_back(&self, list: List, entry: &Value) -> bool {
        // A removal of what something else declares is not carried out.
        let is_removed = !self.declared.has_entry(list, entry)
            && self.steps.iter().any(|step| step.takes(list, entry));
        let is_taken_away = is_removed || self.declared.takes_away(list, entry);
        let comes_back = !self.leads_nowhere(list, entry) && !self.leads_over_a_port(list, entry);
        comes_back && !is_taken_away
    }
}

impl Step {
    /// True if the step takes this entry away.
    fn takes(&self, list: List, entry: &Value) -> bool {
        match self {
            Step::RemoveEntry { list: of, entry: removed, .. } if *of == list => {
                removed.as_object().is_some_and(|one| is_meant_by(list.section(), one, entry))
            }
            _ => false,
        }
    }

    /// True if what is kept is not wanted any more once this step was made.
    fn ends(&self, kept: &Step) -> bool {
        match (self, kept) {
            (_, Step::KeepEntry { list, entry }) => self.takes(*list, entry),
            (Step::RemoveInterface { identity, .. }, Step::KeepPort { controller, .. }) => {
                identity["name"] == *controller
            }
            (
                Step::RestoreInterface { identity, port_of, .. },
                Step::KeepPort { port, controller },
            ) => identity["name"] == *port && port_of.as_deref() == Some(controller),
            _ => false,
        }
    }

    fn is_kept(&self) -> bool {
        matches!(self, Step::KeepEntry { .. } | Step::KeepPort { .. })
    }
}

impl Undo {
    /// The same without what is kept and `other` takes away.
    #[must_use]
    pub fn without_kept(mut self, other: &Undo) -> Undo {
        self.steps.retain(|kept| !kept.is_kept() || !other.steps.iter().any(|one| one.ends(kept)));
        self
    }

    /// The same without anything that is kept, and whether there was something.
    #[must_use]
    pub fn letting_go(mut self) -> (Undo, bool) {
        let before = self.steps.len();
        self.steps.retain(|step| !step.is_kept());
        let had_any = self.steps.len() < before;
        (self, had_any)
    }
}
