//! What a host, or a document, lacks of what is desired, for people and `check` blocks.
//!
//! A list of one type, so that configurations can loop over it; values of any type are therefore
//! texts: strings as they are, everything else as JSON, null for what is not there. Sorted by path,
//! because an object has no order that would be its author's. Secrets are compared and then masked,
//! so that an output or a pipeline's log never has one.

use nmstate_schema::Value as Json;
use nmstate_schema::canonical::MASKED_SECRET;
use nmstate_schema::compare::compare;
use nmstate_schema::document::Document;
use nmstate_schema::redact_at;
use tfplugin::{Attribute, Type, Value};

/// What stands for a secret.
const SENSITIVE: &str = "(sensitive value)";

/// The attributes of a difference.
const ATTRIBUTES: [(&str, &str); 3] = [
    ("path", "Where, such as `interfaces[eth1].mtu`."),
    ("from", "What is there: a string as it is, anything else as JSON, null when nothing is."),
    ("to", "What is desired, in the same form; null when the value should not be there."),
];

/// What `current` lacks of `desired`; empty when it is satisfied.
pub(crate) fn differences(desired: &Document, current: &Document) -> Vec<Value> {
    let mut differences = compare(desired, current);
    differences.sort_by(|one, other| one.path.cmp(&other.path));
    differences
        .iter()
        .map(|difference| {
            let shown = |value: &Json| text(&hidden(redact_at(&difference.path, value)));
            Value::object([
                ("path", Value::from(difference.path.to_string())),
                ("from", difference.current.as_ref().map_or(Value::Null, shown)),
                ("to", wanted(&difference.desired).map_or(Value::Null, shown)),
            ])
        })
        .collect()
}

/// The type of a difference.
pub(crate) fn object_type() -> Type {
    Type::object(ATTRIBUTES.map(|(name, _)| (name, Type::String)))
}

/// The attributes of a difference in a data source.
pub(crate) fn attributes() -> Vec<Attribute> {
    let attribute =
        |(name, description)| Attribute::computed(name, Type::String).described(description);
    ATTRIBUTES.map(attribute).into()
}

/// A desired value; none when what is there shall go.
fn wanted(desired: &Json) -> Option<&Json> {
    Some(desired).filter(|one| one.get("state").is_none_or(|state| state != "absent"))
}

/// A value with Terraform's words for a secret in place of nmstate's.
fn hidden(value: Json) -> Json {
    match value {
        Json::String(text) if text == MASKED_SECRET => SENSITIVE.into(),
        Json::Array(items) => items.into_iter().map(hidden).collect(),
        Json::Object(entries) => {
            entries.into_iter().map(|(name, inner)| (name, hidden(inner))).collect()
        }
        other => other,
    }
}

fn text(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::String(text) => Value::from(text.as_str()),
        other => Value::from(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(desired: &str, current: &str) -> Vec<String> {
        let parse = |text| Document::parse(text).unwrap();
        let differences = differences(&parse(desired), &parse(current));
        let part = |value: &Value| value.as_str().unwrap_or("null").to_owned();
        let line = |one: &Value| ["path", "from", "to"].map(|name| part(one.attribute(name)));
        differences.iter().map(|one| line(one).join(" ")).collect()
    }

    #[test]
    fn sorted_as_text_and_without_secrets() {
        let current = "interfaces:\n- {name: b, type: ethernet, state: up, mtu: 1500, \
                       802.1x: {identity: me, private-key-password: old}}\n";
        let desired = "interfaces:\n- {name: b, mtu: 9000, 802.1x: {identity: you, \
                       private-key-password: new}}\n- {name: a, type: dummy}\n";
        let expected = [
            "interfaces[a] null {\"name\":\"a\",\"type\":\"dummy\"}",
            "interfaces[b].802.1x.identity me you",
            "interfaces[b].802.1x.private-key-password (sensitive value) (sensitive value)",
            "interfaces[b].mtu 1500 9000",
        ];
        assert_eq!(shown(desired, current), expected);
        assert!(shown(current, current).is_empty());
    }

    #[test]
    fn what_shall_go_is_null() {
        let route = "destination: 198.51.100.0/24, next-hop-interface: eth1";
        let current = format!("routes: {{config: [{{{route}}}]}}");
        let desired = format!("routes: {{config: [{{{route}, state: absent}}]}}");
        let found = shown(&desired, &current);
        assert!(found.len() == 1 && found[0].ends_with("} null"), "{found:?}");
    }
}
