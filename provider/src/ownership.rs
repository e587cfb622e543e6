//! Whose is it: what of a host can be taken over, and what belongs to somebody else.
//!
//! NetworkManager answers that through what nmstate shows. An interface that it does not manage, or
//! that has no profile, is another program's, and with it the routes over it. What a host has
//! learned is the network's.

mod learned;

use std::fmt;

use nmstate_engine::Snapshot;
use nmstate_engine::networkmanager::Configured;
use nmstate_schema::Value as Json;
use nmstate_schema::document::Document;
use nmstate_schema::keys;

use crate::checks::{carriers, touched_interfaces};

/// What the loopback interface has without a profile.
const LOOPBACK: [&str; 2] = ["127.0.0.1", "::1"];

/// A host that was looked at.
pub(crate) struct Seen<'a> {
    /// As it shows itself.
    shown: &'a Document,
    /// The same in canonical form.
    state: &'a Document,
    /// What profiles configure; none when nobody could be asked.
    configured: Option<&'a Configured>,
    /// The interfaces of the connection to the host, where those are to be left alone.
    carriers: Vec<String>,
}

/// Something on a host that is not taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeftOut {
    /// It in words, such as "interface `eth0`".
    pub(crate) what: String,
    /// Why.
    pub(crate) reason: Reason,
}

/// Why something on a host is not taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The connection to the host goes over it.
    Management,
    /// NetworkManager leaves it alone.
    Unmanaged,
    /// It works, and NetworkManager has no profile of it.
    NoProfile,
    /// Nobody has configured it.
    NotConfigured,
    /// It needs an interface that is left out.
    Over(String),
    /// No resource manages interfaces of this type.
    NoResource(String),
    /// Each of its import ids means something else too.
    NoId,
    /// It came from the network.
    Learned,
    /// No profile of NetworkManager has it.
    Foreign,
}

impl<'a> Seen<'a> {
    /// A host of which all is looked at; with `include_management` also what carries the connection.
    pub(crate) fn new(
        snapshot: &'a Snapshot,
        configured: Option<&'a Configured>,
        include_management: bool,
    ) -> Self {
        let management = snapshot.management.as_ref().filter(|_| !include_management);
        let interface = management.and_then(|management| management.interface.as_deref());
        Self::of(&snapshot.state, snapshot.canonical(), configured, interface)
    }

    /// The same of a host's state in both forms.
    pub(crate) fn of(
        shown: &'a Document,
        state: &'a Document,
        configured: Option<&'a Configured>,
        management: Option<&str>,
    ) -> Self {
        let carriers = management.map(|name| carriers(shown, name)).unwrap_or_default();
        Self { shown, state, configured, carriers }
    }

    /// The host's state in canonical form.
    pub(crate) fn state(&self) -> &'a Document {
        self.state
    }

    /// Why an interface is not the user's to manage, if so.
    pub(crate) fn interface_owner(&self, interface: &Json) -> Option<Reason> {
        let text = |key: &str| interface.get(key).and_then(Json::as_str).unwrap_or_default();
        let (state, of_type) = (text("state"), text("type"));
        let is_loopback = of_type == "loopback";
        if !of_type.is_empty() && keys::interface_type(of_type).is_none() {
            Some(Reason::NoResource(of_type.to_owned()))
        } else if is_loopback && !(has_profile(interface) && has_own_address(interface)) {
            Some(Reason::NotConfigured)
        } else if state == "ignore" {
            Some(Reason::Unmanaged)
        } else if !has_profile(interface) {
            Some(if state == "down" { Reason::NotConfigured } else { Reason::NoProfile })
        } else if self.carriers.iter().any(|carrier| carrier == text("name")) {
            Some(Reason::Management)
        } else {
            None
        }
    }

    /// Why a route is not the user's to manage, if so.
    pub(crate) fn route_owner(&self, route: &Json) -> Option<Reason> {
        // One that drops packets needs no interface, although it may be shown with one.
        let drops = route.get("route-type").is_some();
        let name = route.get("next-hop-interface").and_then(Json::as_str).filter(|_| !drops);
        self.left_out_with(name)
            .or_else(|| self.foreign_unless(|configured| configured.has_route(route)))
    }

    /// Why a rule is not the user's to manage, if so.
    pub(crate) fn rule_owner(&self, rule: &Json) -> Option<Reason> {
        let name = rule.get("iif").and_then(Json::as_str).filter(|name| !name.is_empty());
        self.left_out_with(name)
            .or_else(|| self.foreign_unless(|configured| configured.has_rule(rule)))
    }

    fn left_out_with(&self, interface: Option<&str>) -> Option<Reason> {
        let name = interface.filter(|name| self.is_left_out(name))?;
        Some(Reason::Over(name.to_owned()))
    }

    fn foreign_unless(&self, has: impl FnOnce(&Configured) -> bool) -> Option<Reason> {
        self.configured.filter(|configured| !has(configured)).map(|_| Reason::Foreign)
    }

    /// The interfaces that no resource type finds, and what came from the network.
    pub(crate) fn rest(&self) -> Vec<LeftOut> {
        let mut rest = Vec::new();
        for interface in self.state.interfaces() {
            let of_type = interface.get("type").and_then(Json::as_str).unwrap_or_default();
            if keys::interface_type(of_type).is_none() {
                let owner = self.interface_owner(interface);
                let reason = owner.unwrap_or_else(|| Reason::NoResource(of_type.to_owned()));
                let name = interface.get("name").and_then(Json::as_str).unwrap_or_default();
                rest.push(LeftOut { what: format!("interface `{name}`"), reason });
            }
        }
        let state = self.shown;
        let taken = state.interfaces().filter(|one| self.interface_owner(one).is_none());
        rest.extend(learned::addresses(taken));
        rest.extend(learned::routes(state));
        rest.extend(learned::name_servers(state));
        rest
    }

    /// The ports of an interface that are left out themselves. A bond within an Open vSwitch bridge
    /// is no interface.
    pub(crate) fn foreign_ports(&self, interface: &Json) -> Vec<String> {
        let ports = touched_interfaces(interface).into_iter().skip(1).map(|(name, _)| name);
        let is_interface = |name: &String| self.state.interface(name).is_some();
        ports.filter(|name| is_interface(name) && self.is_left_out(name)).collect()
    }

    /// The addresses of an interface that another program has set.
    pub(crate) fn foreign_addresses(&self, interface: &Json) -> Vec<String> {
        let lists = ["/ipv4/address", "/ipv6/address"].map(|list| interface.pointer(list));
        let addresses = lists.into_iter().flatten().filter_map(Json::as_array).flatten();
        let texts = addresses.filter_map(|address| address.get("ip")?.as_str());
        let is_foreign = |text: &&str| {
            !LOOPBACK.contains(text)
                && self.foreign_unless(|configured| configured.has_address(text)).is_some()
        };
        texts.filter(is_foreign).map(str::to_owned).collect()
    }

    /// Whether no interface of this name is the user's; one outside the kernel may share it.
    fn is_left_out(&self, name: &str) -> bool {
        let mut named = self.state.interfaces().filter(|one| one["name"] == name);
        named.all(|one| self.interface_owner(one).is_some())
    }
}

/// True if somebody uses an interface: a card that is down and has no profile is nobody's.
pub(crate) fn is_in_use(interface: &Json) -> bool {
    let state = interface.get("state").and_then(Json::as_str);
    has_profile(interface) || state.is_none_or(|state| state == "up")
}

/// Whether NetworkManager has a profile of an interface: nmstate reads these keys from there alone.
fn has_profile(interface: &Json) -> bool {
    ["identifier", "lldp"].iter().any(|key| interface.get(*key).is_some_and(|one| !one.is_null()))
}

/// Whether the loopback interface has an address beside those that are always there.
fn has_own_address(interface: &Json) -> bool {
    ["ipv4", "ipv6"].iter().any(|family| {
        let list = interface.get(*family).and_then(|family| family.get("address"));
        let addresses = list.and_then(Json::as_array).into_iter().flatten();
        let mut texts = addresses.filter_map(|one| one.get("ip")?.as_str());
        texts.any(|text| !LOOPBACK.contains(&text))
    })
}

impl Reason {
    /// The word for programs.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Reason::Management => "management",
            Reason::Unmanaged => "unmanaged",
            Reason::NoProfile => "no-profile",
            Reason::NotConfigured => "not-configured",
            Reason::Over(_) => "over-left-out",
            Reason::NoResource(_) => "no-resource",
            Reason::NoId => "no-id",
            Reason::Learned => "learned",
            Reason::Foreign => "foreign",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Management => formatter.write_str(
                "the connection to the host goes over it; `--include-management` takes it along",
            ),
            Reason::Unmanaged => formatter.write_str("NetworkManager does not manage it"),
            Reason::NoProfile => formatter
                .write_str("it has no profile of NetworkManager, so another program made it"),
            Reason::NotConfigured => formatter.write_str("nothing is configured on it"),
            Reason::Over(name) => write!(formatter, "it needs `{name}`, which is left out"),
            Reason::NoResource(name) => {
                write!(formatter, "no resource manages interfaces of type `{name}`")
            }
            Reason::NoId => formatter.write_str("no import id means it alone"),
            Reason::Learned => formatter.write_str("the network gave it"),
            Reason::Foreign => formatter
                .write_str("no profile of NetworkManager has it, so another program made it"),
        }
    }
}

#[cfg(test)]
mod tests {
    use nmstate_schema::canonical::canonical;

    use super::*;

    /// What is left out of a host that is managed over `bond0`, one a line.
    fn left_out(text: &str) -> Vec<String> {
        let shown = Document::parse(text).unwrap();
        let state = canonical(&shown);
        let seen = Seen::of(&shown, &state, None, Some("bond0"));
        let interfaces = state.interfaces().filter_map(|one| {
            let name = one["name"].as_str().unwrap_or_default();
            Some(format!("{name}: {}", seen.interface_owner(one)?.word()))
        });
        let routes = state.routes().filter_map(|one| {
            let name = one["destination"].as_str().unwrap_or_default();
            Some(format!("{name}: {}", seen.route_owner(one)?.word()))
        });
        let mut all: Vec<String> = interfaces.chain(routes).collect();
        all.extend(
            seen.rest().into_iter().filter(|one| one.reason == Reason::Learned).map(|one| one.what),
        );
        all
    }

    #[test]
    fn what_networkmanager_has_no_profile_of_is_another_programs() {
        let found = left_out(
            "
interfaces:
- {name: br0, type: linux-bridge, state: up, identifier: name}
- {name: cali1, type: veth, state: ignore}
- {name: docker0, type: linux-bridge, state: up}
- {name: eth1, type: ethernet, state: up, lldp: {enabled: false}}
- {name: eth2, type: ethernet, state: down}
- {name: eth3, type: ethernet, state: down, identifier: mac-address}
- {name: lo, type: loopback, state: up, identifier: name, ipv4: {address: [{ip: 127.0.0.1, prefix-length: 8}]}}
- {name: tun0, type: tun, state: ignore}
routes: {config: [
  {destination: 10.1.0.0/16, next-hop-interface: br0, next-hop-address: 192.0.2.254},
  {destination: 10.2.0.0/16, next-hop-interface: docker0},
  {destination: 10.3.0.0/16, next-hop-interface: gone0},
  {destination: '2001:db8::/32', next-hop-interface: lo, route-type: blackhole}]}
",
        );
        let expected = [
            "cali1: unmanaged",
            "docker0: no-profile",
            "eth2: not-configured",
            "lo: not-configured",
            "tun0: no-resource",
            "10.2.0.0/16: over-left-out",
            "10.3.0.0/16: over-left-out",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn the_connection_takes_along_what_it_stands_on() {
        let found = left_out(
            "
interfaces:
- {name: bond0, type: bond, state: up, identifier: name, link-aggregation: {port: [eth0]}}
- {name: eth0, type: ethernet, state: up, identifier: name, controller: bond0}
- {name: bond0.5, type: vlan, state: up, identifier: name, vlan: {base-iface: bond0, id: 5}}
- {name: lo, type: loopback, state: up, identifier: name, ipv4: {address: [{ip: 192.0.2.1, prefix-length: 32}]}}
routes: {config: [{destination: 0.0.0.0/0, next-hop-interface: bond0, next-hop-address: 192.0.2.254}]}
",
        );
        assert_eq!(found, ["bond0: management", "eth0: management", "0.0.0.0/0: over-left-out"]);
    }

    #[test]
    fn what_the_network_gave_is_told() {
        let found = left_out(
            "
interfaces:
- name: eth1
  type: ethernet
  state: up
  identifier: name
  ipv4: {dhcp: true, address: [{ip: 192.0.2.7, prefix-length: 24, valid-life-time: 600sec}]}
  ipv6: {autoconf: true, address: [
    {ip: '2001:db8::7', prefix-length: 64, protocol: ra},
    {ip: 'fe80::7', prefix-length: 64, protocol: kernel_ll}]}
routes:
  config: [{destination: 10.0.0.0/8, next-hop-interface: eth1, next-hop-address: 192.0.2.254}]
  running: [
    {destination: 10.0.0.0/8, next-hop-interface: eth1, next-hop-address: 192.0.2.254},
    {destination: 0.0.0.0/0, next-hop-interface: eth1, next-hop-address: 192.0.2.254}]
dns-resolver: {running: {server: [192.0.2.53, 192.0.2.54]}, config: {server: [192.0.2.53]}}
",
        );
        let expected = [
            "address `192.0.2.7` of `eth1`",
            "address `2001:db8::7` of `eth1`",
            "1 route over `eth1`",
            "name server `192.0.2.54`",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_no_profile_has_is_told_once_profiles_are_known() {
        let text = "
interfaces:
- {name: br0, type: linux-bridge, state: up, identifier: name, bridge: {port: [{name: vnet0}]},
   ipv4: {enabled: true, address: [{ip: 192.0.2.99, prefix-length: 32}]}}
- {name: vnet0, type: tun, state: ignore}
routes: {config: [{destination: 10.1.0.0/16, next-hop-interface: br0}]}
route-rules: {config: [{priority: 100, ip-from: 192.0.2.0/24, route-table: 100}]}
";
        let shown = Document::parse(text).unwrap();
        let state = canonical(&shown);
        let none = Configured::default();
        for (configured, owner) in [(Some(&none), Some(Reason::Foreign)), (None, None)] {
            let seen = Seen::of(&shown, &state, configured, None);
            assert_eq!(state.routes().map(|one| seen.route_owner(one)).next(), Some(owner.clone()));
            assert_eq!(state.route_rules().map(|one| seen.rule_owner(one)).next(), Some(owner));
            let bridge = state.interface("br0").unwrap();
            assert_eq!(seen.foreign_ports(bridge), ["vnet0"]);
            let addresses = seen.foreign_addresses(bridge);
            assert_eq!(addresses.len(), usize::from(configured.is_some()), "{addresses:?}");
        }
    }
}
