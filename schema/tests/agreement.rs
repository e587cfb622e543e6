//! Our verdict on whether a host is as desired, and where it differs, against that of nmstate's
//! own `gen_diff`: over documents and hosts made from the key table, in every spelling.
//!
//! The host is what `show` would print after the document was applied to some other state, with a
//! few keys changed since. Where the two verdicts are known to part is in the module `deviations`,
//! each with the reason; anything else fails, and so does a deviation that no longer occurs. The
//! cases are the same in each run.

use std::collections::BTreeSet;

use nmstate::NetworkState;
use nmstate_schema::Value;
use nmstate_schema::canonical::canonical;
use nmstate_schema::compare::{Difference, compare};
use nmstate_schema::document::Document;
use nmstate_schema::generated::{CARDS, cases, leaves, overlay, put, section};
use nmstate_schema::keys::{Access, INTERFACE, Kind, Section, interface_types};
use nmstate_schema::path::Step;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::json;

use crate::deviations::{INTERFACES, Parting, SELDOM, Side, Tally};
use crate::document;

/// The cases for each interface type.
const CASES: u32 = 300;

#[test]
fn interfaces_differ_where_nmstate_says_so() {
    let mut tally = Tally::new(INTERFACES);
    for known in interface_types() {
        let mut judged = 0;
        for case in cases(case(known.name), CASES) {
            judged += u32::from(judge(&case.desired, &host(&case), &mut tally));
        }
        assert!(judged > CASES / 3, "{}: nmstate has refused all but {judged}", known.name);
    }
    for (desired, shown) in SELDOM {
        let [desired, shown] = [desired, shown].map(|text| document(text).into_value());
        assert!(judge(&desired, &host_with(Some(shown)), &mut tally), "refused: {desired}");
    }
    tally.settle();
}

/// Counts where the two verdicts part; whether nmstate has given one.
fn judge(interface: &Value, host: &Value, tally: &mut Tally) -> bool {
    let desired = json!({ "interfaces": [interface] });
    let Some(theirs) = theirs(&desired, host) else { return false };
    let (theirs, ours) = (interface_paths(&theirs, interface, host), ours(&desired, host));
    let current = subject(host).unwrap_or(&Value::Null);
    for path in theirs.symmetric_difference(&ours) {
        let side = if theirs.contains(path) { Side::Nmstate } else { Side::Ours };
        tally.add(&Parting { side, path, desired: interface, current });
    }
    true
}

/// What a case is made of: of `other` only a few values are on the host.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) desired: Value,
    base: Value,
    other: Value,
    picks: Vec<(Index, bool)>,
    state: &'static str,
    is_there: bool,
}

pub(crate) fn case(name: &'static str) -> impl Strategy<Value = Case> {
    let picks = proptest::collection::vec((any::<Index>(), any::<bool>()), 0..6);
    const WANTED: [&str; 10] = ["up", "up", "up", "up", "up", "up", "up", "up", "down", "absent"];
    const FOUND: [&str; 10] = ["up", "up", "up", "up", "up", "up", "up", "up", "up", "down"];
    let interfaces = (interface(name), interface(name), interface(name));
    (interfaces, picks, select(&WANTED), select(&FOUND), 0..20)
        .prop_map(|((mut desired, base, other), picks, wanted, state, chance)| {
            desired["state"] = wanted.into();
            Case { desired, base, other, picks, state, is_there: chance > 0 }
        })
        .boxed()
}

fn interface(name: &'static str) -> impl Strategy<Value = Value> {
    let is_given = |section: &Section, key: &nmstate_schema::keys::Key| {
        let is_fixed = matches!(key.name, "type" | "state" | "identifier" | "pci-address");
        section.name != "interface" || !is_fixed
    };
    section(&INTERFACE, Some(name), is_given).prop_map(move |mut value| {
        value["type"] = name.into();
        value["state"] = "up".into();
        if name == "loopback" {
            value["name"] = "lo".into();
        }
        value
    })
}

/// What `show` prints: the document on top of some other state, with a few keys changed.
pub(crate) fn host(case: &Case) -> Value {
    let mut shown = json!({"identifier": "name", "wait-ip": "any", "lldp": {"enabled": false},
        "mptcp": {"address-flags": []}, "accept-all-mac-addresses": false});
    let mut desired = case.desired.clone();
    desired["state"] = "up".into();
    for document in [&case.base, &desired] {
        overlay(&mut shown, &as_shown(document));
    }
    shown["state"] = case.state.into();
    let mut values = Vec::new();
    leaves(&as_shown(&case.other), &mut Vec::new(), &mut values);
    for (index, is_set) in &case.picks {
        let (path, value) = index.get(&values);
        let mut changed = shown.clone();
        put(&mut changed, path, is_set.then_some(value));
        // What nmstate requires stays.
        if !matches!(path[0].as_str(), "name" | "type" | "state") && is_state(&json!([changed])) {
            shown = changed;
        }
    }
    for family in ["ipv4", "ipv6"] {
        show_family(&mut shown[family]);
    }
    if shown["controller"].as_str().is_some_and(|name| !name.is_empty()) {
        // A port has no addresses to wait for.
        shown["wait-ip"] = "any".into();
    }
    if let Some(vlan) = shown["vlan"].as_object_mut() {
        for (name, default) in [("reorder-headers", true), ("loose-binding", false)] {
            vlan.entry(name).or_insert(default.into());
        }
    }
    if let Some(names) = shown["alt-names"].as_array_mut() {
        names.retain(|name| name.get("state").is_none());
    }
    without_write_only(&INTERFACE, &mut shown);
    shown.as_object_mut().expect("an interface").retain(|_, value| !value.is_null());
    let is_there = case.is_there || case.desired["type"] == "loopback";
    host_with(is_there.then_some(shown))
}

/// A host with the cards, a bridge, and one more interface.
fn host_with(subject: Option<Value>) -> Value {
    let mut interfaces: Vec<Value> = (1..)
        .zip(CARDS)
        .map(|(number, card)| {
            json!({"name": card, "type": "ethernet", "state": "up", "identifier": "name",
                "mac-address": format!("02:00:00:00:01:{number:02}"),
                "ipv4": {"enabled": false}, "ipv6": {"enabled": false}})
        })
        .collect();
    interfaces.push(json!({"name": "br9", "type": "linux-bridge", "state": "up",
        "bridge": {"port": []}}));
    interfaces.extend(subject);
    json!({ "interfaces": interfaces })
}

/// An interface in nmstate's own spelling of its normal form.
fn as_shown(interface: &Value) -> Value {
    let normal = canonical(&tree(&json!({ "interfaces": [interface] }))).into_value();
    to_value(&state(&normal))["interfaces"][0].take()
}

fn is_state(interfaces: &Value) -> bool {
    serde_json::from_value::<NetworkState>(json!({ "interfaces": interfaces })).is_ok()
}

/// A family that is off has no settings, and one without a server none of its answers.
fn show_family(family: &mut Value) {
    let is_off = family["enabled"] != true;
    let Some(family) = family.as_object_mut() else { return };
    if is_off {
        family.insert("enabled".to_owned(), false.into());
        return family.retain(|name, _| matches!(name.as_str(), "enabled" | "forwarding"));
    }
    let is_on = |name: &str| family.get(name).is_some_and(|value| *value == true);
    let (is_dhcp, is_automatic) = (is_on("dhcp"), is_on("dhcp") || is_on("autoconf"));
    family.retain(|name, _| match name.as_str() {
        "dhcp-client-id" | "dhcp-duid" => is_dhcp,
        name => is_automatic || !name.starts_with("auto-") && !name.starts_with("dhcp-"),
    });
}

fn without_write_only(section: &Section, value: &mut Value) {
    let Some(map) = value.as_object_mut() else { return };
    for key in section.keys {
        if key.access == Access::WriteOnly {
            map.remove(key.name);
        } else if let (Kind::Section(inner), Some(value)) = (key.kind, map.get_mut(key.name)) {
            without_write_only(inner, value);
        }
    }
}

fn subject(host: &Value) -> Option<&Value> {
    host["interfaces"].as_array().and_then(|interfaces| interfaces.get(CARDS.len() + 1))
}

/// What `gen_diff` gives; none where nmstate refuses the document.
pub(crate) fn theirs(desired: &Value, host: &Value) -> Option<Value> {
    let difference = state(desired).gen_diff(&state(host)).ok()?;
    Some(to_value(&difference))
}

fn state(value: &Value) -> NetworkState {
    serde_json::from_value(value.clone()).expect("nmstate takes what the table calls valid")
}

fn to_value(state: &NetworkState) -> Value {
    serde_json::to_value(state).expect("a state is a tree")
}

/// A document from a tree.
pub(crate) fn tree(value: &Value) -> Document {
    Document::from_value(value.clone()).expect("a mapping")
}

/// The paths inside the interface, with lists as a whole.
fn interface_paths(difference: &Value, desired: &Value, host: &Value) -> BTreeSet<String> {
    let Some(found) = difference["interfaces"].get(0) else { return BTreeSet::new() };
    let Some(current) = subject(host) else { return BTreeSet::from([String::new()]) };
    if desired["state"] != "up" {
        return BTreeSet::from(["state".to_owned()]);
    }
    let mut values = Vec::new();
    leaves(found, &mut Vec::new(), &mut values);
    let paths = values.into_iter().map(|(path, _)| path.join("."));
    let mut paths: BTreeSet<_> =
        paths.filter(|path| !matches!(path.as_str(), "name" | "type" | "state")).collect();
    if paths.is_empty() || current["state"] != "up" {
        paths.insert("state".to_owned());
    }
    paths
}

fn ours(desired: &Value, host: &Value) -> BTreeSet<String> {
    let differences = compare(&tree(desired), &tree(host));
    differences.iter().map(|difference| keys(difference, 2)).collect()
}

/// The keys on the way to a difference from a step on, as far as the first list.
pub(crate) fn keys(difference: &Difference, from: usize) -> String {
    let steps = difference.path.steps()[from..].iter();
    let keys = steps.map_while(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Index(_) | Step::Item(_) => None,
    });
    keys.collect::<Vec<_>>().join(".")
}
