//! What is declared on a host in this run, and what waits to be undone until it is not any more.
//!
//! A declaration counts from the moment that it is asked for, whether its transaction has begun or
//! not: what another change takes away after that would be lost. One that failed counts no more.
//!
//! A resource that a run leaves as it is never comes here by itself. An undo brings along what others
//! were found to declare of its things, and that counts until they change it or go.

use std::sync::{Mutex, PoisonError};

use nmstate_schema::Declaration;
use nmstate_schema::document::Document;
use nmstate_schema::undo::Undo;

/// The documents of this run.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    declared: Mutex<Vec<Declared>>,
    others: Mutex<Vec<Other>>,
    postponed: Mutex<Undo>,
}

/// The declaration of a change of this run.
#[derive(Debug)]
struct Declared {
    id: DeclarationId,
    document: Document,
    /// True once the change was answered: it inherits nothing more.
    is_settled: bool,
}

/// The declaration of a resource from before this run.
#[derive(Debug)]
struct Other {
    by: String,
    /// `None` while it is only known that this run has changed the resource.
    document: Option<Document>,
    /// True once this run has changed or destroyed the resource.
    is_released: bool,
}

/// The number of a declaration of this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DeclarationId(usize);

impl Ledger {
    /// Notes what is declared.
    pub(super) fn declare(&self, document: &Document) -> DeclarationId {
        let mut declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        let next = declared.last().map_or(0, |Declared { id: DeclarationId(last), .. }| last + 1);
        let (id, document) = (DeclarationId(next), document.clone());
        declared.push(Declared { id, document, is_settled: false });
        id
    }

    /// Takes a declaration back.
    pub(super) fn withdraw(&self, id: DeclarationId) {
        let mut declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        declared.retain(|one| one.id != id);
    }

    /// Notes that a declaration was answered.
    pub(super) fn settle(&self, id: DeclarationId) {
        let mut declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        let own = declared.iter_mut().filter(|one| one.id == id);
        own.for_each(|one| one.is_settled = true);
    }

    /// All that is declared.
    pub(super) fn documents(&self) -> Vec<Document> {
        self.those(|_| true)
    }

    /// The declarations of those that inherit nothing more.
    pub(super) fn settled(&self) -> Vec<Document> {
        self.those(|one| one.is_settled)
    }

    fn those(&self, is_one: impl Fn(&Declared) -> bool) -> Vec<Document> {
        let declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        let said = declared.iter().filter(|one| is_one(one)).map(|one| &one.document);
        let others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let left =
            others.iter().filter(|one| !one.is_released).filter_map(|one| one.document.as_ref());
        said.filter(|one| !one.is_empty()).chain(left).cloned().collect()
    }

    /// Notes what resources declared before this run.
    pub(super) fn know(&self, declarations: &[Declaration]) {
        for Declaration { by, document } in declarations {
            self.other(by, |other| other.document = Some(document.clone()));
        }
    }

    /// Takes back what a resource declared before this run.
    pub(super) fn release(&self, by: &str) {
        self.other(by, |other| other.is_released = true);
    }

    /// Undoes [`Ledger::release`], because the resource stays as it was.
    pub(super) fn keep(&self, by: &str) {
        self.other(by, |other| other.is_released = false);
    }

    fn other(&self, by: &str, change: impl FnOnce(&mut Other)) {
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let known = others.iter().position(|one| one.by == by);
        let position = known.unwrap_or_else(|| {
            others.push(Other { by: by.to_owned(), document: None, is_released: false });
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
