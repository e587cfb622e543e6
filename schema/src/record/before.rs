//! The interfaces of a record.

use serde_json::{Map, Value};

use super::interface::{
    Interface, Origin, declared_settings, is_changed, keeper, port_settings, ports_beside,
};
use crate::canonical::settable;
use crate::document::Document;
use crate::keys::INTERFACE;
use crate::lookup::{self, Index};

/// What was there of each interface that `desired` touches; both are in normal form.
pub(super) fn interfaces(desired: &Document, before: &Document) -> Vec<Interface> {
    let shown = Index::of(before);
    let mut recorded = Recorded::default();
    let mut removed = Vec::new();
    for entry in desired.interfaces() {
        let Some(interface) = entry.as_object() else { continue };
        let state = interface.get("state").and_then(Value::as_str).unwrap_or("up");
        let is_removed = matches!(state, "absent" | "down");
        match shown.find(interface) {
            _ if state == "ignore" => {}
            None if is_removed => {}
            None => {
                recorded.made(interface);
                recorded.made_peer(interface, before);
            }
            Some(found) if is_removed => {
                let changed = is_changed(entry, &shown);
                removed.extend(found.get("name").cloned());
                recorded.whole(found, changed);
            }
            Some(found) => {
                let one = recorded.of(found);
                one.before = declared_settings(interface, found);
                one.changed |= is_changed(entry, &shown);
            }
        }
    }
    // What stands on a removed interface goes with it.
    while let Some(base) = removed.pop() {
        for interface in before.interfaces().filter_map(Value::as_object) {
            if lookup::stands_on(interface, &base) && !recorded.has(interface) {
                removed.extend(interface.get("name").cloned());
                recorded.whole(interface, true);
            }
        }
    }
    for controller in desired.interfaces().filter(|one| one["state"] != "absent") {
        for port in lookup::ports(controller) {
            let named = Map::from_iter([("name".to_owned(), port.into())]);
            if let Some(found) = shown.find(&named) {
                let is_taken = found.get("controller") != controller.get("name");
                let one = recorded.of(found);
                one.as_port = port_settings(found);
                one.beside = Some(ports_beside(found, before));
                one.port_of = controller["name"].as_str().map(str::to_owned);
                one.changed |= is_taken;
            }
        }
    }
    recorded.list
}

#[derive(Default)]
struct Recorded {
    list: Vec<Interface>,
}

impl Recorded {
    fn position(&self, interface: &Map<String, Value>) -> Option<usize> {
        let interface = Value::Object(interface.clone());
        self.list.iter().position(|one| lookup::is_same_interface(&one.identity(), &interface))
    }

    fn has(&self, interface: &Map<String, Value>) -> bool {
        self.position(interface).is_some()
    }

    /// The record of an interface that is there.
    fn of(&mut self, found: &Map<String, Value>) -> &mut Interface {
        let position = self.position(found).unwrap_or_else(|| {
            self.list.push(Interface { keeper: keeper(found), ..new(found, origin(found)) });
            self.list.len() - 1
        });
        &mut self.list[position]
    }

    fn made(&mut self, desired: &Map<String, Value>) {
        // Hardware that is not there cannot have been made.
        if desired.get("type").is_none_or(lookup::is_virtual) && !self.has(desired) {
            self.list.push(Interface { changed: true, ..new(desired, Origin::Made) });
        }
    }

    /// The other end of a virtual cable has a profile of its own, which would lay the cable anew.
    fn made_peer(&mut self, desired: &Map<String, Value>, before: &Document) {
        let peer = desired.get("veth").and_then(|veth| veth.get("peer"));
        let Some(peer) = peer.and_then(Value::as_str) else { return };
        if before.interface(peer).is_none() {
            let end = [("name", peer), ("type", "veth")];
            let end = end.map(|(key, value)| (key.to_owned(), value.into()));
            self.made(&Map::from_iter(end));
        }
    }

    fn whole(&mut self, found: &Map<String, Value>, changed: bool) {
        if let Value::Object(mut settings) = settable(&INTERFACE, &Value::Object(found.clone())) {
            settings.retain(|name, _| !matches!(name.as_str(), "name" | "type" | "state"));
            let one = self.of(found);
            one.before = settings;
            one.changed |= changed;
        }
    }
}

fn new(interface: &Map<String, Value>, origin: Origin) -> Interface {
    let text = |key: &str| interface.get(key).and_then(Value::as_str).map(str::to_owned);
    Interface {
        name: text("name").unwrap_or_default(),
        of_type: text("type"),
        origin,
        before: Map::new(),
        found: Map::new(),
        as_port: Map::new(),
        beside: None,
        port_of: None,
        keeper: None,
        changed: false,
    }
}

fn origin(found: &Map<String, Value>) -> Origin {
    let is_virtual = found.get("type").is_some_and(lookup::is_virtual);
    let is_veth = found.get("type").is_some_and(|of_type| of_type == "veth");
    match found.get("state").and_then(Value::as_str) {
        // Nothing is left of an unmanaged interface's settings once its profile is gone.
        Some("ignore") if !is_virtual || is_veth => Origin::Bare,
        // nmstate shows `identifier` with a profile only; without one, `down` would leave a profile
        // behind that is active after the next boot. A veth without a profile was not made by
        // NetworkManager, which therefore leaves the link alone.
        Some("down") if !found.contains_key("identifier") && (!is_virtual || is_veth) => {
            Origin::Bare
        }
        Some("down") => Origin::Down,
        _ => Origin::Up,
    }
}
