//! Data sources: things that Terraform only reads.

use async_trait::async_trait;

use crate::diagnostics::Diagnostics;
use crate::schema::Schema;
use crate::value::Value;

/// A kind of data source.
#[async_trait]
pub trait DataSource: Send + Sync + 'static {
    /// The name of the type, with the provider's prefix.
    fn type_name(&self) -> &str;

    /// The schema of its block.
    fn schema(&self) -> Schema;

    /// Checks a configuration, which may hold unknown values anywhere.
    async fn validate(&self, _config: &Value, _diagnostics: &mut Diagnostics) {}

    /// Reads it: the wholly known configuration with the computed attributes filled in.
    async fn read(&self, config: Value, diagnostics: &mut Diagnostics) -> Value;
}
