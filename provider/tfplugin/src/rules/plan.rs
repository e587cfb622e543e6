//! Is a plan one that core accepts? For each attribute: the configured value, or the prior one
//! instead of an equivalent configured one, or anything when the provider decides.

use std::collections::BTreeSet;

use super::same::same;
use super::{Findings, attribute_type};
use crate::path::PathStep;
use crate::schema::{Attribute, Mode, Nesting, Schema, Shape};
use crate::types::Type;
use crate::value::Value;

pub(super) fn check(
    schema: &Schema,
    config: &Value,
    prior: &Value,
    planned: &Value,
    findings: &mut Findings,
) {
    match (config.is_null(), planned.is_null()) {
        (true, true) => {}
        (true, false) => findings.add("the plan of a destroy must be null"),
        (false, true) => findings.add("the plan is null although there is a configuration"),
        (false, false) if planned.is_unknown() => findings.add("the plan is wholly unknown"),
        (false, false) => {
            let kind = schema.implied_type();
            let values = Values { config, prior, planned };
            attributes(&schema.attributes, &kind, values, findings);
        }
    }
}

/// The three sides of a plan at one place.
#[derive(Clone, Copy)]
struct Values<'a> {
    config: &'a Value,
    prior: &'a Value,
    planned: &'a Value,
}

fn attributes(schema: &[Attribute], kind: &Type, values: Values<'_>, findings: &mut Findings) {
    for attribute in schema {
        let name = &attribute.name;
        let kind = attribute_type(kind, name);
        let values = Values {
            config: values.config.attribute(name),
            prior: values.prior.attribute(name),
            planned: values.planned.attribute(name),
        };
        findings.at(PathStep::Attribute(name.clone()), |findings| {
            one(attribute, &kind, values, findings);
        });
    }
}

fn one(attribute: &Attribute, kind: &Type, values: Values<'_>, findings: &mut Findings) {
    let Values { config, prior, planned } = values;
    if same(kind, planned, config) {
        return;
    }
    if same(kind, planned, prior) && !prior.is_null() && !config.is_null() {
        return;
    }
    if attribute.write_only {
        if !planned.is_null() {
            findings.add("is write-only and must be null");
        }
        return;
    }
    if attribute.mode == Mode::Computed || (attribute.mode.is_computed() && config.is_null()) {
        return;
    }
    if config.is_null() {
        return findings.add("is planned although it is neither configured nor computed");
    }
    match &attribute.shape {
        Shape::Nested(nesting, children) => nested(*nesting, children, kind, values, findings),
        Shape::Type(_) => findings.add(
            "is planned with neither the configured nor the prior value, although it is configured",
        ),
    }
}

fn nested(
    nesting: Nesting,
    children: &[Attribute],
    kind: &Type,
    values: Values<'_>,
    findings: &mut Findings,
) {
    let Values { config, prior, planned } = values;
    if planned.is_null() {
        return findings.add("is planned as null although it is configured");
    }
    if planned.is_unknown() {
        return findings.add("is planned as wholly unknown although it is configured");
    }
    if config.is_unknown() {
        return findings.add("is planned as known although its configuration is unknown");
    }
    match (nesting, kind) {
        (Nesting::Single, kind) => attributes(children, kind, values, findings),
        (Nesting::List, Type::List(element)) => {
            let (Some(ours), Some(theirs)) = (planned.as_list(), config.as_list()) else { return };
            if ours.len() != theirs.len() {
                return findings.add(lengths(ours.len(), theirs.len()));
            }
            for (index, (planned, config)) in ours.iter().zip(theirs).enumerate() {
                let prior = prior.as_list().and_then(|list| list.get(index));
                let values = Values { config, prior: prior.unwrap_or(&Value::Null), planned };
                findings.at(PathStep::Index(index), |findings| {
                    element_of_collection(children, element, values, findings);
                });
            }
        }
        (Nesting::Map, Type::Map(element)) => {
            let (Some(ours), Some(theirs)) = (planned.as_map(), config.as_map()) else { return };
            let names: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
            for name in names {
                findings.at(PathStep::Key(name.clone()), |findings| {
                    let (Some(planned), Some(config)) = (ours.get(name), theirs.get(name)) else {
                        return findings.add("is an element of only one of plan and configuration");
                    };
                    let values = Values { config, prior: prior.attribute(name), planned };
                    element_of_collection(children, element, values, findings);
                });
            }
        }
        // An unknown element may stand for several or turn out equal to another.
        (Nesting::Set, _) => {
            let (Some(ours), Some(theirs)) = (planned.as_list(), config.as_list()) else { return };
            let certain = ours.iter().chain(theirs).all(Value::is_wholly_known);
            if certain && ours.len() != theirs.len() {
                findings.add(lengths(ours.len(), theirs.len()));
            }
        }
        _ => {}
    }
}

fn element_of_collection(
    children: &[Attribute],
    kind: &Type,
    values: Values<'_>,
    findings: &mut Findings,
) {
    match (values.config, values.planned) {
        (config, planned) if same(kind, config, planned) => {}
        (Value::Map(_), Value::Map(_)) => attributes(children, kind, values, findings),
        _ => findings.add("is planned as another kind of element than is configured"),
    }
}

fn lengths(planned: usize, configured: usize) -> String {
    format!("is planned with {planned} elements although {configured} are configured")
}
