//! Two documents: what they lack of each other, one of them on top of the other, and the way back.
//! They may be any trees, as a host can show anything.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nmstate_schema::compare::compare;
use nmstate_schema::document::Document;
use nmstate_schema::merge::merge;
use nmstate_schema::revert::revert;
use nmstate_schema::{carried, redact};

/// Between the two documents of an input.
const SEPARATOR: &str = "\n===\n";

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some((desired, current)) = text.split_once(SEPARATOR) else { return };
    let (Ok(desired), Ok(current)) = (Document::parse(desired), Document::parse(current)) else {
        return;
    };
    for difference in compare(&desired, &current) {
        let _ = difference.path.to_string();
    }
    let _ = revert(&desired, &current);
    let _ = carried(&current, "eth1");
    let _ = redact(desired.as_value());
    let both = [desired, current];
    if let Ok(merged) = merge(&both) {
        let again = [merged.clone(), merged.clone()];
        assert!(merge(&again).is_ok(), "a document contradicts itself");
    }
});
