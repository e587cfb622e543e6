//! What a host is: what nmstate shows, the profiles on disk, and what still works on it.
//!
//! Looked at through the lab's own way into the host, so that it can be seen while the host is cut
//! off. What differs from host to host or from run to run (addresses of links, link-local
//! addresses, timers of bridges) is no part of it.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;

use super::subject::Place;
use crate::Host;
use crate::terraform::differing;

/// Parts are divided by a line that no file has.
const DIVIDER: &str = "=====";
const LOOK: &str = r#"
echo "$(busctl get-property org.freedesktop.NetworkManager /org/freedesktop/NetworkManager \
    org.freedesktop.NetworkManager Checkpoints)"
echo "$(pgrep -x nmstatectl | tr '\n' ' ')"
echo =====
nmstatectl -q show -r --json
for file in /etc/NetworkManager/system-connections/*.nmconnection; do
    [ -e "$file" ] || continue
    printf '\n=====\n'
    cat "$file"
done
"#;

/// A host at one moment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct State {
    /// Why it is in between: a pending checkpoint, an nmstatectl that works.
    unrest: Option<String>,
    /// Whether that is because nmstatectl works.
    works: bool,
    /// What is configured, without what changes by itself.
    shown: Value,
    /// The profiles on disk, as keys by interface, without their names for themselves.
    profiles: BTreeMap<String, BTreeMap<String, String>>,
}

impl State {
    /// Looks at the host.
    pub(super) fn of(host: &Host, place: &Place) -> Result<State> {
        let text = host.shell(LOOK)?;
        // The same change on another host is the same change.
        let text = text
            .replace(&place.new_address.to_string(), "NEW-ADDRESS")
            .replace(&place.address.to_string(), "ADDRESS")
            .replace(host.name(), "HOST");
        let mut parts = text.split(DIVIDER);
        let unrest = parts.next().unwrap_or_default();
        let mut unrest = unrest.lines().map(str::trim);
        let checkpoints = unrest.next().unwrap_or_default();
        let working = unrest.next().unwrap_or_default();
        let unrest = match (checkpoints, working) {
            ("ao 0", "") => None,
            ("ao 0", _) => Some("nmstatectl works".to_owned()),
            _ => Some(format!("checkpoints are pending: `{checkpoints}`")),
        };
        let shown = parts.next().unwrap_or_default().trim();
        let mut shown: Value =
            serde_json::from_str(shown).with_context(|| format!("nmstatectl showed `{shown}`"))?;
        if let Some(interfaces) = shown["interfaces"].as_array_mut() {
            // NetworkManager may or may not have taken it over by the time of a look.
            interfaces.retain(|interface| interface["name"] != "lo");
            interfaces.iter_mut().for_each(without_accidents);
        }
        let profiles = parts.map(profile).collect();
        Ok(State { unrest, works: !working.is_empty(), shown, profiles })
    }

    /// Whether nmstate works on the host.
    pub(super) fn is_in_work(&self) -> bool {
        self.works
    }

    /// Where it differs from another state, in words; `None` when it is the same and at rest.
    pub(super) fn difference(&self, other: &State) -> Option<String> {
        if let Some(unrest) = &self.unrest {
            return Some(unrest.clone());
        }
        let mut paths = Vec::new();
        differing(&other.shown, &self.shown, "", &mut paths);
        if let Some(path) = paths.first() {
            let [then, now] = [other, self].map(|state| short(&at(&state.shown, path)));
            return Some(format!("nmstate shows another `{path}`: {now} instead of {then}"));
        }
        let names = self.profiles.keys().chain(other.profiles.keys());
        let differs = |name: &&String| self.profiles.get(*name) != other.profiles.get(*name);
        let name = names.into_iter().find(differs)?;
        let keys = |profiles: &BTreeMap<String, BTreeMap<String, String>>| {
            profiles.get(name).cloned().unwrap_or_default()
        };
        let (now, then) = (keys(&self.profiles), keys(&other.profiles));
        let key = now.keys().chain(then.keys()).find(|key| now.get(*key) != then.get(*key));
        let key = key.map_or("", String::as_str);
        let (then, now) = (then.get(key), now.get(key));
        Some(format!(
            "the profile of `{name}` on disk has another `{key}`: {now:?} instead of {then:?}"
        ))
    }
}

/// The beginning of a value: whole interfaces fill screens.
fn short(value: &Value) -> String {
    value.to_string().chars().take(60).collect()
}

/// The value at a path as [`differing`] writes it.
fn at(state: &Value, path: &str) -> Value {
    let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
    state.pointer(&pointer).cloned().unwrap_or_default()
}

/// Removes what is another at each look, or on each host.
fn without_accidents(interface: &mut Value) {
    let Some(keys) = interface.as_object_mut() else { return };
    for key in ["mac-address", "permanent-mac-address", "alt-names"] {
        keys.remove(key);
    }
    if let Some(options) =
        keys.get_mut("bridge").and_then(|bridge| bridge["options"].as_object_mut())
    {
        options.retain(|key, _| !key.ends_with("-timer"));
    }
    for family in ["ipv4", "ipv6"] {
        let Some(stack) = keys.get_mut(family).and_then(Value::as_object_mut) else { continue };
        let Some(addresses) = stack.get_mut("address").and_then(Value::as_array_mut) else {
            continue;
        };
        let is_local = |one: &Value| one["ip"].as_str().is_some_and(|ip| ip.starts_with("fe80:"));
        addresses.retain(|one| !is_local(one));
        // nmstate shows an empty list where a lease has ended, and none where there was none.
        if addresses.is_empty() {
            stack.remove("address");
        }
    }
}

/// The keys of a keyfile by section, under the name of its interface.
fn profile(text: &str) -> (String, BTreeMap<String, String>) {
    let mut keys = BTreeMap::new();
    let mut section = "";
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
        } else if let Some((key, value)) = line.split_once('=') {
            keys.insert(format!("{section}.{key}"), value.to_owned());
        }
    }
    // The last is the address of a NIC of this very host.
    for key in ["connection.uuid", "connection.timestamp", "ethernet.cloned-mac-address"] {
        keys.remove(key);
    }
    let name = keys.get("connection.interface-name").or(keys.get("connection.id")).cloned();
    (name.unwrap_or_default(), keys)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn state(shown: Value, profiles: &[&str]) -> State {
        let profiles = profiles.iter().map(|text| profile(text)).collect();
        State { unrest: None, works: false, shown, profiles }
    }

    #[test]
    fn states_differ_by_what_is_shown_and_by_what_is_on_disk() {
        let eth1 = "[connection]\nuuid=1\ninterface-name=eth1\n\n[ipv4]\nmethod=auto\n";
        let shown = json!({"interfaces": [{"name": "eth1", "mtu": 1500}]});
        let before = state(shown.clone(), &[eth1]);
        assert_eq!(before.difference(&before), None);
        let again = state(shown.clone(), &[&eth1.replace("uuid=1", "uuid=2")]);
        assert_eq!(again.difference(&before), None);
        let other = json!({"interfaces": [{"name": "eth1", "mtu": 1400}]});
        let difference = state(other, &[eth1]).difference(&before);
        let expected = "nmstate shows another `interfaces[0].mtu`: 1400 instead of 1500";
        assert_eq!(difference.as_deref(), Some(expected));
        let other = state(shown, &[&eth1.replace("auto", "manual")]).difference(&before);
        let expected = "the profile of `eth1` on disk has another `ipv4.method`: Some(\"manual\") \
                        instead of Some(\"auto\")";
        assert_eq!(other.as_deref(), Some(expected));
        let unrest = Some("nmstatectl works".to_owned());
        let restless = State { unrest: unrest.clone(), ..before.clone() };
        assert_eq!(restless.difference(&before), unrest);
    }

    #[test]
    fn what_changes_by_itself_is_left_out() {
        let mut bridge = json!({
            "name": "br0", "mac-address": "02:00:00:00:00:01",
            "bridge": {"options": {"gc-timer": 5, "group-addr": "01:80:C2:00:00:00"}},
            "ipv4": {"dhcp": true, "address": []},
            "ipv6": {"address": [{"ip": "fe80::1"}, {"ip": "2001:db8::1"}]},
        });
        without_accidents(&mut bridge);
        let expected = json!({
            "name": "br0",
            "bridge": {"options": {"group-addr": "01:80:C2:00:00:00"}},
            "ipv4": {"dhcp": true},
            "ipv6": {"address": [{"ip": "2001:db8::1"}]},
        });
        assert_eq!(bridge, expected);
    }
}
