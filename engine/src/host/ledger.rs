//! What is declared on a host in this run, and what waits to be undone until it is not any more.
//!
//! A declaration counts from the moment that it is asked for, whether its transaction has begun or
//! not: what another change takes away after that would be lost. One that failed counts no more.
//!
//! What a run leaves as it is never comes here by itself. Whoever undoes something brings along what
//! others were found to declare of it, and that counts until they change it or go.

use std::sync::{Mutex, PoisonError};

use nmstate_schema::document::Document;
use nmstate_schema::undo::Undo;

/// The documents of this run.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    declared: Mutex<Vec<(Declaration, Document)>>,
    others: Mutex<Vec<Other>>,
    postponed: Mutex<Undo>,
}

/// What resources declared before this run.
#[derive(Debug)]
struct Other {
    document: Document,
    /// How many do.
    by: usize,
    /// How many of them this run has changed or destroyed.
    released: usize,
}

/// One declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Declaration(usize);

impl Ledger {
    /// Notes what is declared.
    pub(super) fn declare(&self, document: &Document) -> Declaration {
        let mut declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        let declaration = Declaration(declared.last().map_or(0, |(Declaration(last), _)| last + 1));
        declared.push((declaration, document.clone()));
        declaration
    }

    /// Takes a declaration back.
    pub(super) fn withdraw(&self, declaration: Declaration) {
        let mut declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        declared.retain(|(one, _)| *one != declaration);
    }

    /// All that is declared.
    pub(super) fn documents(&self) -> Vec<Document> {
        let declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        let said = declared.iter().map(|(_, document)| document).filter(|one| !one.is_empty());
        let others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let left = others.iter().filter(|one| one.released < one.by).map(|one| &one.document);
        said.chain(left).cloned().collect()
    }

    /// Notes what resources declared before this run, all that declare the same.
    pub(super) fn know(&self, documents: &[Document]) {
        for document in documents {
            let by = documents.iter().filter(|one| *one == document).count();
            self.other(document, |other| other.by = other.by.max(by));
        }
    }

    /// Takes back what one resource declared before this run.
    pub(super) fn release(&self, document: &Document) {
        self.other(document, |other| other.released += 1);
    }

    /// Undoes [`Ledger::release`], because the resource stays as it was.
    pub(super) fn keep(&self, document: &Document) {
        self.other(document, |other| other.released = other.released.saturating_sub(1));
    }

    fn other(&self, document: &Document, change: impl FnOnce(&mut Other)) {
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let known = others.iter().position(|one| one.document == *document);
        let position = known.unwrap_or_else(|| {
            others.push(Other { document: document.clone(), by: 0, released: 0 });
            others.len() - 1
        });
        change(&mut others[position]);
    }

    /// Keeps what could not be undone because something else declares it, and what went with an
    /// interface: it is tried again with each later change of this run.
    pub(super) fn postpone(&self, undo: Undo) {
        let mut postponed = self.postponed.lock().unwrap_or_else(PoisonError::into_inner);
        *postponed = std::mem::take(&mut *postponed).and(undo);
    }

    /// Forgets what is kept and a change takes away.
    pub(super) fn take_away(&self, undo: &Undo) {
        let mut postponed = self.postponed.lock().unwrap_or_else(PoisonError::into_inner);
        *postponed = std::mem::take(&mut *postponed).without_kept(undo);
    }

    /// Forgets all that is kept; false when there was nothing.
    pub(super) fn let_go(&self) -> bool {
        let mut postponed = self.postponed.lock().unwrap_or_else(PoisonError::into_inner);
        let (left, had_any) = std::mem::take(&mut *postponed).letting_go();
        *postponed = left;
        had_any
    }

    /// What waits.
    pub(super) fn postponed(&self) -> Undo {
        self.postponed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
