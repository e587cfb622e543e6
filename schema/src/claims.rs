//! Declarations of one configuration about one host, to find where two contradict.
//!
//! Two documents may speak of the same interface as long as they do not want different values for
//! one key. Beyond the keys there is what nmstate cannot give to both: a port has one controller, a
//! controller that lists its ports has no others, what is absent is not there, and two routes that
//! differ in the metric alone are one.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::canonical::canonical;
use crate::compare::is_meant_by;
use crate::document::Document;
use crate::keys::Kind;
use crate::list::List;
use crate::lookup::{self, Names};
use crate::merge::{Conflict, conflicts};
use crate::path::Path;
use crate::record::SETTINGS;
use crate::walk;

/// A contradiction between two resources.
#[derive(Debug, Clone, PartialEq)]
pub enum Contradiction {
    /// Different values of one thing.
    Twice(Conflict),
    /// An interface with a larger MTU than what it stands on.
    LargerThanBase {
        /// The interface on top.
        interface: String,
        /// Its MTU, in bytes.
        mtu: u64,
        /// The interface below.
        base: String,
        /// The MTU of that, in bytes.
        base_mtu: u64,
    },
}

/// The types whose packets are those of their base.
const SAME_SIZE: [&str; 4] = ["vlan", "mac-vlan", "mac-vtap", "ipvlan"];

/// The declarations of several resources.
#[derive(Debug, Default)]
pub struct Claims {
    /// The names of the host, from its first look.
    names: Option<Names>,
    interfaces: HashMap<String, Vec<Value>>,
    /// What is said of the controllers of interfaces.
    controllers: HashMap<String, Vec<String>>,
    /// The ports of controllers that list them.
    ports: HashMap<String, Vec<Vec<String>>>,
    /// The entries of each list by their anchors.
    entries: HashMap<&'static str, HashMap<Option<String>, Vec<Value>>>,
    settings: HashMap<&'static str, Vec<Value>>,
    mtus: HashMap<String, u64>,
    /// The interfaces that stand on one, by its name.
    on_top: HashMap<String, Vec<String>>,
}

impl Claims {
    /// Adds what one resource declares on a host in state `host`. The answer is where others that
    /// were added before contradict it: they give `first`, and it gives `second`.
    pub fn add(&mut self, document: &Document, host: &Document) -> Vec<Contradiction> {
        let document = canonical(document);
        let document =
            self.names.get_or_insert_with(|| Names::of(host)).applied_to(&document, host);
        let mut found = Vec::new();
        for interface in document.interfaces().filter(|one| one["state"] != "ignore") {
            self.interface(interface, &mut found);
        }
        for list in List::ALL {
            for entry in list.entries(&document).filter(|one| one["state"] != "ignore") {
                self.entry(list, entry, host, &mut found);
            }
        }
        for name in SETTINGS {
            let Some(value) = document.as_value().get(name) else { continue };
            let known = self.settings.entry(name).or_default();
            pairs(known, value, &|value| json!({ name: value }), &mut found);
            remember(known, value);
        }
        let sizes = document.interfaces().filter_map(Value::as_object);
        let sizes: Vec<Contradiction> = sizes.flat_map(|one| self.sizes(one)).collect();
        found.into_iter().map(Contradiction::Twice).chain(sizes).collect()
    }

    /// Compares the MTU of an interface with what is below it and on top of it.
    fn sizes(&mut self, interface: &Map<String, Value>) -> Vec<Contradiction> {
        let text = |key: &str| interface.get(key).and_then(Value::as_str).unwrap_or_default();
        let (name, of_type) = (text("name").to_owned(), text("type"));
        let mut changed = vec![name.clone()];
        if let Some(mtu) = interface.get("mtu").and_then(Value::as_u64) {
            self.mtus.insert(name.clone(), mtu);
            changed.extend(self.on_top.get(&name).into_iter().flatten().cloned());
        }
        let section = SAME_SIZE.contains(&of_type).then(|| interface.get(of_type)).flatten();
        if let Some(base) = section.and_then(|section| section["base-iface"].as_str()) {
            let on_top = self.on_top.entry(base.to_owned()).or_default();
            if !on_top.contains(&name) {
                on_top.push(name);
            }
        }
        let mut found = Vec::new();
        for (base, on_top) in &self.on_top {
            for interface in on_top.iter().filter(|one| changed.contains(one)) {
                let (mtu, base_mtu) = (self.mtus.get(interface), self.mtus.get(base));
                if let (Some(&mtu), Some(&base_mtu)) = (mtu, base_mtu)
                    && mtu > base_mtu
                {
                    let (interface, base) = (interface.clone(), base.clone());
                    found.push(Contradiction::LargerThanBase { interface, mtu, base, base_mtu });
                }
            }
        }
        found
    }

    fn interface(&mut self, interface: &Value, found: &mut Vec<Conflict>) {
        let Some(name) = interface["name"].as_str() else { return };
        let known = self.interfaces.entry(name.to_owned()).or_default();
        let same: Vec<Value> =
            known.iter().filter(|one| lookup::is_same_interface(one, interface)).cloned().collect();
        remember(known, interface);
        let place = Path::new().join("interfaces").join(lookup::item(name));
        if let Some(other) = same.iter().find(|one| is_absent(one) != is_absent(interface)) {
            let said = |one: &Value| one.get("state").cloned().unwrap_or_else(|| "up".into());
            let (first, second) = (said(other), said(interface));
            found.push(Conflict { path: place.join("state"), first, second });
            return;
        }
        pairs(&same, interface, &|one| json!({ "interfaces": [one] }), found);
        if is_absent(interface) {
            return;
        }
        let ports = lookup::ports(interface);
        if !ports.is_empty() {
            self.listed(name, &ports, &place, found);
        }
        for port in &ports {
            self.controller(port, name, found);
        }
        if let Some(controller) = interface.get("controller").and_then(Value::as_str) {
            self.controller(name, controller, found);
        }
    }

    /// A controller lists its ports: whoever calls it theirs has to be among them.
    fn listed(&mut self, name: &str, ports: &[String], place: &Path, found: &mut Vec<Conflict>) {
        for (port, controllers) in &self.controllers {
            if !ports.contains(port) && controllers.iter().any(|one| one == name) {
                let is_listed_too = self.ports.get(name).is_some_and(|lists| {
                    // Then it is the lists that differ.
                    lists.iter().any(|list| list.contains(port))
                });
                if !is_listed_too {
                    let path = place.join("ports");
                    found.push(Conflict { path, first: json!([port]), second: json!(ports) });
                }
            }
        }
        self.ports.entry(name.to_owned()).or_default().push(ports.to_vec());
    }

    fn controller(&mut self, port: &str, controller: &str, found: &mut Vec<Conflict>) {
        let path = || Path::new().join("interfaces").join(lookup::item(port)).join("controller");
        let known = self.controllers.entry(port.to_owned()).or_default();
        if let Some(other) = known.iter().find(|one| *one != controller) {
            let (first, second) = (other.as_str().into(), controller.into());
            found.push(Conflict { path: path(), first, second });
        } else if let Some(lists) = self.ports.get(controller)
            && !lists.iter().any(|list| list.iter().any(|one| one == port))
        {
            let path = Path::new().join("interfaces").join(lookup::item(controller)).join("ports");
            let first = lists.first().map_or(Value::Null, |list| json!(list));
            found.push(Conflict { path, first, second: json!([port]) });
        }
        if !known.iter().any(|one| one == controller) {
            known.push(controller.to_owned());
        }
    }

    fn entry(&mut self, list: List, entry: &Value, host: &Document, found: &mut Vec<Conflict>) {
        let section = list.section();
        let place = Path::new().join(list.name()).join("config");
        let path = |one: &Value| place.join(walk::item_step(&Kind::Section(section), one, 0));
        let anchor = anchor(list, entry);
        let known: Vec<Value> = match (&anchor, self.entries.get(&list.name())) {
            (_, None) => Vec::new(),
            // Without one it may speak of any.
            (None, Some(all)) => all.values().flatten().cloned().collect(),
            (anchor, Some(all)) => {
                [anchor, &None].iter().filter_map(|key| all.get(*key)).flatten().cloned().collect()
            }
        };
        for other in &known {
            match (is_absent(other), is_absent(entry)) {
                (true, true) => {}
                (false, false) if list == List::Routes => {
                    // NetworkManager can have both; nmstate cannot bring that about.
                    let is_both = || is_there(list, other, host) && is_there(list, entry, host);
                    if let Some(name) = differing(section.identity, other, entry)
                        && !is_both()
                    {
                        let (first, second) = (other[name].clone(), entry[name].clone());
                        found.push(Conflict { path: path(entry).join(name), first, second });
                    }
                }
                (false, false) => {}
                (is_other_absent, _) => {
                    let (absent, present) =
                        if is_other_absent { (other, entry) } else { (entry, other) };
                    if absent.as_object().is_some_and(|one| takes(list, one, present)) {
                        let said = |one: &Value| if is_absent(one) { "absent" } else { "there" };
                        let (first, second) = (said(other).into(), said(entry).into());
                        found.push(Conflict { path: path(present).join("state"), first, second });
                    }
                }
            }
        }
        remember(self.entries.entry(list.name()).or_default().entry(anchor).or_default(), entry);
    }
}

/// Compares a declaration with those before; `wrap` makes a document of one.
fn pairs(
    known: &[Value],
    value: &Value,
    wrap: &dyn Fn(&Value) -> Value,
    found: &mut Vec<Conflict>,
) {
    for other in known {
        let documents = [other, value].map(|one| Document::from_tree(wrap(one)));
        for conflict in conflicts(&documents) {
            // A cable and a card are two words for one thing.
            let is_word = |one: &Value| one == "veth" || one == "ethernet";
            let is_type = conflict.path.to_string().ends_with("].type");
            let is_same_word = is_type && is_word(&conflict.first) && is_word(&conflict.second);
            let is_known = found.iter().any(|one| one.path == conflict.path);
            if !is_known && !is_same_word {
                found.push(conflict);
            }
        }
    }
}

/// Keeps a declaration, once.
fn remember(known: &mut Vec<Value>, value: &Value) {
    if !known.contains(value) {
        known.push(value.clone());
    }
}

fn is_absent(one: &Value) -> bool {
    one["state"] == "absent"
}

/// What an entry leads to or comes from; none of a removal that does not say it and may mean any.
fn anchor(list: List, entry: &Value) -> Option<String> {
    let keys: &[&str] = match list {
        List::Routes => &["destination"],
        List::RouteRules => &["ip-from", "ip-to"],
    };
    let said: Vec<&str> = keys.iter().filter_map(|key| entry.get(*key)?.as_str()).collect();
    (!is_absent(entry) || said.len() == keys.len()).then(|| said.join(" "))
}

/// True if a host has an entry.
fn is_there(list: List, entry: &Value, host: &Document) -> bool {
    let meant = |found: &Value| {
        entry.as_object().is_some_and(|entry| is_meant_by(list.section(), entry, found))
    };
    list.entries(host).any(meant)
}

/// True if a removal takes an entry along; nmstate does not look at the metric.
fn takes(list: List, absent: &Map<String, Value>, present: &Value) -> bool {
    let mut absent = absent.clone();
    absent.shift_remove("metric");
    is_meant_by(list.section(), &absent, present)
}

/// The key in which two forms of one route differ.
fn differing<'a>(identity: &[&str], one: &'a Value, other: &'a Value) -> Option<&'a str> {
    let (one, other) = (one.as_object()?, other.as_object()?);
    let is_one = identity.iter().all(|key| one.get(*key) == other.get(*key));
    // Several ways of one route have weights.
    if !is_one || one.contains_key("weight") != other.contains_key("weight") {
        return None;
    }
    one.iter()
        .find(|(key, value)| other.get(*key).is_some_and(|other| other != *value))
        .map(|(key, _)| key.as_str())
}

#[cfg(test)]
mod tests;
