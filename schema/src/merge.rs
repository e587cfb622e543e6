//! Several documents as one, so that a host is changed once for all of them.
//!
//! Documents may speak of the same interface as long as they do not contradict each other. A list
//! that must be exact can only come from one of them, or be the same in all. Values keep the
//! spelling of the first document that gives them.

use serde_json::{Map, Value};

use crate::canonical::{canonical_value, section_value};
use crate::document::Document;
use crate::keys::{Extras, Kind, Order, STATE, Section};
use crate::lookup;
use crate::path::Path;
use crate::walk;

/// Two documents that want different values for one key.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// Where they contradict each other.
    pub path: Path,
    /// What the earlier document wants.
    pub first: Value,
    /// What the later document wants.
    pub second: Value,
}

/// One document that says what all of them say.
///
/// # Errors
/// The first contradiction between two of them.
pub fn merge(documents: &[Document]) -> Result<Document, Box<Conflict>> {
    let (merged, conflicts) = merge_all(documents);
    match conflicts.into_iter().next() {
        Some(conflict) => Err(Box::new(conflict)),
        None => Ok(merged),
    }
}

/// All contradictions between documents.
pub(crate) fn conflicts(documents: &[Document]) -> Vec<Conflict> {
    merge_all(documents).1
}

fn merge_all(documents: &[Document]) -> (Document, Vec<Conflict>) {
    let (mut merged, mut conflicts) = (Map::new(), Vec::new());
    for document in documents {
        if let Value::Object(map) = document.as_value() {
            merge_section(&STATE, None, &mut merged, map, &Path::new(), &mut conflicts);
        }
    }
    (Document::from_tree(Value::Object(merged)), conflicts)
}

fn merge_section(
    section: &'static Section,
    outer: Option<&str>,
    merged: &mut Map<String, Value>,
    added: &Map<String, Value>,
    path: &Path,
    conflicts: &mut Vec<Conflict>,
) {
    let own_type = walk::interface_type(section, merged, outer)
        .or_else(|| walk::interface_type(section, added, outer))
        .map(str::to_owned);
    for (name, value) in added.iter().filter(|(_, value)| !value.is_null()) {
        let Some(key) = section.key_for(name, own_type.as_deref()) else {
            let kept = merged.entry(name.clone()).or_insert_with(|| value.clone());
            same(kept, value, kept == value, &path.join(name.as_str()), conflicts);
            continue;
        };
        let path = path.join(key.name);
        let is_additive =
            key.extras == Extras::Tolerated || std::ptr::eq(section, &raw const STATE);
        let kept =
            merged.entry(key.name).or_insert_with(|| empty_like(&key.kind, is_additive, value));
        merge_value(&key.kind, is_additive, own_type.as_deref(), kept, value, &path, conflicts);
    }
}

fn merge_value(
    kind: &Kind,
    is_additive: bool,
    interface_type: Option<&str>,
    kept: &mut Value,
    added: &Value,
    path: &Path,
    conflicts: &mut Vec<Conflict>,
) {
    match (kind, &mut *kept, added) {
        (Kind::Section(section), Value::Object(kept), Value::Object(added)) => {
            merge_section(section, interface_type, kept, added, path, conflicts);
        }
        (Kind::Map(kind), Value::Object(kept), Value::Object(added)) => {
            for (name, value) in added {
                let kept = kept.entry(name.clone()).or_insert_with(|| value.clone());
                let is_same = canonical_value(kind, kept) == canonical_value(kind, value);
                same(kept, value, is_same, &path.join(name.as_str()), conflicts);
            }
        }
        (
            Kind::List { item: Kind::Section(section), order: Order::Unordered },
            Value::Array(kept),
            Value::Array(added),
        ) if is_additive => merge_items(section, kept, added, path, conflicts),
        _ => {
            let is_same = canonical_value(kind, kept) == canonical_value(kind, added);
            same(kept, added, is_same, path, conflicts);
        }
    }
}

/// Adds the items that are not there yet; interfaces are merged key by key.
fn merge_items(
    section: &'static Section,
    kept: &mut Vec<Value>,
    added: &[Value],
    path: &Path,
    conflicts: &mut Vec<Conflict>,
) {
    let is_named = section.identity == ["name"];
    for item in added {
        let existing = kept.iter_mut().find(|kept| {
            if is_named {
                lookup::is_same_interface(kept, item)
            } else {
                section_value(section, None, kept) == section_value(section, None, item)
            }
        });
        let name = item.get("name").and_then(Value::as_str).unwrap_or_default();
        match (existing, item) {
            (Some(Value::Object(kept)), Value::Object(item)) if is_named => {
                let path = path.join(lookup::item(name));
                merge_section(section, None, kept, item, &path, conflicts);
            }
            (Some(_), _) => {}
            (None, Value::Object(item)) if is_named => {
                // Key by key as well, so that a second document finds each under its own name.
                let mut first = Map::new();
                let path = path.join(lookup::item(name));
                merge_section(section, None, &mut first, item, &path, conflicts);
                kept.push(Value::Object(first));
            }
            (None, _) => kept.push(item.clone()),
        }
    }
}

/// What the first document that has the key starts from. A list that must be exact is taken whole.
fn empty_like(kind: &Kind, is_additive: bool, value: &Value) -> Value {
    match (kind, value) {
        (Kind::Section(_), Value::Object(_)) => Value::Object(Map::new()),
        (Kind::List { item: Kind::Section(_), order: Order::Unordered }, Value::Array(_))
            if is_additive =>
        {
            Value::Array(Vec::new())
        }
        _ => value.clone(),
    }
}

fn same(first: &Value, second: &Value, is_same: bool, path: &Path, conflicts: &mut Vec<Conflict>) {
    if !is_same {
        let (first, second) = (first.clone(), second.clone());
        conflicts.push(Conflict { path: path.clone(), first, second });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn merged(documents: &[Value]) -> Result<Value, Box<Conflict>> {
        let documents: Vec<Document> =
            documents.iter().map(|value| Document::from_value(value.clone()).unwrap()).collect();
        merge(&documents).map(Document::into_value)
    }

    #[test]
    fn adds_interfaces_keys_routes_and_servers_together() {
        let result = merged(&[
            json!({"interfaces": [{"name": "eth1", "type": "ethernet", "mtu": 1500}],
                "routes": {"config": [{"destination": "0.0.0.0/0", "next-hop-interface": "eth1"}]},
                "dns-resolver": {"config": {"server": ["192.0.2.1"]}}}),
            json!({"interfaces": [{"name": "eth2", "state": "up"},
                    {"name": "eth1", "mtu": "1500", "ipv4": {"enabled": true}}],
                "routes": {"config": [
                    {"destination": "0.0.0.0/0", "next-hop-interface": "eth1", "table-id": 254},
                    {"destination": "198.51.100.0/24", "next-hop-interface": "eth1"}]},
                "dns-resolver": {"config": {"search": ["example.org"]}}}),
        ]);
        let expected = json!({
            "interfaces": [
                {"name": "eth1", "type": "ethernet", "mtu": 1500, "ipv4": {"enabled": true}},
                {"name": "eth2", "state": "up"}],
            "routes": {"config": [
                {"destination": "0.0.0.0/0", "next-hop-interface": "eth1"},
                {"destination": "198.51.100.0/24", "next-hop-interface": "eth1"}]},
            "dns-resolver": {"config": {"server": ["192.0.2.1"], "search": ["example.org"]}}});
        assert_eq!(result.unwrap(), expected);
    }

    #[test]
    fn keeps_a_bridge_and_its_interface_of_the_same_name_apart() {
        let result = merged(&[
            json!({"interfaces": [{"name": "br0", "type": "ovs-bridge", "state": "up"}]}),
            json!({"interfaces": [{"name": "br0", "type": "ovs-interface", "mtu": 9000}]}),
        ]);
        assert_eq!(result.unwrap()["interfaces"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn gives_each_key_and_each_interface_once() {
        let bond = |ports: &str| {
            let aggregation = json!({ports: ["a"]});
            json!({"name": "bond1", "type": "bond", "link-aggregation": aggregation})
        };
        let result = merged(&[
            json!({"interfaces": [bond("ports"), {"name": "bond1", "mtu": 1500}]}),
            json!({"interfaces": [bond("port")]}),
        ]);
        let expected = json!({"name": "bond1", "type": "bond",
            "link-aggregation": {"port": ["a"]}, "mtu": 1500});
        assert_eq!(result.unwrap(), json!({"interfaces": [expected]}));
    }

    #[test]
    fn what_was_merged_does_not_contradict_itself() {
        // `veth` is a key that the type of the second document does not have.
        let once = merged(&[
            json!({"interfaces": [{"name": "v"}, {"name": "v", "veth": {"other": null}}]}),
            json!({"interfaces": [{"name": "v", "type": "ethernet"}, {"type": "dummy"},
                {"name": null, "mtu": 1500}]}),
        ])
        .unwrap();
        assert_eq!(merged(&[once.clone(), once.clone()]), Ok(once));
    }

    #[test]
    fn names_both_values_of_a_contradiction() {
        let bond = |ports: Value, mode: &str| {
            json!({"interfaces": [{"name": "bond1", "type": "bond",
                "link-aggregation": {"mode": mode, "port": ports}}]})
        };
        assert!(
            merged(&[bond(json!(["b", "a"]), "4"), bond(json!(["a", "b"]), "802.3ad")]).is_ok()
        );
        let conflict = merged(&[bond(json!(["a"]), "4"), bond(json!(["b"]), "4")]).unwrap_err();
        assert_eq!(conflict.path.to_string(), "interfaces[bond1].link-aggregation.port");
        assert_eq!((conflict.first, conflict.second), (json!(["a"]), json!(["b"])));
        let dns = |server: &str| json!({"dns-resolver": {"config": {"server": [server]}}});
        let conflict = merged(&[dns("192.0.2.1"), dns("192.0.2.2")]).unwrap_err();
        assert_eq!(conflict.path.to_string(), "dns-resolver.config.server");
    }
}
