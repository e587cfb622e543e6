//! What can be read without being managed.

use std::sync::Arc;

use async_trait::async_trait;
use nmstate_engine::Error;
use tfplugin::{Attribute, DataSource, Diagnostics, Schema, Type, Value};

use crate::document::dynamic;
use crate::fleet::known_host;
use crate::report;
use crate::shared::Shared;

/// `nmstate_state`: everything that nmstate shows of a host.
pub(crate) struct StateDataSource {
    shared: Arc<Shared>,
}

impl StateDataSource {
    /// The data source type.
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    async fn state(&self, config: &Value) -> Result<Value, Error> {
        let (name, member) = known_host(self.shared.fleet()?.resolve(config.attribute("host"))?)?;
        let snapshot = member.host.snapshot().await?;
        Ok(Value::object([
            ("host", Value::from(name)),
            ("state", dynamic(snapshot.canonical().as_value())),
            ("nmstate_version", Value::from(snapshot.nmstate_version.as_str())),
        ]))
    }
}

#[async_trait]
impl DataSource for StateDataSource {
    fn type_name(&self) -> &str {
        "nmstate_state"
    }

    fn schema(&self) -> Schema {
        Schema {
            version: 0,
            description: "The network state of a host as nmstate shows it.".into(),
            attributes: vec![
                Attribute::optional_computed("host", Type::String).described(
                    "The host: a key of the provider's `hosts` or an SSH destination. Defaults to \
                     the provider's `host`.",
                ),
                Attribute::computed("state", Type::Dynamic).described(
                    "The state with nmstate's own keys, in canonical form: addresses that the host \
                     learned by itself and values that change by themselves are left out.",
                ),
                Attribute::computed("nmstate_version", Type::String)
                    .described("The version of nmstate on the host, such as `2.2.62`."),
            ],
        }
    }

    async fn read(&self, config: Value, diagnostics: &mut Diagnostics) -> Value {
        match self.state(&config).await {
            Ok(state) => state,
            Err(error) => {
                report::error(diagnostics, &error, Some("host".into()));
                config
            }
        }
    }
}
