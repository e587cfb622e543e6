//! Equality as core sees it: the order of a set has no meaning.

use crate::types::Type;
use crate::value::Value;

/// Are `a` and `b` the same value of type `kind`? Unknown is the same as unknown.
pub(super) fn same(kind: &Type, a: &Value, b: &Value) -> bool {
    match (kind, a, b) {
        (Type::Set(element), Value::List(a), Value::List(b)) => {
            contains_all(element, a, b) && contains_all(element, b, a)
        }
        (Type::List(element), Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(element, a, b))
        }
        (Type::Tuple(kinds), Value::List(a), Value::List(b)) => {
            a.len() == b.len()
                && kinds.iter().zip(a.iter().zip(b)).all(|(kind, (a, b))| same(kind, a, b))
        }
        (Type::Map(element), Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(element, a, b)))
        }
        (Type::Object(attributes), Value::Map(_), Value::Map(_)) => {
            attributes.iter().all(|(name, kind)| same(kind, a.attribute(name), b.attribute(name)))
        }
        (Type::Dynamic, Value::Dynamic(a), Value::Dynamic(b)) => {
            a.0 == b.0 && same(&a.0, &a.1, &b.1)
        }
        _ => a == b,
    }
}

fn contains_all(element: &Type, outer: &[Value], inner: &[Value]) -> bool {
    inner.iter().all(|value| outer.iter().any(|other| same(element, value, other)))
}
