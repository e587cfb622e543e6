//! The key table against what was extracted from nmstate's source: keys, spellings, versions,
//! words and ranges. The extract is not part of the repository; what can be known without it,
//! nmstate's own parser judges in the module `nmstate`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use nmstate_schema::Value;
use nmstate_schema::keys::{Access, Digits, INTERFACE, Key, Kind};

use crate::table::sections;

/// The structure of nmstate that each section stands for.
const STRUCTURES: &[(&str, &str)] = &[
    ("network state", "NetworkState"),
    ("host name", "HostNameState"),
    ("DNS resolver", "DnsState"),
    ("DNS client", "DnsClientState"),
    ("routes", "Routes"),
    ("route", "RouteEntry"),
    ("route rules", "RouteRules"),
    ("route rule", "RouteRuleEntry"),
    ("global Open vSwitch columns", "OvsDbGlobalConfig"),
    ("OVN", "OvnConfiguration"),
    ("OVN bridge mapping", "OvnBridgeMapping"),
    ("multipath TCP", "MptcpConfig"),
    ("Open vSwitch columns of an interface", "OvsDbIfaceConfig"),
    ("802.1x", "Ieee8021XConfig"),
    ("LLDP", "LldpConfig"),
    ("dispatch scripts", "DispatchConfig"),
    ("alternative name", "AltNameEntry"),
    ("IPv4 address", "InterfaceIpAddr"),
    ("IPv6 address", "InterfaceIpAddr"),
    ("ethtool", "EthtoolConfig"),
    ("pause frames", "EthtoolPauseConfig"),
    ("ring buffers", "EthtoolRingConfig"),
    ("forward error correction", "EthtoolFecConfig"),
    ("interrupt coalescing", "EthtoolCoalesceConfig"),
    ("ethernet", "EthernetConfig"),
    ("SR-IOV", "SrIovConfig"),
    ("virtual function", "SrIovVfConfig"),
    ("veth", "VethConfig"),
    ("bond", "BondConfig"),
    ("bond port", "BondPortConfig"),
    ("bond options", "BondOptions"),
    ("VLAN", "VlanConfig"),
    ("VLAN ingress mapping", "VlanQosMapping"),
    ("VLAN egress mapping", "VlanQosMapping"),
    ("Linux bridge", "LinuxBridgeConfig"),
    ("Linux bridge port", "LinuxBridgePortConfig"),
    ("bridge port VLAN filtering", "BridgePortVlanConfig"),
    ("trunk tag range", "BridgePortVlanRange"),
    ("Linux bridge options", "LinuxBridgeOptions"),
    ("spanning tree protocol", "LinuxBridgeStpOptions"),
    ("VXLAN", "VxlanConfig"),
    ("VRF", "VrfConfig"),
    ("MACVLAN", "MacVlanConfig"),
    ("MACVLAN", "MacVtapConfig"),
    ("IPVLAN", "IpVlanConfig"),
    ("MACsec", "MacSecConfig"),
    ("HSR", "HsrConfig"),
    ("IP tunnel", "IpTunnelConfig"),
    ("InfiniBand", "InfiniBandConfig"),
    ("Open vSwitch bridge", "OvsBridgeConfig"),
    ("Open vSwitch bridge options", "OvsBridgeOptions"),
    ("Open vSwitch bridge port", "OvsBridgePortConfig"),
    ("Open vSwitch bond", "OvsBridgeBondConfig"),
    ("Open vSwitch bond port", "OvsBridgeBondPortConfig"),
    ("Open vSwitch patch", "OvsPatchConfig"),
    ("Open vSwitch DPDK", "OvsDpdkConfig"),
    ("Libreswan", "LibreswanConfig"),
];

/// Structures whose form on paper is not their form in a document, and keys whose type has one.
const SPECIAL: &[&str] = &["AddressProtocol", "OvsBridgeStpOptions"];

/// Reads a facts file of the project.
fn facts(name: &str) -> Option<BTreeMap<String, Value>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/facts").join(name);
    let text = std::fs::read_to_string(path).ok()?;
    Some(serde_json::from_str(&text).expect("facts are JSON"))
}

#[test]
fn the_table_has_the_keys_of_nmstate_and_their_versions() {
    let (Some(structures), Some(first_seen)) =
        (facts("nmstate-schema.json"), facts("nmstate-first-seen.json"))
    else {
        eprintln!("skipped: the extracted schema is not next to the repository");
        return;
    };
    let mut extract = Extract { structures, first_seen, mistakes: Vec::new() };
    let sections = sections();
    let keys_of = |names: &[&str]| -> Vec<&Key> {
        let found = sections.iter().filter(|section| names.contains(&section.name));
        let keys: Vec<&Key> = found.flat_map(|section| section.keys).collect();
        assert!(!keys.is_empty(), "no section {names:?}");
        keys
    };
    for (name, structure) in STRUCTURES {
        extract.check(structure, &keys_of(&[name]));
    }
    extract.check("InterfaceIp", &keys_of(&["IPv4", "IPv6"]));
    let base: Vec<&Key> = INTERFACE.keys.iter().filter(|key| is_base(key)).collect();
    extract.check("BaseInterface", &base);
    assert!(extract.mistakes.is_empty(), "{:#?}", extract.mistakes);
}

/// Whether the key is one that every type has.
fn is_base(key: &Key) -> bool {
    key.types.is_empty() || key.access == Access::WriteOnly
}

struct Extract {
    structures: BTreeMap<String, Value>,
    first_seen: BTreeMap<String, Value>,
    mistakes: Vec<String>,
}

impl Extract {
    fn check(&mut self, structure: &str, keys: &[&Key]) {
        let items = self.structures[structure]["items"].as_array().expect("a list of keys").clone();
        // Where nmstate collects the section of the type.
        let named = |item: &Value| item["key"].as_str().filter(|name| *name != "-other").is_some();
        let items: Vec<&Value> = items.iter().filter(|item| named(item)).collect();
        for key in keys {
            let item = items.iter().find(|item| item["key"] == key.name);
            match item {
                Some(item) => self.key(structure, key, item),
                None => self.mistakes.push(format!("{structure} has no `{}`", key.name)),
            }
        }
        for item in items {
            let name = item["key"].as_str().unwrap_or_default();
            if !keys.iter().any(|key| key.is_named(name)) {
                self.mistakes.push(format!("{structure}.{name} is not in the table"));
            }
        }
    }

    fn key(&mut self, structure: &str, key: &Key, item: &Value) {
        let place = format!("{structure}.{}", key.name);
        let seen = self.first_seen.get(&place).and_then(Value::as_str);
        let seen = seen.map(|seen| seen.trim_start_matches('v').replace("2.1.0", ""));
        if seen.as_ref().is_some_and(|seen| seen != key.since) {
            self.mistakes.push(format!("{place} came with {seen:?}"));
        }
        for alias in item["alias"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !key.is_named(alias) {
                self.mistakes.push(format!("{place} is also called `{alias}`"));
            }
        }
        if let Some(mistake) = self.mismatch(&key.kind, item) {
            self.mistakes.push(format!("{place}: {mistake}"));
        }
    }

    /// What the table says differently about the values of a key.
    fn mismatch(&self, kind: &Kind, item: &Value) -> Option<String> {
        let written = item["ty"].as_str().unwrap_or_default();
        let mut of_type = written.trim_start_matches("Option<").trim_end_matches('>');
        let mut kind = *kind;
        while let Some(inner) = of_type.strip_prefix("Vec<") {
            let Kind::List { item, .. } = kind else { return Some("is a list".to_owned()) };
            (kind, of_type) = (*item, inner);
        }
        let takes_text = item["de"].as_str().is_some_and(|with| with.ends_with("_or_string"));
        match (of_type, kind) {
            ("bool", Kind::Bool { lenient }) => {
                (lenient != takes_text).then(|| format!("lenient is {lenient}"))
            }
            ("bool", _) => Some("is a boolean".to_owned()),
            (
                "u8" | "u16" | "u32" | "u64" | "i32" | "i64",
                Kind::Integer { min, max, text, .. },
            ) => {
                let (least, most) = bounds(of_type);
                let is_wrong = min < least || max > most || takes_text != (text != Digits::None);
                is_wrong.then(|| {
                    format!("{of_type} has neither {min} nor {max}, or is not read as {text:?}")
                })
            }
            ("u8" | "u16" | "u32" | "u64" | "i32" | "i64", _) => Some("is a number".to_owned()),
            (name, kind) if !SPECIAL.contains(&name) => self.words(name, &kind),
            _ => None,
        }
    }

    /// What is missing of the words of an enumeration.
    fn words(&self, name: &str, kind: &Kind) -> Option<String> {
        let structure = self.structures.get(name).filter(|one| one["kind"] == "enum")?;
        let Kind::Enum { choices, open, .. } = kind else { return None };
        let texts = |value: &Value| value.as_str().map(str::to_owned);
        for item in structure["items"].as_array().into_iter().flatten() {
            let word = texts(&item["key"]).unwrap_or_default();
            if word == "Other" || item["untagged"] == true {
                if !open {
                    return Some("takes any other word".to_owned());
                }
                continue;
            }
            let Some(choice) = choices.iter().find(|choice| choice.name == word) else {
                return Some(format!("has the word `{word}`"));
            };
            let aliases = item["alias"].as_array().into_iter().flatten().filter_map(texts);
            let known: BTreeSet<_> = choice.aliases.iter().map(|one| (*one).to_owned()).collect();
            let missing: Vec<_> = aliases.filter(|alias| !known.contains(alias)).collect();
            if !missing.is_empty() {
                return Some(format!("`{word}` is also called {missing:?}"));
            }
        }
        None
    }
}

/// The smallest and the largest number of a type, as far as the table can say it.
fn bounds(of_type: &str) -> (i64, i64) {
    match of_type {
        "u8" => (0, u8::MAX.into()),
        "u16" => (0, u16::MAX.into()),
        "u32" => (0, u32::MAX.into()),
        "i32" => (i32::MIN.into(), i32::MAX.into()),
        "i64" => (i64::MIN, i64::MAX),
        _ => (0, i64::MAX),
    }
}
