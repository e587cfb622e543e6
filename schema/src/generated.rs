//! Entries, and hosts that they were applied to, by the thousand, for property tests: made from the
//! key table, in every spelling, with what others have on the host beside them.
//!
//! - [`things`]: what there are entries of; [`Case`]: an entry and the hosts that it meets
//! - [`section`]: a section with any of its keys
//! - [`failures`]: the cases in which something does not hold, as small as they get

mod run;
mod spelling;
mod tree;
mod values;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

pub use self::run::{cases, failures};
pub use self::spelling::{own_names, respelled};
pub use self::tree::{leaves, overlay, put};
pub use self::values::{CARDS, number, section};
use crate::canonical::section_value;
use crate::document::Document;
use crate::keys::{
    DNS_CLIENT, HOSTNAME, INTERFACE, Key, Kind, OVN_BRIDGE_MAPPING, OVS_DB, ROUTE, ROUTE_RULE,
    Section, interface_types, without_ineffective,
};
use crate::validate::validate;
use crate::walk;

/// A kind of entries of a host: interfaces of a type, routes, the DNS resolver.
#[derive(Debug, Clone, Copy)]
pub struct Thing {
    /// The keys of the entry.
    pub section: &'static Section,
    /// The type of an interface.
    pub of_type: Option<&'static str>,
    /// The keys on the way to the entry in a document.
    way: &'static [&'static str],
    /// True if a host has many of them.
    is_listed: bool,
}

/// All of them.
#[must_use]
pub fn things() -> Vec<Thing> {
    let one = |section, way, is_listed| Thing { section, of_type: None, way, is_listed };
    let interfaces = interface_types().iter().map(|of_type| Thing {
        of_type: Some(of_type.name),
        ..one(&INTERFACE, &["interfaces"], true)
    });
    let rest = [
        one(&ROUTE, &["routes", "config"], true),
        one(&ROUTE_RULE, &["route-rules", "config"], true),
        one(&DNS_CLIENT, &["dns-resolver", "config"], false),
        one(&HOSTNAME, &["hostname"], false),
        one(&OVS_DB, &["ovs-db"], false),
        one(&OVN_BRIDGE_MAPPING, &["ovn", "bridge-mappings"], true),
    ];
    interfaces.chain(rest).collect()
}

/// An entry and the hosts that it meets.
#[derive(Debug, Clone)]
pub struct Case {
    /// The entry as it is declared, with the names of keys that the table has.
    pub declared: Value,
    /// The same in another spelling.
    pub respelled: Value,
    /// Another one of the same name.
    pub changed: Value,
    /// The host that the entry was applied to.
    pub host: Document,
    /// The same after somebody changed it by hand.
    pub by_hand: Document,
}

/// A change of a value by hand.
#[derive(Debug, Clone, Copy)]
enum Touch {
    Set,
    Remove,
    Append,
}

type Touches = Vec<(Index, Touch)>;

impl Thing {
    /// The document of an entry.
    #[must_use]
    pub fn document(&self, entry: &Value) -> Value {
        let inner = if self.is_listed { json!([entry]) } else { entry.clone() };
        self.way.iter().rev().fold(inner, |inner, key| json!({ *key: inner }))
    }

    /// Cases of the thing.
    pub fn cases(self) -> impl Strategy<Value = Case> {
        let entry = move || section(self.section, self.of_type, is_generated);
        let touches = || vec((any::<Index>(), touch()), 0..4);
        let all = (entry(), entry(), entry(), touches(), touches(), any::<u64>(), 0..8_u8);
        all.prop_filter_map("not valid", move |made| self.case(made))
    }

    fn case(&self, made: (Value, Value, Value, Touches, Touches, u64, u8)) -> Option<Case> {
        let (declared, base, other, touches, changes, seed, called) = made;
        let [declared, base, other] = [declared, base, other].map(|entry| self.whole(&entry));
        let declared = self.valid(&self.called(&declared, called))?;
        let respelled = respelled(self.section, &declared, seed);
        let changed = touched(&declared, &other, &changes);
        let changed = self.valid(&changed).filter(|changed| self.is_same_thing(&declared, changed));
        let shown = self.applied(&declared, &base);
        let host = self.host(shown.clone());
        let by_hand = touched(&shown, &self.normal(&other), &touches);
        let by_hand = if self.is_same_thing(&shown, &by_hand) { by_hand } else { shown };
        Some(Case {
            respelled,
            changed: changed.unwrap_or_else(|| declared.clone()),
            declared,
            host,
            by_hand: self.host(self.shown(by_hand)),
        })
    }

    /// An entry with what makes it one of its kind.
    fn whole(&self, entry: &Value) -> Value {
        let mut entry = own_names(self.section, self.of_type, entry);
        if let Some(of_type) = self.of_type {
            let name = if of_type == "loopback" { "lo" } else { SUBJECT };
            for (key, value) in [("name", name), ("type", of_type), ("state", "up")] {
                entry[key] = value.into();
            }
        }
        let fill: &[(&str, &str)] = match self.section.name {
            "route" if entry.get("route-type").is_none() => {
                &[("destination", "198.51.100.0/24"), ("next-hop-interface", CARDS[0])]
            }
            "route" => &[("destination", "198.51.100.0/24")],
            "route rule" if entry.get("ip-from").or(entry.get("ip-to")).is_none() => {
                &[("family", "ipv4")]
            }
            "OVN bridge mapping" => &[("bridge", "br9")],
            _ => &[],
        };
        for (key, value) in fill {
            if entry.get(*key).is_none_or(|value| value == "") {
                entry[*key] = (*value).into();
            }
        }
        entry
    }

    /// An entry that calls its interface, or others, by another of their names.
    fn called(&self, entry: &Value, called: u8) -> Value {
        let mut entry = entry.clone();
        let is_interface = self.of_type.is_some_and(|of_type| of_type != "loopback");
        match called {
            0 if is_interface => entry["name"] = FURTHER_NAME.into(),
            1 if is_interface && entry.get("mac-address").is_some() => {
                entry["name"] = NAME_BY_ADDRESS.into();
                entry["identifier"] = "mac-address".into();
            }
            2 => {
                let further =
                    |name: &str| CARDS.contains(&name).then(|| format!("{name}{FURTHER}"));
                let kind = &Kind::Section(self.section);
                walk::rename_references(kind, None, &mut entry, &further);
            }
            3 if is_interface => put(&mut entry, &["state".to_owned()], None),
            4 if is_interface => entry["state"] = "down".into(),
            _ => {}
        }
        entry
    }

    /// The entry without what validation finds wrong; none where nothing valid is left.
    fn valid(&self, entry: &Value) -> Option<Value> {
        let mut entry = entry.clone();
        for _ in 0..40 {
            let document = Document::from_value(self.document(&entry)).ok()?;
            let findings = validate(&document);
            let Some(finding) = findings.first() else { return Some(entry) };
            let within = self.way.len() + usize::from(self.is_listed);
            let steps = finding.path.steps().get(within..).filter(|steps| !steps.is_empty())?;
            if !tree::remove(&Kind::Section(self.section), &mut entry, steps) {
                return None;
            }
        }
        None
    }

    fn normal(&self, entry: &Value) -> Value {
        section_value(self.section, self.of_type, entry)
    }

    /// True if the values that the entry is found by stay.
    fn is_same_thing(&self, one: &Value, other: &Value) -> bool {
        let names: &[&str] = match self.section.name {
            "interface" => &["name", "type", "identifier"],
            "OVN bridge mapping" => &["localnet"],
            "route" => &[
                "destination",
                "next-hop-interface",
                "next-hop-address",
                "table-id",
                "vrf-name",
                "route-type",
            ],
            _ => &[],
        };
        let [one, other] = [one, other].map(|entry| self.normal(entry));
        let is_found_by = one.get("identifier").and_then(Value::as_str).unwrap_or_default();
        names.iter().chain([&is_found_by]).all(|name| one.get(*name) == other.get(*name))
    }

    /// The entry as a host shows it that was like `base` when the entry was applied to it.
    fn applied(&self, entry: &Value, base: &Value) -> Value {
        let mut entry = self.normal(entry);
        let mut shown = match self.section.name {
            // Each is an entry of its own.
            "route" | "route rule" => json!({}),
            _ => self.normal(base),
        };
        if self.of_type.is_none() {
            if self.section.empty_resets && entry == json!({}) {
                return entry;
            }
            shown = tree::left(self.section, &entry, &shown);
            overlay(&mut shown, &entry);
            return self.shown(shown);
        }
        overlay(&mut shown, &json!({"identifier": "name", "wait-ip": "any"}));
        if shown["mac-address"].is_null() || entry.get("identifier").is_some() {
            shown["mac-address"] = "02:00:00:00:00:EE".into();
        }
        if shown["mtu"].is_null() {
            shown["mtu"] = 1500.into();
        }
        let of_base = tree::left(&INTERFACE, &entry, &shown);
        let Value::Object(mut shown) = of_base else { return Value::Null };
        for family in ["ipv4", "ipv6"] {
            // nmstate is asked for nothing that needs a family which is off, see `on_host`.
            let is_open = entry.get(family).is_some_and(|given| given.get("enabled").is_none());
            if is_open && let Some(Value::Object(found)) = shown.get_mut(family) {
                found.insert("enabled".to_owned(), true.into());
            } else if is_open {
                shown.insert(family.to_owned(), json!({"enabled": true}));
            }
        }
        let mut shown = Value::Object(shown);
        for family in ["ipv4", "ipv6"] {
            if shown[family].is_object() {
                let mut both = shown[family].clone();
                overlay(&mut both, entry.get(family).unwrap_or(&json!({})));
                tree::show_family(family, &mut both);
                shown[family]["enabled"] = both["enabled"].clone();
            }
        }
        let copied = entry
            .get("copy-mac-from")
            .and_then(Value::as_str)
            .and_then(|name| CARDS.iter().zip(1..).find(|(card, _)| name.starts_with(**card)));
        let copied = copied.map(|card| self::card(card)["mac-address"].clone());
        let by_address = entry.get("identifier").and(entry.get("mac-address")).cloned();
        let reached = tree::tolerated(&INTERFACE, &entry, &shown);
        let mut both = shown.clone();
        overlay(&mut both, &entry);
        if let (Value::Object(entry), Value::Object(found)) = (&mut entry, &both) {
            without_ineffective(entry, found);
        }
        tree::without_effect(&INTERFACE, self.of_type, &mut entry, &shown);
        let said = entry["name"].clone();
        if entry.get("identifier").is_some_and(|by| by != "name") {
            shown["profile-name"] = said.clone();
        }
        overlay(&mut shown, &entry);
        overlay(&mut shown, &reached);
        if let Some(address) = by_address.or(copied) {
            shown["mac-address"] = address;
        }
        let kernel = if self.of_type == Some("loopback") { "lo" } else { SUBJECT };
        shown["name"] = kernel.into();
        if said == FURTHER_NAME {
            let names = shown["alt-names"].as_array().cloned().unwrap_or_default();
            shown["alt-names"] = [names, vec![json!({"name": FURTHER_NAME})]].concat().into();
        }
        self.shown(shown)
    }

    /// The part of an entry that counts on a host that shows `found`.
    #[must_use]
    pub fn effective(&self, entry: &Value, found: &Value) -> Value {
        let mut entry = self.normal(entry);
        let is_interface = self.of_type.is_some();
        if let (Value::Object(entry), Value::Object(found), true) =
            (&mut entry, found, is_interface)
        {
            without_ineffective(entry, found);
            if entry.contains_key("copy-mac-from") {
                entry.shift_remove("mac-address");
            }
            if entry.get("state").is_some_and(|state| state != "up") {
                entry.retain(|name, _| name == "state");
            }
        }
        tree::without_effect(self.section, self.of_type, &mut entry, found);
        entry
    }

    /// The entry of a document that has this alone.
    #[must_use]
    pub fn entry_of(&self, document: &Value) -> Value {
        let place = self.way.iter().fold(document, |place, key| &place[*key]);
        let entry = if self.is_listed { &place[0] } else { place };
        if entry.is_null() { json!({}) } else { entry.clone() }
    }

    /// An entry as a host shows it.
    fn shown(&self, entry: Value) -> Value {
        let mut entry = entry;
        tree::as_shown(self.section, &mut entry);
        // A host calls its interfaces as its kernel does.
        let kernel = |name: &str| name.strip_suffix(FURTHER).map(str::to_owned);
        walk::rename_references(&Kind::Section(self.section), None, &mut entry, &kernel);
        if self.of_type.is_some() {
            for family in ["ipv4", "ipv6"] {
                tree::show_family(family, &mut entry[family]);
            }
        }
        if self.section.name == "route rule" {
            let Some(map) = entry.as_object_mut() else { return entry };
            map.entry("priority").or_insert_with(|| 30_000.into());
        }
        self.normal(&entry)
    }

    /// A host with the cards, a bridge, a route of somebody else and the entry.
    fn host(&self, shown: Value) -> Document {
        let mut host = json!({
            "routes": {"config": [{"destination": "203.0.113.0/24", "next-hop-interface": "nic2",
                "table-id": 254, "metric": 7}]},
            "route-rules": {"config": [{"family": "ipv4", "ip-from": "203.0.113.0/24",
                "priority": 77, "route-table": 77}]},
        });
        let mut interfaces: Vec<Value> = CARDS.iter().zip(1..).map(card).collect();
        interfaces.push(json!({"name": "br9", "type": "linux-bridge", "state": "up",
            "bridge": {"port": []}}));
        host["interfaces"] = interfaces.into();
        let mut place = &mut host;
        for key in self.way {
            place = &mut place[*key];
        }
        match (self.is_listed, place.as_array_mut()) {
            (true, Some(list)) => list.push(shown),
            (true, None) => *place = json!([shown]),
            (false, _) => *place = shown,
        }
        Document::from_tree(host)
    }
}

/// The name of an entry that is found by its hardware address.
pub const NAME_BY_ADDRESS: &str = "by-address";
/// The name in the kernel of the interface that an entry describes, and a further one of it.
const SUBJECT: &str = "sub0";
const FURTHER_NAME: &str = "sub0-by-another-name";
/// The end of the further name of a card.
const FURTHER: &str = "-front";

fn card((name, number): (&&str, u32)) -> Value {
    json!({"name": name, "type": "ethernet", "state": "up", "identifier": "name",
        "mac-address": format!("02:00:00:00:01:{number:02}"),
        "alt-names": [{"name": format!("{name}{FURTHER}")}],
        "ipv4": {"enabled": true, "dhcp": false,
            "address": [{"ip": format!("192.0.2.20{number}"), "prefix-length": 24}]},
        "ipv6": {"enabled": false}})
}

fn is_generated(section: &Section, key: &Key) -> bool {
    let is_of_interface = section.name == "interface"
        && matches!(key.name, "name" | "type" | "state" | "identifier" | "pci-address");
    let is_removal = key.name == "state"
        && matches!(section.name, "route" | "route rule" | "OVN bridge mapping");
    !is_of_interface && !is_removal
}

fn touch() -> impl Strategy<Value = Touch> {
    prop_oneof![3 => Just(Touch::Set), 1 => Just(Touch::Remove), 2 => Just(Touch::Append)]
}

/// A value after some of `other` came into it.
fn touched(value: &Value, other: &Value, touches: &[(Index, Touch)]) -> Value {
    let mut value = value.clone();
    let mut known = Vec::new();
    leaves(other, &mut Vec::new(), &mut known);
    known.retain(|(path, _)| !path.is_empty());
    for (index, touch) in touches.iter().filter(|_| !known.is_empty()) {
        let (path, leaf) = index.get(&known);
        if matches!(path[0].as_str(), "name" | "type" | "identifier") {
            continue;
        }
        match (touch, leaf) {
            (Touch::Append, Value::Array(items)) => {
                let pointer: String = path.iter().map(|key| format!("/{key}")).collect();
                let before = value.pointer(&pointer).and_then(Value::as_array);
                let mut list = before.cloned().unwrap_or_default();
                let is_new = |one: &&Value| {
                    !list.iter().any(|own| {
                        own == *one || one.get("name").is_some_and(|name| own["name"] == *name)
                    })
                };
                let more: Vec<Value> = items.iter().filter(is_new).cloned().collect();
                list.extend(more);
                put(&mut value, path, Some(&list.into()));
            }
            (Touch::Remove, _) => put(&mut value, path, None),
            (Touch::Set | Touch::Append, leaf) => put(&mut value, path, Some(leaf)),
        }
    }
    value
}
