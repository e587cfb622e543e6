//! `canonical`: the one normal form of a document.

use nmstate_schema::canonical::canonical;
use tfplugin::{Function, FunctionError, FunctionSignature, Type, Value, async_trait};

use super::{document_parameter, readable, signature};
use crate::document::dynamic;

/// The function `canonical`.
pub(super) struct Canonical;

#[async_trait]
impl Function for Canonical {
    fn name(&self) -> &str {
        "canonical"
    }

    fn signature(&self) -> FunctionSignature {
        signature(
            "Brings a network state into nmstate's own spelling.",
            "Returns the network state with the names, values and list orders that `nmstatectl \
             show` prints. Two documents that mean the same have equal canonical forms. Addresses \
             that a host has learned are left out; what cannot be understood stays as it is.",
            vec![document_parameter("document", "The network state")],
            Type::Dynamic,
        )
    }

    async fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        Ok(dynamic(canonical(&readable(&arguments, 0)?).as_value()))
    }
}
