//! The other hosts of the provider block, and what they say of a machine.
//!
//! Cloned machines show one id, and some show one host key too. They are asked only when a name and
//! an id are not enough to say which machine is meant.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream;
use nmstate_engine::{Error, ErrorKind, Snapshot};
use tfplugin::Value;

use super::machine::{Known, Machine, NEW_IDENTITY, Standing, replaced};
use crate::fleet::{Fleet, Member, Resolved};

/// Hosts that are asked at once.
const AT_ONCE: usize = 32;

/// A host of the provider block.
pub(super) struct Other {
    /// The first key of `hosts` that leads there.
    pub(super) name: String,
    /// The host, and how it is; an error when it could not be looked at.
    pub(super) look: Result<(Arc<Member>, Arc<Snapshot>), Error>,
}

/// What a host turns out to be that has the name of a state.
#[derive(Debug, PartialEq)]
pub(super) enum Settled {
    /// The machine of the state.
    Same,
    /// The same with a new host key; these hosts could not be asked whether it is theirs.
    NewKey(Vec<String>),
}

/// Looks at all hosts of the provider block, each once.
pub(super) async fn all(fleet: &Fleet) -> Vec<Other> {
    let looks = fleet.all().into_iter().map(|(name, member)| look(name, member));
    stream::iter(looks).buffered(AT_ONCE).collect().await
}

async fn look(name: String, member: Result<Arc<Member>, Error>) -> Other {
    let look = async {
        let member = member?;
        let snapshot = member.look().await?;
        Ok((member, snapshot))
    };
    Other { name, look: look.await }
}

/// Decides what the host of a state's own name is, by the other hosts where its key is a new one.
pub(super) async fn settle(
    fleet: &Fleet,
    known: &Known<'_>,
    name: &str,
    member: &Arc<Member>,
    found: &Machine,
) -> Result<Settled, Error> {
    match known.standing(name, found) {
        Standing::Same => Ok(Settled::Same),
        Standing::Elsewhere | Standing::Replaced => Err(replaced(name, known, found)),
        // The connection has accepted the key for this name: either it was renewed on purpose, or
        // the name leads to a clone.
        Standing::NewKey => {
            let mut unseen = Vec::new();
            for other in all(fleet).await {
                match other.look {
                    Ok((one, _)) if Arc::ptr_eq(&one, member) => {}
                    Ok((_, snapshot)) => {
                        if known.id.is_some_and(|id| Machine::of(&snapshot).has_id(id)) {
                            return Err(replaced(name, known, found));
                        }
                    }
                    Err(_) => unseen.push(other.name),
                }
            }
            Ok(Settled::NewKey(unseen))
        }
    }
}

/// Whether the machine of a state is still at the state's own name, when the host of another name
/// shows the same machine.
pub(super) async fn is_at_home(
    fleet: &Fleet,
    known: &Known<'_>,
    name: &str,
    member: &Arc<Member>,
    found: &Machine,
) -> Result<bool, Error> {
    let Some(own) = known.host.filter(|own| *own != name && fleet.knows(own)) else {
        return Ok(false);
    };
    let Resolved::Known(_, at_home) = fleet.resolve(&Value::from(own))? else { return Ok(false) };
    if Arc::ptr_eq(&at_home, member) {
        return Ok(false);
    }
    match at_home.look().await {
        Ok(snapshot) => {
            let there = Machine::of(&snapshot);
            match (known.standing(own, &there), there.is_like(found)) {
                (Standing::Replaced | Standing::Elsewhere, _) => Ok(false),
                (Standing::NewKey, _) if known.record.has(found.key()) == Some(true) => Ok(false),
                (Standing::Same, Some(false)) => Ok(true),
                (Standing::Same | Standing::NewKey, _) => Err(alike(own, name, known.id)),
            }
        }
        // A destination is gone when the machine has moved; an entry of `hosts` is there.
        Err(_) if !fleet.has_entry(own) => Ok(false),
        Err(error) => {
            let message = format!(
                "it shows the same machine as `{own}`, which could not be looked at: {}",
                error.message
            );
            let hint = format!(
                "if it is the same machine under another name, take `{own}` out of `hosts`; if it is \
                 a clone, `{own}` has to be reachable"
            );
            Err(Error::new(ErrorKind::Configuration, name, message).with_hint(hint))
        }
    }
}

/// Refuses a host that cannot be told from another one of `hosts` that this run has looked at.
pub(super) fn unmistakable(
    fleet: &Fleet,
    member: &Arc<Member>,
    snapshot: &Snapshot,
) -> Result<(), Error> {
    let Some(name) = &member.entry else { return Ok(()) };
    let machine = Machine::of(snapshot);
    for (other, found) in fleet.seen() {
        if Arc::ptr_eq(&other, member) {
            continue;
        }
        if let Some(another) = &other.entry
            && machine.is_like(&Machine::of(&found)) == Some(true)
        {
            let id = Some(snapshot.machine_id.as_str());
            return Err(alike(name.min(another), name.max(another), id));
        }
    }
    Ok(())
}

/// Two names that lead to one machine, or to clones down to the host key.
fn alike(one: &str, other: &str, id: Option<&str>) -> Error {
    let id = id.unwrap_or_default();
    let message = format!(
        "`{one}` and `{other}` cannot be told apart: both show the machine id `{id}` and the same \
         host key"
    );
    let hint = format!(
        "if both lead to one machine, use one name for it. If not: {NEW_IDENTITY}; then take that \
         machine's resources out of the state (`terraform state rm`) and apply again"
    );
    Error::new(ErrorKind::Configuration, other, message).with_hint(hint)
}
