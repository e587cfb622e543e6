use super::*;

const HOST: &str = "
interfaces:
- {name: eth1, type: ethernet, state: up, identifier: name, mtu: 1500, ipv4: {enabled: true, dhcp: false,
   address: [{ip: 192.0.2.7, prefix-length: 24}]}}
- {name: eth2, type: ethernet, state: down, mtu: 1500}
routes:
  config:
  - {destination: 203.0.113.0/24, next-hop-interface: eth1, next-hop-address: 192.0.2.254, table-id: 254, metric: 100}
route-rules:
  config:
  - {family: ipv4, ip-from: 192.0.2.0/24, priority: 100, route-table: 200}
dns-resolver: {config: {server: [192.0.2.53]}}
";

fn document(text: &str) -> Document {
    Document::parse(text).unwrap()
}

fn record(desired: &str) -> Record {
    Record::of(&document(desired), &document(HOST))
}

/// What undoing comes to on the host that `now` adds to, with nothing else declared.
fn undone(record: &Record, now: &str) -> Value {
    record.undo().resolve([], &document(now)).document.into_value()
}

#[test]
fn what_is_so_already_is_not_undone() {
    let same = "interfaces: [{name: eth1, mtu: 1500}]\n\
                routes: {config: [{destination: 203.0.113.0/24, next-hop-interface: eth1, \
                next-hop-address: 192.0.2.254}]}\n\
                route-rules: {config: [{ip-from: 192.0.2.0/24, route-table: 200}]}\n\
                dns-resolver: {config: {server: [192.0.2.53]}}";
    let record = record(same);
    assert!(record.undo().is_empty(), "{record:?}");
    assert!(!record.has_made());
}

#[test]
fn the_first_value_stays_and_later_ones_are_added() {
    let first = record("interfaces: [{name: eth1, mtu: 1400}]");
    let then = document(&HOST.replace("mtu: 1500, ipv4", "mtu: 1400, description: uplink, ipv4"));
    let later = document("interfaces: [{name: eth1, mtu: 1300, description: other}]");
    let record = first.extended(Record::of(&later, &then));
    let now = HOST.replace("mtu: 1500, ipv4", "mtu: 1300, description: other, ipv4");
    let eth1 = &undone(&record, &now)["interfaces"][0];
    assert_eq!((&eth1["mtu"], &eth1["description"]), (&json!(1500), &json!("uplink")));
    assert!(eth1.get("ipv4").is_none(), "only what was declared: {eth1:#}");
}

/// The feature was somebody's before only if a change has declared it since.
#[test]
fn what_the_host_decides_is_put_back_only_once_it_was_declared() {
    let shown = |mtu: u32, lro: bool| {
        document(&format!(
            "interfaces: [{{name: eth1, type: ethernet, state: up, mtu: {mtu}, \
             mac-address: 02:00:00:00:00:01, description: wan, \
             ethtool: {{feature: {{rx-lro: {lro}, rx-gro: true}}}}}}]"
        ))
    };
    let found = Record::of_found(&shown(1500, true), &shown(1500, true));
    let change = |desired: &str, host: &Document| Record::of(&document(desired), host);
    let now = shown(1400, false).to_yaml().replace("wan", "lan");
    let of = |record: &Record| undone(record, &now)["interfaces"][0].clone();

    // Somebody has changed it by hand between the import and the first apply.
    let mtu = change("interfaces: [{name: eth1, mtu: 1400, description: lan}]", &shown(1300, true));
    let record = found.extended(mtu);
    let undone = of(&record);
    assert_eq!((&undone["mtu"], &undone["description"]), (&json!(1500), &json!("wan")));
    assert_eq!((undone.get("ethtool"), undone.get("mac-address")), (None, None));

    let lro =
        change("interfaces: [{name: eth1, ethtool: {feature: {lro: true}}}]", &shown(1400, false));
    let undone = of(&record.extended(lro));
    assert_eq!(undone.pointer("/ethtool"), Some(&json!({"feature": {"rx-lro": true}})));
}

#[test]
fn each_name_that_was_added_is_taken_away() {
    let names = |names: &str| format!("interfaces: [{{name: eth1, alt-names: [{names}]}}]");
    let shown = |names: &str| {
        HOST.replace("mtu: 1500, ipv4", &format!("mtu: 1500, alt-names: [{names}], ipv4"))
    };
    let (one, two) = ("{name: one}", "{name: one}, {name: two}");
    let first = Record::of(&document(&names(one)), &document(&shown("{name: udev}")));
    let then = document(&shown("{name: udev}, {name: one}"));
    let record = first.extended(Record::of(&document(&names(two)), &then));
    let now = shown("{name: udev}, {name: one}, {name: two}");
    let absent = |name: &str| json!({"name": name, "state": "absent"});
    let gone = undone(&record, &now)["interfaces"][0]["alt-names"].clone();
    assert_eq!(gone, json!([absent("one"), absent("two")]));
    // One that is dropped from the list goes at once.
    let (kept, dropped) = record.reduced(&document(&names(one)), &document(&now));
    let gone = undone(&dropped, &now)["interfaces"][0]["alt-names"].clone();
    assert_eq!(gone, json!([absent("two")]));
    let gone = undone(&kept, &shown("{name: udev}, {name: one}"));
    assert_eq!(gone["interfaces"][0]["alt-names"], json!([absent("one")]));
}

#[test]
fn what_was_unchanged_is_put_back_once_it_is_changed() {
    let first = record("interfaces: [{name: eth1, mtu: 1500}]");
    assert!(first.undo().is_empty());
    let later = document("interfaces: [{name: eth1, mtu: 1400}]");
    let record = first.extended(Record::of(&later, &document(HOST)));
    let now = HOST.replace("mtu: 1500, ipv4", "mtu: 1400, ipv4");
    assert_eq!(undone(&record, &now)["interfaces"][0]["mtu"], 1500);
}

#[test]
fn hardware_without_a_profile_is_without_one_again() {
    let record = record("interfaces: [{name: eth2, type: ethernet, mtu: 1400}]");
    let now = HOST.replace("state: down, mtu: 1500", "state: up, identifier: name, mtu: 1400");
    let expected = json!([{"name": "eth2", "type": "ethernet", "state": "absent"}]);
    assert_eq!(undone(&record, &now)["interfaces"], expected);
    // Somebody has given it an address: only the declared key is put back.
    let address =
        "mtu: 1400, ipv4: {enabled: true, address: [{ip: 198.51.100.1, prefix-length: 24}]}";
    let used = now.replace("identifier: name, mtu: 1400", &format!("identifier: name, {address}"));
    let expected = json!([{"name": "eth2", "type": "ethernet", "state": "up", "mtu": 1500}]);
    assert_eq!(undone(&record, &used)["interfaces"], expected);
}

#[test]
fn a_port_that_is_dropped_gets_back_its_own() {
    let bridge = |ports: &str| {
        format!("interfaces: [{{name: br0, type: linux-bridge, bridge: {{port: [{ports}]}}}}]")
    };
    let record = record(&bridge("{name: eth1}, {name: eth2}"));
    let now = "
interfaces:
- {name: br0, type: linux-bridge, state: up, bridge: {port: [{name: eth1}, {name: eth2}]}}
- {name: eth1, type: ethernet, state: up, controller: br0, identifier: name, mtu: 1500, ipv4: {enabled: false}}
- {name: eth2, type: ethernet, state: up, controller: br0, identifier: name, mtu: 1500}
";
    let declared = document(&bridge("{name: eth2}"));
    let (kept, dropped) = record.reduced(&declared, &document(now));
    let resolved = dropped.undo().resolve([&declared], &document(now));
    let sent = resolved.document.into_value();
    let interfaces = sent["interfaces"].as_array().unwrap();
    assert_eq!(interfaces.len(), 1, "{sent:#}");
    assert_eq!(
        (&interfaces[0]["name"], &interfaces[0]["controller"]),
        (&json!("eth1"), &json!(""))
    );
    assert_eq!(interfaces[0]["ipv4"]["address"][0]["ip"], "192.0.2.7");
    // The bridge and the other port are what is left to undo.
    let rest = undone(&kept, now);
    let states = rest["interfaces"].as_array().unwrap().iter();
    let states: Vec<_> = states.map(|one| (one["name"].as_str(), one["state"].as_str())).collect();
    assert_eq!(states, [(Some("br0"), Some("absent")), (Some("eth2"), Some("absent"))]);
}

fn only_rules(host: &str) -> Document {
    let rules = document(host).as_value()["route-rules"].clone();
    Document::from_value(json!({ "route-rules": rules })).unwrap()
}

#[test]
fn a_changed_entry_is_removed_and_the_old_one_put_back() {
    let rules = "route-rules: {config: [{ip-from: 192.0.2.0/24, route-table: 300, priority: 100}]}";
    let record = record(rules).replacing(&only_rules(HOST), &document("interfaces: []"));
    let now = HOST.replace("route-table: 200", "route-table: 300");
    let config = undone(&record, &now)["route-rules"]["config"].clone();
    let tables: Vec<_> =
        config.as_array().unwrap().iter().map(|one| (&one["route-table"], &one["state"])).collect();
    assert_eq!(tables, [(&json!(300), &json!("absent")), (&json!(200), &Value::Null)]);
    // And back: nothing is left to undo.
    let back = document(
        "route-rules: {config: [{ip-from: 192.0.2.0/24, route-table: 200, priority: 100}]}",
    );
    let record = record.replacing(&only_rules(&now), &document("interfaces: []"));
    let record = record.extended(Record::of(&back, &document(&now)));
    let (record, _) = record.reduced(&back, &document(&now));
    assert!(record.undo().is_empty(), "{record:#?}");
}

#[test]
fn an_added_entry_is_known_by_all_that_it_became() {
    let route = "routes: {config: [{destination: 198.51.100.0/24, next-hop-interface: eth1}]}";
    let after = "routes: {config: [{destination: 198.51.100.0/24, next-hop-interface: eth1, \
                 table-id: 254, metric: 103}]}";
    let record = record(route).settled(&document(after));
    assert_eq!(record.routes[0].entry["metric"], 103);
    let text = serde_json::to_string(&record).unwrap();
    assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record);
}

#[test]
fn a_bridge_and_its_interface_of_one_name_are_two() {
    let record = record(
        "interfaces: [{name: br0, type: ovs-bridge, bridge: {port: [{name: br0}]}}, \
         {name: br0, type: ovs-interface}]",
    );
    assert_eq!(record.interfaces.len(), 2, "{record:#?}");
    let kinds: Vec<_> = record.interfaces.iter().map(|one| one.of_type.as_deref()).collect();
    assert_eq!(kinds, [Some("ovs-bridge"), Some("ovs-interface")]);
}

#[test]
fn a_record_of_the_first_form_is_read() {
    let first = json!({
        "interfaces": [{"name": "br0", "type": "linux-bridge", "state": "absent"},
            {"name": "eth1", "type": "ethernet", "state": "up", "mtu": 1500, "controller": ""},
            {"name": "eth2", "type": "ethernet", "state": "absent"}],
        "routes": {"config": [{"destination": "198.51.100.0/24", "state": "absent"},
            {"destination": "203.0.113.0/24", "next-hop-interface": "eth1"}]},
        "route-rules": {"config": [{"ip-from": "192.0.2.0/24", "ip-to": "", "state": "absent"}]},
        "dns-resolver": {"config": {"server": ["192.0.2.53"]}}});
    let record = upgrade(&first, true);
    let origins: Vec<_> = record.interfaces.iter().map(|one| one.origin).collect();
    assert_eq!(origins, [Origin::Made, Origin::Up, Origin::Bare]);
    assert_eq!(record.route_rules[0].entry, json!({"ip-from": "192.0.2.0/24"}));
    let made: Vec<_> = record.routes.iter().map(|one| one.made).collect();
    assert_eq!(made, [true, false]);
    assert!(upgrade(&first, false).settings.values().all(|one| !one.changed));
}

/// The record of a bridge that took eth1 from br0, which has eth2 beside it.
fn taken_from_br0() -> (Record, Document) {
    let host = document(
        "
interfaces:
- {name: br0, type: linux-bridge, state: up, bridge: {port: [{name: eth1}, {name: eth2}]}}
- {name: eth1, type: ethernet, state: up, controller: br0, identifier: name, mtu: 1500}
- {name: eth2, type: ethernet, state: up, controller: br0, identifier: name, mtu: 1500}
- {name: vnet0, type: tun, state: ignore, controller: br0}
",
    );
    let taking =
        document("interfaces: [{name: br1, type: linux-bridge, bridge: {port: [{name: eth1}]}}]");
    let record = Record::of(&taking, &host);
    let now = "
interfaces:
- {name: br0, type: linux-bridge, state: up, bridge: {port: [{name: eth2}, {name: vnet1}]}}
- {name: br1, type: linux-bridge, state: up, bridge: {port: [{name: eth1}]}}
- {name: eth1, type: ethernet, state: up, controller: br1, identifier: name, mtu: 1500}
- {name: eth2, type: ethernet, state: up, controller: br0, identifier: name, mtu: 1500}
- {name: eth3, type: ethernet, state: up, identifier: name, mtu: 1500}
- {name: vnet1, type: tun, state: ignore, controller: br0}
";
    (record, document(now))
}

/// The controller that undoing gives eth1, and why it is another one than before.
fn controller_again(record: &Record, now: &Document) -> (Value, Vec<Reason>) {
    let resolved = record.undo().resolve([], now);
    let eth1 = resolved.document.interface("eth1").cloned().unwrap_or_default();
    let reasons = resolved.left_out.iter().map(|one| one.reason).collect();
    (eth1["controller"].clone(), reasons)
}

#[test]
fn a_port_goes_back_to_a_controller_that_nobody_has_given_other_ports() {
    let (record, now) = taken_from_br0();
    assert_eq!(controller_again(&record, &now), (json!("br0"), vec![]));
    let text = now.to_yaml().replace("name: eth3", "name: eth3\n  controller: br0");
    let cabled = document(&text);
    assert_eq!(cabled.interface("eth3").unwrap()["controller"], "br0", "{text}");
    assert_eq!(controller_again(&record, &cabled), (json!(""), vec![Reason::OtherPorts]));
    // An older record does not know what else was there.
    let mut old = serde_json::to_value(&record).unwrap();
    for interface in old["interfaces"].as_array_mut().unwrap() {
        interface.as_object_mut().unwrap().remove("beside");
    }
    let old: Record = serde_json::from_value(old).unwrap();
    assert_eq!(controller_again(&old, &cabled).0, "br0");
}

#[test]
fn no_port_goes_back_to_a_controller_that_another_resource_declares_without_it() {
    let (record, now) = taken_from_br0();
    let bridge = |ports: &str| {
        document(&format!(
            "interfaces: [{{name: br0, type: linux-bridge, bridge: {{port: [{ports}]}}}}]"
        ))
    };
    let controller = |declared: &Document| {
        let resolved = record.undo().resolve([declared], &now);
        resolved.document.interface("eth1").map(|one| one["controller"].clone())
    };
    assert_eq!(controller(&bridge("{name: eth2}")), Some(json!("")));
    // One that says nothing of its ports leaves them to others.
    let silent = document("interfaces: [{name: br0, type: linux-bridge, mtu: 1500}]");
    assert_eq!(controller(&silent), Some(json!("br0")));
}
