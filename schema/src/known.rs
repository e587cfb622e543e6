//! Declarations of other resources, found by the names in them.
//!
//! An undo asks what else is declared of its things ([`crate::undo`]). Of a thousand
//! resources a few speak of the same interface, route, rule or section, and those are found here.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::canonical::canonical;
use crate::document::Document;
use crate::list::List;
use crate::lookup;
use crate::record::SETTINGS;
use crate::undo::{Step, Undo};

/// The declaration of one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Declaration {
    /// The resource, by a text that no other one has.
    pub by: String,
    /// All that it declares.
    pub document: Document,
}

/// The declarations of the resources of one host.
#[derive(Debug, Default)]
pub struct Known {
    declarations: Vec<Declaration>,
    by_anchor: HashMap<String, Vec<usize>>,
}

impl Known {
    /// Adds what a resource declares, in place of what it has declared.
    pub fn add(&mut self, declaration: Declaration) {
        let document = canonical(&declaration.document);
        let known = self.declarations.iter().position(|one| one.by == declaration.by);
        let position = known.unwrap_or(self.declarations.len());
        for anchor in anchors(&document) {
            let places = self.by_anchor.entry(anchor).or_default();
            if !places.contains(&position) {
                places.push(position);
            }
        }
        let declaration = Declaration { document, ..declaration };
        match self.declarations.get_mut(position) {
            Some(known) => *known = declaration,
            None => self.declarations.push(declaration),
        }
    }

    /// The declarations that speak of what is to be undone, or of what it refers to.
    #[must_use]
    pub fn concerned(&self, undo: &Undo) -> Vec<Declaration> {
        let places = undo.steps().iter().flat_map(anchors_of_step);
        let found: BTreeSet<usize> =
            places.filter_map(|anchor| self.by_anchor.get(&anchor)).flatten().copied().collect();
        found.into_iter().map(|one| self.declarations[one].clone()).collect()
    }
}

/// The names by which a declaration is found.
fn anchors(document: &Document) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for one in document.interfaces() {
        let own = one["name"].as_str().map(str::to_owned);
        let peer = one.pointer("/veth/peer").and_then(Value::as_str).map(str::to_owned);
        let names = own.into_iter().chain(peer).chain(lookup::ports(one));
        anchors.extend(names.map(|name| of_interface(&name)));
    }
    for list in List::ALL {
        anchors.extend(list.entries(document).map(|entry| of_entry(list, entry)));
    }
    let settings = SETTINGS.iter().filter(|name| document.as_value().get(**name).is_some());
    anchors.extend(settings.map(|name| (*name).to_owned()));
    anchors
}

fn anchors_of_step(step: &Step) -> Vec<String> {
    match step {
        Step::RemoveInterface { identity, .. } => {
            identity["name"].as_str().map(of_interface).into_iter().collect()
        }
        Step::RestoreInterface { identity, as_port, .. } => {
            let names = [&identity["name"], as_port.get("controller").unwrap_or(&Value::Null)];
            names.into_iter().filter_map(Value::as_str).map(of_interface).collect()
        }
        Step::RemoveEntry { list, entry, .. }
        | Step::RestoreEntry { list, entry }
        | Step::KeepEntry { list, entry } => match list {
            List::Routes => vec![of_entry(*list, entry)],
            List::RouteRules => vec![of_entry(*list, entry), of_entry(*list, &Value::Null)],
        },
        Step::RestoreSetting { name, .. } => vec![name.clone()],
        Step::KeepPort { port, controller } => vec![of_interface(port), of_interface(controller)],
    }
}

fn of_interface(name: &str) -> String {
    format!("interface {name}")
}

/// The place of an entry. A rule that does not name its priority may mean one of any.
fn of_entry(list: List, entry: &Value) -> String {
    match list {
        List::Routes => format!("route {}", entry["destination"].as_str().unwrap_or_default()),
        List::RouteRules => format!("route rule {}", entry["priority"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Record;

    #[test]
    fn what_speaks_of_the_same_is_found() {
        let parse = |text: &str| Document::parse(text).unwrap();
        let host = parse(
            "interfaces: [{name: br0, type: linux-bridge, state: up, bridge: {port: [{name: eth1}]}}, \
             {name: eth1, type: ethernet, state: up, controller: br0}, {name: eth2, type: ethernet, state: up}]",
        );
        let taking =
            parse("interfaces: [{name: br1, type: linux-bridge, bridge: {port: [{name: eth1}]}}]");
        let undo = Record::of(&taking, &host).undo();
        let mut known = Known::default();
        let mut add = |by: &str, text: &str| {
            known.add(Declaration { by: by.to_owned(), document: parse(text) });
        };
        let said = [
            "interfaces: [{name: br0, type: linux-bridge, bridge: {port: [{name: eth2}]}}]",
            "interfaces: [{name: eth1, type: ethernet, mtu: 1400}]",
            "interfaces: [{name: br2, type: linux-bridge, bridge: {port: [{name: eth1}]}}]",
        ];
        for (by, text) in ["a", "b", "c"].into_iter().zip(said) {
            add(by, text);
        }
        add("d", "interfaces: [{name: eth2, type: ethernet, mtu: 1400}]");
        add("e", "routes: {config: [{destination: 198.51.100.0/24, next-hop-interface: eth1}]}");
        // The same twice is two resources, and what one of them says again is no other.
        add("f", said[1]);
        add("b", said[1]);
        let found: Vec<_> =
            known.concerned(&undo).iter().map(|one| one.document.to_json()).collect();
        let expected = [said[0], said[1], said[2], said[1]];
        assert_eq!(found, expected.map(|text| canonical(&parse(text)).to_json()));
        let route = "{destination: 198.51.100.0/24, next-hop-interface: eth2}";
        let route = parse(&format!("routes: {{config: [{route}]}}"));
        assert_eq!(known.concerned(&Undo::removing(&route)).len(), 1);
    }

    #[test]
    fn a_rule_is_found_by_its_priority() {
        let rule = |text: &str| {
            Document::parse(&format!("route-rules: {{config: [{{{text}}}]}}")).unwrap()
        };
        let mut known = Known::default();
        let mut add = |by: String, text: &str| known.add(Declaration { by, document: rule(text) });
        for priority in 0..1000 {
            add(priority.to_string(), &format!("ip-from: 192.0.2.0/24, priority: {priority}"));
        }
        add("any".to_owned(), "ip-from: 192.0.2.0/24");
        let undo = Undo::removing(&rule("ip-from: 192.0.2.0/24, priority: 7"));
        assert_eq!(known.concerned(&undo).len(), 2);
    }
}
