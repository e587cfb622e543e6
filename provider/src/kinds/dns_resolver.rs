//! The static DNS resolver configuration of a host: one per host, and always there.

use nmstate_schema::Value as Json;
use nmstate_schema::document::Document;
use nmstate_schema::keys::{self, Section};
use serde_json::json;

use super::says_something;
use crate::entry::Kind;
use crate::layout::Layout;

/// The DNS resolver.
pub(crate) struct DnsResolver;

impl Kind for DnsResolver {
    fn type_name(&self) -> String {
        "nmstate_dns_resolver".into()
    }

    fn section(&self) -> &'static Section {
        &keys::DNS_CLIENT
    }

    fn description(&self) -> String {
        "The static DNS resolver configuration of a host. What the configuration leaves out is not \
         managed and keeps the host's value."
            .into()
    }

    fn layout(&self) -> Layout {
        Layout::section(&keys::DNS_CLIENT, &[])
    }

    fn find(&self, state: &Document, _entry: &Json) -> Option<Json> {
        Some(state.dns().cloned().unwrap_or_else(|| json!({})))
    }

    fn desired(&self, entry: &Json, _previous: Option<&Json>) -> Json {
        json!({ "dns-resolver": { "config": entry } })
    }

    /// It is always there.
    fn creatable(&self, _entry: &Json) -> bool {
        false
    }

    fn label(&self, _entry: &Json) -> String {
        "the DNS resolver".into()
    }

    fn is_configured(&self, entry: &Json) -> bool {
        says_something(entry)
    }
}
