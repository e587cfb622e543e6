//! List resources: which objects of a managed type there are, for `terraform query`.

use async_trait::async_trait;

use crate::diagnostics::Diagnostics;
use crate::schema::Schema;
use crate::value::Value;

/// What finds the objects of a managed resource type, which must have an identity.
#[async_trait]
pub trait ListResource: Send + Sync + 'static {
    /// The name of the managed resource type.
    fn type_name(&self) -> &str;

    /// The schema of the `config` block of a `list` block.
    fn schema(&self) -> Schema;

    /// Checks a configuration, which may hold unknown values anywhere.
    async fn validate(&self, _config: &Value, _diagnostics: &mut Diagnostics) {}

    /// Finds the objects.
    async fn list(&self, request: ListRequest, diagnostics: &mut Diagnostics) -> Vec<Listed>;
}

/// What [`ListResource::list`] is given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListRequest {
    /// The configuration; null when there is no `config` block.
    pub config: Value,
    /// Is the whole state of each object wanted?
    pub include_resource: bool,
    /// How many objects are wanted; more are left out.
    pub limit: Option<usize>,
}

/// One object that was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listed {
    /// What identifies it, see [`crate::Resource::identity_schema`].
    pub identity: Value,
    /// How to call it in front of a user.
    pub display_name: String,
    /// Its state, when that was wanted.
    pub resource: Option<Value>,
}
