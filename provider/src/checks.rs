//! What a plan can know to be wrong, or risky, from the host's state: an interface that does not
//! exist, and a change on the path of this very connection (design rule 7).

use std::collections::BTreeSet;

use nmstate_engine::{Management, Snapshot};
use nmstate_schema::Value as Json;
use nmstate_schema::canonical::canonical;
use nmstate_schema::compare::compare;
use nmstate_schema::document::Document;
use nmstate_schema::keys::{self, Kind as KeyKind, Text};
use nmstate_schema::path::Step;
use serde_json::json;
use tfplugin::{AttributePath, Diagnostics};

use crate::entry::Kind;
use crate::fleet::Member;

/// Names listed in a message; a host with hundreds of VLANs would fill the screen.
const MOST_NAMES: usize = 12;

/// What the checks look at.
pub(crate) struct Target<'a> {
    /// The host as it is.
    pub(crate) snapshot: &'a Snapshot,
    /// The host and what this run plans there.
    pub(crate) member: &'a Member,
    /// The attribute of a place in an entry.
    pub(crate) locate: &'a (dyn Fn(&[Step]) -> Option<AttributePath> + Sync),
}

/// Reports references to interfaces that neither exist nor are planned. With `missing_itself` the
/// entry is a NIC, which no configuration can create.
pub(crate) fn existence(
    target: &Target<'_>,
    entry: &Json,
    missing_itself: bool,
    diagnostics: &mut Diagnostics,
) {
    let mut missing = Vec::new();
    if missing_itself && let Some(name) = entry.get("name").and_then(Json::as_str) {
        missing.push((name.to_owned(), (target.locate)(&[Step::Key("name".into())])));
    }
    for (name, steps) in references(entry) {
        missing.push((name, (target.locate)(&steps)));
    }
    for (name, path) in missing {
        if exists(target.snapshot, &name) || target.member.is_planned(&name) {
            continue;
        }
        let host = target.member.host.name();
        let summary = format!("host `{host}`: interface `{name}` does not exist");
        let detail = format!(
            "the host has {}; if another resource creates it, refer to that resource's attribute \
             instead of writing the name",
            interface_names(target.snapshot)
        );
        match path {
            Some(path) => diagnostics.attribute_error(path, summary, detail),
            None => diagnostics.error(summary, detail),
        }
    }
}

/// Warns when a document changes what carries this connection: its interface or what that stands
/// on, the address that it comes over, or the default route.
pub(crate) fn management(target: &Target<'_>, document: &Document, diagnostics: &mut Diagnostics) {
    let Some(management) = &target.snapshot.management else { return };
    let Some(interface) = &management.interface else { return };
    let state = &target.snapshot.state;
    let carriers = carriers(state, interface);
    let is_change = |alone: Json| {
        Document::from_value(alone).is_ok_and(|alone| !compare(&alone, state).is_empty())
    };
    let mut warn = |steps: &[Step], fallback: &str, what: String, why: String| {
        let path = (target.locate)(steps).unwrap_or_else(|| fallback.into());
        let host = target.member.host.name();
        diagnostics.attribute_warning(
            path,
            format!("host `{host}`: the change touches {what}"),
            format!(
                "{why}it is confirmed only over a new SSH login; otherwise the host goes back by \
                 itself"
            ),
        );
    };
    for entry in document.interfaces() {
        let touched = touched_interfaces(entry).into_iter();
        let Some((name, steps)) = touched.into_iter().find(|(name, _)| carriers.contains(name))
        else {
            continue;
        };
        if is_change(json!({ "interfaces": [entry] })) {
            let what = format!("`{name}`, which carries this SSH connection");
            match lost_address(entry, management) {
                Some(steps) => {
                    let why = format!(
                        "`{}` is the address that this connection comes over, and it goes away; ",
                        management.local_address
                    );
                    warn(&steps, "name", what, why);
                }
                None => warn(&steps, "name", what, String::new()),
            }
        }
    }
    let is_default = |route: &&Json| is_default_route(route, &carriers);
    for route in document.routes().filter(is_default) {
        if is_change(json!({ "routes": { "config": [route] } })) {
            let what = "the default route, which may carry this SSH connection".to_owned();
            warn(&[Step::Key("destination".into())], "destination", what, String::new());
            // A changed route is its removal and its new form: one warning is enough.
            break;
        }
    }
}

/// Where an entry takes the address away that the connection comes over.
fn lost_address(entry: &Json, management: &Management) -> Option<Vec<Step>> {
    if entry.get("name").and_then(Json::as_str) != management.interface.as_deref() {
        return None;
    }
    let family = if management.local_address.is_ipv4() { "ipv4" } else { "ipv6" };
    let section = entry.get(family)?;
    let at = |key: &str| Some(vec![Step::Key(family.into()), Step::Key(key.into())]);
    let says = |key: &str, value: bool| section.get(key).and_then(Json::as_bool) == Some(value);
    if says("enabled", false) {
        return at("enabled");
    }
    let addresses = section.get("address").and_then(Json::as_array)?;
    let stays = addresses.iter().any(|address| {
        let ip = address.get("ip").and_then(Json::as_str).and_then(|ip| ip.parse().ok());
        ip == Some(management.local_address)
    });
    let is_dynamic = says("dhcp", true) || says("autoconf", true);
    if stays || is_dynamic { None } else { at("address") }
}

/// Whether a route is, or removes, a default route of the main table.
fn is_default_route(route: &Json, carriers: &[String]) -> bool {
    let text = |key: &str| route.get(key).and_then(Json::as_str);
    let is_default = match text("destination") {
        Some(destination) => ["0.0.0.0/0", "::/0"].contains(&destination),
        // A removal that names no destination means every route of the interface.
        None => text("next-hop-interface")
            .is_none_or(|name| carriers.iter().any(|carrier| carrier == name)),
    };
    let table = route.get("table-id").and_then(Json::as_u64);
    is_default && matches!(table, None | Some(0 | 254))
}

/// Remembers the interfaces that the entry will have brought into being.
pub(crate) fn remember(member: &Member, entry: &Json) {
    let peer = entry.pointer("/veth/peer");
    for name in [entry.get("name"), peer].into_iter().flatten().filter_map(Json::as_str) {
        member.plan_interface(name);
    }
}

/// The interfaces that a document declares, and those that it makes ports.
pub(crate) fn involved(document: &Document) -> BTreeSet<String> {
    document.interfaces().flat_map(touched_interfaces).map(|(name, _)| name).collect()
}

/// The names of a host's interfaces, for a message.
pub(crate) fn interface_names(snapshot: &Snapshot) -> String {
    let names: Vec<String> =
        names(&snapshot.state).map(|name| format!("`{name}`")).take(MOST_NAMES + 1).collect();
    if names.len() > MOST_NAMES {
        format!("{}, ...", names[..MOST_NAMES].join(", "))
    } else {
        names.join(", ")
    }
}

/// The canonical form of an entry in its document.
pub(crate) fn canonical_entry<K: Kind>(kind: &K, entry: &Json) -> Json {
    let document = kind.desired(entry, None, &Document::default());
    Document::from_value(document)
        .ok()
        .and_then(|document| kind.find(&canonical(&document), entry))
        .unwrap_or_else(|| entry.clone())
}

fn exists(snapshot: &Snapshot, name: &str) -> bool {
    let known_as = |interface: &Json| {
        interface.get("profile-name").and_then(Json::as_str) == Some(name)
            || interface.get("alt-names").and_then(Json::as_array).is_some_and(|alternatives| {
                alternatives.iter().any(|one| one.get("name").and_then(Json::as_str) == Some(name))
            })
    };
    names(&snapshot.state).any(|one| one == name) || snapshot.state.interfaces().any(known_as)
}

fn names(state: &Document) -> impl Iterator<Item = &str> {
    state.interfaces().filter_map(|one| one.get("name").and_then(Json::as_str))
}

/// The interface itself, what it stands on, and what it is a port of.
fn carriers(state: &Document, interface: &str) -> Vec<String> {
    let mut carriers = vec![interface.to_owned()];
    let mut position = 0;
    while let Some(name) = carriers.get(position).cloned() {
        position += 1;
        let Some(entry) = state.interface(&name) else { continue };
        let below = references(entry).into_iter().map(|(name, _)| name);
        let controller = entry.get("controller").and_then(Json::as_str).map(str::to_owned);
        for other in below.chain(controller) {
            if !other.is_empty() && !carriers.contains(&other) {
                carriers.push(other);
            }
        }
    }
    carriers
}

/// The interfaces whose state an entry changes: itself, and ports that it takes.
fn touched_interfaces(entry: &Json) -> Vec<(String, Vec<Step>)> {
    let mut touched = Vec::new();
    if let Some(name) = entry.get("name").and_then(Json::as_str) {
        touched.push((name.to_owned(), vec![Step::Key("name".into())]));
        touched.extend(references(entry).into_iter().filter(|(_, steps)| {
            steps.iter().any(|step| matches!(step, Step::Key(key) if key == "port"))
        }));
    }
    touched
}

/// The interfaces that an entry refers to, and where.
fn references(entry: &Json) -> Vec<(String, Vec<Step>)> {
    let mut found = Vec::new();
    let Some(object) = entry.as_object() else { return found };
    let of_type = object.get("type").and_then(Json::as_str);
    let sections = match of_type {
        Some(name) => keys::interface_keys(name).collect::<Vec<_>>(),
        None if object.contains_key("name") => keys::INTERFACE.keys.iter().collect(),
        None => keys::ROUTE.keys.iter().collect(),
    };
    for key in sections {
        if let Some(value) = object.get(key.name) {
            collect(&key.kind, value, &mut vec![Step::Key(key.name.to_owned())], &mut found);
        }
    }
    found
}

fn collect(kind: &KeyKind, value: &Json, at: &mut Vec<Step>, found: &mut Vec<(String, Vec<Step>)>) {
    match (kind, value) {
        (KeyKind::Text(Text::InterfaceReference), Json::String(name)) if !name.is_empty() => {
            found.push((name.clone(), at.clone()));
        }
        (KeyKind::List { item, .. }, Json::Array(items)) => {
            for (index, one) in items.iter().enumerate() {
                at.push(Step::Index(index));
                collect(item, one, at, found);
                at.pop();
            }
        }
        (KeyKind::Section(section), Json::Object(object)) => {
            for key in section.keys {
                if let Some(inner) = object.get(key.name) {
                    at.push(Step::Key(key.name.to_owned()));
                    collect(&key.kind, inner, at, found);
                    at.pop();
                }
            }
        }
        _ => {}
    }
}
