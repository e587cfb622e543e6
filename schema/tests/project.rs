use nmstate_schema::Value;
use nmstate_schema::canonical::canonical;
use nmstate_schema::project::project;
use serde_json::json;

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
    let expected = json!({"interfaces": [{"name": "br0"}], "routes": {"config": [route]}});
    assert_eq!(seen(desired), expected);
}
