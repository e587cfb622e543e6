//! What the resources of one provider process share: the fleet, once the provider is configured.

use std::sync::{Arc, PoisonError, RwLock};

use nmstate_engine::{Error, ErrorKind};

use crate::fleet::Fleet;

/// The configured provider. A process that outlives a run is configured many times; each time
/// begins with fresh connections and snapshots.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    fleet: RwLock<Option<Arc<Fleet>>>,
}

impl Shared {
    /// Takes a new configuration; calls in flight go on with the old one.
    pub(crate) fn configure(&self, fleet: Fleet) {
        *self.fleet.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(fleet));
    }

    /// The fleet.
    pub(crate) fn fleet(&self) -> Result<Arc<Fleet>, Error> {
        let fleet = self.fleet.read().unwrap_or_else(PoisonError::into_inner);
        fleet.clone().ok_or_else(|| {
            Error::new(ErrorKind::Configuration, "", "the provider is not configured")
        })
    }

    /// Cancels what runs on all hosts.
    pub(crate) fn cancel(&self) {
        if let Ok(fleet) = self.fleet() {
            fleet.cancel();
        }
    }
}
