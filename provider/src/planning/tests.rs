use nmstate_schema::Value as Json;
use nmstate_schema::keys;
use serde_json::json;

use super::*;
use crate::layout::Layout;

/// A resource's attributes as Terraform would hand them over: everything that is left out is null.
fn config(layout: &Layout, entry: &Json) -> BTreeMap<String, Value> {
    layout.attributes_of(entry)
}

/// Plans all attributes and holds the result against the rules of Terraform itself.
fn planned(
    layout: &Layout,
    config: &BTreeMap<String, Value>,
    prior: Option<&Json>,
) -> BTreeMap<String, Value> {
    let null = Value::Null;
    let state = prior.map(|entry| layout.attributes_of(entry));
    let unset = if state.is_none() { Value::Unknown } else { Value::Null };
    let planned: BTreeMap<String, Value> = layout
        .fields
        .iter()
        .map(|field| {
            let before =
                state.as_ref().and_then(|state| state.get(&field.attribute)).unwrap_or(&null);
            let given = config.get(&field.attribute).unwrap_or(&null);
            (field.attribute.clone(), plan(field.key, given, before, &unset))
        })
        .collect();
    let schema = tfplugin::Schema {
        version: 0,
        description: String::new(),
        attributes: secrets::with_write_only(layout.attributes()),
    };
    let broken = tfplugin::rules::check_plan(
        &schema,
        &Value::Map(config.clone()),
        &state.map_or(Value::Null, Value::Map),
        &Value::Map(planned.clone()),
    );
    assert!(broken.is_empty(), "terraform would refuse this plan: {broken:#?}");
    planned
}

/// The attributes that a plan changes.
fn changed(layout: &Layout, entry: &Json, prior: &Json) -> Vec<String> {
    let config = config(layout, entry);
    let before = layout.attributes_of(prior);
    planned(layout, &config, Some(prior))
        .into_iter()
        .filter(|(name, value)| before.get(name) != Some(value))
        .map(|(name, _)| name)
        .collect()
}

fn bond() -> Json {
    json!({
        "name": "bond0", "type": "bond", "state": "up", "mtu": 1500, "mac-address": "02:00:00:00:00:01",
        "ipv4": {"enabled": true, "dhcp": false, "address": [{"ip": "192.0.2.1", "prefix-length": 24}]},
        "link-aggregation": {"mode": "active-backup", "port": ["eth1", "eth2"], "options": {"miimon": 100, "primary": "eth1"}},
    })
}

/// A bridge whose port is in these VLANs.
fn trunk(tags: &Json) -> Json {
    let vlan = json!({"mode": "trunk", "trunk-tags": tags});
    json!({"name": "br0", "bridge": {"port": [{"name": "eth1", "vlan": vlan}]}})
}

#[test]
fn only_the_changed_attribute_changes() {
    let layout = Layout::typed("bond");
    assert_eq!(changed(&layout, &json!({"name": "bond0", "mtu": 9000}), &bond()), ["mtu"]);
    assert_eq!(changed(&layout, &json!({"name": "bond0"}), &bond()), [""; 0]);
}

#[test]
fn another_spelling_is_no_change() {
    let layout = Layout::typed("bond");
    let spelled = json!({
        "name": "bond0", "mac-address": "02:00:00:00:00:01".to_lowercase(),
        "link-aggregation": {"mode": "1", "port": ["eth2", "eth1"]},
    });
    assert_eq!(changed(&layout, &spelled, &bond()), [""; 0]);
}

#[test]
fn a_list_that_is_given_is_exact() {
    let layout = Layout::typed("bond");
    let fewer = json!({"name": "bond0", "link-aggregation": {"port": ["eth1"]}});
    assert_eq!(changed(&layout, &fewer, &bond()), ["port"]);
    let other = json!({"name": "bond0", "ipv4": {"address": []}});
    assert_eq!(changed(&layout, &other, &bond()), ["ipv4"]);
}

#[test]
fn elements_keep_what_the_host_has_by_identity() {
    let layout = Layout::typed("linux-bridge");
    let prior = json!({"name": "br0", "type": "linux-bridge", "bridge": {"port": [
        {"name": "eth1", "stp-priority": 32, "stp-path-cost": 100},
        {"name": "eth2", "stp-priority": 33, "stp-path-cost": 200},
    ]}});
    let config = config(
        &layout,
        &json!({"name": "br0", "bridge": {"port": [
            {"name": "eth0"}, {"name": "eth2"}, {"name": "eth1", "stp-priority": 40},
        ]}}),
    );
    let planned = planned(&layout, &config, Some(&prior));
    let ports = elements(&planned["port"]);
    assert_eq!(ports[0].attribute("stp_path_cost"), &Value::Unknown);
    assert_eq!(ports[1].attribute("stp_path_cost"), &Value::from(200_i64));
    assert_eq!(ports[2].attribute("stp_path_cost"), &Value::from(100_i64));
    assert_eq!(ports[2].attribute("stp_priority"), &Value::from(40_i64));
}

#[test]
fn a_new_element_lacks_what_the_others_lack() {
    let layout = Layout::typed("dummy");
    let address = |ip: &str| json!({"ip": ip, "prefix-length": 24});
    let entry = |ip: &str| {
        let ipv4 = json!({"enabled": true, "address": [address(ip)]});
        json!({"name": "dummy0", "type": "dummy", "ipv4": ipv4})
    };
    let config = config(&layout, &entry("192.0.2.2"));
    let planned = planned(&layout, &config, Some(&entry("192.0.2.1")));
    let addresses = planned["ipv4"].attribute("address");
    assert!(addresses.is_wholly_known(), "{addresses:?}");
}

#[test]
fn a_new_element_keeps_what_is_unknown_yet() {
    let layout = Layout::typed("linux-bridge");
    let bridge = |ports: Json| json!({"name": "br0", "bridge": {"port": ports}});
    let mut config = config(&layout, &bridge(json!([{"name": "eth1"}, {"name": "eth2"}])));
    let Some(Value::List(ports)) = config.get_mut("port") else { panic!("no ports") };
    let Value::Map(port) = &mut ports[1] else { panic!("no port") };
    port.insert("stp_priority".into(), Value::Unknown);
    let prior = bridge(json!([{"name": "eth1"}]));
    let planned = planned(&layout, &config, Some(&prior));
    let Value::List(ports) = &planned["port"] else { panic!("{:?}", planned["port"]) };
    assert_eq!(ports[1].attribute("stp_priority"), &Value::Unknown);
    assert_eq!(ports[1].attribute("stp_path_cost"), &Value::Null);
}

#[test]
fn what_the_identity_of_a_new_element_leaves_out_is_not_the_hosts() {
    let layout = Layout::typed("linux-bridge");
    let range = json!({"id-range": {"min": 20, "max": 29}});
    let declared = layout.attributes_of(&trunk(&json!([range, {"id": 10}])));
    let shown = layout.attributes_of(&trunk(&json!([{"id": 10}, range])));
    let field = layout.fields.iter().find(|field| field.attribute == "port").unwrap();
    let planned = &planned(&layout, &declared, None)["port"];
    let settled = settle(&field.key.kind, planned, &shown["port"]);
    let Value::List(ports) = &settled else { panic!("{settled:?}") };
    let Value::List(declared) = &declared["port"] else { panic!("{declared:?}") };
    assert_eq!(ports[0].attribute("vlan"), declared[0].attribute("vlan"));
}

#[test]
fn what_only_the_section_tells_to_be_the_same_is_no_change() {
    let layout = Layout::typed("linux-bridge");
    let single = trunk(&json!([{"id": 21}, {"id": 20}]));
    let range = trunk(&json!([{"id-range": {"min": 20, "max": 21}}]));
    assert_eq!(changed(&layout, &single, &range), [""; 0]);
}

#[test]
fn an_empty_list_is_planned_where_none_was() {
    let layout = Layout::typed("linux-bridge");
    let bridge = |value: Json| json!({"name": "br0", "type": "linux-bridge", "bridge": value});
    let config = config(&layout, &bridge(json!({"port": []})));
    let empty = Value::List(Vec::new());
    assert_eq!(planned(&layout, &config, None)["port"], empty);
    assert_eq!(planned(&layout, &config, Some(&bridge(json!({}))))["port"], empty);
}

#[test]
fn what_a_host_lacks_may_come_with_the_first_change() {
    let layout = Layout::typed("ethernet");
    let found =
        json!({"name": "eth1", "type": "ethernet", "mtu": 1500, "ipv4": {"enabled": false}});
    let found = layout.attributes_of(&found);
    let undecided: BTreeMap<String, Value> = layout
        .fields
        .iter()
        .map(|field| {
            let value = found.get(&field.attribute).unwrap_or(&Value::Null);
            (field.attribute.clone(), undecided(field.key, value))
        })
        .collect();
    assert_eq!(undecided["mtu"], Value::from(1500_i64));
    assert_eq!(undecided["wait_ip"], Value::Unknown);
    assert_eq!(undecided["ipv4"].attribute("enabled"), &Value::Bool(false));
    assert_eq!(undecided["ipv4"].attribute("dhcp"), &Value::Unknown);
}

#[test]
fn ports_in_another_order_are_no_change() {
    let layout = Layout::typed("linux-bridge");
    let prior = json!({"name": "br0", "bridge": {"port": [{"name": "eth1"}, {"name": "eth2"}]}});
    let swapped = json!({"name": "br0", "bridge": {"port": [{"name": "eth2"}, {"name": "eth1"}]}});
    assert_eq!(changed(&layout, &swapped, &prior), [""; 0]);
}

#[test]
fn unknown_configuration_stays_unknown() {
    let layout = Layout::typed("vlan");
    let mut config = config(&layout, &json!({"name": "v", "vlan": {"id": 5}}));
    config.insert("base_iface".into(), Value::Unknown);
    let planned = planned(&layout, &config, None);
    assert_eq!(planned["base_iface"], Value::Unknown);
    assert_eq!(planned["id"], Value::from(5_i64));
    assert_eq!(planned["mtu"], Value::Unknown);
}

#[test]
fn settling_fills_only_what_was_unknown() {
    let layout = Layout::typed("linux-bridge");
    let field = |name: &str| layout.fields.iter().find(|field| field.attribute == name).unwrap();
    let planned = Value::list([Value::object([
        ("name", Value::from("eth2")),
        ("stp_priority", Value::from(40_i64)),
        ("stp_path_cost", Value::Unknown),
    ])]);
    let actual = layout.attributes_of(&json!({"bridge": {"port": [
        {"name": "eth1", "stp-path-cost": 1}, {"name": "eth2", "stp-priority": 99, "stp-path-cost": 2},
    ]}}));
    let settled = settle(&field("port").key.kind, &planned, &actual["port"]);
    let port = &elements(&settled)[0];
    assert_eq!(port.attribute("stp_priority"), &Value::from(40_i64));
    assert_eq!(port.attribute("stp_path_cost"), &Value::from(2_i64));
    assert!(settled.is_wholly_known());
}

#[test]
fn of_a_map_with_free_keys_the_state_holds_what_is_declared() {
    let key = keys::interface_keys("ethernet").find(|key| key.name == "ethtool").unwrap();
    let host = convert::from_json(
        &key.kind,
        &json!({"feature": {"rx-gro": true, "rx-lro": false}, "pause": {"rx": true}}),
    );
    let unknown = settle(&key.kind, &Value::Unknown, &host);
    assert_eq!(unknown.attribute("feature"), &Value::Null);
    assert_eq!(unknown.attribute("pause").attribute("rx"), &Value::from(true));
}

#[test]
fn what_another_entry_sets_too_is_in_the_state_only_where_it_is_given_or_taken_over() {
    let key = keys::interface_keys("ethernet").find(|key| key.name == "controller").unwrap();
    let theirs = Value::from("br1");
    assert_eq!(plan(key, &Value::Null, &Value::Null, &Value::Unknown), Value::Null);
    assert_eq!(undecided(key, &theirs), Value::Null);
    assert_eq!(adopt(key, &theirs), theirs);
    assert_eq!(plan(key, &Value::Null, &theirs, &Value::Null), theirs);
}
