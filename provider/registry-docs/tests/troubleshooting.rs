//! The guide to errors knows every kind of error that the engine has, and quotes it to the letter.

use std::collections::BTreeSet;
use std::fs;

use registry_docs::TEMPLATES;
use registry_docs::sources::files_below;

use super::root;

/// The words of a kind in the guide's template, which readers do not see.
const MARK: &str = "<!-- kind: ";

fn guide() -> String {
    fs::read_to_string(root().join(TEMPLATES).join("guides/troubleshooting.md")).unwrap()
}

#[test]
fn every_kind_of_error_is_explained() {
    let source = fs::read_to_string(root().join("engine/src/error.rs")).unwrap();
    let (_, rest) = source.split_once("pub enum ErrorKind {\n").unwrap();
    let (body, _) = rest.split_once("\n}\n").unwrap();
    let kinds: BTreeSet<&str> =
        body.lines().filter_map(|line| line.trim().strip_suffix(',')).collect();
    assert!(kinds.contains("Unreachable") && !kinds.iter().any(|kind| kind.contains(' ')));

    let guide = guide();
    let marks = guide.lines().filter_map(|line| line.strip_prefix(MARK)?.strip_suffix(" -->"));
    let explained: BTreeSet<&str> = marks.flat_map(|kinds| kinds.split(", ")).collect();
    assert_eq!(explained, kinds);
}

/// A message is quoted in a line of its own, with `...` for what differs from case to case.
#[test]
fn every_quoted_message_is_one_of_the_engine() {
    let folder = root().join("engine/src");
    let sources = files_below(&folder).unwrap();
    let sources = sources.iter().map(|name| fs::read_to_string(folder.join(name)).unwrap());
    // As the compiler reads them: a line that ends in a backslash goes on after the white space.
    let code: String = sources
        .map(|text| {
            let mut lines = text.split("\\\n");
            let first = lines.next().unwrap_or_default().to_owned();
            lines.fold(first, |code, line| code + line.trim_start())
        })
        .collect();
    let guide = guide();
    let messages: Vec<&str> =
        guide.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    assert!(messages.len() > 20, "{messages:?}");
    for message in messages {
        for part in message.split("...").map(str::trim).filter(|part| !part.is_empty()) {
            assert!(code.contains(part), "no message of the engine has `{part}`");
        }
    }
}
