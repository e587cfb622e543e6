//! The kinds of entry that have a resource of their own.

pub(crate) mod dns_resolver;
pub(crate) mod hostname;
pub(crate) mod interface;
pub(crate) mod ovn_bridge_mapping;
pub(crate) mod ovs_db;
pub(crate) mod route;
pub(crate) mod route_rule;

use nmstate_schema::Value as Json;
use nmstate_schema::keys::{Key, Section};
use serde_json::Map;

/// The keys of a section by their names.
fn keys_of(section: &'static Section, names: &[&str]) -> Vec<&'static Key> {
    names.iter().filter_map(|name| section.key(name)).collect()
}

/// The word in an import id for a value that the entry does not have.
const NONE: &str = "none";

/// What the parts of an import id ask for, in the order of these keys. An empty part asks nothing.
struct Asked {
    /// The values that the entry has.
    given: Map<String, Json>,
    /// The keys that it does not have.
    lacking: Vec<&'static str>,
}

impl Asked {
    /// What the parts ask for; none when there are more parts than keys.
    fn new(keys: &[&'static str], parts: &[&str]) -> Option<Self> {
        let mut asked = Self { given: Map::new(), lacking: Vec::new() };
        for (key, part) in keys.iter().zip(parts).filter(|(_, part)| !part.is_empty()) {
            if *part == NONE {
                asked.lacking.push(key);
            } else {
                let value = part.parse::<u64>().map_or_else(|_| Json::from(*part), Json::from);
                asked.given.insert((*key).to_owned(), value);
            }
        }
        (parts.len() <= keys.len()).then_some(asked)
    }

    /// Whether an entry is asked for; `normal` is the canonical form of what is given.
    fn is_met(&self, entry: &Json, normal: &Json) -> bool {
        self.given.keys().all(|key| entry.get(key) == normal.get(key))
            && self.lacking.iter().all(|key| text(entry, key).is_none())
    }
}

/// The parts of an import id that say all that there is to say of an entry.
fn import_parts(keys: &[&str], entry: &Json) -> Vec<String> {
    keys.iter().map(|key| text(entry, key).unwrap_or_else(|| NONE.to_owned())).collect()
}

/// The value of a key as text; none when there is nothing.
fn text(entry: &Json, key: &str) -> Option<String> {
    match entry.get(key)? {
        Json::Null => None,
        Json::String(text) => (!text.is_empty()).then(|| text.clone()),
        other => Some(other.to_string()),
    }
}

/// Whether there is anything in an entry.
fn says_something(entry: &Json) -> bool {
    match entry {
        Json::Null => false,
        Json::Array(items) => items.iter().any(says_something),
        Json::Object(entries) => entries.values().any(says_something),
        Json::String(text) => !text.is_empty(),
        Json::Bool(_) | Json::Number(_) => true,
    }
}
