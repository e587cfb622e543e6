//! Global columns of the Open vSwitch database: one set per host.
//!
//! A column is a map with many writers, Open vSwitch itself among them: a resource manages the
//! keys that it declares and no others. To nmstate an empty map removes every key, so it is never
//! sent; what a configuration drops is removed by name.

use std::collections::BTreeSet;

use nmstate_schema::Value as Json;
use nmstate_schema::document::Document;
use nmstate_schema::keys::{self, Section};
use serde_json::{Map, json};

use super::says_something;
use crate::entry::Kind;
use crate::layout::Layout;

/// The global columns.
pub(crate) struct OvsDb;

impl Kind for OvsDb {
    fn type_name(&self) -> String {
        "nmstate_ovs_db".into()
    }

    fn section(&self) -> &'static Section {
        &keys::OVS_DB
    }

    fn description(&self) -> String {
        "Global columns of the Open vSwitch database of a host. Of each column only the keys that \
         the configuration gives are managed."
            .into()
    }

    fn layout(&self) -> Layout {
        Layout::section(&keys::OVS_DB, &[])
    }

    fn find(&self, state: &Document, _entry: &Json) -> Option<Json> {
        Some(state.as_value().get("ovs-db").cloned().unwrap_or_else(|| json!({})))
    }

    fn desired(&self, entry: &Json, previous: Option<&Json>) -> Json {
        columns(|column| {
            let known = previous.map(|previous| names(previous, column)).unwrap_or_default();
            let dropped = known.into_iter().map(|name| (name, Json::Null));
            let given = entry.get(column).and_then(Json::as_object).cloned().unwrap_or_default();
            dropped.chain(given).collect()
        })
    }

    /// It is always there.
    fn creatable(&self, _entry: &Json) -> bool {
        false
    }

    fn label(&self, _entry: &Json) -> String {
        "the Open vSwitch database".into()
    }

    fn is_configured(&self, entry: &Json) -> bool {
        says_something(entry)
    }
}

/// The document with what `content` says of each column; a column or a document without any says
/// nothing.
fn columns(content: impl Fn(&str) -> Map<String, Json>) -> Json {
    let columns: Map<String, Json> = keys::OVS_DB
        .keys
        .iter()
        .map(|key| (key.name.to_owned(), content(key.name)))
        .filter(|(_, column)| !column.is_empty())
        .map(|(name, column)| (name, Json::Object(column)))
        .collect();
    if columns.is_empty() { json!({}) } else { json!({ "ovs-db": columns }) }
}

fn names(entry: &Json, column: &str) -> BTreeSet<String> {
    let column = entry.get(column).and_then(Json::as_object);
    column.into_iter().flat_map(|column| column.keys().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_is_removed_by_name() {
        let desired =
            |entry: Json, previous: Option<Json>| OvsDb.desired(&entry, previous.as_ref());
        let previous = json!({"external_ids": {"a": "1", "b": "2"}});
        assert_eq!(
            desired(json!({"external_ids": {"a": "3"}}), Some(previous.clone())),
            json!({"ovs-db": {"external_ids": {"a": "3", "b": null}}})
        );
        assert_eq!(desired(json!({"external_ids": {}}), None), json!({}));
    }
}
