use nmstate_schema::Value;
use nmstate_schema::canonical::canonical;
use nmstate_schema::compare::compare;
use nmstate_schema::document::Document;
use nmstate_schema::generated::cases;
use nmstate_schema::keys::interface_types;
use nmstate_schema::project::project;
use serde_json::json;

use crate::agreement::{Case, case, host};
use crate::document;

const CURRENT: &str = "
interfaces:
- name: br0
  type: linux-bridge
  state: up
  mtu: 1400
  bridge:
    port:
    - {name: eth1, stp-priority: 32, vlan: {mode: trunk, trunk-tags: [{id: 10}, {id-range: {min: 20, max: 21}}]}}
    - {name: eth2, stp-priority: 32}
- {name: eth1, type: ethernet, state: up, controller: br0}
routes:
  config:
  - {destination: 203.0.113.0/24, next-hop-interface: br0, table-id: 254}
";

fn seen(desired: &str) -> Value {
    project(&document(desired), &canonical(&document(CURRENT)))
}

#[test]
fn a_satisfied_document_is_seen_as_it_is_written() {
    let desired =
        "interfaces: [{name: br0, mtu: '1400', bridge: {ports: [{name: eth2}, {name: eth1}]}}]";
    assert_eq!(&seen(desired), document(desired).as_value());
}

#[test]
fn drift_is_in_the_keys_that_have_it_and_nowhere_else() {
    let desired = "interfaces: [{name: br0, mtu: 1500, bridge: {port: [{name: eth2}, \
                   {name: eth1, vlan: {mode: trunk, trunk-tags: [{id: 21}, {id: 20}, {id: 10}]}}]}}]";
    let mut expected = document(desired).as_value().clone();
    expected["interfaces"][0]["mtu"] = json!(1400);
    assert_eq!(seen(desired), expected);
}

#[test]
fn what_the_host_has_not_is_not_seen() {
    let desired = "
interfaces: [{name: br0, description: uplink}, {name: dummy0, type: dummy}]
routes: {config: [{destination: 203.0.113.0/24, next-hop-interface: br0}, {destination: 198.51.100.0/24, next-hop-interface: br0}]}
";
    let route = json!({"destination": "203.0.113.0/24", "next-hop-interface": "br0"});
    let expected =
        json!({"interfaces": [{"name": "br0", "description": ""}], "routes": {"config": [route]}});
    assert_eq!(seen(desired), expected);
}

#[test]
fn what_is_tolerated_is_not_seen() {
    let host = canonical(&document(
        "interfaces: [{name: eth1, type: ethernet, state: up, mtu: 1400, alt-names: [{name: theirs}], \
         ipv4: {enabled: true, dhcp: false, address: [{ip: 192.0.2.1, prefix-length: 24}, \
         {ip: 192.0.2.100, prefix-length: 24}]}}]",
    ));
    let desired = document(
        "interfaces: [{name: eth1, mtu: 1500, ipv4: {enabled: true, allow-extra-address: true, \
         address: [{ip: 192.0.2.1, prefix-length: '24'}]}}]",
    );
    let mut expected = desired.as_value().clone();
    expected["interfaces"][0]["mtu"] = json!(1400);
    assert_eq!(project(&desired, &host), expected);
}

/// The cases for each interface type.
const CASES: u32 = 60;

#[test]
fn a_projection_differs_where_the_comparison_does_and_is_what_the_host_has() {
    for known in interface_types() {
        // The hardware address of a port is no word of the document.
        let is_own = |case: &Case| case.desired.get("copy-mac-from").is_none();
        for case in cases(case(known.name), CASES).into_iter().filter(is_own) {
            let desired = json!({ "interfaces": [case.desired] });
            let Ok(desired) = Document::from_value(desired) else { continue };
            let Ok(host) = Document::from_value(host(&case)) else { continue };
            let host = canonical(&host);
            let differences = compare(&desired, &host);
            let seen = project(&desired, &host);
            let shown =
                || format!("{seen:#}\n{}\n{}\n{differences:#?}", desired.to_json(), host.to_json());
            assert_eq!(seen == *desired.as_value(), differences.is_empty(), "{}", shown());
            // Of what is to be down or gone nothing else is compared.
            if case.desired["state"] != "up" {
                continue;
            }
            let again = Document::from_value(seen.clone()).expect("a projection is a document");
            let left = compare(&again, &host);
            assert!(left.is_empty(), "{left:#?}\n{}", shown());
        }
    }
}
