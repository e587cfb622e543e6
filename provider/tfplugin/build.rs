//! Writes the service traits and the dispatch by method name; the messages are in `src/wire.rs`.

use tonic_build::manual::{Builder, Method, Service};

/// The calls of `tfplugin6.Provider` that are answered: method in snake case, method, request and
/// response message. tonic answers any other with the status UNIMPLEMENTED, which core takes as
/// "does not exist".
const PROVIDER: &[(&str, &str, &str, &str)] = &[
    ("get_metadata", "GetMetadata", "Empty", "GetMetadataResponse"),
    ("get_provider_schema", "GetProviderSchema", "Empty", "GetProviderSchemaResponse"),
    (
        "get_resource_identity_schemas",
        "GetResourceIdentitySchemas",
        "Empty",
        "GetResourceIdentitySchemasResponse",
    ),
    ("get_functions", "GetFunctions", "Empty", "GetFunctionsResponse"),
    (
        "validate_provider_config",
        "ValidateProviderConfig",
        "ValidateProviderConfigRequest",
        "ValidateProviderConfigResponse",
    ),
    (
        "validate_resource_config",
        "ValidateResourceConfig",
        "ValidateResourceConfigRequest",
        "ValidateResourceConfigResponse",
    ),
    (
        "validate_data_resource_config",
        "ValidateDataResourceConfig",
        "ValidateDataResourceConfigRequest",
        "ValidateDataResourceConfigResponse",
    ),
    (
        "configure_provider",
        "ConfigureProvider",
        "ConfigureProviderRequest",
        "ConfigureProviderResponse",
    ),
    (
        "upgrade_resource_state",
        "UpgradeResourceState",
        "UpgradeResourceStateRequest",
        "UpgradeResourceStateResponse",
    ),
    (
        "upgrade_resource_identity",
        "UpgradeResourceIdentity",
        "UpgradeResourceIdentityRequest",
        "UpgradeResourceIdentityResponse",
    ),
    ("read_resource", "ReadResource", "ReadResourceRequest", "ReadResourceResponse"),
    (
        "plan_resource_change",
        "PlanResourceChange",
        "PlanResourceChangeRequest",
        "PlanResourceChangeResponse",
    ),
    (
        "apply_resource_change",
        "ApplyResourceChange",
        "ApplyResourceChangeRequest",
        "ApplyResourceChangeResponse",
    ),
    (
        "import_resource_state",
        "ImportResourceState",
        "ImportResourceStateRequest",
        "ImportResourceStateResponse",
    ),
    (
        "move_resource_state",
        "MoveResourceState",
        "MoveResourceStateRequest",
        "MoveResourceStateResponse",
    ),
    ("read_data_source", "ReadDataSource", "ReadDataSourceRequest", "ReadDataSourceResponse"),
    (
        "validate_list_resource_config",
        "ValidateListResourceConfig",
        "ValidateListResourceConfigRequest",
        "ValidateListResourceConfigResponse",
    ),
    ("call_function", "CallFunction", "CallFunctionRequest", "CallFunctionResponse"),
    ("stop_provider", "StopProvider", "Empty", "StopProviderResponse"),
];

fn main() {
    let mut provider = Service::builder().name("Provider").package("tfplugin6");
    for (name, route, request, response) in PROVIDER {
        provider = provider.method(method(name, route, request, response).build());
    }
    let list = method("list_resource", "ListResource", "ListResourceRequest", "ListResourceEvent");
    provider = provider.method(list.server_streaming().build());
    let controller = Service::builder()
        .name("GRPCController")
        .package("plugin")
        .method(method("shutdown", "Shutdown", "Empty", "Empty").build());
    let stdio = Service::builder().name("GRPCStdio").package("plugin").method(
        method("stream_stdio", "StreamStdio", "Empty", "StdioData").server_streaming().build(),
    );
    Builder::new().build_client(false).compile(&[
        provider.build(),
        controller.build(),
        stdio.build(),
    ]);
    println!("cargo::rerun-if-changed=build.rs");
}

fn method(
    name: &str,
    route: &str,
    request: &str,
    response: &str,
) -> tonic_build::manual::MethodBuilder {
    Method::builder()
        .name(name)
        .route_name(route)
        .input_type(format!("crate::wire::{request}"))
        .output_type(format!("crate::wire::{response}"))
        .codec_path("tonic_prost::ProstCodec")
}
