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

/// The keys of a section by their names.
fn keys_of(section: &'static Section, names: &[&str]) -> Vec<&'static Key> {
    names.iter().filter_map(|name| section.key(name)).collect()
}

/// The values that the parts of an import id give to these keys; an empty part gives none.
fn named_values(keys: &[&'static str], parts: &[&str]) -> serde_json::Map<String, Json> {
    keys.iter()
        .zip(parts)
        .filter(|(_, part)| !part.is_empty())
        .map(|(key, part)| {
            let value = part.parse::<u64>().map_or_else(|_| Json::from(*part), Json::from);
            ((*key).to_owned(), value)
        })
        .collect()
}
