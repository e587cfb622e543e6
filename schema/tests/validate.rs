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
            "interfaces[e].mtu: `-1` is out of range (use a number from 0 to 4294967295)",
        ),
        (
            "name: i, type: ipsec, libreswan: {right: a, dpddelay: -1}",
            "interfaces[i].libreswan.dpddelay: `-1` is out of range (use a number of at least 0)",
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
            "interfaces[b].link-aggregation.port: the port `a` is listed twice",
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
            "name: b, type: linux-bridge, bridge: {port: [{name: p, vlan: {mode: trunk, trunk-tags: [{id-range: {min: 9, max: 7}}, {id: 5}, {id: 4}]}}]}",
            "interfaces[b].bridge.port[p].vlan.trunk-tags[0].id-range: `min` is above `max` (swap them)",
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
fn names_that_cannot_be_are_found() {
    for (interface, expected) in [
        (
            "name: abcdefghijklmnop, type: dummy",
            "interfaces[abcdefghijklmnop].name: `abcdefghijklmnop` cannot be the name of an interface: the kernel has room for 15 bytes, and this has 16",
        ),
        (
            "name: eth 1, type: ethernet",
            "interfaces[eth 1].name: `eth 1` cannot be the name of an interface: no such name has a space",
        ),
        (
            "name: a/b",
            "interfaces[a/b].name: `a/b` cannot be the name of an interface: no such name has `/`",
        ),
        ("name: .., type: dummy", "interfaces[..].name: `..` is not an interface name"),
        (
            "name: all, type: bond, bond: {mode: 1}",
            "interfaces[all].name: `all` cannot be the name of an interface: the kernel has files of this name",
        ),
        (
            "name: v, type: veth, veth: {peer: 'veth0:1'}",
            "interfaces[v].veth.peer: `veth0:1` cannot be the name of an interface: no such name has `:`",
        ),
        (
            "name: abcdefghijklmnop, type: ovs-interface",
            "interfaces[abcdefghijklmnop].name: `abcdefghijklmnop` cannot be the name of an interface: the kernel has room",
        ),
        (
            "name: a/b, type: ovs-bridge",
            "interfaces[a/b].name: `a/b` cannot be the name of an interface: Open vSwitch allows no `/`",
        ),
    ] {
        let found = findings(&format!("interfaces: [{{{interface}}}]"));
        assert_eq!(found.len(), 1, "{interface}: {found:?}");
        assert!(found[0].starts_with(expected), "{interface}: {}", found[0]);
    }
    for interface in [
        "name: abcdefghijklmnopqrst, type: ovs-bridge",
        "name: abcdefghijklmnopqrst, type: ovs-interface, patch: {peer: abcdefghijklmnopqrsu}",
        "name: abcdefghijklmnopqrst, type: ethernet",
        "name: Wired 1, type: ethernet, identifier: mac-address, mac-address: '52:54:00:12:34:56'",
        "name: to the office, type: ipsec, libreswan: {right: 192.0.2.1}",
        "name: abcdefghijklmnop, type: dummy, state: absent",
    ] {
        assert_eq!(findings(&format!("interfaces: [{{{interface}}}]")), [""; 0], "{interface}");
    }
}

#[test]
fn options_that_a_bond_does_not_take_are_found() {
    for (bond, expected) in [
        (
            "mode: 1, options: {miimon: 100, arp_interval: 100, arp_ip_target: 192.0.2.1}",
            "options.miimon: links are checked either by `miimon` or by `arp_interval` (leave one",
        ),
        (
            "mode: balance-rr, options: {primary: eth1}",
            "options.primary: a bond of `mode` `balance-rr` has no `primary` (leave `primary` out, or set `mode` to `active-backup`, `balance-tlb` or `balance-alb`)",
        ),
        ("mode: 0, options: {lacp_rate: fast}", "options.lacp_rate: a bond of `mode` `balance-rr`"),
        ("mode: 1, options: {ad_user_port_key: 5}", "options.ad_user_port_key: a bond of"),
        ("mode: 1, options: {packets_per_slave: 5}", "options.packets_per_slave: a bond of"),
        ("mode: 0, options: {tlb_dynamic_lb: false}", "options.tlb_dynamic_lb: a bond of"),
        ("mode: lacp, options: {arp_interval: 100}", "options.arp_interval: a bond of"),
        ("mode: lacp, options: {arp_validate: all}", "options.arp_validate: a bond of"),
        ("mode: 1, options: {balance-slb: true}", "options.balance_slb: a bond of"),
        (
            "mode: 2, options: {balance_slb: true, xmit_hash_policy: layer2}",
            "options.xmit_hash_policy: `balance_slb` needs `vlan+srcmac`",
        ),
        (
            "mode: 1, options: {miimon: 0, updelay: 200}",
            "options.updelay: a delay has no effect unless `miimon` checks the links",
        ),
        (
            "mode: 1, options: {miimon: 100, arp_ip_target: 192.0.2.1}",
            "options.arp_ip_target: nobody is asked without `arp_interval`",
        ),
        (
            "mode: 1, options: {num_grat_arp: 1, num_unsol_na: 2}",
            "options.num_unsol_na: `2` differs from `num_grat_arp`, which is `1`",
        ),
        (
            "mode: 4, options: {ad_actor_system: '01:00:5E:00:00:01'}",
            "options.ad_actor_system: `01:00:5E:00:00:01` is the address of a group",
        ),
        (
            "mode: 1, options: {arp_interval: 9, arp_ip_target: '2001:db8::1'}",
            "options.arp_ip_target: `2001:db8::1` is not of IPv4 (IPv6 addresses stand in `ns_ip6_target`)",
        ),
        (
            "mode: 1, options: {arp_interval: 9, ns_ip6_target: [192.0.2.1]}",
            "options.ns_ip6_target: `192.0.2.1` is not of IPv6",
        ),
        (
            "mode: 1, options: {lp_interval: 0}",
            "options.lp_interval: `0` is out of range (use a number from 1 to 2147483647)",
        ),
        (
            "mode: 1, port: [a], ports-config: [{name: b}]",
            "port: `b` has settings in `ports-config`, and is not listed",
        ),
        (
            "mode: 0, port: [a], ports-config: [{name: a, priority: 5}]",
            "ports-config[a].priority: a bond of `mode` `balance-rr` prefers no port",
        ),
        (
            "mode: 1, port: [a, b], ports-config: [{name: a, queue-id: 5}, {name: b, queue-id: 5}]",
            "ports-config[b].queue-id: `5` is the queue of `a` already",
        ),
    ] {
        let found = findings(&format!(
            "interfaces: [{{name: b, type: bond, link-aggregation: {{{bond}}}}}]"
        ));
        assert_eq!(found.len(), 1, "{bond}: {found:?}");
        let expected = format!("interfaces[b].link-aggregation.{expected}");
        assert!(found[0].starts_with(&expected), "{bond}: {}", found[0]);
    }
    for bond in [
        "options: {primary: eth1, lacp_rate: fast}",
        "mode: 0, options: {primary: '', arp_interval: 0, arp_ip_target: ''}",
        "mode: 6, options: {primary: eth1, miimon: 100, arp_interval: 0, updelay: 200}",
        "mode: 1, options: {arp_interval: 100, arp_ip_target: '192.0.2.1,192.0.2.2', miimon: 0}",
        "mode: 4, options: {lacp_rate: slow, min_links: 1, ad_actor_system: '00:00:00:00:00:00'}",
        "mode: 2, options: {balance_slb: true, xmit_hash_policy: vlan+srcmac}",
    ] {
        let text = format!("interfaces: [{{name: b, type: bond, link-aggregation: {{{bond}}}}}]");
        assert_eq!(findings(&text), [""; 0], "{bond}");
    }
}

#[test]
fn families_that_do_not_go_together_are_found() {
    for (text, expected) in [
        (
            "routes: {config: [{destination: 198.51.100.0/24, next-hop-interface: e, next-hop-address: '2001:db8::1'}]}",
            "routes.config[198.51.100.0/24 e 2001:db8::1].next-hop-address: `2001:db8::1` is of IPv6, and `destination` is of IPv4 (give `destination` and `next-hop-address` of one family)",
        ),
        (
            "routes: {config: [{destination: '::/0', next-hop-interface: e, source: 192.0.2.1}]}",
            "routes.config[::/0 e].source: `192.0.2.1` is of IPv4, and `destination` is of IPv6",
        ),
        (
            "route-rules: {config: [{ip-from: 192.0.2.0/24, ip-to: '2001:db8::/32'}]}",
            "route-rules.config[0].ip-to: `2001:db8::/32` is of IPv6, and `ip-from` is of IPv4",
        ),
        (
            "route-rules: {config: [{family: ipv6, ip-to: 192.0.2.0/24}]}",
            "route-rules.config[ipv6 192.0.2.0/24].ip-to: `192.0.2.0/24` is of IPv4 (the rule has `family`, which is `ipv6`: ",
        ),
        (
            "interfaces: [{name: v, type: vxlan, vxlan: {id: 1, local: 192.0.2.1, remote: '2001:db8::1'}}]",
            "interfaces[v].vxlan.remote: `2001:db8::1` is of IPv6, and `local` is of IPv4",
        ),
        (
            "interfaces: [{name: t, type: ip-tunnel, ip-tunnel: {mode: sit, local: 192.0.2.1, remote: '2001:db8::1'}}]",
            "interfaces[t].ip-tunnel.remote: `2001:db8::1` is of IPv6 (tunnels with `mode` `sit` are carried by IPv4)",
        ),
        (
            "interfaces: [{name: e, ipv6: {enabled: true, autoconf: true, token: 192.0.2.1}}]",
            "interfaces[e].ipv6.token: `192.0.2.1` is of IPv4",
        ),
        (
            "interfaces: [{name: i, type: ipsec, libreswan: {right: 192.0.2.1, left: '2001:db8::1'}}]",
            "interfaces[i].libreswan.left: `2001:db8::1` is of IPv6, and `right` is of IPv4",
        ),
    ] {
        let found = findings(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].starts_with(expected), "{text}: {}", found[0]);
    }
}

#[test]
fn addresses_with_and_without_their_length() {
    for (text, expected) in [
        (
            "interfaces: [{name: e, ipv4: {enabled: true, address: [{ip: 192.0.2.1/24, prefix-length: 24}]}}]",
            "interfaces[e].ipv4.address[192.0.2.1/24/24].ip: `192.0.2.1/24` is an address and a prefix length (write `192.0.2.1`, and the length by itself as `prefix-length: 24`)",
        ),
        (
            "dns-resolver: {config: {server: [192.0.2.1/24]}}",
            "dns-resolver.config.server[0]: `192.0.2.1/24` is an address and a prefix length (write `192.0.2.1`)",
        ),
        (
            "routes: {config: [{destination: 0.0.0.0, next-hop-interface: e}]}",
            "routes.config[0.0.0.0 e].destination: `0.0.0.0` without a prefix length is one address, and no route leads there (the default route is `0.0.0.0/0`)",
        ),
        (
            "routes: {config: [{destination: '::', next-hop-interface: e}]}",
            "routes.config[:: e].destination: `::` without a prefix length is one address, and no route leads there (the default route is `::/0`)",
        ),
        (
            "routes: {config: [{destination: 0.1.0.0/16, next-hop-interface: e}]}",
            "routes.config[0.1.0.0/16 e].destination: no route leads to `0.1.0.0/16`",
        ),
        (
            "routes: {config: [{destination: 192.0.2.0/24, next-hop-interface: e, route-type: blackhole}]}",
            "routes.config[192.0.2.0/24 e blackhole].next-hop-interface: a route that drops packets leaves by no interface",
        ),
        ("hostname: {config: web 1}", "hostname.config: `web 1` is not a host name (use letters, "),
        ("hostname: {running: ''}", "hostname.running: the host name in effect cannot be empty"),
    ] {
        let found = findings(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].starts_with(expected), "{text}: {}", found[0]);
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
            "interfaces[br].bridge.port: the port `p` is also a port of `b1`",
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
