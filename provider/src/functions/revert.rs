//! `revert`: the way back from a change.

use nmstate_schema::revert::revert;
use tfplugin::{Function, FunctionError, FunctionSignature, Type, Value, async_trait};

use super::{document_parameter, readable, signature, valid};
use crate::document::dynamic;

/// The function `revert`.
pub(super) struct Revert;

#[async_trait]
impl Function for Revert {
    fn name(&self) -> &str {
        "revert"
    }

    fn signature(&self) -> FunctionSignature {
        signature(
            "Returns the network state that takes a change back.",
            "Returns the document that brings a host on which `desired` was applied back to \
             `current`: interfaces that `desired` creates are removed, those that it changes or \
             removes get back what they had. Nothing else is touched.",
            vec![
                document_parameter("current", "The network state before the change"),
                document_parameter("desired", "The change"),
            ],
            Type::Dynamic,
        )
    }

    async fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let (current, desired) = (readable(&arguments, 0)?, valid(&arguments, 1)?);
        Ok(dynamic(revert(&desired, &current).as_value()))
    }
}
