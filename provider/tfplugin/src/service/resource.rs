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
use crate::value::Value;
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
    pub(super) kind: Type,
    pub(super) identity_kind: Option<Type>,
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

    /// Writes a state or a plan. What is write-only is never part of one, whatever the resource has
    /// made of its configuration.
    fn stored(&self, state: Value, diagnostics: &mut Diagnostics) -> Option<wire::DynamicValue> {
        let Described { schema, kind, .. } = self.described();
        encode(&schema.without_write_only(state), kind, diagnostics)
    }

    pub(super) async fn validate(
        &self,
        request: wire::ValidateResourceConfigRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<wire::ValidateResourceConfigResponse> {
        let Described { schema, kind, .. } = self.described();
        let config = decode(request.config.as_ref(), kind, diagnostics)?;
        let capabilities = request.client_capabilities.unwrap_or_default();
        if !capabilities.write_only_attributes_allowed {
            for path in schema.write_only_given(&config) {
                diagnostics.attribute_error(
                    path.clone(),
                    format!("`{path}` is write-only, which this Terraform does not know"),
                    "use Terraform 1.11, OpenTofu 1.11 or newer, or an attribute that is kept in \
                     the state",
                );
            }
        }
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
        let upgraded_state = self.stored(state, diagnostics);
        Some(wire::UpgradeResourceStateResponse { upgraded_state, diagnostics: Vec::new() })
    }

    pub(super) async fn upgrade_identity(
        &self,
        request: wire::UpgradeResourceIdentityRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<wire::UpgradeResourceIdentityResponse> {
        let identity = raw(request.raw_identity, diagnostics)?;
        let version = request.version;
        // A program that knows of no identities has written the state, and core asks all the same.
        let identity = match identity.as_bytes() {
            b"" | b"null" => Value::Null,
            _ => self.resource.upgrade_identity(version, identity, diagnostics).await?,
        };
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
            new_state: self.stored(read.state, diagnostics),
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
            planned_state: self.stored(plan.planned, diagnostics),
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
            new_state: self.stored(done.state, diagnostics),
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
        let Described { schema, identity_kind, .. } = self.described();
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
            state: self.stored(schema.conform(state), diagnostics),
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
        let Described { identity_kind, .. } = self.described();
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
            target_state: self.stored(moved.state, diagnostics),
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

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::resource::{
        ApplyResponse, IdentityAttribute, IdentitySchema, PlanResponse, ReadResponse,
    };
    use crate::schema::Attribute;

    /// Has a write-only attribute and does nothing.
    struct FakeResource;

    #[async_trait]
    impl Resource for FakeResource {
        fn type_name(&self) -> &'static str {
            "fake"
        }

        fn schema(&self) -> Schema {
            let attributes = vec![Attribute::optional("secret_wo", Type::String).write_only()];
            Schema { attributes, ..Schema::default() }
        }

        fn identity_schema(&self) -> Option<IdentitySchema> {
            let name = IdentityAttribute {
                name: "name".into(),
                kind: Type::String,
                description: String::new(),
                required_for_import: true,
            };
            Some(IdentitySchema { version: 1, attributes: vec![name] })
        }

        async fn read(&self, request: ReadRequest, _: &mut Diagnostics) -> ReadResponse {
            ReadResponse::unchanged(request)
        }

        /// Forgets that the attribute is write-only.
        async fn plan(&self, request: PlanRequest, _: &mut Diagnostics) -> PlanResponse {
            PlanResponse { planned: request.config, ..PlanResponse::default() }
        }

        async fn apply(&self, request: ApplyRequest, _: &mut Diagnostics) -> ApplyResponse {
            ApplyResponse::unchanged(request)
        }
    }

    fn given() -> (ResourceEntry, Option<wire::DynamicValue>) {
        let entry = ResourceEntry::new(Arc::new(FakeResource));
        let config = Value::object([("secret_wo", "s3cret")]);
        let config = encode(&config, &entry.described().kind, &mut Diagnostics::new());
        (entry, config)
    }

    #[tokio::test]
    async fn a_core_without_write_only_attributes_is_told() {
        for (capabilities, errors) in [
            (None, 1),
            (Some(wire::ClientCapabilities::default()), 1),
            (
                Some(wire::ClientCapabilities {
                    write_only_attributes_allowed: true,
                    ..wire::ClientCapabilities::default()
                }),
                0,
            ),
        ] {
            let (entry, config) = given();
            let request = wire::ValidateResourceConfigRequest {
                type_name: "fake".into(),
                config,
                client_capabilities: capabilities,
            };
            let mut diagnostics = Diagnostics::new();
            entry.validate(request, &mut diagnostics).await;
            let found: Vec<_> = diagnostics.iter().collect();
            assert_eq!(found.len(), errors, "{found:?}");
            for one in found {
                assert_eq!(one.attribute, Some("secret_wo".into()));
                assert!(one.detail.contains("Terraform 1.11"), "{}", one.detail);
                assert!(!format!("{one:?}").contains("s3cret"));
            }
        }
    }

    /// OpenTofu 1.11 keeps none, and Terraform asks to upgrade it.
    #[tokio::test]
    async fn no_identity_stays_none() {
        let (entry, _) = given();
        for json in [&b""[..], b"null"] {
            let raw = wire::RawState { json: json.to_vec(), ..wire::RawState::default() };
            for raw_identity in [Some(raw), None] {
                let request = wire::UpgradeResourceIdentityRequest {
                    type_name: "fake".into(),
                    version: 0,
                    raw_identity,
                };
                let mut diagnostics = Diagnostics::new();
                let answer = entry.upgrade_identity(request, &mut diagnostics).await.unwrap();
                assert!(!diagnostics.has_errors(), "{diagnostics:?}");
                let kind = entry.described().identity_kind.as_ref();
                let given = answer.upgraded_identity.as_ref();
                let upgraded = decode_identity(given, kind, &mut diagnostics);
                assert!(upgraded.is_none_or(|one| one.is_null()), "{json:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_plan_never_has_what_is_write_only() {
        let (entry, config) = given();
        let proposed = encode(
            &Value::object([("secret_wo", Value::Null)]),
            &entry.described().kind,
            &mut Diagnostics::new(),
        );
        let request = wire::PlanResourceChangeRequest {
            config,
            proposed_new_state: proposed.clone(),
            ..wire::PlanResourceChangeRequest::default()
        };
        let response = entry.plan(request, &mut Diagnostics::new()).await.unwrap();
        assert_eq!(response.planned_state, proposed);
    }
}
