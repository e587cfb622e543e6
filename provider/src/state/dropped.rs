//! What a document does not declare any more.
//!
//! nmstate leaves alone what a document does not mention, so the resource says what becomes of it:
//! the part of its record that concerns what was dropped is sent along. What the resource created is
//! removed by that, and what it took over is put back. The record forgets it then: when it is
//! declared again, what is there by that time is the original.
//!
//! An import takes over all that a host has, and most of it is dropped by the first configuration.
//! Nothing was changed by then, so nothing is sent: an interface that a document mentions gets a
//! profile of nmstate's making, the one that carries SSH too.

use std::collections::BTreeSet;

use nmstate_schema::Value as Json;
use nmstate_schema::canonical::canonical;
use nmstate_schema::document::Document;
use nmstate_schema::keys::{ROUTE, ROUTE_RULE, Section};
use nmstate_schema::validate::Finding;
use serde_json::{Map, json};

use crate::checks;
use crate::original::Original;

/// Parts of a document that there is one of.
const SINGLE: [&str; 4] = ["dns-resolver", "hostname", "ovs-db", "ovn"];
/// What an interface has of its own only while it is nobody's port.
const OF_NO_PORT: [&str; 3] = ["controller", "ipv4", "ipv6"];

/// The declared document with what undoes what only `earlier` declares, and the record without what
/// that puts back.
pub(super) fn with_dropped(
    declared: &Document,
    earlier: &Document,
    original: &Original,
) -> Result<(Document, Original), Vec<Finding>> {
    let (now, then) = (canonical(declared), canonical(earlier));
    let changed = original.of_changes();
    let sent = undoing(&now, &then, &changed);
    let mut declared = declared.as_value().clone();
    if sent.get("routes").is_some() && declared.get("routes").is_some() {
        // nmstate takes one that does not name its table for the one that is to be removed.
        let routes: Vec<&Json> = now.routes().collect();
        declared["routes"] = json!({ "config": routes });
    }
    let mut document = together(declared, &sent);
    release_ports(&mut document, &now, &then, &changed);
    let forgotten = undoing(&now, &then, original);
    Ok((Document::from_value(document)?, original.without(&forgotten)))
}

/// The parts of the record that concern what only `then` declares.
fn undoing(now: &Document, then: &Document, original: &Original) -> Json {
    let mut undoing = Map::new();
    let gone: BTreeSet<String> = involved(then).difference(&involved(now)).cloned().collect();
    let interfaces = original.interfaces(&gone);
    if !interfaces.is_empty() {
        undoing.insert("interfaces".into(), interfaces.into());
    }
    let routes = entries(&ROUTE, now.routes(), then.routes(), original.entries("routes"));
    let rules = entries(
        &ROUTE_RULE,
        now.route_rules(),
        then.route_rules(),
        original.entries("route-rules"),
    );
    for (name, entries) in [("routes", routes), ("route-rules", rules)] {
        if !entries.is_empty() {
            undoing.insert(name.into(), json!({ "config": entries }));
        }
    }
    for name in SINGLE {
        let is_declared = |document: &Document| document.as_value().get(name).is_some();
        if is_declared(then)
            && !is_declared(now)
            && let Some(part) = original.part(name)
        {
            undoing.insert(name.into(), part.clone());
        }
    }
    Json::Object(undoing)
}

/// The interfaces that a document declares, makes ports, or lays as the other end of a cable.
fn involved(document: &Document) -> BTreeSet<String> {
    let peers = document.interfaces().filter_map(|one| one.pointer("/veth/peer")?.as_str());
    checks::involved(document).into_iter().chain(peers.map(str::to_owned)).collect()
}

/// What undoes the routes or rules that only `then` has.
fn entries<'a>(
    section: &Section,
    now: impl Iterator<Item = &'a Json>,
    then: impl Iterator<Item = &'a Json>,
    recorded: &[Json],
) -> Vec<Json> {
    let now: Vec<&Json> = now.collect();
    let is_same_but_for_values = |one: &Json, other: &Json| {
        section.identity.iter().all(|key| one.get(key) == other.get(key))
    };
    let mut undoing: Vec<Json> = Vec::new();
    for gone in then.filter(|one| !now.contains(one)) {
        let is_replaced = now.iter().any(|one| is_same_but_for_values(one, gone));
        let concerns = |entry: &&Json| match entry.get("state") {
            Some(_) => removes(section, entry, gone),
            None => !is_replaced && is_same_but_for_values(entry, gone),
        };
        for entry in recorded.iter().filter(concerns) {
            if !undoing.contains(entry) {
                undoing.push(entry.clone());
            }
        }
        // nmstate adds what has other values; no record says so of what was imported.
        let removal = section.removal(gone);
        if is_replaced && !undoing.contains(&removal) {
            undoing.push(removal);
        }
    }
    undoing
}

/// Whether a recorded removal is the one of this entry.
fn removes(section: &Section, removal: &Json, entry: &Json) -> bool {
    let mut named = removal.as_object().into_iter().flatten().filter(|(key, _)| *key != "state");
    match section.identity {
        [name] => removal.get(name) == entry.get(name),
        // An empty text stands for a key that the entry leaves out.
        _ => named.all(|(key, value)| entry.get(key).map_or(value == "", |given| given == value)),
    }
}

/// `declared` and what undoes the rest: routes and rules are removed before others are added.
fn together(mut declared: Json, undoing: &Json) -> Json {
    let (Some(object), Some(parts)) = (declared.as_object_mut(), undoing.as_object()) else {
        return declared;
    };
    for (name, part) in parts {
        let list = |part: &Json| match part.get("config") {
            Some(config) => config.as_array().cloned().unwrap_or_default(),
            None => part.as_array().cloned().unwrap_or_default(),
        };
        let given = object.get(name).map(list).unwrap_or_default();
        let part = match name.as_str() {
            "interfaces" => given.into_iter().chain(list(part)).collect(),
            "routes" | "route-rules" => {
                let config: Json = list(part).into_iter().chain(given).collect();
                json!({ "config": config })
            }
            _ => part.clone(),
        };
        object.insert(name.clone(), part);
    }
    declared
}

/// Gives an interface that stays declared, and is a port no more, what it had before it was one.
fn release_ports(document: &mut Json, now: &Document, then: &Document, original: &Original) {
    let released: BTreeSet<String> = ports(then).difference(&ports(now)).cloned().collect();
    let interfaces = document.get_mut("interfaces").and_then(Json::as_array_mut);
    for interface in interfaces.into_iter().flatten().filter_map(Json::as_object_mut) {
        let Some(name) = interface.get("name").and_then(Json::as_str) else { continue };
        if !released.contains(name) {
            continue;
        }
        let names = BTreeSet::from([name.to_owned()]);
        for recorded in original.interfaces(&names) {
            for key in OF_NO_PORT {
                if let (Some(value), None) = (recorded.get(key), interface.get(key)) {
                    interface.insert(key.into(), value.clone());
                }
            }
        }
    }
}

fn ports(document: &Document) -> BTreeSet<String> {
    let touched = document.interfaces().flat_map(|one| {
        let own = one.get("name").and_then(Json::as_str).unwrap_or_default().to_owned();
        checks::touched_interfaces(one).into_iter().filter(move |(name, _)| *name != own)
    });
    touched.map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "
interfaces:
- {name: eth1, type: ethernet, state: up, mtu: 1500, ipv4: {enabled: true, dhcp: false, address: [{ip: 192.0.2.7, prefix-length: 24}]}}
- {name: eth2, type: ethernet, state: up, mtu: 1500}
routes:
  config:
  - {destination: 203.0.113.0/24, next-hop-interface: eth1, next-hop-address: 192.0.2.254, table-id: 254, metric: 100}
";
    const FIRST: &str = "
interfaces:
- {name: br0, type: linux-bridge, bridge: {port: [{name: eth1}, {name: eth2}]}}
- {name: eth2, mtu: 1400}
routes:
  config:
  - {destination: 198.51.100.0/24, next-hop-interface: br0, next-hop-address: 192.0.2.254}
  - {destination: 203.0.113.0/24, next-hop-interface: eth1, next-hop-address: 192.0.2.254, metric: 100}
route-rules:
  config:
  - {ip-from: 192.0.2.0/24, priority: 100, route-table: 200}
dns-resolver: {config: {server: [192.0.2.53]}}
";

    /// What is sent and recorded when `second` follows [`FIRST`].
    fn after(second: &str) -> (Json, Original) {
        let parse = |text| Document::parse(text).unwrap();
        let (host, first) = (canonical(&parse(HOST)), parse(FIRST));
        let original = Original::default().extended(false, &first, &host);
        let (sent, original) = with_dropped(&parse(second), &first, &original).unwrap();
        (sent.into_value(), original)
    }

    fn interface<'a>(sent: &'a Json, name: &str) -> &'a Json {
        let mut found =
            sent["interfaces"].as_array().into_iter().flatten().filter(|one| one["name"] == name);
        let interface = found.next().unwrap_or(&Json::Null);
        assert!(found.next().is_none(), "`{name}` is there twice: {sent:#}");
        interface
    }

    #[test]
    fn a_route_with_another_metric_takes_the_place_of_the_first() {
        let route = |metric: u32| {
            let text = "routes: {config: [{destination: 203.0.113.0/24, next-hop-interface: eth1, \
                        next-hop-address: 192.0.2.254, table-id: 254, metric: METRIC}]}";
            Document::parse(&text.replace("METRIC", &metric.to_string())).unwrap()
        };
        let (first, second) = (route(100), route(200));
        let created = Original::default().extended(true, &first, &Document::default());
        for (case, original) in [("created", created), ("imported", Original::default())] {
            let (sent, original) = with_dropped(&second, &first, &original).unwrap();
            let sent = sent.into_value();
            let config = sent["routes"]["config"].as_array().unwrap();
            let shown: Vec<_> = config.iter().map(|one| (&one["metric"], &one["state"])).collect();
            assert_eq!(
                shown,
                [(&json!(100), &json!("absent")), (&json!(200), &Json::Null)],
                "{case}"
            );
            assert!(original.entries("routes").is_empty(), "{case}: {original:?}");
        }
    }

    #[test]
    fn a_route_that_takes_a_place_names_its_table() {
        let route = |more: &str| {
            let text = "routes: {config: [{destination: 203.0.113.0/24, next-hop-interface: eth1";
            Document::parse(&format!("{text}{more}}}]}}")).unwrap()
        };
        let first = route("");
        let original = Original::default().extended(true, &first, &Document::default());
        let (sent, _) = with_dropped(&route(", metric: 100"), &first, &original).unwrap();
        let sent = sent.into_value();
        let config = sent["routes"]["config"].as_array().unwrap();
        let shown: Vec<_> = config.iter().map(|one| (&one["table-id"], &one["state"])).collect();
        let table = json!(254);
        assert_eq!(shown, [(&table, &json!("absent")), (&table, &Json::Null)]);
    }

    #[test]
    fn nothing_dropped_is_nothing_more() {
        let (sent, original) = after(FIRST);
        assert_eq!(sent, Document::parse(FIRST).unwrap().into_value());
        assert_eq!(original.entries("route-rules").len(), 1);
    }

    #[test]
    fn everything_dropped_is_undone() {
        let (sent, original) = after("interfaces: []");
        assert_eq!(interface(&sent, "br0")["state"], "absent");
        assert_eq!(interface(&sent, "eth2")["mtu"], 1500);
        assert_eq!(interface(&sent, "eth1")["ipv4"]["address"][0]["ip"], "192.0.2.7");
        let routes = sent["routes"]["config"].as_array().unwrap();
        assert!(
            routes
                .iter()
                .any(|one| one["destination"] == "198.51.100.0/24" && one["state"] == "absent"),
            "{sent:#}"
        );
        // What was there before as it is declared stays.
        assert!(
            !routes
                .iter()
                .any(|one| one["destination"] == "203.0.113.0/24" && one["state"] == "absent"),
            "{sent:#}"
        );
        assert_eq!(sent["route-rules"]["config"][0]["state"], "absent");
        assert!(sent.get("dns-resolver").is_some(), "{sent:#}");
        assert!(original.interfaces(&BTreeSet::from(["br0".to_owned()])).is_empty());
        assert!(original.entries("route-rules").is_empty());
    }

    #[test]
    fn what_was_only_imported_is_left_alone() {
        let parse = |text| Document::parse(text).unwrap();
        let host = canonical(&parse(HOST));
        let original = Original::default().extended(false, &host, &host).untouched();
        let declared = parse("interfaces: [{name: eth1, mtu: 1400}]");
        let (sent, original) = with_dropped(&declared, &host, &original).unwrap();
        assert_eq!(sent, declared);
        assert_eq!(original.interfaces(&BTreeSet::from(["eth2".to_owned()])), [Json::Null; 0]);

        // From then on it is what the resource changed.
        let original = original.extended(false, &declared, &host);
        let (sent, _) = with_dropped(&parse("interfaces: []"), &declared, &original).unwrap();
        assert_eq!(interface(sent.as_value(), "eth1")["mtu"], 1500);
    }

    #[test]
    fn one_route_of_another_metric_takes_the_old_one_along() {
        let (sent, _) = after(&FIRST.replace(
            "{destination: 198.51.100.0/24,",
            "{metric: 7, destination: 198.51.100.0/24,",
        ));
        let routes = sent["routes"]["config"].as_array().unwrap();
        let about: Vec<&Json> =
            routes.iter().filter(|one| one["destination"] == "198.51.100.0/24").collect();
        assert_eq!(about.len(), 2, "{sent:#}");
        assert_eq!(about[0]["state"], "absent");
        assert_eq!(about[1]["metric"], 7);
    }

    #[test]
    fn a_port_that_is_dropped_gets_back_its_own() {
        let (sent, _) = after(&FIRST.replace("{name: eth1}, ", ""));
        let eth1 = interface(&sent, "eth1");
        assert_eq!(eth1["controller"], "");
        assert_eq!(eth1["ipv4"]["address"][0]["ip"], "192.0.2.7");
        // One that stays declared keeps what the document says of it.
        let (sent, _) = after(&FIRST.replace(", {name: eth2}", ""));
        let eth2 = interface(&sent, "eth2");
        assert_eq!((&eth2["controller"], &eth2["mtu"]), (&json!(""), &json!(1400)));
    }
}
