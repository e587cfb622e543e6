//! What a document asks for beyond what it mentions.
//!
//! nmstate merges: what a document leaves out stays. Who wants more says so in three steps, each
//! a document that nmstate merges again: what is listed is `replaced` as a whole, everything is
//! `overridden` by what is listed, or what is listed is `deleted`. Such a document names what goes
//! away, so a comparison with the host says exactly what would change, and nothing the second time.
//!
//! An entry of a list that goes is looked up on the host first, and is undone by all that it is:
//! nmstate takes a removal for whatever has what the removal says, and never looks at a metric.

use serde_json::{Map, Value, json};

use crate::canonical::canonical;
use crate::compare::is_meant_by;
use crate::document::Document;
use crate::finding::Finding;
use crate::keys::{DNS_CLIENT, Kind};
use crate::list::List;
use crate::lookup::{self, Index};
use crate::path::Path;
use crate::superseded::{superseded, taken_for};
use crate::undo::Undo;

mod defaults;

/// How far a document reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scope {
    /// What is mentioned; everything else stays.
    #[default]
    Merged,
    /// What is listed, as a whole: settings of a listed interface, and of DNS, that are not
    /// mentioned go back to their defaults; with `routes`, other static routes over the interfaces
    /// of the listed ones go; with `route-rules`, other rules go.
    Replaced,
    /// Everything: as `Replaced`, and interfaces, routes, rules and DNS settings that are not
    /// listed go.
    Overridden,
    /// What is listed goes.
    Deleted,
}

/// What a document comes to on a host.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reached {
    /// What is asked for.
    pub document: Document,
    /// The entries of the host that go.
    pub undo: Undo,
    /// The entries of the host that have to go because a comparison takes them for others that are
    /// asked for.
    pub replaced: Undo,
}

impl Scope {
    /// A document with what this scope says of its entries: one that is to be deleted is complete
    /// when it names anything.
    ///
    /// # Errors
    /// What cannot be deleted.
    pub fn spell(self, desired: &Document) -> Result<Document, Vec<Finding>> {
        if self == Scope::Deleted { deleted(desired) } else { Ok(desired.clone()) }
    }

    /// What the document asks for on a host in state `current`.
    ///
    /// # Errors
    /// What cannot be deleted.
    pub fn reach(self, desired: &Document, current: &Document) -> Result<Reached, Vec<Finding>> {
        let current = canonical(current);
        let spelled = self.spell(desired)?;
        let wanted = lookup::with_kernel_names(&canonical(&spelled), &current);
        let reach = Reach { scope: self, wanted: &wanted, current: &current };
        let document = match self {
            Scope::Merged => spelled,
            Scope::Replaced | Scope::Overridden => reach.whole(&spelled),
            Scope::Deleted => reach.without_dns_entries(&spelled),
        };
        let (undo, replaced) = reach.undo();
        Ok(Reached { document: without_removals(&document), undo, replaced })
    }
}

struct Reach<'a> {
    scope: Scope,
    /// What is desired, in normal form.
    wanted: &'a Document,
    /// The host, in normal form.
    current: &'a Document,
}

impl Reach<'_> {
    /// The document with the defaults of what its interfaces and settings do not mention.
    fn whole(&self, written: &Document) -> Document {
        let mut tree = written.as_value().as_object().cloned().unwrap_or_default();
        let shown = Index::of(self.current);
        let mut interfaces: Vec<Value> =
            self.wanted.interfaces().map(|one| defaults::whole_interface(one, &shown)).collect();
        if self.scope == Scope::Overridden {
            interfaces.extend(self.current.interfaces().filter_map(|found| self.removal(found)));
        }
        if !interfaces.is_empty() {
            tree.insert("interfaces".to_owned(), interfaces.into());
        }
        let found = self.current.dns().and_then(Value::as_object);
        let wanted = self.wanted.dns().and_then(Value::as_object);
        match (wanted, found) {
            (Some(wanted), Some(found)) if !wanted.is_empty() => {
                let whole = defaults::whole_section(&DNS_CLIENT, wanted, found);
                tree.insert("dns-resolver".to_owned(), json!({ "config": whole }));
            }
            (None, Some(found))
                if self.scope == Scope::Overridden
                    && found.values().any(|list| *list != json!([])) =>
            {
                tree.insert("dns-resolver".to_owned(), json!({ "config": {} }));
            }
            _ => {}
        }
        Document::from_tree(tree.into())
    }

    /// What removes an interface that is not listed; none for what nobody has configured, and for
    /// what a listed interface needs.
    fn removal(&self, found: &Value) -> Option<Value> {
        let name = found["name"].as_str()?;
        let is_listed = self.wanted.interfaces().any(|one| lookup::is_same_interface(one, found));
        let is_needed = self.wanted.interfaces().any(|one| {
            lookup::ports(one).iter().any(|port| port == name)
                || one.as_object().is_some_and(|one| lookup::stands_on(one, &found["name"]))
                || one.pointer("/veth/peer").is_some_and(|peer| peer == name)
        });
        let is_ours = found["state"] != "ignore"
            && found["type"] != "loopback"
            && (found.get("identifier").is_some()
                || (lookup::is_virtual(&found["type"]) && found["type"] != "veth"));
        (!is_listed && !is_needed && is_ours)
            .then(|| json!({"name": name, "type": found["type"], "state": "absent"}))
    }

    /// The document with what is left of each list of DNS settings once the listed entries are gone;
    /// without any, all go.
    fn without_dns_entries(&self, spelled: &Document) -> Document {
        let mut tree = spelled.as_value().as_object().cloned().unwrap_or_default();
        let listed = self.wanted.dns().and_then(Value::as_object).filter(|dns| !dns.is_empty());
        let Some(listed) = listed else {
            if let Some(dns) = tree.get_mut("dns-resolver") {
                *dns = json!({ "config": {} });
            }
            return Document::from_tree(tree.into());
        };
        let none = Map::new();
        let found = self.current.dns().and_then(Value::as_object).unwrap_or(&none);
        let mut left = Map::new();
        for key in DNS_CLIENT.keys.iter().filter(|key| matches!(key.kind, Kind::List { .. })) {
            let entries = |of: &Map<String, Value>| {
                of.get(key.name).and_then(Value::as_array).cloned().unwrap_or_default()
            };
            let (gone, mut rest) = (entries(listed), entries(found));
            let before = rest.len();
            rest.retain(|entry| !gone.contains(entry));
            if rest.len() < before {
                left.insert(key.name.to_owned(), rest.into());
            }
        }
        tree.shift_remove("dns-resolver");
        if !left.is_empty() {
            tree.insert("dns-resolver".to_owned(), json!({ "config": left }));
        }
        Document::from_tree(tree.into())
    }

    /// The entries of the host that go: those that are to be absent, those that are not listed where
    /// a list is complete, and those that another form takes the place of, of which the ones that
    /// are changed into it come apart.
    fn undo(&self) -> (Undo, Undo) {
        let taken = taken_for(self.wanted, self.current);
        let superseded = superseded(self.wanted, &taken, self.current);
        let of_host = |is_wanted: &dyn Fn(List, &Value) -> bool| {
            let lists = List::ALL.map(|list| {
                let entries = list.entries(self.current).filter(|found| is_wanted(list, found));
                (list.name().to_owned(), json!({ "config": entries.collect::<Vec<_>>() }))
            });
            Undo::removing(&Document::from_tree(lists.into_iter().collect()))
        };
        let is_in = |document: &Document, list: List, found: &Value| {
            list.entries(document).any(|one| one == found)
        };
        let is_replaced = |list: List, found: &Value| {
            is_in(&taken, list, found) && is_in(&superseded, list, found)
        };
        let goes = |list: List, found: &Value| {
            !is_replaced(list, found) && (self.goes(list, found) || is_in(&superseded, list, found))
        };
        (of_host(&goes), of_host(&is_replaced))
    }

    fn goes(&self, list: List, found: &Value) -> bool {
        let of_state = |is_absent: bool| {
            let listed = list.entries(self.wanted).filter_map(Value::as_object);
            listed.filter(move |one| match one.get("state").and_then(Value::as_str) {
                None => !is_absent,
                state => is_absent && state == Some("absent"),
            })
        };
        let is_meant = |one: &Map<String, Value>| is_meant_by(list.section(), one, found);
        if of_state(false).any(is_meant) {
            return false;
        }
        let is_complete = match (self.scope, list) {
            (Scope::Merged | Scope::Deleted, _) => false,
            (Scope::Overridden, _) => true,
            (Scope::Replaced, List::RouteRules) => {
                self.wanted.as_value().get(list.name()).is_some()
            }
            (Scope::Replaced, List::Routes) => of_state(false)
                .any(|one| one.get("next-hop-interface") == found.get("next-hop-interface")),
        };
        is_complete || of_state(true).any(is_meant)
    }
}

/// The document without entries that are to be absent, which are undone.
fn without_removals(document: &Document) -> Document {
    let mut tree = document.as_value().clone();
    for list in List::ALL {
        let config = tree.get_mut(list.name()).and_then(|part| part.get_mut("config"));
        if let Some(entries) = config.and_then(Value::as_array_mut) {
            entries.retain(|entry| entry["state"] != "absent");
        }
    }
    Document::from_tree(tree)
}

/// The document in which all that is listed is absent.
fn deleted(desired: &Document) -> Result<Document, Vec<Finding>> {
    let mut findings = Vec::new();
    let mut tree = Map::new();
    for (name, value) in desired.as_value().as_object().into_iter().flatten() {
        let removed = match name.as_str() {
            "interfaces" => value.as_array().map(|list| list.iter().map(removed).collect()),
            "routes" | "route-rules" => Some(absent_entries(value)),
            "dns-resolver" => Some(value.clone()),
            _ => {
                findings.push(
                    Finding::new(Path::new().join(name.as_str()), "this cannot be deleted")
                        .with_hint(
                            "leave it out; `interfaces`, `routes`, `route-rules` and \
                             `dns-resolver` can be",
                        ),
                );
                continue;
            }
        };
        tree.insert(name.clone(), removed.unwrap_or_else(|| value.clone()));
    }
    if findings.is_empty() { Ok(Document::from_tree(tree.into())) } else { Err(findings) }
}

fn absent_entries(list: &Value) -> Value {
    let mut list = list.clone();
    let entries = list.get_mut("config").and_then(Value::as_array_mut);
    for entry in entries.into_iter().flatten().filter_map(Value::as_object_mut) {
        entry.insert("state".to_owned(), "absent".into());
    }
    list
}

fn removed(interface: &Value) -> Value {
    let Value::Object(entry) = interface else { return interface.clone() };
    let mut entry = entry.clone();
    entry.retain(|name, _| name == "name" || name == "type");
    entry.insert("state".to_owned(), "absent".into());
    entry.into()
}
