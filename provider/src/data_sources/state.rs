//! `nmstate_state`: everything that nmstate shows of a host.

use async_trait::async_trait;
use nmstate_schema::Value as Json;
use serde_json::{Map, json};
use tfplugin::{Attribute, Diagnostics, Type, Value};

use super::{Answer, Failure, Question, items, running_config, seen};
use crate::document::dynamic;
use crate::fleet::Member;

/// The data source `nmstate_state`.
pub(super) struct State;

#[async_trait]
impl Question for State {
    fn type_name(&self) -> &'static str {
        "nmstate_state"
    }

    fn description(&self) -> &'static str {
        "The network state of a host as nmstate shows it."
    }

    fn attributes(&self) -> Vec<Attribute> {
        vec![
            running_config(),
            Attribute::optional("interfaces", Type::list(Type::String)).described(
                "Only the interfaces with these names and the routes over them, as `nmstatectl \
                 show NAME` does. Everything by default.",
            ),
            Attribute::computed("state", Type::Dynamic)
                .described("The state, an object with nmstate's own keys. Secrets are masked."),
            Attribute::computed("nmstate_version", Type::String)
                .described("The version of nmstate on the host, such as `2.2.62`."),
        ]
    }

    async fn answer(
        &self,
        config: &Value,
        member: &Member,
        _diagnostics: &mut Diagnostics,
    ) -> Result<Answer, Failure> {
        let snapshot = member.host.snapshot().await?;
        let state = seen(config, &snapshot);
        let state = match config.attribute("interfaces").as_list() {
            None => dynamic(&state),
            Some(names) => {
                let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
                dynamic(&only(&state, &names))
            }
        };
        Ok(vec![
            ("state".into(), state),
            ("nmstate_version".into(), snapshot.nmstate_version.as_str().into()),
        ])
    }
}

/// The interfaces with these names and the routes over them.
fn only(state: &Json, names: &[&str]) -> Json {
    let those = |pointer: &str, key: &str| -> Json {
        let is_meant = |item: &&Json| item[key].as_str().is_some_and(|name| names.contains(&name));
        items(state, pointer).filter(is_meant).cloned().collect()
    };
    let lists = state["routes"].as_object().into_iter().flatten();
    let routes: Map<String, Json> = lists
        .map(|(list, _)| (list.clone(), those(&format!("/routes/{list}"), "next-hop-interface")))
        .collect();
    json!({ "interfaces": those("/interfaces", "name"), "routes": routes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_come_with_their_routes() {
        let state = json!({
            "hostname": {"running": "host1"},
            "interfaces": [{"name": "eth1"}, {"name": "eth2"}],
            "routes": {
                "running": [{"next-hop-interface": "eth1"}, {"next-hop-interface": "eth2"}],
                "config": [{"next-hop-interface": "eth2"}],
            },
        });
        let expected = json!({
            "interfaces": [{"name": "eth1"}],
            "routes": {"running": [{"next-hop-interface": "eth1"}], "config": []},
        });
        assert_eq!(only(&state, &["eth1", "eth9"]), expected);
    }
}
