//! `parse`: a text as a document, once it is known to be one.

use tfplugin::{Function, FunctionError, FunctionSignature, Type, Value, async_trait};

use super::{document_parameter, signature, valid};
use crate::document::dynamic;

/// The function `parse`.
pub(super) struct Parse;

#[async_trait]
impl Function for Parse {
    fn name(&self) -> &str {
        "parse"
    }

    fn signature(&self) -> FunctionSignature {
        signature(
            "Reads and validates a network state.",
            "Reads a network state, or the one in a `NodeNetworkConfigurationPolicy`, and returns \
             it as an object in the spelling of its author. Fails with all that is wrong with it. \
             A policy that captures needs its host: see the data source `nmstate_policy`.",
            vec![document_parameter("document", "The network state or policy")],
            Type::Dynamic,
        )
    }

    async fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        Ok(dynamic(valid(&arguments, 0)?.as_value()))
    }
}
