//! Which interface of a host a document speaks of.
//!
//! A document may name an interface by its kernel name, by an alternative name, or by an
//! identifier such as its hardware address; the host always shows the kernel name.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::canonical::{canonical, section_value};
use crate::document::Document;
use crate::keys::{INTERFACE, Kind, STATE, Section, interface_type};
use crate::path::Step;
use crate::walk;

/// The keys that an interface is found by, and what it is.
pub(crate) const FOUND_BY: [&str; 4] = ["name", "type", "state", "identifier"];

/// The step to an interface.
pub(crate) fn item(name: &str) -> Step {
    Step::Item(name.to_owned())
}

/// Whether an interface of this type is removed when it is absent.
pub(crate) fn is_virtual(type_name: &Value) -> bool {
    type_name.as_str().and_then(interface_type).is_some_and(|known| known.is_virtual)
}

/// Whether nmstate makes an interface of an entry where there is none.
pub fn can_be_made(interface: &Value) -> bool {
    match interface.get("type") {
        // Without its other end it is nmstate's name for a card that is one in a namespace.
        Some(of_type) if of_type == "veth" => interface.pointer("/veth/peer").is_some(),
        // A partition of an InfiniBand card, unlike the card.
        Some(of_type) if of_type == "infiniband" => {
            interface.pointer("/infiniband/base-iface").is_some()
        }
        of_type => of_type.is_some_and(is_virtual),
    }
}

/// The interfaces of a document by what they are called, so that finding each of many takes no
/// look at all of them.
pub(crate) struct Index<'a> {
    all: Vec<&'a Map<String, Value>>,
    /// One name may be that of an interface in the kernel and of some outside.
    by_name: HashMap<&'a str, Vec<&'a Map<String, Value>>>,
    by_alternative_name: HashMap<&'a str, &'a Map<String, Value>>,
    by_profile: HashMap<&'a str, &'a Map<String, Value>>,
}

impl<'a> Index<'a> {
    /// Of a document in normal form.
    pub(crate) fn of(document: &'a Document) -> Index<'a> {
        let all: Vec<_> = document.interfaces().filter_map(Value::as_object).collect();
        let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
        let mut by_alternative_name = HashMap::new();
        let mut by_profile = HashMap::new();
        for interface in &all {
            let text = |key: &str| interface.get(key).and_then(Value::as_str);
            if let Some(name) = text("name") {
                by_name.entry(name).or_default().push(*interface);
            }
            if let Some(profile) = text("profile-name") {
                by_profile.entry(profile).or_insert(*interface);
            }
            let names = interface.get("alt-names").and_then(Value::as_array);
            for name in names.into_iter().flatten().filter_map(|entry| entry.get("name")?.as_str())
            {
                by_alternative_name.entry(name).or_insert(*interface);
            }
        }
        Index { all, by_name, by_alternative_name, by_profile }
    }

    /// The interfaces of this name.
    pub(crate) fn named(&self, name: &str) -> &[&'a Map<String, Value>] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// The interface that `desired` describes, of those that are here. Both are in normal form.
    pub(crate) fn find(&self, desired: &Map<String, Value>) -> Option<&'a Map<String, Value>> {
        let identifier = desired.get("identifier").and_then(Value::as_str).unwrap_or("name");
        let having = |key: &str, value: &Value| {
            self.all.iter().copied().find(|interface| interface.get(key) == Some(value))
        };
        match identifier {
            "mac-address" => {
                let address = desired.get("mac-address")?;
                having("permanent-mac-address", address).or_else(|| having("mac-address", address))
            }
            "pci-address" => having("pci-address", desired.get("pci-address")?),
            _ => {
                let name = desired.get("name")?.as_str()?;
                let is_user_space = desired.get("type").map(is_user_space);
                self.named(name)
                    .iter()
                    .copied()
                    .filter(|interface| match is_user_space {
                        Some(true) => interface.get("type") == desired.get("type"),
                        Some(false) => !interface.get("type").is_some_and(self::is_user_space),
                        None => true,
                    })
                    .min_by_key(|interface| interface.get("type").is_some_and(self::is_user_space))
                    .or_else(|| self.by_alternative_name.get(name).copied())
            }
        }
    }

    /// The name in the kernel of an interface that `desired` calls `name`, if that is another one.
    fn kernel_name(&self, name: &str, desired: &Index<'_>) -> Option<String> {
        if !self.named(name).is_empty() {
            return None;
        }
        let by_identifier = desired.named(name).first();
        by_identifier
            .and_then(|desired| self.find(desired))
            .or_else(|| self.by_alternative_name.get(name).copied())
            .or_else(|| self.by_profile.get(name).copied())
            .and_then(|interface| interface.get("name")?.as_str())
            .map(str::to_owned)
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

/// An interface that copies the hardware address of another is to have the one that came with the
/// other's card, or else the one that the other has.
pub(crate) fn resolve_copied_address(desired: &mut Map<String, Value>, current: &Index<'_>) {
    let source = desired.get("copy-mac-from").and_then(Value::as_str);
    let address = source.and_then(|name| current.named(name).first()).and_then(|source| {
        ["permanent-mac-address", "mac-address"]
            .iter()
            .filter_map(|key| source.get(*key))
            .find(|address| address.as_str().is_some_and(|address| !address.is_empty()))
    });
    if let Some(address) = address.cloned() {
        desired.insert("mac-address".to_owned(), address);
    }
}

/// The desired document with the kernel's name wherever it refers to an interface.
pub(crate) fn with_kernel_names(desired: &Document, current: &Document) -> Document {
    referring(desired, &Index::of(current))
}

fn referring(desired: &Document, shown: &Index<'_>) -> Document {
    let indexed = Index::of(desired);
    let rename = |name: &str| shown.kernel_name(name, &indexed);
    let mut value = desired.as_value().clone();
    walk::rename_references(&Kind::Section(&STATE), None, &mut value, &rename);
    Document::from_tree(value)
}

/// A document in normal form with the names that the kernel of a host gives to the interfaces that it
/// describes or refers to.
#[must_use]
pub fn kernel_named(document: &Document, host: &Document) -> Document {
    with_own_names(&canonical(document), &Index::of(&canonical(host)))
}

/// The same as [`with_kernel_names`], with that of each interface that the document describes, too.
pub(crate) fn with_own_names(desired: &Document, shown: &Index<'_>) -> Document {
    let mut value = referring(desired, shown).into_value();
    let interfaces = value.get_mut("interfaces").and_then(Value::as_array_mut);
    for interface in interfaces.into_iter().flatten().filter_map(Value::as_object_mut) {
        if let Some(own) = shown.find(interface).and_then(|found| found.get("name")) {
            interface.insert("name".to_owned(), own.clone());
        }
    }
    Document::from_tree(value)
}

/// The interface of a host in normal form that an entry describes: by its name, an alternative one, or
/// what its `identifier` says.
///
/// The entry may have any spelling; a key that is null is one that is not given.
pub fn find_interface<'a>(host: &'a Document, entry: &Value) -> Option<&'a Value> {
    let Value::Object(entry) = section_value(&INTERFACE, None, entry) else { return None };
    let name = Index::of(host).find(&entry)?.get("name")?;
    let of_type = entry.get("type");
    let is_meant = |one: &&Value| {
        let is_alike = |of_type: &Value| is_user_space(of_type) == is_user_space(&one["type"]);
        one.get("name") == Some(name) && of_type.is_none_or(is_alike)
    };
    host.interfaces().find(is_meant)
}

/// The names by which an entry calls other interfaces of a host, where they are not the kernel's.
pub struct Aliases {
    section: &'static Section,
    /// The name in the entry, and the kernel's.
    names: Vec<(String, String)>,
}

impl Aliases {
    /// Those of an entry of this section, on a host in normal form.
    pub fn of(section: &'static Section, entry: &Value, host: &Document) -> Aliases {
        let said = RefCell::new(Vec::new());
        let note = |name: &str| {
            said.borrow_mut().push(name.to_owned());
            None
        };
        walk::rename_references(&Kind::Section(section), None, &mut entry.clone(), &note);
        let mut unknown = said.into_inner();
        unknown.retain(|name| !name.is_empty() && host.interface(name).is_none());
        if unknown.is_empty() {
            return Aliases { section, names: Vec::new() };
        }
        let (nothing, index) = (Document::default(), Index::of(host));
        let nothing = Index::of(&nothing);
        let kernel = |name: String| Some((index.kernel_name(&name, &nothing)?, name));
        let names = unknown.into_iter().filter_map(kernel).map(|(own, said)| (said, own));
        Aliases { section, names: names.collect() }
    }

    /// The entry with the kernel's names.
    pub fn resolved(&self, entry: &Value) -> Value {
        let own = |name: &str| self.names.iter().find(|(said, _)| said == name);
        self.renamed(entry, &|name| own(name).map(|(_, own)| own.clone()))
    }

    /// What a host shows, with the names of the entry.
    pub fn spelled(&self, found: &Value) -> Value {
        let said = |name: &str| self.names.iter().find(|(_, own)| own == name);
        self.renamed(found, &|name| said(name).map(|(said, _)| said.clone()))
    }

    fn renamed(&self, entry: &Value, rename: &dyn Fn(&str) -> Option<String>) -> Value {
        let mut entry = entry.clone();
        if !self.names.is_empty() {
            walk::rename_references(&Kind::Section(self.section), None, &mut entry, rename);
        }
        entry
    }
}

/// The names of a host's interfaces, for many documents that are about it.
#[derive(Debug)]
pub(crate) struct Names {
    kernel: HashSet<String>,
    /// The names in the kernel by alternative names and those of profiles.
    others: HashMap<String, String>,
}

impl Names {
    /// Of a host in normal form.
    pub(crate) fn of(host: &Document) -> Names {
        let index = Index::of(host);
        let own = |interface: &Map<String, Value>| {
            interface.get("name").and_then(Value::as_str).map(str::to_owned)
        };
        let by_name = index.by_profile.iter().chain(&index.by_alternative_name);
        Names {
            kernel: index.by_name.keys().map(|name| (*name).to_owned()).collect(),
            others: by_name
                .filter_map(|(name, one)| Some(((*name).to_owned(), own(one)?)))
                .collect(),
        }
    }

    /// The document with the kernel's name wherever it speaks of an interface of the host.
    pub(crate) fn applied_to(&self, document: &Document, host: &Document) -> Document {
        let is_by_name = |one: &Value| one.get("identifier").is_none_or(|how| how == "name");
        let by_identifier: HashMap<String, String> = if document.interfaces().all(is_by_name) {
            HashMap::new()
        } else {
            let index = Index::of(host);
            let own = document.interfaces().filter(|one| !is_by_name(one));
            own.filter_map(|one| {
                let found = index.find(one.as_object()?)?;
                let [said, name] = [one.get("name"), found.get("name")].map(|name| name?.as_str());
                Some((said?.to_owned(), name?.to_owned()))
            })
            .collect()
        };
        let rename = |name: &str| match by_identifier.get(name) {
            Some(found) => Some(found.clone()),
            None if self.kernel.contains(name) => None,
            None => self.others.get(name).cloned(),
        };
        let mut value = document.as_value().clone();
        walk::rename_references(&Kind::Section(&STATE), None, &mut value, &rename);
        let interfaces = value.get_mut("interfaces").and_then(Value::as_array_mut);
        for own in interfaces.into_iter().flatten().filter_map(|one| one.get_mut("name")) {
            if let Some(found) = own.as_str().and_then(rename) {
                *own = found.into();
            }
        }
        Document::from_tree(value)
    }
}

/// Whether two entries describe one interface: a kernel interface and a user-space one may share
/// a name.
pub(crate) fn is_same_interface(a: &Value, b: &Value) -> bool {
    // A key that is null is one that is not given.
    let both = |key: &str| [a, b].map(|one| one.get(key).filter(|value| !value.is_null()));
    let [names, types] = ["name", "type"].map(both);
    names[0] == names[1]
        && match types.map(|own| own.map(is_user_space)) {
            [Some(true), Some(true)] => types[0] == types[1],
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

/// The ports that a controller of a host has, and NetworkManager has made them that.
pub(crate) fn managed_ports<'a>(
    controller: &'a str,
    host: &'a Document,
) -> impl Iterator<Item = &'a str> {
    let has = |one: &Value, key: &str, text: &str| one.get(key).is_some_and(|value| value == text);
    let ports = host.interfaces().filter(move |one| has(one, "controller", controller));
    ports.filter(move |one| has(one, "state", "up")).filter_map(|one| one["name"].as_str())
}

fn port_name(entry: &Value) -> Option<String> {
    entry.as_str().or_else(|| entry.get("name")?.as_str()).map(str::to_owned)
}

/// Whether interfaces of this type are unknown to the kernel.
pub(crate) fn is_user_space(type_name: &Value) -> bool {
    type_name.as_str().and_then(interface_type).is_some_and(|known| known.is_user_space)
}
