//! The calls of `tfplugin6.Provider`: find who is meant, read the values, ask, write the answer.
//!
//! No state is built while a schema is asked for: core may skip that in later processes, and asks
//! for functions in processes that it never configures.

mod call;
mod data_source;
mod list_resource;
mod plugin;
mod resource;
mod routes;
mod translate;

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use tonic::codegen::tokio_stream::{self, Stream};
use tonic::{Request, Response, Status, async_trait};

use self::data_source::DataSourceEntry;
use self::list_resource::{ListResourceEntry, Listing};
use self::resource::ResourceEntry;
use self::translate::decode;
use crate::diagnostics::Diagnostics;
use crate::function::Function;
use crate::grpc::provider_server;
use crate::provider::{ConfigureRequest, Provider};
use crate::schema::Schema;
use crate::types::Type;
use crate::wire;

pub(crate) use self::call::Running;
pub(crate) use self::routes::Routes;

/// The provider behind the protocol.
pub(crate) struct Service<P> {
    provider: Arc<P>,
    described: OnceLock<(Schema, Type)>,
    resources: HashMap<String, ResourceEntry>,
    data_sources: HashMap<String, DataSourceEntry>,
    list_resources: HashMap<String, ListResourceEntry>,
    functions: HashMap<String, Arc<dyn Function>>,
    running: Running,
    reattached: bool,
}

impl<P: Provider> Service<P> {
    pub(crate) fn new(provider: Arc<P>, running: Running, reattached: bool) -> Self {
        let resources = provider.resources().into_iter();
        let data_sources = provider.data_sources().into_iter();
        let list_resources = provider.list_resources().into_iter();
        let functions = provider.functions().into_iter();
        Self {
            resources: resources
                .map(|entry| (entry.type_name().to_owned(), ResourceEntry::new(entry)))
                .collect(),
            data_sources: data_sources
                .map(|entry| (entry.type_name().to_owned(), DataSourceEntry::new(entry)))
                .collect(),
            list_resources: list_resources
                .map(|entry| (entry.type_name().to_owned(), ListResourceEntry::new(entry)))
                .collect(),
            functions: functions.map(|entry| (entry.name().to_owned(), entry)).collect(),
            provider,
            described: OnceLock::new(),
            running,
            reattached,
        }
    }

    fn described(&self) -> &(Schema, Type) {
        self.described.get_or_init(|| {
            let schema = self.provider.schema();
            let kind = schema.implied_type();
            (schema, kind)
        })
    }

    fn resource(&self, name: &str, diagnostics: &mut Diagnostics) -> Option<&ResourceEntry> {
        known(self.resources.get(name), "resource type", name, diagnostics)
    }

    fn data_source(&self, name: &str, diagnostics: &mut Diagnostics) -> Option<&DataSourceEntry> {
        known(self.data_sources.get(name), "data source", name, diagnostics)
    }

    fn list_resource(
        &self,
        name: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<&ListResourceEntry> {
        known(self.list_resources.get(name), "list resource", name, diagnostics)
    }

    async fn list(
        &self,
        request: wire::ListResourceRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<Listing> {
        let managed = self.resource(&request.type_name, diagnostics)?;
        let list = self.list_resource(&request.type_name, diagnostics)?;
        list.list(request, managed, diagnostics).await
    }

    fn schemas(&self) -> wire::GetProviderSchemaResponse {
        let resources = self.resources.iter();
        let data_sources = self.data_sources.iter();
        let list_resources = self.list_resources.iter();
        wire::GetProviderSchemaResponse {
            provider: Some(translate::schema(&self.described().0)),
            resource_schemas: resources
                .map(|(name, entry)| (name.clone(), translate::schema(&entry.described().schema)))
                .collect(),
            data_source_schemas: data_sources
                .map(|(name, entry)| (name.clone(), translate::schema(&entry.described().0)))
                .collect(),
            list_resource_schemas: list_resources
                .map(|(name, entry)| (name.clone(), translate::schema(&entry.described().0)))
                .collect(),
            functions: self.function_schemas(),
            server_capabilities: Some(capabilities()),
            diagnostics: Vec::new(),
        }
    }

    fn function_schemas(&self) -> HashMap<String, wire::Function> {
        let functions = self.functions.iter();
        functions
            .map(|(name, function)| (name.clone(), translate::function(&function.signature())))
            .collect()
    }

    fn metadata(&self) -> wire::GetMetadataResponse {
        let resource = |type_name| wire::GetMetadataResourceMetadata { type_name };
        let data_source = |type_name| wire::GetMetadataDataSourceMetadata { type_name };
        let list_resource = |type_name| wire::GetMetadataListResourceMetadata { type_name };
        let function = |name| wire::GetMetadataFunctionMetadata { name };
        wire::GetMetadataResponse {
            server_capabilities: Some(capabilities()),
            diagnostics: Vec::new(),
            data_sources: self.data_sources.keys().cloned().map(data_source).collect(),
            resources: self.resources.keys().cloned().map(resource).collect(),
            list_resources: self.list_resources.keys().cloned().map(list_resource).collect(),
            functions: self.functions.keys().cloned().map(function).collect(),
        }
    }

    fn identity_schemas(&self) -> wire::GetResourceIdentitySchemasResponse {
        let schemas = self.resources.iter().filter_map(|(name, entry)| {
            let schema = entry.described().identity.as_ref()?;
            Some((name.clone(), translate::identity_schema(schema)))
        });
        let identity_schemas = schemas.collect();
        wire::GetResourceIdentitySchemasResponse { identity_schemas, diagnostics: Vec::new() }
    }

    async fn validate(
        &self,
        request: wire::ValidateProviderConfigRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<wire::ValidateProviderConfigResponse> {
        let config = decode(request.config.as_ref(), &self.described().1, diagnostics)?;
        self.provider.validate(&config, diagnostics).await;
        None
    }

    async fn configure(
        &self,
        request: wire::ConfigureProviderRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<wire::ConfigureProviderResponse> {
        let config = decode(request.config.as_ref(), &self.described().1, diagnostics)?;
        let request = ConfigureRequest {
            terraform_version: request.terraform_version,
            config,
            reattached: self.reattached,
        };
        self.provider.configure(request, diagnostics).await;
        None
    }

    async fn call(
        &self,
        request: wire::CallFunctionRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<wire::CallFunctionResponse> {
        let function = self.functions.get(&request.name);
        let function = known(function, "function", &request.name, diagnostics)?;
        data_source::call(&**function, request, diagnostics).await
    }
}

fn known<'a, T>(
    found: Option<&'a T>,
    kind: &str,
    name: &str,
    diagnostics: &mut Diagnostics,
) -> Option<&'a T> {
    if found.is_none() {
        diagnostics.error(format!("this provider has no {kind} `{name}`"), "");
    }
    found
}

fn capabilities() -> wire::ServerCapabilities {
    wire::ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: true,
        generate_resource_config: false,
    }
}

/// What a list resource found.
type Events = Pin<Box<dyn Stream<Item = Result<wire::ListResourceEvent, Status>> + Send>>;

/// Implements the calls: each runs apart from the others, on the resource type or data source that
/// its request names, or on the service itself.
macro_rules! calls {
    ($($method:ident($request:ident) -> $response:ident = |$service:ident, $given:ident, $d:ident| $work:expr, $subject:expr;)*) => {
        #[async_trait]
        impl<P: Provider> provider_server::Provider for Handle<P> {
            $(
                async fn $method(
                    &self,
                    request: Request<wire::$request>,
                ) -> Result<Response<wire::$response>, Status> {
                    let $service = Arc::clone(&self.0);
                    let $given = request.into_inner();
                    let subject: String = $subject;
                    let running = self.0.running.clone();
                    running
                        .answer(stringify!($method), &subject, move |$d| {
                            Box::pin(async move { $work })
                        })
                        .await
                }
            )*

            type ListResourceStream = Events;

            async fn list_resource(
                &self,
                request: Request<wire::ListResourceRequest>,
            ) -> Result<Response<Events>, Status> {
                let service = Arc::clone(&self.0);
                let request = request.into_inner();
                let (subject, running) = (request.type_name.clone(), self.0.running.clone());
                let listing = running
                    .answer("list_resource", &subject, move |diagnostics| {
                        Box::pin(async move { service.list(request, diagnostics).await })
                    })
                    .await?;
                let events = listing.into_inner().events.into_iter().map(Ok);
                Ok(Response::new(Box::pin(tokio_stream::iter(events))))
            }

            async fn stop_provider(
                &self,
                _request: Request<wire::Empty>,
            ) -> Result<Response<wire::StopProviderResponse>, Status> {
                let provider = Arc::clone(&self.0.provider);
                tokio::spawn(async move { provider.stop().await });
                Ok(Response::new(wire::StopProviderResponse::default()))
            }
        }
    };
}

/// A shared [`Service`].
pub(crate) struct Handle<P>(pub(crate) Arc<Service<P>>);

calls! {
    get_metadata(Empty) -> GetMetadataResponse =
        |service, _request, _d| Some(service.metadata()), String::new();
    get_provider_schema(Empty) -> GetProviderSchemaResponse =
        |service, _request, _d| Some(service.schemas()), String::new();
    get_resource_identity_schemas(Empty) -> GetResourceIdentitySchemasResponse =
        |service, _request, _d| Some(service.identity_schemas()), String::new();
    get_functions(Empty) -> GetFunctionsResponse = |service, _request, _d| {
        let functions = service.function_schemas();
        Some(wire::GetFunctionsResponse { functions, diagnostics: Vec::new() })
    }, String::new();
    validate_provider_config(ValidateProviderConfigRequest) -> ValidateProviderConfigResponse =
        |service, request, d| service.validate(request, d).await, String::new();
    configure_provider(ConfigureProviderRequest) -> ConfigureProviderResponse =
        |service, request, d| service.configure(request, d).await, String::new();
    validate_resource_config(ValidateResourceConfigRequest) -> ValidateResourceConfigResponse =
        |service, request, d| service.resource(&request.type_name, d)?.validate(request, d).await,
        request.type_name.clone();
    upgrade_resource_state(UpgradeResourceStateRequest) -> UpgradeResourceStateResponse =
        |service, request, d| service.resource(&request.type_name, d)?.upgrade(request, d).await,
        request.type_name.clone();
    upgrade_resource_identity(UpgradeResourceIdentityRequest) -> UpgradeResourceIdentityResponse =
        |service, request, d| {
            service.resource(&request.type_name, d)?.upgrade_identity(request, d).await
        }, request.type_name.clone();
    read_resource(ReadResourceRequest) -> ReadResourceResponse =
        |service, request, d| service.resource(&request.type_name, d)?.read(request, d).await,
        request.type_name.clone();
    plan_resource_change(PlanResourceChangeRequest) -> PlanResourceChangeResponse =
        |service, request, d| service.resource(&request.type_name, d)?.plan(request, d).await,
        request.type_name.clone();
    apply_resource_change(ApplyResourceChangeRequest) -> ApplyResourceChangeResponse =
        |service, request, d| service.resource(&request.type_name, d)?.apply(request, d).await,
        request.type_name.clone();
    import_resource_state(ImportResourceStateRequest) -> ImportResourceStateResponse =
        |service, request, d| service.resource(&request.type_name, d)?.import(request, d).await,
        request.type_name.clone();
    move_resource_state(MoveResourceStateRequest) -> MoveResourceStateResponse =
        |service, request, d| {
            service.resource(&request.target_type_name, d)?.move_state(request, d).await
        }, request.target_type_name.clone();
    validate_data_resource_config(ValidateDataResourceConfigRequest) ->
        ValidateDataResourceConfigResponse =
        |service, request, d| service.data_source(&request.type_name, d)?.validate(request, d).await,
        request.type_name.clone();
    read_data_source(ReadDataSourceRequest) -> ReadDataSourceResponse =
        |service, request, d| service.data_source(&request.type_name, d)?.read(request, d).await,
        request.type_name.clone();
    validate_list_resource_config(ValidateListResourceConfigRequest) ->
        ValidateListResourceConfigResponse =
        |service, request, d| {
            service.list_resource(&request.type_name, d)?.validate(request, d).await
        }, request.type_name.clone();
    call_function(CallFunctionRequest) -> CallFunctionResponse =
        |service, request, d| service.call(request, d).await, request.name.clone();
}
