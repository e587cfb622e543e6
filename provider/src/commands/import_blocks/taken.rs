//! What of a host is taken over, and what is left.

use nmstate_schema::Value as Json;
use serde_json::json;

use super::labels::Labels;
use crate::entry::Found;
use crate::ownership::{LeftOut, Seen};
use crate::provider::importables;

/// A host, apart in what is taken over and what is not.
pub(super) struct Host {
    /// Its name.
    name: String,
    /// The import blocks.
    pub(super) blocks: Vec<Block>,
    /// What has none.
    left_out: Vec<LeftOut>,
    /// What to know of those that are taken over.
    notes: Vec<String>,
}

/// An import block.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// The address of the resource.
    pub(super) to: String,
    /// The import id.
    pub(super) id: String,
}

/// Goes through the host of this name. Ids and labels begin with it where there are others.
pub(super) fn all(seen: &Seen<'_>, name: &str, is_one_of: bool, labels: &mut Labels) -> Host {
    let mut host =
        Host { name: name.to_owned(), blocks: Vec::new(), left_out: Vec::new(), notes: Vec::new() };
    let name = is_one_of.then_some(name);
    for kind in importables() {
        let resource_type = kind.type_name();
        for Found { entry, label, resource_name, id } in kind.found(seen, name) {
            match id {
                Ok(id) => {
                    // What a host has once is called like the host.
                    let words: Vec<&str> = match name {
                        Some(host) if kind.is_one_per_host() => vec![host],
                        Some(host) => vec![host, &resource_name],
                        None => vec![&resource_name],
                    };
                    let label = labels.give(&resource_type, &words);
                    let to = format!("{resource_type}.{label}");
                    host.notes.extend(notes(seen, &entry, &to));
                    host.blocks.push(Block { to, id });
                }
                Err(reason) => host.left_out.push(LeftOut { what: label, reason }),
            }
        }
    }
    host.left_out.extend(seen.rest());
    host
}

/// What to know of an entry that is taken over.
fn notes(seen: &Seen<'_>, entry: &Json, to: &str) -> Vec<String> {
    // Only a bridge can be told to leave ports alone that it does not name.
    let is_bridge = ["linux-bridge", "ovs-bridge"].iter().any(|name| entry["type"] == *name);
    let way_out = if is_bridge {
        "take it out of `port`, and let the bridge have others with `allow_extra_ports = true`"
    } else {
        "leave `port` out of the configuration"
    };
    let ports = seen.foreign_ports(entry).into_iter();
    let ports =
        ports.map(|port| format!("`{to}` has the port `{port}`, which is left out: {way_out}"));
    let addresses = seen.foreign_addresses(entry).into_iter().map(|address| {
        format!(
            "`{to}` has the address `{address}`, which no profile of NetworkManager has: take it \
             out of `address`, and let the interface have others with `allow_extra_address = true`"
        )
    });
    ports.chain(addresses).collect()
}

impl Host {
    /// What is left out and what to know, a line each.
    pub(super) fn remarks(&self) -> Vec<String> {
        let left_out = self
            .left_out
            .iter()
            .map(|one| format!("host `{}`: {} is left out: {}", self.name, one.what, one.reason));
        let notes = self.notes.iter().map(|note| format!("host `{}`: {note}", self.name));
        left_out.chain(notes).collect()
    }

    /// The same for programs.
    pub(super) fn left_out(&self) -> Vec<Json> {
        let entry = |one: &LeftOut| {
            json!({
                "host": self.name,
                "what": one.what,
                "reason": one.reason.word(),
                "message": one.reason.to_string(),
            })
        };
        self.left_out.iter().map(entry).collect()
    }

    /// What to know, for programs.
    pub(super) fn notes(&self) -> Vec<Json> {
        self.notes.iter().map(|note| json!({ "host": self.name, "message": note })).collect()
    }
}

#[cfg(test)]
mod tests {
    use nmstate_schema::canonical::canonical;
    use nmstate_schema::document::Document;

    use super::*;

    const HOST: &str = "
hostname: {running: web1, config: web1}
dns-resolver: {running: {server: [192.0.2.53]}, config: {server: [192.0.2.53]}}
interfaces:
- {name: br0, type: linux-bridge, state: up, identifier: name, bridge: {port: [{name: vnet0}]}}
- {name: br0.7, type: vlan, state: up, identifier: name, vlan: {base-iface: br0, id: 7}}
- {name: br0_7, type: vlan, state: up, identifier: name, vlan: {base-iface: br0, id: 8}}
- {name: 'a,b', type: dummy, state: up, identifier: name}
- {name: vnet0, type: tun, state: ignore}
routes: {config: [
  {destination: 0.0.0.0/0, next-hop-interface: br0, next-hop-address: 192.0.2.254, metric: 100},
  {destination: 0.0.0.0/0, next-hop-interface: br0, next-hop-address: 192.0.2.254, metric: 200},
  {destination: 0.0.0.0/0, metric: 300, route-type: unreachable},
  {destination: 10.1.0.0/16, next-hop-interface: br0, table-id: 100},
  {destination: 10.1.0.0/16, next-hop-interface: br0, next-hop-address: 192.0.2.9, table-id: 100},
  {destination: 10.2.0.0/16, next-hop-interface: br0}]}
route-rules: {config: [
  {priority: 1, family: ipv4, ip-from: 192.0.2.0/24, route-table: 100},
  {priority: 2, family: ipv4, route-table: 100},
  {priority: 2, family: ipv4, route-table: 100, fwmark: 0x10, fwmask: 0xff}]}
ovs-db: {}
";

    fn host(text: &str, is_one_of: bool, labels: &mut Labels) -> Host {
        let shown = Document::parse(text).unwrap();
        let state = canonical(&shown);
        all(&Seen::of(&shown, &state, None, None), "web1", is_one_of, labels)
    }

    fn blocks(host: &Host) -> Vec<String> {
        host.blocks.iter().map(|block| format!("{} {}", block.to, block.id)).collect()
    }

    #[test]
    fn each_thing_has_the_shortest_id_that_means_it_alone() {
        let host = host(HOST, false, &mut Labels::default());
        let expected = [
            "nmstate_vlan.br0_7 br0.7",
            "nmstate_vlan.br0_7_2 br0_7",
            "nmstate_linux_bridge.br0 br0",
            "nmstate_route.default_unreachable 0.0.0.0/0,none",
            "nmstate_route.default 0.0.0.0/0,br0,192.0.2.254,254,100",
            "nmstate_route.default_2 0.0.0.0/0,br0,192.0.2.254,254,200",
            "nmstate_route.to_10_1_0_0_16_table_100 10.1.0.0/16,br0,none",
            "nmstate_route.to_10_1_0_0_16_table_100_2 10.1.0.0/16,br0,192.0.2.9",
            "nmstate_route.to_10_2_0_0_16 10.2.0.0/16",
            "nmstate_route_rule.priority_2 2,ipv4,none,none,100,none",
            "nmstate_route_rule.priority_2_2 2,ipv4,none,none,100,0x10",
            "nmstate_route_rule.priority_1 1",
            "nmstate_dns_resolver.this default",
            "nmstate_hostname.this default",
        ];
        assert_eq!(blocks(&host), expected);
        let remarks = host.remarks().join("\n");
        for words in [
            "interface `a,b` is left out: no import id means it alone",
            "interface `vnet0` is left out: no resource manages interfaces of type `tun`",
            "`nmstate_linux_bridge.br0` has the port `vnet0`",
        ] {
            assert!(remarks.contains(words), "`{words}` is missing in:\n{remarks}");
        }
    }

    #[test]
    fn with_several_hosts_each_is_named() {
        let text = "
hostname: {config: web1}
interfaces: [{name: br0, type: linux-bridge, state: up, identifier: name}]
routes: {config: [{destination: 0.0.0.0/0, next-hop-interface: br0}]}
route-rules: {config: [{priority: 1, family: ipv4, ip-from: 192.0.2.0/24, route-table: 100}]}
";
        let mut labels = Labels::default();
        let expected = [
            "nmstate_linux_bridge.web1_br0 web1,br0",
            "nmstate_route.web1_default web1,0.0.0.0/0",
            "nmstate_route_rule.web1_priority_1 web1,1",
            "nmstate_hostname.web1 web1",
        ];
        assert_eq!(blocks(&host(text, true, &mut labels)), expected);
        let again = blocks(&host(text, true, &mut labels));
        assert_eq!(again[0], "nmstate_linux_bridge.web1_br0_2 web1,br0");
    }

    #[test]
    fn what_says_nothing_is_not_taken_over() {
        let text = "
hostname: {running: web1, config: ''}
dns-resolver: {config: {}}
ovs-db: {external_ids: {}}
";
        let host = host(text, false, &mut Labels::default());
        assert_eq!(blocks(&host), [""; 0]);
        assert_eq!(host.remarks(), [""; 0]);
    }
}
