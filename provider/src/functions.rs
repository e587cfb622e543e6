//! Functions that a configuration can call: what documents mean, without a host.
//!
//! They run in a process that is not configured and contact nobody. A document is an object or a
//! text everywhere, and an error points at the argument with all that is wrong with it. A document
//! that says what a host shall be is validated. One that says what a host is, is not: a newer
//! nmstate may show keys that the table does not know.

mod canonical;
mod diff;
mod merge;
mod parse;
mod revert;

use std::sync::Arc;

use nmstate_schema::document::Document;
use nmstate_schema::validate::Finding;
use tfplugin::{Function, FunctionError, FunctionSignature, Parameter, Type, Value};

use crate::document;

/// All functions.
pub(crate) fn all() -> Vec<Arc<dyn Function>> {
    vec![
        Arc::new(parse::Parse),
        Arc::new(canonical::Canonical),
        Arc::new(diff::Diff),
        Arc::new(merge::Merge),
        Arc::new(revert::Revert),
    ]
}

/// A function of documents.
fn signature(
    summary: &str,
    description: &str,
    parameters: Vec<Parameter>,
    returns: Type,
) -> FunctionSignature {
    FunctionSignature {
        summary: summary.into(),
        description: description.into(),
        parameters,
        variadic: None,
        returns,
        deprecated: None,
    }
}

/// A parameter that takes a document.
fn document_parameter(name: &str, what: &str) -> Parameter {
    let description =
        format!("{what}: an object with nmstate's own keys, or its text in YAML or JSON.");
    Parameter::new(name, Type::Dynamic, description)
}

/// The document of an argument.
fn readable(arguments: &[Value], index: usize) -> Result<Document, FunctionError> {
    read(arguments, index, document::parse)
}

/// The document of an argument that says what a host shall be.
fn valid(arguments: &[Value], index: usize) -> Result<Document, FunctionError> {
    read(arguments, index, document::parse_valid)
}

fn read(
    arguments: &[Value],
    index: usize,
    parse: fn(&Value) -> Result<Document, Vec<Finding>>,
) -> Result<Document, FunctionError> {
    let argument = arguments.get(index).unwrap_or(&Value::Null);
    parse(argument).map_err(|findings| FunctionError::argument(index, listed(&findings)))
}

/// All findings in one message.
fn listed(findings: &[Finding]) -> String {
    match findings {
        [finding] => finding.to_string(),
        _ => {
            let lines: Vec<String> =
                findings.iter().map(|finding| format!("\n- {finding}")).collect();
            format!("the document has {} errors:{}", findings.len(), lines.concat())
        }
    }
}

#[cfg(test)]
mod tests;
