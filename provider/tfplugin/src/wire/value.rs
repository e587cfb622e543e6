//! Values, diagnostics, paths, capabilities and identities.

use std::collections::HashMap;

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct DynamicValue {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) msgpack: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) json: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Diagnostic {
    #[prost(enumeration = "DiagnosticSeverity", tag = "1")]
    pub(crate) severity: i32,
    #[prost(string, tag = "2")]
    pub(crate) summary: String,
    #[prost(string, tag = "3")]
    pub(crate) detail: String,
    #[prost(message, optional, tag = "4")]
    pub(crate) attribute: Option<AttributePath>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct FunctionError {
    #[prost(string, tag = "1")]
    pub(crate) text: String,
    #[prost(int64, optional, tag = "2")]
    pub(crate) function_argument: Option<i64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct AttributePath {
    #[prost(message, repeated, tag = "1")]
    pub(crate) steps: Vec<AttributePathStep>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct AttributePathStep {
    #[prost(oneof = "Selector", tags = "1, 2, 3")]
    pub(crate) selector: Option<Selector>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(crate) enum Selector {
    #[prost(string, tag = "1")]
    AttributeName(String),
    #[prost(string, tag = "2")]
    ElementKeyString(String),
    #[prost(int64, tag = "3")]
    ElementKeyInt(i64),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct RawState {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) json: Vec<u8>,
    #[prost(map = "string, string", tag = "2")]
    pub(crate) flatmap: HashMap<String, String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct StopProviderResponse {
    #[prost(string, tag = "1")]
    pub(crate) error: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Deferred {
    #[prost(enumeration = "DeferredReason", tag = "1")]
    pub(crate) reason: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ClientCapabilities {
    #[prost(bool, tag = "1")]
    pub(crate) deferral_allowed: bool,
    #[prost(bool, tag = "2")]
    pub(crate) write_only_attributes_allowed: bool,
    #[prost(bool, tag = "3")]
    pub(crate) store_planned_private: bool,
    #[prost(bool, tag = "4")]
    pub(crate) computed_blocks_allowed: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ServerCapabilities {
    #[prost(bool, tag = "1")]
    pub(crate) plan_destroy: bool,
    #[prost(bool, tag = "2")]
    pub(crate) get_provider_schema_optional: bool,
    #[prost(bool, tag = "3")]
    pub(crate) move_resource_state: bool,
    #[prost(bool, tag = "4")]
    pub(crate) generate_resource_config: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ResourceIdentitySchema {
    #[prost(int64, tag = "1")]
    pub(crate) version: i64,
    #[prost(message, repeated, tag = "2")]
    pub(crate) identity_attributes: Vec<ResourceIdentitySchemaIdentityAttribute>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ResourceIdentitySchemaIdentityAttribute {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) kind: Vec<u8>,
    #[prost(bool, tag = "3")]
    pub(crate) required_for_import: bool,
    #[prost(bool, tag = "4")]
    pub(crate) optional_for_import: bool,
    #[prost(string, tag = "5")]
    pub(crate) description: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ResourceIdentityData {
    #[prost(message, optional, tag = "1")]
    pub(crate) identity_data: Option<DynamicValue>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
pub(crate) enum DiagnosticSeverity {
    Invalid = 0,
    Error = 1,
    Warning = 2,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
pub(crate) enum DeferredReason {
    Unknown = 0,
    ResourceConfigUnknown = 1,
    ProviderConfigUnknown = 2,
    AbsentPrerequisite = 3,
}
