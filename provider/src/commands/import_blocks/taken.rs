//! What of a host is taken over, and what is left.

use nmstate_schema::Value as Json;
use serde_json::json;

use super::labels::Labels;
use crate::commands::hosts::Looked;
use crate::entry::Found;
use crate::ownership::{LeftOut, Seen};
use crate::provider::importables;

/// A host, apart in what is taken over and what is not.
pub(super) struct Host {
    /// Its name.
    name: String,
    /// The import blocks.
    pub(super) blocks: Vec<Block>,
    /// What has none.
    left_out: Vec<LeftOut>,
    /// What to know of those that are taken over.
    notes: Vec<String>,
}

/// An import block.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// The address of the resource.
    pub(super) to: String,
    /// The import id.
    pub(super) id: String,
}

/// Goes through a host; ids and names begin with `name` when there is one.
pub(super) fn all(
    looked: &Looked,
    name: Option<&str>,
    include_management: bool,
    labels: &mut Labels,
) -> Host {
    let seen = Seen::new(&looked.snapshot, include_management);
    let mut host = Host {
        name: looked.name.clone(),
        blocks: Vec::new(),
        left_out: Vec::new(),
        notes: Vec::new(),
    };
    for kind in importables() {
        let resource_type = kind.type_name();
        for Found { entry, label, resource_name, id } in kind.found(&seen, name) {
            match id {
                Ok(id) => {
                    // What a host has once is called like the host.
                    let words: Vec<&str> = match name {
                        Some(host) if kind.is_one_per_host() => vec![host],
                        Some(host) => vec![host, &resource_name],
                        None => vec![&resource_name],
                    };
                    let label = labels.give(&resource_type, &words);
                    let to = format!("{resource_type}.{label}");
                    host.notes.extend(notes(&seen, &entry, &to));
                    host.blocks.push(Block { to, id });
                }
                Err(reason) => host.left_out.push(LeftOut { what: label, reason }),
            }
        }
    }
    host.left_out.extend(seen.rest());
    host
}

/// What to know of an entry that is taken over.
fn notes(seen: &Seen<'_>, entry: &Json, to: &str) -> Vec<String> {
    let ports = seen.foreign_ports(entry).into_iter();
    let note = |port| {
        format!(
            "`{to}` has the port `{port}`, which is left out: take it out of the configuration and \
             allow other ports"
        )
    };
    ports.map(note).collect()
}

impl Host {
    /// What is left out and what to know, a line each.
    pub(super) fn remarks(&self) -> Vec<String> {
        let left_out = self
            .left_out
            .iter()
            .map(|one| format!("host `{}`: {} is left out: {}", self.name, one.what, one.reason));
        let notes = self.notes.iter().map(|note| format!("host `{}`: {note}", self.name));
        left_out.chain(notes).collect()
    }

    /// The same for programs.
    pub(super) fn left_out(&self) -> Vec<Json> {
        let entry = |one: &LeftOut| {
            json!({
                "host": self.name,
                "what": one.what,
                "reason": one.reason.word(),
                "message": one.reason.to_string(),
            })
        };
        self.left_out.iter().map(entry).collect()
    }

    /// What to know, for programs.
    pub(super) fn notes(&self) -> Vec<Json> {
        self.notes.iter().map(|note| json!({ "host": self.name, "message": note })).collect()
    }
}
