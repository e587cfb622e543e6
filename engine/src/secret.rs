//! Text that must not reach a log, a diagnostic or an argument list (invariant I6).
//!
//! The type has no `Display`, and its `Debug` shows nothing: printing a whole settings struct is
//! always safe. The one way to the text is [`Secret::expose`], which is easy to search for.

use std::fmt;

/// A password, passphrase or private key.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret text.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text itself, for handing it to the library or the program that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Secret {
        Secret(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}
