//! Documents made from the key table, and what `show` would print of a host that is as they say.

use nmstate_schema::Value;
use nmstate_schema::canonical::canonical_value;
use nmstate_schema::keys::{Access, Key, Kind, Order, Section, Text};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::TestRng;
use serde_json::Map;

/// The interfaces that a reference may name.
pub(crate) const NICS: [&str; 4] = ["eth0", "eth1", "eth2", "eth3"];

/// The most keys of a section beside those that it must have: with more, nmstate rejects nearly
/// every document for a contradiction.
const KEYS: usize = 3;

/// Keys without which nmstate rejects nearly every document, or that `show` always prints.
const NEEDED: [(&str, &str); 4] =
    [("interface", "vrf"), ("VRF", "route-table-id"), ("IPv4", "enabled"), ("IPv6", "enabled")];

/// Two values: of the second is what a host may have in place of the first.
type Pair = (Value, Value);

/// A section of an interface of this type, with values that the table allows.
pub(crate) fn section(
    section: &'static Section,
    interface_type: Option<&'static str>,
    except: &'static [&'static str],
) -> BoxedStrategy<Pair> {
    let keys = section.keys.iter().filter(move |key| {
        key.access != Access::ReadOnly
            && !except.contains(&key.name)
            && key.applies_to(interface_type)
    });
    let (required, optional): (Vec<&Key>, Vec<&Key>) =
        keys.partition(|key| key.required || NEEDED.contains(&(section.name, key.name)));
    let entry = move |key: &'static Key| {
        pair(&key.kind, interface_type, section.name).prop_map(move |pair| (key.name, pair)).boxed()
    };
    let most = optional.len().min(KEYS);
    let optional: Vec<_> = optional.into_iter().map(entry).collect();
    let required: Vec<_> = required.into_iter().map(entry).collect();
    let chosen = subsequence(optional, 0..=most).prop_flat_map(|chosen| chosen);
    (required, chosen)
        .prop_map(|(required, chosen)| {
            let mut maps = (Map::new(), Map::new());
            for (name, (value, other)) in required.into_iter().chain(chosen) {
                maps.0.insert(name.to_owned(), value);
                maps.1.insert(name.to_owned(), other);
            }
            (Value::Object(maps.0), Value::Object(maps.1))
        })
        .boxed()
}

fn pair(
    kind: &'static Kind,
    interface_type: Option<&'static str>,
    place: &'static str,
) -> BoxedStrategy<Pair> {
    match kind {
        Kind::Section(inner) => section(inner, interface_type, &[]),
        _ => (value(kind, interface_type, place), value(kind, interface_type, place)).boxed(),
    }
}

/// A value that the table allows.
fn value(
    kind: &'static Kind,
    interface_type: Option<&'static str>,
    place: &'static str,
) -> BoxedStrategy<Value> {
    match kind {
        Kind::Text(form) => text(*form, place),
        Kind::Bool { .. } => any::<bool>().prop_map(Value::from).boxed(),
        Kind::Integer { min, max, hex, .. } => {
            let near = (*min, (*min).saturating_add(20).min(*max));
            // nmstate fills in every virtual function, whatever their number.
            let is_counted = matches!(place, "SR-IOV" | "virtual function");
            let max = if is_counted { near.1 } else { *max };
            let hex = *hex;
            prop_oneof![near.0..=near.1, *min..=max]
                .prop_map(move |n| if hex { format!("{n:#x}").into() } else { n.into() })
                .boxed()
        }
        Kind::Enum { choices, .. } => {
            let words: Vec<&str> =
                choices.iter().filter(|choice| choice.settable).map(|choice| choice.name).collect();
            select(words).prop_map(Value::from).boxed()
        }
        Kind::List { item, .. } => {
            proptest::collection::vec(value(item, interface_type, place), 0..3)
                .prop_map(move |items| Value::Array(distinct(item, items)))
                .boxed()
        }
        Kind::Section(inner) => section(inner, interface_type, &[]).prop_map(|pair| pair.0).boxed(),
        Kind::Map(item) => proptest::collection::btree_map(
            select(vec!["rx-gro", "tx-tcp-segmentation", "rx-checksum"]),
            value(item, interface_type, place),
            0..3,
        )
        .prop_map(|map| map.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
        .boxed(),
    }
}

fn text(form: Text, place: &'static str) -> BoxedStrategy<Value> {
    let is_ipv6 = matches!(place, "IPv6" | "IPv6 address" | "bond options");
    let words: Vec<&str> = match form {
        Text::Plain | Text::InterfaceName => vec!["one", "two", "three"],
        Text::InterfaceReference => NICS.to_vec(),
        Text::Mac => vec!["52:54:00:AA:00:01", "52:54:00:AA:00:02", "52:54:00:AA:00:03"],
        Text::Ip if is_ipv6 => vec!["2001:db8::1", "2001:db8::2", "2001:db8::a:0:3"],
        Text::Ip | Text::IpList => vec!["192.0.2.1", "192.0.2.2", "198.51.100.3"],
        Text::IpNetwork => vec!["192.0.2.0/24", "198.51.100.7/32", "2001:db8::/32"],
        Text::PciAddress => vec!["0000:00:1f.4", "0000:03:00.0"],
    };
    select(words).prop_map(Value::from).boxed()
}

/// Nobody names an item twice with different settings.
fn distinct(item: &Kind, items: Vec<Value>) -> Vec<Value> {
    let mut kept: Vec<Value> = Vec::new();
    for value in items {
        let is_new = match item {
            Kind::Section(section) => {
                let first = section.identity.first().copied().unwrap_or_default();
                kept.iter().all(|other| other[first] != value[first])
            }
            _ => !kept.contains(&value),
        };
        if is_new {
            kept.push(value);
        }
    }
    kept
}

/// The same document in another spelling: aliases, numbers and booleans as strings, lower-case
/// hardware addresses, unordered lists in another order.
pub(crate) fn respelled(
    section: &'static Section,
    interface_type: Option<&str>,
    value: &Value,
    rng: &mut TestRng,
) -> Value {
    let Value::Object(map) = value else { return value.clone() };
    let mut spelled = Map::new();
    for (name, value) in map {
        let Some(key) = section.key_for(name, interface_type) else {
            spelled.insert(name.clone(), value.clone());
            continue;
        };
        let names: Vec<&str> =
            std::iter::once(key.name).chain(key.aliases.iter().copied()).collect();
        let name = names[rng.random_range(0..names.len())];
        spelled.insert(name.to_owned(), respelled_value(&key.kind, interface_type, value, rng));
    }
    Value::Object(spelled)
}

fn respelled_value(
    kind: &'static Kind,
    interface_type: Option<&str>,
    value: &Value,
    rng: &mut TestRng,
) -> Value {
    let spelled =
        match (kind, value) {
            (Kind::Section(section), value) => respelled(section, interface_type, value, rng),
            (Kind::List { item, order }, Value::Array(items)) => {
                let mut items: Vec<Value> = items
                    .iter()
                    .map(|value| respelled_value(item, interface_type, value, rng))
                    .collect();
                if *order == Order::Unordered && rng.random_bool(0.5) {
                    items.reverse();
                }
                Value::Array(items)
            }
            (Kind::Text(Text::Mac), Value::String(text)) => text.to_ascii_lowercase().into(),
            (Kind::Text(Text::Ip), Value::String(text)) => text.replace("db8:", "DB8:").into(),
            (Kind::Bool { lenient: true }, Value::Bool(value)) if rng.random_bool(0.3) => {
                if *value { "yes".into() } else { 0.into() }
            }
            (Kind::Integer { lenient: true, .. }, Value::Number(number))
                if rng.random_bool(0.3) =>
            {
                number.to_string().into()
            }
            (Kind::Enum { choices, .. }, Value::String(word)) if rng.random_bool(0.3) => {
                let choice = choices.iter().find(|choice| choice.name == word);
                let alias = choice.and_then(|choice| choice.aliases.first().copied());
                alias.unwrap_or(word).into()
            }
            _ => value.clone(),
        };
    assert_eq!(canonical_value(kind, &spelled), canonical_value(kind, value), "{kind:?}");
    spelled
}

/// What `show` would print of what is desired: what cannot be shown is left out, and with some
/// luck a value is another's, or none.
pub(crate) fn shown(
    section: &'static Section,
    interface_type: Option<&str>,
    (desired, other): (&Value, &Value),
    rng: &mut TestRng,
) -> Value {
    let desired = canonical_value(&Kind::Section(section), desired);
    let mut shown = Map::new();
    for (name, value) in desired.as_object().into_iter().flatten() {
        let Some(key) = section.key_for(name, interface_type) else { continue };
        let is_needed = key.required || NEEDED.contains(&(section.name, key.name));
        let is_lost = !is_needed && rng.random_bool(0.1);
        if key.access != Access::Settable || is_lost {
            continue;
        }
        let is_other = !key.required && rng.random_bool(0.3);
        let other = &other[key.name];
        let value = match &key.kind {
            Kind::Section(inner) => self::shown(inner, interface_type, (value, other), rng),
            kind => {
                let mut value = canonical_value(kind, if is_other { other } else { value });
                if let (Kind::List { .. }, Value::Array(items)) = (kind, &mut value) {
                    items.retain(|item| item["state"] != "absent");
                }
                value
            }
        };
        shown.insert(name.clone(), value);
    }
    Value::Object(shown)
}
