//! The spellings of a value.

use serde_json::{Map, Value};

use crate::canonical::canonical_value;
use crate::keys::{Digits, Key, Kind, Order, Section, Text};
use crate::walk;

/// A section with the table's own names of its keys, however deep they are.
#[must_use]
pub fn own_names(section: &'static Section, outer: Option<&str>, value: &Value) -> Value {
    let map = match (value, section.shorthand) {
        (Value::Object(map), _) => map,
        (value, Some(key)) if !value.is_null() => {
            return Value::Object(Map::from_iter([(key.to_owned(), value.clone())]));
        }
        (value, _) => return value.clone(),
    };
    let of_type = walk::interface_type(section, map, outer);
    let named = map.iter().map(|(name, value)| match section.key_for(name, of_type) {
        Some(key) => (key.name.to_owned(), own_names_within(&key.kind, of_type, value)),
        None => (name.clone(), value.clone()),
    });
    Value::Object(named.collect())
}

fn own_names_within(kind: &'static Kind, of_type: Option<&str>, value: &Value) -> Value {
    match (kind, value) {
        (Kind::Section(section), value) => own_names(section, of_type, value),
        (Kind::List { item, .. }, Value::Array(items)) => {
            items.iter().map(|one| own_names_within(item, of_type, one)).collect()
        }
        (_, value) => value.clone(),
    }
}

/// A section in another spelling of its values, which the seed chooses.
#[must_use]
pub fn respelled(section: &'static Section, value: &Value, seed: u64) -> Value {
    let kind = Kind::Section(section);
    Spelling(seed | 1).value(&kind, None, None, value)
}

/// A choice after the other.
struct Spelling(u64);

impl Spelling {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn value(
        &mut self,
        kind: &Kind,
        key: Option<&Key>,
        outer: Option<&str>,
        value: &Value,
    ) -> Value {
        let spelled = match (kind, value) {
            (Kind::Section(section), Value::Object(map)) => {
                let of_type = walk::interface_type(section, map, outer);
                let mut spelled = Map::new();
                for (name, value) in map {
                    let key = section.key_for(name, of_type);
                    let value = key.map_or_else(
                        || value.clone(),
                        |key| self.value(&key.kind, Some(key), of_type, value),
                    );
                    spelled.insert(name.clone(), value);
                }
                return Value::Object(spelled);
            }
            (Kind::List { item, order }, Value::Array(items)) => {
                let mut items: Vec<Value> =
                    items.iter().map(|one| self.value(item, None, outer, one)).collect();
                if *order == Order::Unordered && self.below(2) == 0 {
                    items.reverse();
                }
                return items.into();
            }
            (Kind::Text(form), Value::String(text)) => self.text(*form, text).map(Value::from),
            (Kind::Enum { choices, .. }, value) => {
                let normal = canonical_value(kind, value);
                let choice = choices.iter().find(|choice| normal == choice.name);
                choice.map(|choice| {
                    let words = [&[choice.name], choice.aliases].concat();
                    let count = u64::try_from(words.len()).unwrap_or(1);
                    let word = usize::try_from(self.below(count)).unwrap_or_default();
                    Value::from(words[word])
                })
            }
            (Kind::Integer { text: Digits::Hexadecimal, .. }, value) if self.below(3) == 0 => {
                crate::canonical::integer(value, Digits::Hexadecimal)
                    .map(|number| format!("{number:#x}").into())
            }
            (Kind::Bool { lenient: true }, value) if self.below(3) == 0 => {
                match canonical_value(kind, value) {
                    Value::Bool(true) => Some("Yes".into()),
                    Value::Bool(false) => Some(0.into()),
                    _ => None,
                }
            }
            _ => None,
        };
        let is_same = |one: &Value| canonical_value(kind, one) == canonical_value(kind, value);
        let is_taken = |one: &Value| {
            key.is_none_or(|key| crate::validate::validate_value(key, one).is_empty())
        };
        spelled.filter(|one| is_same(one) && is_taken(one)).unwrap_or_else(|| value.clone())
    }

    fn text(&mut self, form: Text, text: &str) -> Option<String> {
        let other = match (form, self.below(3)) {
            (Text::Mac | Text::Ip | Text::IpNetwork | Text::PciAddress, 0) => text.to_uppercase(),
            (Text::Mac | Text::PciAddress, _) => text.to_lowercase(),
            (Text::Ip, 1) => {
                let address: std::net::Ipv6Addr = text.parse().ok()?;
                address.segments().map(|part| format!("{part:04x}")).join(":")
            }
            (Text::IpNetwork, _) => text.strip_suffix("/32").or(text.strip_suffix("/128"))?.into(),
            (Text::IpList, _) => text.replace(',', ", "),
            _ => return None,
        };
        Some(other)
    }
}
