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
    let given = Value::Map(config.clone());
    let state = prior.map_or(Value::Null, |entry| Value::Map(layout.attributes_of(entry)));
    let earlier = Earlier { state: &state, in_place: true };
    let planned: BTreeMap<String, Value> = layout
        .fields
        .iter()
        .map(|field| {
            let name = &field.attribute;
            (name.clone(), plan(field.key, name, &given, earlier))
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
        &state,
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
    assert_eq!(ports[0].attribute("stp_path_cost"), &Value::Null);
    assert_eq!(ports[1].attribute("stp_path_cost"), &Value::from(200_i64));
    assert_eq!(ports[2].attribute("stp_path_cost"), &Value::from(100_i64));
    assert_eq!(ports[2].attribute("stp_priority"), &Value::from(40_i64));
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

/// The attributes of a plan that are not known yet, with a dot before one of a section.
fn unknown(attributes: &BTreeMap<String, Value>) -> Vec<String> {
    let names = attributes.iter().flat_map(|(name, value)| match value {
        Value::Unknown => vec![name.clone()],
        Value::Map(inner) => unknown(inner).iter().map(|one| format!("{name}.{one}")).collect(),
        _ => Vec::new(),
    });
    names.collect()
}

#[test]
fn of_what_is_new_only_what_the_host_chooses_is_not_known() {
    let layout = Layout::typed("linux-bridge");
    let own = ["driver", "mac_address", "max_mtu", "min_mtu", "mtu", "permanent_mac_address"];
    let plan = |entry: &Json| unknown(&planned(&layout, &config(&layout, entry), None));
    assert_eq!(plan(&json!({"name": "br0", "bridge": {"port": [{"name": "eth1"}]}})), own);
    let off = json!({"name": "br0", "ipv4": {"enabled": false}, "ipv6": {"enabled": true}});
    assert_eq!(plan(&off), own);
    let learned = json!({"name": "br0", "mtu": 1400, "ipv4": {"enabled": true, "dhcp": true},
        "ipv6": {"enabled": true, "autoconf": true}});
    let mut expected: Vec<&str> = own.into_iter().filter(|name| *name != "mtu").collect();
    expected.extend(["ipv4.address", "ipv6.address"]);
    expected.sort_unstable();
    assert_eq!(plan(&learned), expected);
    let given = json!({"name": "br0", "ipv4": {"enabled": true, "dhcp": true, "address": []}});
    assert_eq!(plan(&given), own);
}

#[test]
fn what_is_left_out_keeps_what_the_state_has() {
    let layout = Layout::typed("bond");
    let state = json!({"name": "bond0", "type": "bond", "mtu": 1400, "description": "uplink",
        "ipv4": {"enabled": true, "dhcp": false, "address": [{"ip": "192.0.2.1", "prefix-length": 24}]},
        "link-aggregation": {"port": ["eth1"], "options": {"miimon": 100}}});
    let less =
        json!({"name": "bond0", "ipv4": {"enabled": true}, "link-aggregation": {"options": {}}});
    assert_eq!(changed(&layout, &less, &state), [""; 0]);
}

#[test]
fn addresses_that_the_network_gives_come_and_go_with_dhcp() {
    let layout = Layout::typed("bond");
    let address = json!([{"ip": "192.0.2.9", "prefix-length": 24}]);
    let dhcp = json!({"name": "bond0", "ipv4": {"enabled": true, "dhcp": true}});
    let fixed = json!({"name": "bond0", "ipv4": {"enabled": true, "dhcp": false}});
    let with = |entry: &Json| {
        let mut entry = entry.clone();
        entry["ipv4"]["address"] = address.clone();
        entry
    };
    let planned = |config: &Json, prior: &Json| {
        let planned = planned(&layout, &layout.attributes_of(config), Some(prior));
        planned["ipv4"].attribute("address").clone()
    };
    let learned = layout.attributes_of(&with(&dhcp))["ipv4"].attribute("address").clone();
    assert_eq!(planned(&dhcp, &with(&dhcp)), learned);
    assert_eq!(planned(&fixed, &with(&dhcp)), Value::Null);
    assert_eq!(planned(&dhcp, &with(&fixed)), Value::Unknown);
}

#[test]
fn ports_in_another_order_are_no_change() {
    let layout = Layout::typed("linux-bridge");
    let prior = json!({"name": "br0", "bridge": {"port": [{"name": "eth1"}, {"name": "eth2"}]}});
    let swapped = json!({"name": "br0", "bridge": {"port": [{"name": "eth2"}, {"name": "eth1"}]}});
    assert_eq!(changed(&layout, &swapped, &prior), [""; 0]);
}

#[test]
fn names_that_are_to_be_absent_are_no_change_in_another_order() {
    let layout = Layout::typed("bond");
    let names = |list: Json| json!({"name": "bond0", "alt-names": list});
    let (there, gone) = (json!({"name": "one"}), json!({"name": "two", "state": "absent"}));
    let (prior, swapped) = (names(json!([there, gone])), names(json!([gone, there])));
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
