//! What is declared on a host in this run, and what waits to be undone until it is not any more.
//!
//! A declaration counts from the moment that it is asked for, whether its transaction has begun or
//! not: what another change takes away after that would be lost. One that failed counts no more.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use nmstate_schema::controllers;
use nmstate_schema::document::Document;
use nmstate_schema::undo::Undo;

/// The documents of this run.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    declared: Mutex<Vec<(Declaration, Document)>>,
    postponed: Mutex<Undo>,
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
        let said = declared.iter().filter(|(_, document)| !document.is_empty());
        said.map(|(_, document)| document.clone()).collect()
    }

    /// The controllers that are declared with their ports.
    pub(super) fn controllers(&self) -> BTreeSet<String> {
        self.documents().iter().flat_map(controllers).collect()
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
