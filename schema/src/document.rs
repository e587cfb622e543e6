//! One host's desired or current state.
//!
//! Parsed once at the edge, from YAML, JSON or a tree that a front door has built; everything
//! behind the edge works on the tree. A document keeps what its author wrote, spelling included:
//! the normal form is a separate step ([`crate::canonical`]) so that messages quote the author.

use serde_json::{Map, Value};

use crate::finding::Finding;
use crate::path::Path;

/// The most nesting a document may have; nmstate's own deepest key is at 10.
const DEPTH_LIMIT: usize = 64;

/// A network state.
#[derive(Debug, Clone, PartialEq)]
pub struct Document(Value);

impl Document {
    /// Reads YAML or JSON: a network state, or a `NodeNetworkConfigurationPolicy` around one.
    ///
    /// # Errors
    /// What is not YAML, has a key twice, or is nested or repeated so deeply that reading it could
    /// exhaust memory.
    pub fn parse(text: &str) -> Result<Document, Vec<Finding>> {
        let value = parse_yaml(text)?;
        Document::from_value(value)
    }

    /// Takes a tree: a network state, or a `NodeNetworkConfigurationPolicy` around one.
    ///
    /// # Errors
    /// What is not a mapping, or is a policy that captures.
    pub fn from_value(value: Value) -> Result<Document, Vec<Finding>> {
        match value {
            Value::Null => Ok(Document(Value::Object(Map::new()))),
            Value::Object(map) => unwrap_policy(map).map(|map| Document(Value::Object(map))),
            other => Err(vec![
                Finding::new(Path::new(), format!("a document is a mapping, not `{other}`"))
                    .with_hint("start with `interfaces:`, `routes:` or `dns-resolver:`"),
            ]),
        }
    }

    /// A tree that is known to be a mapping.
    pub(crate) fn from_tree(tree: Value) -> Document {
        Document(tree)
    }

    /// The tree.
    pub fn as_value(&self) -> &Value {
        &self.0
    }

    /// The tree, owned.
    pub fn into_value(self) -> Value {
        self.0
    }

    /// The document as JSON, as `nmstatectl` reads it.
    pub fn to_json(&self) -> String {
        self.0.to_string()
    }

    /// The document as YAML.
    pub fn to_yaml(&self) -> String {
        serde_saphyr::to_string(&self.0).unwrap_or_else(|_| self.to_json())
    }

    /// The interfaces, in the order of the document.
    pub fn interfaces(&self) -> impl Iterator<Item = &Value> {
        self.items(&["interfaces"])
    }

    /// The first interface of this name.
    pub fn interface(&self, name: &str) -> Option<&Value> {
        self.interfaces().find(|interface| interface["name"] == name)
    }

    /// The static routes.
    pub fn routes(&self) -> impl Iterator<Item = &Value> {
        self.items(&["routes", "config"])
    }

    /// The policy routing rules.
    pub fn route_rules(&self) -> impl Iterator<Item = &Value> {
        self.items(&["route-rules", "config"])
    }

    /// The static DNS settings.
    pub fn dns(&self) -> Option<&Value> {
        self.0.get("dns-resolver")?.get("config")
    }

    /// Whether the document says nothing: applying it would change nothing.
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            Value::Object(map) => map.values().all(is_empty_list),
            _ => true,
        }
    }

    fn items(&self, keys: &[&str]) -> impl Iterator<Item = &Value> {
        let mut value = Some(&self.0);
        for key in keys {
            value = value.and_then(|value| value.get(key));
        }
        value.and_then(Value::as_array).into_iter().flatten()
    }
}

impl Default for Document {
    fn default() -> Document {
        Document(Value::Object(Map::new()))
    }
}

fn is_empty_list(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => {
            map.get("config")
                .is_some_and(|config| matches!(config, Value::Array(items) if items.is_empty()))
                && map.len() == 1
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn parse_yaml(text: &str) -> Result<Value, Vec<Finding>> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: DEPTH_LIMIT, max_documents: 1 },
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| vec![Finding::new(Path::new(), error.to_string())])
}

fn unwrap_policy(mut map: Map<String, Value>) -> Result<Map<String, Value>, Vec<Finding>> {
    if map.get("kind").and_then(Value::as_str) != Some("NodeNetworkConfigurationPolicy") {
        return Ok(map);
    }
    let state =
        map.remove("spec").and_then(|mut spec| spec.get_mut("desiredState").map(Value::take));
    match state {
        Some(Value::Object(state)) => Ok(state),
        _ => Err(vec![Finding::new(Path::new(), "the policy has no `spec.desiredState`")]),
    }
}
