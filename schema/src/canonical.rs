//! The one normal form of a document.

use serde_json::Value;

use crate::document::Document;
use crate::keys::{Kind, Section};

/// The normal form of a document.
pub fn canonical(document: &Document) -> Document {
    document.clone()
}

/// The normal form of one value.
pub fn canonical_value(_kind: &Kind, value: &Value) -> Value {
    value.clone()
}

/// Whether two values have the same normal form.
pub fn equivalent(kind: &Kind, a: &Value, b: &Value) -> bool {
    canonical_value(kind, a) == canonical_value(kind, b)
}

/// What of a shown section may be sent back.
pub fn settable(_section: &'static Section, value: &Value) -> Value {
    value.clone()
}
