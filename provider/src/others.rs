//! Declarations of other resources about a thing that one resource would undo.
//!
//! Core tells a provider nothing of a resource that it leaves as it is: an apply never hears of it. So
//! each resource remembers in its private bytes what it declares; a refresh, which reads all of them,
//! finds out which speak of the same; and a destroy takes that along in its own private bytes.
//!
//! Core reads resources side by side, and each notes what it declares before it waits for the host. With
//! `-parallelism=1` one may be planned to be destroyed before the other was read: then the plan of the
//! other one says what it is about to lose.

use std::hash::{BuildHasher, Hasher, RandomState};

use nmstate_schema::document::Document;
use nmstate_schema::{Declaration, Value as Json, kernel_named, redact};
use serde_json::{Map, json};

/// The key of the private bytes.
const PART: &str = "others";

/// A declaration as it is remembered: in normal form, with the names that the kernel of this host
/// gives, so that two names of one interface are the same, and without secrets.
pub(crate) fn remembered(declared: &Document, host: &Document) -> Document {
    let redacted = Document::from_value(redact(declared.as_value()));
    kernel_named(&redacted.unwrap_or_default(), host)
}

/// A text for a resource that no other one has.
pub(crate) fn new_name() -> String {
    // Every state is seeded by the operating system's randomness.
    let number = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", number(), number())
}

/// The declarations of others in private bytes.
pub(crate) fn read(private: &[u8]) -> Vec<Declaration> {
    let parts = serde_json::from_slice::<Map<String, Json>>(private).unwrap_or_default();
    let list = parts.get(PART).and_then(Json::as_array).into_iter().flatten();
    let declaration = |one: &Json| {
        let document = Document::from_value(one.get("declared")?.clone()).ok()?;
        Some(Declaration { by: one.get("by")?.as_str()?.to_owned(), document })
    };
    list.filter_map(declaration).collect()
}

/// The private bytes of the resource `own`, with `concerned` in place of what they say of others: all
/// that speaks of the same, its own declaration among it.
pub(crate) fn beside(
    own: Option<&str>,
    mut concerned: Vec<Declaration>,
    private: Vec<u8>,
) -> Vec<u8> {
    concerned.retain(|one| Some(one.by.as_str()) != own);
    if concerned == read(&private) {
        return private;
    }
    let mut parts = serde_json::from_slice::<Map<String, Json>>(&private).unwrap_or_default();
    if concerned.is_empty() {
        parts.shift_remove(PART);
    } else {
        let list = concerned.into_iter();
        let list = list.map(|one| json!({ "by": one.by, "declared": one.document.into_value() }));
        parts.insert(PART.to_owned(), list.collect());
    }
    serde_json::to_vec(&parts).unwrap_or(private)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_anothers_is_kept() {
        let of = |by: &str, text: &str| Declaration {
            by: by.to_owned(),
            document: remembered(&Document::parse(text).unwrap(), &Document::default()),
        };
        let own = of("a", "interfaces: [{name: eth1, mtu: 1400}]");
        let other = of("b", "interfaces: [{name: eth1, description: uplink}]");
        // The same twice is two resources.
        let same = Declaration { by: "c".to_owned(), ..own.clone() };
        let bytes = br#"{"record":{}}"#.to_vec();
        assert_eq!(beside(Some("a"), vec![own.clone()], bytes.clone()), bytes);
        let all = vec![own.clone(), other.clone(), same.clone()];
        let with = beside(Some("a"), all, bytes.clone());
        assert_eq!(read(&with), [other.clone(), same]);
        assert!(read(&beside(Some("a"), vec![own], with)).is_empty());
        assert_eq!(read(&beside(None, vec![other.clone()], Vec::new())), [other]);
        assert_ne!(new_name(), new_name());
    }

    #[test]
    fn no_secret_is_remembered() {
        let text =
            "interfaces: [{name: eth1, 802.1x: {identity: me, private-key-password: s3cret}}]";
        let declared = Document::parse(text).unwrap();
        let remembered = remembered(&declared, &Document::default()).to_json();
        assert!(remembered.contains("identity") && !remembered.contains("s3cret"), "{remembered}");
    }
}
