//! As the module `agreement`, for what is not an interface: routes, rules, DNS, the host name and
//! the global columns of Open vSwitch. Only whether the host is as desired is compared.

use nmstate_schema::Value;
use nmstate_schema::canonical::canonical;
use nmstate_schema::compare::compare;
use nmstate_schema::generated::{CARDS, cases, section};
use nmstate_schema::keys::{DNS_CLIENT, HOSTNAME, OVS_DB, ROUTE, ROUTE_RULE, Section};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;

use crate::agreement::{theirs, tree};
use crate::deviations::{Parting, REST, Side, Tally};

const CASES: u32 = 400;

#[test]
fn the_rest_differs_where_nmstate_says_so() {
    let mut tally = Tally::new(REST);
    for (key, table, is_list) in [
        ("routes", &ROUTE, true),
        ("route-rules", &ROUTE_RULE, true),
        ("dns-resolver", &DNS_CLIENT, false),
        ("hostname", &HOSTNAME, false),
        ("ovs-db", &OVS_DB, false),
    ] {
        let mut judged = 0;
        let wrap = |value: &Value| match (key, is_list) {
            (_, true) => json!({key: {"config": [value]}}),
            ("dns-resolver", _) => json!({key: {"config": value}}),
            _ => json!({ key: value }),
        };
        let seldom = (key == "routes").then(another_metric);
        for (desired, current) in cases(case(key, table), CASES).into_iter().chain(seldom) {
            let mut host = normal(&wrap(&current));
            host["interfaces"] = interfaces();
            let Some(theirs) = theirs(&wrap(&desired), &host) else { continue };
            judged += 1;
            let is_satisfied = compare(&tree(&wrap(&desired)), &tree(&host)).is_empty();
            let side = match (is_given(&theirs[key]), is_satisfied) {
                (true, true) => Side::Nmstate,
                (false, false) => Side::Ours,
                _ => continue,
            };
            tally.add(&Parting { side, path: key, desired: &desired, current: &current });
        }
        assert!(judged > CASES / 4, "{key}: nmstate has refused all but {judged}");
    }
    tally.settle();
}

/// A section as desired, and that of a host which was like it but for a few keys.
fn case(key: &'static str, table: &'static Section) -> impl Strategy<Value = (Value, Value)> {
    let any_section = || section(table, None, |_, _| true);
    let picks = proptest::collection::vec((any::<Index>(), any::<bool>()), 0..3);
    (any_section(), any_section(), picks).prop_map(move |(mut desired, other, picks)| {
        if key == "routes" && desired.get("route-type").is_none() {
            fill(
                &mut desired,
                &[("destination", "198.51.100.0/24"), ("next-hop-interface", "nic1")],
            );
        }
        let mut current = desired.clone();
        let values: Vec<_> = other.as_object().into_iter().flatten().collect();
        for (index, is_set) in picks.iter().filter(|_| !values.is_empty()) {
            let (name, value) = index.get(&values);
            let Some(map) = current.as_object_mut() else { continue };
            match is_set {
                true => map.insert((*name).clone(), (*value).clone()),
                false => map.remove(*name),
            };
        }
        if let Some(map) = current.as_object_mut() {
            map.remove("state");
        }
        match key {
            "routes" if current.get("route-type").is_none() => {
                fill(&mut current, &[("destination", "0.0.0.0/0"), ("next-hop-interface", "nic2")]);
            }
            "route-rules" => fill(&mut current, &[("family", "ipv4"), ("priority", "30000")]),
            _ => {}
        }
        (desired, current)
    })
}

/// A route that the host has with another metric, which the table makes too seldom.
fn another_metric() -> (Value, Value) {
    let route = |metric: u32| {
        json!({"destination": "198.51.100.0/24", "next-hop-interface": "nic1", "table-id": 254,
            "metric": metric})
    };
    (route(300), route(150))
}

/// What nmstate requires, or always shows.
fn fill(section: &mut Value, keys: &[(&str, &str)]) {
    for (name, value) in keys {
        let is_empty = section.get(*name).is_none_or(|value| *value == "");
        let has_network = section.get("ip-from").or(section.get("ip-to")).is_some();
        if is_empty && !(*name == "family" && has_network) {
            section[*name] = (*value).into();
        }
    }
}

fn normal(value: &Value) -> Value {
    canonical(&tree(value)).into_value()
}

/// Cards with addresses of both families, over which routes may lead.
fn interfaces() -> Value {
    let card = |name: &str| {
        json!({"name": name, "type": "ethernet", "state": "up",
            "ipv4": {"enabled": true, "dhcp": false,
                "address": [{"ip": "192.0.2.200", "prefix-length": 24}]},
            "ipv6": {"enabled": true, "dhcp": false, "autoconf": false,
                "address": [{"ip": "2001:db8::200", "prefix-length": 64}]}})
    };
    CARDS.map(card).to_vec().into()
}

/// Whether `gen_diff` has anything under a key.
fn is_given(found: &Value) -> bool {
    match found.get("config") {
        Some(config) => !config.is_null() && *config != json!([]),
        None => !found.is_null(),
    }
}
