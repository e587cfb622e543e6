//! Removing an interface or, of hardware, its configuration: what nmstate is sent for that.
//!
//! nmstate takes `state: absent` of a NIC further than a configuration goes: the alternative names
//! that udev gave it are removed, and the link may go down. Neither comes back with a rollback. So
//! nmstate is asked for `down`, which leaves an inactive profile, and that is deleted over D-Bus
//! while the checkpoint still stands.
//!
//! A change in memory leaves the dispatch scripts of a removed interface alone, which are files.
//! There nmstate takes `absent` for `down`, and of what is down it empties them.
//!
//! IPv4 that is on with nothing to use it for is what nmstate switches off, and accepts so only where
//! the document says that there are no addresses.

use nmstate_schema::canonical::canonical;
use nmstate_schema::document::Document;
use nmstate_schema::versions::unknown_to;
use nmstate_schema::{Value, find_interface};
use serde_json::json;

use crate::snapshot::Snapshot;

/// The document that nmstate gets, in memory or not, where `removed` are the hardware interfaces to be
/// removed.
pub(super) fn sent(
    desired: &Document,
    removed: &[String],
    before: &Snapshot,
    in_memory: bool,
) -> Document {
    let mut document = desired.as_value().clone();
    let unused = unused_ipv4(desired, before);
    let interfaces = document.get_mut("interfaces").and_then(|list| list.as_array_mut());
    for interface in interfaces.into_iter().flatten() {
        let is_unused = unused.iter().any(|name| interface["name"] == name.as_str());
        if is_unused && let Some(ipv4) = interface.get_mut("ipv4") {
            ipv4["address"] = json!([]);
        }
    }
    let interfaces = document.get_mut("interfaces").and_then(|list| list.as_array_mut());
    let absent = interfaces.into_iter().flatten().filter(|one| one["state"] == "absent");
    for interface in absent {
        let name = interface["name"].as_str().unwrap_or_default().to_owned();
        if removed.contains(&name) {
            let names = own_names(interface);
            let keys = ["name", "type"].map(|key| (key.to_owned(), interface[key].take()));
            *interface = keys.into_iter().filter(|(_, value)| !value.is_null()).collect();
            interface["state"] = "down".into();
            if !names.is_empty() {
                interface["alt-names"] = names.into();
            }
        }
        if in_memory && may_have_scripts(&name, before) {
            interface["state"] = "down".into();
            interface["dispatch"] = json!({ "post-activation": "", "post-deactivation": "" });
        }
    }
    Document::from_value(document).unwrap_or_else(|_| desired.clone())
}

/// The interfaces whose IPv4 is to be on without DHCP, and that have no addresses.
pub(super) fn unused_ipv4(desired: &Document, before: &Snapshot) -> Vec<String> {
    let desired = canonical(desired);
    let unused = desired.interfaces().filter(|one| {
        let now = find_interface(before.canonical(), one).map_or(&Value::Null, |now| &now["ipv4"]);
        let value = |key: &str| match &one["ipv4"][key] {
            Value::Null => &now[key],
            given => given,
        };
        let has_address = value("address").as_array().is_some_and(|all| !all.is_empty());
        one["ipv4"]["enabled"] == true && *value("dhcp") != true && !has_address
    });
    unused.filter_map(|one| one["name"].as_str()).map(str::to_owned).collect()
}

/// The alternative names that are to go with the configuration.
fn own_names(interface: &Value) -> Vec<Value> {
    let all = interface["alt-names"].as_array().into_iter().flatten();
    all.filter(|one| one["state"] == "absent").cloned().collect()
}

/// True if an interface has dispatch scripts. nmstate does not find those of a name with a hyphen,
/// and a version that knows of none refuses the key.
fn may_have_scripts(name: &str, before: &Snapshot) -> bool {
    let is_shown = before.state.interface(name).is_some_and(|one| !one["dispatch"].is_null());
    let is_known = || {
        let emptied = json!({ "interfaces": [{ "name": name, "dispatch": {} }] });
        Document::from_value(emptied)
            .is_ok_and(|document| unknown_to(&document, &before.nmstate_version).is_empty())
    };
    is_shown || (name.contains('-') && before.state.interface(name).is_some() && is_known())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent_for(desired: &str) -> Vec<Value> {
        let host = Document::parse(
            "interfaces: [{name: bond0, type: bond, dispatch: {post-activation: true}}, \
             {name: eth1, type: ethernet}, {name: br-own, type: linux-bridge}]",
        )
        .unwrap();
        let desired = Document::parse(desired).unwrap();
        let before = Snapshot::with_state(host, None);
        sent(&desired, &["eth1".to_owned()], &before, true).interfaces().cloned().collect()
    }

    #[test]
    fn only_hardware_is_taken_down_instead() {
        let sent = sent_for(
            "interfaces: [{name: vlan0, type: vlan, state: absent}, {name: eth1, state: absent, \
             mtu: 1400, alt-names: [{name: ours, state: absent}, {name: theirs}]}]",
        );
        let card = json!({"name": "eth1", "state": "down", "alt-names": [{"name": "ours", "state": "absent"}]});
        assert_eq!(sent, [json!({"name": "vlan0", "type": "vlan", "state": "absent"}), card]);
    }

    #[test]
    fn scripts_go_with_their_interface() {
        let sent =
            sent_for("interfaces: [{name: bond0, state: absent}, {name: br-own, state: absent}]");
        for interface in sent {
            assert_eq!(interface["state"], "down", "{interface}");
            assert_eq!(interface["dispatch"]["post-activation"], "");
            assert_eq!(interface["dispatch"]["post-deactivation"], "");
        }
    }

    #[test]
    fn ipv4_without_addresses_says_so() {
        let on = "interfaces: [{name: eth1, ipv4: {enabled: true, dhcp: false}}]";
        assert_eq!(sent_for(on)[0]["ipv4"]["address"], json!([]));
        for other in ["enabled: true, dhcp: true", "enabled: false", "dhcp: false"] {
            let sent = sent_for(&format!("interfaces: [{{name: eth1, ipv4: {{{other}}}}}]"));
            assert_eq!(sent[0]["ipv4"].get("address"), None);
        }
    }
}
