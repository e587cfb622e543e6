//! `merge`: several documents as one.
//!
//! A part need not be complete by itself, so it is the result that is validated.

use nmstate_schema::document::Document;
use nmstate_schema::merge::{Conflict, merge};
use nmstate_schema::{Value as Json, redact_at, validate};
use tfplugin::{Function, FunctionError, FunctionSignature, Type, Value, async_trait};

use super::{document_parameter, listed, readable, signature};
use crate::document::dynamic;

/// The function `merge`.
pub(super) struct Merge;

#[async_trait]
impl Function for Merge {
    fn name(&self) -> &str {
        "merge"
    }

    fn signature(&self) -> FunctionSignature {
        let variadic = document_parameter("documents", "Network states, or parts of one");
        let signature = signature(
            "Makes one network state of several.",
            "Returns the network state that says what all documents say. They may speak of the \
             same interface as long as they do not contradict each other; a list that must be \
             exact, such as the ports of a bond, comes from one of them. Fails with the two \
             documents that contradict each other, and with all that is wrong with the result.",
            Vec::new(),
            Type::Dynamic,
        );
        FunctionSignature { variadic: Some(variadic), ..signature }
    }

    async fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let documents: Vec<Document> = (0..arguments.len())
            .map(|index| readable(&arguments, index))
            .collect::<Result<_, _>>()?;
        let merged = merge(&documents).map_err(|conflict| contradiction(&documents, &conflict))?;
        let findings = validate::validate(&merged);
        if !findings.is_empty() {
            return Err(FunctionError::new(format!("merged, {}", listed(&findings))));
        }
        Ok(dynamic(merged.as_value()))
    }
}

/// An error about the first document that contradicts one before it.
fn contradiction(documents: &[Document], conflict: &Conflict) -> FunctionError {
    let mut pairs =
        (1..documents.len()).flat_map(|later| (0..later).map(move |first| (first, later)));
    let found = pairs.find_map(|(first, later)| {
        let pair = [documents[first].clone(), documents[later].clone()];
        Some((first, later, *merge(&pair).err()?))
    });
    let Some((first, later, Conflict { path, first: one, second: other })) = found else {
        // Only together do the documents tell the type of an interface, which decides what a key
        // means: no pair shows the contradiction.
        return FunctionError::new(format!(
            "the documents contradict each other at `{}`; leave the value out of all but one",
            conflict.path
        ));
    };
    let shown = |value: &Json| match redact_at(&path, value) {
        Json::String(text) => text,
        other => other.to_string(),
    };
    let text = format!(
        "documents {} and {} contradict each other: `{path}` is `{}` in one and `{}` in the other; \
         leave it out of one of them",
        first + 1,
        later + 1,
        shown(&one),
        shown(&other)
    );
    FunctionError::argument(later, text)
}
