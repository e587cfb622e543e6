//! Documents as attributes and arguments: an object with nmstate's own keys, or its text in YAML or
//! JSON.
//!
//! One way in and one way out for everything that takes a whole document, so that resources, data
//! sources and functions accept the same and say the same about what they do not accept.

use nmstate_engine::{Error, ErrorKind};
use nmstate_schema::document::Document;
use nmstate_schema::policy::Policy;
use nmstate_schema::validate::{self, Finding};
use nmstate_schema::{Nmstate, Value as Json};
use serde_json::json;
use tfplugin::{Diagnostics, Value};

use crate::{convert, report};

/// The document of a value.
pub(crate) fn parse(value: &Value) -> Result<Document, Vec<Finding>> {
    match value.as_str() {
        Some(text) => Document::parse(text),
        None => Document::from_value(convert::plain_to_json(value).unwrap_or_else(|| json!({}))),
    }
}

/// The document of a value that says what a host shall be, with nothing wrong in it.
pub(crate) fn parse_valid(value: &Value) -> Result<Document, Vec<Finding>> {
    let document = parse(value)?;
    let findings = validate::validate(&document);
    if findings.is_empty() { Ok(document) } else { Err(findings) }
}

/// The policy of a value.
pub(crate) fn parse_policy(value: &Value) -> Result<Policy, Vec<Finding>> {
    match value.as_str() {
        Some(text) => Policy::parse(text),
        None => Policy::from_value(convert::plain_to_json(value).unwrap_or_default()),
    }
}

/// A dynamic Terraform value of a document.
pub(crate) fn dynamic(json: &Json) -> Value {
    Value::dynamic(convert::type_of_json(json), convert::plain_from_json(json))
}

/// Reports what is wrong with a whole document, on its attribute.
pub(crate) fn report(
    diagnostics: &mut Diagnostics,
    findings: impl IntoIterator<Item = Finding>,
    attribute: &str,
) {
    for finding in findings {
        report::finding(diagnostics, None, &finding, Some(attribute.into()), &Nmstate);
    }
}

/// What is wrong with a document, as an error of an apply or a read.
pub(crate) fn refused(findings: &[Finding]) -> Error {
    let text: Vec<String> = findings.iter().map(|finding| finding.located(&Nmstate)).collect();
    Error::new(ErrorKind::InvalidDocument, "", text.join("; "))
}
