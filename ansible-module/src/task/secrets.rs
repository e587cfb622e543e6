//! Secrets that a document declares beside those of the host: what nmstate shows hides them, and so
//! does not tell one from another.
//!
//! The host's secrets are read on the host itself, are compared in memory and go nowhere else.

use nmstate::NetworkState;
use nmstate_schema::document::Document;
use nmstate_schema::redact;

/// Whether a document gives a secret.
pub(super) fn are_declared(document: &Document) -> bool {
    redact(document.as_value()) != *document.as_value()
}

/// The state of the host with its secrets.
///
/// # Errors
/// Why they cannot be read, in the words of a warning.
pub(super) async fn revealed() -> Result<Document, String> {
    let mut state = NetworkState::new();
    state.set_include_secrets(true);
    let shown = match state.retrieve_async().await {
        Ok(_) => serde_json::to_value(&state).map_err(|error| error.to_string()),
        Err(error) => Err(error.msg().to_owned()),
    };
    let unread = |why: &str| {
        format!(
            "the secrets of the host cannot be read, so one that is changed is not noticed: {why} \
             (run the module as root, where NetworkManager keeps the secrets itself)"
        )
    };
    let shown = shown.map_err(|why| unread(&why))?;
    Document::from_value(shown).map_err(|_| unread("the state is no mapping"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_not_declared() {
        let of = |password: &str| {
            let text = format!(
                "interfaces: [{{name: eth1, 802.1x: {{identity: me, password: '{password}'}}}}]"
            );
            are_declared(&Document::parse(&text).unwrap())
        };
        assert!(of("s3cret"));
        assert!(!of("<_password_hid_by_nmstate>"));
        assert!(!are_declared(&Document::parse("interfaces: [{name: eth1, mtu: 1400}]").unwrap()));
    }
}
