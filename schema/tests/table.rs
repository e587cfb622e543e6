//! The key table by itself.

use std::collections::BTreeSet;

use nmstate_schema::keys::{
    INTERFACE, Kind, Literal, STATE, Section, interface_keys, interface_type, interface_types,
};

/// Every section that is reachable from the top, by address.
pub(crate) fn sections() -> Vec<&'static Section> {
    let mut found: Vec<&'static Section> = vec![&STATE];
    let mut index = 0;
    while let Some(section) = found.get(index).copied() {
        index += 1;
        for key in section.keys {
            if let Some(inner) = section_of(&key.kind)
                && !found.iter().any(|known| std::ptr::eq(*known, inner))
            {
                found.push(inner);
            }
        }
    }
    found
}

pub(crate) fn section_of(kind: &Kind) -> Option<&'static Section> {
    match kind {
        Kind::Section(section) => Some(section),
        Kind::List { item, .. } | Kind::Map(item) => section_of(item),
        Kind::Text(_) | Kind::Bool { .. } | Kind::Integer { .. } | Kind::Enum { .. } => None,
    }
}

fn is_version(text: &str) -> bool {
    let parts: Vec<_> = text.split('.').map(str::parse::<u32>).collect();
    parts.len() == 3 && parts.iter().all(Result::is_ok)
}

#[test]
fn every_key_is_described_once_and_well() {
    for section in sections() {
        assert!(!section.doc.is_empty(), "{}", section.name);
        for (index, key) in section.keys.iter().enumerate() {
            let place = format!("{}: {}", section.name, key.name);
            assert!(!key.doc.is_empty() && !key.doc.ends_with('.'), "{place}");
            assert!(key.since.is_empty() || is_version(key.since), "{place}");
            assert!(key.types.iter().all(|name| interface_type(name).is_some()), "{place}");
            if let Kind::Integer { min, max, .. } = key.kind {
                assert!(min < max, "{place}");
            }
            if let Kind::Enum { choices, .. } = key.kind {
                let names: BTreeSet<_> = choices.iter().map(|choice| choice.name).collect();
                assert_eq!(names.len(), choices.len(), "{place}");
            }
            if let Some(Literal::Sibling(name)) = key.default {
                assert!(section.key(name).is_some(), "{place}");
            }
            for other in &section.keys[index + 1..] {
                let is_apart = !key.types.is_empty()
                    && !other.types.is_empty()
                    && key.types.iter().all(|name| !other.types.contains(name));
                let spellings = std::iter::once(&other.name).chain(other.aliases);
                let is_same = spellings.into_iter().any(|spelling| key.is_named(spelling));
                assert!(!is_same || is_apart, "{place} and {}", other.name);
            }
        }
        for key in section.keys {
            let known = |place: &&str| {
                let below = |outer: &str, name: &str| match section.key(outer)?.kind {
                    Kind::Section(inner) => inner.key(name),
                    _ => None,
                };
                match place.split_once('/') {
                    Some((outer, name)) => below(outer, name).is_some(),
                    None => section.key(place).is_some() && *place != key.name,
                }
            };
            assert!(key.follows.iter().all(known), "{}: {}", section.name, key.name);
        }
        for name in section.identity.iter().chain(section.inherits).chain(&section.shorthand) {
            assert!(section.keys.iter().any(|key| key.name == *name), "{}: {name}", section.name);
        }
    }
}

#[test]
fn every_type_has_its_section() {
    for known in interface_types() {
        assert!(known.since.is_empty() || is_version(known.since), "{}", known.name);
        if let Some(name) = known.section {
            let mut keys = interface_keys(known.name);
            let section = keys.find(|key| key.name == name).unwrap_or_else(|| panic!("{name}"));
            assert!(section.types.contains(&known.name), "{name}");
        }
    }
    let kind = INTERFACE.key("type").unwrap().kind;
    let Kind::Enum { choices, .. } = kind else { panic!("{kind:?}") };
    let settable: BTreeSet<_> =
        choices.iter().filter(|choice| choice.settable).map(|choice| choice.name).collect();
    let types: BTreeSet<_> = interface_types().iter().map(|known| known.name).collect();
    assert_eq!(settable, types);
}

/// Whoever adds a secret adds it here too, and sees to it that nothing prints it.
#[test]
fn these_and_no_others_are_secrets() {
    let sections = sections();
    let keys = sections.iter().flat_map(|section| section.keys);
    let secrets: BTreeSet<_> = keys.filter(|key| key.sensitive).map(|key| key.name).collect();
    assert_eq!(secrets, BTreeSet::from(["mka-cak", "password", "private-key-password", "psk"]));
}
