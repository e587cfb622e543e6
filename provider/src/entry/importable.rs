//! What of a host can be imported, and by which id: what `import` blocks are written from.
//!
//! An id is the shortest that means one entry alone. It is read back by the very code that an
//! import reads it with, so one that means something else there is never given.

use nmstate_schema::Value as Json;
use nmstate_schema::document::Document;

use super::import::split;
use super::{DEFAULT_HOST, EntryResource, Kind};
use crate::fleet::Member;
use crate::ownership::{Reason, Seen};

/// What a host has of one resource type.
pub(crate) trait Importable: Send + Sync {
    /// The name of the resource type.
    fn type_name(&self) -> String;
    /// Whether each host has one.
    fn is_one_per_host(&self) -> bool;
    /// What somebody has configured of it. Ids begin with `name` when the host is to be named.
    fn found(&self, host: &Seen<'_>, name: Option<&str>) -> Vec<Found>;
}

/// An entry on a host.
pub(crate) struct Found {
    /// The entry in canonical form.
    pub(crate) entry: Json,
    /// The entry for messages.
    pub(crate) label: String,
    /// A name for its resource.
    pub(crate) resource_name: String,
    /// The import id, or why it is left out.
    pub(crate) id: Result<String, Reason>,
}

impl<K: Kind> Importable for K {
    fn type_name(&self) -> String {
        Kind::type_name(self)
    }

    fn is_one_per_host(&self) -> bool {
        self.identity().is_empty()
    }

    fn found(&self, host: &Seen<'_>, name: Option<&str>) -> Vec<Found> {
        let state = host.state();
        let entries = self.all(state).into_iter().filter(|entry| self.is_configured(entry));
        entries
            .map(|entry| Found {
                label: self.label(&entry),
                resource_name: self.resource_name(&entry),
                id: match self.left_out(&entry, host) {
                    Some(reason) => Err(reason),
                    None => shortest_id(self, state, name, &entry).ok_or(Reason::NoId),
                },
                entry,
            })
            .collect()
    }
}

impl<K: Kind> EntryResource<K> {
    /// What an import calls an entry of the host.
    pub(super) fn import_id(&self, entry: &Json, member: &Member) -> Option<String> {
        let state = member.found()?.canonical();
        shortest_id(&self.kind, state, Some(member.host.name()), entry)
    }
}

/// The shortest import id that means this entry and no other.
fn shortest_id(
    kind: &impl Kind,
    state: &Document,
    host: Option<&str>,
    entry: &Json,
) -> Option<String> {
    let parts = kind.import_parts(entry);
    let id = |count: usize| {
        let own = parts[..count].iter().map(String::as_str);
        let words: Vec<&str> = host.into_iter().chain(own).collect();
        if words.is_empty() { DEFAULT_HOST.to_owned() } else { words.join(",") }
    };
    let is_meant = |id: &String| {
        let (read, parts) = split(kind, id);
        read == host && kind.find_imports(state, &parts) == [entry.clone()]
    };
    let least = usize::from(!parts.is_empty());
    (least..=parts.len()).map(id).find(is_meant)
}
