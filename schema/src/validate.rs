//! Everything that can be known to be wrong without a host.

use serde_json::Value;

use crate::document::Document;
use crate::keys::Key;

pub use crate::finding::Finding;

/// All that is wrong with a document.
pub fn validate(_document: &Document) -> Vec<Finding> {
    Vec::new()
}

/// All that is wrong with the value of one key; paths start at the value.
pub fn validate_value(_key: &Key, _value: &Value) -> Vec<Finding> {
    Vec::new()
}
