//! Functions: pure computations that a configuration can call.

use async_trait::async_trait;

use crate::types::Type;
use crate::value::Value;

/// A function. It runs in a process that is not configured, and must always give the same result
/// for the same arguments.
#[async_trait]
pub trait Function: Send + Sync + 'static {
    /// Its name, an identifier without the provider's prefix.
    fn name(&self) -> &str;

    /// Its parameters and result.
    fn signature(&self) -> FunctionSignature;

    /// Computes the result from one argument per parameter, then the variadic ones.
    ///
    /// # Errors
    /// The arguments have no result; core points at the argument that the error names.
    async fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError>;
}

/// The parameters and the result of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionSignature {
    /// One sentence.
    pub summary: String,
    /// Markdown.
    pub description: String,
    /// The fixed parameters.
    pub parameters: Vec<Parameter>,
    /// The parameter of all further arguments.
    pub variadic: Option<Parameter>,
    /// The type of the result.
    pub returns: Type,
    /// Why not to use it any more and what instead.
    pub deprecated: Option<String>,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// An identifier.
    pub name: String,
    /// Its type.
    pub kind: Type,
    /// Markdown.
    pub description: String,
    /// Is the function called with null? Otherwise core refuses it.
    pub allow_null: bool,
    /// Is the function called with unknown values? Otherwise core answers unknown for it.
    pub allow_unknown: bool,
}

impl Parameter {
    /// A parameter that takes neither null nor unknown values.
    pub fn new(name: impl Into<String>, kind: Type, description: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind,
            description: description.into(),
            allow_null: false,
            allow_unknown: false,
        }
    }
}

/// Why a function has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct FunctionError {
    /// What is wrong.
    pub text: String,
    /// The argument at fault, counted from 0.
    pub argument: Option<usize>,
}

impl FunctionError {
    /// An error about the call as a whole.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), argument: None }
    }

    /// An error about one argument, counted from 0.
    pub fn argument(argument: usize, text: impl Into<String>) -> Self {
        Self { text: text.into(), argument: Some(argument) }
    }
}
