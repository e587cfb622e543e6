//! Records of routes and rules.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::canonical::settable;
use crate::compare::is_meant_by;
use crate::document::Document;
use crate::list::List;

/// An entry of a list to which documents only add.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) entry: Value,
    /// True if the resource added it; else it took it away.
    pub(crate) made: bool,
}

pub(super) fn extend_entries(known: &mut Vec<Entry>, later: Vec<Entry>) {
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

pub(super) fn settle(list: List, recorded: &mut [Entry], after: &Document) {
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
pub(super) fn entries(list: List, desired: &Document, before: &Document) -> Vec<Entry> {
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
