//! Interfaces: each gets back the values of the keys that were declared of it.

use serde_json::{Map, Value, json};

use super::{HandedBack, Reason, Resolving, Step, Thing, identity, subtract};
use crate::compare::{self, is_meant_by};
use crate::keys::INTERFACE;
use crate::list::List;
use crate::lookup;
use crate::record::{Keeper, Origin};

impl Resolving<'_> {
    /// Adds what is to become of an interface to what other steps say of it.
    pub(super) fn push_interface(&mut self, mut entry: Map<String, Value>) {
        let list = self.tree.entry("interfaces").or_insert_with(|| json!([]));
        let Value::Array(list) = list else { return };
        let of_one =
            |one: &&mut Value| lookup::is_same_interface(one, &Value::Object(entry.clone()));
        match list.iter_mut().find(of_one) {
            Some(Value::Object(known)) if known.get("state").is_some_and(|one| one == "absent") => {
            }
            Some(Value::Object(known)) if entry.get("state").is_some_and(|one| one == "absent") => {
                *known = entry;
            }
            Some(Value::Object(known)) => {
                // The one that knows of more was there first.
                if known.len() < entry.len() {
                    std::mem::swap(known, &mut entry);
                }
                for (key, value) in entry {
                    known.entry(key).or_insert(value);
                }
            }
            _ => list.push(entry.into()),
        }
    }

    fn found(&self, identity: &Value) -> Option<&Map<String, Value>> {
        self.shown.find(identity.as_object()?)
    }

    pub(super) fn is_removed(&self, name: &str) -> bool {
        self.removed.iter().any(|one| one["name"] == name)
    }

    pub(super) fn remove_interface(&mut self, identity: &Value, step: &Step) {
        if self.declared.has_interface(identity) {
            self.postpone(Thing::Interface(identity.clone()), step);
        } else if self.found(identity).is_some() {
            let mut entry = self::identity(identity);
            entry.insert("state".to_owned(), "absent".into());
            self.push_interface(entry);
        }
    }

    pub(super) fn restore_interface(&mut self, step: &Step) {
        let Step::RestoreInterface { identity, origin, before, keeper, .. } = step else { return };
        let name = identity["name"].as_str().unwrap_or_default().to_owned();
        if self.removed.iter().any(|one| lookup::is_same_interface(one, identity)) {
            return;
        }
        let Some(found) = self.found(identity).cloned() else {
            // A virtual interface that was taken away is made again; hardware cannot be.
            let mut whole = self::identity(identity);
            whole.extend(before.clone());
            if lookup::can_be_made(&Value::Object(whole)) {
                let settings = self.remaining(step, None);
                self.push_restored(identity, "up", settings);
            } else {
                self.leave_out(Thing::Interface(identity.clone()), Reason::Gone);
            }
            return;
        };
        let settings = self.remaining(step, Some(&found));
        let is_declared = self.declared.has_interface(identity);
        let is_bare = *origin == Origin::Bare && !is_declared;
        if is_bare && !self.is_used_by_others(&found, before, step) {
            let absent =
                json!({"name": identity["name"], "type": identity["type"], "state": "absent"});
            // Its names are no part of a profile.
            let mut names = settings;
            names.retain(|key, _| key == "alt-names");
            let is_managed = found.get("state").is_some_and(|state| state != "ignore");
            let to = keeper.clone().filter(|keeper| *keeper == Keeper::Unmanaged && is_managed);
            if compare::differs(&absent, self.shown) || !names.is_empty() || to.is_some() {
                self.push_restored(identity, "absent", names);
            }
            self.handed_back.extend(to.map(|to| HandedBack { interface: name, to }));
            return;
        }
        if *origin == Origin::Bare {
            // Its profile holds what others want by now.
            self.postpone(Thing::Interface(identity.clone()), step);
        }
        let interface_type = found.get("type").or(identity.get("type")).and_then(Value::as_str);
        let shown = Value::Object(found.clone());
        let settings: Map<String, Value> = settings
            .into_iter()
            .filter(|(key, value)| {
                let one = json!({ key: value });
                !compare::compare_section(&INTERFACE, interface_type, &one, &shown).is_empty()
            })
            .collect();
        let state = if *origin == Origin::Down && !is_declared { "down" } else { "up" };
        let is_state_right = found.get("state").is_none_or(|found| found == state)
            || is_declared
            || *origin == Origin::Bare;
        // As a port it has a profile that makes it one.
        let is_free = !is_declared && self.declared.controller_of(&name).is_none();
        let to = keeper.clone().filter(|keeper| match keeper {
            Keeper::Unmanaged => false,
            Keeper::Profile(profile) => {
                is_free && found.get("profile-name").is_none_or(|now| now != profile)
            }
        });
        if !settings.is_empty() || !is_state_right || to.is_some() {
            self.push_restored(identity, state, settings);
        }
        self.handed_back.extend(to.map(|to| HandedBack { interface: name, to }));
    }

    fn push_restored(&mut self, identity: &Value, state: &str, settings: Map<String, Value>) {
        let mut entry = self::identity(identity);
        if self.declared.has_interface(identity) && state != "absent" {
            // Its type may be declared in another word for the same, as of a cable and a card.
            entry.shift_remove("type");
        } else {
            entry.insert("state".to_owned(), state.into());
        }
        entry.extend(settings);
        self.push_interface(entry);
    }

    /// The controller of an interface that has nothing to do with what is undone.
    fn other_controller<'f>(
        &self,
        found: Option<&'f Map<String, Value>>,
        step: &Step,
    ) -> Option<&'f str> {
        let Step::RestoreInterface { as_port, port_of, .. } = step else { return None };
        let now = found?.get("controller").and_then(Value::as_str).filter(|now| !now.is_empty())?;
        let is_own = port_of.as_deref() == Some(now)
            || as_port.get("controller").is_some_and(|before| before == now)
            || self.is_removed(now);
        (!is_own).then_some(now)
    }

    /// What of the settings of before nobody else declares, with references that still lead somewhere.
    fn remaining(&mut self, step: &Step, found: Option<&Map<String, Value>>) -> Map<String, Value> {
        let Step::RestoreInterface { identity, before, as_port, beside, .. } = step else {
            return Map::new();
        };
        let name = identity["name"].as_str().unwrap_or_default().to_owned();
        let mut settings = before.clone();
        settings.extend(as_port.clone());
        let all = settings.clone();
        for declared in self.declared.of_interface(identity) {
            subtract(&INTERFACE, identity["type"].as_str(), &mut settings, declared);
        }
        let becomes_port = as_port.is_empty() && self.declared.controller_of(&name).is_some();
        if settings != all || becomes_port {
            self.postpone(Thing::Interface(identity.clone()), step);
        }
        let is_port = self.declared.controller_of(&name).is_some()
            || self.other_controller(found, step).is_some();
        if is_port {
            if !as_port.is_empty() {
                self.postpone(Thing::Port(name), step);
            }
            for key in ["controller", "ipv4", "ipv6"] {
                settings.shift_remove(key);
            }
            return settings;
        }
        if let Some(controller) = settings.get("controller").and_then(Value::as_str) {
            let is_there =
                |one: &Map<String, Value>| one.get("name").is_some_and(|name| name == controller);
            let exists = controller.is_empty()
                || self.current.interfaces().filter_map(Value::as_object).any(is_there);
            let is_gone = !exists || self.is_removed(controller);
            // Somebody has decided anew what its ports are.
            let has_others = || {
                let known = |port: &str| {
                    beside.as_ref().is_none_or(|all| all.iter().any(|one| one == port))
                };
                lookup::managed_ports(controller, self.current)
                    .any(|port| port != name && !known(port))
            };
            let is_another = self.declared.refuses_port(controller, &name);
            let reason = if is_gone {
                Some(Reason::Reference)
            } else {
                (is_another || (!controller.is_empty() && has_others()))
                    .then_some(Reason::OtherPorts)
            };
            if let Some(reason) = reason {
                settings.insert("controller".to_owned(), "".into());
                self.leave_out(Thing::Port(name.clone()), reason);
            }
        }
        // A port has no addresses of its own.
        let controller = settings.get("controller").or_else(|| found?.get("controller"));
        let controller = controller.and_then(Value::as_str).unwrap_or_default();
        if !controller.is_empty() && !self.is_removed(controller) {
            settings.shift_remove("ipv4");
            settings.shift_remove("ipv6");
        }
        settings
    }

    /// Whether hardware that had no profile has settings by now that this record knows nothing of.
    fn is_used_by_others(
        &self,
        found: &Map<String, Value>,
        before: &Map<String, Value>,
        step: &Step,
    ) -> bool {
        let Step::RestoreInterface { as_port, .. } = step else { return false };
        let is_mine = |key: &str| before.contains_key(key) || as_port.contains_key(key);
        let name = found.get("name").cloned().unwrap_or_default();
        let has_addresses = |family: &str| {
            let Some(section) = found.get(family) else { return false };
            let is_on = |key: &str| section.get(key).is_some_and(|value| *value == true);
            let is_static = section["address"].as_array().is_some_and(|all| !all.is_empty());
            !is_mine(family) && (is_static || is_on("dhcp"))
        };
        let is_removed = |route: &Value| {
            self.steps.iter().any(|step| match step {
                Step::RemoveEntry { list: List::Routes, entry, .. } => {
                    let section = List::Routes.section();
                    entry.as_object().is_some_and(|entry| is_meant_by(section, entry, route))
                }
                _ => false,
            })
        };
        let mut routes = self.current.routes().filter(|route| route["next-hop-interface"] == name);
        let has_text = |key: &str| {
            let text = found.get(key).and_then(Value::as_str);
            !is_mine(key) && text.is_some_and(|text| !text.is_empty())
        };
        let text = name.as_str().unwrap_or_default();
        self.declared.controller_of(text).is_some()
            || self.other_controller(Some(found), step).is_some()
            || has_addresses("ipv4")
            || has_addresses("ipv6")
            || has_text("description")
            || (!is_mine("802.1x") && found.contains_key("802.1x"))
            || routes.any(|route| !is_removed(route))
    }
}
