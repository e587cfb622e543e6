//! The change of a host: the same for a check and for a run, so that both say the same.

use nmstate::NetworkState;
use nmstate_engine::transaction::Change;
use nmstate_engine::{Host, Snapshot};
use nmstate_schema::compare::{Difference, compare};
use nmstate_schema::document::Document;
use nmstate_schema::project::project;
use nmstate_schema::scope::Reached;
use nmstate_schema::validate::on_host;
use nmstate_schema::{Value, makes_cards, missing, not_made};

use super::{Ended, ended, refused, refused_by_nmstate, secrets};
use crate::answer::Answer;
use crate::arguments::{Desired, Wanted};

/// The change of a host.
pub(super) struct Planned {
    /// The request to the engine.
    pub(super) change: Change,
    /// The same as it comes to on the host as it is now, for people.
    pub(super) document: Document,
    pub(super) differences: Vec<Difference>,
    /// The part of the host that the document speaks of, as it is now.
    pub(super) before: Value,
    /// The warning of what could not be looked at.
    pub(super) warning: Option<String>,
}

impl Planned {
    pub(super) async fn new(
        wanted: &Wanted,
        host: &Host,
        snapshot: &Snapshot,
    ) -> Result<Planned, Ended> {
        let desired = match &wanted.desired {
            Desired::Known(document) => document.clone(),
            Desired::Policy(policy) => host.resolve(policy.clone()).await.map_err(ended)?.desired,
        };
        let reached =
            wanted.scope.reach(&desired, &snapshot.state).map_err(|findings| refused(&findings))?;
        Planned::of(reached, snapshot).await
    }

    async fn of(reached: Reached, snapshot: &Snapshot) -> Result<Planned, Ended> {
        let Reached { document, undo, replaced } = reached;
        let state = &snapshot.state;
        let mut change = Change { undo, ..document.into() };
        let document = resolved(&change, state)?;
        // How nmstate is told of a change that the comparison has a step for.
        change.undo = change.undo.and(replaced);
        let mut findings = on_host(&document, state);
        findings.extend(missing(&document, state));
        findings.extend(not_made(&document, state, snapshot.modules.as_ref()));
        if !findings.is_empty() {
            return Err(refused(&findings));
        }
        let mut warning = None;
        let mut differences = compare(&document, state);
        if secrets::are_declared(&document) {
            match secrets::revealed().await {
                Ok(revealed) => differences = compare(&document, &revealed),
                Err(why) => warning = Some(why),
            }
            // What the host shows of a secret would satisfy the engine.
            change.resend = !differences.is_empty();
        }
        if !differences.is_empty() {
            accepted_by_nmstate(&resolved(&change, state)?, state)?;
        }
        let before = project(&document, snapshot.canonical());
        Ok(Planned { change, document, differences, before, warning })
    }
}

fn resolved(change: &Change, state: &Document) -> Result<Document, Ended> {
    let resolved = change.resolve(state).map_err(|conflict| {
        let path = &conflict.path;
        Box::new(Answer::failed(&format!("`{path}` is asked for and taken away at once")))
    })?;
    Ok(resolved.document)
}

/// Whether nmstate would begin such a change. The names of cards that it makes first are not known.
fn accepted_by_nmstate(document: &Document, current: &Document) -> Result<(), Ended> {
    let current = NetworkState::new_from_yaml(&current.to_json());
    let (Ok(current), false) = (current, makes_cards(document)) else { return Ok(()) };
    NetworkState::new_from_yaml(&document.to_json())
        .and_then(|desired| desired.validate(Some(&current)))
        .map_err(refused_by_nmstate)
}
