use nmstate_schema::canonical::canonical;
use nmstate_schema::compare::{compare, compare_entry};
use nmstate_schema::keys::INTERFACE;

use crate::document;

/// What `nmstatectl show --json` prints for a small host.
const SHOWN: &str = r#"{
  "hostname": {"running": "host1", "config": "host1"},
  "dns-resolver": {"running": {"server": ["192.0.2.53", "192.0.2.54"]},
    "config": {"server": ["192.0.2.53", "192.0.2.54"], "search": ["example.org"], "options": ["rotate", "timeout:1"]}},
  "route-rules": {"config": [
    {"family": "ipv4", "ip-from": "192.0.2.0/24", "priority": 100, "route-table": 200},
    {"family": "ipv4", "ip-to": "198.51.100.7/32", "priority": 101, "route-table": 254, "fwmark": "0x30", "fwmask": "0xff"}]},
  "routes": {"running": [], "config": [
    {"destination": "0.0.0.0/0", "next-hop-interface": "eth1", "next-hop-address": "192.0.2.1", "metric": 150, "table-id": 254},
    {"destination": "203.0.113.0/24", "next-hop-interface": "eth1", "next-hop-address": "0.0.0.0", "table-id": 254},
    {"destination": "2001:db8:9::/48", "next-hop-interface": "eth1", "next-hop-address": "2001:db8::1", "metric": 1024, "table-id": 254}]},
  "interfaces": [
    {"name": "eth1", "type": "veth", "state": "up", "identifier": "name", "mac-address": "52:54:00:AA:00:01",
     "mtu": 1500, "min-mtu": 68, "max-mtu": 65535, "wait-ip": "any", "veth": {"peer": "eth1p"}, "mptcp": {"address-flags": []},
     "alt-names": [{"name": "uplink"}],
     "ethtool": {"feature": {"rx-gro": true, "tx-tcp-segmentation": true}}, "lldp": {"enabled": false},
     "ethernet": {"auto-negotiation": true, "speed": 10000, "duplex": "full"},
     "ipv4": {"enabled": true, "dhcp": false, "auto-route-metric": -1, "address": [{"ip": "192.0.2.10", "prefix-length": 24}]},
     "ipv6": {"enabled": true, "dhcp": false, "autoconf": false, "addr-gen-mode": "eui64",
       "address": [{"ip": "2001:db8::10", "prefix-length": 64}, {"ip": "fe80::1", "prefix-length": 64},
                   {"ip": "2001:db8:1::7", "prefix-length": 64, "valid-life-time": "3000sec", "preferred-life-time": "2000sec"}]},
     "802.1x": {"identity": "host1", "password": "<_password_hid_by_nmstate>"}},
    {"name": "eth2", "type": "ethernet", "state": "up", "controller": "bond1", "mtu": 1500, "ipv4": {"enabled": false}},
    {"name": "eth3", "type": "ethernet", "state": "up", "controller": "bond1", "mtu": 1500},
    {"name": "eth6", "type": "ethernet", "state": "up", "mac-address": "52:54:00:AA:00:06", "permanent-mac-address": "52:54:00:AA:00:02"},
    {"name": "eth4", "type": "ethernet", "state": "down", "mtu": 1500, "profile-name": "cable"},
    {"name": "eth5", "type": "ethernet", "state": "up", "mac-address": "52:54:00:AA:00:05", "profile-name": "wan"},
    {"name": "bond1", "type": "bond", "state": "up", "mac-address": "52:54:00:AA:00:02", "mtu": 1500,
     "link-aggregation": {"mode": "802.3ad", "port": ["eth2", "eth3"],
       "options": {"miimon": 100, "lacp_rate": "slow", "ad_actor_system": "00:00:00:00:00:00"},
       "ports-config": [{"name": "eth2", "priority": 0, "queue-id": 0}, {"name": "eth3", "priority": 0, "queue-id": 0}]}},
    {"name": "bond1.10", "type": "vlan", "state": "up", "vlan": {"base-iface": "bond1", "id": 10, "protocol": "802.1q",
       "registration-protocol": "none", "reorder-headers": true, "loose-binding": false,
       "ingress-qos-map": [{"from": 1, "to": 2}]}},
    {"name": "br0", "type": "linux-bridge", "state": "up", "bridge": {
       "options": {"gc-timer": 12345, "hello-timer": 1, "group-addr": "01:80:C2:00:00:00", "group-forward-mask": 8, "group-fwd-mask": 8,
         "multicast-router": "auto", "stp": {"enabled": false, "forward-delay": 15, "hello-time": 2, "max-age": 20, "priority": 32768}},
       "port": [{"name": "veth0", "stp-hairpin-mode": false, "stp-path-cost": 2, "stp-priority": 32,
          "vlan": {"mode": "trunk", "enable-native": true, "tag": 5, "trunk-tags": [{"id": 10}, {"id-range": {"min": 20, "max": 29}}]}}]}},
    {"name": "br1", "type": "linux-bridge", "state": "up", "bridge": {"port": [],
       "options": {"gc-timer": 1, "hello-timer": 1, "mac-ageing-time": 8, "stp": {"enabled": true, "forward-delay": 4}}}},
    {"name": "bond2", "type": "bond", "state": "up", "mac-address": "52:54:00:AA:00:07",
     "link-aggregation": {"mode": "active-backup", "options": {"fail_over_mac": "active"}}},
    {"name": "vrf1", "type": "vrf", "state": "up", "accept-all-mac-addresses": true, "vrf": {"port": [], "route-table-id": 100}},
    {"name": "ovs1", "type": "ovs-bridge", "state": "up", "bridge": {"port": []}},
    {"name": "lo", "type": "loopback", "state": "up"}
  ]
}"#;

/// The paths that differ, in order.
fn differences(desired: &str) -> Vec<String> {
    let differences = compare(&document(desired), &document(SHOWN));
    differences.iter().map(|difference| difference.path.to_string()).collect()
}

fn interface(keys: &str) -> String {
    format!("interfaces: [{{{keys}}}]")
}

#[test]
fn the_first_address_of_a_network_is_to_be_the_first() {
    let ipv4 = |list: &[(&str, u8)]| {
        let address = |(ip, length): &(&str, u8)| format!("{{ip: {ip}, prefix-length: {length}}}");
        let list: Vec<String> = list.iter().map(address).collect();
        document(&format!(
            "interfaces: [{{name: eth1, type: ethernet, state: up, ipv4: {{enabled: true, dhcp: false, address: [{}]}}}}]",
            list.join(", ")
        ))
    };
    let host =
        ipv4(&[("192.0.2.1", 24), ("192.0.2.2", 24), ("192.0.2.3", 24), ("198.51.100.1", 24)]);
    let paths = |desired: &[(&str, u8)]| -> Vec<String> {
        compare(&ipv4(desired), &host).iter().map(|one| one.path.to_string()).collect()
    };
    let other = [("198.51.100.1", 24), ("192.0.2.1", 24), ("192.0.2.3", 24), ("192.0.2.2", 24)];
    assert_eq!(paths(&other), [""; 0]);
    let second = [("192.0.2.2", 24), ("192.0.2.1", 24), ("192.0.2.3", 24), ("198.51.100.1", 24)];
    assert_eq!(paths(&second), ["interfaces[eth1].ipv4.address"]);
}

#[test]
fn ipv4_with_nothing_to_use_it_for_is_what_nmstate_makes_of_it() {
    let of = |ipv4: &str| {
        document(&format!(
            "interfaces: [{{name: eth1, type: ethernet, state: up, ipv4: {{{ipv4}}}}}]"
        ))
    };
    let (off, used) = (
        of("enabled: false"),
        of("enabled: true, dhcp: false, address: [{ip: 192.0.2.1, prefix-length: 24}]"),
    );
    assert!(compare(&of("enabled: true, dhcp: false"), &off).is_empty());
    assert!(compare(&of("enabled: true, dhcp: false, address: []"), &off).is_empty());
    assert!(compare(&of("enabled: true, dhcp: false"), &used).is_empty());
    assert_eq!(compare(&of("enabled: true, dhcp: true"), &off).len(), 2);
    assert_eq!(compare(&of("enabled: true, address: []"), &used).len(), 1);
}

#[test]
fn what_show_prints_is_satisfied() {
    assert_eq!(differences(SHOWN), [""; 0]);
}

#[test]
fn spellings_that_mean_the_same_are_satisfied() {
    for keys in [
        "name: eth1",
        "name: eth1, type: ethernet, state: up, wait-ip: any, identifier: name, profile-name: eth1",
        "name: eth1, type: veth, mtu: '1500', mac-address: '52:54:00:aa:00:01', controller: ''",
        "name: uplink, mtu: 1500",
        "name: eth1, description: '', dispatch: {post-activation: ''}, mptcp: {address-flags: []}",
        "name: eth1, ipv4: {enabled: yes, address: [{ip: 192.0.2.10, prefix-length: '24'}]}",
        "name: eth1, ipv4: {auto-dns: false, auto-route-metric: 7, dhcp-client-id: ll}",
        "name: eth1, ipv6: {address: [{ip: '2001:DB8:0::10', prefix-length: 64}], token: ''}",
        "name: eth1, ipv6: {address: [{ip: '2001:db8::10', prefix-length: 64}, {ip: 'fe80::9', prefix-length: 64}]}",
        "name: eth1, ethtool: {feature: {gro: true, tso: true}}",
        "name: eth1, ethernet: {auto-negotiation: true, speed: 100, duplex: half}",
        "name: eth1, 802.1x: {identity: host1, password: anything}",
        "name: eth1, alt-names: [{name: other, state: absent}]",
        "name: eth1, alt-names: [{name: uplink}]",
        "name: bond1, min-mtu: 1, driver: other, copy-mac-from: eth9",
        "name: eth1, mtu: null",
        "name: eth2, ipv4: {enabled: false, dhcp: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}",
        "name: bond1, bond: {mode: 4, ports: [eth3, eth2], ports-config: [{name: eth3}, {name: eth2, queue-id: '0'}]}",
        "name: bond1, type: bond, link-aggregation: {mode: lacp, options: {miimon: '100', lacp_rate: 0}}",
        "name: bond1.10, type: vlan, vlan: {id: '10', base-iface: bond1}",
        "name: br0, type: linux-bridge, bridge: {options: {gc-timer: 1, group-forward-mask: 8, multicast-router: 1}}",
        "name: br0, type: linux-bridge, bridge: {options: {stp: {enabled: false, priority: 1}}}",
        "name: br0, bridge: {port: [{name: veth0}]}",
        "name: br0, bridge: {port: [{name: veth0, vlan: {mode: trunk, trunk-tags: [{id-range: {min: 20, max: 25}}, {id: 10}, {id-range: {min: 26, max: 29}}]}}]}",
        "name: wan, identifier: mac-address, mac-address: '52:54:00:aa:00:05'",
        "name: bond1, copy-mac-from: eth6",
        "name: bond2, mac-address: '52:54:00:AA:00:09'",
        "name: bond2, mac-address: '52:54:00:AA:00:09', bond: {mode: 1}",
        "name: vrf1, mac-address: '52:54:00:AA:00:09', vrf: {route-table-id: 0}",
        "name: vrf1, accept-all-mac-addresses: no",
        "name: ovs1, mtu: 9000, ipv4: {enabled: true}, ipv6: {enabled: true}",
        "name: eth9, state: absent",
        "name: dummy0, type: dummy, state: down",
        "name: eth4, state: absent",
        "name: eth4, type: ethernet, state: down, mtu: 9000",
        "name: eth1, state: ignore, mtu: 9000",
    ] {
        assert_eq!(differences(&interface(keys)), [""; 0], "{keys}");
    }
}

/// What a host shows there of a tunnel is no hardware address, and no document may say it.
#[test]
fn a_tunnel_has_no_hardware_address() {
    for address in ["0A:00:02:01", "20:01:0D:B8:00:00:00:00:00:00:00:00:00:00:00:01"] {
        let text = interface(&format!("name: gre1, type: ip-tunnel, mac-address: '{address}'"));
        let shown = canonical(&document(&text));
        assert_eq!(shown.interfaces().next().unwrap().get("mac-address"), None, "{address}");
    }
    let text = interface("name: gre1, type: ip-tunnel, mac-address: '52:54:00:aa:00:01'");
    let given = canonical(&document(&text));
    assert_eq!(given.interfaces().next().unwrap()["mac-address"], "52:54:00:AA:00:01");
}

#[test]
fn differences_name_exactly_what_differs() {
    for (keys, expected) in [
        ("name: bond1, mtu: 9000", &["interfaces[bond1].mtu"][..]),
        ("name: eth9, type: ethernet", &["interfaces[eth9]"]),
        ("name: eth4, state: up", &["interfaces[eth4].state"]),
        ("name: eth5, profile-name: eth5", &["interfaces[eth5].profile-name"]),
        ("name: eth1, state: absent", &["interfaces[eth1].state"]),
        ("name: bond1, state: down", &["interfaces[bond1].state"]),
        ("name: bond1, type: linux-bridge", &["interfaces[bond1].type"]),
        ("name: eth1, wait-ip: ipv4", &["interfaces[eth1].wait-ip"]),
        ("name: br1, bridge: {options: {mac-ageing-time: 300}}", &[]),
        (
            "name: br1, bridge: {options: {mac-ageing-time: 200}}",
            &["interfaces[br1].bridge.options.mac-ageing-time"],
        ),
        ("name: eth1, ipv4: {dhcp: true}", &["interfaces[eth1].ipv4.dhcp"]),
        ("name: eth1, ipv4: {address: []}", &["interfaces[eth1].ipv4.address[192.0.2.10/24]"]),
        (
            "name: eth1, ipv4: {address: [{ip: 192.0.2.11, prefix-length: 24}]}",
            &[
                "interfaces[eth1].ipv4.address[192.0.2.11/24]",
                "interfaces[eth1].ipv4.address[192.0.2.10/24]",
            ],
        ),
        ("name: eth1, ipv4: {address: [], allow-extra-address: true}", &[]),
        (
            "name: eth1, ipv4: {address: [], allow-extra-address: false}",
            &["interfaces[eth1].ipv4.address[192.0.2.10/24]"],
        ),
        (
            "name: eth2, ipv4: {address: [{ip: 192.0.2.1, prefix-length: 24}]}",
            &["interfaces[eth2].ipv4.address[192.0.2.1/24]"],
        ),
        (
            "name: eth1, alt-names: [{name: uplink, state: absent}]",
            &["interfaces[eth1].alt-names[uplink]"],
        ),
        (
            "name: eth1, 802.1x: {identity: other, password: x}",
            &["interfaces[eth1].802.1x.identity"],
        ),
        (
            "name: eth1, ethtool: {feature: {gro: false}}",
            &["interfaces[eth1].ethtool.feature.rx-gro"],
        ),
        ("name: eth1, lldp: {enabled: 1}", &["interfaces[eth1].lldp.enabled"]),
        ("name: bond1, bond: {port: [eth2]}", &["interfaces[bond1].link-aggregation.port"]),
        (
            "name: bond1, bond: {options: {miimon: 200}}",
            &["interfaces[bond1].link-aggregation.options.miimon"],
        ),
        (
            "name: bond1, bond: {ports-config: [{name: eth2, priority: 5}, {name: eth3}]}",
            &["interfaces[bond1].link-aggregation.ports-config[eth2].priority"],
        ),
        ("name: bond1, copy-mac-from: eth5", &["interfaces[bond1].mac-address"]),
        (
            "name: bond2, mac-address: '52:54:00:AA:00:09', bond: {options: {fail_over_mac: none}}",
            &[
                "interfaces[bond2].mac-address",
                "interfaces[bond2].link-aggregation.options.fail_over_mac",
            ],
        ),
        ("name: vrf1, vrf: {route-table-id: 7}", &["interfaces[vrf1].vrf.route-table-id"]),
        ("name: bond1.10, vlan: {id: 11}", &["interfaces[bond1.10].vlan.id"]),
        (
            "name: bond1.10, vlan: {id: 10, ingress-qos-map: []}",
            &["interfaces[bond1.10].vlan.ingress-qos-map[1 2]"],
        ),
        ("name: br0, bridge: {port: []}", &["interfaces[br0].bridge.port[veth0]"]),
        ("name: br0, bridge: {port: [], allow-extra-ports: true}", &[]),
        (
            "name: br0, bridge: {options: {stp: {enabled: true}}}",
            &["interfaces[br0].bridge.options.stp.enabled"],
        ),
        (
            "name: br0, bridge: {port: [{name: veth0, vlan: {tag: 6}}]}",
            &["interfaces[br0].bridge.port[veth0].vlan.tag"],
        ),
        (
            "name: br0, bridge: {port: [{name: veth0, vlan: {}}]}",
            &["interfaces[br0].bridge.port[veth0].vlan"],
        ),
    ] {
        assert_eq!(differences(&interface(keys)), expected, "{keys}");
    }
}

#[test]
fn routes_match_by_what_they_give_and_by_metric() {
    let path = "routes.config[0.0.0.0/0 eth1 192.0.2.1 254]";
    for (route, expected) in [
        ("destination: 0.0.0.0/0, next-hop-interface: eth1, next-hop-address: 192.0.2.1", vec![]),
        ("destination: 0.0.0.0/0, next-hop-interface: uplink, table-id: 0, metric: -1", vec![]),
        ("destination: 203.0.113.9/24, next-hop-interface: eth1, quickack: no", vec![]),
        (
            "destination: 203.0.113.0/24, next-hop-interface: eth1, next-hop-address: 0.0.0.0",
            vec![],
        ),
        ("destination: '2001:DB8:9::/48', next-hop-interface: eth1, metric: 0", vec![]),
        ("destination: 198.51.100.0/24, state: absent", vec![]),
        ("destination: 0.0.0.0/0, next-hop-interface: eth2, state: ignore", vec![]),
        (
            "destination: 0.0.0.0/0, next-hop-interface: eth1, next-hop-address: 192.0.2.1, metric: 300",
            vec![format!("{path}.metric")],
        ),
        (
            "destination: 0.0.0.0/0, next-hop-interface: eth2",
            vec!["routes.config[0.0.0.0/0 eth2 254]".to_owned()],
        ),
        ("destination: 0.0.0.0/0, state: absent", vec!["routes.config[0.0.0.0/0]".to_owned()]),
        (
            "next-hop-interface: eth1, next-hop-address: '', state: absent",
            vec!["routes.config[0]".to_owned()],
        ),
    ] {
        assert_eq!(differences(&format!("routes: {{config: [{{{route}}}]}}")), expected, "{route}");
    }
}

#[test]
fn a_route_is_replaced_by_its_removal_and_its_new_form() {
    let replaced = |metric: u32| {
        let key = "destination: 0.0.0.0/0, next-hop-interface: eth1, next-hop-address: 192.0.2.1";
        format!("routes: {{config: [{{{key}, state: absent}}, {{{key}, metric: {metric}}}]}}")
    };
    assert_eq!(differences(&replaced(150)), [""; 0]);
    assert_eq!(
        differences(&replaced(300)),
        [
            "routes.config[0.0.0.0/0 eth1 192.0.2.1]",
            "routes.config[0.0.0.0/0 eth1 192.0.2.1 254].metric"
        ]
    );
}

#[test]
fn rules_match_by_what_they_give() {
    for (rule, expected) in [
        ("ip-from: 192.0.2.7/24, route-table: 200", vec![]),
        ("ip-from: 192.0.2.0/24, route-table: 200, priority: -1", vec![]),
        ("ip-to: 198.51.100.7, fwmark: 48, fwmask: '255'", vec![]),
        ("ip-from: 203.0.113.0/24, state: absent", vec![]),
        (
            "ip-from: 192.0.2.0/24, route-table: 200, priority: 7",
            vec!["route-rules.config[ipv4 192.0.2.0/24 200].priority"],
        ),
        ("family: ipv4, route-table: 200", vec!["route-rules.config[ipv4 200].ip-from"]),
        (
            "ip-to: 198.51.100.7, iif: eth1",
            vec!["route-rules.config[ipv4 198.51.100.7/32 254 eth1]"],
        ),
        ("route-table: 200, state: absent", vec!["route-rules.config[0]"]),
        ("ip-from: '', state: absent", vec!["route-rules.config[0]"]),
    ] {
        assert_eq!(
            differences(&format!("route-rules: {{config: [{{{rule}}}]}}")),
            expected,
            "{rule}"
        );
    }
}

#[test]
fn lists_of_name_servers_are_exact() {
    for (dns, expected) in [
        ("server: [192.0.2.53, 192.0.2.54]", vec![]),
        ("options: ['timeout:1', rotate]", vec![]),
        ("server: [192.0.2.54, 192.0.2.53]", vec!["dns-resolver.config.server"]),
        ("server: [192.0.2.53]", vec!["dns-resolver.config.server"]),
        ("search: []", vec!["dns-resolver.config.search"]),
        ("", vec!["dns-resolver.config"]),
    ] {
        let desired = format!("dns-resolver: {{config: {{{dns}}}}}");
        assert_eq!(differences(&desired), expected, "{dns}");
    }
    assert_eq!(differences("hostname: {config: host2}"), ["hostname.config"]);
}

#[test]
fn the_normal_form_is_its_own_normal_form() {
    let once = canonical(&document(SHOWN));
    assert_eq!(canonical(&once), once);
    let addresses = &once.interface("eth1").unwrap()["ipv6"]["address"];
    assert_eq!(addresses.as_array().unwrap().len(), 1, "only the static address: {addresses}");
}

#[test]
fn settings_of_a_family_that_is_off_have_no_effect_unless_they_ask_for_it() {
    let host = "interfaces: [{name: eth1, type: ethernet, state: up, ipv4: {enabled: false}, ipv6: {enabled: false}}]";
    let paths = |family: &str| {
        let desired = document(&format!("interfaces: [{{name: eth1, {family}}}]"));
        let differences = compare(&desired, &document(host));
        differences.iter().map(|one| one.path.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(paths("ipv4: {prefix-route-metric: 100, auto-dns: false}"), [""; 0]);
    assert_eq!(paths("ipv6: {addr-gen-mode: eui64, token: \"::42\"}"), [""; 0]);
    assert_eq!(paths("ipv4: {dhcp: true}"), ["interfaces[eth1].ipv4.dhcp"]);
    assert_eq!(paths("ipv6: {enabled: true}"), ["interfaces[eth1].ipv6.enabled"]);
}

#[test]
fn a_family_with_nothing_to_use_it_for_has_no_server_either() {
    let desired = document("interfaces: [{name: eth1, ipv4: {enabled: true, dhcp: false}}]");
    for (family, expected) in [
        ("{enabled: true, dhcp: true}", &["interfaces[eth1].ipv4.dhcp"][..]),
        ("{enabled: true, dhcp: false}", &[]),
        ("{enabled: false}", &[]),
    ] {
        let host = document(&format!(
            "interfaces: [{{name: eth1, type: ethernet, state: up, ipv4: {family}}}]"
        ));
        let differences = compare(&desired, &host);
        let paths: Vec<_> = differences.iter().map(|one| one.path.to_string()).collect();
        assert_eq!(paths, expected, "{family}");
    }
}

#[test]
fn an_interface_is_found_by_its_address_in_any_spelling() {
    let host =
        document("interfaces: [{name: eth1, type: ethernet, mac-address: \"52:54:00:AA:00:01\"}]");
    let entry = serde_json::json!({"name": "uplink", "type": "ethernet",
        "identifier": "mac-address", "mac-address": "52:54:00:aa:00:01", "mtu": null});
    let found = nmstate_schema::find_interface(&host, &entry).map(|one| &one["name"]);
    assert_eq!(found, Some(&"eth1".into()));
}

#[test]
fn an_address_beside_one_that_is_copied_has_no_effect() {
    let desired = serde_json::json!({"name": "br0", "type": "linux-bridge",
        "mac-address": "02:00:00:00:00:01", "copy-mac-from": "eth1"});
    let found = serde_json::json!({"name": "br0", "type": "linux-bridge",
        "mac-address": "02:00:00:00:00:02"});
    assert_eq!(compare_entry(&INTERFACE, &desired, &found), []);
}
