//! The provider: one schema, the resources, data sources and functions over it, and the fleet
//! behind them.

use std::sync::Arc;

use async_trait::async_trait;
use tfplugin::{
    ConfigureRequest, DataSource, Diagnostics, Function, Provider, Resource, Schema, Value,
};

use crate::configuration::{self, Configuration};
use crate::data_sources;
use crate::entry::EntryResource;
use crate::fleet::Fleet;
use crate::functions;
use crate::kinds::dns_resolver::DnsResolver;
use crate::kinds::interface::Interface;
use crate::kinds::route::Route;
use crate::shared::Shared;
use crate::state::StateResource;

/// Interface types with a resource of their own.
const TYPED: [&str; 3] = ["bond", "vlan", "linux-bridge"];

/// The nmstate provider.
#[derive(Debug, Default)]
pub struct NmstateProvider {
    shared: Arc<Shared>,
}

#[async_trait]
impl Provider for NmstateProvider {
    fn schema(&self) -> Schema {
        configuration::schema()
    }

    fn resources(&self) -> Vec<Arc<dyn Resource>> {
        let entry = |of_type| -> Arc<dyn Resource> {
            Arc::new(EntryResource::new(Interface { of_type }, Arc::clone(&self.shared)))
        };
        let mut resources: Vec<Arc<dyn Resource>> = vec![
            entry(None),
            Arc::new(EntryResource::new(Route, Arc::clone(&self.shared))),
            Arc::new(EntryResource::new(DnsResolver, Arc::clone(&self.shared))),
            Arc::new(StateResource::new(Arc::clone(&self.shared))),
        ];
        resources.extend(TYPED.into_iter().map(|of_type| entry(Some(of_type))));
        resources
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
        self.shared.configure(Fleet::new(configuration));
    }

    async fn stop(&self) {
        self.shared.cancel();
    }
}
