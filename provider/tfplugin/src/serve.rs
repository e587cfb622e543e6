//! The life of the process.

use std::process::ExitCode;

use crate::provider::Provider;

/// How to serve.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The provider's source address, for example `registry.terraform.io/nmstate/nmstate`.
    pub address: String,
    /// Started by hand: no handshake, print how Terraform can attach instead.
    pub debug: bool,
}

/// Why the server could not start or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Started by hand and not by Terraform.
    #[error("not started by terraform")]
    NotAPlugin,
}

impl Options {
    /// Options from the command line: `--debug` is the only argument.
    pub fn from_arguments(
        address: impl Into<String>,
        arguments: impl IntoIterator<Item = String>,
    ) -> Self {
        let debug =
            arguments.into_iter().any(|argument| matches!(&*argument, "--debug" | "-debug"));
        Self { address: address.into(), debug }
    }
}

/// The whole `main` of a provider: log, runtime, [`serve`], exit status.
pub fn run<P: Provider>(_provider: P, _options: Options) -> ExitCode {
    ExitCode::FAILURE
}

/// Serves until core says that it is done.
///
/// # Errors
/// The process was not started by core, or the server cannot listen.
pub async fn serve<P: Provider>(_provider: P, _options: Options) -> Result<(), ServeError> {
    Err(ServeError::NotAPlugin)
}
