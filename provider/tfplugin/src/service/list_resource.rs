//! The calls about list resources.
//!
//! What is found is gathered and then streamed: a provider has it from few answers of the remote
//! system, and core shows it at the end.

use std::sync::{Arc, OnceLock};

use super::call::Reply;
use super::resource::ResourceEntry;
use super::translate::{self, decode, encode, encode_identity};
use crate::diagnostics::Diagnostics;
use crate::list_resource::{ListRequest, ListResource, Listed};
use crate::schema::Schema;
use crate::types::Type;
use crate::wire;

/// A list resource and what its configuration looks like; described when first needed.
pub(super) struct ListResourceEntry {
    list: Arc<dyn ListResource>,
    described: OnceLock<(Schema, Type)>,
}

/// What was found, as it will be streamed.
#[derive(Default)]
pub(super) struct Listing {
    pub(super) events: Vec<wire::ListResourceEvent>,
}

impl Reply for Listing {
    /// Diagnostics travel in an event of their own.
    fn say(&mut self, diagnostics: Diagnostics) {
        if !diagnostics.is_empty() {
            let diagnostic = translate::diagnostics(diagnostics);
            self.events.push(wire::ListResourceEvent { diagnostic, ..Default::default() });
        }
    }
}

impl ListResourceEntry {
    pub(super) fn new(list: Arc<dyn ListResource>) -> Self {
        Self { list, described: OnceLock::new() }
    }

    pub(super) fn described(&self) -> &(Schema, Type) {
        self.described.get_or_init(|| {
            let schema = self.list.schema();
            let kind = schema.implied_type();
            (schema, kind)
        })
    }

    pub(super) async fn validate(
        &self,
        request: wire::ValidateListResourceConfigRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<wire::ValidateListResourceConfigResponse> {
        let config = decode(request.config.as_ref(), &self.described().1, diagnostics)?;
        self.list.validate(&config, diagnostics).await;
        None
    }

    /// Finds objects of the type `managed`.
    pub(super) async fn list(
        &self,
        request: wire::ListResourceRequest,
        managed: &ResourceEntry,
        diagnostics: &mut Diagnostics,
    ) -> Option<Listing> {
        let request = ListRequest {
            config: decode(request.config.as_ref(), &self.described().1, diagnostics)?,
            include_resource: request.include_resource_object,
            limit: usize::try_from(request.limit).ok().filter(|limit| *limit > 0),
        };
        let (limit, is_whole) = (request.limit.unwrap_or(usize::MAX), request.include_resource);
        let found = self.list.list(request, diagnostics).await.into_iter().take(limit);
        let described = managed.described();
        let events = found.map(|Listed { identity, display_name, resource }| {
            let kind = described.identity_kind.as_ref();
            let resource = resource.filter(|_| is_whole).map(|one| described.schema.conform(one));
            wire::ListResourceEvent {
                identity: encode_identity(Some(&identity), kind, diagnostics),
                display_name,
                resource_object: resource
                    .and_then(|resource| encode(&resource, &described.kind, diagnostics)),
                diagnostic: Vec::new(),
            }
        });
        Some(Listing { events: events.collect() })
    }
}
