//! Requests and responses about functions.

use std::collections::HashMap;

use super::schema::Function;
use super::value::{Diagnostic, DynamicValue, FunctionError};

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct GetFunctionsResponse {
    #[prost(map = "string, message", tag = "1")]
    pub(crate) functions: HashMap<String, Function>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) diagnostics: Vec<Diagnostic>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct CallFunctionRequest {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(message, repeated, tag = "2")]
    pub(crate) arguments: Vec<DynamicValue>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct CallFunctionResponse {
    #[prost(message, optional, tag = "1")]
    pub(crate) result: Option<DynamicValue>,
    #[prost(message, optional, tag = "2")]
    pub(crate) error: Option<FunctionError>,
}
