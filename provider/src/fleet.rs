//! The hosts of one configured provider: from the name in a resource to the one actor per host.
//!
//! Two names for one destination share one actor, so they share one connection, one snapshot and
//! one queue. The fleet also remembers which interfaces this run has planned to create: a port
//! that does not exist yet is fine when its own resource was planned before it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use nmstate_engine::target::{self, Target};
use nmstate_engine::transaction::Report;
use nmstate_engine::{Error, ErrorKind, Host, Snapshot};
use tfplugin::Value;

use crate::configuration::{Configuration, DefaultHost, HOST_VARIABLE, Unreachable};

/// All hosts that a configured provider may speak to.
#[derive(Debug)]
pub(crate) struct Fleet {
    configuration: Configuration,
    /// Stands for every host.
    #[cfg(test)]
    simulated: Option<Arc<nmstate_engine::host::SimulatedHost>>,
    hosts: Mutex<HashMap<Target, Arc<Member>>>,
}

/// A host and what this run knows of it.
#[derive(Debug)]
pub(crate) struct Member {
    /// The engine's actor.
    pub(crate) host: Host,
    /// The host as this run found it, before any change of its own.
    found: OnceLock<Arc<Snapshot>>,
    planned: Mutex<BTreeSet<String>>,
    told: Mutex<Vec<Arc<Report>>>,
}

/// The host of a resource.
#[derive(Debug)]
pub(crate) enum Resolved {
    /// The name that goes into the state, and the host behind it.
    Known(String, Arc<Member>),
    /// Known only after another resource's apply: plan without contact.
    Unknown,
}

impl Fleet {
    /// The hosts of a provider block; none is contacted yet.
    pub(crate) fn new(configuration: Configuration) -> Self {
        Self {
            configuration,
            #[cfg(test)]
            simulated: None,
            hosts: Mutex::default(),
        }
    }

    /// The same with a host in memory in place of every host.
    #[cfg(test)]
    pub(crate) fn simulated(
        configuration: Configuration,
        host: Arc<nmstate_engine::host::SimulatedHost>,
    ) -> Self {
        Self { simulated: Some(host), ..Self::new(configuration) }
    }

    fn host(&self, target: &Target) -> Host {
        #[cfg(test)]
        if let Some(host) = &self.simulated {
            return host.host(target.name());
        }
        Host::new(target.clone(), self.configuration.options.clone())
    }

    /// What to do about a host that cannot be reached during a refresh.
    pub(crate) fn unreachable(&self) -> Unreachable {
        self.configuration.unreachable
    }

    /// Whether resources keep the report of their last transaction.
    pub(crate) fn reports(&self) -> bool {
        self.configuration.report_in_state
    }

    /// Whether the provider block speaks of a host by this name.
    pub(crate) fn names(&self, name: &str) -> bool {
        let inventory = self.configuration.inventory.as_ref();
        self.configuration.default_host == DefaultHost::Named(name.to_owned())
            || inventory.is_none_or(|inventory| inventory.hosts.contains_key(name))
    }

    /// The host that a resource's `host` attribute means.
    pub(crate) fn resolve(&self, host: &Value) -> Result<Resolved, Error> {
        let name = match (host, &self.configuration.default_host) {
            (Value::Unknown, _) | (Value::Null, DefaultHost::Unknown) => {
                return Ok(Resolved::Unknown);
            }
            (Value::String(name), _) | (_, DefaultHost::Named(name)) => name.clone(),
            (_, DefaultHost::None | DefaultHost::Unknown) => {
                return Err(Error::new(ErrorKind::Configuration, "", "no host is named")
                    .with_hint(format!(
                        "set `host` on the resource or on the provider, or the environment variable `{HOST_VARIABLE}`"
                    )));
            }
        };
        let Some(inventory) = &self.configuration.inventory else { return Ok(Resolved::Unknown) };
        let target = target::resolve(&name, inventory)?;
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let member = hosts.entry(target).or_insert_with_key(|target| {
            let host = self.host(target);
            Arc::new(Member {
                host,
                found: OnceLock::new(),
                planned: Mutex::default(),
                told: Mutex::default(),
            })
        });
        Ok(Resolved::Known(name, Arc::clone(member)))
    }

    /// The names of all hosts in the provider block.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        let inventory = self.configuration.inventory.iter();
        inventory.flat_map(|inventory| inventory.hosts.keys().map(String::as_str))
    }

    /// Cancels what runs and what waits on all hosts.
    pub(crate) fn cancel(&self) {
        for member in self.hosts.lock().unwrap_or_else(PoisonError::into_inner).values() {
            member.host.cancel();
        }
    }
}

impl Member {
    /// The host as it is.
    pub(crate) async fn look(&self) -> Result<Arc<Snapshot>, Error> {
        let snapshot = self.host.snapshot().await?;
        self.found.get_or_init(|| Arc::clone(&snapshot));
        Ok(snapshot)
    }

    /// The host as this run found it. What is new is planned from this, and planned once more when
    /// it is applied: the same must come out, although other resources have changed the host by
    /// then.
    pub(crate) fn found(&self) -> Option<&Snapshot> {
        self.found.get().map(Arc::as_ref)
    }

    /// Remembers that an interface will exist after this run's earlier steps.
    pub(crate) fn plan_interface(&self, name: &str) {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
    }

    /// Whether this run plans to create the interface.
    pub(crate) fn is_planned(&self, name: &str) -> bool {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner).contains(name)
    }

    /// Whether nobody has told the user of this transaction yet, which is done with the answer:
    /// many resources share one.
    pub(crate) fn tell(&self, report: &Arc<Report>) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !told.iter().any(|known| Arc::ptr_eq(known, report));
        if is_new {
            told.push(Arc::clone(report));
        }
        is_new
    }
}

/// The host of an apply or an import, which has to be known by then.
pub(crate) fn known_host(resolved: Resolved) -> Result<(String, Arc<Member>), Error> {
    match resolved {
        Resolved::Known(name, member) => Ok((name, member)),
        Resolved::Unknown => {
            Err(Error::new(ErrorKind::Configuration, "", "the host is not known yet")
                .with_hint("apply the resources that the provider block depends on first"))
        }
    }
}

/// A snapshot of a host that is known.
pub(crate) async fn contacted(member: Option<&Member>) -> Result<Option<Arc<Snapshot>>, Error> {
    match member {
        Some(member) => member.look().await.map(Some),
        None => Ok(None),
    }
}
