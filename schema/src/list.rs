//! The lists of a document to which nmstate only adds: an entry goes when its removal is declared.

use serde_json::Value;

use crate::document::Document;
use crate::keys::{ROUTE, ROUTE_RULE, Section};

/// One of the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// `routes.config`.
    Routes,
    /// `route-rules.config`.
    RouteRules,
}

impl List {
    /// Both.
    pub(crate) const ALL: [List; 2] = [List::Routes, List::RouteRules];

    /// The key at the top of a document.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            List::Routes => "routes",
            List::RouteRules => "route-rules",
        }
    }

    /// The keys of an entry.
    #[must_use]
    pub fn section(self) -> &'static Section {
        match self {
            List::Routes => &ROUTE,
            List::RouteRules => &ROUTE_RULE,
        }
    }

    /// An entry for messages, such as ``route `198.51.100.0/24` ``.
    #[must_use]
    pub fn label(self, entry: &Value) -> String {
        let text = |key: &str| entry.get(key).map(|value| value.to_string().replace('"', ""));
        if self == List::Routes {
            return format!("route `{}`", text("destination").unwrap_or_default());
        }
        let keys = self.section().keys.iter().filter_map(|key| Some((key.name, text(key.name)?)));
        let said: Vec<String> = keys.map(|(name, value)| format!("{name} {value}")).collect();
        format!("route rule `{}`", said.join(" "))
    }

    /// The entries of a document.
    pub fn entries(self, document: &Document) -> impl Iterator<Item = &Value> {
        let config = document.as_value().get(self.name()).and_then(|part| part.get("config"));
        config.and_then(Value::as_array).into_iter().flatten()
    }
}
