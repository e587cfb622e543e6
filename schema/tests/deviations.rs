//! Where our verdict parts from that of nmstate's `gen_diff`, and why. A parting that none of
//! these explains is a mistake in one of the two, and one of these that never occurs has to go.

use std::collections::BTreeMap;

use nmstate_schema::Value;
use nmstate_schema::canonical::canonical;
use nmstate_schema::generated::number;
use nmstate_schema::keys::{Access, INTERFACE, Key, Kind};
use serde_json::json;

use crate::agreement::tree;

/// Who sees a difference that the other does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Nmstate,
    Ours,
}

/// A path that only one of the two calls different.
pub(crate) struct Parting<'a> {
    pub(crate) side: Side,
    pub(crate) path: &'a str,
    /// The interface as it is desired, in any spelling.
    pub(crate) desired: &'a Value,
    /// The interface as `show` prints it; null when it is not there.
    pub(crate) current: &'a Value,
}

pub(crate) struct Deviation {
    side: Side,
    reason: &'static str,
    /// Asked only about partings of this side.
    explains: fn(&Parting<'_>) -> bool,
}

use Side::{Nmstate, Ours};

/// Of the keys of an interface.
pub(crate) const INTERFACES: &[Deviation] = &[
    Deviation {
        side: Nmstate,
        reason: "`state: absent`, or `down` where that removes it, of what is not there",
        explains: |parting| {
            parting.current.is_null() && matches!(text(parting.desired, "state"), "absent" | "down")
        },
    },
    Deviation {
        side: Nmstate,
        reason: "settings beside `state: down`, which nothing has while it is down",
        explains: |parting| {
            parting.path == "state"
                && text(parting.desired, "state") == "down"
                && text(parting.current, "state") == "down"
        },
    },
    Deviation {
        side: Nmstate,
        reason: "keys that are only applied: `show` never prints them",
        explains: |parting| parting.key().is_some_and(|key| key.access == Access::WriteOnly),
    },
    Deviation {
        side: Nmstate,
        reason: "a bridge of Open vSwitch of which no ports are given gets one of its own name",
        explains: |parting| parting.path == "bridge.port" && is_empty(&parting.wanted()),
    },
    Deviation {
        side: Nmstate,
        reason: "an empty mapping or list asks for nothing where the host has none",
        explains: |parting| {
            is_empty(&parting.wanted()) && parting.found().is_none_or(|found| is_empty(&found))
        },
    },
    Deviation {
        side: Nmstate,
        reason: "the default of a key that `show` leaves out when it has that",
        explains: |parting| {
            parting.key().is_some_and(|key| {
                let default = key.default.map(|default| match parting.desired {
                    Value::Object(map) => default.value(map),
                    _ => Value::Null,
                });
                parting.found().is_none() && default.as_ref() == Some(&parting.wanted())
            })
        },
    },
    Deviation {
        side: Nmstate,
        reason: "further names are only added, and taken away by `state: absent`",
        explains: |parting| parting.path == "alt-names",
    },
    Deviation {
        side: Nmstate,
        reason: "the order of addresses: nmstate's own verification sorts them",
        explains: |parting| {
            parting.path.ends_with(".address") && parting.found() == Some(parting.wanted())
        },
    },
    Deviation {
        side: Nmstate,
        reason: "what `gen_diff` prints of every VLAN for its reader",
        explains: |parting| {
            matches!(parting.path, "vlan.base-iface" | "vlan.id")
                && parting.found() == Some(parting.wanted())
        },
    },
    Deviation {
        side: Nmstate,
        reason: "keys that nmstate always writes, given or not",
        explains: |parting| {
            matches!(parting.path, "ip-tunnel.mode" | "libreswan.nm-auto-defaults")
                && (parting.wanted().is_null() || parting.found() == Some(parting.wanted()))
        },
    },
    Deviation {
        side: Nmstate,
        reason: "virtual functions that are not given are filled up",
        explains: |parting| parting.path.starts_with("ethernet.sr-iov."),
    },
    Deviation {
        side: Nmstate,
        reason: "the order of a bond's targets, which are all asked",
        explains: |parting| {
            parting.path == "link-aggregation.options.ns_ip6_target"
                && parting.found() == Some(parting.wanted())
        },
    },
    Deviation {
        side: Nmstate,
        reason: "a port has no addresses to wait for",
        explains: |parting| parting.path == "wait-ip" && parting.found() == Some(parting.wanted()),
    },
    Deviation {
        side: Nmstate,
        reason: "what is negotiated; nmstate's own verification leaves it out",
        explains: |parting| {
            matches!(parting.path, "ethernet.speed" | "ethernet.duplex")
                && parting.current["ethernet"]["auto-negotiation"] == true
        },
    },
    Deviation {
        side: Nmstate,
        reason: "what is left out beside a family that is given becomes the default",
        explains: |parting| parting.is_family() && parting.wanted().is_null(),
    },
    Deviation {
        side: Nmstate,
        reason: "what has no effect beside the other keys of its family",
        explains: |parting| parting.is_family() && parting.is_ineffective(),
    },
    Deviation {
        side: Nmstate,
        reason: "a metric of -1 is left to NetworkManager; nmstate gives it that of the prefixes",
        explains: |parting| {
            parting.path == "ipv4.auto-route-metric" && parting.wanted() == json!(-1)
        },
    },
    Deviation {
        side: Ours,
        reason: "settings of a family that is off, where the document leaves `enabled` out: \
                 nmstate ignores them without a word",
        explains: |parting| {
            let family = parting.path.split('.').next().unwrap_or_default();
            parting.is_family()
                && parting.desired[family].get("enabled").is_none()
                && parting.current[family]["enabled"] == false
        },
    },
    Deviation {
        side: Ours,
        reason: "an empty mapping purges the columns of Open vSwitch",
        explains: |parting| parting.path == "ovs-db" && is_empty(&parting.wanted()),
    },
];

/// Of everything else; the path is the top-level key.
pub(crate) const REST: &[Deviation] = &[
    Deviation {
        side: Nmstate,
        reason: "a route of which the document leaves out what the host has, such as the table",
        explains: |parting| parting.path == "routes" && !is_absent(parting.desired),
    },
    Deviation {
        side: Ours,
        reason: "the metric of a route, which nmstate neither compares nor changes",
        explains: |parting| parting.path == "routes" && parting.has_another_metric(),
    },
    Deviation {
        side: Nmstate,
        reason: "the metric of a route to remove: nmstate removes those of another metric too",
        explains: |parting| {
            parting.path == "routes" && is_absent(parting.desired) && parting.has_another_metric()
        },
    },
    Deviation {
        side: Ours,
        reason: "a key that the route of the host has not, which `gen_diff` does not look at",
        explains: |parting| {
            let keys = parting.desired.as_object().into_iter().flatten();
            parting.path == "routes"
                && keys.into_iter().any(|(name, _)| parting.current.get(name).is_none())
        },
    },
    Deviation {
        side: Nmstate,
        reason: "a rule of which the document leaves out what the host has, such as the priority",
        explains: |parting| parting.path == "route-rules" && !is_absent(parting.desired),
    },
    Deviation {
        side: Ours,
        reason: "the interface that a rule is for, which nmstate does not compare",
        explains: |parting| {
            parting.path == "route-rules"
                && text(parting.desired, "iif") != text(parting.current, "iif")
        },
    },
    Deviation {
        side: Ours,
        reason: "the removal of a rule, which `gen_diff` takes for the rule",
        explains: |parting| parting.path == "route-rules" && is_absent(parting.desired),
    },
    Deviation {
        side: Nmstate,
        reason: "the order of DNS options: nmstate's own verification sorts them",
        explains: |parting| parting.path == "dns-resolver",
    },
    Deviation {
        side: Nmstate,
        reason: "one of the two host names without the other",
        explains: |parting| {
            parting.path == "hostname"
                && !["running", "config"].iter().all(|name| parting.desired.get(name).is_some())
        },
    },
    Deviation {
        side: Nmstate,
        reason: "global columns of Open vSwitch, which `gen_diff` prints whenever they are given",
        explains: |parting| parting.path == "ovs-db",
    },
];

fn is_absent(entry: &Value) -> bool {
    entry["state"] == "absent"
}

/// What the documents made from the table meet too seldom: an interface as desired, and as shown.
pub(crate) const SELDOM: &[(&str, &str)] = &[
    (
        "{name: sub0, type: bond, state: up, link-aggregation: {mode: active-backup, options: \
          {arp_interval: 100, ns_ip6_target: ['2001:db8::2', '2001:db8::1']}}}",
        "{name: sub0, type: bond, state: up, link-aggregation: {mode: active-backup, options: \
          {arp_interval: 100, ns_ip6_target: ['2001:db8::1', '2001:db8::2']}}}",
    ),
    (
        "{name: sub0, type: ethernet, state: up, ethernet: {auto-negotiation: true, speed: 100}}",
        "{name: sub0, type: ethernet, state: up, ethernet: {auto-negotiation: true, speed: 1000}}",
    ),
    (
        "{name: sub0, type: dummy, state: up, ipv4: {enabled: true, dhcp: true, \
          auto-route-metric: -1, prefix-route-metric: 7}}",
        "{name: sub0, type: dummy, state: up, mtu: 1500, ipv4: {enabled: true, dhcp: true, \
          auto-route-metric: -1, prefix-route-metric: 7}}",
    ),
];

impl Parting<'_> {
    /// The interfaces in normal form.
    fn normal(interface: &Value) -> Value {
        canonical(&tree(&json!({ "interfaces": [interface] }))).into_value()["interfaces"][0].take()
    }

    fn has_another_metric(&self) -> bool {
        let [desired, current] = [self.desired, self.current];
        desired.get("metric").and_then(number) != current.get("metric").and_then(number)
    }

    fn wanted(&self) -> Value {
        at(&Self::normal(self.desired), self.path).cloned().unwrap_or_default()
    }

    fn found(&self) -> Option<Value> {
        at(&Self::normal(self.current), self.path).cloned()
    }

    fn key(&self) -> Option<&'static Key> {
        let interface_type = self.desired["type"].as_str();
        let mut section = &INTERFACE;
        let mut found = None;
        for name in self.path.split('.') {
            let key = section.key_for(name, interface_type)?;
            found = Some(key);
            if let Kind::Section(inner) = key.kind {
                section = inner;
            }
        }
        found
    }

    /// Whether the key is void beside the others: the family is off, or asks no server.
    fn is_ineffective(&self) -> bool {
        let (family, key) = self.path.split_once('.').unwrap_or_default();
        let (wanted, found) = (Self::normal(self.desired), Self::normal(self.current));
        let value = |name: &str| wanted[family].get(name).or_else(|| found[family].get(name));
        let is_on = |name: &str| value(name) == Some(&Value::Bool(true));
        let is_sent = value("dhcp-send-hostname") != Some(&Value::Bool(false));
        !is_on("enabled")
            || (key.starts_with("auto-") && !is_on("dhcp") && !is_on("autoconf"))
            || (key.starts_with("dhcp-") && !is_on("dhcp"))
            || (key == "dhcp-custom-hostname" && !is_sent)
    }

    fn is_family(&self) -> bool {
        self.path.starts_with("ipv4.") || self.path.starts_with("ipv6.")
    }
}

fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, name| value.get(name))
}

fn text<'a>(interface: &'a Value, name: &str) -> &'a str {
    interface[name].as_str().unwrap_or_default()
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.values().all(is_empty),
        _ => false,
    }
}

/// What has been explained by what.
pub(crate) struct Tally {
    known: &'static [Deviation],
    seen: BTreeMap<&'static str, usize>,
    unexplained: BTreeMap<String, (usize, String)>,
}

impl Tally {
    pub(crate) fn new(known: &'static [Deviation]) -> Tally {
        Tally { known, seen: BTreeMap::new(), unexplained: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, parting: &Parting<'_>) {
        let known =
            self.known.iter().find(|known| known.side == parting.side && (known.explains)(parting));
        if let Some(known) = known {
            *self.seen.entry(known.reason).or_default() += 1;
            return;
        }
        let place = format!("{:?} {}", parting.side, parting.path);
        let top = parting.path.split('.').next().unwrap_or_default();
        let [desired, current] = [parting.desired, parting.current]
            .map(|interface| interface.get(top).unwrap_or(interface));
        let text = format!("desired {desired} current {current}");
        let entry = self.unexplained.entry(place).or_insert_with(|| (0, text.clone()));
        entry.0 += 1;
        if text.len() < entry.1.len() {
            entry.1 = text;
        }
    }

    /// Fails with all that is not explained, and with what explains nothing.
    pub(crate) fn settle(self) {
        assert!(self.unexplained.is_empty(), "not explained: {:#?}", self.unexplained);
        let reasons = self.known.iter().map(|known| known.reason);
        let idle: Vec<_> = reasons.filter(|reason| !self.seen.contains_key(reason)).collect();
        assert!(idle.is_empty(), "no longer so: {idle:#?}");
    }
}
