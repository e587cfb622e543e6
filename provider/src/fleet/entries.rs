//! The entries of `hosts`: which of them lead to one host, and which names are none of them.
//!
//! All of them are resolved before the first is used, so that what is wrong with two of them does
//! not depend on which resource comes first. That reads the SSH client configuration and contacts
//! nobody.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use nmstate_engine::target::{self, HostIdentity, Inventory, Target};
use nmstate_engine::{Error, ErrorKind};
use tfplugin::{AttributePath, Diagnostics};

/// Names listed in a message.
const MOST_NAMES: usize = 12;
/// Names that are offered in place of an unknown one.
const MOST_NEAREST: usize = 3;
/// Names less alike are nobody's slip of the pen.
const LIKENESS: f64 = 0.85;

/// What the entries of `hosts` lead to.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// Of several entries that lead to one host, the first by name.
    hosts: HashMap<HostIdentity, Target>,
    /// The entries that contradict the first one of their host.
    contradictions: Vec<Error>,
}

impl Entries {
    /// Resolves all entries. One that cannot be resolved fails whoever uses it.
    pub(super) fn of(inventory: &Inventory) -> Self {
        let mut entries = Self::default();
        for name in inventory.hosts.keys() {
            let Ok(target) = target::resolve(name, inventory) else { continue };
            match entries.hosts.entry(target.identity()) {
                Entry::Vacant(free) => {
                    free.insert(target);
                }
                Entry::Occupied(first) => {
                    entries.contradictions.extend(contradiction(&target, first.get()));
                }
            }
        }
        entries
    }

    /// The entry that leads to the same host.
    pub(super) fn leading_to(&self, target: &Target) -> Option<&Target> {
        self.hosts.get(&target.identity())
    }

    /// Reports the entries that contradict each other.
    pub(super) fn report(&self, diagnostics: &mut Diagnostics) {
        for error in &self.contradictions {
            let path = AttributePath::from("hosts").key(error.host.as_str());
            tell(error, path, diagnostics);
        }
    }
}

/// Adds an error on its attribute.
pub(super) fn tell(error: &Error, path: AttributePath, diagnostics: &mut Diagnostics) {
    diagnostics.attribute_error(path, error.to_string(), error.hint.clone().unwrap_or_default());
}

/// What two names that lead to one host do not agree in.
pub(super) fn contradiction(target: &Target, other: &Target) -> Option<Error> {
    let settings = target.differing_settings(other);
    if settings.is_empty() {
        return None;
    }
    let settings: Vec<String> = settings.iter().map(|name| format!("`{name}`")).collect();
    let message = format!(
        "it leads to the same host as `{}`, with another {}",
        other.name(),
        settings.join(", ")
    );
    let hint = format!(
        "both are `{}`: make the two the same, or keep one of them. If they are two machines, say \
         what leads to each: its address, `ssh.user`, `ssh.port`, `ssh.jump` or `ssh.host_key`",
        target.destination()
    );
    Some(Error::new(ErrorKind::Configuration, target.name(), message).with_hint(hint))
}

/// A name that is no key of `hosts` where only those count.
pub(super) fn unknown_name(name: &str, inventory: &Inventory) -> Error {
    let quoted = |names: &[&str], between: &str| {
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(between)
    };
    let nearest = nearest(name, inventory);
    let known: Vec<&str> = inventory.hosts.keys().map(String::as_str).collect();
    let offer = if !nearest.is_empty() {
        format!("did you mean {}", quoted(&nearest, " or "))
    } else if known.is_empty() {
        "`hosts` is empty".to_owned()
    } else if known.len() > MOST_NAMES {
        format!("`hosts` has {}, ...", quoted(&known[..MOST_NAMES], ", "))
    } else {
        format!("`hosts` has {}", quoted(&known, ", "))
    };
    let hint = format!(
        "{offer}; for SSH destinations beside `hosts` set `destinations = true` in the provider block"
    );
    Error::new(ErrorKind::Configuration, name, "it is no key of the provider's `hosts`")
        .with_hint(hint)
}

/// The keys that a name is most likely a misspelling of, the likeliest first.
fn nearest<'a>(name: &str, inventory: &'a Inventory) -> Vec<&'a str> {
    // A letter in three is swapped.
    let slips = name.chars().count().max(3) / 3;
    let mut alike: Vec<(usize, f64, &str)> = inventory
        .hosts
        .keys()
        .map(|key| {
            (strsim::damerau_levenshtein(name, key), strsim::jaro_winkler(name, key), key.as_str())
        })
        .filter(|(distance, likeness, _)| *distance <= slips || *likeness > LIKENESS)
        .collect();
    alike.sort_by(|one, other| one.0.cmp(&other.0).then(other.1.total_cmp(&one.1)));
    alike.into_iter().take(MOST_NEAREST).map(|(.., key)| key).collect()
}

#[cfg(test)]
mod tests;
