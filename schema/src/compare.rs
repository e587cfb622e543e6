//! Whether a host is as desired, and if not, what differs.
//!
//! The rules are those by which nmstate verifies what it has applied, with three exceptions that
//! make the answer the one a user means: a list that is given is exact, a route's metric counts,
//! and so do the options of a bond. What a desired document leaves out is never compared.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::canonical::{canonical, canonical_value, is_masked, section_value};
use crate::document::Document;
use crate::keys::{Extras, Group, INTERFACE, Key, Kind, Order, STATE, Section};
use crate::lookup;
use crate::path::{Path, Step};
use crate::walk;

/// One value that is not as desired.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Where.
    pub path: Path,
    /// What was asked for; null when the value should not be there.
    pub desired: Value,
    /// What is there; none when nothing is.
    pub current: Option<Value>,
}

/// What of `desired` the host in state `current` lacks; empty when it is satisfied.
pub fn compare(desired: &Document, current: &Document) -> Vec<Difference> {
    let current = canonical(current);
    let desired = lookup::with_kernel_names(&canonical(desired), &current);
    let mut differences = Vec::new();
    let shown = lookup::Index::of(&current);
    for interface in desired.interfaces() {
        compare_interface(interface, &shown, &mut differences);
    }
    if let (Value::Object(mut rest), Value::Object(current)) =
        (desired.into_value(), current.into_value())
    {
        rest.shift_remove("interfaces");
        Comparison { interface_type: None, differences: &mut differences }.section(
            &STATE,
            &rest,
            &current,
            &Path::new(),
        );
    }
    differences
}

/// [`compare`] for one section; `interface_type` chooses among the keys of an interface, and paths
/// start at the section.
pub fn compare_section(
    section: &'static Section,
    interface_type: Option<&str>,
    desired: &Value,
    current: &Value,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    let desired = section_value(section, interface_type, desired);
    let current = section_value(section, interface_type, current);
    if let Value::Object(desired) = &desired {
        Comparison { interface_type, differences: &mut differences }.section(
            section,
            desired,
            current.as_object().unwrap_or(&Map::new()),
            &Path::new(),
        );
    }
    differences
}

/// [`compare`] for one entry and what a host has of it, with the names of the entry; paths start at the
/// entry.
pub fn compare_entry(section: &'static Section, desired: &Value, found: &Value) -> Vec<Difference> {
    if !std::ptr::eq(section, &raw const INTERFACE) {
        return compare_section(section, None, desired, found);
    }
    let [desired, found] = [desired, found].map(|one| section_value(section, None, one));
    let mut differences = Vec::new();
    if let (Value::Object(desired), Value::Object(found)) = (desired, found) {
        compare_found(&desired, &found, None, &Path::new(), &mut differences);
    }
    differences
}

/// Whether a value is as desired.
pub fn is_so(kind: &Kind, desired: &Value, current: &Value) -> bool {
    let [desired, current] = [desired, current].map(|value| canonical_value(kind, value));
    let mut differences = Vec::new();
    Comparison { interface_type: None, differences: &mut differences }.value(
        kind,
        true,
        &desired,
        Some(&current),
        &Path::new(),
    );
    differences.is_empty()
}

/// Whether an interface is not as desired; both in normal form, with the kernel's names.
pub(crate) fn differs(desired: &Value, current: &lookup::Index<'_>) -> bool {
    let mut differences = Vec::new();
    compare_interface(desired, current, &mut differences);
    !differences.is_empty()
}

/// Whether sections of a document that a host has once are not as desired; both in normal form.
pub(crate) fn differs_in_settings(desired: &Value, current: &Map<String, Value>) -> bool {
    let mut differences = Vec::new();
    if let Value::Object(desired) = desired {
        Comparison { interface_type: None, differences: &mut differences }.section(
            &STATE,
            desired,
            current,
            &Path::new(),
        );
    }
    !differences.is_empty()
}

/// Whether a difference is only that a NIC whose removal is desired is still there. nmstate does
/// not verify this: the link stays, and NetworkManager may bring it up with a profile of its own.
pub fn is_remaining_nic(difference: &Difference, current: &Document) -> bool {
    let [Step::Key(list), Step::Item(name), Step::Key(key)] = difference.path.steps() else {
        return false;
    };
    list == "interfaces"
        && key == "state"
        && difference.desired == "absent"
        && current.interface(name).and_then(Value::as_object).is_some_and(is_nic)
}

/// The hardware interfaces of `current` whose removal is desired. What is removed of them is their
/// configuration.
pub fn removed_hardware(desired: &Document, current: &Document) -> Vec<String> {
    let removed = desired.interfaces().filter(|interface| interface["state"] == "absent");
    let current = lookup::Index::of(current);
    let found = removed.filter_map(Value::as_object).filter_map(|interface| {
        current.find(interface).filter(|found| !found.get("type").is_none_or(lookup::is_virtual))
    });
    found.filter_map(|found| Some(found.get("name")?.as_str()?.to_owned())).collect()
}

/// A veth counts: one end cannot be told from hardware when the other is elsewhere.
fn is_nic(interface: &Map<String, Value>) -> bool {
    let of_type = interface.get("type");
    of_type.is_some_and(|of_type| of_type == "veth" || !lookup::is_virtual(of_type))
}

/// Whether an interface is as desired. Its state decides whether its settings matter at all.
fn compare_interface(
    desired: &Value,
    current: &lookup::Index<'_>,
    differences: &mut Vec<Difference>,
) {
    let Value::Object(desired) = desired else { return };
    let name = desired.get("name").and_then(Value::as_str).unwrap_or_default();
    let path = Path::new().join("interfaces").join(lookup::item(name));
    let Some(found) = current.find(desired) else {
        let is_satisfied = match desired.get("state").and_then(Value::as_str) {
            Some("ignore" | "absent") => true,
            Some("down") => desired.get("type").is_some_and(lookup::is_virtual),
            _ => false,
        };
        if !is_satisfied {
            let desired = Value::Object(desired.clone());
            differences.push(Difference { path, desired, current: None });
        }
        return;
    };
    compare_found(desired, found, Some(current), &path, differences);
}

/// Whether an interface that is there is as desired.
fn compare_found(
    desired: &Map<String, Value>,
    found: &Map<String, Value>,
    host: Option<&lookup::Index<'_>>,
    path: &Path,
    differences: &mut Vec<Difference>,
) {
    let state = desired.get("state").and_then(Value::as_str).unwrap_or("up");
    let found_state = found.get("state").and_then(Value::as_str).unwrap_or("up");
    let is_satisfied = match state {
        "ignore" => return,
        // A NIC stays: all that can be removed is its configuration, with which nmstate shows the
        // identifier.
        "absent" => is_nic(found) && found_state != "up" && !found.contains_key("identifier"),
        "down" => found_state != "up",
        _ => found_state == "up",
    };
    if !is_satisfied {
        differences.push(Difference {
            path: path.join("state"),
            desired: state.into(),
            current: Some(found_state.into()),
        });
    }
    if matches!(state, "absent" | "down") {
        return;
    }
    let mut desired = desired.clone();
    lookup::resolve_identifier(&mut desired);
    compare_type(&desired, found, path, differences);
    match host {
        Some(host) => lookup::resolve_copied_address(&mut desired, host),
        // Nothing here tells the address of the other, which counts in place of its own.
        None if desired.contains_key("copy-mac-from") => {
            desired.shift_remove("mac-address");
        }
        None => {}
    }
    crate::keys::without_ineffective(&mut desired, found);
    // What the interface is found by is not compared once it is found.
    for key in lookup::FOUND_BY {
        desired.shift_remove(key);
    }
    let interface_type = found.get("type").and_then(Value::as_str);
    Comparison { interface_type, differences }.section(&INTERFACE, &desired, found, path);
}

fn compare_type(
    desired: &Map<String, Value>,
    found: &Map<String, Value>,
    path: &Path,
    differences: &mut Vec<Difference>,
) {
    let (desired, current) = (desired.get("type"), found.get("type"));
    let texts = (desired.and_then(Value::as_str), current.and_then(Value::as_str));
    if let (Some(desired), Some(current)) = texts
        && !crate::keys::is_same_type(desired, current)
    {
        differences.push(Difference {
            path: path.join("type"),
            desired: desired.into(),
            current: Some(current.into()),
        });
    }
}

/// One walk over a desired tree and a current one, both in normal form.
struct Comparison<'a> {
    interface_type: Option<&'a str>,
    differences: &'a mut Vec<Difference>,
}

impl Comparison<'_> {
    fn section(
        &mut self,
        section: &'static Section,
        desired: &Map<String, Value>,
        current: &Map<String, Value>,
        path: &Path,
    ) {
        let mut expected = desired.clone();
        for name in section.inherits {
            if let (None, Some(value)) = (desired.get(*name), current.get(*name)) {
                expected.insert((*name).to_owned(), value.clone());
            }
        }
        if let Some(reduce) = section.expected {
            reduce(&mut expected);
        }
        for (name, desired) in &expected {
            let path = path.join(name.as_str());
            match section.key_for(name, self.interface_type) {
                Some(key) if key.is_compared() => {
                    let current = effective(key, current);
                    let is_exact = match key.extras {
                        Extras::Differ => true,
                        Extras::Tolerated => false,
                        Extras::ToleratedIf(switch) => expected.get(switch) != Some(&true.into()),
                    };
                    let is_unknown_secret =
                        key.sensitive && current.as_ref().is_some_and(is_masked);
                    if !is_unknown_secret {
                        self.value(&key.kind, is_exact, desired, current.as_ref(), &path);
                    }
                }
                Some(_) => {}
                None => self.scalar(desired, current.get(name), &path),
            }
        }
    }

    fn value(
        &mut self,
        kind: &Kind,
        is_exact: bool,
        desired: &Value,
        current: Option<&Value>,
        path: &Path,
    ) {
        match (kind, desired) {
            (Kind::Section(section), Value::Object(map)) if map.is_empty() => {
                if section.empty_resets && current.is_some_and(has_content) {
                    self.differ(desired, current, path);
                }
            }
            (Kind::Section(section), Value::Object(map)) => {
                let none = Map::new();
                let current = current.and_then(Value::as_object).unwrap_or(&none);
                self.section(section, map, current, path);
            }
            (
                Kind::List { item: Kind::Section(section), order: Order::Unordered },
                Value::Array(items),
            ) if !section.identity.is_empty() => {
                let current = current.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                self.items(section, is_exact, items, current, path);
            }
            (Kind::List { .. }, Value::Array(items)) => {
                let found = current.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                let is_satisfied =
                    items == found || (!is_exact && items.iter().all(|item| found.contains(item)));
                if !is_satisfied {
                    self.differ(desired, current, path);
                }
            }
            (Kind::Map(_), Value::Object(map)) => {
                for (name, desired) in map {
                    let current = current.and_then(|current| current.get(name));
                    let path = path.join(name.as_str());
                    // A null value asks for the key to be removed.
                    if !(desired.is_null() && current.is_none()) {
                        self.scalar(desired, current, &path);
                    }
                }
            }
            _ => self.scalar(desired, current, path),
        }
    }

    /// Items of an unordered list are matched by the parts of their identity that are given; of
    /// several that match, the one that differs least is the one that was meant.
    fn items(
        &mut self,
        section: &'static Section,
        is_exact: bool,
        desired: &[Value],
        current: &[Value],
        path: &Path,
    ) {
        let kind = Kind::Section(section);
        let mut is_expected = vec![false; current.len()];
        let mut ranks: Vec<(&Map<String, Value>, usize)> = Vec::new();
        for (index, item) in desired.iter().enumerate() {
            let Value::Object(map) = item else { continue };
            let own = path.join(walk::item_step(&kind, item, index));
            match map.get("state").and_then(Value::as_str) {
                Some("ignore") => continue,
                Some("absent") => {
                    // Replacing a route is its removal and its new form in one document; the
                    // new form may be what the removal speaks of too.
                    let left_over = current.iter().filter(|found| {
                        is_meant_by(section, map, found)
                            && !desired.iter().any(|item| self.is_satisfied(section, item, found))
                    });
                    for found in left_over.collect::<Vec<_>>() {
                        self.differ(item, Some(found), &own);
                    }
                    continue;
                }
                _ => {}
            }
            let mut closest: Option<Vec<Difference>> = None;
            for (position, (found, is_expected)) in current.iter().zip(&mut is_expected).enumerate()
            {
                let Value::Object(found) = found else { continue };
                if !section.identity.iter().all(|name| is_same(section, name, map, found)) {
                    continue;
                }
                *is_expected = true;
                ranks.push((map, position));
                let mut differences = Vec::new();
                Comparison { interface_type: self.interface_type, differences: &mut differences }
                    .section(section, map, found, &own);
                if closest.as_ref().is_none_or(|closest| differences.len() < closest.len()) {
                    closest = Some(differences);
                }
            }
            match closest {
                Some(differences) => self.differences.extend(differences),
                None => self.differ(item, None, &own),
            }
        }
        if section.ranked.is_some_and(|group| is_out_of_order(&ranks, group)) {
            self.differ(&desired.into(), Some(&current.into()), path);
        }
        if is_exact {
            let unexpected = current.iter().zip(is_expected).enumerate();
            for (index, (found, _)) in unexpected.filter(|(_, (_, is_expected))| !is_expected) {
                let path = path.join(walk::item_step(&kind, found, index));
                self.differ(&Value::Null, Some(found), &path);
            }
        }
    }

    /// Whether `found` is just what an item that is not an absence asks for.
    fn is_satisfied(&self, section: &'static Section, item: &Value, found: &Value) -> bool {
        let (Value::Object(item), Value::Object(found)) = (item, found) else { return false };
        if item.contains_key("state") {
            return false;
        }
        let mut differences = Vec::new();
        Comparison { interface_type: self.interface_type, differences: &mut differences }.section(
            section,
            item,
            found,
            &Path::new(),
        );
        differences.is_empty()
    }

    fn scalar(&mut self, desired: &Value, current: Option<&Value>, path: &Path) {
        if Some(desired) != current {
            self.differ(desired, current, path);
        }
    }

    fn differ(&mut self, desired: &Value, current: Option<&Value>, path: &Path) {
        self.differences.push(Difference {
            path: path.clone(),
            desired: desired.clone(),
            current: current.cloned(),
        });
    }
}

/// True if the first item of a group is not the first there; each comes with its position on the host.
fn is_out_of_order(ranks: &[(&Map<String, Value>, usize)], group: Group) -> bool {
    let mut first: HashMap<String, usize> = HashMap::new();
    let mut pairs = ranks.iter();
    pairs.any(|(item, position)| *first.entry(group(item)).or_insert(*position) > *position)
}

/// Whether an entry with `state: absent` speaks of `found`: all that it gives is so. An empty
/// string asks for the key not to be there.
pub(crate) fn is_meant_by(
    section: &'static Section,
    absent: &Map<String, Value>,
    found: &Value,
) -> bool {
    let Value::Object(found) = found else { return false };
    absent.iter().filter(|(name, _)| *name != "state").all(|(name, value)| {
        is_same(section, name, absent, found)
            || (value == "" && found.get(name).is_none_or(|found| found == ""))
    })
}

/// Whether the current section has the desired value of a key, or none is desired.
fn is_same(
    section: &'static Section,
    name: &str,
    desired: &Map<String, Value>,
    current: &Map<String, Value>,
) -> bool {
    let Some(desired) = desired.get(name) else { return true };
    let current = match section.key(name) {
        Some(key) => effective(key, current),
        None => current.get(name).cloned(),
    };
    current.as_ref() == Some(desired)
}

/// The value of a key, or what it means that there is none.
fn effective(key: &Key, section: &Map<String, Value>) -> Option<Value> {
    section.get(key.name).cloned().or_else(|| {
        let default = key.default?.value(section);
        Some(canonical_value(&key.kind, &default))
    })
}

pub(crate) fn has_content(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => map.values().any(has_content),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}
