//! Where the machine of a state is now.
//!
//! A state has the host's name of its time. When the provider block does not speak of that name any
//! more, the host was most likely renamed there; Terraform tells a refresh and a destroy nothing of
//! a new name, so the machine is looked for among the hosts that the block names now.

use std::sync::Arc;

use futures_util::future::join_all;
use nmstate_engine::{Error, Snapshot};
use tfplugin::Value;

use super::machine::{Standing, identity, replaced, standing};
use crate::fleet::{Fleet, Member, Resolved};

/// The host of a state, looked at.
pub(super) struct Home {
    /// The name that leads there.
    pub(super) name: String,
    /// The host.
    pub(super) member: Arc<Member>,
    /// The host as it is.
    pub(super) snapshot: Arc<Snapshot>,
}

impl Home {
    /// Looks at the machine of a state; `None` while its host is unknown.
    pub(super) async fn find(fleet: &Fleet, state: &Value) -> Result<Option<Self>, Error> {
        match Self::look(fleet, state, state.attribute("host")).await {
            Err(error) if is_forgotten(fleet, state) => {
                let names: Vec<Value> = fleet.all().map(Value::from).collect();
                let looks = join_all(names.iter().map(|name| Self::look(fleet, state, name))).await;
                let found = looks.into_iter().find_map(|look| look.ok().flatten());
                found.map(Some).ok_or(error)
            }
            outcome => outcome,
        }
    }

    async fn look(fleet: &Fleet, state: &Value, host: &Value) -> Result<Option<Self>, Error> {
        let Resolved::Known(name, member) = fleet.resolve(host)? else { return Ok(None) };
        let snapshot = member.look().await?;
        let found = identity(&snapshot);
        match standing(state, &name, &found) {
            Standing::Same => Ok(Some(Self { name, member, snapshot })),
            Standing::Elsewhere | Standing::Replaced => Err(replaced(&name, state, &found)),
        }
    }
}

/// Whether a state has a known machine under a name that the provider block does not speak of.
pub(super) fn is_forgotten(fleet: &Fleet, state: &Value) -> bool {
    let is_known_machine = !state.attribute("machine_id").is_null();
    let name = state.attribute("host").as_str();
    is_known_machine && name.is_some_and(|name| !fleet.names(name))
}
