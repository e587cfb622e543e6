//! The calls about data sources and functions.

use std::sync::{Arc, OnceLock};

use super::translate::{decode, encode};
use crate::data_source::DataSource;
use crate::diagnostics::Diagnostics;
use crate::function::{Function, FunctionError};
use crate::schema::Schema;
use crate::types::Type;
use crate::wire;

/// A data source and what its values look like; described when first needed.
pub(super) struct DataSourceEntry {
    source: Arc<dyn DataSource>,
    described: OnceLock<(Schema, Type)>,
}

impl DataSourceEntry {
    pub(super) fn new(source: Arc<dyn DataSource>) -> Self {
        Self { source, described: OnceLock::new() }
    }

    pub(super) fn described(&self) -> &(Schema, Type) {
        self.described.get_or_init(|| {
            let schema = self.source.schema();
            let kind = schema.implied_type();
            (schema, kind)
        })
    }

    pub(super) async fn validate(
        &self,
        request: wire::ValidateDataResourceConfigRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<wire::ValidateDataResourceConfigResponse> {
        let config = decode(request.config.as_ref(), &self.described().1, diagnostics)?;
        self.source.validate(&config, diagnostics).await;
        None
    }

    pub(super) async fn read(
        &self,
        request: wire::ReadDataSourceRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<wire::ReadDataSourceResponse> {
        let kind = &self.described().1;
        let config = decode(request.config.as_ref(), kind, diagnostics)?;
        let state = self.source.read(config, diagnostics).await;
        let state = encode(&state, kind, diagnostics);
        Some(wire::ReadDataSourceResponse { state, ..wire::ReadDataSourceResponse::default() })
    }
}

pub(super) async fn call(
    function: &dyn Function,
    request: wire::CallFunctionRequest,
    diagnostics: &mut Diagnostics,
) -> Option<wire::CallFunctionResponse> {
    let signature = function.signature();
    let kinds = signature.parameters.iter().chain(signature.variadic.iter().cycle());
    let mut arguments = Vec::with_capacity(request.arguments.len());
    for (argument, parameter) in request.arguments.iter().zip(kinds) {
        arguments.push(decode(Some(argument), &parameter.kind, diagnostics)?);
    }
    if arguments.len() != request.arguments.len() || arguments.len() < signature.parameters.len() {
        let text = format!("`{}` takes {} arguments", function.name(), signature.parameters.len());
        return Some(failed(FunctionError::new(text)));
    }
    Some(match function.call(arguments).await {
        Ok(value) => wire::CallFunctionResponse {
            result: encode(&value, &signature.returns, diagnostics),
            error: None,
        },
        Err(error) => failed(error),
    })
}

fn failed(error: FunctionError) -> wire::CallFunctionResponse {
    let function_argument = error.argument.and_then(|argument| i64::try_from(argument).ok());
    let error = Some(wire::FunctionError { text: error.text, function_argument });
    wire::CallFunctionResponse { result: None, error }
}
