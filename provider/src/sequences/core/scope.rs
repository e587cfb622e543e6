//! The part of a configuration that a run is about: `-target`, and import blocks.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::Diagnostics;

use super::super::world::Random;
use super::{Configured, Core};

/// The part of a configuration that a run is about.
#[derive(Debug, Default)]
pub(in super::super) struct Scope {
    /// The addresses of `-target`; all where there are none.
    pub(in super::super) targets: BTreeSet<String>,
    /// The import blocks: what is there already, by address.
    pub(in super::super) imports: BTreeMap<String, String>,
}

impl Scope {
    /// The imports that no run has carried out yet.
    pub(in super::super) fn left(&self, core: &Core) -> BTreeMap<String, String> {
        let left = self.imports.iter().filter(|(address, _)| !core.state.contains_key(*address));
        left.map(|(address, id)| (address.clone(), id.clone())).collect()
    }

    /// The targets and the imports of a step.
    pub(in super::super) async fn draw(
        core: &Core,
        configured: &Configured,
        random: &mut Random,
    ) -> Scope {
        let mut scope = Scope::default();
        if random.is(4) {
            scope.imports = core.importable(configured).await;
            scope.imports.retain(|_, _| random.is(2));
        }
        if random.is(5) {
            let known: BTreeSet<&String> = configured.keys().chain(core.addresses()).collect();
            scope.targets = known.into_iter().filter(|_| random.is(3)).cloned().collect();
        }
        scope
    }
}

impl Core {
    /// The instances that are new and whose like is on the host: their import ids, by address.
    pub(in super::super) async fn importable(
        &self,
        configured: &Configured,
    ) -> BTreeMap<String, String> {
        let process = self.process();
        let mut found = BTreeMap::new();
        for (address, instance) in
            configured.iter().filter(|(one, _)| !self.state.contains_key(*one))
        {
            let (key, id) = match instance.of_type {
                "nmstate_ethernet" => ("name", instance.arguments["name"].as_str()),
                "nmstate_route" => ("destination", instance.arguments["destination"].as_str()),
                "nmstate_dns_resolver" => ("server", Some("default")),
                _ => continue,
            };
            let Some(id) = id else { continue };
            // What another address has already, such as before a rename, nobody imports.
            let is_known = self.state.values().any(|object| {
                object.of_type == instance.of_type
                    && object.value.attribute(key).as_str().is_none_or(|known| known == id)
            });
            let mut diagnostics = Diagnostics::new();
            let imported = process[instance.of_type].import(id, &mut diagnostics).await;
            // Nor a card that is a port, most likely of a bridge of its own.
            let host = self.host.state();
            let is_port = host.interface(id).is_some_and(|one| {
                one["controller"].as_str().is_some_and(|controller| !controller.is_empty())
            });
            if !is_known && !is_port && imported.is_some() && !diagnostics.has_errors() {
                found.insert(address.clone(), id.to_owned());
            }
        }
        found
    }

    /// The addresses that a run with these targets is about: what a target refers to is changed with
    /// it, and what refers to one that goes, goes.
    pub(super) fn reached(
        &self,
        targets: &BTreeSet<String>,
        configured: &Configured,
    ) -> BTreeSet<String> {
        let mut reached = targets.clone();
        loop {
            let below = reached.iter().filter_map(|one| configured.get(one));
            let below = below.flat_map(|instance| instance.refers_to.iter().cloned());
            let is_going = |one: &String| reached.contains(one) && !configured.contains_key(one);
            let above =
                self.state.iter().filter(|(_, object)| object.refers_to.iter().any(is_going));
            let more: BTreeSet<String> = below.chain(above.map(|(one, _)| one.clone())).collect();
            if more.is_subset(&reached) {
                return reached;
            }
            reached.extend(more);
        }
    }

    /// True if a run with targets makes something that an address which it leaves out has: nothing tells
    /// the two of each other.
    pub(in super::super) fn parts_with(&self, configured: &Configured, scope: &Scope) -> bool {
        let reached = self.reached(&scope.targets, configured);
        let id = |of_type: &str, value: &dyn Fn(&str) -> Option<String>| {
            let keys = ["name", "destination", "ip_from"];
            keys.iter().find_map(|key| value(key)).map(|id| (of_type.to_owned(), id))
        };
        let left: Vec<_> = self
            .state
            .iter()
            .filter(|(address, _)| !reached.contains(*address))
            .filter_map(|(_, one)| {
                id(one.of_type, &|key| one.value.attribute(key).as_str().map(str::to_owned))
            })
            .collect();
        let mut made = reached.iter().filter_map(|one| configured.get(one));
        made.any(|one| {
            id(one.of_type, &|key| one.arguments.get(key)?.as_str().map(str::to_owned))
                .is_some_and(|id| left.contains(&id))
        })
    }

    /// The addresses of the state.
    pub(in super::super) fn addresses(&self) -> impl Iterator<Item = &String> {
        self.state.keys()
    }
}
