//! The rules of the crate, from the outside: documents as users write them against what
//! `nmstatectl show --json` prints.

mod agreement;
mod agreement_rest;
mod compare;
mod deviations;
mod facts;
mod hostile;
mod nmstate;
mod owners;
mod project;
mod revert;
mod scope;
mod table;
mod validate;

use nmstate_schema::document::Document;

/// A document from YAML.
fn document(text: &str) -> Document {
    Document::parse(text).expect("the test's document is valid YAML")
}
