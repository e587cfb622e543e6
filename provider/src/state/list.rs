//! The one document of a host, for `terraform query`.

use std::sync::Arc;

use async_trait::async_trait;
use tfplugin::{Diagnostics, ListRequest, ListResource, Listed, Schema};

use super::TYPE_NAME;
use super::adopt::adopt;
use crate::entry::host_attribute;
use crate::report;
use crate::shared::Shared;

/// The list resource `nmstate_state`: the one document of a host.
pub(crate) struct StateList {
    shared: Arc<Shared>,
}

impl StateList {
    /// The list resource.
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

#[async_trait]
impl ListResource for StateList {
    fn type_name(&self) -> &str {
        TYPE_NAME
    }

    fn schema(&self) -> Schema {
        let description = "Finds the whole state of a host as one document, for `terraform query`.";
        Schema { version: 0, description: description.into(), attributes: vec![host_attribute()] }
    }

    async fn list(&self, request: ListRequest, diagnostics: &mut Diagnostics) -> Vec<Listed> {
        match adopt(&self.shared, request.config.attribute("host")).await {
            Ok(found) => {
                let host = found.state.attribute("host").as_str().unwrap_or_default();
                vec![Listed {
                    display_name: format!("the state of `{host}`"),
                    identity: found.identity.unwrap_or_default(),
                    resource: request.include_resource.then_some(found.state),
                }]
            }
            Err(error) => {
                report::error(diagnostics, &error, report::host_attribute(&error));
                Vec::new()
            }
        }
    }
}
