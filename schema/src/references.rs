//! The interfaces that a document needs, by the places that name them.
//!
//! nmstate refuses a document that refers to what neither the host nor the document has. What is to
//! go needs nothing, and neither does a mapping of Open vSwitch, which is only a text to nmstate.

use serde_json::Value;

use crate::canonical::canonical;
use crate::document::Document;
use crate::keys::{DNS_RESOLVER, INTERFACE, Kind, Section, Text};
use crate::list::List;
use crate::lookup::{self, Index};
use crate::path::{Path, Step};
use crate::walk;

/// A place that names another interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The place in the document.
    pub path: Path,
    /// The name.
    pub name: String,
}

/// An interface that a document means by an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unidentified {
    /// The place of the address in the document.
    pub path: Path,
    /// The name that the document gives it.
    pub interface: String,
    /// The address.
    pub address: String,
}

/// The references of what a document wants to be there.
pub fn references(document: &Document) -> Vec<Reference> {
    let mut found = Vec::new();
    for interface in document.interfaces().filter(|one| is_wanted(one)) {
        let name = interface["name"].as_str().unwrap_or_default();
        let path = Path::new().join("interfaces").join(lookup::item(name));
        section(&INTERFACE, None, interface, &path, &mut found);
    }
    for list in List::ALL {
        for (index, entry) in list.entries(document).enumerate() {
            if is_wanted(entry) {
                let step = walk::item_step(&Kind::Section(list.section()), entry, index);
                let path = Path::new().join(list.name()).join("config").join(step);
                section(list.section(), None, entry, &path, &mut found);
            }
        }
    }
    if let Some(resolver) = document.as_value().get("dns-resolver") {
        section(&DNS_RESOLVER, None, resolver, &Path::new().join("dns-resolver"), &mut found);
    }
    found
}

/// The interfaces that a document means by addresses which nothing on a host has.
pub fn unidentified(document: &Document, host: &Document) -> Vec<Unidentified> {
    let (document, host) = (canonical(document), canonical(host));
    let shown = Index::of(&host);
    let wanted = document.interfaces().filter(|one| is_wanted(one)).filter_map(Value::as_object);
    let missing = wanted.filter_map(|one| {
        let key = one.get("identifier")?.as_str().filter(|key| *key != "name")?;
        let text = |key: &str| one.get(key).and_then(Value::as_str).map(str::to_owned);
        let (interface, address) = text("name").zip(text(key))?;
        let path = Path::new().join("interfaces").join(lookup::item(&interface)).join(key);
        shown.find(one).is_none().then_some(Unidentified { path, interface, address })
    });
    missing.collect()
}

/// The references of one interface; paths start at it.
pub fn of_interface(interface: &Value) -> Vec<Reference> {
    let mut found = Vec::new();
    section(&INTERFACE, None, interface, &Path::new(), &mut found);
    found
}

fn is_wanted(entry: &Value) -> bool {
    !matches!(entry["state"].as_str(), Some("absent" | "ignore"))
}

fn section(
    section: &'static Section,
    outer: Option<&str>,
    value: &Value,
    path: &Path,
    found: &mut Vec<Reference>,
) {
    let Value::Object(map) = value else { return };
    let own_type = walk::interface_type(section, map, outer);
    for (name, value) in map {
        if let Some(key) = section.key_for(name, own_type) {
            inner(&key.kind, own_type, value, &path.join(name.as_str()), found);
        }
    }
}

fn inner(kind: &Kind, outer: Option<&str>, value: &Value, path: &Path, found: &mut Vec<Reference>) {
    let mut refer = |name: &str| {
        if !name.is_empty() {
            found.push(Reference { path: path.clone(), name: name.to_owned() });
        }
    };
    match (kind, value) {
        (Kind::Text(Text::InterfaceReference), Value::String(name)) => refer(name),
        // The zone of a link-local address.
        (Kind::Text(Text::Ip), Value::String(address)) => {
            if let Some((_, zone)) = address.split_once('%') {
                refer(zone);
            }
        }
        (Kind::Section(inside), value) => section(inside, outer, value, path, found),
        (Kind::List { item, .. }, Value::Array(items)) => {
            for (index, value) in items.iter().enumerate() {
                let step: Step = walk::item_step(item, value, index);
                inner(item, outer, value, &path.join(step), found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let found = references(&Document::parse(text).unwrap());
        found.iter().map(|one| format!("{} {}", one.path, one.name)).collect()
    }

    #[test]
    fn every_place_that_names_an_interface() {
        let document = "
interfaces:
- {name: br0, type: linux-bridge, bridge: {port: [{name: eth1}, {name: bond0}]}}
- {name: bond0, type: bond, link-aggregation: {mode: active-backup, port: [eth2], options: {primary: eth2}}}
- {name: br0.5, type: vlan, vlan: {base-iface: br0, id: 5}}
- {name: v0, type: veth, veth: {peer: v1}}
- {name: eth3, controller: br1, ipv4: {enabled: true}}
- {name: vrf0, type: vrf, vrf: {port: [eth4], route-table-id: 5}}
routes:
  config:
  - {destination: 198.51.100.0/24, next-hop-interface: eth5, vrf-name: vrf1}
route-rules:
  config:
  - {family: ipv4, iif: eth6}
dns-resolver: {config: {server: ['fe80::1%eth7', 192.0.2.1]}}
";
        let expected = [
            "interfaces[br0].bridge.port[eth1].name eth1",
            "interfaces[br0].bridge.port[bond0].name bond0",
            "interfaces[bond0].link-aggregation.port[0] eth2",
            "interfaces[bond0].link-aggregation.options.primary eth2",
            "interfaces[br0.5].vlan.base-iface br0",
            "interfaces[v0].veth.peer v1",
            "interfaces[eth3].controller br1",
            "interfaces[vrf0].vrf.port[0] eth4",
            "routes.config[198.51.100.0/24 eth5 vrf1].next-hop-interface eth5",
            "routes.config[198.51.100.0/24 eth5 vrf1].vrf-name vrf1",
            "route-rules.config[ipv4 eth6].iif eth6",
            "dns-resolver.config.server[0] eth7",
        ];
        assert_eq!(found(document), expected);
    }

    #[test]
    fn an_address_that_nobody_has() {
        let host = "interfaces: [{name: eth1, type: ethernet, mac-address: '02:00:00:00:00:01'}]";
        let host = Document::parse(host).unwrap();
        let found = |by: &str| {
            let text = format!("interfaces: [{{name: up, identifier: {by}}}]");
            let found = unidentified(&Document::parse(&text).unwrap(), &host);
            found.iter().map(|one| format!("{} {}", one.path, one.address)).collect::<Vec<_>>()
        };
        let by_mac = |end| found(&format!("mac-address, mac-address: '02:00:00:00:00:{end}'"));
        assert_eq!(by_mac("01"), [""; 0]);
        assert_eq!(by_mac("02"), ["interfaces[up].mac-address 02:00:00:00:00:02"]);
        assert_eq!(found("name"), [""; 0]);
        let pci = found("pci-address, pci-address: '0000:00:05.0'");
        assert_eq!(pci, ["interfaces[up].pci-address 0000:00:05.0"]);
    }

    #[test]
    fn what_is_to_go_needs_nothing() {
        let document = "
interfaces:
- {name: br0, type: linux-bridge, state: absent, bridge: {port: [{name: eth1}]}}
- {name: eth2, state: ignore, controller: br1}
- {name: eth3, controller: ''}
routes: {config: [{state: absent, next-hop-interface: eth5}]}
ovn: {bridge-mappings: [{localnet: net1, bridge: br2}]}
";
        assert_eq!(found(document), [""; 0]);
    }
}
