use super::*;

const HOST: &str = "interfaces:
- {name: eth1, type: ethernet, state: up, mtu: 1500, ipv4: {enabled: true, dhcp: false,
   address: [{ip: 192.0.2.1, prefix-length: 24}, {ip: 192.0.2.9, prefix-length: 32}]}}
- {name: top0, type: mac-vlan, state: up, mtu: 1500, mac-vlan: {base-iface: eth1, mode: bridge},
   ipv4: {enabled: false}}
- {name: br0, type: linux-bridge, state: up, mtu: 1500, bridge: {port: [{name: top0}]}}
routes: {config: [{destination: 198.51.100.0/24, next-hop-interface: eth1, table-id: 254}]}
route-rules: {config: [{ip-from: 192.0.2.0/24, priority: 1000, route-table: 200, family: ipv4}]}
dns-resolver: {config: {server: [192.0.2.53]}}
";

/// What of the host above went when one text in it became another.
fn lost(asked: &str, changes: &[(&str, &str)]) -> (Vec<String>, Undo) {
    let mut after = HOST.to_owned();
    for (from, to) in changes {
        assert!(after.contains(from), "{from}");
        after = after.replace(from, to);
    }
    let parse = |text: &str| Document::parse(text).unwrap();
    let Losses { unasked, kept } = losses(&parse(asked), &parse(HOST), &parse(&after));
    (unasked.iter().map(ToString::to_string).collect(), kept)
}

const ADDRESS: (&str, &str) = (", {ip: 192.0.2.9, prefix-length: 32}", "");
const PORT: (&str, &str) = ("{port: [{name: top0}]}", "{port: []}");
const ROUTE: (&str, &str) =
    ("[{destination: 198.51.100.0/24, next-hop-interface: eth1, table-id: 254}]", "[]");

#[test]
fn what_nobody_asked_for_is_named() {
    let mtu = ("state: up, mtu: 1500, mac-vlan", "state: up, mtu: 1400, mac-vlan");
    let dns = ("[192.0.2.53]", "[192.0.2.54]");
    let rule = ("[{ip-from: 192.0.2.0/24, priority: 1000, route-table: 200, family: ipv4}]", "[]");
    let (said, kept) =
        lost("interfaces: [{name: eth1, mtu: 1400}]", &[ADDRESS, mtu, PORT, ROUTE, rule, dns]);
    assert_eq!(
        said,
        [
            "`top0` is not a port of `br0` any more",
            "address `192.0.2.9/32` of `eth1` went with the change",
            "the mtu of `top0` went from `1500` to `1400` with the change",
            "route `198.51.100.0/24` went with the change",
            "route rule `family ipv4 ip-from 192.0.2.0/24 priority 1000 route-table 200` went \
             with the change",
            "`dns-resolver` is another one since the change",
        ]
    );
    assert_eq!(kept.steps().len(), 1);
    assert_eq!(lost("interfaces: [{name: eth1, mtu: 1400}]", &[]).0.len(), 0);
    let down = ("state: up, mtu: 1500, bridge", "state: down, mtu: 1500, bridge");
    let (said, _) = lost("interfaces: [{name: eth1, mtu: 1400}]", &[down]);
    assert_eq!(said, ["interface `br0` is not up any more since the change"]);
}

#[test]
fn a_port_loses_its_addresses_and_routes() {
    let bridge = "interfaces: [{name: br1, type: linux-bridge, bridge: {port: [{name: eth1}]}}]";
    let parse = |text: &str| Document::parse(text).unwrap();
    let lost = as_ports(&parse(bridge), &parse(HOST));
    let [(port, lost)] = lost.as_slice() else { panic!("{lost:?}") };
    assert_eq!((port.as_str(), lost.len()), ("eth1", 3));
    assert_eq!(as_ports(&parse("interfaces: [{name: eth1, mtu: 1400}]"), &parse(HOST)), []);
}

#[test]
fn what_is_asked_for_is_no_loss() {
    let address = "interfaces: [{name: eth1, ipv4: {enabled: true, address: \
                   [{ip: 192.0.2.1, prefix-length: 24}]}}]";
    assert_eq!(lost(address, &[ADDRESS]).0.len(), 0);
    let ports = "interfaces: [{name: br0, type: linux-bridge, bridge: {port: []}}]";
    assert_eq!(lost(ports, &[PORT]).0.len(), 0);
    assert_eq!(lost("interfaces: [{name: top0, controller: ''}]", &[PORT]).0.len(), 0);
    let route = "routes: {config: [{state: absent, next-hop-interface: eth1}]}";
    assert_eq!(lost(route, &[ROUTE]).0.len(), 0);
    let dns = "dns-resolver: {config: {server: [192.0.2.54]}}";
    assert_eq!(lost(dns, &[("[192.0.2.53]", "[192.0.2.54]")]).0.len(), 0);
}

#[test]
fn what_stood_on_what_goes_comes_back_with_it() {
    let (said, kept) = lost("interfaces: [{name: eth1, type: ethernet, state: absent}]", &[ROUTE]);
    assert_eq!(said, ["route `198.51.100.0/24` went with interface `eth1`"]);
    assert_eq!(kept.steps().len(), 1);
    let gone = "- {name: top0, type: mac-vlan, state: up, mtu: 1500, mac-vlan: {base-iface: \
                eth1, mode: bridge},\n   ipv4: {enabled: false}}\n";
    let (said, kept) =
        lost("interfaces: [{name: top0, type: mac-vlan, state: absent}]", &[PORT, (gone, "")]);
    assert_eq!((said.len(), kept.steps().len()), (0, 1));
    // Until it is there again, nothing of that is sent.
    let parse = |text: &str| Document::parse(text).unwrap();
    let without = parse(&HOST.replace(gone, "").replace(PORT.0, PORT.1));
    assert!(kept.resolve([], &without).document.is_empty());
    let anew = parse("interfaces: [{name: top0, type: mac-vlan, state: up}]");
    let resolved = kept.resolve([&anew], &without);
    assert_eq!(
        resolved.document.as_value()["interfaces"],
        json!([{"name": "top0", "controller": "br0"}])
    );
    assert!(resolved.left_out.is_empty());
}
