use nmstate_schema::Value;
use nmstate_schema::compare::compare;
use nmstate_schema::scope::Scope;
use serde_json::json;

use crate::document;

const CURRENT: &str = r#"{
  "dns-resolver": {"config": {"server": ["192.0.2.53"], "search": []}},
  "route-rules": {"config": [{"family": "ipv4", "ip-from": "192.0.2.0/24", "priority": 100, "route-table": 200}]},
  "routes": {"config": [
    {"destination": "0.0.0.0/0", "next-hop-interface": "eth1", "next-hop-address": "192.0.2.1", "metric": 150, "table-id": 254},
    {"destination": "198.51.100.0/24", "next-hop-interface": "eth1", "next-hop-address": "192.0.2.1", "table-id": 254},
    {"destination": "203.0.113.0/24", "next-hop-interface": "br0", "next-hop-address": "192.0.2.2", "table-id": 254}]},
  "interfaces": [
    {"name": "lo", "type": "loopback", "state": "up"},
    {"name": "mgmt0", "type": "ethernet", "state": "ignore"},
    {"name": "eth0", "type": "ethernet", "state": "up"},
    {"name": "eth1", "type": "ethernet", "state": "up", "identifier": "name", "mtu": 1400, "description": "uplink",
     "ipv4": {"enabled": true, "dhcp": true, "address": []},
     "ipv6": {"enabled": true, "autoconf": true, "dhcp": true}},
    {"name": "eth2", "type": "ethernet", "state": "up", "identifier": "name", "controller": "br0"},
    {"name": "br0", "type": "linux-bridge", "state": "up", "identifier": "name", "bridge": {"port": [{"name": "eth2"}]}}
  ]
}"#;

const ETH1: &str = "interfaces: [{name: eth1, type: ethernet, ipv4: {enabled: true, address: \
                    [{ip: 192.0.2.7, prefix-length: 24}]}}]";

fn reach(scope: Scope, desired: &str) -> Value {
    let reached = scope.reach(&document(desired), &document(CURRENT));
    reached.expect("all of it can be asked for").into_value()
}

#[test]
fn replaced_resets_what_a_listed_interface_does_not_mention() {
    let reached = reach(Scope::Replaced, ETH1);
    let expected = json!({"interfaces": [{
        "name": "eth1", "type": "ethernet", "description": "", "ipv6": {"enabled": false},
        "ipv4": {"enabled": true, "address": [{"ip": "192.0.2.7", "prefix-length": 24}], "dhcp": false},
    }]});
    assert_eq!(reached, expected);
}

#[test]
fn replaced_routes_are_those_of_the_listed_interfaces() {
    let reached = reach(
        Scope::Replaced,
        "routes: {config: [{destination: 0.0.0.0/0, next-hop-interface: eth1, \
         next-hop-address: 192.0.2.1}]}",
    );
    let config = reached["routes"]["config"].as_array().unwrap();
    assert_eq!(config.len(), 2, "{reached}");
    assert_eq!(config[1]["destination"], "198.51.100.0/24");
    assert_eq!(config[1]["state"], "absent");
}

#[test]
fn overridden_removes_what_is_not_listed_and_nothing_that_nobody_configured() {
    let reached = reach(Scope::Overridden, ETH1);
    let absent: Vec<&str> = reached["interfaces"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["state"] == "absent")
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(absent, ["br0", "eth2"]);
    assert_eq!(reached["routes"]["config"].as_array().unwrap().len(), 3);
    assert_eq!(reached["route-rules"]["config"][0]["state"], "absent");
    assert_eq!(reached["dns-resolver"], json!({"config": {}}));
    // A port stays as long as its bridge is listed.
    let bridge = reach(
        Scope::Overridden,
        "interfaces: [{name: br0, type: linux-bridge, bridge: {port: [{name: eth2}]}}]",
    );
    let eth2 = bridge["interfaces"].as_array().unwrap().iter().find(|one| one["name"] == "eth2");
    assert_eq!(eth2, None);
}

#[test]
fn a_host_that_is_so_has_nothing_to_override() {
    for scope in [Scope::Merged, Scope::Replaced, Scope::Overridden] {
        let reached = scope.reach(&document(CURRENT), &document(CURRENT)).unwrap();
        assert_eq!(compare(&reached, &document(CURRENT)), [], "{scope:?}");
    }
}

#[test]
fn deleted_names_and_no_more() {
    let reached = reach(
        Scope::Deleted,
        "interfaces: [{name: br0, type: linux-bridge, mtu: 1500}]\n\
         routes: {config: [{next-hop-interface: br0}]}\ndns-resolver: {config: {server: [192.0.2.9]}}",
    );
    let expected = json!({
        "interfaces": [{"name": "br0", "type": "linux-bridge", "state": "absent"}],
        "routes": {"config": [{"next-hop-interface": "br0", "state": "absent"}]},
        "dns-resolver": {"config": {}},
    });
    assert_eq!(reached, expected);
    let findings =
        Scope::Deleted.reach(&document("hostname: {config: a}"), &document(CURRENT)).unwrap_err();
    assert_eq!(findings[0].path.to_string(), "hostname");
}
