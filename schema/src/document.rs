//! One host's desired or current state.
//!
//! Parsed once at the edge, from YAML, JSON or a tree that a front door has built; everything
//! behind the edge works on the tree. A document keeps what its author wrote, spelling included:
//! the normal form is a separate step ([`crate::canonical`]) so that messages quote the author.

use serde_json::{Map, Value};

use crate::finding::Finding;
use crate::path::Path;
use crate::policy::Policy;

/// The most nesting a document may have; nmstate's own deepest key is at 10.
const DEPTH_LIMIT: usize = 64;

/// The most values a document may have: enough for a host with a hundred thousand routes.
const NODE_LIMIT: usize = 2_000_000;

/// The most values that repetition by aliases may add up to.
const ALIAS_LIMIT: usize = 100_000;

/// The most text a document may have.
const SCALAR_LIMIT: usize = 64 << 20;

/// The most characters of what the YAML library says about a text that it cannot read.
const REASON_LIMIT: usize = 200;

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
                Finding::new(
                    Path::new(),
                    format!("a document is a mapping, not {}", type_of(&other)),
                )
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

/// What a value is, for messages: the value itself may be long, or a secret.
pub(crate) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

/// Reads YAML or JSON within the limits of a document.
pub(crate) fn parse_yaml(text: &str) -> Result<Value, Vec<Finding>> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: DEPTH_LIMIT,
            // A second one is seen, and refused in words.
            max_documents: 2,
            max_events: NODE_LIMIT,
            max_nodes: NODE_LIMIT,
            max_total_scalar_bytes: SCALAR_LIMIT,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: ALIAS_LIMIT },
        // nmstate knows which keys take `yes` and `on`; to all others they are words.
        strict_booleans: true,
        // A snippet of the document could show a secret.
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| vec![unreadable(&error)])
}

/// What is wrong with a text. The library quotes what it cannot read, however long it is.
fn unreadable(error: &serde_saphyr::Error) -> Finding {
    if matches!(error, serde_saphyr::Error::MultipleDocuments { .. }) {
        return Finding::new(Path::new(), "the text holds more than one document").with_hint(
            "give one: join them below the same `interfaces:`, or apply each by itself, and take \
             out the line `---` between them",
        );
    }
    let mut reason = error.to_string();
    if let Some((end, _)) = reason.char_indices().nth(REASON_LIMIT) {
        reason.truncate(end);
        reason.push_str(" ...");
        if let Some(place) = error.location() {
            reason.push_str(&format!(" at line {}, column {}", place.line(), place.column()));
        }
    }
    // Text that cannot be read may be anything, and a message is one line.
    let reason = reason.replace(|character: char| character.is_control(), " ");
    let is_too_large = reason.contains("budget breached");
    Finding::new(Path::new(), format!("not a valid YAML or JSON document: {reason}")).with_hint(
        if is_too_large {
            "make the document smaller: it is nested, repeated or split more than any host needs"
        } else {
            "correct the document at the line that the message names"
        },
    )
}

/// The state in a policy; a mapping that names no kind is a state by itself.
fn unwrap_policy(map: Map<String, Value>) -> Result<Map<String, Value>, Vec<Finding>> {
    if !map.contains_key("kind") {
        return Ok(map);
    }
    let policy = Policy::from_value(Value::Object(map))?;
    if policy.capture.is_empty() {
        return Ok(policy.desired);
    }
    Err(vec![
        Finding::new(
            Path::new().join("spec").join("capture"),
            "`capture` is not known without the host",
        )
        .with_hint("resolve the policy on its host, or write the values into `desiredState`"),
    ])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_yaml_json_and_policies() {
        let state = json!({"interfaces": [{"name": "eth1", "mtu": 1500}]});
        for text in [
            "interfaces:\n- name: eth1\n  mtu: 1500\n",
            "---\ninterfaces: [{name: eth1, mtu: 1500}]\n",
            "{\n\t\"interfaces\": [\n\t\t{\"name\": \"eth1\", \"mtu\": 1500}\n\t]\n}\n",
            "apiVersion: nmstate.io/v1\nkind: NodeNetworkConfigurationPolicy\nmetadata: {name: p}\n\
             spec:\n  desiredState:\n    interfaces:\n    - {name: eth1, mtu: 1500}\n",
        ] {
            assert_eq!(Document::parse(text).unwrap().as_value(), &state, "{text}");
        }
        assert!(Document::parse("").unwrap().is_empty());
        let written = Document::parse(&Document::from_tree(state.clone()).to_yaml());
        assert_eq!(written.unwrap().as_value(), &state);
    }

    #[test]
    fn keeps_words_and_addresses_as_text() {
        let document = Document::parse(
            "a: yes\nb: off\nc: 52:54:00:12:34:56\nd: 12:34:56\ne: 18446744073709551615\nf: 0x30\n",
        )
        .unwrap();
        let value = document.as_value();
        assert_eq!(value["a"], "yes");
        assert_eq!(value["b"], "off");
        assert_eq!(value["c"], "52:54:00:12:34:56");
        assert_eq!(value["d"], "12:34:56");
        assert_eq!(value["e"], u64::MAX);
    }

    #[test]
    fn rejects_what_cannot_be_read() {
        let deep = "[".repeat(1000);
        let bomb = "a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\n\
                    c: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c]\n\
                    e: &e [*d, *d, *d, *d, *d, *d, *d, *d]\nf: &f [*e, *e, *e, *e, *e, *e, *e, *e]\n\
                    g: &g [*f, *f, *f, *f, *f, *f, *f, *f]\nh: [*g, *g, *g, *g, *g, *g, *g, *g]\n";
        for (text, expected) in [
            ("interfaces:\n- name: a\n  name: b\n", "duplicate"),
            ("{\"routes\": {}, \"routes\": {}}", "duplicate"),
            ("interfaces: [", "not a valid"),
            ("- name: eth1\n", "a document is a mapping, not a list"),
            ("a: 1\n---\nb: 2\n", "more than one document"),
            ("a: 1\n---\nb: 2\n---\nc: 3\n", "more than one document"),
            ("---\na: 1\n...\n---\nb: [\n", "more than one document"),
            (deep.as_str(), "not a valid"),
            (bomb, "not a valid"),
            (
                "kind: NodeNetworkConfigurationPolicy\nspec: {capture: {a: b}, desiredState: {}}\n",
                "`capture` is not known",
            ),
            ("kind: NodeNetworkConfigurationPolicy\n", "no desired state"),
            ("kind: Pod\n", "`Pod` is not a kind"),
        ] {
            let findings = Document::parse(text).unwrap_err();
            let message = findings[0].to_string();
            assert!(message.contains(expected), "{text}: {message}");
        }
        let findings = Document::parse("a: 1\nb: 2\na: 3\n").unwrap_err();
        assert!(findings[0].message.to_string().contains("line 3"), "{}", findings[0]);
    }
}
