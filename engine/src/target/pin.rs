//! A host key as settings spell it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest, Sha256};

/// The one accepted key of a host.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pin {
    /// By its short form.
    Fingerprint(String),
    /// The key itself.
    Key {
        /// Its type, such as `ssh-ed25519`.
        key_type: String,
        /// As it is sent.
        key: Vec<u8>,
    },
}

impl Pin {
    /// Reads `ssh-ed25519 AAAA...` or `SHA256:...`; what is neither is none.
    pub(crate) fn parse(text: &str) -> Option<Pin> {
        let text = text.trim();
        if text.starts_with("SHA256:") {
            return Some(Pin::Fingerprint(text.trim_end_matches('=').to_owned()));
        }
        let mut words = text.split_whitespace();
        let (key_type, key) = words.next().zip(words.next())?;
        Some(Pin::Key { key_type: key_type.to_owned(), key: STANDARD.decode(key).ok()? })
    }

    /// The short form.
    pub(crate) fn fingerprint(&self) -> String {
        match self {
            Pin::Fingerprint(text) => text.clone(),
            Pin::Key { key, .. } => fingerprint(key),
        }
    }
}

/// The usual short form of a public key: `SHA256:` and unpadded base64.
pub(crate) fn fingerprint(key: &[u8]) -> String {
    format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(key)))
}
