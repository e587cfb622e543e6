//! `nmstate_interfaces`: the interfaces that have something in common.

use async_trait::async_trait;
use nmstate_engine::glob_matches;
use nmstate_schema::Value as Json;
use nmstate_schema::keys::{INTERFACE, Key};
use tfplugin::{Attribute, Diagnostics, Mode, Nesting, Type, Value};

use super::{Answer, Failure, Question, computed, filter, items, passes};
use crate::convert;
use crate::fleet::Member;

/// What can be filtered by, beside the name.
const FILTERS: [&str; 5] = ["type", "state", "controller", "mac-address", "driver"];
/// What is shown of each interface.
const SHOWN: [&str; 7] = ["name", "type", "state", "mac-address", "mtu", "controller", "driver"];

/// The data source `nmstate_interfaces`.
pub(super) struct Interfaces;

#[async_trait]
impl Question for Interfaces {
    fn type_name(&self) -> &'static str {
        "nmstate_interfaces"
    }

    fn description(&self) -> &'static str {
        "The interfaces of a host that satisfy all filters that are given; all of them when none \
         is."
    }

    fn attributes(&self) -> Vec<Attribute> {
        let mut attributes = vec![Attribute::optional("name", Type::String).described(
            "A pattern for names, such as `eth*`: `*` is any text, `?` any one character.",
        )];
        attributes.extend(keys(&FILTERS).map(|key| {
            filter(key, &format!("Only interfaces with this `{}`, in any spelling.", key.name))
        }));
        let shown = keys(&SHOWN)
            .map(|key| computed(convert::attribute(convert::attribute_name(key.name), key)));
        attributes.extend([
            Attribute::computed("names", Type::list(Type::String))
                .described("The names of the interfaces, sorted."),
            Attribute::nested("interfaces", Mode::Computed, Nesting::List, shown.collect())
                .described(
                    "The interfaces, in the same order; `nmstate_interface` has all about one.",
                ),
        ]);
        attributes
    }

    async fn answer(
        &self,
        config: &Value,
        member: &Member,
        _diagnostics: &mut Diagnostics,
    ) -> Result<Answer, Failure> {
        let snapshot = member.host.snapshot().await?;
        let found = found(config, snapshot.state.as_value());
        let names = found.iter().filter_map(|interface| interface["name"].as_str());
        Ok(vec![
            ("names".into(), Value::list(names)),
            ("interfaces".into(), Value::list(found.iter().copied().map(shown))),
        ])
    }
}

fn keys(names: &'static [&'static str]) -> impl Iterator<Item = &'static Key> {
    names.iter().filter_map(|name| INTERFACE.key(name))
}

/// The interfaces that satisfy all filters, sorted by name.
fn found<'a>(config: &Value, state: &'a Json) -> Vec<&'a Json> {
    let filters: Vec<&'static Key> = keys(&FILTERS).collect();
    let pattern = config.attribute("name").as_str();
    let is_called = |interface: &Json| {
        let name = interface["name"].as_str().unwrap_or_default();
        pattern.is_none_or(|pattern| glob_matches(pattern, name))
    };
    let mut found: Vec<&Json> = items(state, "/interfaces")
        .filter(|interface| is_called(interface) && passes(config, &filters, interface))
        .collect();
    found.sort_by_key(|interface| interface["name"].as_str());
    found
}

fn shown(interface: &Json) -> Value {
    let value = |key: &Key| {
        convert::with_lists(&key.kind, convert::from_json(&key.kind, &interface[key.name]))
    };
    Value::object(keys(&SHOWN).map(|key| (convert::attribute_name(key.name), value(key))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_filters_count() {
        let state = json!({"interfaces": [
            {"name": "eth2", "type": "ethernet", "state": "up", "controller": "bond0", "mtu": 1500,
             "mac-address": "52:54:00:AA:BB:02", "driver": "virtio_net"},
            {"name": "eth1", "type": "ethernet", "state": "down", "mac-address": "52:54:00:AA:BB:01"},
            {"name": "bond0", "type": "bond", "state": "up"},
        ]});
        let names = |filters: &[(&str, &str)]| {
            let config = Value::object(filters.iter().copied());
            let found = found(&config, &state);
            found.iter().filter_map(|one| one["name"].as_str()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(&[]), "bond0 eth1 eth2");
        assert_eq!(names(&[("name", "eth?")]), "eth1 eth2");
        assert_eq!(names(&[("name", "eth*"), ("state", "up")]), "eth2");
        assert_eq!(names(&[("mac_address", "52:54:00:aa:bb:01")]), "eth1");
        assert_eq!(names(&[("controller", "bond0"), ("driver", "virtio_net")]), "eth2");
        assert_eq!(names(&[("type", "vlan")]), "");
        let shown = shown(found(&Value::object([("mtu", "")]), &state)[2]);
        assert_eq!(shown.attribute("mtu").as_i64(), Some(1500));
        assert_eq!(shown.as_map().map(std::collections::BTreeMap::len), Some(SHOWN.len()));
    }
}
