//! What nmstate documents mean: keys, canonical form, comparison and validation, without any I/O.

pub mod canonical;
pub mod compare;
pub mod document;
mod finding;
pub mod keys;
pub mod merge;
pub mod path;
pub mod revert;
pub mod validate;

pub use serde_json::Value;
