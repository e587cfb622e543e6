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
        let state = &snapshot.state;
        let (mut change, document) = requested(reached, state)?;
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

/// The request to the engine, and what it comes to for people.
fn requested(reached: Reached, state: &Document) -> Result<(Change, Document), Ended> {
    let Reached { document, undo, replaced } = reached;
    let mut change = Change { undo, ..document.into() };
    let document = resolved(&change, state)?;
    // How nmstate is told of a change that the comparison has a step for.
    change.undo = change.undo.and(replaced);
    Ok((change, document))
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

#[cfg(test)]
mod tests {
    use nmstate_schema::generated::{Case, Thing, failures, things};
    use nmstate_schema::scope::Scope;

    use super::*;

    /// The cases for each thing, unless `PROPERTIES` says another number.
    const CASES: u32 = 3;

    const SCOPES: [Scope; 4] = [Scope::Merged, Scope::Replaced, Scope::Overridden, Scope::Deleted];

    #[test]
    fn a_check_names_what_a_run_compares() {
        let count = std::env::var("PROPERTIES").ok().and_then(|text| text.parse().ok());
        let failed: Vec<String> = things()
            .into_iter()
            .flat_map(|thing| {
                let check = |case: &Case| check(&thing, case);
                failures(&thing.cases(), count.unwrap_or(CASES), 0, check)
            })
            .map(|(number, case, failure)| format!("case {number}: {failure}\n  {case:?}"))
            .collect();
        assert!(failed.is_empty(), "{}", failed.join("\n"));
    }

    fn check(thing: &Thing, case: &Case) -> Result<(), String> {
        for entry in [&case.declared, &case.respelled, &case.changed] {
            let desired = Document::from_value(thing.document(entry)).unwrap();
            for (scope, host) in
                SCOPES.iter().flat_map(|scope| [(scope, &case.host), (scope, &case.by_hand)])
            {
                let Ok(reached) = scope.reach(&desired, host) else { continue };
                let Ok((change, document)) = requested(reached, host) else { continue };
                let Ok(sent) = resolved(&change, host) else {
                    return Err(format!("{scope:?}: a run refuses what a check does not"));
                };
                let [named, compared] = [document, sent].map(|one| compare(&one, host));
                let lacking = named.iter().find(|one| !compared.contains(one));
                if let Some(one) = lacking {
                    return Err(format!("{scope:?}: {one:?} is named, and not compared"));
                }
                // What is sent to be removed for another form is a step of the change that is named.
                let is_step =
                    |one: &Difference| one.desired["state"] == "absent" && !named.is_empty();
                let more = compared.iter().find(|one| !named.contains(one) && !is_step(one));
                if let Some(one) = more {
                    return Err(format!("{scope:?}: {one:?} is compared, and not named"));
                }
                let is_again = *scope == Scope::Merged
                    && entry == &case.declared
                    && std::ptr::eq(host, &raw const case.host);
                if is_again && !named.is_empty() {
                    return Err(format!("what was applied differs: {named:?}"));
                }
            }
        }
        Ok(())
    }
}
