//! Plans in JSON form.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// The changes in a plan in JSON form: per resource its address and the attributes whose value
/// before differs from the value after. `list` is `resource_changes` or `resource_drift`.
pub fn changes(plan: &Value, list: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for resource in plan.get(list).and_then(Value::as_array).into_iter().flatten() {
        let change = &resource["change"];
        if change["actions"] == json!(["no-op"]) || change["actions"] == json!(["read"]) {
            continue;
        }
        let mut attributes = Vec::new();
        differing(&change["before"], &change["after"], "", &mut attributes);
        unknown(&change["after_unknown"], "", &mut attributes);
        let address = resource["address"].as_str().unwrap_or_default().to_owned();
        found.push((address, attributes));
    }
    found
}

/// Adds the paths below `path` at which two values differ.
pub(crate) fn differing(before: &Value, after: &Value, path: &str, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for name in names {
                let one = before.get(name).unwrap_or(&Value::Null);
                let other = after.get(name).unwrap_or(&Value::Null);
                differing(one, other, &join(path, name), found);
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (index, (one, other)) in before.iter().zip(after).enumerate() {
                differing(one, other, &format!("{path}[{index}]"), found);
            }
        }
        _ if before == after => {}
        _ => found.push(path.to_owned()),
    }
}

fn unknown(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Bool(true) if !found.iter().any(|one| one == path) => found.push(path.to_owned()),
        Value::Object(entries) => {
            for (name, inner) in entries {
                unknown(inner, &join(path, name), found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                unknown(inner, &format!("{path}[{index}]"), found);
            }
        }
        _ => {}
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
