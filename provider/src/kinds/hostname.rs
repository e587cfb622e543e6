//! The name of a host: one per host, and always there.
//!
//! The name in `/etc/hostname` is no profile of NetworkManager, so no checkpoint covers it: the
//! engine writes it after the change is confirmed.

use nmstate_schema::Value as Json;
use nmstate_schema::document::Document;
use nmstate_schema::keys::{self, Section};
use serde_json::json;

use super::text;
use crate::entry::Kind;
use crate::layout::Layout;

/// The host name.
pub(crate) struct Hostname;

impl Kind for Hostname {
    fn type_name(&self) -> String {
        "nmstate_hostname".into()
    }

    fn section(&self) -> &'static Section {
        &keys::HOSTNAME
    }

    fn description(&self) -> String {
        "The name of a host: the one it keeps, and the one it has now. What the configuration leaves \
         out is not managed and keeps the host's value."
            .into()
    }

    fn layout(&self) -> Layout {
        Layout::section(&keys::HOSTNAME, &[])
    }

    fn find(&self, state: &Document, _entry: &Json) -> Option<Json> {
        Some(state.as_value().get("hostname").cloned().unwrap_or_else(|| json!({})))
    }

    fn desired(&self, entry: &Json, _previous: Option<&Json>) -> Json {
        json!({ "hostname": entry })
    }

    /// It is always there.
    fn creatable(&self, _entry: &Json) -> bool {
        false
    }

    fn label(&self, _entry: &Json) -> String {
        "the host name".into()
    }

    /// The name that a host keeps; the one that it has now may come from the network.
    fn is_configured(&self, entry: &Json) -> bool {
        text(entry, "config").is_some()
    }
}
