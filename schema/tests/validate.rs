use nmstate_schema::keys::{INTERFACE, ROUTE};
use nmstate_schema::validate::{validate, validate_value};
use serde_json::json;

use crate::document;

fn findings(text: &str) -> Vec<String> {
    validate(&document(text)).iter().map(ToString::to_string).collect()
}

#[test]
fn each_mistake_is_found_where_it_is() {
    for (interface, expected) in [
        ("name: e, mtuu: 1", "interfaces[e].mtuu: unknown key `mtuu` (did you mean `mtu`?)"),
        (
            "name: e, accept_all_mac_addresses: 1",
            "interfaces[e].accept_all_mac_addresses: unknown key `accept_all_mac_addresses` (did you mean `accept-all-mac-addresses`?)",
        ),
        (
            "name: e, type: ethernet, vlan: {id: 1}",
            "interfaces[e].vlan: `vlan` is not a key of interfaces of type `ethernet` (it belongs to type `vlan`)",
        ),
        ("type: dummy", "interfaces[0]: the key `name` is missing (add `name`: "),
        ("name: 7", "interfaces[7].name: `7` is not a string (use a string)"),
        (
            "name: e, type: bonding",
            "interfaces[e].type: `bonding` is not a type of interface that can be configured (did you mean `bond`?)",
        ),
        (
            "name: e, state: gone",
            "interfaces[e].state: `gone` is not one of the valid values (use one of `up`, `down`, `absent`, `ignore`)",
        ),
        (
            "name: e, mtu: -1",
            "interfaces[e].mtu: `-1` is out of range (use a number from 0 to 9223372036854775807)",
        ),
        (
            "name: e, mtu: big",
            "interfaces[e].mtu: `big` is not a whole number (use a whole number)",
        ),
        (
            "name: e, mtu: 1000, ipv6: {enabled: true}",
            "interfaces[e].mtu: `1000` is too small for IPv6, which needs 1280 bytes",
        ),
        (
            "name: e, mac-address: 52-54-00-00-00-01",
            "interfaces[e].mac-address: `52-54-00-00-00-01` is not a hardware address",
        ),
        (
            "name: e, identifier: mac-address",
            "interfaces[e].identifier: `mac-address` needs the key `mac-address`",
        ),
        (
            "name: e, ipv4: {enabled: true, dhcp: true, auto-route-metric: '0x64'}",
            "interfaces[e].ipv4.auto-route-metric: `0x64` is not a number in decimal digits (nmstate reads this key in decimal digits only)",
        ),
        (
            "name: v, type: vlan, vlan: {id: 5000}",
            "interfaces[v].vlan.id: `5000` is out of range (use a number from 0 to 4094)",
        ),
        (
            "name: v, type: vlan, vlan: {base-iface: e}",
            "interfaces[v].vlan: the key `id` is missing",
        ),
        (
            "name: e, ipv4: {enabled: maybe}",
            "interfaces[e].ipv4.enabled: `maybe` is not `true` or `false`",
        ),
        ("name: e, ipv4: {autoconf: true}", "interfaces[e].ipv4.autoconf: unknown key `autoconf`"),
        (
            "name: e, ipv4: {enabled: false, dhcp: true}",
            "interfaces[e].ipv4.dhcp: `true` contradicts `enabled: false`",
        ),
        (
            "name: e, ipv4: {address: [{ip: 192.0.2.1, prefix-length: 33}]}",
            "interfaces[e].ipv4.address[192.0.2.1/33].prefix-length: `33` is out of range (use a number from 0 to 32)",
        ),
        (
            "name: e, ipv4: {address: [{ip: '2001:db8::1', prefix-length: 32}]}",
            "interfaces[e].ipv4.address[2001:db8::1/32].ip: `2001:db8::1` is not an IPv4 address",
        ),
        (
            "name: e, ipv6: {address: [{ip: 'x', prefix-length: 64}]}",
            "interfaces[e].ipv6.address[x/64].ip: `x` is not an IP address",
        ),
        (
            "name: b, type: bond, link-aggregation: {mode: fast}",
            "interfaces[b].link-aggregation.mode: `fast` is not one of the valid values (use one of `balance-rr`, ",
        ),
        (
            "name: b, type: bond, link-aggregation: {port: [a, a]}",
            "interfaces[b]: the port `a` is listed twice",
        ),
        (
            "name: b, type: bond, link-aggregation: {port: a}",
            "interfaces[b].link-aggregation.port: `a` is not a list",
        ),
        (
            "name: b, type: linux-bridge, bridge: {port: [{name: p, vlan: {mode: trunk}}]}",
            "interfaces[b].bridge.port[p].vlan.trunk-tags: a trunk port needs trunk tags",
        ),
        (
            "name: b, type: linux-bridge, bridge: {options: {group-fwd-mask: 1, group-forward-mask: 2}}",
            "interfaces[b].bridge.options.group-forward-mask: `group-forward-mask` is another name of `group-fwd-mask`",
        ),
        (
            "name: e, 802.1x: {password: [secret]}",
            "interfaces[e].802.1x.password: the value is not a string",
        ),
    ] {
        let found = findings(&format!("interfaces: [{{{interface}}}]"));
        assert_eq!(found.len(), 1, "{interface}: {found:?}");
        assert!(found[0].starts_with(expected), "{interface}: {}", found[0]);
    }
}

#[test]
fn mistakes_outside_interfaces_are_found() {
    for (text, expected) in [
        ("interface: []", "interface: unknown key `interface` (did you mean `interfaces`?)"),
        (
            "routes: {config: [{destination: default, next-hop-interface: e}]}",
            "routes.config[default e].destination: `default` is not a network",
        ),
        (
            "routes: {config: [{destination: 192.0.2.0/24}]}",
            "routes.config[192.0.2.0/24]: a route needs the key `next-hop-interface`",
        ),
        (
            "routes: {config: [{next-hop-interface: e}]}",
            "routes.config[0]: a route needs the key `destination`",
        ),
        (
            "routes: {config: [{destination: '::/0', next-hop-interface: e, weight: 2}]}",
            "routes.config[::/0 e].weight: IPv6 routes have no weight",
        ),
        (
            "route-rules: {config: [{route-table: 5}]}",
            "route-rules.config[0]: a rule needs one of `family`, `ip-from` and `ip-to`",
        ),
        (
            "route-rules: {config: [{family: ipv4, fwmask: 1}]}",
            "route-rules.config[ipv4 1].fwmask: a mask has no effect without `fwmark`",
        ),
        (
            "hostname: {running: a, config: b}",
            "hostname.running: `a` does not last beside the name `b` that is kept",
        ),
        (
            "ovn: {bridge-mappings: [{localnet: net1}]}",
            "ovn.bridge-mappings[net1]: a mapping needs the key `bridge`",
        ),
        (
            "ovs-db: {external_ids: {ovn-bridge-mappings: 'net1:br1'}}",
            "ovs-db.external_ids.ovn-bridge-mappings: `ovn-bridge-mappings` cannot be set as a column",
        ),
        (
            "dns-resolver: {config: {server: [ns1]}}",
            "dns-resolver.config.server[0]: `ns1` is not an IP address",
        ),
        (
            "interfaces: [{name: a}, {name: a}]",
            "interfaces[a]: the interface `a` is described twice",
        ),
        (
            "interfaces: [{name: b1, type: bond, bond: {ports: [p]}}, {name: br, type: linux-bridge, bridge: {port: [{name: p}]}}]",
            "interfaces[br]: the port `p` is also a port of `b1`",
        ),
        (
            "interfaces: [{name: b1, type: bond, bond: {port: [p]}}, {name: p, controller: br}]",
            "interfaces[p].controller: `br` contradicts `b1`",
        ),
    ] {
        let found = findings(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].starts_with(expected), "{text}: {}", found[0]);
    }
}

#[test]
fn what_is_valid_passes_and_all_mistakes_come_at_once() {
    for text in [
        "interfaces: [{name: e, state: absent}, {name: tun0, type: tun, state: ignore}]",
        "interfaces: [{name: e, mtu: '1500', ipv4: {enabled: 'yes', token: null}}]",
        "routes: {config: [{state: absent, next-hop-interface: e}]}",
        "dns-resolver: {config: {server: ['fe80::1%eth1'], options: ['timeout:1']}}",
        "interfaces: [{name: e, driver: virtio, lldp: {enabled: true, neighbors: [[{type: 5, system-name: s}]]}}]",
    ] {
        let valid = text.replace(", token: null", "");
        assert_eq!(findings(&valid), [""; 0], "{text}");
    }
    let found = findings("interfaces: [{mtu: x, state: y}]\nroutes: {config: 1}\nfoo: 1");
    assert_eq!(found.len(), 5, "{found:?}");
}

#[test]
fn one_value_can_be_checked_by_itself() {
    let mtu = INTERFACE.key("mtu").unwrap();
    assert!(validate_value(mtu, &json!("1500")).is_empty());
    assert_eq!(
        validate_value(mtu, &json!(1.5))[0].message.to_string(),
        "`1.5` is not a whole number"
    );
    assert!(validate_value(ROUTE.key("destination").unwrap(), &json!("x"))[0].path.is_empty());
}
