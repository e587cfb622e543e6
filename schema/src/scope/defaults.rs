//! What goes back to its default where a document does not mention it.

use serde_json::{Map, Value, json};

use crate::canonical::{canonical_value, settable};
use crate::compare::has_content;
use crate::keys::{Extras, INTERFACE, Initial, Key, Kind, Literal, Section};
use crate::lookup::Index;

/// What belongs to an interface whatever is configured: its identity, what its controller decides,
/// what its card and driver decide, for which no default holds everywhere, and what nmstate cannot
/// take away.
const KEPT: [&str; 13] = [
    "name",
    "type",
    "state",
    "identifier",
    "profile-name",
    "mac-address",
    "pci-address",
    "mtu",
    "controller",
    "alt-names",
    "ethernet",
    "ethtool",
    "802.1x",
];

/// An interface in normal form, with the defaults of what it does not mention.
pub(super) fn whole_interface(wanted: &Value, shown: &Index<'_>) -> Value {
    let Value::Object(wanted) = wanted else { return wanted.clone() };
    let is_up = wanted.get("state").is_none_or(|state| state == "up");
    let Some(found) = shown.find(wanted).filter(|_| is_up) else {
        return Value::Object(wanted.clone());
    };
    let of_type = found.get("type").and_then(Value::as_str);
    let Value::Object(found) = settable(&INTERFACE, &Value::Object(found.clone())) else {
        return Value::Object(wanted.clone());
    };
    let keeps = |key: &Key| KEPT.contains(&key.name);
    Value::Object(whole(&INTERFACE, of_type, wanted, &found, &keeps))
}

/// A section in normal form, with the defaults of what it does not mention.
pub(super) fn whole_section(
    section: &'static Section,
    wanted: &Map<String, Value>,
    found: &Map<String, Value>,
) -> Map<String, Value> {
    whole(section, None, wanted, found, &|_| false)
}

fn whole(
    section: &'static Section,
    of_type: Option<&str>,
    wanted: &Map<String, Value>,
    found: &Map<String, Value>,
    keeps: &dyn Fn(&Key) -> bool,
) -> Map<String, Value> {
    let mut whole = wanted.clone();
    for (name, found) in found {
        if let Some(key) = section.key_for(name, of_type)
            && !key.fixed
            && !keeps(key)
            && let Some(value) = reset(key, of_type, wanted, found)
        {
            whole.insert(name.clone(), value);
        }
    }
    whole
}

/// The value of a key of which `wanted`, its section, does not say all.
fn reset(
    key: &Key,
    of_type: Option<&str>,
    wanted: &Map<String, Value>,
    found: &Value,
) -> Option<Value> {
    match (&key.kind, wanted.get(key.name)) {
        (Kind::Section(_), Some(Value::Object(given)))
            if given.get("enabled") == Some(&false.into()) =>
        {
            None
        }
        (Kind::Section(inner), Some(Value::Object(given))) => {
            let is_emptied = inner.empty_resets && given.is_empty();
            let (false, Value::Object(found)) = (is_emptied, found) else { return None };
            Some(whole_part(inner, of_type, given, found).into())
        }
        (Kind::List { item: Kind::Section(inner), .. }, Some(Value::Array(items)))
            if key.extras != Extras::Tolerated =>
        {
            Some(items.iter().map(|item| whole_item(inner, of_type, item, found)).collect())
        }
        (_, Some(_)) => None,
        (Kind::Section(inner), None) if inner.key("enabled").is_some_and(is_off_by_default) => {
            (found["enabled"] != false).then(|| json!({"enabled": false}))
        }
        (Kind::Section(inner), None) if inner.empty_resets => has_content(found).then(|| json!({})),
        (Kind::Section(inner), None) => {
            let found = found.as_object()?;
            let mut part = whole_part(inner, of_type, &Map::new(), found);
            if part.is_empty() {
                return None;
            }
            // A section is only valid with its required keys.
            for key in inner.keys.iter().filter(|key| key.required) {
                if let Some(value) = found.get(key.name) {
                    part.entry(key.name).or_insert_with(|| value.clone());
                }
            }
            Some(part.into())
        }
        (Kind::List { item: Kind::Section(inner), .. }, None)
            if key.initial == Some(Initial::Items) =>
        {
            let items = found.as_array()?.iter();
            let reset: Vec<Value> = items
                .map(|item| {
                    let names = inner.identity.iter();
                    let names = names
                        .filter_map(|name| Some((*name).to_owned()).zip(item.get(*name).cloned()));
                    whole_item(inner, of_type, &Value::Object(names.collect()), found)
                })
                .collect();
            let says_more = |item: &Value| {
                item.as_object().is_some_and(|item| item.len() > inner.identity.len())
            };
            reset.iter().any(says_more).then(|| reset.into())
        }
        (Kind::List { .. }, None) => (*found != json!([])).then(|| json!([])),
        (_, None) => initial(key, wanted).filter(|initial| !is_so(key, initial, found)),
    }
}

/// [`whole`] for a section of an interface. Of what may be switched off, the switch stays.
fn whole_part(
    section: &'static Section,
    of_type: Option<&str>,
    wanted: &Map<String, Value>,
    found: &Map<String, Value>,
) -> Map<String, Value> {
    // In another mode NetworkManager begins with none of the settings of before.
    let is_anew =
        wanted.get("mode").is_some_and(|mode| found.get("mode").is_some_and(|found| found != mode));
    let keeps = |key: &Key| {
        (key.name == "enabled" && is_off_by_default(key))
            || (is_anew && !matches!(key.kind, Kind::List { .. }))
    };
    whole(section, of_type, wanted, found, &keeps)
}

/// An item of a list with the defaults of what it does not mention.
fn whole_item(
    section: &'static Section,
    of_type: Option<&str>,
    wanted: &Value,
    list: &Value,
) -> Value {
    let same = list.as_array().into_iter().flatten().find(|found| {
        !section.identity.is_empty()
            && section.identity.iter().all(|name| found.get(*name) == wanted.get(*name))
    });
    match (wanted, same) {
        (Value::Object(wanted), Some(Value::Object(found))) => {
            whole_part(section, of_type, wanted, found).into()
        }
        _ => wanted.clone(),
    }
}

fn is_off_by_default(key: &Key) -> bool {
    key.default == Some(Literal::Bool(false))
}

/// The value that a key of a section has when no document gives it.
fn initial(key: &Key, section: &Map<String, Value>) -> Option<Value> {
    let literal = match key.initial {
        Some(Initial::Unless(other, _)) if section.contains_key(other) => return None,
        Some(Initial::Value(literal) | Initial::Unless(_, literal)) => literal,
        Some(Initial::Items) | None => key.default?,
    };
    let value = canonical_value(&key.kind, &literal.value(section));
    (!value.is_null()).then_some(value)
}

/// Whether a host has an initial value: the kernel counts some times in ticks of its own.
fn is_so(key: &Key, initial: &Value, found: &Value) -> bool {
    match (initial.as_u64(), found.as_u64()) {
        (Some(initial), Some(found)) if key.unit == "centiseconds" => initial.abs_diff(found) <= 1,
        _ => initial == found,
    }
}
