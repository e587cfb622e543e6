//! The change that a document asks for, as a plan and its apply see it.

use nmstate_engine::transaction::Change;
use nmstate_engine::{Host, Snapshot};
use nmstate_schema::canonical::canonical;
use nmstate_schema::document::Document;
use nmstate_schema::path::Path;
use nmstate_schema::secrets::{masked, secrets, with_others};
use nmstate_schema::undo::Undo;
use nmstate_schema::{kernel_named, superseded};
use tfplugin::Value;

use super::DESIRED;
use crate::differences::differences;
use crate::document::parse;
use crate::original::Original;
use crate::{others, secrets};

/// A declared document beside the one that was declared before.
pub(super) struct DocumentChange<'a> {
    declared: &'a Document,
    /// The document before; nothing when the resource is new.
    pub(super) earlier: Document,
    /// The record of the resource.
    pub(super) original: Original,
    /// The declarations of other resources about what may be undone.
    others: Vec<Document>,
}

impl<'a> DocumentChange<'a> {
    /// From the state before and its private bytes.
    pub(super) fn new(declared: &'a Document, prior: &Value, private: &[u8]) -> Self {
        Self {
            declared,
            earlier: parse(prior.attribute(DESIRED)).unwrap_or_default(),
            original: Original::read(private),
            others: others::read(private).into_iter().map(|one| one.document).collect(),
        }
    }

    /// The entries of a host that the document takes the place of.
    pub(super) fn replaced(&self, host: &Document) -> Document {
        superseded(self.declared, &self.earlier, host)
    }

    /// The undoing of what is not declared any more.
    pub(super) fn undo(&self, host: &Document) -> Undo {
        let replaced = Undo::removing(&self.replaced(host));
        self.original.dropping(self.declared, host).and(replaced)
    }

    /// The document that is sent to a host; `None` when it contradicts what is to be put back.
    pub(super) fn sent(&self, host: &Document) -> Option<Document> {
        let (document, undo) = (self.declared.clone(), self.undo(host));
        let change = Change { undo, declared: self.others.clone(), ..document.into() };
        change.resolve(host).ok().map(|resolved| resolved.document)
    }

    /// The secrets of a host that the change makes others, or may make others where the host does not
    /// tell. Since the look at the host the document before has only those that the host has.
    pub(super) async fn secrets(&self, host: &Host, snapshot: &Snapshot) -> Vec<Path> {
        if self.earlier.is_empty()
            && let (others, None) = secrets::host::others(host, snapshot, self.declared).await
        {
            return others;
        }
        let known = secrets(&kernel_named(&self.earlier, &snapshot.state));
        let mut changed = masked(self.declared, snapshot.canonical());
        changed.retain(|one| !known.contains(one));
        changed.into_iter().map(|(place, _)| place).collect()
    }

    /// The value of `differences`: the change as it comes to on a host with these secrets.
    pub(super) fn differences(&self, host: &Document, secrets: &[Path]) -> Option<Value> {
        let sent = self.sent(host)?;
        let found = match secrets {
            [] => differences(&sent, host),
            others => differences(&sent, &with_others(&canonical(host), others)),
        };
        Some(Value::list(found))
    }
}
