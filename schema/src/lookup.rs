//! Which interface of a host a document speaks of.
//!
//! A document may name an interface by its kernel name, by an alternative name, or by an
//! identifier such as its hardware address; the host always shows the kernel name.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::canonical::section_value;
use crate::document::Document;
use crate::keys::{INTERFACE, Kind, STATE, interface_type};
use crate::path::Step;
use crate::walk;

/// The step to an interface.
pub(crate) fn item(name: &str) -> Step {
    Step::Item(name.to_owned())
}

/// Whether an interface of this type is removed when it is absent.
pub(crate) fn is_virtual(type_name: &Value) -> bool {
    type_name.as_str().and_then(interface_type).is_some_and(|known| known.is_virtual)
}

/// The interface that `desired` describes, of those that the host has. Both are in normal form.
pub(crate) fn find_interface<'a>(
    current: &'a Document,
    desired: &Map<String, Value>,
) -> Option<&'a Map<String, Value>> {
    let interfaces = || current.interfaces().filter_map(Value::as_object);
    let named = interfaces().filter(|interface| interface.get("name") == desired.get("name"));
    find_among(current, named, desired)
}

/// The interfaces of a host by name, for whoever looks for many.
pub(crate) fn by_name(current: &Document) -> HashMap<&str, Vec<&Map<String, Value>>> {
    let mut index: HashMap<&str, Vec<_>> = HashMap::new();
    for interface in current.interfaces().filter_map(Value::as_object) {
        let name = interface.get("name").and_then(Value::as_str).unwrap_or_default();
        index.entry(name).or_default().push(interface);
    }
    index
}

/// [`find_interface`], with those of the desired name at hand.
pub(crate) fn find_among<'a>(
    current: &'a Document,
    named: impl Iterator<Item = &'a Map<String, Value>>,
    desired: &Map<String, Value>,
) -> Option<&'a Map<String, Value>> {
    let interfaces = || current.interfaces().filter_map(Value::as_object);
    let identifier = desired.get("identifier").and_then(Value::as_str).unwrap_or("name");
    match identifier {
        "mac-address" => {
            let address = desired.get("mac-address")?;
            let has =
                |interface: &&Map<String, Value>, key: &str| interface.get(key) == Some(address);
            interfaces()
                .find(|interface| has(interface, "permanent-mac-address"))
                .or_else(|| interfaces().find(|interface| has(interface, "mac-address")))
        }
        "pci-address" => {
            let address = desired.get("pci-address")?;
            interfaces().find(|interface| interface.get("pci-address") == Some(address))
        }
        _ => {
            let name = desired.get("name")?;
            let is_user_space = desired.get("type").map(is_user_space);
            named
                .filter(|interface| match is_user_space {
                    Some(true) => interface.get("type") == desired.get("type"),
                    Some(false) => !interface.get("type").is_some_and(self::is_user_space),
                    None => true,
                })
                .min_by_key(|interface| interface.get("type").is_some_and(self::is_user_space))
                .or_else(|| interfaces().find(|interface| has_alternative_name(interface, name)))
        }
    }
}

/// An interface that is found by an identifier keeps its kernel name, and the name that the
/// document gives becomes that of the profile.
pub(crate) fn resolve_identifier(desired: &mut Map<String, Value>) {
    let is_by_name = desired.get("identifier").is_none_or(|identifier| identifier == "name");
    if let (false, Some(name)) = (is_by_name, desired.get("name").cloned()) {
        desired.entry("profile-name").or_insert(name);
    }
}

/// The desired document with the kernel's name wherever it refers to an interface.
pub(crate) fn with_kernel_names(desired: &Document, current: &Document) -> Document {
    // A set, as a document may refer to each of thousands of interfaces.
    let known: HashSet<&str> =
        current.interfaces().filter_map(|interface| interface["name"].as_str()).collect();
    let rename = |name: &str| match known.contains(name) {
        true => None,
        false => kernel_name(name, desired, current),
    };
    let mut value = desired.as_value().clone();
    walk::rename_references(&Kind::Section(&STATE), None, &mut value, &rename);
    Document::from_tree(value)
}

/// Whether two entries describe one interface: a kernel interface and a user-space one may share
/// a name.
pub(crate) fn is_same_interface(a: &Value, b: &Value) -> bool {
    let places = [a, b].map(|interface| interface.get("type").map(is_user_space));
    a.get("name") == b.get("name")
        && match places {
            [Some(true), Some(true)] => a.get("type") == b.get("type"),
            [Some(a), Some(b)] => a == b,
            _ => true,
        }
}

/// Whether an interface is on top of the one with this name, such as a VLAN.
pub(crate) fn stands_on(interface: &Map<String, Value>, base: &Value) -> bool {
    let own = interface.get("type").and_then(Value::as_str).and_then(interface_type);
    let section = own.and_then(|own| interface.get(own.section?));
    section.and_then(|section| section.get("base-iface")) == Some(base)
}

/// The ports of a controller: names, or entries with a name, those of a bond inside a bridge
/// among them. Works on documents in any spelling.
pub(crate) fn ports(interface: &Value) -> Vec<String> {
    let Some(own) = interface.get("type").and_then(Value::as_str).and_then(interface_type) else {
        return Vec::new();
    };
    let Some(section) = own.section.filter(|_| own.is_controller) else { return Vec::new() };
    let Value::Object(map) = section_value(&INTERFACE, None, interface) else { return Vec::new() };
    let section = map.get(section).unwrap_or(&Value::Null);
    // The canonical form drops what is listed twice, which is of interest here.
    let as_written = interface.get(own.section.unwrap_or_default()).unwrap_or(section);
    let mut ports = Vec::new();
    for entry in ["port", "ports"].iter().filter_map(|key| as_written[*key].as_array()).flatten() {
        match entry["link-aggregation"]["port"].as_array() {
            Some(members) => ports.extend(members.iter().filter_map(port_name)),
            None => ports.extend(port_name(entry)),
        }
    }
    ports
        .extend(["port1", "port2", "interlink"].iter().filter_map(|key| port_name(&section[*key])));
    ports
}

fn port_name(entry: &Value) -> Option<String> {
    entry.as_str().or_else(|| entry.get("name")?.as_str()).map(str::to_owned)
}

/// The kernel's name of an interface that the host does not show by this one.
fn kernel_name(name: &str, desired: &Document, current: &Document) -> Option<String> {
    let by_identifier = desired.interface(name).and_then(Value::as_object);
    let wanted = Value::from(name);
    let interfaces = || current.interfaces().filter_map(Value::as_object);
    by_identifier
        .and_then(|desired| find_interface(current, desired))
        .or_else(|| interfaces().find(|interface| has_alternative_name(interface, &wanted)))
        .or_else(|| interfaces().find(|interface| interface.get("profile-name") == Some(&wanted)))
        .and_then(|interface| interface.get("name")?.as_str())
        .map(str::to_owned)
}

fn has_alternative_name(interface: &Map<String, Value>, name: &Value) -> bool {
    let names = interface.get("alt-names").and_then(Value::as_array);
    names.into_iter().flatten().any(|entry| entry.get("name") == Some(name))
}

/// Whether interfaces of this type are unknown to the kernel.
pub(crate) fn is_user_space(type_name: &Value) -> bool {
    type_name.as_str().and_then(interface_type).is_some_and(|known| known.is_user_space)
}
