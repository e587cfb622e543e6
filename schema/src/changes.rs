//! A change for people: in words, and as what differs between two trees.
//!
//! Both are made of what is compared, so they say exactly what a change is about; secrets are
//! masked in both.

use serde_json::{Map, Value};

use crate::compare::Difference;
use crate::path::{Path, Step};
use crate::redact::redact_at;

/// Each difference as one step that makes it go away, such as
/// ``change `interfaces[eth1].mtu` from `1500` to `1400` ``.
pub fn steps(differences: &[Difference]) -> Vec<String> {
    differences.iter().map(step).collect()
}

/// What of two trees differs, with as much around it as tells what it belongs to: the `name` of a
/// list's items. Equal trees have nothing to show.
pub fn excerpts(before: &Value, after: &Value) -> (Value, Value) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let (mut left, mut right) = (Map::new(), Map::new());
            let more = after.keys().filter(|name| !before.contains_key(*name));
            for name in before.keys().chain(more) {
                let (one, other) = (before.get(name), after.get(name));
                if one == other {
                    continue;
                }
                let (one, other) = match (one, other) {
                    (Some(one), Some(other)) => {
                        let (one, other) = excerpts(one, other);
                        (Some(one), Some(other))
                    }
                    (one, other) => (one.cloned(), other.cloned()),
                };
                left.extend(one.map(|value| (name.clone(), value)));
                right.extend(other.map(|value| (name.clone(), value)));
            }
            (left.into(), right.into())
        }
        (Value::Array(before), Value::Array(after)) if is_named(before) && is_named(after) => {
            items(before, after)
        }
        _ => (before.clone(), after.clone()),
    }
}

fn items(before: &[Value], after: &[Value]) -> (Value, Value) {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let find = |list: &[Value], item: &Value| {
        list.iter().find(|other| other["name"] == item["name"]).cloned()
    };
    for one in before {
        match find(after, one) {
            Some(other) if *one == other => {}
            Some(other) => {
                left.push(excerpt_of(one, &other));
                right.push(excerpt_of(&other, one));
            }
            None => left.push(one.clone()),
        }
    }
    right.extend(after.iter().filter(|item| find(before, item).is_none()).cloned());
    (left.into(), right.into())
}

/// What of an item differs from another, below its name.
fn excerpt_of(item: &Value, other: &Value) -> Value {
    let (excerpt, _) = excerpts(item, other);
    let mut named = Map::from_iter([("name".to_owned(), item["name"].clone())]);
    if let Value::Object(excerpt) = excerpt {
        named.extend(excerpt);
    }
    named.into()
}

fn is_named(items: &[Value]) -> bool {
    items.iter().all(|item| item["name"].is_string())
}

fn step(difference: &Difference) -> String {
    let Difference { path, desired, current } = difference;
    if let Some(step) = interface_step(path, desired, current.as_ref()) {
        return step;
    }
    let shown = |value: &Value| text(&redact_at(path, value));
    match current {
        Some(_) if desired.is_null() || desired["state"] == "absent" => format!("remove `{path}`"),
        None if matches!(path.steps().last(), Some(Step::Item(_))) => format!("add `{path}`"),
        None => format!("set `{path}` to {}", shown(desired)),
        Some(current) => format!("change `{path}` from {} to {}", shown(current), shown(desired)),
    }
}

/// A step about an interface as a whole.
fn interface_step(path: &Path, desired: &Value, current: Option<&Value>) -> Option<String> {
    match (path.steps(), desired.as_str(), current) {
        ([Step::Key(list), Step::Item(name)], _, None) if list == "interfaces" => {
            let of_type = desired["type"].as_str().unwrap_or("interface");
            Some(format!("create {of_type} `{name}`"))
        }
        ([Step::Key(list), Step::Item(name), Step::Key(key)], Some(state), _)
            if list == "interfaces" && key == "state" =>
        {
            match state {
                "absent" => Some(format!("remove interface `{name}`")),
                "down" => Some(format!("take interface `{name}` down")),
                _ => Some(format!("bring interface `{name}` up")),
            }
        }
        _ => None,
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::compare::compare;
    use crate::document::Document;

    #[test]
    fn every_difference_is_one_step_without_secrets() {
        let parse = |text| Document::parse(text).unwrap();
        let current = parse(
            "interfaces:\n- {name: eth1, type: ethernet, state: up, mtu: 1500, \
             802.1x: {identity: me, private-key-password: old}}\n\
             - {name: br0, type: linux-bridge, state: up}\n\
             routes: {config: [{destination: 192.0.2.0/24, next-hop-interface: eth1}]}\n\
             dns-resolver: {config: {server: [192.0.2.1]}}\n",
        );
        let desired = parse(
            "interfaces:\n- {name: eth1, mtu: 1400, 802.1x: {private-key-password: new}}\n\
             - {name: br0, state: absent}\n- {name: br1, type: linux-bridge}\n\
             routes: {config: [{destination: 192.0.2.0/24, next-hop-interface: eth1, state: absent},\
             {destination: 198.51.100.0/24, next-hop-interface: eth1}]}\n\
             dns-resolver: {config: {server: [192.0.2.2]}}\n",
        );
        let mut steps = steps(&compare(&desired, &current));
        steps.sort();
        let expected = [
            "add `routes.config[198.51.100.0/24 eth1 254]`",
            "change `dns-resolver.config.server` from `[\"192.0.2.1\"]` to `[\"192.0.2.2\"]`",
            "change `interfaces[eth1].802.1x.private-key-password` from \
             `<_password_hid_by_nmstate>` to `<_password_hid_by_nmstate>`",
            "change `interfaces[eth1].mtu` from `1500` to `1400`",
            "create linux-bridge `br1`",
            "remove `routes.config[192.0.2.0/24 eth1]`",
            "remove interface `br0`",
        ];
        assert_eq!(steps, expected);
    }

    #[test]
    fn an_excerpt_names_what_it_is_about() {
        let before = json!({"interfaces": [
            {"name": "eth1", "mtu": 1500, "state": "up", "ipv4": {"enabled": true, "dhcp": true}},
            {"name": "eth2", "mtu": 1500}]});
        let after = json!({"interfaces": [
            {"name": "eth1", "mtu": 1400, "state": "up", "ipv4": {"enabled": true, "dhcp": false}},
            {"name": "eth2", "mtu": 1500}, {"name": "br0"}]});
        let (left, right) = excerpts(&before, &after);
        assert_eq!(
            left,
            json!({"interfaces": [{"name": "eth1", "mtu": 1500, "ipv4": {"dhcp": true}}]})
        );
        let eth1 = json!({"name": "eth1", "mtu": 1400, "ipv4": {"dhcp": false}});
        assert_eq!(right, json!({"interfaces": [eth1, {"name": "br0"}]}));
        assert_eq!(excerpts(&before, &before), (json!({}), json!({})));
    }
}
