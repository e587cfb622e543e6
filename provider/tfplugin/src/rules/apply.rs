//! Is the result of an apply compatible with its plan? What the plan said must have come true;
//! what it left unknown may be anything now.

use super::Findings;
use crate::path::PathStep;
use crate::schema::Schema;
use crate::types::Type;
use crate::value::Value;

pub(super) fn check(schema: &Schema, planned: &Value, state: &Value, findings: &mut Findings) {
    if !state.is_wholly_known() {
        findings.add("the state after an apply must be wholly known");
    }
    compatible(&schema.implied_type(), planned, state, findings);
}

fn compatible(kind: &Type, planned: &Value, actual: &Value, findings: &mut Findings) {
    match (kind, planned, actual) {
        (_, Value::Unknown, _) | (_, Value::Null, Value::Null) => {}
        (_, Value::Null, _) => findings.add("was planned as null and is not"),
        (_, _, Value::Null) => findings.add("was planned with a value and is null"),
        (Type::Dynamic, Value::Dynamic(planned), Value::Dynamic(actual)) => {
            if planned.0 == actual.0 {
                compatible(&planned.0, &planned.1, &actual.1, findings);
            } else {
                findings.add(format!("was planned as {} and is {}", planned.0, actual.0));
            }
        }
        (Type::Set(element), Value::List(planned), Value::List(actual)) => {
            set(element, planned, actual, findings);
        }
        (Type::List(_) | Type::Tuple(_), Value::List(planned), Value::List(actual)) => {
            if planned.len() != actual.len() {
                let (planned, actual) = (planned.len(), actual.len());
                return findings
                    .add(format!("was planned with {planned} elements and has {actual}"));
            }
            for (index, (planned, actual)) in planned.iter().zip(actual).enumerate() {
                let kind = match kind {
                    Type::List(element) => element,
                    Type::Tuple(kinds) => kinds.get(index).unwrap_or(&Type::Dynamic),
                    _ => &Type::Dynamic,
                };
                let check = |findings: &mut Findings| compatible(kind, planned, actual, findings);
                findings.at(PathStep::Index(index), check);
            }
        }
        (Type::Map(element), Value::Map(planned), Value::Map(actual)) => {
            for key in actual.keys().filter(|key| !planned.contains_key(*key)) {
                findings.at(PathStep::Key(key.clone()), |findings| findings.add("was not planned"));
            }
            for (key, planned) in planned {
                findings.at(PathStep::Key(key.clone()), |findings| match actual.get(key) {
                    Some(actual) => compatible(element, planned, actual, findings),
                    None => findings.add("was planned and is missing"),
                });
            }
        }
        (Type::Object(attributes), Value::Map(_), Value::Map(_)) => {
            for (name, kind) in attributes {
                findings.at(PathStep::Attribute(name.clone()), |findings| {
                    compatible(kind, planned.attribute(name), actual.attribute(name), findings);
                });
            }
        }
        (_, planned, actual) if planned == actual => {}
        _ => findings.add("is not what was planned"),
    }
}

fn set(element: &Type, planned: &[Value], actual: &[Value], findings: &mut Findings) {
    let fits = |planned: &Value, actual: &Value| {
        let mut trial = Findings::default();
        compatible(element, planned, actual, &mut trial);
        trial.list.is_empty()
    };
    if !planned.iter().all(|planned| actual.iter().any(|actual| fits(planned, actual))) {
        findings.add("lacks an element that was planned");
    }
    if !actual.iter().all(|actual| planned.iter().any(|planned| fits(planned, actual))) {
        findings.add("has an element that was not planned");
    }
    if actual.len() > planned.len() {
        let (planned, actual) = (planned.len(), actual.len());
        findings.add(format!("was planned with {planned} elements and has {actual}"));
    }
}
