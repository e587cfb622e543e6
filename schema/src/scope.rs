//! What a document asks for beyond what it mentions.
//!
//! nmstate merges: what a document leaves out stays. Who wants more says so in three steps, each
//! a document that nmstate merges again: what is listed is `replaced` as a whole, everything is
//! `overridden` by what is listed, or what is listed is `deleted`. Such a document names what goes
//! away, so a comparison with the host says exactly what would change, and nothing the second time.

use serde_json::{Map, Value, json};

use crate::canonical::{canonical, section_value, settable};
use crate::document::Document;
use crate::finding::Finding;
use crate::keys::{INTERFACE, Key, Kind, ROUTE, ROUTE_RULE, Section};
use crate::lookup::{self, Index};
use crate::path::Path;

/// How far a document reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scope {
    /// What is mentioned; everything else stays.
    #[default]
    Merged,
    /// What is listed, as a whole: settings of a listed interface that are not mentioned go back
    /// to their defaults; with `routes`, other static routes over the interfaces of the listed
    /// ones go; with `route-rules`, other rules go.
    Replaced,
    /// Everything: as `Replaced`, and interfaces, routes, rules and DNS settings that are not
    /// listed go.
    Overridden,
    /// What is listed goes.
    Deleted,
}

/// What belongs to an interface whatever is configured: its identity, what its controller decides,
/// and hardware facts without a default that would hold for every card.
const KEPT: [&str; 10] = [
    "name",
    "type",
    "state",
    "identifier",
    "profile-name",
    "mac-address",
    "pci-address",
    "mtu",
    "controller",
    "alt-names",
];

impl Scope {
    /// The document that nmstate can merge, for a host in state `current`.
    ///
    /// # Errors
    /// What cannot be deleted.
    pub fn reach(self, desired: &Document, current: &Document) -> Result<Document, Vec<Finding>> {
        match self {
            Scope::Merged => Ok(desired.clone()),
            Scope::Replaced | Scope::Overridden => {
                let current = canonical(current);
                let wanted = lookup::with_kernel_names(&canonical(desired), &current);
                let everything = self == Scope::Overridden;
                Ok(Reach {
                    wanted: &wanted,
                    current: &current,
                    shown: Index::of(&current),
                    everything,
                }
                .extend(desired))
            }
            Scope::Deleted => deleted(desired),
        }
    }
}

struct Reach<'a> {
    /// What is desired, in normal form.
    wanted: &'a Document,
    /// The host, in normal form.
    current: &'a Document,
    shown: Index<'a>,
    everything: bool,
}

impl Reach<'_> {
    fn extend(&self, desired: &Document) -> Document {
        let mut tree = desired.as_value().as_object().cloned().unwrap_or_default();
        let interfaces = self.interfaces(desired);
        if !interfaces.is_empty() {
            tree.insert("interfaces".to_owned(), interfaces.into());
        }
        for (name, section) in [("routes", &ROUTE), ("route-rules", &ROUTE_RULE)] {
            if !self.everything && !tree.contains_key(name) {
                continue;
            }
            let gone = self.entries_to_remove(name, section);
            if !gone.is_empty() {
                let list = tree.entry(name).or_insert_with(|| json!({}));
                let mut config = list["config"].as_array().cloned().unwrap_or_default();
                config.extend(gone);
                list["config"] = config.into();
            }
        }
        let has_dns = self.current.dns().is_some_and(|dns| {
            dns.as_object().is_some_and(|dns| dns.values().any(|list| *list != json!([])))
        });
        if self.everything && has_dns && !tree.contains_key("dns-resolver") {
            tree.insert("dns-resolver".to_owned(), json!({"config": {}}));
        }
        Document::from_tree(tree.into())
    }

    fn interfaces(&self, desired: &Document) -> Vec<Value> {
        let mut interfaces: Vec<Value> =
            desired.interfaces().map(|written| self.whole(written)).collect();
        if self.everything {
            interfaces.extend(self.current.interfaces().filter_map(|found| self.removal(found)));
        }
        interfaces
    }

    /// An interface as it is written, with the defaults of what it does not mention.
    fn whole(&self, written: &Value) -> Value {
        let wanted = section_value(&INTERFACE, None, written);
        let (Value::Object(written), Value::Object(wanted)) = (written, &wanted) else {
            return written.clone();
        };
        let is_up = wanted.get("state").is_none_or(|state| state == "up");
        let mut whole = written.clone();
        if let Some(found) = self.shown.find(wanted).filter(|_| is_up) {
            let of_type = found.get("type").and_then(Value::as_str);
            let found = settable(&INTERFACE, &Value::Object(found.clone()));
            let own = |key: &Key| !key.types.is_empty() || KEPT.contains(&key.name);
            let none = Map::new();
            let found = found.as_object().unwrap_or(&none);
            for (name, value) in defaults(&INTERFACE, of_type, wanted, found, &own) {
                match (whole.get_mut(&name), value) {
                    (Some(Value::Object(given)), Value::Object(more)) => given.extend(more),
                    (_, value) => {
                        whole.insert(name, value);
                    }
                }
            }
        }
        whole.into()
    }

    /// What removes an interface that is not listed; none for what nobody has configured, and for
    /// what a listed interface needs.
    fn removal(&self, found: &Value) -> Option<Value> {
        let name = found["name"].as_str()?;
        let is_listed = self.wanted.interfaces().any(|one| lookup::is_same_interface(one, found));
        let is_needed = self.wanted.interfaces().any(|one| {
            lookup::ports(one).iter().any(|port| port == name)
                || one.as_object().is_some_and(|one| lookup::stands_on(one, &found["name"]))
                || one.pointer("/veth/peer").is_some_and(|peer| peer == name)
        });
        let is_ours = found["state"] != "ignore"
            && found["type"] != "loopback"
            && (found.get("identifier").is_some()
                || (lookup::is_virtual(&found["type"]) && found["type"] != "veth"));
        (!is_listed && !is_needed && is_ours)
            .then(|| json!({"name": name, "type": found["type"], "state": "absent"}))
    }

    /// What removes the entries of a list that are not listed.
    fn entries_to_remove(&self, name: &str, section: &'static Section) -> Vec<Value> {
        let config = |document: &Document| {
            let list = document.as_value()[name]["config"].as_array();
            list.cloned().unwrap_or_default()
        };
        let listed = config(self.wanted);
        let is_ours = |found: &Value| {
            self.everything
                || name == "route-rules"
                || listed.iter().any(|one| {
                    one["next-hop-interface"] == found["next-hop-interface"]
                        && one["state"] != "absent"
                })
        };
        let stays = |found: &Value| {
            let mut present = listed.iter().filter(|one| one["state"] != "absent");
            present.any(|one| {
                let one = one.as_object();
                one.is_some_and(|one| crate::compare::is_meant_by(section, one, found))
            })
        };
        config(self.current)
            .iter()
            .filter(|found| is_ours(found) && !stays(found))
            .map(|found| section.removal(&settable(section, found)))
            .collect()
    }
}

/// The defaults of the keys that the host has set to something else and that are not wanted.
fn defaults(
    section: &'static Section,
    of_type: Option<&str>,
    wanted: &Map<String, Value>,
    found: &Map<String, Value>,
    is_kept: &dyn Fn(&Key) -> bool,
) -> Map<String, Value> {
    let mut defaults = Map::new();
    for (name, found) in found {
        let Some(key) = section.key_for(name, of_type).filter(|key| !is_kept(key)) else {
            continue;
        };
        let default = match (&key.kind, wanted.get(name)) {
            (Kind::Section(inner), Some(Value::Object(wanted)))
                if wanted.get("enabled").is_none_or(|enabled| enabled != false) =>
            {
                let none = Map::new();
                let found = found.as_object().unwrap_or(&none);
                let switch = |key: &Key| key.name == "enabled";
                let inner = self::defaults(inner, of_type, wanted, found, &switch);
                (!inner.is_empty()).then(|| Value::Object(inner))
            }
            (_, Some(_)) => None,
            (Kind::Section(inner), None) if inner.key("enabled").is_some() => {
                (found["enabled"] != false).then(|| json!({"enabled": false}))
            }
            (Kind::List { .. }, None) => (*found != json!([])).then(|| json!([])),
            (_, None) => key
                .default
                .map(|default| default.value(wanted))
                .filter(|default| !default.is_null() && default != found),
        };
        defaults.extend(default.map(|value| (name.clone(), value)));
    }
    defaults
}

fn deleted(desired: &Document) -> Result<Document, Vec<Finding>> {
    let mut findings = Vec::new();
    let mut tree = Map::new();
    for (name, value) in desired.as_value().as_object().into_iter().flatten() {
        let removed = match name.as_str() {
            "interfaces" => Some(value.as_array().into_iter().flatten().map(removed).collect()),
            "routes" | "route-rules" => {
                let config = value["config"].as_array().into_iter().flatten();
                let absent = config.map(|entry| {
                    let mut entry = entry.clone();
                    entry["state"] = "absent".into();
                    entry
                });
                Some(json!({"config": absent.collect::<Vec<_>>()}))
            }
            "dns-resolver" => Some(json!({"config": {}})),
            _ => None,
        };
        match removed {
            Some(removed) => {
                tree.insert(name.clone(), removed);
            }
            None => findings.push(
                Finding::new(Path::new().join(name.as_str()), "this cannot be deleted").with_hint(
                    "leave it out; <interfaces>, <routes>, <route-rules> and <dns-resolver> can be",
                ),
            ),
        }
    }
    if findings.is_empty() { Ok(Document::from_tree(tree.into())) } else { Err(findings) }
}

fn removed(interface: &Value) -> Value {
    let mut entry = interface.as_object().cloned().unwrap_or_default();
    entry.retain(|name, _| name == "name" || name == "type");
    entry.insert("state".to_owned(), "absent".into());
    entry.into()
}
