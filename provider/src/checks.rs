//! What a plan can know to be wrong from a look at the host: an interface that does not exist, a key
//! that its nmstate does not have yet.

use nmstate_engine::Snapshot;
use nmstate_schema::Value as Json;
use nmstate_schema::canonical::canonical;
use nmstate_schema::document::Document;
use nmstate_schema::merge::Conflict;
use nmstate_schema::path::{Path, Step};
use nmstate_schema::references::{Reference, Unidentified, of_interface, references, unidentified};
use nmstate_schema::validate::{self, Finding};
use nmstate_schema::{Contradiction, Names, name_fault, not_made, redact_at, versions};
use tfplugin::{AttributePath, Diagnostics};

use crate::entry::Kind;
use crate::fleet::Member;
use crate::layout::within_entry;
use crate::{gone, report};

const DECLARED_TWICE: &str = "declare it in one of the two resources, or the same in both; each apply \
                              would undo the one before";

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
    /// What the resource calls keys and places.
    pub(crate) names: &'a (dyn Names + Sync),
}

/// Reports names of interfaces in a document that neither the host nor the document has, and no other
/// resource of the run makes. `needs_itself` tells which of its own interfaces no document can make.
/// What a resource of the state has lost is a warning, see [`gone`].
pub(crate) fn existence(
    target: &Target<'_>,
    document: &Document,
    needs_itself: impl Fn(&Json) -> bool,
    diagnostics: &mut Diagnostics,
) {
    let own = document.interfaces().filter(|one| needs_itself(one)).filter_map(|one| {
        let name = one.get("name")?.as_str()?.to_owned();
        let path = Path::new().join("interfaces").join(Step::Item(name.clone())).join("name");
        Some(Reference { path, name })
    });
    for Reference { path, name } in own.chain(references(document)) {
        if exists(&target.snapshot.state, &name) || target.member.is_planned(&name) {
            continue;
        }
        let (what, why) = match target.member.has_lost(&name) {
            true => (format!("interface `{name}` is gone"), Missing::Lost),
            false => {
                let none =
                    name_fault(&name).map(|fault| format!(", and none is called so: {fault}"));
                let none = none.unwrap_or_default();
                (format!("interface `{name}` does not exist{none}"), Missing::Name)
            }
        };
        missing(target, &path, &what, why, diagnostics);
    }
    for Unidentified { path, interface, address } in unidentified(document, &target.snapshot.state)
    {
        let what = format!("no interface has the address `{address}`");
        let why = match target.member.has_lost(&interface) {
            true => Missing::Lost,
            false => Missing::Address,
        };
        missing(target, &path, &what, why, diagnostics);
    }
}

/// Why an interface that a document needs is not there.
#[derive(Clone, Copy)]
enum Missing {
    /// A resource of the state has had it.
    Lost,
    /// Nothing has the name.
    Name,
    /// Nothing has the address.
    Address,
}

fn missing(
    target: &Target<'_>,
    path: &Path,
    what: &str,
    why: Missing,
    diagnostics: &mut Diagnostics,
) {
    let (host, there) = (target.member.host.name(), interface_names(target.snapshot));
    let hint = match why {
        Missing::Lost => ", so applying the resource will fail; ",
        Missing::Name => {
            "; if another resource creates it, refer to that resource's attribute instead of writing \
             the name, or use `depends_on`; "
        }
        Missing::Address => "; ",
    };
    let summary = format!("host `{host}`: `{}`: {what}", target.names.place(path));
    let detail = format!("the host has {there}{hint}{}", gone::WAY_OUT);
    match ((target.locate)(within_entry(path)), why) {
        (attribute, Missing::Lost) => {
            let attribute = attribute.unwrap_or_else(|| "host".into());
            diagnostics.attribute_warning(attribute, summary, detail);
        }
        (Some(attribute), _) => diagnostics.attribute_error(attribute, summary, detail),
        (None, _) => diagnostics.error(summary, detail),
    }
}

/// Reports where another resource of the configuration declares something else.
pub(crate) fn conflicts(target: &Target<'_>, declared: &Document, diagnostics: &mut Diagnostics) {
    let host = target.member.host.name();
    for contradiction in target.member.claim(declared, target.snapshot) {
        let (path, said, detail) = match contradiction {
            Contradiction::Twice(Conflict { path, first, second }) => {
                let [other, own] = [&first, &second].map(|value| shown(&redact_at(&path, value)));
                let said = format!(
                    "`{path}` is declared twice, as {own} here and as {other} by another resource"
                );
                (path, said, DECLARED_TWICE)
            }
            Contradiction::LargerThanBase { interface, mtu, base, base_mtu } => {
                let said = format!(
                    "the mtu of `{interface}` is declared as `{mtu}`, and that of `{base}`, which it \
                     stands on, as `{base_mtu}`"
                );
                let own = if declared.interface(&interface).is_some() { &interface } else { &base };
                let path = Path::new().join("interfaces").join(Step::Item(own.clone())).join("mtu");
                (path, said, "lower the one, or raise the other")
            }
        };
        // A port's controller is declared by the list of another interface, too.
        let is_own = |step: &Step| match step {
            Step::Item(name) => declared.interface(name).is_some(),
            _ => true,
        };
        let is_within = path.steps().first() != Some(&Step::Key("interfaces".into()))
            || path.steps().get(1).is_none_or(is_own);
        let summary = format!("host `{host}`: {said}");
        match (target.locate)(if is_within { within_entry(&path) } else { &[] }) {
            Some(path) => diagnostics.attribute_error(path, summary, detail),
            None => diagnostics.error(summary, detail),
        }
    }
}

/// A value of a document for a message.
fn shown(value: &Json) -> String {
    match value {
        Json::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

/// Reports interfaces that the kernel of the host cannot make.
pub(crate) fn kernel(target: &Target<'_>, document: &Document, diagnostics: &mut Diagnostics) {
    let host = Some(target.member.host.name());
    for finding in not_made(document, &target.snapshot.state, target.snapshot.modules.as_ref()) {
        let steps = within_entry(&finding.path);
        // The type of a typed resource is no attribute of its own.
        let own = || (target.locate)(&[Step::Key("name".to_owned())]);
        let attribute = (target.locate)(steps).or_else(own);
        report::finding(diagnostics, host, &finding, attribute, target.names);
    }
}

/// Reports what has no effect on the host, unless the configuration is still open there.
pub(crate) fn without_effect(
    target: &Target<'_>,
    document: &Document,
    is_open: &dyn Fn(&AttributePath) -> bool,
    diagnostics: &mut Diagnostics,
) {
    let host = Some(target.member.host.name());
    for finding in validate::on_host(document, &target.snapshot.state) {
        let attribute = (target.locate)(within_entry(&finding.path));
        if !attribute.as_ref().is_some_and(is_open) {
            report::finding(diagnostics, host, &finding, attribute, target.names);
        }
    }
}

/// Reports what the host's nmstate is too old for.
pub(crate) fn versions(target: &Target<'_>, document: &Document, diagnostics: &mut Diagnostics) {
    let (host, version) = (target.member.host.name(), &target.snapshot.nmstate_version);
    too_new(host, version, document, target.locate, target.names, diagnostics);
}

fn too_new(
    host: &str,
    version: &str,
    document: &Document,
    locate: &dyn Fn(&[Step]) -> Option<AttributePath>,
    names: &dyn Names,
    diagnostics: &mut Diagnostics,
) {
    for Finding { path, message, hint } in versions::unknown_to(document, version) {
        let summary = format!("host `{host}`: {}", message.text(names));
        let detail = hint.map(|hint| hint.text(names)).unwrap_or_default();
        match locate(within_entry(&path)) {
            Some(path) => diagnostics.attribute_error(path, summary, detail),
            None => diagnostics.error(summary, detail),
        }
    }
}

/// Remembers the interfaces that a document of a state has or refers to, and that are not there.
pub(crate) fn remember_lost(member: &Member, state: &Document, declared: &Document) {
    let own = declared.interfaces().filter_map(|one| one.get("name")?.as_str());
    let own = own.map(str::to_owned);
    for name in own.chain(references(declared).into_iter().map(|one| one.name)) {
        if !exists(state, &name) {
            member.lose(name);
        }
    }
}

/// Remembers the interfaces that the entry will have brought into being.
pub(crate) fn remember(member: &Member, entry: &Json) {
    let peer = entry.pointer("/veth/peer");
    for name in [entry.get("name"), peer].into_iter().flatten().filter_map(Json::as_str) {
        member.plan_interface(name);
    }
    // nmstate makes an internal interface of a port that an Open vSwitch bridge names and nobody has.
    if entry.get("type").and_then(Json::as_str) == Some("ovs-bridge") {
        for (name, _) in touched_interfaces(entry) {
            member.plan_interface(&name);
        }
    }
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
    let document = kind.desired(entry, None);
    Document::from_value(document)
        .ok()
        .and_then(|document| kind.find(&canonical(&document), entry))
        .unwrap_or_else(|| entry.clone())
}

/// Whether a host in this state has an interface of this name.
pub(crate) fn exists(state: &Document, name: &str) -> bool {
    let known_as = |interface: &Json| {
        interface.get("profile-name").and_then(Json::as_str) == Some(name)
            || interface.get("alt-names").and_then(Json::as_array).is_some_and(|alternatives| {
                alternatives.iter().any(|one| one.get("name").and_then(Json::as_str) == Some(name))
            })
    };
    names(state).any(|one| one == name) || state.interfaces().any(known_as)
}

fn names(state: &Document) -> impl Iterator<Item = &str> {
    state.interfaces().filter_map(|one| one.get("name").and_then(Json::as_str))
}

/// The interface itself, what it stands on, and what it is a port of.
pub(crate) fn carriers(state: &Document, interface: &str) -> Vec<String> {
    let mut carriers = vec![interface.to_owned()];
    let mut position = 0;
    while let Some(name) = carriers.get(position).cloned() {
        position += 1;
        let Some(entry) = state.interface(&name) else { continue };
        let below = of_interface(entry).into_iter().map(|one| one.name);
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
pub(crate) fn touched_interfaces(entry: &Json) -> Vec<(String, Vec<Step>)> {
    let mut touched = Vec::new();
    if let Some(name) = entry.get("name").and_then(Json::as_str) {
        touched.push((name.to_owned(), vec![Step::Key("name".into())]));
        let references = of_interface(entry).into_iter();
        let references = references.map(|one| (one.name, one.path.steps().to_vec()));
        touched.extend(references.filter(|(_, steps)| {
            steps.iter().any(|step| matches!(step, Step::Key(key) if key == "port"))
        }));
    }
    touched
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;
    use tfplugin::Value;

    use super::*;
    use crate::entry::EntryResource;
    use crate::kinds::interface::Interface;
    use crate::naming::Naming;
    use crate::shared::Shared;

    /// The version in the snapshot of a host that is older than any of the lab.
    const OLDER_HOST: &str = "2.2.19";

    #[test]
    fn a_key_that_an_older_host_does_not_know_is_named_at_its_attribute() {
        let resource = EntryResource::new(
            Interface { of_type: Some("ethernet") },
            Arc::new(Shared::default()),
        );
        let dot1x = Value::object([("identity", "me"), ("password", "s3cret")]);
        let config = Value::object([("name", Value::from("eth1")), ("ieee_802_1x", dot1x)]);
        let config = config.as_map().unwrap();
        let document = json!({ "interfaces": [resource.entry(config)] });
        let document = Document::from_value(document).unwrap();
        let locate = |steps: &[Step]| resource.layout.attribute_path(steps, config);
        let mut diagnostics = Diagnostics::new();
        let names = Naming { layout: &resource.layout, attributes: config };
        too_new("web1", OLDER_HOST, &document, &locate, &names, &mut diagnostics);
        let found: Vec<_> = diagnostics.iter().collect();
        let [one] = found.as_slice() else { panic!("{found:#?}") };
        assert_eq!(
            one.summary,
            "host `web1`: `ieee_802_1x.password` needs nmstate 2.2.37 or newer, and the host has 2.2.19"
        );
        assert_eq!(one.attribute.as_ref().unwrap().to_string(), "ieee_802_1x.password");
        let mut diagnostics = Diagnostics::new();
        too_new("web1", "2.2.62", &document, &locate, &names, &mut diagnostics);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
    }
}
