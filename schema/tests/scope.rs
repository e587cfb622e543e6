use nmstate_schema::Value;
use nmstate_schema::changes::steps;
use nmstate_schema::compare::compare;
use nmstate_schema::document::Document;
use nmstate_schema::merge::merge;
use nmstate_schema::scope::Scope;
use nmstate_schema::validate::validate;
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

/// As nmstate shows a bridge that was made with all of these settings.
const BRIDGE: &str = r#"{
  "interfaces": [
    {"name": "eth2", "type": "ethernet", "state": "up", "identifier": "name", "controller": "br0"},
    {"name": "br0", "type": "linux-bridge", "state": "up", "identifier": "name", "bridge": {
      "options": {"group-addr": "01:80:C2:00:00:00", "group-forward-mask": 0, "hash-max": 4096,
        "mac-ageing-time": 120, "hello-timer": 72, "multicast-snooping": false,
        "multicast-querier-interval": 25501, "multicast-startup-query-interval": 3125,
        "stp": {"enabled": false, "forward-delay": 15, "hello-time": 5, "max-age": 20, "priority": 4096}},
      "port": [{"name": "eth2", "stp-hairpin-mode": true, "stp-path-cost": 50, "stp-priority": 32,
        "vlan": {"mode": "access", "tag": 7}}]}}
  ]
}"#;

const ETH1: &str = "interfaces: [{name: eth1, type: ethernet, ipv4: {enabled: true, address: \
                    [{ip: 192.0.2.7, prefix-length: 24}]}}]";

fn asked(scope: Scope, desired: &str, current: &str) -> Document {
    let current = document(current);
    let reached = scope.reach(&document(desired), &current).expect("all of it can be asked for");
    let gone = reached.undo.resolve([&reached.document], &current).document;
    merge(&[gone, reached.document]).expect("nothing is both asked for and taken away")
}

fn reach(scope: Scope, desired: &str) -> Value {
    asked(scope, desired, CURRENT).into_value()
}

fn steps_of(scope: Scope, desired: &str, current: &str) -> Vec<String> {
    steps(&compare(&asked(scope, desired, current), &document(current)))
}

/// The entries of a list that go, by the first key of their identity.
fn gone(reached: &Value, list: &str) -> Vec<String> {
    let config = reached[list]["config"].as_array().into_iter().flatten();
    let absent = config.filter(|one| one["state"] == "absent");
    let names = absent.filter_map(|one| one.get("destination").or(one.get("ip-from"))?.as_str());
    names.map(str::to_owned).collect()
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
    assert_eq!(reached["routes"]["config"].as_array().unwrap().len(), 2, "{reached}");
    assert_eq!(gone(&reached, "routes"), ["198.51.100.0/24"]);
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
    assert_eq!(gone(&reached, "routes").len(), 3);
    assert_eq!(gone(&reached, "route-rules"), ["192.0.2.0/24"]);
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
        for current in [CURRENT, BRIDGE] {
            assert_eq!(steps_of(scope, current, current), [""; 0], "{scope:?}");
        }
    }
}

#[test]
fn deleted_names_and_no_more() {
    let reached = reach(Scope::Deleted, "interfaces: [{name: br0, type: linux-bridge, mtu: 1500}]");
    let br0 = json!({"name": "br0", "type": "linux-bridge", "state": "absent"});
    assert_eq!(reached, json!({ "interfaces": [br0] }));
    let findings =
        Scope::Deleted.reach(&document("hostname: {config: a}"), &document(CURRENT)).unwrap_err();
    assert_eq!(findings[0].path.to_string(), "hostname");
}

#[test]
fn replaced_and_overridden_reset_what_the_type_has_of_its_own() {
    let defaults = [
        "change `interfaces[br0].bridge.options.mac-ageing-time` from `120` to `300`",
        "change `interfaces[br0].bridge.options.multicast-snooping` from `false` to `true`",
        "change `interfaces[br0].bridge.options.stp.enabled` from `false` to `true`",
        "change `interfaces[br0].bridge.options.stp.hello-time` from `5` to `2`",
        "change `interfaces[br0].bridge.options.stp.priority` from `4096` to `32768`",
        "change `interfaces[br0].bridge.port[eth2].stp-hairpin-mode` from `true` to `false`",
        "change `interfaces[br0].bridge.port[eth2].stp-path-cost` from `50` to `100`",
        "change `interfaces[br0].bridge.port[eth2].vlan` from `{\"mode\":\"access\",\"tag\":7}` to `{}`",
    ];
    let listed = "interfaces: [{name: br0, type: linux-bridge, bridge: {port: [{name: eth2}]}}]";
    for scope in [Scope::Replaced, Scope::Overridden] {
        let mut steps = steps_of(scope, listed, BRIDGE);
        steps.sort();
        assert_eq!(steps, defaults, "{scope:?}");
    }
    assert_eq!(steps_of(Scope::Merged, listed, BRIDGE), [""; 0]);
    // What is given stays as it is given.
    let given = "interfaces: [{name: br0, type: linux-bridge, bridge: {options: {mac-ageing-time: \
                 120, multicast-snooping: false, stp: {enabled: false}}, port: [{name: eth2, \
                 stp-hairpin-mode: true, stp-path-cost: 50, vlan: {mode: access, tag: 7}}]}}]";
    assert_eq!(steps_of(Scope::Replaced, given, BRIDGE), [""; 0]);
    let bare = asked(Scope::Replaced, "interfaces: [{name: br0, type: linux-bridge}]", BRIDGE);
    assert_eq!(bare.interface("br0").unwrap()["bridge"]["port"], json!([]));
}

#[test]
fn replaced_bonds_and_vlans_have_the_settings_of_new_ones() {
    let host = "interfaces:\n\
        - {name: b, type: bond, state: up, link-aggregation: {mode: active-backup, port: [e], \
           ports-config: [{name: e, priority: 5, queue-id: 0}], options: {miimon: 0, \
           arp_interval: 200, arp_ip_target: 192.0.2.1, resend_igmp: 1}}}\n\
        - {name: v, type: vlan, state: up, vlan: {base-iface: b, id: 5, registration-protocol: gvrp, \
           ingress-qos-map: [{from: 1, to: 2}]}}\n";
    let bond = |more: &str| {
        let listed = format!(
            "interfaces: [{{name: b, type: bond, link-aggregation: {{port: [e], {more}}}}}]"
        );
        let mut steps = steps_of(Scope::Replaced, &listed, host);
        steps.sort();
        steps
    };
    let path = "`interfaces[b].link-aggregation";
    let reset = [
        format!("change {path}.options.arp_interval` from `200` to `0`"),
        format!("change {path}.options.arp_ip_target` from `192.0.2.1` to ``"),
        format!("change {path}.options.miimon` from `0` to `100`"),
        format!("change {path}.ports-config[e].priority` from `5` to `0`"),
    ];
    assert_eq!(bond("mode: active-backup"), reset);
    let arp = "mode: active-backup, options: {arp_interval: 200, arp_ip_target: 192.0.2.1}";
    assert_eq!(bond(arp), reset[3..]);
    // nmstate begins another mode with none of the options.
    assert_eq!(bond("mode: balance-rr").len(), 2);
    let vlan = "interfaces: [{name: v, type: vlan, vlan: {base-iface: b, id: 5}}]";
    assert_eq!(steps_of(Scope::Replaced, vlan, host).len(), 2);
    let bare = asked(Scope::Replaced, "interfaces: [{name: v, type: vlan}]", host);
    assert_eq!(bare.interface("v").unwrap()["vlan"]["id"], 5);
}

#[test]
fn settings_of_dns_that_are_not_mentioned_are_reset() {
    let host = "dns-resolver: {config: {server: [192.0.2.53, 192.0.2.54], search: [a.example]}}";
    let server = "dns-resolver: {config: {server: [192.0.2.53]}}";
    for scope in [Scope::Replaced, Scope::Overridden] {
        let asked = asked(scope, server, host).into_value();
        let config = json!({"server": ["192.0.2.53"], "search": []});
        assert_eq!(asked["dns-resolver"]["config"], config, "{scope:?}");
    }
    let deleted = |desired: &str| asked(Scope::Deleted, desired, host).into_value();
    let left = json!({"dns-resolver": {"config": {"server": ["192.0.2.54"]}}});
    assert_eq!(deleted(server), left);
    assert_eq!(deleted("dns-resolver: {config: {server: [192.0.2.9]}}"), json!({}));
    let search = json!({"dns-resolver": {"config": {"search": []}}});
    assert_eq!(deleted("dns-resolver: {config: {search: [a.example]}}"), search);
    for all in ["dns-resolver: {}", "dns-resolver: {config: {}}"] {
        assert_eq!(steps_of(Scope::Deleted, all, host).len(), 1, "{all}");
    }
}

/// Three routes to two networks, as NetworkManager has them.
const ROUTES: &str = r#"{"routes": {"config": [
    {"destination": "198.51.100.0/24", "next-hop-interface": "eth1", "next-hop-address": "192.0.2.1", "metric": 150, "table-id": 254},
    {"destination": "198.51.100.0/24", "next-hop-interface": "eth1", "next-hop-address": "192.0.2.2", "metric": 150, "table-id": 254},
    {"destination": "203.0.113.0/24", "next-hop-interface": "eth1", "next-hop-address": "192.0.2.1", "metric": 150, "table-id": 254}]},
  "route-rules": {"config": [
    {"family": "ipv4", "ip-from": "192.0.2.0/24", "priority": 100, "route-table": 200},
    {"family": "ipv4", "ip-from": "192.0.2.0/24", "priority": 100, "route-table": 201}]}}"#;

#[test]
fn what_is_deleted_is_what_matches_what_is_given() {
    let deleted = |entry: &str| {
        let desired = format!("routes: {{config: [{{{entry}}}]}}");
        let spelled = Scope::Deleted.spell(&document(&desired)).unwrap();
        assert_eq!(validate(&spelled), []);
        let asked = asked(Scope::Deleted, &desired, ROUTES);
        let absent = asked.routes().filter(|one| one["state"] == "absent").count();
        let steps = steps(&compare(&asked, &document(ROUTES))).len();
        assert_eq!(absent, steps, "{entry}");
        absent
    };
    assert_eq!(deleted("destination: 198.51.100.0/24"), 2);
    assert_eq!(deleted("next-hop-interface: eth1"), 3);
    assert_eq!(deleted("destination: 198.51.100.0/24, next-hop-address: 192.0.2.2"), 1);
    // nmstate itself never looks at the metric of what is to go.
    assert_eq!(deleted("destination: 198.51.100.0/24, metric: 160"), 0);
    assert_eq!(deleted("destination: 192.0.2.128/25"), 0);
}

#[test]
fn an_entry_in_another_form_is_one_change_and_takes_the_place_of_the_old_one() {
    let route = "routes: {config: [{destination: 198.51.100.0/24, next-hop-interface: eth1, \
                 next-hop-address: 192.0.2.1, metric: 160}]}";
    let rule = "route-rules: {config: [{ip-from: 192.0.2.0/24, priority: 101, route-table: 200}]}";
    for (desired, list, step) in [
        (
            route,
            "routes",
            "change `routes.config[198.51.100.0/24 eth1 192.0.2.1 254].metric` from `150` to `160`",
        ),
        (
            rule,
            "route-rules",
            "change `route-rules.config[ipv4 192.0.2.0/24 200].priority` from `100` to `101`",
        ),
    ] {
        assert_eq!(steps_of(Scope::Merged, desired, ROUTES), [step]);
        let current = document(ROUTES);
        let reached = Scope::Merged.reach(&document(desired), &current).unwrap();
        assert!(reached.undo.is_empty());
        let asked = reached.replaced.resolve([&reached.document], &current).document.into_value();
        assert_eq!(gone(&asked, list).len(), 1, "{asked}");
        assert_eq!(asked[list]["config"].as_array().unwrap().len(), 1, "{asked}");
    }
}
