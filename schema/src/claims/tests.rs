use super::*;

/// What the second document contradicts in the first; the same the other way round.
fn between(one: Value, other: Value) -> Vec<String> {
    let host = Document::from_value(json!({"interfaces": [
        {"name": "eth1", "type": "ethernet", "alt-names": [{"name": "enp1s0"}]},
        {"name": "eth2", "type": "ethernet"}]}))
    .unwrap();
    let [one, other] = [one, other].map(|one| Document::from_value(one).unwrap());
    let said = |first: &Document, second: &Document| -> Vec<Contradiction> {
        let mut claims = Claims::default();
        assert_eq!(claims.add(first, &host), []);
        // The same once more is no other resource's.
        assert_eq!(claims.add(first, &host), []);
        claims.add(second, &host)
    };
    let (there, back) = (said(&one, &other), said(&other, &one));
    let shown = |all: &[Contradiction], is_back: bool| -> Vec<String> {
        let mut shown: Vec<String> = all
            .iter()
            .map(|one| match one {
                Contradiction::Twice(Conflict { path, first, second }) if !is_back => {
                    format!("{path} {first} {second}")
                }
                Contradiction::Twice(Conflict { path, first, second }) => {
                    format!("{path} {second} {first}")
                }
                Contradiction::LargerThanBase { interface, mtu, base, base_mtu } => {
                    format!("{interface} {mtu} {base} {base_mtu}")
                }
            })
            .collect();
        shown.sort();
        shown
    };
    assert_eq!(shown(&there, false), shown(&back, true), "it depends on the order");
    shown(&there, false)
}

fn interface(more: &Value) -> Value {
    let mut own = json!({"name": "eth1", "type": "ethernet"});
    own.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"interfaces": [own]})
}

#[test]
fn two_values_of_one_key_are_a_conflict_each() {
    let found = between(
        interface(&json!({"mtu": 1450, "ipv4": {"enabled": true, "dhcp": false}})),
        interface(&json!({"mtu": "1400", "ipv4": {"enabled": true, "dhcp": true}})),
    );
    assert_eq!(found, ["interfaces[eth1].ipv4.dhcp false true", "interfaces[eth1].mtu 1450 1400"]);
    let address = |ip: &str| {
        interface(&json!({"ipv4": {"enabled": true,
            "address": [{"ip": ip, "prefix-length": 24}]}}))
    };
    assert_eq!(between(address("192.0.2.1"), address("192.0.2.2")).len(), 1);
    assert_eq!(between(address("192.0.2.1"), interface(&json!({"mtu": 1400}))).len(), 0);
    let dns = |server: &str| json!({"dns-resolver": {"config": {"server": [server]}}});
    assert_eq!(
        between(dns("192.0.2.1"), dns("192.0.2.2")),
        [r#"dns-resolver.config.server ["192.0.2.1"] ["192.0.2.2"]"#]
    );
    let search = json!({"dns-resolver": {"config": {"search": ["example.org"]}}});
    assert_eq!(between(dns("192.0.2.1"), search).len(), 0);
}

#[test]
fn a_host_knows_one_interface_by_several_names() {
    let other = json!({"interfaces": [{"name": "enp1s0", "mtu": 1400}]});
    assert_eq!(
        between(interface(&json!({"mtu": 1450})), other),
        ["interfaces[eth1].mtu 1450 1400"]
    );
    // A cable is a card in other words.
    let cable = json!({"interfaces": [{"name": "eth1", "type": "veth", "mtu": 1450}]});
    assert_eq!(between(interface(&json!({"mtu": 1450})), cable).len(), 0);
}

#[test]
fn a_port_has_one_controller() {
    let bridge = |name: &str, ports: &[&str]| {
        let ports: Vec<Value> = ports.iter().map(|port| json!({ "name": port })).collect();
        json!({"interfaces": [{"name": name, "type": "linux-bridge",
            "bridge": {"port": ports}}]})
    };
    assert_eq!(
        between(bridge("br0", &["eth1", "eth2"]), bridge("br1", &["eth1"])),
        [r#"interfaces[eth1].controller "br0" "br1""#]
    );
    let own = |name: &str| interface(&json!({ "controller": name }));
    assert_eq!(
        between(bridge("br0", &["eth1"]), own("br1")),
        [r#"interfaces[eth1].controller "br0" "br1""#]
    );
    assert_eq!(
        between(bridge("br0", &["eth1"]), own("")),
        [r#"interfaces[eth1].controller "br0" """#]
    );
    assert_eq!(
        between(bridge("br0", &["eth2"]), own("br0")),
        [r#"interfaces[br0].ports ["eth2"] ["eth1"]"#]
    );
    assert_eq!(between(bridge("br0", &["eth1"]), own("br0")).len(), 0);
    assert_eq!(between(bridge("br0", &[]), own("br0")).len(), 0);
}

#[test]
fn nothing_is_larger_than_what_it_stands_on() {
    let base = |mtu: u32| interface(&json!({ "mtu": mtu }));
    let top = |mtu: Value| {
        json!({"interfaces": [{"name": "top0", "type": "mac-vlan", "mtu": mtu,
            "mac-vlan": {"base-iface": "eth1", "mode": "bridge"}}]})
    };
    assert_eq!(between(base(1500), top(json!(9000))), ["top0 9000 eth1 1500"]);
    assert_eq!(between(base(9000), top(json!(9000))).len(), 0);
    assert_eq!(between(base(1400), top(Value::Null)).len(), 0);
}

#[test]
fn what_is_absent_is_not_there() {
    let absent = json!({"interfaces": [{"name": "eth1", "state": "absent"}]});
    assert_eq!(
        between(absent, interface(&json!({"mtu": 1450}))),
        [r#"interfaces[eth1].state "absent" "up""#]
    );
    let route = json!({"destination": "198.51.100.0/24", "next-hop-interface": "eth1"});
    let routes = |more: &Value| {
        let mut own = route.clone();
        own.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"routes": {"config": [own]}})
    };
    let all = json!({"routes": {"config": [{"state": "absent", "next-hop-interface": "eth1"}]}});
    assert_eq!(between(all, routes(&json!({"metric": 100}))).len(), 1);
    assert_eq!(
        between(routes(&json!({"metric": 100})), routes(&json!({"metric": 200}))),
        ["routes.config[198.51.100.0/24 eth1 254].metric 100 200"]
    );
    // What a host has, it can have: NetworkManager does.
    let both = json!({"routes": {"config": [
        {"destination": "203.0.113.0/24", "next-hop-interface": "eth2", "metric": 10},
        {"destination": "203.0.113.0/24", "next-hop-interface": "eth2", "metric": 20}]}});
    let host = canonical(&Document::from_value(both.clone()).unwrap());
    let mut claims = Claims::default();
    for route in both["routes"]["config"].as_array().unwrap() {
        let one = json!({"routes": {"config": [route]}});
        assert_eq!(claims.add(&Document::from_value(one).unwrap(), &host), []);
    }
    let by = |gateway: &str| routes(&json!({"metric": 100, "next-hop-address": gateway}));
    assert_eq!(between(by("192.0.2.1"), by("192.0.2.2")).len(), 0);
    assert_eq!(between(by("192.0.2.1"), routes(&json!({"table-id": 100}))).len(), 0);
}
