//! `diff`: what one document lacks of another.

use tfplugin::{Function, FunctionError, FunctionSignature, Type, Value, async_trait};

use super::{document_parameter, readable, signature, valid};
use crate::differences::{differences, object_type};

/// The function `diff`.
pub(super) struct Diff;

#[async_trait]
impl Function for Diff {
    fn name(&self) -> &str {
        "diff"
    }

    fn signature(&self) -> FunctionSignature {
        signature(
            "Lists what a network state lacks of a desired one.",
            "Returns a list of objects with `path`, `from` and `to`, sorted by path; an empty list \
             when the desired state is satisfied. `from` and `to` are texts: a string as it is, \
             anything else as JSON, null for what is not there. What the desired state leaves out \
             is not compared, a list that it gives is exact. Secrets are masked.",
            vec![
                document_parameter("current", "The network state as it is"),
                document_parameter("desired", "The network state as it shall be"),
            ],
            Type::list(object_type()),
        )
    }

    async fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let (current, desired) = (readable(&arguments, 0)?, valid(&arguments, 1)?);
        Ok(Value::list(differences(&desired, &current)))
    }
}
