//! A state beside its host: it keeps what [`compare_entry`] finds as it says, in its own spelling, and
//! takes the host's value of all else.
//!
//! What is null in the state nobody declares, and it stays null, whatever the host comes to show: no
//! plan would speak of it.

use std::collections::BTreeMap;

use nmstate_schema::canonical::{canonical_value, normal_entry};
use nmstate_schema::compare::{Difference, is_so};
use nmstate_schema::keys::{Access, Extras, Key, Kind, Order};
use nmstate_schema::path::Step;
use nmstate_schema::{Value as Json, item_step};
use tfplugin::Value;

use super::{adopt, child, elements, is_decided, map_section, unmanaged};
use crate::convert;

/// The differences between a state and its host, each by the steps from one place on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Differences<'a>(Vec<(&'a [Step], &'a Difference)>);

impl<'a> Differences<'a> {
    /// Those of an entry.
    pub(crate) fn of(all: &'a [Difference]) -> Differences<'a> {
        Differences(all.iter().map(|one| (one.path.steps(), one)).collect())
    }

    /// Those at one step, or below it.
    pub(crate) fn at(&self, step: &Step) -> Differences<'a> {
        let below = self.0.iter().filter_map(|(steps, one)| {
            let (first, rest) = steps.split_first()?;
            (first == step).then_some((rest, *one))
        });
        Differences(below.collect())
    }

    /// Those at one key, or below it.
    pub(crate) fn at_key(&self, name: &str) -> Differences<'a> {
        self.at(&Step::Key(name.to_owned()))
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The difference of the place itself.
    fn here(&self) -> Option<&'a Difference> {
        self.0.iter().find(|(steps, _)| steps.is_empty()).map(|(_, one)| *one)
    }

    /// The steps to items that nobody desires.
    fn unexpected(&self) -> impl Iterator<Item = &'a Step> {
        self.0.iter().filter_map(|(steps, one)| match steps {
            [item] => one.desired.is_null().then_some(item),
            _ => None,
        })
    }
}

/// A value in a state, on its host, and in the configuration that was applied last, if that is
/// remembered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sides<'a> {
    /// In the state.
    pub(crate) prior: &'a Value,
    /// On the host.
    pub(crate) host: &'a Value,
    /// In the configuration.
    pub(crate) declared: Option<&'a Value>,
}

impl<'a> Sides<'a> {
    fn of(prior: &'a Value, host: &'a Value) -> Sides<'a> {
        Sides { prior, host, declared: None }
    }

    fn child(self, name: &str) -> Sides<'a> {
        let [prior, host] = [self.prior, self.host].map(|one| child(one, name));
        Sides { prior, host, declared: self.declared.map(|one| child(one, name)) }
    }
}

/// The value of a key under the attribute `name` after a look at the host. `prior` and `host` are the
/// section that it is in, and `declared` is what is remembered of the configuration of that section.
pub(crate) fn refreshed(
    key: &'static Key,
    name: &str,
    section: Sides<'_>,
    found: &Differences<'_>,
) -> Value {
    let Sides { prior: given, .. } = section;
    let own = section.child(name);
    let Sides { prior, host, declared } = own;
    let is_followed = is_decided(key, given) && declared.is_some_and(Value::is_null);
    match key.access {
        Access::WriteOnly => prior.clone(),
        _ if prior.is_null() => Value::Null,
        Access::ReadOnly => host.clone(),
        Access::Settable if is_followed => unmanaged(&key.kind, host),
        Access::Settable if found.is_empty() => prior.clone(),
        // Of a secret that is another one nobody is shown which.
        Access::Settable if key.sensitive => Value::Null,
        Access::Settable => value(&key.kind, own, found, tolerates(key, given)),
    }
}

fn value(kind: &'static Kind, own: Sides<'_>, found: &Differences<'_>, is_tolerant: bool) -> Value {
    let Sides { prior, host, .. } = own;
    match (kind, prior) {
        (Kind::Section(section), Value::Map(_)) if found.here().is_none() => {
            map_section(section, prior, |key, name| {
                let found = found.at_key(key.name);
                match (&key.kind, child(prior, name)) {
                    (Kind::Map(_), Value::Map(declared)) => {
                        let normal = |spelled: &str| normal_entry(section, key, spelled);
                        entries(declared, child(host, name), &found, normal)
                    }
                    _ => refreshed(key, name, own, &found),
                }
            })
        }
        // Nothing was to be there: what is there of others is the difference.
        (Kind::Section(section), Value::Map(_)) => {
            map_section(section, prior, |key, name| match &key.kind {
                Kind::Map(_) => child(host, name).clone(),
                _ => adopt(key, child(host, name)),
            })
        }
        (Kind::List { item, .. }, Value::List(_)) if is_matched(item) => {
            items(item, prior, host, found)
        }
        (Kind::List { item, order }, Value::List(known)) => {
            list(item, *order, known, elements(host), is_tolerant)
        }
        (Kind::Map(_), Value::Map(declared)) => entries(declared, host, found, str::to_owned),
        _ => unmanaged(kind, host),
    }
}

/// A map with free keys, each by its name in `normal` form: those that are declared and there.
fn entries(
    declared: &BTreeMap<String, Value>,
    host: &Value,
    found: &Differences<'_>,
    normal: impl Fn(&str) -> String,
) -> Value {
    let seen = declared.iter().map(|(spelled, value)| {
        let name = normal(spelled);
        let is_so = found.at_key(&name).is_empty();
        (spelled.clone(), if is_so { value } else { child(host, &name) }.clone())
    });
    Value::Map(seen.filter(|(_, value)| !value.is_null()).collect())
}

fn is_matched(item: &'static Kind) -> bool {
    matches!(item, Kind::Section(section) if !section.identity.is_empty())
}

/// Elements that are told apart by their identity: those of the state, then those that nobody desires.
fn items(item: &'static Kind, prior: &Value, host: &Value, found: &Differences<'_>) -> Value {
    let there = elements(host);
    let on_host = |step: &Step| there.iter().position(|one| step_to(item, one, 0) == *step);
    let mut seen: Vec<(Option<usize>, Value)> = Vec::new();
    for (index, own) in elements(prior).iter().enumerate() {
        let step = step_to(item, own, index);
        let found = found.at(&step);
        // It is not there, or there although it is to be absent.
        if found.here().is_some() {
            continue;
        }
        let position = on_host(&step);
        let shown = position.and_then(|position| there.get(position)).unwrap_or(&Value::Null);
        let kept = if found.is_empty() {
            own.clone()
        } else {
            value(item, Sides::of(own, shown), &found, false)
        };
        seen.push((position, kept));
    }
    let unexpected = found.unexpected().filter_map(on_host);
    seen.extend(unexpected.map(|position| (Some(position), unmanaged(item, &there[position]))));
    // The order itself is different.
    if found.here().is_some() {
        seen.sort_by_key(|(position, _)| *position);
    }
    Value::List(seen.into_iter().map(|(_, one)| one).collect())
}

/// A list of plain values: those that the state knows first and in its order, where that means nothing.
fn list(
    item: &'static Kind,
    order: Order,
    known: &[Value],
    there: &[Value],
    is_tolerant: bool,
) -> Value {
    if order == Order::Exact {
        return Value::List(there.to_vec());
    }
    let mut left: Vec<&Value> = there.iter().collect();
    let mut seen = Vec::new();
    for own in known {
        if let Some(position) = left.iter().position(|one| is_same(item, own, one)) {
            seen.push(own.clone());
            left.remove(position);
        }
    }
    if !is_tolerant {
        seen.extend(left.into_iter().cloned());
    }
    Value::List(seen)
}

fn is_same(kind: &'static Kind, one: &Value, other: &Value) -> bool {
    let both = convert::to_json(kind, one).zip(convert::to_json(kind, other));
    both.is_some_and(|(one, other)| is_so(kind, &one, &other))
}

/// The step by which a comparison calls an element.
fn step_to(item: &'static Kind, element: &Value, index: usize) -> Step {
    let json = convert::to_json(item, element).unwrap_or(Json::Null);
    item_step(item, &canonical_value(item, &json), index)
}

/// True if a list may have more items on the host than it is given; `given` is the section that it
/// is in.
fn tolerates(key: &Key, given: &Value) -> bool {
    match key.extras {
        Extras::Differ => false,
        Extras::Tolerated => true,
        Extras::ToleratedIf(switch) => {
            child(given, &convert::attribute_name(switch)).as_bool() == Some(true)
        }
    }
}

#[cfg(test)]
mod tests {
    use nmstate_schema::compare::compare_entry;
    use nmstate_schema::keys::INTERFACE;
    use serde_json::json;

    use super::*;
    use crate::layout::Layout;

    /// The attributes of a state after a look at a host that shows this.
    fn seen(of_type: &str, state: &Json, host: &Json) -> Value {
        let layout = Layout::typed(of_type);
        let prior = layout.attributes_of(state);
        let mut desired = layout.entry_of(&prior);
        desired["type"] = of_type.into();
        let differences = compare_entry(&INTERFACE, &desired, host);
        Value::Map(layout.refreshed(&prior, host, None, &Differences::of(&differences)))
    }

    /// A bond with these settings beside its name.
    fn bond(more: &Json) -> Json {
        let mut entry = json!({ "name": "bond0", "type": "bond", "state": "up" });
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        entry
    }

    #[test]
    fn what_means_the_same_keeps_its_spelling_and_what_differs_is_the_hosts() {
        let state = bond(&json!({ "mac-address": "02:00:00:00:00:aa" }));
        let shown = |mac: &str| seen("bond", &state, &bond(&json!({ "mac-address": mac })));
        let address = |mac: &str| shown(mac).attribute("mac_address").clone();
        assert_eq!(address("02:00:00:00:00:AA"), "02:00:00:00:00:aa".into());
        assert_eq!(address("02:00:00:00:00:BB"), "02:00:00:00:00:BB".into());
    }

    #[test]
    fn what_nobody_declares_stays_null() {
        let host = bond(&json!({ "mtu": 1400, "ipv4": { "enabled": true, "dhcp": true } }));
        let state = seen("bond", &bond(&json!({ "ipv4": { "enabled": true } })), &host);
        assert_eq!(state.attribute("mtu"), &Value::Null);
        assert_eq!(state.attribute("ipv4").attribute("dhcp"), &Value::Null);
        assert_eq!(state.attribute("ipv4").attribute("enabled"), &true.into());
    }

    #[test]
    fn a_list_follows_the_order_of_the_state() {
        let ports = |ports: &[&str]| bond(&json!({ "link-aggregation": { "port": ports } }));
        let seen = |host: &[&str]| seen("bond", &ports(&["eth2", "eth1"]), &ports(host));
        let port = |host: &[&str]| seen(host).attribute("port").clone();
        assert_eq!(port(&["eth1", "eth2"]), Value::list(["eth2", "eth1"]));
        assert_eq!(port(&["eth0", "eth1", "eth2"]), Value::list(["eth2", "eth1", "eth0"]));
        assert_eq!(port(&["eth1"]), Value::list(["eth1"]));
    }

    fn addresses(allow: bool, ips: &[&str]) -> Json {
        let address = |ip: &&str| json!({ "ip": ip, "prefix-length": 24 });
        let list: Vec<Json> = ips.iter().map(address).collect();
        bond(
            &json!({ "ipv4": { "enabled": true, "dhcp": false, "address": list, "allow-extra-address": allow } }),
        )
    }

    fn ips(state: &Value) -> Vec<String> {
        let list = elements(state.attribute("ipv4").attribute("address"));
        list.iter().filter_map(|one| one.attribute("ip").as_str()).map(str::to_owned).collect()
    }

    #[test]
    fn more_than_is_declared_is_no_drift_where_the_table_tolerates_it() {
        let (own, both) = (["192.0.2.1"], ["192.0.2.100", "192.0.2.1"]);
        for (allow, wanted) in [(true, &own[..]), (false, &["192.0.2.1", "192.0.2.100"][..])] {
            let host = addresses(false, &both);
            assert_eq!(ips(&seen("bond", &addresses(allow, &own), &host)), wanted);
        }
    }

    #[test]
    fn another_order_is_the_hosts() {
        let state = addresses(false, &["192.0.2.1", "192.0.2.2", "198.51.100.1"]);
        let host = ["198.51.100.1", "192.0.2.1", "192.0.2.2"];
        let other = ["192.0.2.2", "198.51.100.1", "192.0.2.1"];
        assert_eq!(
            ips(&seen("bond", &state, &addresses(false, &host))),
            ["192.0.2.1", "192.0.2.2", "198.51.100.1"]
        );
        assert_eq!(ips(&seen("bond", &state, &addresses(false, &other))), other);
    }

    #[test]
    fn alternative_names_come_and_go_beside_others() {
        let names = |list: &Json| bond(&json!({ "alt-names": list }));
        let declared = json!([{ "name": "ours" }, { "name": "never", "state": "absent" }]);
        let seen = |host: &[&str]| {
            let host: Vec<Json> = host.iter().map(|name| json!({ "name": name })).collect();
            let state = seen("bond", &names(&declared), &names(&host.into()));
            let list = elements(state.attribute("alt_names"));
            list.iter()
                .filter_map(|one| one.attribute("name").as_str())
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(seen(&["theirs", "ours"]), "ours never");
        assert_eq!(seen(&["theirs"]), "never");
        assert_eq!(seen(&["ours", "never"]), "ours");
    }

    #[test]
    fn what_has_no_effect_where_it_stands_is_no_drift() {
        let state =
            bond(&json!({ "ipv4": { "enabled": true, "dhcp": false, "dhcp-client-id": "ll",
            "auto-dns": false, "address": [{ "ip": "192.0.2.1", "prefix-length": 24 }] } }));
        let state_of = |state: &Json| Layout::typed("bond").attributes_of(state);
        assert_eq!(seen("bond", &state, &addresses(false, &["192.0.2.1"])), {
            Value::Map(state_of(&state))
        });
        let nothing = bond(&json!({ "ipv4": { "enabled": true, "dhcp": false } }));
        let off = bond(&json!({ "ipv4": { "enabled": false } }));
        assert_eq!(seen("bond", &nothing, &off), Value::Map(state_of(&nothing)));
    }

    #[test]
    fn a_masked_secret_keeps_its_value() {
        let password = |text: &str| {
            json!({ "name": "eth1", "type": "ethernet", "state": "up",
                "802.1x": { "identity": "me", "password": text } })
        };
        let none = json!({ "name": "eth1", "type": "ethernet", "state": "up",
            "802.1x": { "identity": "me" } });
        let shown = |host: &Json| {
            seen("ethernet", &password("s3cret"), host).attribute("ieee_802_1x").clone()
        };
        let masked = shown(&password("<_password_hid_by_nmstate>"));
        assert_eq!(masked.attribute("password"), &"s3cret".into());
        assert_eq!(shown(&none).attribute("password"), &Value::Null);
    }

    #[test]
    fn of_a_map_with_free_keys_the_state_holds_what_is_declared() {
        let features = |list: &Json| json!({ "name": "eth1", "type": "ethernet", "state": "up", "ethtool": { "feature": list } });
        let host = features(&json!({ "rx-gro": true, "rx-lro": false }));
        let state = seen("ethernet", &features(&json!({ "rx-gro": false })), &host);
        let expected = Value::object([("rx-gro", true)]);
        assert_eq!(state.attribute("ethtool").attribute("feature"), &expected);
        // By the name that people give it.
        let state = seen("ethernet", &features(&json!({ "gro": false, "lro": false })), &host);
        let expected = Value::object([("gro", true), ("lro", false)]);
        assert_eq!(state.attribute("ethtool").attribute("feature"), &expected);
    }

    #[test]
    fn where_nothing_is_to_be_the_columns_of_others_are_drift() {
        let columns = |list: &Json| bond(&json!({ "ovs-db": list }));
        let state = |host: &Json| seen("bond", &columns(&json!({})), &columns(host));
        let ids = json!({ "external_ids": { "one": "1" } });
        let found = state(&ids).attribute("ovs_db").clone();
        assert_eq!(found.attribute("external_ids"), &Value::object([("one", "1")]));
        let empty = state(&json!({ "external_ids": {} })).attribute("ovs_db").clone();
        assert_eq!(empty.attribute("external_ids"), &Value::Null);
    }

    #[test]
    fn a_key_that_the_host_leaves_out_means_its_default() {
        let wait = |word: &str| bond(&json!({ "wait-ip": word }));
        let any = seen("bond", &wait("any"), &bond(&json!({})));
        assert_eq!(any.attribute("wait_ip"), &"any".into());
        let other = seen("bond", &wait("ipv4"), &bond(&json!({})));
        assert_ne!(other.attribute("wait_ip"), &"ipv4".into());
    }

    #[test]
    fn what_only_the_section_tells_to_be_the_same_is_no_drift() {
        let trunk = |tags: Json| {
            let vlan = json!({ "mode": "trunk", "trunk-tags": tags });
            json!({ "name": "br0", "type": "linux-bridge", "state": "up",
                "bridge": { "port": [{ "name": "eth1", "vlan": vlan }] } })
        };
        let single = trunk(json!([{ "id": 21 }, { "id": 20 }]));
        let range = trunk(json!([{ "id-range": { "min": 20, "max": 21 } }]));
        let state = Value::Map(Layout::typed("linux-bridge").attributes_of(&single));
        assert_eq!(seen("linux-bridge", &single, &range), state);
    }
}
