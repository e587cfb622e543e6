//! Managed resources: things that Terraform creates, changes and removes.
//!
//! Private bytes are handed through by every reply type: core replaces what it stored with what a
//! reply says, so forgetting them erases them. The `unchanged` constructors keep them.

use async_trait::async_trait;

use crate::diagnostics::Diagnostics;
use crate::json::RawState;
use crate::path::AttributePath;
use crate::schema::Schema;
use crate::types::Type;
use crate::value::Value;

/// A kind of managed resource.
#[async_trait]
pub trait Resource: Send + Sync + 'static {
    /// The name of the type, with the provider's prefix.
    fn type_name(&self) -> &str;

    /// The schema of its block.
    fn schema(&self) -> Schema;

    /// What identifies an object of this type for good; `None` when it has no identity.
    fn identity_schema(&self) -> Option<IdentitySchema> {
        None
    }

    /// Checks a configuration, which may hold unknown values anywhere.
    async fn validate(&self, _config: &Value, _diagnostics: &mut Diagnostics) {}

    /// Brings a stored state to the current schema without asking the remote system. Called every
    /// time a state is read, also for the current version. The default reads it by the current
    /// schema: what is missing becomes null, what the schema no longer has is dropped.
    async fn upgrade(
        &self,
        _version: i64,
        state: RawState,
        diagnostics: &mut Diagnostics,
    ) -> Option<Value> {
        stored(&state, &self.schema(), diagnostics)
    }

    /// Finds out how the object is now.
    async fn read(&self, request: ReadRequest, diagnostics: &mut Diagnostics) -> ReadResponse;

    /// Says what applying would lead to, see [`crate::rules::check_plan`] for what core accepts.
    async fn plan(&self, request: PlanRequest, diagnostics: &mut Diagnostics) -> PlanResponse;

    /// Says whether the object can be removed; the reply is the private bytes for
    /// [`Resource::apply`].
    async fn plan_destroy(
        &self,
        request: PlanDestroyRequest,
        _diagnostics: &mut Diagnostics,
    ) -> Vec<u8> {
        request.private
    }

    /// Creates (`prior` is null), changes, or removes (`planned` is null) the object. On failure
    /// answer with what exists now and an error: null after a failed create loses the object.
    async fn apply(&self, request: ApplyRequest, diagnostics: &mut Diagnostics) -> ApplyResponse;

    /// Finds an existing object by the text the user gave. Core reads it next, so only what
    /// [`Resource::read`] needs must be in the state. `None` comes with an error.
    async fn import(&self, _id: &str, diagnostics: &mut Diagnostics) -> Option<ImportResponse> {
        diagnostics.error(format!("`{}` cannot be imported", self.type_name()), "");
        None
    }

    /// Finds an existing object by its identity, see [`Resource::identity_schema`].
    async fn import_by_identity(
        &self,
        _identity: &Value,
        diagnostics: &mut Diagnostics,
    ) -> Option<ImportResponse> {
        let summary = format!("`{}` cannot be imported by identity", self.type_name());
        diagnostics.error(summary, "give an `id` instead");
        None
    }

    /// Takes over the state of another resource type (`moved` blocks).
    async fn move_state(
        &self,
        request: MoveRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<MoveResponse> {
        diagnostics.error(
            format!("`{}` cannot be moved to `{}`", request.source_type, self.type_name()),
            "remove the `moved` block and import the object instead",
        );
        None
    }

    /// Brings a stored identity to the current identity schema, see [`Resource::upgrade`].
    async fn upgrade_identity(
        &self,
        _version: i64,
        identity: RawState,
        diagnostics: &mut Diagnostics,
    ) -> Option<Value> {
        let schema = self.identity_schema()?.implied_type();
        match identity.decode_type(&schema) {
            Ok(value) => Some(value),
            Err(error) => {
                diagnostics.error("the stored identity cannot be read", error.to_string());
                None
            }
        }
    }
}

/// A stored state by a schema; `None` comes with an error.
pub fn stored(state: &RawState, schema: &Schema, diagnostics: &mut Diagnostics) -> Option<Value> {
    match state.decode(schema) {
        Ok(value) => Some(value),
        Err(error) => {
            diagnostics.error("the stored state cannot be read", error.to_string());
            None
        }
    }
}

/// What identifies an object of a resource type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdentitySchema {
    /// Version of the stored identity.
    pub version: i64,
    /// Its attributes.
    pub attributes: Vec<IdentityAttribute>,
}

/// One attribute of an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityAttribute {
    /// Its name.
    pub name: String,
    /// Its type: a primitive or a list of one.
    pub kind: Type,
    /// What it is.
    pub description: String,
    /// Must an import by identity give it, or only may it?
    pub required_for_import: bool,
}

/// What [`Resource::read`] is given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadRequest {
    /// The state as last stored.
    pub state: Value,
    /// The private bytes as last stored.
    pub private: Vec<u8>,
    /// The identity as last stored.
    pub identity: Option<Value>,
}

/// The answer of [`Resource::read`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadResponse {
    /// How the object is now; null when it is gone.
    pub state: Value,
    /// Replaces the stored bytes.
    pub private: Vec<u8>,
    /// Replaces the stored identity.
    pub identity: Option<Value>,
}

impl ReadResponse {
    /// Everything as it was, for example next to an error.
    #[must_use]
    pub fn unchanged(request: ReadRequest) -> Self {
        Self { state: request.state, private: request.private, identity: request.identity }
    }
}

/// What [`Resource::plan`] is given: a create (`prior` is null) or an update.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanRequest {
    /// The state as stored.
    pub prior: Value,
    /// Core's merge of `config` with `prior`: computed attributes that the configuration leaves
    /// out have their prior value, or null.
    pub proposed: Value,
    /// The configuration; what it leaves out is null.
    pub config: Value,
    /// The private bytes as stored; empty on create.
    pub private: Vec<u8>,
    /// The identity as stored.
    pub identity: Option<Value>,
    /// When core plans again during apply (Terraform 1.16 and later): the private bytes of the
    /// first plan.
    pub first_private: Vec<u8>,
}

/// The answer of [`Resource::plan`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanResponse {
    /// What the state will be, with unknown where it cannot be said yet.
    pub planned: Value,
    /// Attributes whose change needs a new object.
    pub requires_replace: Vec<AttributePath>,
    /// Kept in the plan for [`Resource::apply`].
    pub private: Vec<u8>,
    /// The identity as far as it is known.
    pub identity: Option<Value>,
}

/// What [`Resource::plan_destroy`] is given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanDestroyRequest {
    /// The state as stored.
    pub prior: Value,
    /// The private bytes as stored.
    pub private: Vec<u8>,
    /// The identity as stored.
    pub identity: Option<Value>,
}

/// What [`Resource::apply`] is given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApplyRequest {
    /// The state before; null on create.
    pub prior: Value,
    /// The state as planned; null on destroy.
    pub planned: Value,
    /// The configuration; null on destroy. The only place of write-only values.
    pub config: Value,
    /// The private bytes of the plan.
    pub private: Vec<u8>,
    /// The identity as planned.
    pub identity: Option<Value>,
}

impl ApplyRequest {
    /// Does it create the object?
    #[must_use]
    pub fn is_create(&self) -> bool {
        self.prior.is_null()
    }

    /// Does it remove the object?
    #[must_use]
    pub fn is_destroy(&self) -> bool {
        self.planned.is_null()
    }
}

/// The answer of [`Resource::apply`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApplyResponse {
    /// The state now, wholly known; null when there is no object.
    pub state: Value,
    /// Replaces the stored bytes.
    pub private: Vec<u8>,
    /// Replaces the stored identity.
    pub identity: Option<Value>,
}

impl ApplyResponse {
    /// Nothing was changed: the state before, for a change that failed as a whole.
    #[must_use]
    pub fn unchanged(request: ApplyRequest) -> Self {
        Self { state: request.prior, private: request.private, identity: request.identity }
    }
}

/// The answer of [`Resource::import`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportResponse {
    /// At least what [`Resource::read`] needs.
    pub state: Value,
    /// The first private bytes.
    pub private: Vec<u8>,
    /// The identity; must be set when the import was by identity.
    pub identity: Option<Value>,
}

/// What [`Resource::move_state`] is given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MoveRequest {
    /// The full address of the provider the state comes from.
    pub source_provider: String,
    /// The type name there.
    pub source_type: String,
    /// The schema version there.
    pub source_version: i64,
    /// The state there.
    pub state: RawState,
    /// The private bytes there.
    pub private: Vec<u8>,
    /// The identity there.
    pub identity: Option<RawState>,
}

/// The answer of [`Resource::move_state`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MoveResponse {
    /// A whole state of this type.
    pub state: Value,
    /// The private bytes.
    pub private: Vec<u8>,
    /// The identity.
    pub identity: Option<Value>,
}

impl IdentitySchema {
    /// The object type that identities of this schema have.
    #[must_use]
    pub fn implied_type(&self) -> Type {
        Type::object(self.attributes.iter().map(|item| (&*item.name, item.kind.clone())))
    }
}
