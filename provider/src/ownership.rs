//! Whose is it: what of a host can be taken over, and what belongs to somebody else.
//!
//! NetworkManager answers that through what nmstate shows. An interface that it does not manage, or
//! that has no profile, is another program's, and with it the routes over it. What a host has
//! learned is the network's.

mod learned;

use std::fmt;

use nmstate_engine::Snapshot;
use nmstate_schema::Value as Json;
use nmstate_schema::document::Document;
use nmstate_schema::keys;

use crate::checks::{carriers, touched_interfaces};

/// What the loopback interface has without a profile.
const LOOPBACK: [&str; 2] = ["127.0.0.1", "::1"];

/// A host that was looked at.
pub(crate) struct Seen<'a> {
    snapshot: &'a Snapshot,
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
    /// The kernel says that another program has set it.
    Foreign,
}

impl<'a> Seen<'a> {
    /// A host of which all is looked at; with `include_management` also what carries the connection.
    pub(crate) fn new(snapshot: &'a Snapshot, include_management: bool) -> Self {
        let management = snapshot.management.as_ref().filter(|_| !include_management);
        let interface = management.and_then(|management| management.interface.as_deref());
        let carriers = interface.map(|name| carriers(&snapshot.state, name)).unwrap_or_default();
        Self { snapshot, carriers }
    }

    /// The host's state in canonical form.
    pub(crate) fn state(&self) -> &'a Document {
        self.snapshot.canonical()
    }

    /// Why an interface is not the user's to manage, if so.
    pub(crate) fn interface_owner(&self, interface: &Json) -> Option<Reason> {
        let text = |key: &str| interface.get(key).and_then(Json::as_str).unwrap_or_default();
        let (state, of_type) = (text("state"), text("type"));
        let is_loopback = of_type == "loopback";
        if is_loopback && !(has_profile(interface) && has_own_address(interface)) {
            Some(Reason::NotConfigured)
        } else if state == "ignore" {
            Some(Reason::Unmanaged)
        } else if !has_profile(interface) {
            Some(if state == "down" { Reason::NotConfigured } else { Reason::NoProfile })
        } else if self.carriers.iter().any(|carrier| carrier == text("name")) {
            Some(Reason::Management)
        } else if keys::interface_type(of_type).is_none() {
            Some(Reason::NoResource(of_type.to_owned()))
        } else {
            None
        }
    }

    /// Why a route is not the user's to manage, if so.
    pub(crate) fn route_owner(&self, route: &Json) -> Option<Reason> {
        // One that drops packets needs no interface, although it may be shown with one.
        if route.get("route-type").is_some() {
            return None;
        }
        let name = route.get("next-hop-interface").and_then(Json::as_str)?;
        self.is_left_out(name).then(|| Reason::Over(name.to_owned()))
    }

    /// Why a rule is not the user's to manage, if so.
    pub(crate) fn rule_owner(&self, rule: &Json) -> Option<Reason> {
        let name = rule.get("iif").and_then(Json::as_str).filter(|name| !name.is_empty())?;
        self.is_left_out(name).then(|| Reason::Over(name.to_owned()))
    }

    /// The interfaces that no resource type finds, and what came from the network.
    pub(crate) fn rest(&self) -> Vec<LeftOut> {
        let mut rest = Vec::new();
        for interface in self.state().interfaces() {
            let of_type = interface.get("type").and_then(Json::as_str).unwrap_or_default();
            if keys::interface_type(of_type).is_none()
                && let Some(reason) = self.interface_owner(interface)
            {
                let name = interface.get("name").and_then(Json::as_str).unwrap_or_default();
                rest.push(LeftOut { what: format!("interface `{name}`"), reason });
            }
        }
        let state = &self.snapshot.state;
        let taken = state.interfaces().filter(|one| self.interface_owner(one).is_none());
        rest.extend(learned::addresses(taken));
        rest.extend(learned::routes(state));
        rest.extend(learned::name_servers(state));
        rest
    }

    /// The ports of an interface that are left out themselves.
    pub(crate) fn foreign_ports(&self, interface: &Json) -> Vec<String> {
        let ports = touched_interfaces(interface).into_iter().skip(1).map(|(name, _)| name);
        ports.filter(|name| self.is_left_out(name)).collect()
    }

    /// Whether no interface of this name is the user's; one outside the kernel may share it.
    fn is_left_out(&self, name: &str) -> bool {
        let mut named = self.state().interfaces().filter(|one| one["name"] == name);
        named.all(|one| self.interface_owner(one).is_some())
    }
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
            Reason::Foreign => formatter.write_str("another program has set it"),
        }
    }
}
