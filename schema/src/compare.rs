//! Whether a host is as desired, and if not, what differs.

use serde_json::Value;

use crate::document::Document;
use crate::keys::Section;
use crate::path::Path;

/// One value that is not as desired.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Where.
    pub path: Path,
    /// What was asked for; null when the value should not be there.
    pub desired: Value,
    /// What is there; none when nothing is.
    pub current: Option<Value>,
}

/// What of `desired` the host in state `current` lacks; empty when it is satisfied.
pub fn compare(_desired: &Document, _current: &Document) -> Vec<Difference> {
    Vec::new()
}

/// [`compare`] for one section.
pub fn compare_section(
    _section: &'static Section,
    _interface_type: Option<&str>,
    _desired: &Value,
    _current: &Value,
) -> Vec<Difference> {
    Vec::new()
}
