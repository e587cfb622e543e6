//! Whose the values of a host are: what a document or a profile holds stays as it is until somebody
//! changes it, and of the rest the host decides where the table says so ([`Owner`]).
//!
//! A device loses large receive offload when a VLAN comes on it, and does not get it again; a bridge
//! has the hardware address of one of its ports, and a VLAN an MTU that its base can carry. None of
//! that is anybody's change, and none of it is to be put back.

use serde_json::Value;

use crate::canonical::canonical;
use crate::declared::Declared;
use crate::document::Document;
use crate::keys::{Kind, Owner, STATE};
use crate::lookup::{self, Index};
use crate::path::{Path, Step};
use crate::walk;

/// The values of a host that are held, by documents and by profiles in the form of documents.
#[derive(Debug)]
pub struct Held {
    declared: Declared,
    /// In normal form.
    host: Document,
}

impl Held {
    /// By `documents`, on a host that is in state `host`.
    pub fn of<'a>(documents: impl IntoIterator<Item = &'a Document>, host: &Document) -> Held {
        let host = canonical(host);
        let shown = Index::of(&host);
        let copied = documents.into_iter().map(|document| with_copied_addresses(document, &shown));
        let copied: Vec<Document> = copied.collect();
        Held { declared: Declared::of(&copied, &host), host }
    }

    /// True if the value at this place of a state is the host's, and held by nobody.
    pub fn leaves_to_host(&self, path: &Path) -> bool {
        self.is_of_host(path) && !self.declared.documents().any(|one| gives(one, path))
    }

    fn is_of_host(&self, path: &Path) -> bool {
        let interface = match path.steps() {
            [Step::Key(_), Step::Item(name), ..] => self.host.interface(name),
            _ => None,
        };
        let interface_type = interface.and_then(|one| one.get("type")?.as_str());
        let mut kind = Kind::Section(&STATE);
        for step in path.steps() {
            kind = match (kind, step) {
                (Kind::Section(section), Step::Key(name)) => {
                    match section.key_for(name, interface_type) {
                        Some(key) if key.owner == Owner::Host => return true,
                        Some(key) => key.kind,
                        None => return false,
                    }
                }
                (Kind::List { item, .. }, Step::Item(_) | Step::Index(_)) => *item,
                _ => return false,
            };
        }
        false
    }
}

/// The hardware address of another interface is one that the document holds.
fn with_copied_addresses(document: &Document, shown: &Index<'_>) -> Document {
    let mut tree = canonical(document).into_value();
    let interfaces = tree.get_mut("interfaces").and_then(Value::as_array_mut);
    for interface in interfaces.into_iter().flatten().filter_map(Value::as_object_mut) {
        lookup::resolve_copied_address(interface, shown);
    }
    Document::from_tree(tree)
}

/// True if a document in normal form gives a value to this place.
fn gives(document: &Document, path: &Path) -> bool {
    let mut kind = Some(Kind::Section(&STATE));
    let mut value = document.as_value();
    for step in path.steps() {
        let next = match step {
            Step::Key(name) => {
                kind = match kind {
                    Some(Kind::Section(section)) => section.key(name).map(|key| key.kind),
                    _ => None,
                };
                value.get(name)
            }
            Step::Index(index) => value.get(index),
            Step::Item(name) => {
                let Some(Kind::List { item, .. }) = kind else { return false };
                kind = Some(*item);
                let is_meant = |one: &&Value| walk::item_name(item, one).as_ref() == Some(name);
                value.as_array().and_then(|items| items.iter().find(is_meant))
            }
        };
        match next {
            Some(next) => value = next,
            None => return false,
        }
    }
    !value.is_null()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "interfaces:
- {name: eth1, type: ethernet, state: up, mac-address: 02:00:00:00:00:01,
   permanent-mac-address: 02:00:00:00:00:01, mtu: 1500}
- {name: br0, type: linux-bridge, state: up, mac-address: 02:00:00:00:00:01, mtu: 1500,
   bridge: {port: [{name: eth1}]}}";

    fn leaves(document: &str, steps: &[&str]) -> bool {
        let [document, host] = [document, HOST].map(|text| Document::parse(text).unwrap());
        let (name, keys) = steps.split_first().unwrap();
        let interface = Path::new().join("interfaces").join(lookup::item(name));
        let path = keys.iter().fold(interface, |path, key| path.join(*key));
        Held::of([&document], &host).leaves_to_host(&path)
    }

    #[test]
    fn the_host_decides_where_the_table_says_so_and_no_document_holds_a_value() {
        let vlan = "interfaces: [{name: eth1.10, type: vlan, vlan: {base-iface: eth1, id: 10}}]";
        for steps in [
            &["eth1", "mtu"][..],
            &["eth1", "mac-address"],
            &["eth1", "ethtool", "feature", "rx-lro"],
            &["eth1", "ethtool", "ring", "rx"],
            &["eth1", "ethernet", "speed"],
            &["eth1", "ipv6", "token"],
            &["br0", "mac-address"],
        ] {
            assert!(leaves(vlan, steps), "{steps:?}");
        }
        for steps in [
            &["eth1"][..],
            &["eth1", "state"],
            &["eth1", "ipv4", "address"],
            &["eth1", "description"],
            &["br0", "bridge", "port"],
            &["br0", "bridge", "options", "mac-ageing-time"],
        ] {
            assert!(!leaves(vlan, steps), "{steps:?}");
        }
    }

    #[test]
    fn what_a_document_gives_in_any_spelling_is_held() {
        let held = |entry: &str, steps: &[&str]| {
            assert!(!leaves(&format!("interfaces: [{entry}]"), steps), "{entry}");
        };
        held("{name: eth1, mtu: 1500}", &["eth1", "mtu"]);
        held(
            "{name: eth1, ethtool: {feature: {lro: true}}}",
            &["eth1", "ethtool", "feature", "rx-lro"],
        );
        held("{name: br0, type: linux-bridge, copy-mac-from: eth1}", &["br0", "mac-address"]);
        let by_address =
            "{name: lan, identifier: mac-address, mac-address: 02:00:00:00:00:01, mtu: 1400}";
        held(by_address, &["eth1", "mtu"]);
        let other = "interfaces: [{name: eth1, ethtool: {feature: {gro: true}}}]";
        assert!(leaves(other, &["eth1", "ethtool", "feature", "rx-lro"]));
        let absent = "interfaces: [{name: eth1, mtu: null}]";
        assert!(leaves(absent, &["eth1", "mtu"]));
    }
}
