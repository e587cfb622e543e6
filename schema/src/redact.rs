//! Documents for people and files: without secrets.

use serde_json::Value;

use crate::canonical::MASKED_SECRET;
use crate::keys::{Kind, STATE};
use crate::path::{Path, Step};
use crate::walk;

/// A place with a secret, and what is there.
pub(crate) type Visit<'a> = dyn FnMut(&Path, &mut Value) + 'a;

/// A copy of a document's tree in which every secret reads as nmstate itself masks it.
pub fn redact(state: &Value) -> Value {
    let mut redacted = state.clone();
    each_secret(&mut redacted, &mut |_, value| *value = MASKED_SECRET.into());
    redacted
}

/// Visits every secret of a document's tree.
pub(crate) fn each_secret(state: &mut Value, visit: &mut Visit<'_>) {
    walk(&Kind::Section(&STATE), None, state, &Path::new(), visit);
}

/// A copy of the value at `path` of a document with every secret masked. The path alone does not
/// tell the type of an interface, so what is a secret for any type is masked.
pub fn redact_at(path: &Path, value: &Value) -> Value {
    if value.is_null() {
        return Value::Null;
    }
    let mut kinds = vec![Kind::Section(&STATE)];
    for step in path.steps() {
        let mut inner = Vec::new();
        for kind in kinds {
            match (kind, step) {
                (Kind::Section(section), Step::Key(name)) => {
                    for key in section.keys.iter().filter(|key| key.is_named(name)) {
                        if key.sensitive {
                            return MASKED_SECRET.into();
                        }
                        inner.push(key.kind);
                    }
                }
                (Kind::Map(kind), Step::Key(_)) => inner.push(*kind),
                (Kind::List { item, .. }, Step::Index(_) | Step::Item(_)) => inner.push(*item),
                _ => {}
            }
        }
        kinds = inner;
    }
    let mut redacted = value.clone();
    for kind in kinds {
        walk(&kind, None, &mut redacted, path, &mut |_, value| *value = MASKED_SECRET.into());
    }
    redacted
}

fn walk(kind: &Kind, outer: Option<&str>, value: &mut Value, at: &Path, visit: &mut Visit<'_>) {
    match (kind, value) {
        (Kind::Section(section), Value::Object(map)) => {
            let own_type = walk::interface_type(section, map, outer).map(str::to_owned);
            for (name, value) in map.iter_mut() {
                match section.key_for(name, own_type.as_deref()) {
                    Some(key) if key.sensitive && !value.is_null() => {
                        visit(&at.join(key.name), value);
                    }
                    Some(key) => {
                        walk(&key.kind, own_type.as_deref(), value, &at.join(key.name), visit);
                    }
                    None => {}
                }
            }
        }
        (Kind::List { item, .. }, Value::Array(items)) => {
            for (index, value) in items.iter_mut().enumerate() {
                let at = at.join(walk::item_step(item, value, index));
                walk(item, outer, value, &at, visit);
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
    #[test]
    fn one_value_is_masked_by_its_path() {
        let interface = Path::new().join("interfaces").join(Step::Item("eth1".to_owned()));
        let dot1x = interface.join("802.1x");
        let secret = dot1x.join("private-key-password");
        assert_eq!(redact_at(&secret, &json!("s3cret")), MASKED_SECRET);
        assert_eq!(redact_at(&secret, &Value::Null), Value::Null);
        assert_eq!(redact_at(&dot1x.join("identity"), &json!("me")), "me");
        for (path, value) in [
            (dot1x, json!({"private-key-password": "s3cret"})),
            (interface, json!({"name": "eth1", "802.1x": {"private-key-password": "s3cret"}})),
        ] {
            let text = redact_at(&path, &value).to_string();
            assert!(!text.contains("s3cret"), "{text}");
        }
    }
}
