//! Between the types of this crate and the messages on the wire.

use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::function::{FunctionSignature, Parameter};
use crate::json;
use crate::msgpack;
use crate::path::{AttributePath, PathStep};
use crate::resource::IdentitySchema;
use crate::schema::{Attribute, Nesting, Schema, Shape};
use crate::types::Type;
use crate::value::Value;
use crate::wire;

/// Reads a value; nothing at all is null.
pub(super) fn decode(
    value: Option<&wire::DynamicValue>,
    kind: &Type,
    diagnostics: &mut Diagnostics,
) -> Option<Value> {
    let decoded = match value {
        Some(value) if !value.msgpack.is_empty() => msgpack::decode(&value.msgpack, kind),
        Some(value) if !value.json.is_empty() => json::decode(&value.json, kind),
        _ => Ok(Value::Null),
    };
    match decoded {
        Ok(value) => Some(value),
        Err(error) => {
            let detail = format!(
                "{error}; a provider of another version may be installed than the one that made \
                 this plan"
            );
            diagnostics.error("the provider cannot read a value", detail);
            None
        }
    }
}

/// Writes a value; one that does not fit its schema is a mistake of the provider.
pub(super) fn encode(
    value: &Value,
    kind: &Type,
    diagnostics: &mut Diagnostics,
) -> Option<wire::DynamicValue> {
    match msgpack::encode(value, kind) {
        Ok(msgpack) => Some(wire::DynamicValue { msgpack, json: Vec::new() }),
        Err(error) => {
            diagnostics.error(
                "the provider made a value that does not fit its schema",
                format!("{error}; please report this to the authors of the provider"),
            );
            None
        }
    }
}

/// Reads an identity, if there is one and the type has a schema for it.
pub(super) fn decode_identity(
    data: Option<&wire::ResourceIdentityData>,
    kind: Option<&Type>,
    diagnostics: &mut Diagnostics,
) -> Option<Value> {
    decode(data?.identity_data.as_ref(), kind?, diagnostics).filter(|value| !value.is_null())
}

/// Writes an identity; without a schema none may be sent.
pub(super) fn encode_identity(
    identity: Option<&Value>,
    kind: Option<&Type>,
    diagnostics: &mut Diagnostics,
) -> Option<wire::ResourceIdentityData> {
    let identity_data = Some(encode(identity?, kind?, diagnostics)?);
    Some(wire::ResourceIdentityData { identity_data })
}

pub(super) fn diagnostics(diagnostics: Diagnostics) -> Vec<wire::Diagnostic> {
    diagnostics.into_iter().map(diagnostic).collect()
}

fn diagnostic(diagnostic: Diagnostic) -> wire::Diagnostic {
    let severity = match diagnostic.severity {
        Severity::Error => wire::DiagnosticSeverity::Error,
        Severity::Warning => wire::DiagnosticSeverity::Warning,
    };
    let attribute = diagnostic.attribute.filter(|path| !path.is_root());
    wire::Diagnostic {
        severity: severity.into(),
        summary: placed(diagnostic.summary, attribute.as_ref()),
        detail: diagnostic.detail,
        attribute: attribute.map(|at| path(&at.shown())),
    }
}

/// A summary that names a place where core does not point at it.
fn placed(summary: String, attribute: Option<&AttributePath>) -> String {
    let hidden = attribute.filter(|path| path.shown() != **path).map(ToString::to_string);
    match hidden {
        Some(path) if !summary.contains(&path) => format!("{summary} (at `{path}`)"),
        Some(_) | None => summary,
    }
}

pub(super) fn path(path: &AttributePath) -> wire::AttributePath {
    let steps = path.steps().iter().map(|step| {
        let selector = match step {
            PathStep::Attribute(name) => wire::Selector::AttributeName(name.clone()),
            PathStep::Key(key) => wire::Selector::ElementKeyString(key.clone()),
            PathStep::Index(index) => {
                wire::Selector::ElementKeyInt(i64::try_from(*index).unwrap_or(i64::MAX))
            }
        };
        wire::AttributePathStep { selector: Some(selector) }
    });
    wire::AttributePath { steps: steps.collect() }
}

pub(super) fn schema(schema: &Schema) -> wire::Schema {
    wire::Schema {
        version: schema.version,
        block: Some(wire::SchemaBlock {
            version: schema.version,
            attributes: schema.attributes.iter().map(attribute).collect(),
            description: schema.description.clone(),
            description_kind: wire::StringKind::Markdown.into(),
            ..wire::SchemaBlock::default()
        }),
    }
}

fn attribute(attribute: &Attribute) -> wire::SchemaAttribute {
    let (kind, nested_type) = match &attribute.shape {
        Shape::Type(kind) => (kind.to_json(), None),
        Shape::Nested(nesting, attributes) => (Vec::new(), Some(nested(*nesting, attributes))),
    };
    wire::SchemaAttribute {
        name: attribute.name.clone(),
        kind,
        nested_type,
        description: attribute.description.clone(),
        description_kind: wire::StringKind::Markdown.into(),
        required: attribute.mode == crate::schema::Mode::Required,
        optional: attribute.mode.is_optional(),
        computed: attribute.mode.is_computed(),
        sensitive: attribute.sensitive,
        write_only: attribute.write_only,
        deprecated: attribute.deprecated.is_some(),
        deprecation_message: attribute.deprecated.clone().unwrap_or_default(),
    }
}

fn nested(nesting: Nesting, attributes: &[Attribute]) -> wire::SchemaObject {
    let nesting = match nesting {
        Nesting::Single => wire::SchemaObjectNestingMode::Single,
        Nesting::List => wire::SchemaObjectNestingMode::List,
        Nesting::Set => wire::SchemaObjectNestingMode::Set,
        Nesting::Map => wire::SchemaObjectNestingMode::Map,
    };
    wire::SchemaObject {
        attributes: attributes.iter().map(attribute).collect(),
        nesting: nesting.into(),
        ..wire::SchemaObject::default()
    }
}

pub(super) fn identity_schema(schema: &IdentitySchema) -> wire::ResourceIdentitySchema {
    let attributes =
        schema.attributes.iter().map(|attribute| wire::ResourceIdentitySchemaIdentityAttribute {
            name: attribute.name.clone(),
            kind: attribute.kind.to_json(),
            required_for_import: attribute.required_for_import,
            optional_for_import: !attribute.required_for_import,
            description: attribute.description.clone(),
        });
    wire::ResourceIdentitySchema {
        version: schema.version,
        identity_attributes: attributes.collect(),
    }
}

pub(super) fn function(signature: &FunctionSignature) -> wire::Function {
    wire::Function {
        parameters: signature.parameters.iter().map(parameter).collect(),
        variadic_parameter: signature.variadic.as_ref().map(parameter),
        returns: Some(wire::FunctionReturn { kind: signature.returns.to_json() }),
        summary: signature.summary.clone(),
        description: signature.description.clone(),
        description_kind: wire::StringKind::Markdown.into(),
        deprecation_message: signature.deprecated.clone().unwrap_or_default(),
    }
}

fn parameter(parameter: &Parameter) -> wire::FunctionParameter {
    wire::FunctionParameter {
        name: parameter.name.clone(),
        kind: parameter.kind.to_json(),
        allow_null_value: parameter.allow_null,
        allow_unknown_values: parameter.allow_unknown,
        description: parameter.description.clone(),
        description_kind: wire::StringKind::Markdown.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_core_does_not_find_is_named() {
        let told = |path: Option<AttributePath>, summary: &str| {
            let mut diagnostics = Diagnostics::new();
            match path {
                Some(path) => diagnostics.attribute_error(path, summary, ""),
                None => diagnostics.error(summary, ""),
            }
            super::diagnostics(diagnostics).remove(0).summary
        };
        let deep = || AttributePath::from("hosts").key("web1").attribute("port");
        assert_eq!(told(Some(deep()), "it is odd"), "it is odd (at `hosts[\"web1\"].port`)");
        let said = "hosts[\"web1\"].port: it is odd";
        assert_eq!(told(Some(deep()), said), said);
        assert_eq!(told(Some("port".into()), "it is odd"), "it is odd");
        assert_eq!(told(Some(AttributePath::from("port").index(0)), "it is odd"), "it is odd");
        assert_eq!(told(None, "it is odd"), "it is odd");
    }
}
