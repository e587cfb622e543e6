//! Sections made from the key table: whatever it says that nmstate takes, in every spelling that it
//! says is accepted.

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use crate::keys::{Access, Digits, Key, Kind, Section, Text};
use crate::text;

/// The cards that every made-up host has; documents refer to these.
pub const CARDS: [&str; 3] = ["nic1", "nic2", "nic3"];

/// The strings that have a form of their own, by section and key: nmstate looks into them, so a
/// value at random would only be rejected.
const WORDS: &[(&str, &str, &[&str])] = &[
    ("DNS client", "options", &["rotate", "debug", "trust-ad", "timeout:1", "ndots:2"]),
    ("DNS client", "search", &["example.org", "example.net"]),
    ("DNS client", "server", &["192.0.2.53", "2001:DB8:0::53", "198.51.100.53"]),
    (
        "MACsec",
        "mka-cak",
        &["50b71a8ef0bd5751ea76de6d6c98c03a", "0123456789abcdef0123456789abcdef"],
    ),
    (
        "MACsec",
        "mka-ckn",
        &["f2b4297d39da7330910a74abc0449feb45b5c0b9fc23df1430e1898fcf1c4550", "ab01"],
    ),
    ("IPv4", "dhcp-client-id", &["LL", "ll", "iaid+duid", "01:52:54:00:aa:00:09"]),
    ("IPv6", "dhcp-duid", &["LL", "ll", "uuid", "00:03:00:01:52:54:00:aa:00:09"]),
    ("IPv6", "addr-gen-mode", &["eui64", "EUI64", "stable-privacy"]),
    ("IPv6", "token", &["::fac1", "::0.0.250.193", "::", ""]),
    ("VXLAN", "local", &["192.0.2.1", "192.0.2.2"]),
    ("VXLAN", "remote", &["203.0.113.1", "239.1.1.1"]),
    ("bond options", "ad_actor_system", &["00:00:5e:00:53:5e", "00:00:5E:00:53:5F"]),
    ("host name", "running", &["host1", "host2"]),
    ("host name", "config", &["host1", "host2", ""]),
    ("interface", "wait-ip", &["any", "any", "any", "ipv4"]),
    ("interface", "controller", &["", "", "br9"]),
    ("interface", "profile-name", &["sub0", "other", "profile 7"]),
    ("route", "vrf-name", &["vrf9"]),
    ("route rule", "iif", &["nic1", "nic2"]),
    ("Open vSwitch bridge options", "fail-mode", &["secure", "standalone"]),
    ("Open vSwitch bridge options", "datapath", &["system", "netdev"]),
    ("Open vSwitch DPDK", "devargs", &["0000:af:00.1", "0000:af:00.2"]),
];

/// The largest numbers of keys where larger ones are only refused, or filled up to.
const LIMITS: &[(&str, &str, i64)] =
    &[("interface", "mtu", 9000), ("virtual function", "id", 3), ("SR-IOV", "total-vfs", 4)];

/// Keys without which nmstate refuses most documents, although its parser does not.
const ALWAYS: &[(&str, &str)] =
    &[("Open vSwitch bond", "port"), ("VLAN", "base-iface"), ("VRF", "route-table-id")];

const MACS: [&str; 4] =
    ["52:54:00:aa:00:01", "52:54:00:AA:00:01", "52:54:00:aa:00:02", "02:00:00:00:00:0C"];
const IPV4: [&str; 4] = ["192.0.2.10", "192.0.2.11", "198.51.100.1", "203.0.113.77"];
const IPV6: [&str; 4] = ["2001:db8::10", "2001:DB8:0:0::10", "2001:db8:1::7", "fd00::0.0.1.2"];
const NETWORKS: [&str; 7] = [
    "192.0.2.0/24",
    "192.0.2.7/24",
    "198.51.100.7",
    "0.0.0.0/0",
    "2001:db8::/64",
    "2001:DB8:0::7/64",
    "::/0",
];

/// A section with any of its keys. `is_given` leaves keys out for good.
pub fn section(
    section: &'static Section,
    interface_type: Option<&'static str>,
    is_given: fn(&Section, &Key) -> bool,
) -> BoxedStrategy<Value> {
    let keys = section.keys.iter().filter(move |key| {
        key.applies_to(interface_type) && key.access != Access::ReadOnly && is_given(section, key)
    });
    let mut maps = Just(Map::new()).boxed();
    for key in keys {
        let names: Vec<_> = std::iter::once(key.name).chain(key.aliases.iter().copied()).collect();
        let value = words(section, key)
            .or_else(|| limited(section, key))
            .unwrap_or_else(|| value(&key.kind, section, interface_type, is_given));
        let named = (select(names), value);
        let entry = if key.required || ALWAYS.contains(&(section.name, key.name)) {
            named.prop_map(Some).boxed()
        } else {
            // Most interfaces of a type have the section of the type.
            weighted(if key.types.is_empty() { 0.3 } else { 0.8 }, named).boxed()
        };
        maps = (maps, entry)
            .prop_map(|(mut map, entry)| {
                map.extend(entry.map(|(name, value)| (name.to_owned(), value)));
                map
            })
            .boxed();
    }
    maps.prop_map(move |map| whole(section, map)).boxed()
}

/// What nmstate's parser, or our validation, asks of several keys together.
fn whole(section: &Section, mut map: Map<String, Value>) -> Value {
    if section.name == "trunk tag range" && number(&map["min"]) > number(&map["max"]) {
        let min = map.insert("min".to_owned(), map["max"].clone());
        map.extend(min.map(|min| ("max".to_owned(), min)));
    }
    if section.name == "trunk tag" && map.len() != 1 {
        map = Map::from_iter([("id".to_owned(), json!(map.len() + 10))]);
    }
    for name in ["port", "ports"] {
        if section.name == "Open vSwitch bond" && map.get(name) == Some(&json!([])) {
            map.insert(name.to_owned(), json!([{"name": "nic3"}]));
        }
    }
    Value::Object(map)
}

fn words(section: &Section, key: &Key) -> Option<BoxedStrategy<Value>> {
    let (_, _, words) =
        WORDS.iter().find(|(place, name, _)| *place == section.name && *name == key.name)?;
    Some(match key.kind {
        Kind::List { .. } => some_of(words).prop_map(|words| json!(words)).boxed(),
        _ => select(*words).prop_map(Value::from).boxed(),
    })
}

fn limited(section: &Section, key: &Key) -> Option<BoxedStrategy<Value>> {
    let (_, _, max) =
        LIMITS.iter().find(|(place, name, _)| *place == section.name && *name == key.name)?;
    let Kind::Integer { min, text, .. } = key.kind else { return None };
    Some(integer(min, *max, text))
}

/// A value that the table calls valid for a key of `place`.
fn value(
    kind: &'static Kind,
    place: &'static Section,
    interface_type: Option<&'static str>,
    is_given: fn(&Section, &Key) -> bool,
) -> BoxedStrategy<Value> {
    match kind {
        Kind::Text(form) => any_text(*form, place),
        Kind::Bool { lenient: false } => any::<bool>().prop_map(Value::from).boxed(),
        Kind::Bool { lenient: true } => {
            let words = ["yes", "no", "on", "off", "true", "false", "y", "n", "1", "0"];
            let mut values = words.map(Value::from).to_vec();
            for _ in 0..5 {
                values.extend([json!(true), json!(false), json!(1), json!(0)]);
            }
            select(values).boxed()
        }
        Kind::Integer { min, max, text, .. } => integer(*min, *max, *text),
        Kind::Enum { choices, lenient, .. } => {
            let mut values = Vec::new();
            for choice in choices.iter().filter(|choice| choice.settable) {
                for word in std::iter::once(&choice.name).chain(choice.aliases) {
                    match word.parse::<u64>() {
                        Ok(number) => values.extend(lenient.then(|| json!(number))),
                        Err(_) => values.push(json!(word)),
                    }
                }
            }
            select(values).boxed()
        }
        Kind::List { item: Kind::Section(inner), .. } => {
            let items = section(inner, interface_type, is_given);
            vec(items, 0..3).prop_map(|items| distinct(items, inner)).boxed()
        }
        Kind::List { item: Kind::Text(Text::InterfaceReference), .. } => {
            some_of(&CARDS).prop_map(|names| json!(names)).boxed()
        }
        Kind::List { item, .. } => vec(value(item, place, interface_type, is_given), 0..3)
            .prop_map(|mut items| {
                items.sort_by_key(Value::to_string);
                items.dedup();
                Value::Array(items)
            })
            .boxed(),
        Kind::Section(inner) => section(inner, interface_type, is_given),
        Kind::Map(item) => {
            let names: &[&str] = match item {
                Kind::Bool { .. } => &["rx-gro", "tso", "tx-checksum-ip-generic", "rxhash"],
                _ => &["one", "two", "three"],
            };
            let values = vec(value(item, place, interface_type, is_given), names.len());
            (some_of(names), values)
                .prop_map(|(names, values)| {
                    let entries = names.into_iter().map(str::to_owned).zip(values);
                    Value::Object(entries.collect())
                })
                .boxed()
        }
    }
}

/// A number in any spelling.
pub fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| text::integer(value.as_str()?))
}

fn any_text(form: Text, place: &Section) -> BoxedStrategy<Value> {
    let is_ipv6 = place.name.contains("IPv6") || place.name == "bond options";
    let texts: Vec<&str> = match form {
        Text::Plain => vec!["one", "two"],
        Text::InterfaceName => vec!["sub0"],
        Text::InterfaceReference => CARDS.to_vec(),
        Text::Mac => MACS.to_vec(),
        Text::Ip if is_ipv6 => IPV6.to_vec(),
        Text::Ip => IPV4.to_vec(),
        Text::IpNetwork => NETWORKS.to_vec(),
        Text::IpList => vec!["192.0.2.1", "192.0.2.1,192.0.2.2"],
        Text::HostName => vec!["host1", "host2.example.org"],
        Text::PciAddress => vec!["0000:00:1f.4", "00:1F.5"],
    };
    select(texts).prop_map(Value::from).boxed()
}

fn integer(min: i64, max: i64, text: Digits) -> BoxedStrategy<Value> {
    let low = min.max(-1);
    let number = prop_oneof![
        4 => low..=max.min(low.saturating_add(9)),
        2 => low..=max.min(4000),
        if min < 0 { 4 } else { 1 } => Just(min),
        1 => Just(max),
    ];
    let spellings: &[Digits] = match text {
        Digits::None => &[],
        Digits::Decimal => &[Digits::Decimal],
        Digits::Hexadecimal => &[Digits::Decimal, Digits::Hexadecimal],
    };
    let spelling = [&[Digits::None; 4], spellings].concat();
    (number, select(spelling))
        .prop_map(|(number, spelling)| match spelling {
            Digits::None => json!(number),
            Digits::Decimal => json!(number.to_string()),
            Digits::Hexadecimal => json!(format!("{number:#x}")),
        })
        .boxed()
}

/// Items of a list, each of another identity.
fn distinct(mut items: Vec<Value>, section: &Section) -> Value {
    let mut seen = Vec::new();
    items.retain(|item| {
        let identity: Vec<_> = section.identity.iter().map(|name| item[*name].clone()).collect();
        let is_new = !seen.contains(&identity);
        seen.push(identity);
        is_new || section.identity.is_empty()
    });
    Value::Array(items)
}

/// Some of the words, in any order.
fn some_of(words: &'static [&'static str]) -> BoxedStrategy<Vec<&'static str>> {
    subsequence(words, 0..=words.len()).prop_shuffle().boxed()
}
