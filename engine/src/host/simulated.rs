//! A host that exists only in memory, for models of what many runs do to it.
//!
//! It knows of nmstate what matters there: documents merge, lists are exact, removals of routes match
//! by wildcard, a port has no addresses, what leads over an interface goes with it, and so do rules. It is no
//! measure of anything else; what is true of real hosts is shown on real hosts.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use nmstate_schema::Value;
use nmstate_schema::canonical::canonical;
use nmstate_schema::compare::compare;
use nmstate_schema::document::Document;
use nmstate_schema::loss::{Losses, losses};
use nmstate_schema::policy::Policy;
use nmstate_schema::redact;
use serde_json::{Map, json};
use tokio::sync::{OnceCell, watch};

use super::Host;
use super::backend::Backend;
use crate::error::{Error, ErrorKind};
use crate::networkmanager::Configured;
use crate::nmstate::Resolution;
use crate::secrets::Secrets;
use crate::snapshot::Snapshot;
use crate::transaction::{Change, Done, Report};

mod whims;

use self::whims::Whims;

/// The interface types that are taken away when they are absent.
const VIRTUAL: [&str; 3] = ["linux-bridge", "veth", "mac-vlan"];

/// A host in memory.
#[derive(Debug)]
pub struct SimulatedHost {
    state: Mutex<Document>,
    transactions: Mutex<Vec<Document>>,
    questions: AtomicUsize,
    refuses: AtomicBool,
    /// Of a kernel that decides by itself.
    whims: Option<Mutex<Whims>>,
}

impl SimulatedHost {
    /// A host in this state, in normal form.
    pub fn new(state: &Document) -> Arc<SimulatedHost> {
        SimulatedHost::of(canonical(state), None)
    }

    /// The same with a kernel that chooses anew, with each change, what nobody holds.
    pub fn with_whims(state: &Document, seed: u64) -> Arc<SimulatedHost> {
        let mut whims = Whims::new(seed);
        let state = whims.after(&Document::default(), canonical(state));
        SimulatedHost::of(state, Some(Mutex::new(whims)))
    }

    fn of(state: Document, whims: Option<Mutex<Whims>>) -> Arc<SimulatedHost> {
        let (state, transactions) = (Mutex::new(state), Mutex::default());
        let (questions, refuses) = (AtomicUsize::default(), AtomicBool::default());
        Arc::new(SimulatedHost { state, transactions, questions, refuses, whims })
    }

    /// How it is.
    pub fn state(&self) -> Document {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes it by hand, as nmstate would.
    pub fn change(&self, desired: &Document) {
        let after = self.after(&self.state(), desired);
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = after;
    }

    /// What it was asked for so far.
    pub fn transactions(&self) -> Vec<Document> {
        self.transactions.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The number of times that its secrets were asked for.
    pub fn questions(&self) -> usize {
        self.questions.load(Ordering::SeqCst)
    }

    /// Refuses to tell its secrets from now on.
    pub fn refuse(&self) {
        self.refuses.store(true, Ordering::SeqCst);
    }

    /// The host for a run of its own.
    pub fn host(self: &Arc<Self>, name: &str) -> Host {
        Host::with_backend(name.to_owned(), Arc::new(SimulatedBackend(Arc::clone(self))))
    }

    fn after(&self, before: &Document, desired: &Document) -> Document {
        let after = applied(before, desired);
        match &self.whims {
            Some(whims) => {
                whims.lock().unwrap_or_else(PoisonError::into_inner).after(desired, after)
            }
            None => after,
        }
    }

    fn snapshot(&self) -> Snapshot {
        let shown = Document::from_value(redact(self.state().as_value()));
        Snapshot {
            state: shown.unwrap_or_default(),
            nmstate_version: "2.2.62".to_owned(),
            machine_id: "0123456789abcdef0123456789abcdef".to_owned(),
            host_key: None,
            management: None,
            modules: None,
            taken: Instant::now(),
            canonical: OnceLock::new(),
            secrets: OnceCell::new(),
        }
    }
}

struct SimulatedBackend(Arc<SimulatedHost>);

#[async_trait]
impl Backend for SimulatedBackend {
    async fn snapshot(&self) -> Result<Snapshot, Error> {
        Ok(self.0.snapshot())
    }

    async fn resolve(&self, _policy: &Policy) -> Result<Resolution, Error> {
        Ok(Resolution { captured: Map::new(), desired: self.0.state() })
    }

    async fn configured(&self) -> Result<Configured, Error> {
        Ok(Configured::default())
    }

    async fn secrets(&self) -> Result<Secrets, Error> {
        self.0.questions.fetch_add(1, Ordering::SeqCst);
        match self.0.refuses.load(Ordering::SeqCst) {
            true => Err(Error::new(ErrorKind::Sudo, "simulated", "sudo refused")),
            false => Ok(Secrets::of(&self.0.state())),
        }
    }

    async fn transact(
        &self,
        change: &Change,
        _cancelled: watch::Receiver<bool>,
    ) -> Result<Done, Error> {
        let host = &self.0;
        let before = Arc::new(host.snapshot());
        let failed = |kind, message: String| Error::new(kind, "simulated", message);
        let resolved = change.resolve(&before.state).map_err(|conflict| {
            failed(ErrorKind::InvalidDocument, format!("`{}` contradicts itself", conflict.path))
        })?;
        if !change.resend && compare(&resolved.document, &before.state).is_empty() {
            return Ok(Done::unchanged(before));
        }
        let after = host.after(&host.state(), &resolved.document);
        let missing = compare(&resolved.document, &after);
        if let Some(first) = missing.first() {
            let message = format!("`{}` did not take on the desired value", first.path);
            return Err(failed(ErrorKind::Verification, message));
        }
        *host.state.lock().unwrap_or_else(PoisonError::into_inner) = after;
        let mut transactions = host.transactions.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = resolved.document;
        transactions.push(asked.clone());
        let after = Arc::new(host.snapshot());
        let Losses { unasked, kept } = losses(&asked, &before.state, &after.state);
        let warnings = unasked.iter().map(ToString::to_string).collect();
        let report = Some(Arc::new(Report { warnings, ..Report::empty() }));
        Ok(Done { before, after, report, kept })
    }

    fn settle_timeout(&self) -> Duration {
        Duration::ZERO
    }

    fn gathering_window(&self) -> Duration {
        Duration::ZERO
    }

    async fn close(&self) {}
}

/// The state after a document was applied.
fn applied(state: &Document, desired: &Document) -> Document {
    let mut world = World::of(state);
    let desired = canonical(desired);
    for interface in desired.interfaces().filter_map(Value::as_object) {
        match interface.get("state").and_then(Value::as_str) {
            Some("absent") => world.remove(text(interface, "name")),
            Some("ignore") => {}
            _ => world.have(interface),
        }
    }
    for interface in desired.interfaces().filter_map(Value::as_object) {
        if let Some(controller) = interface.get("controller").and_then(Value::as_str) {
            world.put_under(text(interface, "name"), controller);
        }
    }
    // nmstate has the rules in the profile of an interface, and loses them with that.
    if world.has_lost_a_profile(state) {
        world.rules.clear();
    }
    world.list("routes", desired.routes());
    world.list("route-rules", desired.route_rules());
    if let Some(dns) = desired.dns().and_then(Value::as_object) {
        let known = world.rest.entry("dns-resolver").or_insert_with(|| json!({"config": {}}));
        merge(known["config"].as_object_mut(), dns);
    }
    world.settle();
    world.into_document()
}

#[derive(Default)]
struct World {
    interfaces: Vec<Map<String, Value>>,
    routes: Vec<Value>,
    rules: Vec<Value>,
    rest: Map<String, Value>,
}

impl World {
    fn of(state: &Document) -> World {
        let interfaces = state.interfaces().filter_map(Value::as_object).cloned().collect();
        let mut rest = state.as_value().as_object().cloned().unwrap_or_default();
        rest.retain(|key, _| !matches!(key.as_str(), "interfaces" | "routes" | "route-rules"));
        World {
            interfaces,
            routes: state.routes().cloned().collect(),
            rules: state.route_rules().cloned().collect(),
            rest,
        }
    }

    fn into_document(self) -> Document {
        let mut tree = self.rest;
        tree.insert("interfaces".to_owned(), self.interfaces.into_iter().collect());
        tree.insert("routes".to_owned(), json!({"config": self.routes}));
        tree.insert("route-rules".to_owned(), json!({"config": self.rules}));
        canonical(&Document::from_value(tree.into()).unwrap_or_default())
    }

    /// True if an interface that had addresses is a port by now, or gone.
    fn has_lost_a_profile(&self, before: &Document) -> bool {
        let mut with_addresses = before.interfaces().filter(|one| one["ipv4"]["enabled"] == true);
        with_addresses.any(|one| {
            let now = self.interfaces.iter().find(|other| other.get("name") == one.get("name"));
            now.is_none_or(|now| !text(now, "controller").is_empty())
        })
    }

    fn named(&mut self, name: &str) -> Option<&mut Map<String, Value>> {
        self.interfaces.iter_mut().find(|one| text(one, "name") == name)
    }

    fn remove(&mut self, name: &str) {
        for port in self.ports_of(name) {
            self.put_under(&port, "");
        }
        self.put_under(name, "");
        let Some(found) = self.named(name) else { return };
        if VIRTUAL.contains(&text(found, "type")) {
            self.interfaces.retain(|one| text(one, "name") != name);
        } else {
            // Hardware stays, without a profile.
            let bare = json!({"name": name, "type": found["type"], "state": "down", "mtu": 1500,
                "ipv4": {"enabled": false}, "ipv6": {"enabled": false}});
            *found = bare.as_object().cloned().unwrap_or_default();
        }
    }

    fn have(&mut self, desired: &Map<String, Value>) {
        let name = text(desired, "name").to_owned();
        if self.named(&name).is_none() {
            let new = json!({"name": name, "type": desired.get("type"), "mtu": 1500,
                "ipv4": {"enabled": false}, "ipv6": {"enabled": false}});
            self.interfaces.extend(new.as_object().cloned());
        }
        let Some(known) = self.named(&name) else { return };
        known.insert("identifier".to_owned(), "name".into());
        known.insert("state".to_owned(), "up".into());
        let mut desired = desired.clone();
        desired.shift_remove("state");
        desired.shift_remove("controller");
        merge(Some(known), &desired);
        let listed = desired.get("bridge").and_then(|bridge| bridge["port"].as_array());
        let Some(listed) = listed else { return };
        let listed: BTreeSet<String> =
            listed.iter().filter_map(|port| port["name"].as_str()).map(str::to_owned).collect();
        for port in self.ports_of(&name).difference(&listed) {
            self.put_under(port, "");
        }
        for port in &listed {
            self.put_under(port, &name);
        }
    }

    fn ports_of(&self, controller: &str) -> BTreeSet<String> {
        let ports = self.interfaces.iter().filter(|one| text(one, "controller") == controller);
        ports.map(|one| text(one, "name").to_owned()).collect()
    }

    /// Makes an interface a port; of an empty name, nobody's.
    fn put_under(&mut self, port: &str, controller: &str) {
        let Some(interface) = self.named(port) else { return };
        let before = text(interface, "controller").to_owned();
        if before == controller {
            return;
        }
        if controller.is_empty() {
            interface.shift_remove("controller");
        } else {
            interface.insert("controller".to_owned(), controller.into());
            interface.insert("state".to_owned(), "up".into());
            interface.insert("identifier".to_owned(), "name".into());
            for family in ["ipv4", "ipv6"] {
                interface.insert(family.to_owned(), json!({"enabled": false}));
            }
        }
        for (bridge, is_new) in [(before, false), (controller.to_owned(), true)] {
            let Some(bridge) = self.named(&bridge) else { continue };
            let section = bridge.entry("bridge").or_insert_with(|| json!({"port": []}));
            let Some(ports) = section["port"].as_array_mut() else { continue };
            ports.retain(|one| one["name"] != port);
            if is_new {
                ports.push(json!({"name": port}));
            }
        }
    }

    fn list<'a>(&mut self, name: &str, desired: impl Iterator<Item = &'a Value>) {
        let list = if name == "routes" { &mut self.routes } else { &mut self.rules };
        let (absent, present): (Vec<&Value>, Vec<&Value>) =
            desired.partition(|one| one["state"] == "absent");
        let is_gone = |found: &Value| absent.iter().any(|one| is_match(one, found));
        list.retain(|found| !is_gone(found));
        for wanted in present {
            // A second form of one route, which differs in the metric alone, is dropped without a word.
            let is_there = |found: &Value| match is_match(found, wanted) {
                true if name == "routes" => is_match(wanted, found),
                _ => is_match(wanted, found) && is_metric(wanted, found),
            };
            if list.iter().any(is_there) {
                continue;
            }
            let mut entry = wanted.clone();
            if name == "routes" && entry.get("metric").is_none() {
                entry["metric"] = 100.into();
            }
            if name == "route-rules" && entry.get("priority").is_none() {
                entry["priority"] = (30000 + list.len()).into();
            }
            list.push(entry);
        }
    }

    /// What stands on something that is gone is gone.
    fn settle(&mut self) {
        for interface in &mut self.interfaces {
            if interface["ipv4"]["enabled"] == false {
                interface.insert("ipv4".to_owned(), json!({"enabled": false}));
            }
        }
        let carrying: Vec<String> = self
            .interfaces
            .iter()
            .filter(|one| one["ipv4"]["enabled"] == true)
            .map(|one| text(one, "name").to_owned())
            .collect();
        self.routes.retain(|route| match route["next-hop-interface"].as_str() {
            Some(name) => carrying.iter().any(|one| one == name),
            None => true,
        });
    }
}

/// nmstate's own notion of the same entry: what is left out matches anything, an empty text nothing,
/// and the metric does not count.
fn is_match(wanted: &Value, found: &Value) -> bool {
    let mut said = wanted.as_object().into_iter().flatten();
    said.all(|(key, value)| match key.as_str() {
        "state" | "metric" => true,
        _ => found.get(key) == Some(value) || (value == "" && found.get(key).is_none()),
    })
}

fn is_metric(wanted: &Value, found: &Value) -> bool {
    wanted.get("metric").is_none_or(|metric| found.get("metric") == Some(metric))
}

fn merge(known: Option<&mut Map<String, Value>>, added: &Map<String, Value>) {
    let Some(known) = known else { return };
    for (key, value) in added {
        match (known.get_mut(key), value) {
            (Some(Value::Object(inner)), Value::Object(value)) => merge(Some(inner), value),
            _ => {
                known.insert(key.clone(), value.clone());
            }
        }
    }
}

fn text<'a>(map: &'a Map<String, Value>, key: &str) -> &'a str {
    map.get(key).and_then(Value::as_str).unwrap_or_default()
}
