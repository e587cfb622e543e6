//! Which Open vSwitch bridge carries a physical network of OVN: one resource per network.

use nmstate_schema::Value as Json;
use nmstate_schema::document::Document;
use nmstate_schema::keys::{self, Key, Section};
use serde_json::json;

use super::keys_of;
use crate::entry::Kind;
use crate::layout::Layout;

/// The key that names a mapping.
const NAME: &str = "localnet";

/// A mapping.
pub(crate) struct OvnBridgeMapping;

impl Kind for OvnBridgeMapping {
    fn type_name(&self) -> String {
        "nmstate_ovn_bridge_mapping".into()
    }

    fn section(&self) -> &'static Section {
        &keys::OVN_BRIDGE_MAPPING
    }

    fn description(&self) -> String {
        "The Open vSwitch bridge that carries a physical network of OVN.".into()
    }

    fn layout(&self) -> Layout {
        Layout::section(&keys::OVN_BRIDGE_MAPPING, &["state"]).identified_by(&[NAME])
    }

    fn find(&self, state: &Document, entry: &Json) -> Option<Json> {
        let mappings = state.as_value().pointer("/ovn/bridge-mappings")?.as_array()?;
        mappings.iter().find(|one| one.get(NAME) == entry.get(NAME)).cloned()
    }

    fn all(&self, state: &Document) -> Vec<Json> {
        let mappings = state.as_value().pointer("/ovn/bridge-mappings").and_then(Json::as_array);
        mappings.cloned().unwrap_or_default()
    }

    fn desired(&self, entry: &Json, _previous: Option<&Json>) -> Json {
        json!({ "ovn": { "bridge-mappings": [entry] } })
    }

    fn label(&self, entry: &Json) -> String {
        format!("the mapping of `{}`", entry.get(NAME).and_then(Json::as_str).unwrap_or_default())
    }

    fn identity(&self) -> Vec<&'static Key> {
        keys_of(&keys::OVN_BRIDGE_MAPPING, &[NAME])
    }

    fn import_form(&self) -> &'static str {
        "LOCALNET"
    }

    fn starts_with_host(&self, parts: &[&str]) -> bool {
        parts.len() > 1
    }

    fn find_imports(&self, state: &Document, parts: &[&str]) -> Vec<Json> {
        let [name] = parts else { return Vec::new() };
        self.find(state, &json!({ NAME: name })).into_iter().collect()
    }

    fn import_parts(&self, entry: &Json) -> Vec<String> {
        vec![self.resource_name(entry)]
    }

    fn resource_name(&self, entry: &Json) -> String {
        entry.get(NAME).and_then(Json::as_str).unwrap_or_default().to_owned()
    }
}
