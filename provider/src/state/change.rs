//! The change that a document asks for, as a plan and its apply see it.

use nmstate_engine::transaction::Change;
use nmstate_schema::document::Document;
use nmstate_schema::superseded;
use nmstate_schema::undo::Undo;
use tfplugin::Value;

use super::DESIRED;
use crate::differences::differences;
use crate::document::parse;
use crate::original::Original;
use crate::others;

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

    /// What the change comes to on a host, as the value of `differences`.
    pub(super) fn differences(&self, host: &Document) -> Option<Value> {
        Some(Value::list(differences(&self.sent(host)?, host)))
    }
}
