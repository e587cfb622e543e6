//! What core does with a configuration: a walk that plans, and another one that applies.

mod scope;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use nmstate_engine::host::SimulatedHost;
use nmstate_schema::Value as Json;
use tfplugin::rules::{check_apply, check_plan};
use tfplugin::{
    ApplyRequest, AttributePath, Diagnostics, PlanDestroyRequest, PlanRequest, Provider as _,
    RawState, ReadRequest, Resource, Severity, Value,
};

pub(super) use self::scope::Scope;
use super::world::Random;
use crate::configuration::{Configuration, schema};
use crate::fleet::Fleet;
use crate::provider::NmstateProvider;

/// A resource block's instance: its type, its arguments, and the instances it refers to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Instance {
    pub(super) of_type: &'static str,
    pub(super) arguments: Json,
    pub(super) refers_to: BTreeSet<String>,
    pub(super) create_before_destroy: bool,
}

/// Instances by their addresses.
pub(super) type Configured = BTreeMap<String, Instance>;

/// An object of the state.
#[derive(Debug, Clone)]
struct Object {
    of_type: &'static str,
    value: Value,
    private: Vec<u8>,
    refers_to: BTreeSet<String>,
}

/// A workspace.
pub(super) struct Core {
    host: Arc<SimulatedHost>,
    state: BTreeMap<String, Object>,
}

/// How an apply ended.
pub(super) enum Outcome {
    Applied { warnings: Vec<String> },
    Refused(Vec<String>),
}

/// What is to be done about one instance.
#[derive(Debug, Clone)]
enum Action {
    Put { planned: Value, private: Vec<u8> },
    Replace,
    Destroy { private: Vec<u8> },
}

/// The resource types of one process.
type Process = BTreeMap<String, Arc<dyn Resource>>;

impl Core {
    pub(super) fn new(host: Arc<SimulatedHost>) -> Core {
        Core { host, state: BTreeMap::new() }
    }

    fn process(&self) -> Process {
        let block = schema().attributes.into_iter().map(|one| (one.name, Value::Null));
        let mut block = Value::object(block);
        block.set_attribute("host", "host1");
        let configuration = Configuration::parse(&block, &mut Diagnostics::new());
        let provider = NmstateProvider::on(Fleet::simulated(configuration, Arc::clone(&self.host)));
        let resources = provider.resources().into_iter();
        resources.map(|one| (one.type_name().to_owned(), one)).collect()
    }

    /// The addresses that a plan would change.
    pub(super) async fn plan(
        &mut self,
        configured: &Configured,
        random: &mut Random,
    ) -> Result<Vec<String>, String> {
        let mut warnings = Vec::new();
        let whole = Scope::default();
        let actions = self.planned(configured, &whole, random, &mut warnings).await;
        let actions = actions.map_err(|errors| errors.join("; "))?;
        let shown = actions.into_iter().map(|(address, action)| {
            let mut changed = Vec::new();
            if let (Some(object), Action::Put { planned, .. }) = (self.state.get(&address), &action)
            {
                inconsistent(&object.value, planned, "", &mut changed);
            }
            let what = match action {
                Action::Put { .. } if self.state.contains_key(&address) => "update",
                Action::Put { .. } => "create",
                Action::Replace => "replace",
                Action::Destroy { .. } => "destroy",
            };
            format!("{what} {address} {changed:?}")
        });
        Ok(shown.collect())
    }

    /// A run: of all, or of what `scope` says.
    pub(super) async fn apply(
        &mut self,
        configured: &Configured,
        scope: &Scope,
        random: &mut Random,
    ) -> Outcome {
        let mut warnings = Vec::new();
        let actions = match self.planned(configured, scope, random, &mut warnings).await {
            Ok(actions) => actions,
            Err(errors) => return Outcome::Refused(errors),
        };
        let process = self.process();
        let mut errors = Vec::new();
        let mut jobs = jobs(&actions, configured, &self.state);
        let is_alone = random.below(2) == 0;
        while !jobs.is_empty() && errors.is_empty() {
            let mut ready: Vec<usize> = (0..jobs.len())
                .filter(|one| {
                    jobs[*one].waits_for.iter().all(|id| !jobs.iter().any(|j| j.id == *id))
                })
                .collect();
            assert!(!ready.is_empty(), "jobs wait for each other: {jobs:#?}");
            random.shuffle(&mut ready);
            ready.truncate(if is_alone { 1 } else { 10 });
            ready.sort_unstable();
            let mut now: Vec<Job> = ready.iter().rev().map(|one| jobs.remove(*one)).collect();
            random.shuffle(&mut now);
            let work = now.iter().map(|job| self.carry_out(&process, job, configured, &actions));
            let done = futures_util::future::join_all(work).await;
            for (job, done) in now.iter().zip(done) {
                warnings.extend(done.warnings);
                errors.extend(done.errors);
                match (done.object, &job.kind) {
                    (Some(object), _) => {
                        self.state.insert(job.address.clone(), object);
                    }
                    (None, JobKind::Destroy { .. }) if !job.is_deposed && errors.is_empty() => {
                        self.state.remove(&job.address);
                    }
                    (None, _) => {}
                }
            }
        }
        if errors.is_empty() { Outcome::Applied { warnings } } else { Outcome::Refused(errors) }
    }

    async fn planned(
        &mut self,
        configured: &Configured,
        scope: &Scope,
        random: &mut Random,
        warnings: &mut Vec<String>,
    ) -> Result<BTreeMap<String, Action>, Vec<String>> {
        let process = self.process();
        let reached = self.reached(&scope.targets, configured);
        let is_reached = |one: &&String| reached.is_empty() || reached.contains(*one);
        let mut addresses: Vec<String> =
            configured.keys().chain(self.state.keys()).filter(is_reached).cloned().collect();
        addresses.sort();
        addresses.dedup();
        random.shuffle(&mut addresses);
        // Whatever is referred to is planned before.
        addresses.sort_by_key(|one| {
            usize::from(configured.get(one).is_some_and(|one| !one.refers_to.is_empty()))
        });
        let (mut actions, mut errors) = (BTreeMap::new(), Vec::new());
        // One at a time, or all at once: then each is read before the first is planned.
        let is_alone = random.below(2) == 0;
        if !is_alone {
            let reads = addresses.iter().map(|one| self.read(&process, one));
            let read = futures_util::future::join_all(reads).await;
            for (address, object) in addresses.iter().zip(read) {
                object.map(|object| self.state.insert(address.clone(), object));
            }
        }
        for address in addresses {
            let mut diagnostics = Diagnostics::new();
            if let Some(id) = scope.imports.get(&address) {
                let instance = &configured[&address];
                let imported = process[instance.of_type].import(id, &mut diagnostics).await;
                if let Some(imported) = imported {
                    let object = Object {
                        of_type: instance.of_type,
                        value: imported.state,
                        private: imported.private,
                        refers_to: instance.refers_to.clone(),
                    };
                    self.state.insert(address.clone(), object);
                }
            }
            if (is_alone || scope.imports.contains_key(&address))
                && let Some(object) = self.read(&process, &address).await
            {
                self.state.insert(address.clone(), object);
            }
            self.state.retain(|_, object| !object.value.is_null());
            let prior = self.state.get(&address);
            let action = match configured.get(&address) {
                Some(instance) => plan_one(&process, instance, prior, &mut diagnostics).await,
                None => match prior {
                    Some(object) => {
                        let request = PlanDestroyRequest {
                            prior: object.value.clone(),
                            private: object.private.clone(),
                            identity: None,
                        };
                        let resource = &process[object.of_type];
                        let private = resource.plan_destroy(request, &mut diagnostics).await;
                        Some(Action::Destroy { private })
                    }
                    None => None,
                },
            };
            told(&address, &diagnostics, warnings, &mut errors);
            actions.extend(action.map(|action| (address, action)));
        }
        if errors.is_empty() { Ok(actions) } else { Err(errors) }
    }

    /// An object as the host has it now.
    async fn read(&self, process: &Process, address: &str) -> Option<Object> {
        let object = self.state.get(address)?;
        let request = ReadRequest {
            state: object.value.clone(),
            private: object.private.clone(),
            identity: None,
        };
        let read = process[object.of_type].read(request, &mut Diagnostics::new()).await;
        Some(Object { value: read.state, private: read.private, ..object.clone() })
    }

    async fn carry_out(
        &self,
        process: &Process,
        job: &Job,
        configured: &Configured,
        actions: &BTreeMap<String, Action>,
    ) -> Done {
        let mut diagnostics = Diagnostics::new();
        let mut done = Done::default();
        let prior = self.state.get(&job.address);
        match &job.kind {
            JobKind::Destroy { of_type, value, private } => {
                let request = ApplyRequest {
                    prior: value.clone(),
                    private: private.clone(),
                    ..ApplyRequest::default()
                };
                let answer = process[*of_type].apply(request, &mut diagnostics).await;
                if !answer.state.is_null() && !diagnostics.has_errors() {
                    done.errors.push(format!("{}: is not gone", job.address));
                }
            }
            JobKind::Put => {
                let instance = &configured[&job.address];
                let resource = &process[instance.of_type];
                let prior = prior.filter(|_| matches!(actions[&job.address], Action::Put { .. }));
                let mut again = Diagnostics::new();
                let planned = plan_one(process, instance, prior, &mut again).await;
                told(&job.address, &again, &mut Vec::new(), &mut done.errors);
                let (first, planned) = match (&actions[&job.address], planned) {
                    (
                        Action::Put { planned: first, .. },
                        Some(Action::Put { planned, private }),
                    ) => (Some(first), (planned, private)),
                    (Action::Replace, Some(Action::Put { planned, private })) => {
                        (None, (planned, private))
                    }
                    (first, again) => {
                        done.errors.push(format!(
                            "{}: planned {first:?}, and then {again:?}",
                            job.address
                        ));
                        return done;
                    }
                };
                if let Some(first) = first {
                    inconsistent(first, &planned.0, &job.address, &mut done.errors);
                }
                let config = configuration(&**resource, &instance.arguments);
                let request = ApplyRequest {
                    prior: prior.map(|object| object.value.clone()).unwrap_or_default(),
                    planned: planned.0.clone(),
                    config,
                    private: planned.1,
                    identity: None,
                };
                let answer = resource.apply(request, &mut diagnostics).await;
                if !diagnostics.has_errors() {
                    let wrong = check_apply(&resource.schema(), &planned.0, &answer.state);
                    done.errors.extend(wrong.iter().map(|one| format!("{}: {one}", job.address)));
                    done.object = Some(Object {
                        of_type: instance.of_type,
                        value: answer.state,
                        private: answer.private,
                        refers_to: instance.refers_to.clone(),
                    });
                }
            }
        }
        told(&job.address, &diagnostics, &mut done.warnings, &mut done.errors);
        done
    }
}

#[derive(Default)]
struct Done {
    object: Option<Object>,
    warnings: Vec<String>,
    errors: Vec<String>,
}

/// One call of the apply walk, and those that come before it.
#[derive(Debug)]
struct Job {
    id: String,
    address: String,
    kind: JobKind,
    /// Whether a new object has the address by then.
    is_deposed: bool,
    waits_for: BTreeSet<String>,
}

#[derive(Debug)]
enum JobKind {
    Put,
    Destroy { of_type: &'static str, value: Value, private: Vec<u8> },
}

fn jobs(
    actions: &BTreeMap<String, Action>,
    configured: &Configured,
    state: &BTreeMap<String, Object>,
) -> Vec<Job> {
    let mut jobs = Vec::new();
    let (put, destroy) = (|one: &str| format!("put {one}"), |one: &str| format!("destroy {one}"));
    let is_cbd =
        |address: &str| configured.get(address).is_some_and(|one| one.create_before_destroy);
    for (address, action) in actions {
        let destroys = matches!(action, Action::Replace | Action::Destroy { .. });
        let puts = matches!(action, Action::Replace | Action::Put { .. });
        if puts {
            let mut waits_for: BTreeSet<String> =
                configured[address].refers_to.iter().map(|one| put(one)).collect();
            if matches!(action, Action::Replace) && !is_cbd(address) {
                waits_for.insert(destroy(address));
            }
            jobs.push(Job {
                id: put(address),
                address: address.clone(),
                kind: JobKind::Put,
                is_deposed: false,
                waits_for,
            });
        }
        if destroys && let Some(object) = state.get(address) {
            let private = match action {
                Action::Destroy { private } => private.clone(),
                _ => object.private.clone(),
            };
            // What refers to it goes, or is changed, before.
            let mut waits_for: BTreeSet<String> = state
                .iter()
                .filter(|(_, other)| other.refers_to.contains(address))
                .map(|(other, _)| destroy(other))
                .collect();
            if matches!(action, Action::Replace) && is_cbd(address) {
                waits_for.insert(put(address));
            }
            jobs.push(Job {
                id: destroy(address),
                address: address.clone(),
                kind: JobKind::Destroy {
                    of_type: object.of_type,
                    value: object.value.clone(),
                    private,
                },
                is_deposed: matches!(action, Action::Replace) && is_cbd(address),
                waits_for,
            });
        }
    }
    jobs
}

async fn plan_one(
    process: &Process,
    instance: &Instance,
    prior: Option<&Object>,
    diagnostics: &mut Diagnostics,
) -> Option<Action> {
    let resource = &process[instance.of_type];
    let config = configuration(&**resource, &instance.arguments);
    resource.validate(&config, diagnostics).await;
    if diagnostics.has_errors() {
        return None;
    }
    let before = prior.map(|object| object.value.clone()).unwrap_or_default();
    let request = PlanRequest {
        prior: before.clone(),
        proposed: config.clone(),
        config: config.clone(),
        private: prior.map(|object| object.private.clone()).unwrap_or_default(),
        ..PlanRequest::default()
    };
    let planned = resource.plan(request, diagnostics).await;
    if diagnostics.has_errors() {
        return None;
    }
    for wrong in check_plan(&resource.schema(), &config, &before, &planned.planned) {
        diagnostics.error(format!("core refuses the plan: {wrong}"), "");
    }
    let is_changed = |path: &AttributePath| before.at(path) != planned.planned.at(path);
    if prior.is_some() && planned.requires_replace.iter().any(is_changed) {
        return Some(Action::Replace);
    }
    (planned.planned != before)
        .then_some(Action::Put { planned: planned.planned, private: planned.private })
}

/// The arguments as core hands them over: what is left out is null.
fn configuration(resource: &dyn Resource, arguments: &Json) -> Value {
    let raw = RawState::new(arguments.to_string().into_bytes());
    raw.decode(&resource.schema()).expect("the arguments fit the schema")
}

fn told(
    address: &str,
    diagnostics: &Diagnostics,
    warnings: &mut Vec<String>,
    errors: &mut Vec<String>,
) {
    for one in diagnostics {
        let list = match one.severity {
            Severity::Error => &mut *errors,
            Severity::Warning => &mut *warnings,
        };
        list.push(format!("{address}: {} ({})", one.summary, one.detail));
    }
}

/// What was known in the first plan must be the same in the second.
fn inconsistent(first: &Value, second: &Value, path: &str, errors: &mut Vec<String>) {
    match (first, second) {
        (Value::Unknown, _) => {}
        (Value::Map(first), Value::Map(second)) => {
            for (name, one) in first {
                let other = second.get(name).unwrap_or(&Value::Null);
                inconsistent(one, other, &format!("{path}.{name}"), errors);
            }
        }
        (Value::List(first), Value::List(second)) if first.len() == second.len() => {
            for (index, (one, other)) in first.iter().zip(second).enumerate() {
                inconsistent(one, other, &format!("{path}[{index}]"), errors);
            }
        }
        _ if first == second => {}
        _ => errors.push(format!("{path}: inconsistent final plan: {first:?}, then {second:?}")),
    }
}
