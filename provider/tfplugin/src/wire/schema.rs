//! Schemas and function signatures.

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Schema {
    #[prost(int64, tag = "1")]
    pub(crate) version: i64,
    #[prost(message, optional, tag = "2")]
    pub(crate) block: Option<SchemaBlock>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct SchemaBlock {
    #[prost(int64, tag = "1")]
    pub(crate) version: i64,
    #[prost(message, repeated, tag = "2")]
    pub(crate) attributes: Vec<SchemaAttribute>,
    #[prost(string, tag = "4")]
    pub(crate) description: String,
    #[prost(enumeration = "StringKind", tag = "5")]
    pub(crate) description_kind: i32,
    #[prost(bool, tag = "6")]
    pub(crate) deprecated: bool,
    #[prost(string, tag = "7")]
    pub(crate) deprecation_message: String,
    #[prost(bool, tag = "8")]
    pub(crate) computed: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct SchemaAttribute {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) kind: Vec<u8>,
    #[prost(string, tag = "3")]
    pub(crate) description: String,
    #[prost(bool, tag = "4")]
    pub(crate) required: bool,
    #[prost(bool, tag = "5")]
    pub(crate) optional: bool,
    #[prost(bool, tag = "6")]
    pub(crate) computed: bool,
    #[prost(bool, tag = "7")]
    pub(crate) sensitive: bool,
    #[prost(enumeration = "StringKind", tag = "8")]
    pub(crate) description_kind: i32,
    #[prost(bool, tag = "9")]
    pub(crate) deprecated: bool,
    #[prost(message, optional, tag = "10")]
    pub(crate) nested_type: Option<SchemaObject>,
    #[prost(bool, tag = "11")]
    pub(crate) write_only: bool,
    #[prost(string, tag = "12")]
    pub(crate) deprecation_message: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct SchemaObject {
    #[prost(message, repeated, tag = "1")]
    pub(crate) attributes: Vec<SchemaAttribute>,
    #[prost(enumeration = "SchemaObjectNestingMode", tag = "3")]
    pub(crate) nesting: i32,
    #[prost(int64, tag = "4")]
    pub(crate) min_items: i64,
    #[prost(int64, tag = "5")]
    pub(crate) max_items: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Function {
    #[prost(message, repeated, tag = "1")]
    pub(crate) parameters: Vec<FunctionParameter>,
    #[prost(message, optional, tag = "2")]
    pub(crate) variadic_parameter: Option<FunctionParameter>,
    #[prost(message, optional, tag = "3")]
    pub(crate) returns: Option<FunctionReturn>,
    #[prost(string, tag = "4")]
    pub(crate) summary: String,
    #[prost(string, tag = "5")]
    pub(crate) description: String,
    #[prost(enumeration = "StringKind", tag = "6")]
    pub(crate) description_kind: i32,
    #[prost(string, tag = "7")]
    pub(crate) deprecation_message: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct FunctionParameter {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) kind: Vec<u8>,
    #[prost(bool, tag = "3")]
    pub(crate) allow_null_value: bool,
    #[prost(bool, tag = "4")]
    pub(crate) allow_unknown_values: bool,
    #[prost(string, tag = "5")]
    pub(crate) description: String,
    #[prost(enumeration = "StringKind", tag = "6")]
    pub(crate) description_kind: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct FunctionReturn {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) kind: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
pub(crate) enum StringKind {
    Plain = 0,
    Markdown = 1,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
pub(crate) enum SchemaObjectNestingMode {
    Invalid = 0,
    Single = 1,
    List = 2,
    Set = 3,
    Map = 4,
}
