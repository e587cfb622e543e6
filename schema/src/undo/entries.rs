//! Routes and rules: each is removed by all that it is.
//!
//! nmstate removes by wildcard: what a removal leaves out matches anything, and the metric of a route
//! is never looked at. So what a removal would take along is declared beside it.

use serde_json::{Map, Value, json};

use super::{Reason, Resolving, Step, Thing};
use crate::canonical::settable;
use crate::compare::is_meant_by;
use crate::keys::Section;
use crate::list::List;

impl Resolving<'_> {
    /// Adds what the steps about one list come to.
    pub(super) fn entries(&mut self, list: List) {
        let section = list.section();
        let shown: Vec<Value> = list.entries(self.current).cloned().collect();
        let mut removed: Vec<usize> = Vec::new();
        let mut present: Vec<Value> = Vec::new();
        let of_section: Vec<Step> = self.steps.to_vec();
        for step in of_section {
            match step {
                Step::RemoveEntry { list: of, entry, made } if of == list => {
                    let Some(position) = found(section, &entry, &shown) else {
                        // What took its place has found it there.
                        if made && self.declared.takes_away(list, &entry) {
                            let thing = Thing::Entry(list, entry.clone());
                            self.postpone(thing, &Step::RemoveEntry { list, entry, made });
                        }
                        continue;
                    };
                    let one = &shown[position];
                    // Of two forms that are declared the one that is not there is the later one.
                    let is_replaced = || {
                        let mut forms = self.declared.other_forms(list, one);
                        forms.any(|form| !shown.iter().any(|one| is_meant_by(section, form, one)))
                    };
                    if self.declared.has_entry(list, one) && !is_replaced() {
                        let thing = Thing::Entry(list, entry.clone());
                        self.postpone(thing, &Step::RemoveEntry { list, entry, made });
                    } else if !removed.contains(&position) {
                        removed.push(position);
                    }
                }
                Step::RestoreEntry { list: of, entry } if of == list => {
                    let is_there = found(section, &entry, &shown).is_some();
                    if is_there || self.was_made(list, &entry) {
                        continue;
                    }
                    // Whoever declares it, or another form of it, has the place.
                    let is_taken = self.declared.has_entry(list, &entry)
                        || self.declared.takes_away(list, &entry);
                    if is_taken || self.leads_over_a_port(list, &entry) {
                        let thing = Thing::Entry(list, entry.clone());
                        self.postpone(thing, &Step::RestoreEntry { list, entry });
                    } else if self.leads_nowhere(list, &entry) {
                        self.leave_out(Thing::Entry(list, entry), Reason::Reference);
                    } else {
                        present.push(entry);
                    }
                }
                Step::KeepEntry { list: of, entry } if of == list => {
                    // What declares it may have been applied before it went.
                    let is_there = found(section, &entry, &shown).is_some();
                    if !is_there && self.is_back(list, &entry) {
                        present.push(entry);
                    }
                }
                _ => {}
            }
        }
        let absent: Vec<Map<String, Value>> = removed
            .iter()
            .filter_map(|position| match section.removal(&settable(section, &shown[*position])) {
                Value::Object(removal) => Some(removal),
                _ => None,
            })
            .collect();
        // What leads over an interface that goes, goes with it.
        let is_kept = |route: &Value| !self.leads_nowhere(list, route);
        for (position, other) in shown.iter().enumerate() {
            let is_taken_along = absent.iter().any(|removal| is_matched(section, removal, other));
            if is_taken_along && !removed.contains(&position) && is_kept(other) {
                present.push(settable(section, other));
            }
        }
        let config: Vec<Value> = absent.into_iter().map(Value::Object).chain(present).collect();
        if !config.is_empty() {
            self.tree.insert(list.name().to_owned(), json!({ "config": config }));
        }
    }

    /// True if another resource has made an entry that this one found in its place.
    fn was_made(&self, list: List, entry: &Value) -> bool {
        self.steps.iter().any(|step| {
            matches!(step, Step::RemoveEntry { list: of, entry: made, made: true }
                if *of == list && made == entry)
        })
    }

    /// Whether a route leads over what is a port, and stays one.
    pub(super) fn leads_over_a_port(&self, list: List, entry: &Value) -> bool {
        let hop = entry.get("next-hop-interface").and_then(Value::as_str);
        let Some(hop) = hop.filter(|_| list == List::Routes) else { return false };
        let is_freed =
            self.tree.get("interfaces").and_then(Value::as_array).is_some_and(|all| {
                all.iter().any(|one| one["name"] == hop && one["controller"] == "")
            });
        let shown = self.shown.named(hop).first();
        let controller = shown.and_then(|one| one.get("controller")?.as_str()).unwrap_or_default();
        self.declared.controller_of(hop).is_some()
            || (!controller.is_empty() && !self.is_removed(controller) && !is_freed)
    }

    /// Whether a route leads over an interface that is not there, or goes in the same document.
    pub(super) fn leads_nowhere(&self, list: List, entry: &Value) -> bool {
        let hop = entry.get("next-hop-interface").and_then(Value::as_str);
        let Some(hop) = hop.filter(|hop| !hop.is_empty() && list == List::Routes) else {
            return false;
        };
        let comes_back = self.steps.iter().any(|step| match step {
            Step::RestoreInterface { identity, .. } => identity["name"] == hop,
            _ => false,
        });
        let identity = json!({ "name": hop });
        let is_there = !self.shown.named(hop).is_empty() || self.declared.has_interface(&identity);
        self.is_removed(hop) || (!is_there && !comes_back)
    }
}

/// The entry of the host that is meant: it has all that is said, and of several the one that says
/// least beside it.
fn found(section: &'static Section, entry: &Value, shown: &[Value]) -> Option<usize> {
    let object = entry.as_object()?;
    let matches = shown.iter().enumerate().filter(|(_, one)| is_meant_by(section, object, one));
    let more = |one: &Value| {
        let shown = settable(section, one);
        let keys = shown.as_object().into_iter().flatten();
        keys.filter(|(key, _)| *key != "metric" && !object.contains_key(*key)).count()
    };
    matches.min_by_key(|(_, one)| more(one)).map(|(position, _)| position)
}

/// Whether nmstate takes an entry for one that is to be removed (`RouteEntry::is_match` and
/// `RouteRuleEntry::is_match` of its crate): the metric does not count.
fn is_matched(section: &'static Section, removal: &Map<String, Value>, other: &Value) -> bool {
    let mut removal = removal.clone();
    removal.shift_remove("metric");
    is_meant_by(section, &removal, other)
}
