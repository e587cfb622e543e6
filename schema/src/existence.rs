//! What a document needs of a host that is not there: interfaces that neither the host nor the document
//! has.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::canonical::canonical;
use crate::document::Document;
use crate::finding::Finding;
use crate::keys::{INTERFACE, Kind, interface_type};
use crate::lookup::{self, Index, can_be_made};
use crate::path::{Path, Step};
use crate::references::{Reference, Unidentified, references, unidentified};

/// Names listed in a message; a host with hundreds of VLANs would fill the screen.
const MOST_NAMES: usize = 12;

/// Whether a document brings cards into being: virtual functions, which the driver names.
#[must_use]
pub fn makes_cards(document: &Document) -> bool {
    let mut numbers =
        document.interfaces().filter_map(|one| one.pointer("/ethernet/sr-iov/total-vfs"));
    numbers.any(|number| *number != 0)
}

/// Each interface that `document` needs and that a host in state `current` does not have, at the place
/// that needs it. nmstate refuses such a document.
#[must_use]
pub fn missing(document: &Document, current: &Document) -> Vec<Finding> {
    if makes_cards(document) {
        return Vec::new();
    }
    let current = canonical(current);
    let document = lookup::with_kernel_names(&canonical(document), &current);
    let shown = Index::of(&current);
    let made: HashSet<String> =
        document.interfaces().filter(|one| is_up(one)).flat_map(made).collect();
    let new = document.interfaces().filter_map(Value::as_object);
    let new = new.filter(|one| shown.find(one).is_none());
    let mut findings: Vec<Finding> = new.filter_map(unsettled).collect();
    let mut report = |path: Path, name: &str, way_out: &str| {
        let message = format!("interface `{name}` does not exist on the host");
        let hint = format!("the host has {}; {way_out}", names(&current));
        findings.push(Finding::new(path, message).with_hint(hint));
    };
    for interface in document.interfaces().filter(|one| is_up(one)) {
        let Some(name) = interface.get("name").and_then(Value::as_str) else { continue };
        let path = Path::new().join("interfaces").join(lookup::item(name));
        let is_by_name = interface.get("identifier").is_none_or(|identifier| identifier == "name");
        let is_found = interface.as_object().is_some_and(|one| shown.find(one).is_some());
        if is_by_name && !is_found && !can_be_made(interface) {
            let way_out = "correct the name, or give the `type` of an interface that can be made";
            report(path.clone(), name, way_out);
        }
    }
    let is_there = |name: &str| !shown.named(name).is_empty() || made.contains(name);
    for Reference { path, name } in references(&document) {
        // The other end of a cable comes into being with this one, or later.
        let is_peer = matches!(path.steps().last(), Some(Step::Key(key)) if key == "peer");
        if !is_peer && !is_there(&name) {
            report(path, &name, "correct the name, or describe the interface in the same document");
        }
    }
    for Unidentified { path, interface, address } in unidentified(&document, &current) {
        let message = format!("no interface of the host has the address `{address}`");
        let hint = format!("correct the address that `{interface}` is found by");
        findings.push(Finding::new(path, message).with_hint(hint));
    }
    findings
}

/// Of an interface that is to be made: that the section of its type, without which it cannot be, is left
/// out.
fn unsettled(interface: &Map<String, Value>) -> Option<Finding> {
    let text = |key: &str| interface.get(key).and_then(Value::as_str);
    let (name, own) = text("name").zip(interface_type(text("type")?))?;
    let section = own.section?;
    let key = INTERFACE.key_for(section, Some(own.name))?;
    let Kind::Section(keys) = &key.kind else { return None };
    let needed: Vec<String> = keys
        .keys
        .iter()
        .filter(|key| key.required)
        .map(|key| format!("`{section}.{}`", key.name))
        .collect();
    let is_made = text("state").is_none_or(|state| state == "up");
    if !is_made || needed.is_empty() || interface.contains_key(section) {
        return None;
    }
    let path = Path::new().join("interfaces").join(lookup::item(name));
    let message = format!("the {} `{name}` cannot be made without `{section}`", own.name);
    Some(Finding::new(path, message).with_hint(format!("give {}", needed.join(", "))))
}

fn is_up(interface: &Value) -> bool {
    interface.get("state").is_none_or(|state| state == "up")
}

/// The interfaces that an entry brings into being.
fn made(interface: &Value) -> Vec<String> {
    let own = [interface.get("name"), interface.pointer("/veth/peer")];
    let mut made: Vec<String> =
        own.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    // nmstate makes an internal interface of a port that nobody has.
    if interface.get("type").is_some_and(lookup::is_user_space) {
        made.extend(lookup::ports(interface));
    }
    made
}

/// The names of a host's interfaces, for a message.
fn names(current: &Document) -> String {
    let names = current.interfaces().filter_map(|one| one.get("name")?.as_str());
    let mut names: Vec<String> =
        names.take(MOST_NAMES + 1).map(|name| format!("`{name}`")).collect();
    if names.len() > MOST_NAMES {
        names[MOST_NAMES] = "...".to_owned();
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "interfaces: [{name: eth1, type: ethernet, state: up, \
                        alt-names: [{name: uplink}]}, {name: eth2, type: ethernet, state: up}]";

    fn found(document: &str) -> Vec<String> {
        let parse = |text| Document::parse(text).unwrap();
        let findings = missing(&parse(document), &parse(HOST));
        findings.iter().map(|one| format!("{}: {}", one.path, one.message)).collect()
    }

    #[test]
    fn what_nobody_has_is_named_where_it_is_needed() {
        for (document, path, name) in [
            ("interfaces: [{name: eth9, type: ethernet}]", "interfaces[eth9]", "eth9"),
            (
                "interfaces: [{name: v, type: vlan, vlan: {base-iface: eth9, id: 1}}]",
                "interfaces[v].vlan.base-iface",
                "eth9",
            ),
            (
                "interfaces: [{name: b, type: linux-bridge, bridge: {port: [{name: eth1}, \
                 {name: eth9}]}}]",
                "interfaces[b].bridge.port[eth9].name",
                "eth9",
            ),
            (
                "interfaces: [{name: b, type: bond, link-aggregation: {mode: 1, port: [eth9]}}]",
                "interfaces[b].link-aggregation.port[0]",
                "eth9",
            ),
            ("interfaces: [{name: eth1, controller: b}]", "interfaces[eth1].controller", "b"),
            (
                "routes: {config: [{destination: 192.0.2.0/24, next-hop-interface: eth9}]}",
                "routes.config[192.0.2.0/24 eth9 254].next-hop-interface",
                "eth9",
            ),
        ] {
            let expected = format!("{path}: interface `{name}` does not exist on the host");
            assert_eq!(found(document), [expected], "{document}");
        }
    }

    #[test]
    fn an_interface_is_made_with_the_section_of_its_type() {
        let message = "interfaces[v]: the vlan `v` cannot be made without `vlan`";
        assert_eq!(found("interfaces: [{name: v, type: vlan}]"), [message]);
        assert_eq!(found("interfaces: [{name: v, type: vlan, state: absent}]"), [""; 0]);
        assert_eq!(found("interfaces: [{name: b, type: linux-bridge}]"), [""; 0]);
    }

    #[test]
    fn an_address_that_nothing_has_is_named() {
        let document =
            "interfaces: [{name: a, identifier: mac-address, mac-address: '02:00:00:00:00:09'}]";
        let message = "interfaces[a].mac-address: no interface of the host has the address \
                       `02:00:00:00:00:09`";
        assert_eq!(found(document), [message]);
    }

    #[test]
    fn what_is_there_or_comes_or_goes_is_not_missing() {
        for document in [
            "interfaces: [{name: eth1, mtu: 1400}, {name: uplink}]",
            "interfaces: [{name: v, type: vlan, vlan: {base-iface: uplink, id: 1}}]",
            "interfaces: [{name: a, type: veth, veth: {peer: b}}, \
             {name: c, type: linux-bridge, bridge: {port: [{name: b}]}}]",
            "interfaces: [{name: o, type: ovs-bridge, bridge: {port: [{name: o0}]}}]",
            "interfaces: [{name: eth9, type: ethernet, state: absent}, {name: eth8, state: ignore}]",
            "interfaces: [{name: eth1, controller: ''}]",
            "interfaces: [{name: eth1, ethernet: {sr-iov: {total-vfs: 1}}}, {name: eth1v0, mtu: 1400}]",
            "routes: {config: [{state: absent, next-hop-interface: eth9}]}",
        ] {
            assert_eq!(found(document), [""; 0], "{document}");
        }
    }
}
