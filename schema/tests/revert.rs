use nmstate_schema::Value;
use nmstate_schema::compare::compare;
use nmstate_schema::document::Document;
use nmstate_schema::revert::revert;
use serde_json::json;

use crate::document;

const BEFORE: &str = r#"{
  "dns-resolver": {"config": {"server": ["192.0.2.53"], "search": []}},
  "route-rules": {"config": [{"family": "ipv4", "ip-from": "192.0.2.0/24", "priority": 100, "route-table": 200}]},
  "routes": {"config": [
    {"destination": "0.0.0.0/0", "next-hop-interface": "eth1", "next-hop-address": "192.0.2.1", "metric": 150, "table-id": 254}]},
  "interfaces": [
    {"name": "eth1", "type": "ethernet", "state": "up", "mtu": 1500, "driver": "virtio_net",
     "ipv4": {"enabled": true, "dhcp": false, "address": [{"ip": "192.0.2.10", "prefix-length": 24}]},
     "ipv6": {"enabled": true, "autoconf": true, "dhcp": false, "address": [
       {"ip": "fe80::1", "prefix-length": 64},
       {"ip": "2001:db8::7", "prefix-length": 64, "valid-life-time": "3000sec", "preferred-life-time": "30sec"}]}},
    {"name": "eth2", "type": "ethernet", "state": "up", "controller": "br0", "mtu": 1500},
    {"name": "br0", "type": "linux-bridge", "state": "up", "bridge": {"options": {"gc-timer": 3, "mac-ageing-time": 300},
      "port": [{"name": "eth2", "stp-path-cost": 100}]}},
    {"name": "br0.5", "type": "vlan", "state": "up", "vlan": {"base-iface": "br0", "id": 5}}
  ]
}"#;

fn reverted(desired: &str) -> Value {
    let (desired, before) = (document(desired), document(BEFORE));
    let revert = revert(&desired, &before);
    // What takes a change back never asks for more than there was, except for removals.
    let present = compare(&revert, &before);
    assert!(present.iter().all(|difference| difference.desired == "absent"), "{present:?}");
    revert.into_value()
}

#[test]
fn nothing_is_taken_back_by_nothing() {
    assert!(revert(&Document::default(), &document(BEFORE)).is_empty());
    assert_eq!(reverted("interfaces: [{name: dummy9, type: dummy, state: absent}]"), json!({}));
}

#[test]
fn created_interfaces_become_absent() {
    assert_eq!(
        reverted(
            "interfaces: [{name: dummy0, type: dummy, ipv4: {enabled: true}}, {name: eth9, type: ethernet}]"
        ),
        json!({"interfaces": [{"name": "dummy0", "type": "dummy", "state": "absent"}]})
    );
}

#[test]
fn both_ends_of_a_created_cable_become_absent() {
    let ends = json!([
        {"name": "c0", "type": "veth", "state": "absent"},
        {"name": "c1", "type": "veth", "state": "absent"}
    ]);
    let cable = "{name: c0, type: veth, veth: {peer: c1}}";
    assert_eq!(reverted(&format!("interfaces: [{cable}]")), json!({"interfaces": ends}));
    let other = "{name: c1, type: veth, veth: {peer: c0}}";
    assert_eq!(reverted(&format!("interfaces: [{cable}, {other}]")), json!({"interfaces": ends}));
}

#[test]
fn changed_keys_get_their_values_back_and_others_are_left_alone() {
    let revert = reverted(
        "interfaces: [{name: eth1, mtu: 9000, description: new, ipv4: {dhcp: true, address: []}, ipv6: {address: []}}]",
    );
    assert_eq!(
        revert["interfaces"],
        json!([{"name": "eth1", "type": "ethernet", "state": "up", "mtu": 1500, "description": "",
            "ipv4": {"dhcp": false, "address": [{"ip": "192.0.2.10", "prefix-length": 24}]},
            "ipv6": {"address": []}}])
    );
}

#[test]
fn removed_interfaces_come_back_with_what_stood_on_them() {
    let revert = reverted("interfaces: [{name: br0, state: absent}]");
    assert_eq!(
        revert["interfaces"],
        json!([
            {"name": "br0", "type": "linux-bridge", "state": "up", "bridge": {
                "options": {"mac-ageing-time": 300}, "port": [{"name": "eth2", "stp-path-cost": 100}]}},
            {"name": "br0.5", "type": "vlan", "state": "up", "vlan": {"base-iface": "br0", "id": 5}}])
    );
}

#[test]
fn ports_get_back_what_they_were() {
    let revert = reverted(
        "interfaces: [{name: bond1, type: bond, link-aggregation: {mode: 1, port: [eth1, eth2]}}]",
    );
    assert_eq!(
        revert["interfaces"],
        json!([
            {"name": "bond1", "type": "bond", "state": "absent"},
            {"name": "eth1", "type": "ethernet", "state": "up", "mtu": 1500,
             "ipv4": {"enabled": true, "dhcp": false, "address": [{"ip": "192.0.2.10", "prefix-length": 24}]},
             "ipv6": {"enabled": true, "autoconf": true, "dhcp": false, "address": []}, "controller": ""},
            {"name": "eth2", "type": "ethernet", "state": "up", "controller": "br0", "mtu": 1500}])
    );
    assert_eq!(
        revert["routes"]["config"][0]["destination"], "0.0.0.0/0",
        "lost with its interface"
    );
}

#[test]
fn routes_and_rules_are_taken_back() {
    let default = json!({"destination": "0.0.0.0/0", "next-hop-interface": "eth1",
        "next-hop-address": "192.0.2.1", "metric": 150, "table-id": 254});
    let added =
        reverted("routes: {config: [{destination: 198.51.100.0/24, next-hop-interface: eth1}]}");
    assert_eq!(
        added["routes"]["config"],
        json!([{"destination": "198.51.100.0/24", "next-hop-interface": "eth1", "table-id": 254, "state": "absent"}])
    );
    let removed = reverted("routes: {config: [{state: absent, next-hop-interface: eth1}]}");
    assert_eq!(removed["routes"]["config"], json!([default]));
    let metric = reverted(
        "routes: {config: [{destination: 0.0.0.0/0, next-hop-interface: eth1, next-hop-address: 192.0.2.1, metric: 300}]}",
    );
    assert_eq!(metric["routes"]["config"][1], default, "nmstate removes routes of any metric");
    let rules = reverted(
        "route-rules: {config: [{state: absent, route-table: 200}, {family: ipv6, route-table: 7}]}",
    );
    let rules = rules["route-rules"]["config"].as_array().unwrap();
    assert_eq!(
        rules[0],
        json!({"family": "ipv6", "route-table": 7, "state": "absent", "ip-from": "", "ip-to": ""}),
        "nmstate takes what is left out for anything"
    );
    assert_eq!(rules[1]["ip-from"], "192.0.2.0/24");
}

#[test]
fn name_servers_are_as_before() {
    assert_eq!(
        reverted("dns-resolver: {config: {server: [192.0.2.1], search: [example.org]}}"),
        json!({"dns-resolver": {"config": {"server": ["192.0.2.53"], "search": []}}})
    );
    assert_eq!(
        reverted("dns-resolver: {config: {}}"),
        json!({"dns-resolver": {"config": {"server": ["192.0.2.53"], "search": []}}})
    );
}

#[test]
fn what_a_key_makes_void_comes_back_with_it() {
    let revert =
        reverted("interfaces: [{name: eth1, ipv4: {enabled: false}, ipv6: {enabled: false}}]");
    assert_eq!(
        revert["interfaces"],
        json!([{"name": "eth1", "type": "ethernet", "state": "up",
            "ipv4": {"enabled": true, "dhcp": false,
                "address": [{"ip": "192.0.2.10", "prefix-length": 24}]},
            "ipv6": {"enabled": true, "autoconf": true, "dhcp": false, "address": []}}])
    );
}

#[test]
fn a_port_that_the_document_names_itself_gets_its_addresses_back() {
    let ports = "{name: br7, type: linux-bridge, bridge: {port: [{name: eth1}]}}";
    let revert =
        reverted(&format!("interfaces: [{{name: eth1, ipv4: {{enabled: false}}}}, {ports}]"));
    assert_eq!(
        revert["interfaces"],
        json!([
            {"name": "br7", "type": "linux-bridge", "state": "absent"},
            {"name": "eth1", "type": "ethernet", "state": "up",
                "ipv4": {"enabled": true, "dhcp": false,
                    "address": [{"ip": "192.0.2.10", "prefix-length": 24}]},
                "mtu": 1500,
                "ipv6": {"enabled": true, "autoconf": true, "dhcp": false, "address": []},
                "controller": ""}
        ])
    );
}
