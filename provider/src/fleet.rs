//! The hosts of one configured provider: from the name in a resource to the one actor per host.
//!
//! Two names that lead to one host share one actor, so they share one connection, one snapshot and
//! one queue; in everything else they have to agree. The fleet also remembers which interfaces this
//! run has planned to create: a port that does not exist yet is fine when its own resource was
//! planned before it.

mod entries;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use nmstate_engine::target::{self, HostIdentity, Target};
use nmstate_engine::transaction::Report;
use nmstate_engine::{Error, ErrorKind, Host, Snapshot};
use nmstate_schema::document::Document;
use nmstate_schema::undo::Undo;
use nmstate_schema::{Claims, Contradiction, Declaration, Known};
use tfplugin::{Diagnostics, Value};

use crate::configuration::{Configuration, DefaultHost, HOST_VARIABLE, Unreachable};

use entries::{Entries, contradiction, tell, unknown_name};

/// All hosts that a configured provider may speak to.
#[derive(Debug)]
pub(crate) struct Fleet {
    configuration: Configuration,
    entries: OnceLock<Entries>,
    /// Stands for every host.
    #[cfg(test)]
    simulated: Option<Arc<nmstate_engine::host::SimulatedHost>>,
    hosts: Mutex<HashMap<HostIdentity, Arc<Member>>>,
}

/// A host and what this run knows of it.
#[derive(Debug)]
pub(crate) struct Member {
    /// The engine's actor.
    pub(crate) host: Host,
    /// The first key of `hosts` that leads there; `None` for a host of no entry.
    pub(crate) entry: Option<String>,
    target: Target,
    /// The host as this run found it, before any change of its own.
    found: OnceLock<Arc<Snapshot>>,
    planned: Mutex<BTreeSet<String>>,
    lost: Mutex<BTreeSet<String>>,
    claims: Mutex<Claims>,
    known: Mutex<Known>,
    undone: Mutex<Vec<Undone>>,
    released: Mutex<BTreeSet<String>>,
    told: Mutex<Vec<Arc<Report>>>,
    told_new_key: OnceLock<()>,
    told_secrets: OnceLock<()>,
}

/// The undoing of a planned change.
#[derive(Debug)]
struct Undone {
    undo: Undo,
    /// Its resource.
    own: Option<String>,
    /// All that was found to be declared of the same.
    concerned: Vec<Declaration>,
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
            entries: OnceLock::new(),
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

    /// Reports what is wrong with the names of hosts, whoever uses them.
    pub(crate) fn check(&self, diagnostics: &mut Diagnostics) {
        let Some(inventory) = &self.configuration.inventory else { return };
        self.entries.get_or_init(|| Entries::of(inventory)).report(diagnostics);
        if let DefaultHost::Named(name) = &self.configuration.default_host
            && !self.knows(name)
        {
            tell(&unknown_name(name, inventory), "host".into(), diagnostics);
        }
    }

    /// What to do about a host that cannot be reached during a refresh.
    pub(crate) fn unreachable(&self) -> Unreachable {
        self.configuration.unreachable
    }

    /// Whether resources keep the report of their last transaction.
    pub(crate) fn reports(&self) -> bool {
        self.configuration.report_in_state
    }

    /// True if a new resource may take over what is there, where it does not say so itself.
    pub(crate) fn adopts(&self) -> bool {
        self.configuration.adopt
    }

    /// Whether a resource may name this host: it is a key of `hosts`, or names may be destinations.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.configuration.destinations || self.has_entry(name)
    }

    /// Whether `hosts` has this key, as far as it is known.
    pub(crate) fn has_entry(&self, name: &str) -> bool {
        let inventory = self.configuration.inventory.as_ref();
        inventory.is_none_or(|inventory| inventory.hosts.contains_key(name))
    }

    /// The host that a resource's `host` attribute means.
    pub(crate) fn resolve(&self, host: &Value) -> Result<Resolved, Error> {
        let name = match (host, &self.configuration.default_host) {
            (Value::Unknown, _) | (Value::Null, DefaultHost::Unknown) => {
                return Ok(Resolved::Unknown);
            }
            (Value::String(name), _)
            | (_, DefaultHost::Named(name) | DefaultHost::FromEnvironment(name)) => name.clone(),
            (_, DefaultHost::None | DefaultHost::Unknown) => {
                return Err(Error::new(ErrorKind::Configuration, "", "no host is named")
                    .with_hint(format!(
                        "set `host` on the resource or on the provider, or the environment variable `{HOST_VARIABLE}`"
                    )));
            }
        };
        let Some(inventory) = &self.configuration.inventory else { return Ok(Resolved::Unknown) };
        if !self.knows(&name) {
            return Err(unknown_name(&name, inventory));
        }
        let target = target::resolve(&name, inventory)?;
        let entries = self.entries.get_or_init(|| Entries::of(inventory));
        let (identity, entry) = (target.identity(), entries.leading_to(&target));
        if let Some(error) = entry.and_then(|entry| contradiction(&target, entry)) {
            return Err(error);
        }
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let member = hosts.entry(identity).or_insert_with(|| {
            let entry = entry.map(|entry| entry.name().to_owned());
            Arc::new(Member::new(self.host(&target), entry, target.clone()))
        });
        // Two destinations, neither of which is an entry.
        match contradiction(&target, &member.target) {
            Some(error) => Err(error),
            None => Ok(Resolved::Known(name, Arc::clone(member))),
        }
    }

    /// The hosts that keys of `hosts` lead to, each once and by its first key.
    pub(crate) fn all(&self) -> Vec<(String, Result<Arc<Member>, Error>)> {
        let inventory = self.configuration.inventory.iter();
        let names = inventory.flat_map(|inventory| inventory.hosts.keys());
        let members = names.map(|name| {
            let member = self.resolve(&Value::from(name.as_str())).and_then(known_host);
            (name.clone(), member.map(|(_, member)| member))
        });
        let is_first = |name: &str, member: &Member| member.entry.as_deref() == Some(name);
        members
            .filter(|(name, member)| member.as_ref().map_or(true, |one| is_first(name, one)))
            .collect()
    }

    /// The hosts that this run has looked at so far.
    pub(crate) fn seen(&self) -> Vec<(Arc<Member>, Arc<Snapshot>)> {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = hosts.values().filter_map(|one| Some((one, one.found.get()?)));
        seen.map(|(member, found)| (Arc::clone(member), Arc::clone(found))).collect()
    }

    /// Cancels what runs and what waits on all hosts.
    pub(crate) fn cancel(&self) {
        for member in self.hosts.lock().unwrap_or_else(PoisonError::into_inner).values() {
            member.host.cancel();
        }
    }
}

impl Member {
    fn new(host: Host, entry: Option<String>, target: Target) -> Self {
        Self {
            host,
            entry,
            target,
            found: OnceLock::new(),
            planned: Mutex::default(),
            lost: Mutex::default(),
            claims: Mutex::default(),
            known: Mutex::default(),
            undone: Mutex::default(),
            released: Mutex::default(),
            told: Mutex::default(),
            told_new_key: OnceLock::new(),
            told_secrets: OnceLock::new(),
        }
    }

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

    /// Notes what a resource declares. The answer is where others of the run contradict it.
    ///
    /// A walk of core's plans an instance again where it is replaced, with the same configuration.
    pub(crate) fn claim(&self, declared: &Document, snapshot: &Snapshot) -> Vec<Contradiction> {
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        claims.add(declared, self.found().unwrap_or(snapshot).canonical())
    }

    /// Notes what a resource of the state declares.
    pub(crate) fn note(&self, declaration: Declaration) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).add(declaration);
    }

    /// The declarations of resources of the state about what is to be undone.
    pub(crate) fn concerned(&self, undo: &Undo) -> Vec<Declaration> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).concerned(undo)
    }

    /// Remembers what a planned change of the resource `own` undoes; `concerned` is all that it has found
    /// to be declared of the same.
    pub(crate) fn plan_undo(
        &self,
        undo: Undo,
        own: Option<Declaration>,
        concerned: Vec<Declaration>,
    ) {
        if !undo.is_empty() {
            let own = own.map(|own| own.by);
            let mut undone = self.undone.lock().unwrap_or_else(PoisonError::into_inner);
            undone.push(Undone { undo, own, concerned });
        }
    }

    /// The things of a resource that a change takes away which was planned before anybody noted it.
    pub(crate) fn taken_by_others(&self, own: &Declaration, host: &Document) -> Vec<String> {
        let is_own = |one: &Declaration| one.by == own.by;
        let undone = self.undone.lock().unwrap_or_else(PoisonError::into_inner);
        let unaware = undone.iter().filter(|one| {
            one.own.as_deref() != Some(own.by.as_str())
                && !one.concerned.iter().any(is_own)
                && self.concerned(&one.undo).iter().any(is_own)
        });
        let things = unaware.flat_map(|one| {
            // Whoever else declares the same may go in this run too.
            let others = one.concerned.iter().filter(|other| {
                one.own.as_deref() != Some(other.by.as_str()) && other.document != own.document
            });
            let others = others.map(|other| &other.document);
            let before = one.undo.resolve(others.clone(), host).left_out;
            let with = one.undo.resolve(others.chain([&own.document]), host).left_out;
            let taken = with.into_iter().filter(move |one| !before.contains(one));
            taken.map(|one| one.thing.to_string())
        });
        things.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Remembers an interface that a resource of the state has or needs, and that is not there.
    pub(crate) fn lose(&self, name: String) {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
    }

    /// Whether a resource of the state has lost this interface.
    pub(crate) fn has_lost(&self, name: &str) -> bool {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).contains(name)
    }

    /// Remembers what this run has destroyed, by its label: what replaces it takes nothing over.
    pub(crate) fn release(&self, label: String) {
        self.released.lock().unwrap_or_else(PoisonError::into_inner).insert(label);
    }

    /// True if this run has destroyed a resource of this label.
    pub(crate) fn is_released(&self, label: &str) -> bool {
        self.released.lock().unwrap_or_else(PoisonError::into_inner).contains(label)
    }

    /// Whether nobody has told the user of the host's new key yet, which is done with the answer.
    pub(crate) fn tell_new_key(&self) -> bool {
        self.told_new_key.set(()).is_ok()
    }

    /// True if nobody has told the user yet that the host's secrets cannot be read, which is done with
    /// the answer.
    pub(crate) fn tell_secrets(&self) -> bool {
        self.told_secrets.set(()).is_ok()
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
