//! Documents for people and files: without secrets.

use serde_json::Value;

use crate::canonical::MASKED_SECRET;
use crate::keys::{Kind, STATE};
use crate::walk;

/// A copy of a document's tree in which every secret reads as nmstate itself masks it.
pub fn redact(state: &Value) -> Value {
    let mut redacted = state.clone();
    mask(&Kind::Section(&STATE), None, &mut redacted);
    redacted
}

fn mask(kind: &Kind, outer: Option<&str>, value: &mut Value) {
    match (kind, value) {
        (Kind::Section(section), Value::Object(map)) => {
            let own_type = walk::interface_type(section, map, outer).map(str::to_owned);
            for (name, value) in map.iter_mut() {
                match section.key_for(name, own_type.as_deref()) {
                    Some(key) if key.sensitive && !value.is_null() => *value = MASKED_SECRET.into(),
                    Some(key) => mask(&key.kind, own_type.as_deref(), value),
                    None => {}
                }
            }
        }
        (Kind::List { item, .. }, Value::Array(items)) => {
            for value in items {
                mask(item, outer, value);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_alone_are_masked() {
        let state = json!({"interfaces": [
            {"name": "eth1", "802.1x": {"identity": "me", "private-key-password": "s3cret"}},
            {"name": "macsec0", "type": "macsec", "macsec": {"mka-cak": "s3cret", "port": 0}},
        ]});
        let text = redact(&state).to_string();
        assert!(!text.contains("s3cret"), "{text}");
        assert!(text.contains("\"identity\":\"me\""), "{text}");
    }
}
