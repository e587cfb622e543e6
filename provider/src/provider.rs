//! The provider: one schema, the resources, data sources and functions over it, and the fleet
//! behind them.

use std::sync::Arc;

use async_trait::async_trait;
use nmstate_schema::keys;
use tfplugin::{
    ConfigureRequest, DataSource, Diagnostics, Function, ListResource, Provider, Resource, Schema,
    Value,
};

use crate::configuration::{self, Configuration};
use crate::data_sources;
use crate::entry::{EntryList, EntryResource, Importable, Kind};
use crate::fleet::Fleet;
use crate::functions;
use crate::kinds::dns_resolver::DnsResolver;
use crate::kinds::hostname::Hostname;
use crate::kinds::interface::Interface;
use crate::kinds::ovn_bridge_mapping::OvnBridgeMapping;
use crate::kinds::ovs_db::OvsDb;
use crate::kinds::route::Route;
use crate::kinds::route_rule::RouteRule;
use crate::shared::Shared;
use crate::state::{StateList, StateResource};

/// What there is for every kind of entry.
trait ForKind {
    /// What is made.
    type Made;
    /// Makes it for a kind.
    fn make(kind: impl Kind, shared: &Arc<Shared>) -> Self::Made;
}

/// The managed resources.
struct Resources;

impl ForKind for Resources {
    type Made = Arc<dyn Resource>;

    fn make(kind: impl Kind, shared: &Arc<Shared>) -> Self::Made {
        Arc::new(EntryResource::new(kind, Arc::clone(shared)))
    }
}

/// What finds them.
struct Lists;

impl ForKind for Lists {
    type Made = Arc<dyn ListResource>;

    fn make(kind: impl Kind, shared: &Arc<Shared>) -> Self::Made {
        Arc::new(EntryList::new(kind, Arc::clone(shared)))
    }
}

/// What import blocks are written from.
struct Importables;

impl ForKind for Importables {
    type Made = Box<dyn Importable>;

    fn make(kind: impl Kind, _shared: &Arc<Shared>) -> Self::Made {
        Box::new(kind)
    }
}

/// What of a host can be imported, interfaces by the resource of their type.
pub(crate) fn importables() -> Vec<Box<dyn Importable>> {
    let any_type = Kind::type_name(&Interface { of_type: None });
    let mut all = NmstateProvider::default().each::<Importables>();
    all.retain(|one| one.type_name() != any_type);
    all
}

/// The nmstate provider.
#[derive(Debug, Default)]
pub struct NmstateProvider {
    shared: Arc<Shared>,
}

impl NmstateProvider {
    /// The provider of one process, configured.
    #[cfg(test)]
    pub(crate) fn on(fleet: Fleet) -> Self {
        let provider = Self::default();
        provider.shared.configure(fleet);
        provider
    }

    /// What each kind of entry has of `F`.
    fn each<F: ForKind>(&self) -> Vec<F::Made> {
        let shared = &self.shared;
        let typed = keys::interface_types().iter().map(|one| Some(one.name));
        let types = std::iter::once(None).chain(typed);
        let mut made: Vec<F::Made> =
            types.map(|of_type| F::make(Interface { of_type }, shared)).collect();
        made.extend([
            F::make(Route, shared),
            F::make(RouteRule, shared),
            F::make(DnsResolver, shared),
            F::make(Hostname, shared),
            F::make(OvsDb, shared),
            F::make(OvnBridgeMapping, shared),
        ]);
        made
    }
}

#[async_trait]
impl Provider for NmstateProvider {
    fn schema(&self) -> Schema {
        configuration::schema()
    }

    fn resources(&self) -> Vec<Arc<dyn Resource>> {
        let mut resources = self.each::<Resources>();
        resources.push(Arc::new(StateResource::new(Arc::clone(&self.shared))));
        resources
    }

    fn list_resources(&self) -> Vec<Arc<dyn ListResource>> {
        let mut lists = self.each::<Lists>();
        lists.push(Arc::new(StateList::new(Arc::clone(&self.shared))));
        lists
    }

    fn data_sources(&self) -> Vec<Arc<dyn DataSource>> {
        data_sources::all(&self.shared)
    }

    fn functions(&self) -> Vec<Arc<dyn Function>> {
        functions::all()
    }

    async fn validate(&self, config: &Value, diagnostics: &mut Diagnostics) {
        Configuration::parse(config, diagnostics);
    }

    async fn configure(&self, request: ConfigureRequest, diagnostics: &mut Diagnostics) {
        let configuration = Configuration::parse(&request.config, diagnostics);
        let fleet = Fleet::new(configuration);
        fleet.check(diagnostics);
        self.shared.configure(fleet);
    }

    async fn stop(&self) {
        self.shared.cancel();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_interface_type_has_a_resource_of_its_own() {
        let resources = NmstateProvider::default().resources();
        let names: BTreeSet<&str> = resources.iter().map(|one| one.type_name()).collect();
        assert_eq!(names.len(), resources.len(), "{names:?}");
        for known in keys::interface_types() {
            let name = format!("nmstate_{}", known.name.replace('-', "_"));
            assert!(names.contains(name.as_str()), "{name}");
        }
    }

    #[test]
    fn attributes_are_told_apart_and_described() {
        for resource in NmstateProvider::default().resources() {
            let schema = resource.schema();
            let names: BTreeSet<&str> =
                schema.attributes.iter().map(|one| one.name.as_str()).collect();
            let place = resource.type_name();
            assert_eq!(names.len(), schema.attributes.len(), "{place}");
            for attribute in &schema.attributes {
                let is_identifier = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
                assert!(attribute.name.chars().all(is_identifier), "{place}.{}", attribute.name);
                assert!(!attribute.description.is_empty(), "{place}.{}", attribute.name);
            }
            for attribute in resource.identity_schema().into_iter().flat_map(|one| one.attributes) {
                // The type of a typed resource is part of its identity alone.
                let is_known = attribute.name == "type" || names.contains(attribute.name.as_str());
                assert!(is_known, "{place}: {}", attribute.name);
                assert!(!attribute.description.is_empty(), "{place}: {}", attribute.name);
            }
        }
    }

    #[test]
    fn every_resource_can_be_listed() {
        let provider = NmstateProvider::default();
        let names = |list: Vec<String>| list.into_iter().collect::<BTreeSet<String>>();
        let resources = provider.resources();
        assert!(resources.iter().all(|one| one.identity_schema().is_some()));
        let managed = names(resources.iter().map(|one| one.type_name().to_owned()).collect());
        let lists = provider.list_resources();
        assert_eq!(managed, names(lists.iter().map(|one| one.type_name().to_owned()).collect()));
        for list in lists {
            let schema = list.schema();
            assert!(schema.attribute("host").is_some(), "{}", list.type_name());
            for attribute in &schema.attributes {
                assert!(
                    !attribute.description.is_empty(),
                    "{}.{}",
                    list.type_name(),
                    attribute.name
                );
                assert!(!attribute.mode.is_computed(), "{}.{}", list.type_name(), attribute.name);
            }
        }
    }
}
