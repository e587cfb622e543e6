//! The key table by itself, and against what was extracted from nmstate's source.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use nmstate_schema::Value;
use nmstate_schema::keys::{
    Access, INTERFACE, Key, Kind, Literal, STATE, Section, interface_keys, interface_type,
    interface_types,
};

/// Every section that is reachable from the top, by address.
fn sections() -> Vec<&'static Section> {
    let mut found: Vec<&'static Section> = vec![&STATE];
    let mut index = 0;
    while let Some(section) = found.get(index).copied() {
        index += 1;
        for key in section.keys {
            if let Some(inner) = section_of(&key.kind)
                && !found.iter().any(|known| std::ptr::eq(*known, inner))
            {
                found.push(inner);
            }
        }
    }
    found
}

fn section_of(kind: &Kind) -> Option<&'static Section> {
    match kind {
        Kind::Section(section) => Some(section),
        Kind::List { item, .. } | Kind::Map(item) => section_of(item),
        Kind::Text(_) | Kind::Bool { .. } | Kind::Integer { .. } | Kind::Enum { .. } => None,
    }
}

fn is_version(text: &str) -> bool {
    let parts: Vec<_> = text.split('.').map(str::parse::<u32>).collect();
    parts.len() == 3 && parts.iter().all(Result::is_ok)
}

#[test]
fn every_key_is_described_once_and_well() {
    for section in sections() {
        assert!(!section.doc.is_empty(), "{}", section.name);
        for (index, key) in section.keys.iter().enumerate() {
            let place = format!("{}: {}", section.name, key.name);
            assert!(!key.doc.is_empty() && !key.doc.ends_with('.'), "{place}");
            assert!(key.since.is_empty() || is_version(key.since), "{place}");
            assert!(key.types.iter().all(|name| interface_type(name).is_some()), "{place}");
            if let Kind::Integer { min, max, .. } = key.kind {
                assert!(min < max, "{place}");
            }
            if let Kind::Enum { choices, .. } = key.kind {
                let names: BTreeSet<_> = choices.iter().map(|choice| choice.name).collect();
                assert_eq!(names.len(), choices.len(), "{place}");
            }
            if let Some(Literal::Sibling(name)) = key.default {
                assert!(section.key(name).is_some(), "{place}");
            }
            for other in &section.keys[index + 1..] {
                let is_apart = !key.types.is_empty()
                    && !other.types.is_empty()
                    && key.types.iter().all(|name| !other.types.contains(name));
                let spellings = std::iter::once(&other.name).chain(other.aliases);
                let is_same = spellings.into_iter().any(|spelling| key.is_named(spelling));
                assert!(!is_same || is_apart, "{place} and {}", other.name);
            }
        }
        for key in section.keys {
            let known = |name: &&str| section.key(name).is_some() && *name != key.name;
            assert!(key.follows.iter().all(known), "{}: {}", section.name, key.name);
        }
        for name in section.identity.iter().chain(section.inherits).chain(&section.shorthand) {
            assert!(section.keys.iter().any(|key| key.name == *name), "{}: {name}", section.name);
        }
    }
}

#[test]
fn every_type_has_its_section() {
    for known in interface_types() {
        assert!(known.since.is_empty() || is_version(known.since), "{}", known.name);
        if let Some(name) = known.section {
            let mut keys = interface_keys(known.name);
            let section = keys.find(|key| key.name == name).unwrap_or_else(|| panic!("{name}"));
            assert!(section.types.contains(&known.name), "{name}");
        }
    }
    let kind = INTERFACE.key("type").unwrap().kind;
    let Kind::Enum { choices, .. } = kind else { panic!("{kind:?}") };
    let settable: BTreeSet<_> =
        choices.iter().filter(|choice| choice.settable).map(|choice| choice.name).collect();
    let types: BTreeSet<_> = interface_types().iter().map(|known| known.name).collect();
    assert_eq!(settable, types);
}

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
    ("Linux bridge", "LinuxBridgeConfig"),
    ("Linux bridge port", "LinuxBridgePortConfig"),
    ("bridge port VLAN filtering", "BridgePortVlanConfig"),
    ("Linux bridge options", "LinuxBridgeOptions"),
    ("spanning tree protocol", "LinuxBridgeStpOptions"),
    ("VXLAN", "VxlanConfig"),
    ("VRF", "VrfConfig"),
    ("MACVLAN", "MacVlanConfig"),
    ("IPVLAN", "IpVlanConfig"),
    ("MACsec", "MacSecConfig"),
    ("HSR", "HsrConfig"),
    ("IP tunnel", "IpTunnelConfig"),
    ("InfiniBand", "InfiniBandConfig"),
    ("Open vSwitch bridge", "OvsBridgeConfig"),
    ("Open vSwitch bridge options", "OvsBridgeOptions"),
    ("Open vSwitch bridge port", "OvsBridgePortConfig"),
    ("Open vSwitch bond", "OvsBridgeBondConfig"),
    ("Open vSwitch patch", "OvsPatchConfig"),
    ("Open vSwitch DPDK", "OvsDpdkConfig"),
    ("Libreswan", "LibreswanConfig"),
];

/// Reads a facts file of the project, which is not part of the repository.
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
    let sections = sections();
    let mut mistakes = Vec::new();
    let mut check = |structure: &str, keys: Vec<&Key>| {
        let items = structures[structure]["items"].as_array().expect("a list of keys");
        let known: BTreeSet<&str> = items
            .iter()
            .filter_map(|item| item["key"].as_str())
            // Where nmstate collects the section of the type.
            .filter(|name| *name != "-other")
            .collect();
        for key in &keys {
            if !known.contains(key.name) {
                mistakes.push(format!("{structure} has no `{}`", key.name));
            }
            let seen = first_seen.get(&format!("{structure}.{}", key.name)).and_then(Value::as_str);
            let seen = seen.map(|seen| seen.trim_start_matches('v'));
            if seen.is_some_and(|seen| seen.replace("2.1.0", "") != key.since) {
                mistakes.push(format!("{structure}.{} came with {seen:?}", key.name));
            }
        }
        for name in known {
            if !keys.iter().any(|key| key.is_named(name)) {
                mistakes.push(format!("{structure}.{name} is not in the table"));
            }
        }
    };
    for (name, structure) in STRUCTURES {
        let section = sections.iter().find(|section| section.name == *name);
        let keys = section.unwrap_or_else(|| panic!("no section {name}")).keys;
        check(structure, keys.iter().collect());
    }
    check("BaseInterface", INTERFACE.keys.iter().filter(|key| is_base(key)).collect());
    assert!(mistakes.is_empty(), "{mistakes:#?}");
}

/// Whether the key is one that every type has.
fn is_base(key: &Key) -> bool {
    key.types.is_empty() || key.access == Access::WriteOnly
}
