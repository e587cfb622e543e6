//! A policy: a desired state that may take values from what the host is.
//!
//! What a policy captures only its host can tell, and nmstate has the one program that resolves
//! captures. So a policy without captures is read as the [`Document`] that it holds, and one with
//! captures stays a [`Policy`] until its host has resolved it; its desired state may hold templates
//! such as `{{ capture.uplink.interfaces.0.name }}` and is therefore not validated.
//!
//! [`Document`]: crate::document::Document

use serde_json::{Map, Value, json};

use crate::document::{parse_yaml, type_of};
use crate::finding::Finding;
use crate::path::Path;

/// The kind of document that holds a policy.
const KIND: &str = "NodeNetworkConfigurationPolicy";

/// How hosts are chosen instead.
const ELSEWHERE: &str = "leave it out, and choose the hosts in Ansible by `hosts`, groups of the inventory or \
                         `when`, in Terraform by `hosts` of the provider and `for_each`";

/// A desired state and what it captures.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The rules of the captures, by name.
    pub(crate) capture: Map<String, Value>,
    /// The desired state, in which captures may be named.
    pub(crate) desired: Map<String, Value>,
}

impl Policy {
    /// Reads YAML or JSON: a `NodeNetworkConfigurationPolicy`, or only its `spec`.
    ///
    /// # Errors
    /// What is not YAML or not a policy.
    pub fn parse(text: &str) -> Result<Policy, Vec<Finding>> {
        Policy::from_value(parse_yaml(text)?)
    }

    /// Takes a tree: a `NodeNetworkConfigurationPolicy`, or only its `spec`.
    ///
    /// # Errors
    /// What is not a policy.
    pub fn from_value(value: Value) -> Result<Policy, Vec<Finding>> {
        let Value::Object(mut map) = value else {
            return Err(vec![
                Finding::new(
                    Path::new(),
                    format!("a policy is a mapping, not {}", type_of(&value)),
                )
                .with_hint("start with `capture:` and `desiredState:`"),
            ]);
        };
        match map.get("kind") {
            None => Policy::from_spec(map, &Path::new()),
            Some(kind) if kind == KIND => {
                let spec = match map.remove("spec") {
                    Some(Value::Object(spec)) => spec,
                    _ => Map::new(),
                };
                Policy::from_spec(spec, &Path::new().join("spec"))
            }
            Some(kind) => {
                let kind = kind.as_str().map_or_else(|| kind.to_string(), str::to_owned);
                let message =
                    format!("`{kind}` is not a kind of document that holds a network state");
                Err(vec![
                    Finding::new(Path::new().join("kind"), message)
                        .with_hint(format!("use `{KIND}`, or a network state by itself")),
                ])
            }
        }
    }

    /// The policy as JSON, as `nmstatectl policy` reads it.
    pub fn to_json(&self) -> String {
        json!({ "capture": self.capture, "desiredState": self.desired }).to_string()
    }

    fn from_spec(mut spec: Map<String, Value>, path: &Path) -> Result<Policy, Vec<Finding>> {
        let mut findings = Vec::new();
        if spec.get("nodeSelector").is_some_and(|selector| !selector.is_null()) {
            let message = "`nodeSelector` chooses nodes of a cluster, and there is none here";
            findings.push(Finding::new(path.join("nodeSelector"), message).with_hint(ELSEWHERE));
        }
        let capture = match spec.remove("capture") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(rules)) => rules,
            Some(_) => {
                findings.push(
                    Finding::new(path.join("capture"), "the captures are not a mapping")
                        .with_hint("write a name and a rule for each"),
                );
                Map::new()
            }
        };
        for (name, _) in capture.iter().filter(|(_, rule)| !rule.is_string()) {
            let path = path.join("capture").join(name.as_str());
            findings.push(
                Finding::new(path, "the rule of the capture is not a string")
                    .with_hint("write a rule such as `interfaces.type==\"ethernet\"`"),
            );
        }
        let desired = match spec.remove("desiredState").or_else(|| spec.remove("desired")) {
            Some(Value::Object(desired)) => desired,
            _ => {
                let hint = format!("put the network state under `{}`", path.join("desiredState"));
                findings.push(
                    Finding::new(path.join("desiredState"), "the policy has no desired state")
                        .with_hint(hint),
                );
                Map::new()
            }
        };
        if findings.is_empty() { Ok(Policy { capture, desired }) } else { Err(findings) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_whole_policy_or_its_spec() {
        let spec = "capture: {up: 'interfaces.state==\"up\"'}\n\
                    desiredState: {interfaces: \"{{ capture.up.interfaces }}\"}\n";
        let whole = format!("kind: {KIND}\nspec:\n  {}", spec.replace('\n', "\n  "));
        let policy = Policy::parse(spec).unwrap();
        assert_eq!(Policy::parse(&whole).unwrap(), policy);
        let expected = "{\"capture\":{\"up\":\"interfaces.state==\\\"up\\\"\"},\
                        \"desiredState\":{\"interfaces\":\"{{ capture.up.interfaces }}\"}}";
        assert_eq!(policy.to_json(), expected);
    }

    #[test]
    fn reports_all_that_is_not_a_policy() {
        for (text, expected) in [
            ("[]", vec!["a policy is a mapping"]),
            ("kind: Pod\n", vec!["`Pod` is not a kind"]),
            ("capture: [a]\n", vec!["not a mapping", "no desired state"]),
            ("capture: {a: 1, b: 2}\ndesiredState: {}\n", vec!["capture.a", "capture.b"]),
            ("a: 1\na: 2\n", vec!["duplicate"]),
            ("nodeSelector: {a: b}\ndesiredState: {}\n", vec!["nodeSelector"]),
            (
                "kind: NodeNetworkConfigurationPolicy\nspec: {nodeSelector: {a: b}, desiredState: {}}\n",
                vec!["`for_each`"],
            ),
        ] {
            let findings = Policy::parse(text).unwrap_err();
            assert_eq!(findings.len(), expected.len(), "{text}");
            for (finding, expected) in findings.iter().zip(expected) {
                assert!(finding.to_string().contains(expected), "{text}: {finding}");
            }
        }
    }
}
