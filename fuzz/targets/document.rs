//! Text from outside, as a document and as a policy: whatever it is, it is read or refused, and
//! what is read can be checked, brought into its normal form and written again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nmstate_schema::canonical::canonical;
use nmstate_schema::document::Document;
use nmstate_schema::policy::Policy;
use nmstate_schema::validate::validate;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = Policy::parse(text).map(|policy| policy.to_json());
    match Document::parse(text) {
        Err(findings) => assert!(!findings.is_empty(), "refused without a word"),
        Ok(document) => {
            let _ = validate(&document);
            let normal = canonical(&document);
            assert_eq!(canonical(&normal), normal, "the normal form is its own");
            let read = Document::parse(&document.to_json());
            assert_eq!(read.as_ref(), Ok(&document), "what is written can be read");
        }
    }
});
