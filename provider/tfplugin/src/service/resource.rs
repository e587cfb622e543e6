//! The calls about managed resources.

use std::sync::{Arc, OnceLock};

use super::translate::{self, decode, decode_identity, encode, encode_identity};
use crate::diagnostics::Diagnostics;
use crate::json::RawState;
use crate::resource::{
    ApplyRequest, IdentitySchema, ImportResponse, MoveRequest, PlanDestroyRequest, PlanRequest,
    ReadRequest, Resource,
};
use crate::schema::Schema;
use crate::types::Type;
use crate::wire;

/// A resource and what its values look like; described when first needed, so that a process that
/// handles one type does not build the schemas of all.
pub(super) struct ResourceEntry {
    pub(super) resource: Arc<dyn Resource>,
    described: OnceLock<Described>,
}

pub(super) struct Described {
    pub(super) schema: Schema,
    pub(super) identity: Option<IdentitySchema>,
    kind: Type,
    identity_kind: Option<Type>,
}

impl ResourceEntry {
    pub(super) fn new(resource: Arc<dyn Resource>) -> Self {
        Self { resource, described: OnceLock::new() }
    }

    pub(super) fn described(&self) -> &Described {
        self.described.get_or_init(|| {
            let (schema, identity) = (self.resource.schema(), self.resource.identity_schema());
            let kind = schema.implied_type();
            let identity_kind = identity.as_ref().map(IdentitySchema::implied_type);
            Described { schema, identity, kind, identity_kind }
        })
    }

    pub(super) async fn validate(
        &self,
        request: wire::ValidateResourceConfigRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<wire::ValidateResourceConfigResponse> {
        let config = decode(request.config.as_ref(), &self.described().kind, diagnostics)?;
        self.resource.validate(&config, diagnostics).await;
        None
    }

    pub(super) async fn upgrade(
        &self,
        request: wire::UpgradeResourceStateRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<wire::UpgradeResourceStateResponse> {
        let state = raw(request.raw_state, diagnostics)?;
        let state = self.resource.upgrade(request.version, state, diagnostics).await?;
        let upgraded_state = encode(&state, &self.described().kind, diagnostics);
        Some(wire::UpgradeResourceStateResponse { upgraded_state, diagnostics: Vec::new() })
    }

    pub(super) async fn upgrade_identity(
        &self,
        request: wire::UpgradeResourceIdentityRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<wire::UpgradeResourceIdentityResponse> {
        let identity = raw(request.raw_identity, diagnostics)?;
        let version = request.version;
        let identity = self.resource.upgrade_identity(version, identity, diagnostics).await?;
        let kind = self.described().identity_kind.as_ref();
        let upgraded_identity = encode_identity(Some(&identity), kind, diagnostics);
        Some(wire::UpgradeResourceIdentityResponse { upgraded_identity, diagnostics: Vec::new() })
    }

    pub(super) async fn read(
        &self,
        request: wire::ReadResourceRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<wire::ReadResourceResponse> {
        let Described { kind, identity_kind, .. } = self.described();
        let identity_kind = identity_kind.as_ref();
        let given = request.current_identity.as_ref();
        let read = ReadRequest {
            state: decode(request.current_state.as_ref(), kind, diagnostics)?,
            private: request.private,
            identity: decode_identity(given, identity_kind, diagnostics),
        };
        let read = self.resource.read(read, diagnostics).await;
        Some(wire::ReadResourceResponse {
            new_state: encode(&read.state, kind, diagnostics),
            private: read.private,
            new_identity: encode_identity(read.identity.as_ref(), identity_kind, diagnostics),
            ..wire::ReadResourceResponse::default()
        })
    }

    pub(super) async fn plan(
        &self,
        request: wire::PlanResourceChangeRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<wire::PlanResourceChangeResponse> {
        let Described { kind, identity_kind, .. } = self.described();
        let identity_kind = identity_kind.as_ref();
        let prior = decode(request.prior_state.as_ref(), kind, diagnostics)?;
        let proposed = decode(request.proposed_new_state.as_ref(), kind, diagnostics)?;
        let config = decode(request.config.as_ref(), kind, diagnostics)?;
        let private = request.prior_private;
        let given = request.prior_identity.as_ref();
        let identity = decode_identity(given, identity_kind, diagnostics);
        if proposed.is_null() {
            let destroy = PlanDestroyRequest { prior, private, identity };
            let planned_private = self.resource.plan_destroy(destroy, diagnostics).await;
            return Some(wire::PlanResourceChangeResponse {
                planned_state: encode(&proposed, kind, diagnostics),
                planned_private,
                planned_identity: request.prior_identity.filter(|_| identity_kind.is_some()),
                ..wire::PlanResourceChangeResponse::default()
            });
        }
        let first_private = request.planned_private;
        let plan = PlanRequest { prior, proposed, config, private, identity, first_private };
        let plan = self.resource.plan(plan, diagnostics).await;
        Some(wire::PlanResourceChangeResponse {
            planned_state: encode(&plan.planned, kind, diagnostics),
            requires_replace: plan.requires_replace.iter().map(translate::path).collect(),
            planned_private: plan.private,
            planned_identity: encode_identity(plan.identity.as_ref(), identity_kind, diagnostics),
            ..wire::PlanResourceChangeResponse::default()
        })
    }

    pub(super) async fn apply(
        &self,
        request: wire::ApplyResourceChangeRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<wire::ApplyResourceChangeResponse> {
        let Described { kind, identity_kind, .. } = self.described();
        let identity_kind = identity_kind.as_ref();
        let given = request.planned_identity.as_ref();
        let apply = ApplyRequest {
            prior: decode(request.prior_state.as_ref(), kind, diagnostics)?,
            planned: decode(request.planned_state.as_ref(), kind, diagnostics)?,
            config: decode(request.config.as_ref(), kind, diagnostics)?,
            private: request.planned_private,
            identity: decode_identity(given, identity_kind, diagnostics),
        };
        let destroy = apply.is_destroy();
        let done = self.resource.apply(apply, diagnostics).await;
        if destroy && !done.state.is_null() && !diagnostics.has_errors() {
            diagnostics.error(
                "the provider did not remove the object and gave no reason",
                "please report this to the authors of the provider",
            );
        }
        Some(wire::ApplyResourceChangeResponse {
            new_state: encode(&done.state, kind, diagnostics),
            private: done.private,
            new_identity: encode_identity(done.identity.as_ref(), identity_kind, diagnostics),
            ..wire::ApplyResourceChangeResponse::default()
        })
    }

    pub(super) async fn import(
        &self,
        request: wire::ImportResourceStateRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<wire::ImportResourceStateResponse> {
        let Described { schema, kind, identity_kind, .. } = self.described();
        let identity_kind = identity_kind.as_ref();
        let given = request.identity.as_ref();
        let found = match decode_identity(given, identity_kind, diagnostics) {
            Some(identity) => self.resource.import_by_identity(&identity, diagnostics).await,
            None => self.resource.import(&request.id, diagnostics).await,
        };
        let Some(ImportResponse { state, private, identity }) = found else {
            if !diagnostics.has_errors() {
                diagnostics.error(format!("`{}` was not found", request.id), "");
            }
            return None;
        };
        let imported = wire::ImportResourceStateImportedResource {
            type_name: request.type_name,
            state: encode(&schema.conform(state), kind, diagnostics),
            private,
            identity: encode_identity(identity.as_ref(), identity_kind, diagnostics),
        };
        Some(wire::ImportResourceStateResponse {
            imported_resources: vec![imported],
            ..wire::ImportResourceStateResponse::default()
        })
    }

    pub(super) async fn move_state(
        &self,
        request: wire::MoveResourceStateRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<wire::MoveResourceStateResponse> {
        let Described { kind, identity_kind, .. } = self.described();
        let request = MoveRequest {
            source_provider: request.source_provider_address,
            source_type: request.source_type_name,
            source_version: request.source_schema_version,
            state: raw(request.source_state, diagnostics)?,
            private: request.source_private,
            identity: request.source_identity.map(|identity| RawState::new(identity.json)),
        };
        let moved = self.resource.move_state(request, diagnostics).await?;
        let identity = moved.identity.as_ref();
        Some(wire::MoveResourceStateResponse {
            target_state: encode(&moved.state, kind, diagnostics),
            target_private: moved.private,
            target_identity: encode_identity(identity, identity_kind.as_ref(), diagnostics),
            diagnostics: Vec::new(),
        })
    }
}

fn raw(state: Option<wire::RawState>, diagnostics: &mut Diagnostics) -> Option<RawState> {
    let state = state.unwrap_or_default();
    if state.json.is_empty() && !state.flatmap.is_empty() {
        diagnostics.error("the state was written by Terraform 0.11 or older", "import it anew");
        return None;
    }
    Some(RawState::new(state.json))
}
