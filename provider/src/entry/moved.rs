//! Taking over the state of another resource type, for `moved` blocks.
//!
//! Between `nmstate_interface` and a typed resource only the places of the keys differ: the state
//! becomes the entry that it shows and is laid out anew. What all resources share keeps its value,
//! and the record of the original goes along.

use nmstate_schema::Value as Json;
use tfplugin::{Diagnostics, MoveRequest, MoveResponse, Resource, Value};

use super::{EntryResource, Kind, attributes};
use crate::secrets;

impl<K: Kind> EntryResource<K> {
    /// The state of this type for one of another.
    pub(super) fn moved(
        &self,
        request: MoveRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<MoveResponse> {
        let is_ours = request.source_provider.rsplit('/').next() == Some("nmstate");
        let source = self.kind.source(&request.source_type).filter(|_| is_ours);
        let Some(source) = source else {
            diagnostics.error(
                format!("`{}` cannot be moved to `{}`", request.source_type, self.name),
                "remove the `moved` block and import the object instead",
            );
            return None;
        };
        let source = EntryResource::new(source, self.shared.clone());
        let before = match request.state.decode(&source.schema()) {
            Ok(state) => attributes(&state),
            Err(error) => {
                diagnostics.error("the stored state cannot be read", error.to_string());
                return None;
            }
        };
        let shown = source.kind.complete(source.layout.shown_entry_of(&before));
        let entry = self.kind.complete(shown.clone());
        if entry.get("type") != shown.get("type") {
            let of_type = shown.get("type").and_then(Json::as_str).unwrap_or_default();
            diagnostics.error(
                format!(
                    "{} is of type `{of_type}`: it cannot be moved to `{}`",
                    self.kind.label(&shown),
                    self.name
                ),
                "move it to the resource of its own type",
            );
            return None;
        }
        let mut state = self.layout.attributes_of(&entry);
        for attribute in self.schema().attributes {
            let kept = before.get(&attribute.name).cloned().unwrap_or_default();
            state.entry(attribute.name).or_insert(kept);
        }
        secrets::move_versions(&source.layout, &before, &self.layout, &mut state);
        let identity = self.identity_of(&state);
        Some(MoveResponse { state: Value::Map(state), private: request.private, identity })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use nmstate_schema::keys;
    use serde_json::json;
    use tfplugin::RawState;

    use super::*;
    use crate::kinds::interface::Interface;
    use crate::shared::Shared;

    const PROVIDER: &str = "registry.terraform.io/nmstate/nmstate";

    fn resource(of_type: Option<&'static str>) -> EntryResource<Interface> {
        EntryResource::new(Interface { of_type }, Arc::new(Shared::default()))
    }

    fn moved(
        target: &EntryResource<Interface>,
        source_type: &str,
        state: &Json,
    ) -> Result<MoveResponse, Diagnostics> {
        let request = MoveRequest {
            source_provider: PROVIDER.into(),
            source_type: source_type.into(),
            state: RawState::new(state.to_string().into_bytes()),
            private: b"record".to_vec(),
            ..MoveRequest::default()
        };
        let mut diagnostics = Diagnostics::default();
        target.moved(request, &mut diagnostics).ok_or(diagnostics)
    }

    #[test]
    fn a_state_of_any_type_moves_there() {
        for known in keys::interface_types() {
            let typed = resource(Some(known.name));
            let state = json!({"name": "x0", "type": known.name, "mtu": 1400, "min_mtu": 68,
                "host": "server1", "on_destroy": "keep"});
            let there = moved(&typed, "nmstate_interface", &state).unwrap();
            assert_eq!(there.private, b"record");
            for (name, expected) in [("name", "x0"), ("host", "server1"), ("on_destroy", "keep")] {
                assert_eq!(there.state.attribute(name).as_str(), Some(expected), "{}", known.name);
            }
            assert_eq!(there.state.attribute("min_mtu"), &Value::from(68_i64), "{}", known.name);
        }
    }

    #[test]
    fn the_own_section_is_laid_out_anew() {
        let flat = json!({"name": "br0", "port": [{"name": "eth1", "stp_priority": 32}],
            "options": {"mac_ageing_time": 300}, "host": "server1", "on_destroy": "absent"});
        let there = moved(&resource(None), "nmstate_linux_bridge", &flat).unwrap().state;
        assert_eq!(there.attribute("type").as_str(), Some("linux-bridge"));
        let bridge = there.attribute("bridge");
        assert_eq!(bridge.attribute("options").attribute("mac_ageing_time"), &Value::from(300_i64));
        assert_eq!(there.attribute("ovs_bridge"), &Value::Null);
        let nested =
            json!({"name": "br0", "type": "linux-bridge", "bridge": {"port": [{"name": "eth1"}]}});
        let back = moved(&resource(Some("linux-bridge")), "nmstate_interface", &nested).unwrap();
        let identity = back.identity.unwrap();
        assert_eq!(identity.attribute("name").as_str(), Some("br0"));
        let Value::List(ports) = back.state.attribute("port") else { panic!("no ports") };
        assert_eq!(ports[0].attribute("name").as_str(), Some("eth1"));
    }

    #[test]
    fn versions_of_secrets_go_along() {
        let flat = json!({"name": "macsec0", "base_iface": "eth1", "mka_cak_wo_version": 3,
            "ieee_802_1x": {"identity": "me", "password_wo_version": 4}});
        let there = moved(&resource(None), "nmstate_macsec", &flat).unwrap().state;
        let (three, four) = (Value::from(3_i64), Value::from(4_i64));
        assert_eq!(there.attribute("macsec").attribute("mka_cak_wo_version"), &three);
        assert_eq!(there.attribute("ieee_802_1x").attribute("password_wo_version"), &four);
        let nested = json!({"name": "macsec0", "type": "macsec",
            "macsec": {"base_iface": "eth1", "mka_cak_wo_version": 3}});
        let back = moved(&resource(Some("macsec")), "nmstate_interface", &nested).unwrap().state;
        assert_eq!(back.attribute("mka_cak_wo_version"), &three);
    }

    #[test]
    fn another_type_is_refused() {
        let state = json!({"name": "br0", "type": "linux-bridge"});
        for (target, source) in [
            (resource(Some("bond")), "nmstate_interface"),
            (resource(Some("bond")), "nmstate_linux_bridge"),
            (resource(None), "nmstate_route"),
        ] {
            assert!(moved(&target, source, &state).unwrap_err().has_errors(), "{source}");
        }
    }
}
