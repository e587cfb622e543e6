//! Declarations of other resources about a thing that one resource would undo.
//!
//! Core tells a provider nothing of a resource that it leaves as it is: an apply never hears of it. So
//! each resource remembers in its private bytes what it declares; a refresh, which reads all of them,
//! finds out which speak of the same; and a destroy takes that along in its own private bytes.
//!
//! Core reads resources side by side, and each notes what it declares before it waits for the host. With
//! `-parallelism=1` one may be planned to be destroyed before the other was read: then the plan of the
//! other one says what it is about to lose.

use nmstate_schema::canonical::canonical;
use nmstate_schema::document::Document;
use nmstate_schema::{Value as Json, redact};
use serde_json::Map;

/// The key of the private bytes.
const PART: &str = "others";

/// A declaration as it is remembered: in normal form, and without secrets.
pub(crate) fn remembered(declared: &Document) -> Document {
    let redacted = Document::from_value(redact(declared.as_value()));
    canonical(&redacted.unwrap_or_default())
}

/// The declarations in private bytes.
pub(crate) fn read(private: &[u8]) -> Vec<Document> {
    let parts = serde_json::from_slice::<Map<String, Json>>(private).unwrap_or_default();
    let list = parts.get(PART).and_then(Json::as_array).into_iter().flatten();
    list.filter_map(|one| Document::from_value(one.clone()).ok()).collect()
}

/// The private bytes of a resource that declares `own`, with `concerned` in place of what they say of
/// others: all that speaks of the same, its own declaration among it.
pub(crate) fn beside(
    own: Option<&Document>,
    concerned: Vec<Document>,
    private: Vec<u8>,
) -> Vec<u8> {
    let is_alone = concerned.len() <= usize::from(own.is_some_and(|own| concerned.contains(own)));
    let concerned = if is_alone { Vec::new() } else { concerned };
    if concerned == read(&private) {
        return private;
    }
    let mut parts = serde_json::from_slice::<Map<String, Json>>(&private).unwrap_or_default();
    if concerned.is_empty() {
        parts.shift_remove(PART);
    } else {
        let list = concerned.into_iter().map(Document::into_value);
        parts.insert(PART.to_owned(), list.collect());
    }
    serde_json::to_vec(&parts).unwrap_or(private)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_anothers_is_kept() {
        let parse = |text: &str| remembered(&Document::parse(text).unwrap());
        let own = parse("interfaces: [{name: eth1, mtu: 1400}]");
        let other = parse("interfaces: [{name: eth1, description: uplink}]");
        let bytes = br#"{"record":{}}"#.to_vec();
        assert_eq!(beside(Some(&own), vec![own.clone()], bytes.clone()), bytes);
        let with = beside(Some(&own), vec![own.clone(), other.clone()], bytes.clone());
        assert_eq!(read(&with), [own.clone(), other.clone()]);
        // The same twice is two resources.
        assert_eq!(read(&beside(Some(&own), vec![own.clone(), own.clone()], bytes)).len(), 2);
        assert!(read(&beside(Some(&own), vec![own.clone()], with)).is_empty());
        assert_eq!(read(&beside(None, vec![other.clone()], Vec::new())), [other]);
    }

    #[test]
    fn no_secret_is_remembered() {
        let text =
            "interfaces: [{name: eth1, 802.1x: {identity: me, private-key-password: s3cret}}]";
        let remembered = remembered(&Document::parse(text).unwrap()).to_json();
        assert!(remembered.contains("identity") && !remembered.contains("s3cret"), "{remembered}");
    }
}
