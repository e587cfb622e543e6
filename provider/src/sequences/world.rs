//! A small world: what a host has, and what configurations say of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use nmstate_schema::Value as Json;
use nmstate_schema::compare::compare;
use nmstate_schema::document::Document;
use serde_json::json;

use super::core::{Configured, Instance};
use super::document;

/// Numbers that are the same for the same seed.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    /// A number below `limit`.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }

    pub(super) fn is(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        for end in (1..list.len()).rev() {
            list.swap(end, self.below(end + 1));
        }
    }
}

/// What is declared, apart from the names that the blocks have.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct World {
    /// Bridges with their ports and their MTU.
    bridges: BTreeMap<&'static str, (BTreeSet<&'static str>, Option<u32>)>,
    /// The MTU and whether there is an address, of NICs that are no ports.
    nics: BTreeMap<&'static str, (Option<u32>, bool)>,
    /// Destinations, in the order of a list that `count` goes through.
    routes: Vec<u8>,
    /// The metric of the routes.
    metric: Option<u32>,
    rules: Vec<u8>,
    dns: Option<u8>,
    /// True if one document has the rules, in place of a block for each.
    is_state: bool,
    /// The mode of a MAC VLAN, which makes it anew, and whether a route leads over it.
    service: Option<(&'static str, bool)>,
    /// Changes with a rename.
    key: BTreeMap<&'static str, u8>,
    create_before_destroy: bool,
}

const NICS: [&str; 3] = ["eth1", "eth2", "eth3"];
const BRIDGES: [&str; 2] = ["br0", "br1"];

impl World {
    pub(super) fn new() -> World {
        World::default()
    }

    /// A host with things of its own.
    pub(super) fn host(random: &mut Random) -> Document {
        let own = "{enabled: true, dhcp: false, address: [{ip: 203.0.113.7, prefix-length: 24}]}";
        let eth3 = if random.is(2) {
            format!(
                "{{name: eth3, type: ethernet, state: up, identifier: name, mtu: 1500, ipv4: {own}, ipv6: {{enabled: false}}}}"
            )
        } else {
            "{name: eth3, type: ethernet, state: down, mtu: 1500, ipv4: {enabled: false}, ipv6: {enabled: false}}".to_owned()
        };
        document(&format!(
            "interfaces:
- {{name: eth1, type: ethernet, state: down, mtu: 1500, ipv4: {{enabled: false}}, ipv6: {{enabled: false}}}}
- {{name: eth2, type: ethernet, state: up, identifier: name, mtu: 1500, ipv6: {{enabled: false}},
   ipv4: {{enabled: true, dhcp: false, address: [{{ip: 198.51.100.7, prefix-length: 24}}]}}}}
- {eth3}
- {{name: eth4, type: ethernet, state: up, identifier: name, mtu: 1500, ipv6: {{enabled: false}},
   ipv4: {{enabled: true, dhcp: false, address: [{{ip: 192.0.2.7, prefix-length: 24}}]}}}}
routes:
  config:
  - {{destination: 10.1.0.0/24, next-hop-interface: eth4, next-hop-address: 192.0.2.99, table-id: 254, metric: 50}}
  - {{destination: 10.2.0.0/24, next-hop-interface: eth4, next-hop-address: 192.0.2.1, table-id: 254, metric: 70}}
  - {{destination: 10.9.0.0/24, next-hop-interface: eth2, next-hop-address: 198.51.100.1, table-id: 254, metric: 50}}
route-rules:
  config:
  - {{family: ipv4, ip-from: 10.1.0.0/24, priority: 500, route-table: 300}}
dns-resolver: {{config: {{server: [192.0.2.53], search: [example.org]}}}}
"
        ))
    }

    /// Another configuration, a little different.
    pub(super) fn change(&mut self, random: &mut Random) {
        for _ in 0..=random.below(3) {
            self.change_one(random);
        }
    }

    fn change_one(&mut self, random: &mut Random) {
        match random.below(14) {
            0 => self.toggle_bridge(random),
            1 => self.move_port(random),
            2 => {
                let nic = NICS[random.below(NICS.len())];
                if self.controller(nic).is_none() && self.nics.remove(nic).is_none() {
                    self.nics.insert(nic, (Some(1400), false));
                }
            }
            3 => {
                let (mtu, address) = (random.below(3), random.is(2));
                if let Some((_, own)) = random_entry(&mut self.nics, random) {
                    *own = ([None, Some(1400), Some(1300)][mtu], address);
                    if *own == (None, false) {
                        own.1 = true;
                    }
                }
            }
            4 if !self.routes.is_empty() => {
                self.routes.remove(0);
            }
            5 => {
                let number = u8::try_from(random.below(6)).unwrap();
                if !self.routes.contains(&number) {
                    self.routes.insert(random.below(self.routes.len() + 1), number);
                }
            }
            6 => self.metric = [None, Some(150), Some(160)][random.below(3)],
            7 => {
                let number = u8::try_from(random.below(3)).unwrap();
                match self.rules.iter().position(|one| *one == number) {
                    Some(position) => {
                        self.rules.remove(position);
                    }
                    None => self.rules.insert(random.below(self.rules.len() + 1), number),
                }
            }
            8 => self.dns = [None, Some(1), Some(2)][random.below(3)],
            9 => self.is_state = random.is(2),
            10 => {
                let mode = ["bridge", "private", "vepa"][random.below(3)];
                self.service = (!random.is(4)).then(|| (mode, random.is(2)));
            }
            11 => {
                if let Some((mode, _)) = &mut self.service {
                    *mode = if *mode == "bridge" { "private" } else { "bridge" };
                }
            }
            12 => {
                let block = ["bridge", "nic", "route"][random.below(3)];
                *self.key.entry(block).or_default() += 1;
            }
            _ => self.create_before_destroy = random.is(2),
        }
    }

    fn controller(&self, nic: &str) -> Option<&'static str> {
        self.bridges.iter().find(|(_, (ports, _))| ports.contains(nic)).map(|(name, _)| *name)
    }

    fn toggle_bridge(&mut self, random: &mut Random) {
        let name = BRIDGES[random.below(BRIDGES.len())];
        if self.bridges.remove(name).is_none() {
            let mtu = if random.is(2) { Some(1400) } else { None };
            self.bridges.insert(name, (BTreeSet::new(), mtu));
        }
    }

    fn move_port(&mut self, random: &mut Random) {
        let nic = NICS[random.below(NICS.len())];
        for (ports, _) in self.bridges.values_mut() {
            ports.remove(nic);
        }
        if !random.is(3)
            && let Some((_, (ports, _))) = random_entry(&mut self.bridges, random)
        {
            ports.insert(nic);
            self.nics.remove(nic);
        }
    }

    /// The blocks of the configuration.
    pub(super) fn instances(&self) -> Configured {
        let mut instances = Configured::new();
        let key = |block: &str| self.key.get(block).copied().unwrap_or_default();
        let mut add = |address: String, of_type, arguments: Json, refers_to: BTreeSet<String>| {
            let create_before_destroy = self.create_before_destroy;
            instances
                .insert(address, Instance { of_type, arguments, refers_to, create_before_destroy });
        };
        for (name, (ports, mtu)) in &self.bridges {
            let ports: Vec<Json> = ports.iter().map(|port| json!({ "name": port })).collect();
            let address = format!("nmstate_linux_bridge.b{}[\"{name}\"]", key("bridge"));
            let arguments = json!({"name": name, "port": ports, "mtu": mtu});
            add(address, "nmstate_linux_bridge", arguments, BTreeSet::new());
        }
        for (name, (mtu, has_address)) in &self.nics {
            let number = &name[3..];
            let ipv4 = has_address.then(|| {
                json!({"enabled": true, "dhcp": false,
                "address": [{"ip": format!("10.8.{number}.1"), "prefix_length": 24}]})
            });
            let address = format!("nmstate_ethernet.n{}[\"{name}\"]", key("nic"));
            let arguments = json!({"name": name, "mtu": mtu, "ipv4": ipv4});
            add(address, "nmstate_ethernet", arguments, BTreeSet::new());
        }
        for (index, number) in self.routes.iter().enumerate() {
            let address = format!("nmstate_route.r{}[{index}]", key("route"));
            add(address, "nmstate_route", self.route(*number), BTreeSet::new());
        }
        if let Some((mode, has_route)) = self.service {
            let service = format!("nmstate_mac_vlan.s{}", key("service"));
            let arguments = json!({"name": "mv0", "base_iface": "eth4", "mode": mode,
                "ipv4": {"enabled": true, "dhcp": false,
                    "address": [{"ip": "10.7.0.1", "prefix_length": 24}]}});
            add(service.clone(), "nmstate_mac_vlan", arguments, BTreeSet::new());
            if has_route {
                let arguments = over_service().as_object().cloned().unwrap_or_default();
                let arguments =
                    arguments.into_iter().map(|(key, one)| (key.replace('-', "_"), one));
                let arguments = Json::Object(arguments.collect());
                let refers_to = BTreeSet::from([service]);
                add("nmstate_route.o".to_owned(), "nmstate_route", arguments, refers_to);
            }
        }
        if self.is_state && !self.rules.is_empty() {
            let rules: Vec<Json> =
                self.rules.iter().map(|number| nmstate(&rule(*number))).collect();
            let desired = json!({"route-rules": {"config": rules}}).to_string();
            let arguments = json!({ "desired": { "type": "string", "value": desired } });
            add("nmstate_state.w".to_owned(), "nmstate_state", arguments, BTreeSet::new());
        }
        let alone = if self.is_state { &[] } else { self.rules.as_slice() };
        for (index, number) in alone.iter().enumerate() {
            add(
                format!("nmstate_route_rule.q[{index}]"),
                "nmstate_route_rule",
                rule(*number),
                BTreeSet::new(),
            );
        }
        if let Some(server) = self.dns {
            let arguments = json!({ "server": [format!("192.0.2.{server}")] });
            add(
                "nmstate_dns_resolver.d".to_owned(),
                "nmstate_dns_resolver",
                arguments,
                BTreeSet::new(),
            );
        }
        instances
    }

    /// A route over what no configuration changes; two of them have relatives on the host.
    fn route(&self, number: u8) -> Json {
        json!({"destination": format!("10.{number}.0.0/24"), "next_hop_interface": "eth4",
            "next_hop_address": "192.0.2.1", "metric": self.metric})
    }

    /// What the configuration declares as a document.
    pub(super) fn desired(&self) -> Document {
        let mut interfaces = Vec::new();
        for (name, (ports, mtu)) in &self.bridges {
            let ports: Vec<Json> = ports.iter().map(|port| json!({ "name": port })).collect();
            interfaces.push(json!({"name": name, "type": "linux-bridge", "mtu": mtu,
                "bridge": {"port": ports}}));
        }
        for (name, (mtu, has_address)) in &self.nics {
            let number = &name[3..];
            let ipv4 = has_address.then(|| {
                json!({"enabled": true, "dhcp": false,
                "address": [{"ip": format!("10.8.{number}.1"), "prefix-length": 24}]})
            });
            interfaces.push(json!({"name": name, "type": "ethernet", "mtu": mtu, "ipv4": ipv4}));
        }
        let mut routes: Vec<Json> =
            self.routes.iter().map(|number| nmstate(&self.route(*number))).collect();
        if let Some((mode, has_route)) = self.service {
            interfaces.push(json!({"name": "mv0", "type": "mac-vlan", "state": "up",
                "mac-vlan": {"base-iface": "eth4", "mode": mode},
                "ipv4": {"enabled": true, "dhcp": false,
                    "address": [{"ip": "10.7.0.1", "prefix-length": 24}]}}));
            routes.extend(has_route.then(over_service));
        }
        let rules: Vec<Json> = self.rules.iter().map(|number| nmstate(&rule(*number))).collect();
        let mut tree = json!({"interfaces": interfaces, "routes": {"config": routes},
            "route-rules": {"config": rules}});
        if let Some(server) = self.dns {
            tree["dns-resolver"] = json!({"config": {"server": [format!("192.0.2.{server}")]}});
        }
        Document::from_value(tree).unwrap()
    }

    /// What is declared and not so.
    pub(super) fn missing(&self, host: &Document) -> Option<String> {
        let differences = compare(&self.desired(), host);
        (!differences.is_empty()).then(|| format!("{differences:#?}\nhost: {}", host.to_yaml()))
    }

    /// What was on the host and is not any more, although neither this configuration nor the one
    /// before declares it, and the configurations before did not make it: `foreign` is the host without
    /// any of them.
    pub(super) fn lost(
        &self,
        last: &World,
        foreign: &Document,
        [before, after]: [&Document; 2],
    ) -> Option<String> {
        let declared = |route: &Json| {
            let of = |world: &World| {
                let service = world.service.filter(|(_, has_route)| *has_route);
                let all = world.routes.iter().map(|number| nmstate(&world.route(*number)));
                let all = all.chain(service.map(|_| over_service())).collect::<Vec<_>>();
                all.into_iter().any(|one| has_same(&ROUTE_KEYS, &one, route))
            };
            of(self) || of(last)
        };
        let is_touched = |name: &str| {
            [self, last]
                .iter()
                .any(|world| world.controller(name).is_some() || world.nics.contains_key(name))
        };
        let mut lost = before.routes().filter(|route| {
            let hop = route["next-hop-interface"].as_str().unwrap_or_default();
            let is_foreign = foreign.routes().any(|one| has_same(&ROUTE_KEYS, one, route));
            let is_there = after.routes().any(|one| one == *route);
            is_foreign && !is_touched(hop) && !declared(route) && !is_there
        });
        if let Some(route) = lost.next() {
            return Some(route["destination"].as_str().unwrap_or_default().to_owned());
        }
        let is_rule_declared = |rule: &Json| {
            let numbers = self.rules.iter().chain(&last.rules);
            let mut numbers = numbers.map(|number| 1000 + u32::from(*number));
            numbers.any(|priority| rule["priority"] == priority)
        };
        let mut lost = before.route_rules().filter(|rule| {
            let is_foreign =
                foreign.route_rules().any(|one| has_same(&["ip-from", "priority"], one, rule));
            let is_there = after.route_rules().any(|one| one == *rule);
            is_foreign && !is_rule_declared(rule) && !is_there
        });
        if let Some(rule) = lost.next() {
            return Some(format!("ip-from {}", rule["ip-from"].as_str().unwrap_or_default()));
        }
        let mut lost = before.interfaces().filter(|interface| {
            let name = interface["name"].as_str().unwrap_or_default();
            !is_touched(name)
                && !BRIDGES.contains(&name)
                && name != "mv0"
                && after.interface(name) != Some(interface)
        });
        lost.next().map(|interface| interface["name"].as_str().unwrap_or_default().to_owned())
    }

    /// What of one document another has not.
    pub(super) fn difference(one: &Document, other: &Document) -> String {
        let (before, after) = nmstate_schema::changes::excerpts(one.as_value(), other.as_value());
        format!("{before:#}\nbecame {after:#}")
    }
}

impl fmt::Display for World {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (address, instance) in self.instances() {
            write!(formatter, "\n  {address} {}", instance.arguments)?;
        }
        Ok(())
    }
}

/// What somebody does by hand, and whether it is still there when everything else is gone.
pub(super) fn by_hand(host: &Document, random: &mut Random) -> Option<(Document, bool)> {
    let route = |number: usize, hop: &str, gateway: &str| {
        document(&format!(
            "routes: {{config: [{{destination: 10.2{number}.0.0/24, next-hop-interface: {hop}, \
             next-hop-address: {gateway}, table-id: 254, metric: 60}}]}}"
        ))
    };
    match random.below(4) {
        0 => Some((route(random.below(3), "eth4", "192.0.2.1"), true)),
        1 => {
            host.interface("mv0").map(|_| (route(3 + random.below(3), "mv0", "10.7.0.254"), false))
        }
        _ => None,
    }
}

/// A route over the MAC VLAN.
fn over_service() -> Json {
    json!({"destination": "10.17.0.0/24", "next-hop-interface": "mv0",
        "next-hop-address": "10.7.0.254", "metric": 140})
}

fn rule(number: u8) -> Json {
    json!({"ip_from": format!("10.{number}.0.0/24"), "route_table": 200, "priority": 1000 + u32::from(number)})
}

/// Arguments with nmstate's names.
fn nmstate(arguments: &Json) -> Json {
    let object = arguments.as_object().cloned().unwrap_or_default();
    object.into_iter().map(|(name, value)| (name.replace('_', "-"), value)).collect()
}

fn random_entry<'a, V>(
    map: &'a mut BTreeMap<&'static str, V>,
    random: &mut Random,
) -> Option<(&'a &'static str, &'a mut V)> {
    let length = map.len();
    if length == 0 {
        return None;
    }
    map.iter_mut().nth(random.below(length))
}

/// The keys that tell one route of this world from another.
const ROUTE_KEYS: [&str; 3] = ["destination", "next-hop-interface", "next-hop-address"];

fn has_same(keys: &[&str], one: &Json, other: &Json) -> bool {
    keys.iter().all(|key| one.get(*key) == other.get(*key))
}
