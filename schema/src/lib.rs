//! What nmstate documents mean: keys, canonical form, comparison and validation, without any I/O.

pub mod canonical;
pub mod compare;
pub mod document;
mod finding;
pub mod keys;
mod lookup;
pub mod merge;
pub mod path;
pub mod revert;
mod text;
pub mod validate;
mod walk;

pub use serde_json::Value;
