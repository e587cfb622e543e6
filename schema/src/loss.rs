//! Losses of others in a change: what a host had before it, has not after it, and nobody asked for.
//!
//! An interface that is made anew, a profile that is activated again or a base that gets smaller
//! changes more than the document says. Both looks at the host are there, so nothing of that has to
//! go without a word. What stood on an interface that was taken away comes back with it
//! ([`Losses::kept`]); the rest is said.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::canonical::{canonical, settable};
use crate::declared::Declared;
use crate::document::Document;
use crate::list::List;
use crate::lookup::{self, Index};
use crate::undo::{Step, Undo};

/// What is gone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Losses {
    /// What nobody asked for.
    pub unasked: Vec<Loss>,
    /// What comes back with the interface that it stood on, once that is there again.
    pub kept: Undo,
}

/// Something that was there before a change and is not after it.
#[derive(Debug, Clone, PartialEq)]
pub enum Loss {
    /// An interface that is gone, or is not up any more.
    Interface(String),
    /// An address, with its prefix length.
    Address {
        /// Whose it was.
        interface: String,
        /// As `192.0.2.1/24`.
        address: String,
    },
    /// The MTU of an interface.
    Mtu {
        /// Whose it is.
        interface: String,
        /// What it was, in bytes.
        before: u64,
        /// What it is, in bytes.
        after: u64,
    },
    /// A port that its controller has lost.
    Port {
        /// The interface that is no port any more.
        port: String,
        /// Its controller of before.
        controller: String,
    },
    /// An entry of a list.
    Entry {
        /// Of which list.
        list: List,
        /// All that it was.
        entry: Value,
        /// The interface that it went with.
        with: Option<String>,
    },
    /// A section that a host has once.
    Setting(String),
}

impl Loss {
    /// What it is, without how it went.
    #[must_use]
    pub fn thing(&self) -> String {
        match self {
            Loss::Interface(name) => format!("interface `{name}`"),
            Loss::Address { address, .. } => format!("address `{address}`"),
            Loss::Mtu { before, .. } => format!("mtu `{before}`"),
            Loss::Port { port, .. } => format!("port `{port}`"),
            Loss::Entry { list, entry, .. } => list.label(entry),
            Loss::Setting(name) => format!("`{name}`"),
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Loss::Interface(name) => {
                write!(formatter, "interface `{name}` is not up any more since the change")
            }
            Loss::Address { interface, address } => {
                write!(formatter, "address `{address}` of `{interface}` went with the change")
            }
            Loss::Mtu { interface, before, after } => write!(
                formatter,
                "the mtu of `{interface}` went from `{before}` to `{after}` with the change"
            ),
            Loss::Port { port, controller } => {
                write!(formatter, "`{port}` is not a port of `{controller}` any more")
            }
            Loss::Entry { list, entry, with: Some(name) } => {
                write!(formatter, "{} went with interface `{name}`", list.label(entry))
            }
            Loss::Entry { list, entry, with: None } => {
                write!(formatter, "{} went with the change", list.label(entry))
            }
            Loss::Setting(name) => write!(formatter, "`{name}` is another one since the change"),
        }
    }
}

/// What a change to `asked` took from a host that was in state `before` and is in state `after`.
#[must_use]
pub fn losses(asked: &Document, before: &Document, after: &Document) -> Losses {
    let (before, after) = (canonical(before), canonical(after));
    let named = lookup::with_kernel_names(&canonical(asked), &before);
    let asked = Declared::of([&named], &before);
    let removed = |name: &str| {
        named
            .interfaces()
            .any(|one| one["name"] == name && (one["state"] == "absent" || one["state"] == "down"))
    };
    let looking = Looking {
        asked: &asked,
        removed: &removed,
        after: &Index::of(&after),
        losses: Losses::default(),
    };
    looking.at(&before, &after)
}

/// What interfaces lose that a change to `asked` makes ports, by the port: a port has neither addresses
/// nor routes.
#[must_use]
pub fn as_ports(asked: &Document, before: &Document) -> Vec<(String, Vec<Loss>)> {
    let before = canonical(before);
    let named = lookup::with_kernel_names(&canonical(asked), &before);
    let asked = Declared::of([&named], &before);
    let becomes = before.interfaces().filter_map(Value::as_object).filter_map(|one| {
        let name = one.get("name")?.as_str()?;
        let controller = asked.controller_of(name)?;
        let now = one.get("controller").and_then(Value::as_str).unwrap_or_default();
        let is_new = now != controller && one.get("state").is_some_and(|state| state == "up");
        is_new.then_some((name, one))
    });
    let lost = becomes.map(|(name, one)| {
        let addresses = ["ipv4", "ipv6"].into_iter().flat_map(|family| addresses(one, family));
        let addresses =
            addresses.map(|address| Loss::Address { interface: name.to_owned(), address });
        let routes = before.routes().filter(|route| route["next-hop-interface"] == name);
        let routes = routes.map(|route| Loss::Entry {
            list: List::Routes,
            entry: settable(List::Routes.section(), route),
            with: None,
        });
        (name.to_owned(), addresses.chain(routes).collect::<Vec<_>>())
    });
    lost.filter(|(_, lost)| !lost.is_empty()).collect()
}

struct Looking<'a> {
    asked: &'a Declared,
    removed: &'a dyn Fn(&str) -> bool,
    after: &'a Index<'a>,
    losses: Losses,
}

impl Looking<'_> {
    fn at(mut self, before: &Document, after: &Document) -> Losses {
        for interface in before.interfaces().filter(|one| one["state"] == "up") {
            self.interface(interface);
        }
        for list in List::ALL {
            let is_left = |found: &&Value| {
                list.entries(after).any(|one| {
                    list.section().identity.iter().all(|key| one.get(*key) == found.get(*key))
                })
            };
            for gone in list.entries(before).filter(|found| !is_left(found)) {
                self.entry(list, gone);
            }
        }
        let config = |document: &Document| document.dns().cloned().unwrap_or_default();
        let is_any = config(before).as_object().is_some_and(|one| !one.is_empty());
        if is_any && config(before) != config(after) && !self.asked.has_setting("dns-resolver") {
            self.losses.unasked.push(Loss::Setting("dns-resolver".to_owned()));
        }
        self.losses
    }

    fn interface(&mut self, before: &Value) {
        let Some(own) = before.as_object() else { return };
        let name = before["name"].as_str().unwrap_or_default();
        let found = self.after.find(own).filter(|found| found.get("state") == own.get("state"));
        let is_removed = (self.removed)(name);
        self.ports(before, found.filter(|_| !is_removed));
        if is_removed {
            return;
        }
        let Some(found) = found else {
            if !self.goes_with_another(own) {
                self.losses.unasked.push(Loss::Interface(name.to_owned()));
            }
            return;
        };
        let is_port = self.asked.controller_of(name).is_some();
        let declared: Vec<&Map<String, Value>> = self.asked.of_interface(before).collect();
        if is_port || declared.iter().any(|one| one.contains_key("controller")) {
            return;
        }
        let mut unasked = Vec::new();
        for family in ["ipv4", "ipv6"] {
            let said = |one: &&&Map<String, Value>| one.get(family).is_some_and(decides);
            if declared.iter().any(|one| said(&one)) {
                continue;
            }
            let left = addresses(found, family);
            let gone = addresses(own, family).into_iter().filter(|one| !left.contains(one));
            unasked
                .extend(gone.map(|address| Loss::Address { interface: name.to_owned(), address }));
        }
        let mtu = |one: &Map<String, Value>| one.get("mtu").and_then(Value::as_u64);
        let is_said = declared.iter().any(|one| one.contains_key("mtu"));
        if let (Some(before), Some(after), false) = (mtu(own), mtu(found), is_said)
            && (after < before || declared.is_empty())
            && after != before
        {
            unasked.push(Loss::Mtu { interface: name.to_owned(), before, after });
        }
        self.losses.unasked.extend(unasked);
    }

    /// True if it is a part of something that was to go: the other end of a cable, or what lives in
    /// an Open vSwitch bridge.
    fn goes_with_another(&self, own: &Map<String, Value>) -> bool {
        let peer = own.get("veth").and_then(|veth| veth.get("peer"));
        let controller = own.get("type").filter(|of_type| *of_type == "ovs-interface");
        let controller = controller.and_then(|_| own.get("controller"));
        let others = [peer, controller, own.get("name")].into_iter().flatten();
        others.filter_map(Value::as_str).any(|name| (self.removed)(name))
    }

    /// The ports that a controller has lost; `found` is what it is now.
    fn ports(&mut self, before: &Value, found: Option<&Map<String, Value>>) {
        let Some(found) = found else { return };
        let controller = before["name"].as_str().unwrap_or_default();
        let left = lookup::ports(&Value::Object(found.clone()));
        let lists = self
            .asked
            .of_interface(before)
            .any(|one| !lookup::ports(&Value::Object(one.clone())).is_empty() || says_ports(one));
        for port in lookup::ports(before).into_iter().filter(|port| !left.contains(port)) {
            let identity = json!({ "name": port });
            let is_said =
                self.asked.of_interface(&identity).any(|one| one.contains_key("controller"));
            if lists || is_said || self.asked.controller_of(&port).is_some() {
                continue;
            }
            let controller = controller.to_owned();
            if (self.removed)(&port) {
                self.keep(Step::KeepPort { port, controller });
            } else {
                self.losses.unasked.push(Loss::Port { port, controller });
            }
        }
    }

    fn entry(&mut self, list: List, gone: &Value) {
        let hop = gone.get("next-hop-interface").and_then(Value::as_str);
        let leads_over_port = hop.is_some_and(|hop| self.asked.controller_of(hop).is_some());
        if leads_over_port || self.asked.takes_away(list, gone) {
            return;
        }
        let with = hop.filter(|hop| (self.removed)(hop)).map(str::to_owned);
        let entry = settable(list.section(), gone);
        if with.is_some() || list == List::RouteRules {
            self.keep(Step::KeepEntry { list, entry: entry.clone() });
        }
        self.losses.unasked.push(Loss::Entry { list, entry, with });
    }

    fn keep(&mut self, step: Step) {
        self.losses.kept = std::mem::take(&mut self.losses.kept).and(Undo::of([step]));
    }
}

/// True if what is said of a family decides over all its addresses. Those of other programs may be
/// tolerated, and go all the same when NetworkManager applies a profile anew.
fn decides(family: &Value) -> bool {
    if family.get("allow-extra-address").is_some_and(|allow| *allow == true) {
        return false;
    }
    ["address", "dhcp", "autoconf"].iter().any(|key| family.get(*key).is_some())
        || family.get("enabled").is_some_and(|enabled| *enabled == false)
}

fn addresses(interface: &Map<String, Value>, family: &str) -> Vec<String> {
    let all = interface.get(family).and_then(|section| section["address"].as_array());
    all.into_iter()
        .flatten()
        .filter_map(|one| Some(format!("{}/{}", one["ip"].as_str()?, one["prefix-length"])))
        .collect()
}

/// True if a controller is declared with a list of ports, be it an empty one.
fn says_ports(interface: &Map<String, Value>) -> bool {
    let mut sections = interface.values().filter_map(Value::as_object);
    sections.any(|section| ["port", "ports", "port1"].iter().any(|key| section.contains_key(*key)))
}

#[cfg(test)]
mod tests;
