//! The rules that core holds a provider to, for the unit tests of a provider.
//!
//! Core refuses a plan or a result that breaks them, in front of the user and with the words
//! "provider bug". Every plan that a provider makes in its tests can go through [`check_plan`],
//! and every result through [`check_apply`]; the findings name the attribute as HCL would.

mod apply;
mod plan;
mod same;

use crate::path::{AttributePath, PathStep};
use crate::resource::IdentitySchema;
use crate::schema::{Attribute, Nesting, Schema, Shape};
use crate::types::Type;
use crate::value::Value;

/// What core would refuse in a plan; empty when nothing. `prior` is null on create; `config` and
/// `planned` are null on destroy.
#[must_use]
pub fn check_plan(schema: &Schema, config: &Value, prior: &Value, planned: &Value) -> Vec<String> {
    let mut findings = Findings::default();
    conforms(schema, planned, &mut findings);
    if findings.list.is_empty() {
        plan::check(schema, config, prior, planned, &mut findings);
    }
    findings.list
}

/// What core would refuse in the state after an apply without errors; empty when nothing.
#[must_use]
pub fn check_apply(schema: &Schema, planned: &Value, state: &Value) -> Vec<String> {
    let mut findings = Findings::default();
    conforms(schema, state, &mut findings);
    if findings.list.is_empty() {
        apply::check(schema, planned, state, &mut findings);
    }
    findings.list
}

/// What core would refuse or lose of an identity that was made by another schema, as OpenTofu reads
/// the one of a source after a `moved` block; empty when nothing.
#[must_use]
pub fn check_identity(schema: &IdentitySchema, identity: &Value) -> Vec<String> {
    let known = identity.as_map().cloned().unwrap_or_default();
    let lacking = schema.attributes.iter().map(|one| &one.name);
    let lacking = lacking.filter(|name| !known.contains_key(*name));
    let lacking = lacking.map(|name| format!("{name}: is required"));
    let lost = known.keys().filter(|name| !schema.attributes.iter().any(|one| one.name == **name));
    lacking.chain(lost.map(|name| format!("{name}: is dropped"))).collect()
}

/// What is wrong so far, and where the check is.
#[derive(Default)]
struct Findings {
    list: Vec<String>,
    path: Vec<PathStep>,
}

impl Findings {
    fn add(&mut self, message: impl AsRef<str>) {
        let path = AttributePath::from(self.path.clone());
        let message = message.as_ref();
        let finding =
            if path.is_root() { message.to_owned() } else { format!("{path}: {message}") };
        self.list.push(finding);
    }

    fn at(&mut self, step: PathStep, check: impl FnOnce(&mut Self)) {
        self.path.push(step);
        check(self);
        self.path.pop();
    }
}

/// The type and the write-only rule, which hold for every reply.
fn conforms(schema: &Schema, value: &Value, findings: &mut Findings) {
    if let Err(error) = crate::msgpack::encode(value, &schema.implied_type()) {
        findings.list.push(error.to_string());
    }
    write_only(&schema.attributes, value, findings);
}

fn write_only(attributes: &[Attribute], object: &Value, findings: &mut Findings) {
    for attribute in attributes {
        let value = object.attribute(&attribute.name);
        if object.is_unknown() || value.is_null() {
            continue;
        }
        findings.at(PathStep::Attribute(attribute.name.clone()), |findings| {
            if attribute.write_only {
                findings.add("is write-only and must be null");
            }
            if let Shape::Nested(nesting, children) = &attribute.shape {
                for (step, element) in elements(*nesting, value) {
                    findings.path.extend(step.clone());
                    write_only(children, element, findings);
                    findings.path.truncate(findings.path.len() - usize::from(step.is_some()));
                }
            }
        });
    }
}

/// The objects of a nested attribute, each with the step that leads to it.
fn elements(nesting: Nesting, value: &Value) -> Vec<(Option<PathStep>, &Value)> {
    match (nesting, value) {
        (Nesting::Single, object) => vec![(None, object)],
        (_, Value::List(list)) => list
            .iter()
            .enumerate()
            .map(|(index, element)| (Some(PathStep::Index(index)), element))
            .collect(),
        (_, Value::Map(map)) => {
            map.iter().map(|(key, element)| (Some(PathStep::Key(key.clone())), element)).collect()
        }
        _ => Vec::new(),
    }
}

/// The type of an attribute of an object type.
fn attribute_type(kind: &Type, name: &str) -> Type {
    match kind {
        Type::Object(attributes) => attributes.get(name).cloned().unwrap_or(Type::Dynamic),
        _ => Type::Dynamic,
    }
}

#[cfg(test)]
mod tests;
