//! What is left of settings when others are declared.

use serde_json::{Map, Value};

use crate::keys::{Extras, Kind, Section};

/// `settings` without what `declared` says.
pub(crate) fn subtract(
    section: &'static Section,
    interface_type: Option<&str>,
    settings: &mut Map<String, Value>,
    declared: &Map<String, Value>,
) {
    for (name, said) in declared.iter().filter(|(name, _)| !is_name(name)) {
        let Some(value) = settings.get_mut(name) else { continue };
        let is_emptied = match (section.key_for(name, interface_type), value, said) {
            // What is on or off in such a section decides the rest of it.
            (Some(key), Value::Object(value), Value::Object(said)) => match &key.kind {
                Kind::Section(inner) if inner.key("enabled").is_none() => {
                    subtract(inner, interface_type, value, said);
                    value.is_empty()
                }
                _ => true,
            },
            (Some(key), Value::Array(value), Value::Array(said))
                if key.extras == Extras::Tolerated =>
            {
                if let Kind::List { item: Kind::Section(inner), .. } = &key.kind {
                    let is_same = |one: &Value, other: &Value| {
                        inner.identity.iter().all(|name| one.get(*name) == other.get(*name))
                    };
                    value.retain(|one| !said.iter().any(|other| is_same(one, other)));
                }
                value.is_empty()
            }
            _ => true,
        };
        if is_emptied {
            settings.shift_remove(name);
        }
    }
}

fn is_name(key: &str) -> bool {
    matches!(key, "name" | "type" | "state")
}
