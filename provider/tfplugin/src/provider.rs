//! The traits that a provider implements.
//!
//! One trait per role, over untyped values: a provider whose schemas are derived from data would
//! gain nothing from one Rust type per resource. Every call reports through [`Diagnostics`], so a
//! reply can carry both what was reached and what went wrong. Calls run concurrently, each in a
//! task of its own; a panic in one becomes an error of that call only.

use std::sync::Arc;

use async_trait::async_trait;

use crate::data_source::DataSource;
use crate::diagnostics::Diagnostics;
use crate::function::Function;
use crate::list_resource::ListResource;
use crate::resource::Resource;
use crate::schema::Schema;
use crate::value::Value;

/// A provider: its configuration and what it offers.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// The schema of the provider block.
    fn schema(&self) -> Schema;

    /// The managed resources; asked for once, at the start.
    fn resources(&self) -> Vec<Arc<dyn Resource>> {
        Vec::new()
    }

    /// The data sources; asked for once, at the start.
    fn data_sources(&self) -> Vec<Arc<dyn DataSource>> {
        Vec::new()
    }

    /// What finds objects of the managed resources; asked for once, at the start.
    fn list_resources(&self) -> Vec<Arc<dyn ListResource>> {
        Vec::new()
    }

    /// The functions; asked for once, at the start. They run without [`Provider::configure`].
    fn functions(&self) -> Vec<Arc<dyn Function>> {
        Vec::new()
    }

    /// Checks the provider block, which may hold unknown values anywhere.
    async fn validate(&self, _config: &Value, _diagnostics: &mut Diagnostics) {}

    /// Takes the provider block, which may hold unknown values during a plan. A process that was
    /// started by hand ([`crate::Options::debug`]) is configured many times.
    async fn configure(&self, request: ConfigureRequest, diagnostics: &mut Diagnostics);

    /// The user pressed Ctrl-C: make the calls in flight end soon. Calls that begin later must
    /// still run. Core is answered at once and does not wait for this.
    async fn stop(&self) {}

    /// The process is about to end: let go of connections and child processes. It is given one
    /// second.
    async fn close(&self) {}
}

/// What [`Provider::configure`] is given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConfigureRequest {
    /// The version of Terraform or OpenTofu.
    pub terraform_version: String,
    /// The provider block.
    pub config: Value,
    /// Was this process started by hand, so that it outlives the run?
    pub reattached: bool,
}
