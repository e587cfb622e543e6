//! `nmstate_routes`: the routes that have something in common.

use async_trait::async_trait;
use nmstate_schema::Value as Json;
use nmstate_schema::keys::{Key, ROUTE};
use tfplugin::{Attribute, Diagnostics, Mode, Nesting, Value};

use super::{Answer, Failure, Question, computed, filter, items, passes, running_config, seen};
use crate::fleet::Member;
use crate::layout::Layout;

/// What can be filtered by.
const FILTERS: [&str; 3] = ["table-id", "destination", "next-hop-interface"];

/// The data source `nmstate_routes`.
pub(super) struct Routes;

#[async_trait]
impl Question for Routes {
    fn type_name(&self) -> &'static str {
        "nmstate_routes"
    }

    fn description(&self) -> &'static str {
        "The routes of a host that satisfy all filters that are given: those in effect, or with \
         `running_config` those that are configured."
    }

    fn attributes(&self) -> Vec<Attribute> {
        let mut attributes = vec![running_config()];
        attributes.extend(filters().map(|key| {
            filter(key, &format!("Only routes with this `{}`, in any spelling.", key.name))
        }));
        let shown = layout().attributes().into_iter().map(computed).collect();
        attributes.push(
            Attribute::nested("routes", Mode::Computed, Nesting::List, shown)
                .described("The routes, in nmstate's order."),
        );
        attributes
    }

    async fn answer(
        &self,
        config: &Value,
        member: &Member,
        _diagnostics: &mut Diagnostics,
    ) -> Result<Answer, Failure> {
        let snapshot = member.host.snapshot().await?;
        let routes = found(config, &seen(config, &snapshot));
        Ok(vec![("routes".into(), Value::list(routes))])
    }
}

fn layout() -> Layout {
    Layout::section(&ROUTE, &["state"])
}

fn filters() -> impl Iterator<Item = &'static Key> {
    FILTERS.iter().filter_map(|name| ROUTE.key(name))
}

fn found(config: &Value, state: &Json) -> Vec<Value> {
    let (layout, filters) = (layout(), filters().collect::<Vec<_>>());
    let is_configured = config.attribute("running_config").as_bool() == Some(true);
    let list = if is_configured { "/routes/config" } else { "/routes/running" };
    items(state, list)
        .filter(|route| passes(config, &filters, route))
        .map(|route| Value::Map(layout.attributes_of(route)))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn running_or_configured_and_filtered() {
        let route = |destination: &str, interface: &str, table: u32| json!({"destination": destination, "next-hop-interface": interface, "table-id": table});
        let learned = route("0.0.0.0/0", "eth1", 254);
        let fixed = route("198.51.100.0/24", "eth2", 100);
        let state = json!({"routes": {"running": [learned, fixed], "config": [fixed]}});
        let destinations = |config: Value| {
            let found = found(&config, &state);
            let text = |route: &Value| route.attribute("destination").as_str().map(str::to_owned);
            found.iter().filter_map(text).collect::<Vec<_>>().join(" ")
        };
        let none = || Value::object([("host", Value::Null)]);
        assert_eq!(destinations(none()), "0.0.0.0/0 198.51.100.0/24");
        assert_eq!(destinations(Value::object([("running_config", true)])), "198.51.100.0/24");
        assert_eq!(destinations(Value::object([("table_id", 254)])), "0.0.0.0/0");
        assert_eq!(
            destinations(Value::object([("destination", "198.51.100.7/24")])),
            "198.51.100.0/24"
        );
        assert_eq!(destinations(Value::object([("next_hop_interface", "eth3")])), "");
    }
}
