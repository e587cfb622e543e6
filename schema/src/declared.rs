//! What several documents declare of a host together.
//!
//! Whatever removes or restores asks here first: what another document declares stays.

use serde_json::{Map, Value};

use crate::canonical::canonical;
use crate::compare::is_meant_by;
use crate::document::Document;
use crate::list::List;
use crate::lookup;

/// Documents in normal form, with the names that the kernel gives.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    documents: Vec<Document>,
}

impl Declared {
    /// All that `documents` declare, on a host that is in state `current`.
    pub(crate) fn of<'a>(
        documents: impl IntoIterator<Item = &'a Document>,
        current: &Document,
    ) -> Declared {
        let current = canonical(current);
        let shown = lookup::Index::of(&current);
        let named = |document| lookup::with_own_names(&canonical(document), &shown);
        Declared { documents: documents.into_iter().map(named).collect() }
    }

    /// In normal form, with the names that the kernel gives.
    pub(crate) fn documents(&self) -> impl Iterator<Item = &Document> {
        self.documents.iter()
    }

    /// The interfaces that are to be there.
    fn interfaces(&self) -> impl Iterator<Item = &Value> {
        let all = self.documents.iter().flat_map(Document::interfaces);
        all.filter(|one| one["state"] != "absent" && one["state"] != "ignore")
    }

    /// The declarations of one interface.
    pub(crate) fn of_interface<'a>(
        &'a self,
        identity: &'a Value,
    ) -> impl Iterator<Item = &'a Map<String, Value>> {
        let same = self.interfaces().filter(|one| lookup::is_same_interface(one, identity));
        same.filter_map(Value::as_object)
    }

    /// Whether an interface is declared, as the other end of a cable too.
    pub(crate) fn has_interface(&self, identity: &Value) -> bool {
        let is_peer =
            |one: &Value| one.pointer("/veth/peer").is_some_and(|peer| *peer == identity["name"]);
        self.of_interface(identity).next().is_some() || self.interfaces().any(is_peer)
    }

    /// The controller that an interface is declared to be a port of.
    pub(crate) fn controller_of(&self, port: &str) -> Option<&str> {
        let lists = |one: &&Value| lookup::ports(one).iter().any(|name| name == port);
        let listed = self.interfaces().find(lists).and_then(|one| one["name"].as_str());
        listed.or_else(|| {
            let own = self.interfaces().filter(|one| one["name"] == port);
            own.filter_map(|one| one["controller"].as_str()).find(|name| !name.is_empty())
        })
    }

    /// Whether a controller is declared with its ports, and this interface is none of them.
    pub(crate) fn refuses_port(&self, controller: &str, port: &str) -> bool {
        let named = self.interfaces().filter(|one| one["name"] == controller);
        let lists: Vec<Vec<String>> = named.map(lookup::ports).collect();
        let is_listed = |ports: &Vec<String>| ports.iter().any(|name| name == port);
        lists.iter().any(|ports| !ports.is_empty()) && !lists.iter().any(is_listed)
    }

    fn entries(&self, list: List) -> impl Iterator<Item = &Map<String, Value>> {
        let all = self.documents.iter().flat_map(move |document| list.entries(document));
        all.filter_map(Value::as_object)
    }

    /// Whether an entry is declared to be there: `found` is all that a declaration says.
    pub(crate) fn has_entry(&self, list: List, found: &Value) -> bool {
        self.entries(list)
            .any(|one| !one.contains_key("state") && is_meant_by(list.section(), one, found))
    }

    /// The declarations of an entry in another form than the one that was found: nmstate does not tell
    /// them apart by the metric.
    pub(crate) fn other_forms<'a>(
        &'a self,
        list: List,
        found: &'a Value,
    ) -> impl Iterator<Item = &'a Map<String, Value>> {
        self.entries(list).filter(move |one| {
            !one.contains_key("state")
                && is_told_by(list, one, found)
                && !is_meant_by(list.section(), one, found)
        })
    }

    /// Whether an entry is declared to be absent, or another form of it to be there.
    pub(crate) fn takes_away(&self, list: List, found: &Value) -> bool {
        let mut absent = self
            .entries(list)
            .filter(|one| one.get("state").is_some_and(|state| state == "absent"));
        self.other_forms(list, found).next().is_some()
            || absent.any(|one| is_told_by(list, one, found))
    }

    /// Whether a section that a host has once is declared.
    pub(crate) fn has_setting(&self, name: &str) -> bool {
        self.settings(name).next().is_some()
    }

    /// The declarations of a section that a host has once.
    pub(crate) fn settings<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Value> {
        self.documents.iter().filter_map(move |document| document.as_value().get(name))
    }
}

/// Whether an entry is the declared one but for its metric.
fn is_told_by(list: List, declared: &Map<String, Value>, found: &Value) -> bool {
    let mut matched = declared.clone();
    matched.shift_remove("metric");
    is_meant_by(list.section(), &matched, found)
}
