//! Routes: one resource per route, told apart by destination, next hop, table and kind.
//!
//! nmstate's route list only ever adds, so a changed route is the removal of its old form and the new
//! form in one document.

use nmstate_schema::Value as Json;
use nmstate_schema::canonical::canonical;
use nmstate_schema::document::Document;
use nmstate_schema::keys::{self, Key, Section};
use serde_json::json;

use super::{Asked, import_parts, keys_of, text};
use crate::entry::Kind;
use crate::layout::Layout;
use crate::ownership::{Reason, Seen};

/// The main routing table, which nmstate uses when none is named.
const MAIN_TABLE: u64 = 254;

/// What tells one route from another.
const IDENTITY: [&str; 4] = ["destination", "next-hop-interface", "next-hop-address", "table-id"];

/// What an import id can name. The metric is no identity, because it can be changed in place, but
/// two routes may differ in it alone.
const IMPORT: [&str; 5] =
    ["destination", "next-hop-interface", "next-hop-address", "table-id", "metric"];

/// A route.
pub(crate) struct Route;

impl Kind for Route {
    fn type_name(&self) -> String {
        "nmstate_route".into()
    }

    fn section(&self) -> &'static Section {
        &keys::ROUTE
    }

    fn description(&self) -> String {
        "A static route. What the configuration leaves out is not managed and keeps the host's value.".into()
    }

    fn layout(&self) -> Layout {
        Layout::section(&keys::ROUTE, &["state"])
    }

    fn is_replaced(&self) -> bool {
        true
    }

    fn find(&self, state: &Document, entry: &Json) -> Option<Json> {
        let wanted = normal(entry);
        let keys = || IDENTITY.iter().chain(&["route-type"]);
        let alike = |one: &&Json| keys().all(|key| same_key(key, one, &wanted));
        let candidates: Vec<&Json> = state.routes().filter(alike).collect();
        candidates
            .iter()
            .find(|one| one.get("metric") == wanted.get("metric"))
            .or_else(|| candidates.first())
            .map(|one| (*one).clone())
    }

    fn all(&self, state: &Document) -> Vec<Json> {
        state.routes().cloned().collect()
    }

    fn filters(&self) -> &'static [&'static str] {
        &["table-id", "destination", "next-hop-interface"]
    }

    fn desired(&self, entry: &Json, _previous: Option<&Json>) -> Json {
        let mut wanted = entry.clone();
        if let Some(object) = wanted.as_object_mut() {
            // A VRF decides the table.
            if object.contains_key("vrf-name") {
                object.remove("table-id");
            } else {
                object.entry("table-id").or_insert_with(|| MAIN_TABLE.into());
            }
        }
        json!({ "routes": { "config": [wanted] } })
    }

    fn label(&self, entry: &Json) -> String {
        format!("route `{}`", entry.get("destination").and_then(Json::as_str).unwrap_or_default())
    }

    fn identity(&self) -> Vec<&'static Key> {
        keys_of(&keys::ROUTE, &IDENTITY)
    }

    fn import_form(&self) -> &'static str {
        "DESTINATION[,NEXT_HOP_INTERFACE[,NEXT_HOP_ADDRESS[,TABLE_ID[,METRIC]]]]"
    }

    fn starts_with_host(&self, parts: &[&str]) -> bool {
        parts.first().is_some_and(|first| !first.contains('/'))
    }

    fn find_imports(&self, state: &Document, parts: &[&str]) -> Vec<Json> {
        let asked = Asked::new(&IMPORT, parts);
        let Some(asked) = asked.filter(|asked| asked.given.contains_key("destination")) else {
            return Vec::new();
        };
        let wanted = normal(&Json::Object(asked.given.clone()));
        state.routes().filter(|one| asked.is_met(one, &wanted)).cloned().collect()
    }

    fn import_parts(&self, entry: &Json) -> Vec<String> {
        import_parts(&IMPORT, entry)
    }

    fn resource_name(&self, entry: &Json) -> String {
        let destination = text(entry, "destination").unwrap_or_default();
        let name = match destination.as_str() {
            "0.0.0.0/0" => "default".to_owned(),
            "::/0" => "default_ipv6".to_owned(),
            _ => format!("to_{destination}"),
        };
        let table = text(entry, "table-id").filter(|table| *table != MAIN_TABLE.to_string());
        let table = table.map(|table| format!("table_{table}"));
        let parts = [Some(name), text(entry, "route-type"), table];
        parts.into_iter().flatten().collect::<Vec<_>>().join("_")
    }

    fn left_out(&self, entry: &Json, host: &Seen<'_>) -> Option<Reason> {
        host.route_owner(entry)
    }
}

/// A route in canonical form.
fn normal(route: &Json) -> Json {
    let document = json!({ "routes": { "config": [route] } });
    Document::from_value(document)
        .ok()
        .and_then(|document| canonical(&document).routes().next().cloned())
        .unwrap_or_else(|| route.clone())
}

/// Whether a route on the host has the wanted value; special routes have no next hop to name, and
/// those of a VRF no table.
fn same_key(key: &str, route: &Json, wanted: &Json) -> bool {
    match wanted.get(key) {
        None if key == "next-hop-interface" => true,
        _ if key == "table-id" && wanted.get("vrf-name").is_some() => {
            route.get("vrf-name") == wanted.get("vrf-name")
        }
        value => route.get(key) == value,
    }
}
