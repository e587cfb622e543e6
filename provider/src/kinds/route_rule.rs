//! Policy routing rules: one resource per rule.
//!
//! The kernel cannot change a rule, and nmstate's list only ever adds: a changed rule is sent as
//! the removal of its old form and the new form in one document. All that a rule says tells it
//! from others, its priority too, and what it does not select by counts as well: the rule for all
//! packets is another one than that for packets from a network.

use nmstate_schema::Value as Json;
use nmstate_schema::canonical::canonical;
use nmstate_schema::compare::compare_section;
use nmstate_schema::document::Document;
use nmstate_schema::keys::{self, Key, Section};
use serde_json::json;

use super::{Asked, import_parts, keys_of, text};
use crate::entry::Kind;
use crate::layout::Layout;
use crate::ownership::{Reason, Seen};

/// What names a rule, in the order of an import id.
const IDENTITY: [&str; 5] = ["priority", "family", "ip-from", "ip-to", "route-table"];

/// What an import id can name: all that a rule says.
const IMPORT: [&str; 10] = [
    "priority",
    "family",
    "ip-from",
    "ip-to",
    "route-table",
    "fwmark",
    "fwmask",
    "iif",
    "action",
    "suppress-prefix-length",
];

/// A rule.
pub(crate) struct RouteRule;

impl Kind for RouteRule {
    fn type_name(&self) -> String {
        "nmstate_route_rule".into()
    }

    fn section(&self) -> &'static Section {
        &keys::ROUTE_RULE
    }

    fn description(&self) -> String {
        "A policy routing rule, which chooses the routing table of a packet. What the configuration \
         leaves out is not managed and keeps the host's value."
            .into()
    }

    fn layout(&self) -> Layout {
        Layout::section(&keys::ROUTE_RULE, &["state"])
    }

    fn is_replaced(&self) -> bool {
        true
    }

    fn find(&self, state: &Document, entry: &Json) -> Option<Json> {
        state.route_rules().find(|one| satisfies(one, entry)).cloned()
    }

    fn all(&self, state: &Document) -> Vec<Json> {
        state.route_rules().cloned().collect()
    }

    fn filters(&self) -> &'static [&'static str] {
        &["route-table", "family", "ip-from", "ip-to"]
    }

    fn desired(&self, entry: &Json, _previous: Option<&Json>) -> Json {
        json!({ "route-rules": { "config": [entry] } })
    }

    fn label(&self, entry: &Json) -> String {
        let said = keys::ROUTE_RULE.keys.iter().filter_map(|key| Some((key, entry.get(key.name)?)));
        let said = said.map(|(key, value)| match value {
            Json::String(text) => format!("{} {text}", key.name),
            other => format!("{} {other}", key.name),
        });
        format!("route rule `{}`", said.collect::<Vec<_>>().join(" "))
    }

    fn identity(&self) -> Vec<&'static Key> {
        keys_of(&keys::ROUTE_RULE, &IDENTITY)
    }

    fn import_form(&self) -> &'static str {
        "PRIORITY[,FAMILY[,IP_FROM[,IP_TO[,ROUTE_TABLE[,FWMARK[,FWMASK[,IIF[,ACTION[,SUPPRESS_PREFIX_LENGTH]]]]]]]]]"
    }

    fn starts_with_host(&self, parts: &[&str]) -> bool {
        parts.first().is_some_and(|first| first.parse::<u32>().is_err())
    }

    fn find_imports(&self, state: &Document, parts: &[&str]) -> Vec<Json> {
        let asked = Asked::new(&IMPORT, parts);
        let Some(asked) = asked.filter(|asked| asked.given.contains_key("priority")) else {
            return Vec::new();
        };
        let wanted = normal(&Json::Object(asked.given.clone()));
        state.route_rules().filter(|one| asked.is_met(one, &wanted)).cloned().collect()
    }

    fn import_parts(&self, entry: &Json) -> Vec<String> {
        import_parts(&IMPORT, entry)
    }

    fn resource_name(&self, entry: &Json) -> String {
        format!("priority_{}", text(entry, "priority").unwrap_or_default())
    }

    fn left_out(&self, entry: &Json, host: &Seen<'_>) -> Option<Reason> {
        host.rule_owner(entry)
    }
}

/// Whether a rule on the host is the one that `wanted` describes.
fn satisfies(found: &Json, wanted: &Json) -> bool {
    compare_section(&keys::ROUTE_RULE, None, wanted, found).is_empty()
}

/// A rule in canonical form.
fn normal(rule: &Json) -> Json {
    Document::from_value(json!({ "route-rules": { "config": [rule] } }))
        .ok()
        .and_then(|document| canonical(&document).route_rules().next().cloned())
        .unwrap_or_else(|| rule.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = r#"{"route-rules": {"config": [
        {"family": "ipv4", "ip-from": "192.0.2.0/24", "priority": 100, "route-table": 200},
        {"family": "ipv4", "priority": 101, "route-table": 200},
        {"family": "ipv4", "ip-from": "192.0.2.0/24", "priority": 102, "route-table": 200, "fwmark": "0x30"}]}}"#;

    fn host() -> Document {
        canonical(&Document::parse(HOST).unwrap())
    }

    fn found(entry: &Json) -> Option<u64> {
        RouteRule.find(&host(), entry)?.get("priority")?.as_u64()
    }

    #[test]
    fn a_rule_is_all_that_it_says() {
        assert_eq!(found(&json!({"ip-from": "192.0.2.7/24", "route-table": 200})), Some(100));
        assert_eq!(found(&json!({"family": "ipv4", "route-table": 200})), Some(101));
        assert_eq!(
            found(&json!({"ip-from": "192.0.2.0/24", "route-table": 200, "fwmark": 48})),
            Some(102)
        );
        assert_eq!(
            found(&json!({"ip-from": "192.0.2.0/24", "route-table": 200, "priority": 5})),
            None
        );
        assert_eq!(found(&json!({"ip-from": "192.0.2.0/24"})), None);
    }

    #[test]
    fn an_import_names_as_much_as_is_needed() {
        let import = |parts: &[&str]| {
            RouteRule.find_imports(&host(), parts).first().map(|one| one["route-table"].clone())
        };
        assert_eq!(import(&["100"]), Some(json!(200)));
        assert_eq!(import(&["100", "ipv4", "192.0.2.0/24"]), Some(json!(200)));
        assert_eq!(import(&["101", "", "192.0.2.0/24"]), None);
        assert!(!RouteRule.starts_with_host(&["100"]) && RouteRule.starts_with_host(&["h", "100"]));
    }
}
