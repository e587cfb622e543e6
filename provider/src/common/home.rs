//! Where the machine of a state is now.
//!
//! A state has the host's name of its time. Where the provider block has that name, it leads to the
//! machine, or to another one, which is refused; where it has not, the machine is looked for.

use std::sync::Arc;

use nmstate_engine::{Error, Snapshot};
use tfplugin::Value;

use super::forgotten::{is_forgotten, search};
use super::machine::{Known, Machine};
use super::others::{Settled, settle, unmistakable};
use crate::fleet::{Fleet, Member, Resolved};
use crate::machine_record::MachineRecord;

/// What the machine of a state is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To see how it is.
    Look,
    /// To take something away or put something back.
    Removal,
}

/// The host of a state, looked at.
pub(super) struct Home {
    /// The name that leads there.
    pub(super) name: String,
    /// The host.
    pub(super) member: Arc<Member>,
    /// The host as it is.
    pub(super) snapshot: Arc<Snapshot>,
    /// Whether it has a new host key.
    pub(super) settled: Settled,
}

impl Home {
    /// Looks at the machine of a state; `None` while its host is unknown.
    pub(super) async fn find(
        fleet: &Fleet,
        state: &Value,
        record: &MachineRecord,
        purpose: Purpose,
    ) -> Result<Option<Self>, Error> {
        let known = Known::of(state, record);
        if is_forgotten(fleet, state) {
            return search(fleet, &known, purpose).await.map(Some);
        }
        let Resolved::Known(name, member) = fleet.resolve(state.attribute("host"))? else {
            return Ok(None);
        };
        let snapshot = member.look().await?;
        let settled = settle(fleet, &known, &name, &member, &Machine::of(&snapshot)).await?;
        if purpose == Purpose::Removal {
            unmistakable(fleet, &member, &snapshot)?;
        }
        Ok(Some(Self { name, member, snapshot, settled }))
    }
}
