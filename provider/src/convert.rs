//! Between Terraform's values and nmstate's, key by key of the table.
//!
//! The shape of an attribute and both directions of its conversion follow from the [`Kind`] of
//! its key, so a key that is added to the table needs no line here. A Terraform value may hold
//! nulls and unknowns, which nmstate cannot express: they are left out of what is converted, and
//! a missing nmstate key comes back as null.

use std::collections::BTreeMap;

use crate::planning::is_config_only;
use crate::secrets;
use nmstate_schema::Value as Json;
use nmstate_schema::keys::{Access, Key, Kind, Section};
use tfplugin::{Attribute, Mode, Nesting, Number, Shape, Type, Value};

/// Terraform's spelling of an nmstate key: `-` and `.` become `_`; the one key that starts with
/// a digit, `802.1x`, gets the name of its standards body in front.
pub(crate) fn attribute_name(key: &str) -> String {
    let name = key.replace(['-', '.'], "_");
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        format!("ieee_{name}")
    } else {
        name
    }
}

/// Whether Terraform shows this key at all. What changes by itself and cannot be set would only
/// fill the state with noise.
pub(crate) fn is_shown(key: &Key) -> bool {
    !(key.volatile && matches!(key.access, Access::ReadOnly))
}

/// The Terraform attribute of a key.
pub(crate) fn attribute(name: String, key: &'static Key) -> Attribute {
    let mode = match key.access {
        Access::ReadOnly => Mode::Computed,
        Access::Settable if key.required => Mode::Required,
        Access::Settable | Access::WriteOnly if is_config_only(key) => Mode::Optional,
        Access::Settable | Access::WriteOnly => Mode::OptionalComputed,
    };
    let attribute = Attribute::new(name, mode, shape(&key.kind)).described(key.description());
    if key.sensitive { attribute.sensitive() } else { attribute }
}

/// The attributes of a section, in the order of the table.
pub(crate) fn attributes(section: &'static Section) -> Vec<Attribute> {
    shown_keys(section).map(|key| attribute(attribute_name(key.name), key)).collect()
}

/// The keys of a section that Terraform shows.
pub(crate) fn shown_keys(section: &'static Section) -> impl Iterator<Item = &'static Key> {
    section.keys.iter().filter(|key| is_shown(key))
}

/// The nmstate form of a Terraform value, without anything null or unknown. `None` when nothing
/// is left.
pub(crate) fn to_json(kind: &Kind, value: &Value) -> Option<Json> {
    match (kind, value) {
        (_, Value::Null | Value::Unknown) => None,
        (Kind::Section(section), Value::Map(attributes)) => {
            Some(Json::Object(object_to_json(section, attributes)))
        }
        (Kind::List { item, .. }, Value::List(items)) => {
            Some(Json::Array(items.iter().filter_map(|one| to_json(item, one)).collect()))
        }
        (Kind::Map(item), Value::Map(entries)) => Some(Json::Object(
            entries
                .iter()
                .filter_map(|(name, one)| Some((name.clone(), to_json(item, one)?)))
                .collect(),
        )),
        // Terraform makes a string of a number, and nmstate does not take each in a string.
        (Kind::Enum { choices, .. }, Value::String(word)) => {
            let choice = choices.iter().find(|choice| choice.is_named(word));
            Some(Json::from(choice.map_or(word.as_str(), |choice| choice.name)))
        }
        _ => plain_to_json(value),
    }
}

/// A section's object without nulls and unknowns.
pub(crate) fn object_to_json(
    section: &'static Section,
    attributes: &BTreeMap<String, Value>,
) -> serde_json::Map<String, Json> {
    shown_keys(section)
        .filter_map(|key| {
            let (_, value) = secrets::given(key, &attribute_name(key.name), attributes);
            Some((key.name.to_owned(), to_json(&key.kind, value)?))
        })
        .collect()
}

/// The text in the place of a value that is given and not known; no configuration has it.
const GIVEN: &str = "\u{0}";

/// Attributes in which everything that is not known yet is there, with a value that means nothing.
pub(crate) fn with_unknown_given(attributes: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    attributes.iter().map(|(name, value)| (name.clone(), given(value))).collect()
}

fn given(value: &Value) -> Value {
    match value {
        Value::Unknown => Value::from(GIVEN),
        Value::List(items) => Value::List(items.iter().map(given).collect()),
        Value::Map(entries) => Value::Map(with_unknown_given(entries)),
        other => other.clone(),
    }
}

/// The Terraform form of an nmstate value. Every attribute of a section is there; one that the
/// host does not show is null.
pub(crate) fn from_json(kind: &Kind, json: &Json) -> Value {
    match (kind, json) {
        (_, Json::Null) => Value::Null,
        (Kind::Section(section), Json::Object(object)) => Value::Map(
            shown_keys(section)
                .map(|key| {
                    let value =
                        object.get(key.name).map_or(Value::Null, |one| from_json(&key.kind, one));
                    (attribute_name(key.name), value)
                })
                .collect(),
        ),
        (Kind::List { item, .. }, Json::Array(items)) => {
            Value::List(items.iter().map(|one| from_json(item, one)).collect())
        }
        (Kind::Map(item), Json::Object(entries)) => Value::Map(
            entries.iter().map(|(name, one)| (name.clone(), from_json(item, one))).collect(),
        ),
        (Kind::Integer { .. }, Json::String(text)) => {
            integer(text).map_or_else(|| Value::String(text.clone()), |n| Value::Number(n.into()))
        }
        _ => plain_from_json(json),
    }
}

/// The same for a reader: a list that the host does not show is empty, so that a loop over it works.
pub(crate) fn with_lists(kind: &Kind, value: Value) -> Value {
    match (kind, value) {
        (Kind::List { .. }, Value::Null) => Value::List(Vec::new()),
        (Kind::List { item, .. }, Value::List(items)) => {
            Value::List(items.into_iter().map(|one| with_lists(item, one)).collect())
        }
        (Kind::Section(section), Value::Map(mut attributes)) => {
            for key in shown_keys(section).filter(|key| !matches!(key.access, Access::WriteOnly)) {
                let value = attributes.entry(attribute_name(key.name)).or_default();
                *value = with_lists(&key.kind, std::mem::take(value));
            }
            Value::Map(attributes)
        }
        (_, value) => value,
    }
}

/// Any Terraform value as JSON, without looking at the table: for values of dynamic type.
pub(crate) fn plain_to_json(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Null | Value::Unknown => return None,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Number(number) => number_to_json(number),
        Value::String(text) => Json::String(text.clone()),
        Value::List(items) => Json::Array(items.iter().filter_map(plain_to_json).collect()),
        Value::Map(entries) => Json::Object(
            entries
                .iter()
                .filter_map(|(name, one)| Some((name.clone(), plain_to_json(one)?)))
                .collect(),
        ),
        Value::Dynamic(inner) => return plain_to_json(&inner.1),
    })
}

/// JSON as a Terraform value of the narrowest structural type: objects and tuples.
pub(crate) fn plain_from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => number_from_json(number),
        Json::String(text) => Value::String(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(plain_from_json).collect()),
        Json::Object(entries) => Value::Map(
            entries.iter().map(|(name, one)| (name.clone(), plain_from_json(one))).collect(),
        ),
    }
}

/// The structural type that [`plain_from_json`] gives a value.
pub(crate) fn type_of_json(json: &Json) -> Type {
    match json {
        Json::Null => Type::Dynamic,
        Json::Bool(_) => Type::Bool,
        Json::Number(_) => Type::Number,
        Json::String(_) => Type::String,
        Json::Array(items) => Type::Tuple(items.iter().map(type_of_json).collect()),
        Json::Object(entries) => Type::Object(
            entries.iter().map(|(name, one)| (name.clone(), type_of_json(one))).collect(),
        ),
    }
}

fn shape(kind: &'static Kind) -> Shape {
    match kind {
        Kind::Section(section) => Shape::Nested(Nesting::Single, attributes(section)),
        Kind::List { item: Kind::Section(section), .. } => {
            Shape::Nested(Nesting::List, attributes(section))
        }
        Kind::Text(_)
        | Kind::Bool { .. }
        | Kind::Integer { .. }
        | Kind::Enum { .. }
        | Kind::List { .. }
        | Kind::Map(_) => Shape::Type(plain_type(kind)),
    }
}

fn plain_type(kind: &'static Kind) -> Type {
    match kind {
        Kind::Text(_) | Kind::Enum { .. } => Type::String,
        Kind::Bool { .. } => Type::Bool,
        Kind::Integer { .. } => Type::Number,
        Kind::List { item, .. } => Type::List(Box::new(plain_type(item))),
        Kind::Map(item) => Type::Map(Box::new(plain_type(item))),
        Kind::Section(section) => Type::Object(
            shown_keys(section)
                .map(|key| (attribute_name(key.name), plain_type(&key.kind)))
                .collect(),
        ),
    }
}

fn integer(text: &str) -> Option<i64> {
    match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn number_to_json(number: &Number) -> Json {
    if let Some(integer) = number.as_i64() {
        return integer.into();
    }
    // A fraction or a number beyond 64 bits has no meaning for any key: validation rejects it by
    // its text.
    let text = number.to_string();
    text.parse::<u64>().map_or_else(
        |_| text.parse::<f64>().map_or_else(|_| Json::String(text.clone()), Json::from),
        Json::from,
    )
}

fn number_from_json(number: &serde_json::Number) -> Value {
    let exact = number.as_i64().map(Number::from).or_else(|| Number::parse(&number.to_string()));
    exact.map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use nmstate_schema::keys::{Choice, Digits};

    use super::*;

    #[test]
    fn names_are_terraform_identifiers() {
        assert_eq!(attribute_name("link-aggregation"), "link_aggregation");
        assert_eq!(attribute_name("802.1x"), "ieee_802_1x");
    }

    #[test]
    fn a_list_that_a_host_does_not_show_is_empty_for_a_reader() {
        let key = nmstate_schema::keys::INTERFACE.key("ipv4").unwrap();
        let read = |json| with_lists(&key.kind, from_json(&key.kind, &json));
        let off = read(serde_json::json!({ "enabled": false }));
        assert_eq!(off.attribute("address"), &Value::List(Vec::new()));
        assert_eq!(off.attribute("dhcp"), &Value::Null);
        assert_eq!(read(Json::Null), Value::Null);
    }

    #[test]
    fn numbers_of_words_become_words() {
        const CHOICES: &[Choice] =
            &[Choice::with_aliases("disabled", &["0"]), Choice::new("enabled")];
        let kind = Kind::Enum { choices: CHOICES, open: true, lenient: true };
        for (text, word) in [("0", "disabled"), ("enabled", "enabled"), ("other", "other")] {
            assert_eq!(to_json(&kind, &text.into()), Some(word.into()));
        }
    }

    #[test]
    fn hexadecimal_marks_become_numbers() {
        let kind = Kind::Integer {
            min: 0,
            max: i64::from(u32::MAX),
            text: Digits::Hexadecimal,
            hex: true,
        };
        assert_eq!(from_json(&kind, &Json::String("0x30".into())), Value::Number(48.into()));
    }
}
