//! Removing the configuration of a hardware interface.
//!
//! nmstate takes `state: absent` of a NIC further than a configuration goes: the alternative names
//! that udev gave it are removed, and the link may go down. Neither comes back with a rollback. So
//! nmstate is asked for `down`, which leaves an inactive profile, and that is deleted over D-Bus
//! while the checkpoint still stands.

use nmstate_schema::document::Document;

/// The document that nmstate gets, where `removed` are the hardware interfaces to be removed.
pub(super) fn sent(desired: &Document, removed: &[String]) -> Document {
    let mut document = desired.as_value().clone();
    let interfaces = document.get_mut("interfaces").and_then(|list| list.as_array_mut());
    for interface in interfaces.into_iter().flatten() {
        let is_removed = |name: &str| removed.iter().any(|one| one == name);
        if interface["state"] == "absent" && interface["name"].as_str().is_some_and(is_removed) {
            let keys = ["name", "type"].map(|key| (key.to_owned(), interface[key].take()));
            *interface = keys.into_iter().filter(|(_, value)| !value.is_null()).collect();
            interface["state"] = "down".into();
        }
    }
    Document::from_value(document).unwrap_or_else(|_| desired.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hardware_is_taken_down_instead() {
        let desired = Document::parse(
            "interfaces: [{name: bond0, type: bond, state: absent}, {name: eth1, state: absent}]",
        )
        .unwrap();
        let sent = sent(&desired, &["eth1".to_owned()]);
        let states: Vec<_> = sent.interfaces().map(|interface| &interface["state"]).collect();
        assert_eq!(states, ["absent", "down"]);
    }
}
