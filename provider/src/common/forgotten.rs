//! The machine of a state whose host the provider block does not name any more.
//!
//! Its name is never a destination: whoever answers there may be anybody. Most likely the host was
//! renamed in the block, or taken out of it. Terraform tells a refresh and a destroy nothing of a
//! new name, so the machine is looked for among the hosts that the block names now. It is found when
//! only one of them can be it; a host that could not be looked at may be it.

use std::sync::Arc;

use nmstate_engine::{Error, ErrorKind};
use tfplugin::Value;

use super::home::{Home, Purpose};
use super::machine::{Known, Machine, NEW_IDENTITY};
use super::others;
use crate::fleet::Fleet;

/// Why none of the hosts is the machine for sure.
#[derive(Debug, PartialEq)]
enum Doubt<'a> {
    /// The state does not know the machine.
    Unknown,
    /// None shows its id.
    Nowhere,
    /// Several show its id.
    Several(Vec<&'a str>),
    /// The one that shows its id has another host key.
    OtherKey(&'a str),
    /// The host keys that are known cannot be compared with the one that it shows.
    NoKey(&'a str),
    /// One may be it, and others could not be asked.
    Unseen(&'a str),
}

/// Whether a state has a host that the provider block does not name any more.
pub(super) fn is_forgotten(fleet: &Fleet, state: &Value) -> bool {
    state.attribute("host").as_str().is_some_and(|name| !fleet.knows(name))
}

/// Looks for the machine among the hosts of the block.
pub(super) async fn search(
    fleet: &Fleet,
    known: &Known<'_>,
    purpose: Purpose,
) -> Result<Home, Error> {
    let others = if known.id.is_some() { others::all(fleet).await } else { Vec::new() };
    let machine =
        |other: &others::Other| other.look.as_ref().ok().map(|(_, snapshot)| Machine::of(snapshot));
    let sights: Vec<(&str, Option<Machine>)> =
        others.iter().map(|other| (&*other.name, machine(other))).collect();
    let found = find(known, &sights, purpose).map_err(|doubt| {
        let unseen = sights.iter().filter(|(_, machine)| machine.is_none());
        let unseen: Vec<&str> = unseen.map(|(name, _)| *name).collect();
        refusal(known.host.unwrap_or_default(), &doubt, &unseen)
    })?;
    match others.into_iter().nth(found).map(|other| (other.name, other.look)) {
        Some((name, Ok((member, snapshot)))) => {
            Ok(Home { name, member: Arc::clone(&member), snapshot, settled: others::Settled::Same })
        }
        Some((_, Err(error))) => Err(error),
        None => Err(refusal(known.host.unwrap_or_default(), &Doubt::Nowhere, &[])),
    }
}

/// The one host that can be the machine. A removal takes more to be sure of: cloned machines have
/// one id.
fn find<'a>(
    known: &Known<'_>,
    sights: &[(&'a str, Option<Machine>)],
    purpose: Purpose,
) -> Result<usize, Doubt<'a>> {
    let Some(id) = known.id else { return Err(Doubt::Unknown) };
    let has_id = |machine: &Option<Machine>| machine.as_ref().is_some_and(|one| one.has_id(id));
    let alike: Vec<usize> =
        (0..sights.len()).filter(|position| has_id(&sights[*position].1)).collect();
    let position = match alike.as_slice() {
        [] => return Err(Doubt::Nowhere),
        [position] => *position,
        several => return Err(Doubt::Several(several.iter().map(|one| sights[*one].0).collect())),
    };
    let name = sights[position].0;
    let key = sights[position].1.as_ref().and_then(Machine::key);
    match known.record.has(key) {
        Some(true) => {}
        Some(false) => return Err(Doubt::OtherKey(name)),
        // States of earlier versions know no host key.
        None if known.record.is_empty() && purpose == Purpose::Look => {}
        None => return Err(Doubt::NoKey(name)),
    }
    if sights.iter().any(|(_, machine)| machine.is_none()) {
        return Err(Doubt::Unseen(name));
    }
    Ok(position)
}

/// The error for a machine that was not found.
fn refusal(name: &str, doubt: &Doubt<'_>, unseen: &[&str]) -> Error {
    let quoted = |names: &[&str]| -> String {
        let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        quoted.join(" and ")
    };
    let asked = format!("{} could not be looked at", quoted(unseen));
    let reason = match doubt {
        Doubt::Unknown => "the state has no machine id to look for it by".to_owned(),
        Doubt::Nowhere if unseen.is_empty() => "none of its hosts is the same machine".to_owned(),
        Doubt::Nowhere => format!("its machine was not found: {asked}"),
        Doubt::Several(names) => format!("{} show the same machine id", quoted(names)),
        Doubt::OtherKey(other) => {
            format!("`{other}` shows its machine id with another host key, as a clone does")
        }
        Doubt::NoKey(other) => format!(
            "`{other}` shows its machine id, but no host key is known to tell it from a clone by"
        ),
        Doubt::Unseen(other) => format!("`{other}` shows its machine id, but {asked}"),
    };
    let back = format!(
        "put `{name}` back into `hosts` until its resources are destroyed, or take them out of the \
         state with `terraform state rm`"
    );
    let hint = match doubt {
        Doubt::Several(_) => format!("{back}. {}", capital(NEW_IDENTITY)),
        Doubt::NoKey(_) => format!(
            "put `{name}` back into `hosts` and refresh once (`terraform apply -refresh-only`), \
             which learns its host key; or take its resources out of the state with `terraform \
             state rm`"
        ),
        _ => back,
    };
    let message = format!("the provider's `hosts` has it no more, and {reason}");
    Error::new(ErrorKind::Configuration, name, message).with_hint(hint)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::super::machine::tests::{machine, record};
    use super::*;

    const KEY: Option<&str> = Some("SHA256:k");
    const OTHER: Option<&str> = Some("SHA256:o");

    type Sight<'a> = (&'a str, Option<Machine>);

    fn found<'a>(
        key: Option<&str>,
        sights: &[Sight<'a>],
        purpose: Purpose,
    ) -> Result<usize, Doubt<'a>> {
        let record = record(key);
        find(&Known { host: Some("old"), id: Some("a"), record: &record }, sights, purpose)
    }

    fn shown(name: &'static str, id: &str, key: Option<&str>) -> Sight<'static> {
        (name, Some(machine(Some(id), key)))
    }

    #[test]
    fn the_machine_is_the_only_one_that_can_be_it() {
        for purpose in [Purpose::Look, Purpose::Removal] {
            let found = |sights: &[Sight<'static>]| found(KEY, sights, purpose);
            let (one, two) = (shown("one", "b", KEY), shown("two", "a", KEY));
            assert_eq!(found(&[one.clone(), two.clone()]), Ok(1));
            assert_eq!(found(std::slice::from_ref(&one)), Err(Doubt::Nowhere));
            assert_eq!(found(&[]), Err(Doubt::Nowhere));
            assert_eq!(found(&[two.clone(), ("down", None)]), Err(Doubt::Unseen("two")));
            assert_eq!(found(&[("down", None)]), Err(Doubt::Nowhere));
            let clone = shown("clone", "a", OTHER);
            assert_eq!(found(&[one, clone.clone()]), Err(Doubt::OtherKey("clone")));
            assert_eq!(found(&[clone, two]), Err(Doubt::Several(vec!["clone", "two"])));
            assert_eq!(found(&[shown("local", "a", None)]), Err(Doubt::NoKey("local")));
        }
    }

    #[test]
    fn a_state_without_a_key_is_found_for_a_look_alone() {
        let one = [shown("one", "a", KEY)];
        assert_eq!(found(None, &one, Purpose::Look), Ok(0));
        assert_eq!(found(None, &one, Purpose::Removal), Err(Doubt::NoKey("one")));
        let record = record(KEY);
        let known = Known { host: Some("old"), id: None, record: &record };
        assert_eq!(find(&known, &one, Purpose::Look), Err(Doubt::Unknown));
    }

    #[test]
    fn a_refusal_names_the_hosts_and_the_way_out() {
        let told = |doubt: &Doubt<'_>, unseen: &[&str]| {
            let error = refusal("old", doubt, unseen);
            (error.to_string(), error.hint.unwrap())
        };
        let (text, hint) = told(&Doubt::Nowhere, &["b", "c"]);
        assert_eq!(
            text,
            "host `old`: the provider's `hosts` has it no more, and its machine was not found: `b` \
             and `c` could not be looked at"
        );
        assert!(hint.starts_with("put `old` back into `hosts`"), "{hint}");
        let (text, hint) = told(&Doubt::Several(vec!["b", "c"]), &[]);
        assert!(text.ends_with("and `b` and `c` show the same machine id"), "{text}");
        assert!(hint.contains("state rm`. A cloned machine gets an id of its own"), "{hint}");
        let (_, hint) = told(&Doubt::NoKey("b"), &[]);
        assert!(hint.contains("-refresh-only"), "{hint}");
    }
}
