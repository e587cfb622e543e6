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

/// A message is quoted in an indented line, with `...` for what differs from case to case.
#[test]
fn every_quoted_message_is_one_that_users_get() {
    let code = ["engine/src", "provider/src", "schema/src"].map(messages_below).concat();
    let guide = guide();
    let quoted: Vec<&str> = guide.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    assert!(quoted.len() > 20, "{quoted:?}");
    for message in quoted {
        assert!(code.contains(message), "there is no message `{message}`");
    }
}

/// The code of a folder as its messages read: what is put in is `...`, and a line that ends in a
/// backslash goes on after the white space.
fn messages_below(folder: &str) -> String {
    let folder = root().join(folder);
    let files = files_below(&folder).unwrap();
    let texts = files.iter().map(|name| fs::read_to_string(folder.join(name)).unwrap());
    let joined: String = texts
        .flat_map(|text| {
            text.split("\\\n").map(|line| line.trim_start().to_owned()).collect::<Vec<_>>()
        })
        .collect();
    let mut parts = joined.split('{');
    let mut code = parts.next().unwrap_or_default().to_owned();
    let is_put_in =
        |inner: &str| inner.chars().all(|one| one.is_alphanumeric() || "_:.#?".contains(one));
    for part in parts {
        match part.split_once('}') {
            Some((inner, rest)) if is_put_in(inner) => code.extend(["...", rest]),
            _ => code.extend(["{", part]),
        }
    }
    while code.contains("....") {
        code = code.replace("....", "...");
    }
    code
}
