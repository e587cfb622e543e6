//! Documents that are meant to do harm, or might as well be: each ends in one error of one line, at
//! once, or is read as what it says.

use std::time::{Duration, Instant};

use nmstate_schema::document::Document;
use nmstate_schema::validate::validate;

#[test]
fn ends_in_one_error() {
    let deep_list = "[".repeat(100_000);
    let deep_map = "{a: ".repeat(100_000);
    let deep_block: String = (0..2000).map(|level| " ".repeat(level) + "a:\n").collect();
    let closed = format!("interfaces: {}{}", "[".repeat(500), "]".repeat(500));
    let bomb: String = (0..30).fold("a0: &a0 [x, x]\n".to_owned(), |text, level| {
        let next = level + 1;
        text + &format!("a{next}: &a{next} [*a{level}, *a{level}]\n")
    });
    let merges: String = (0..30).fold("a0: &a0 {k0: v}\n".to_owned(), |text, level| {
        let next = level + 1;
        text + &format!("a{next}: &a{next} {{<<: [*a{level}, *a{level}], k{next}: *a{level}}}\n")
    });
    let keys: String = (0..50_000).map(|number| format!("k{number}: &k{number} x\n")).collect();
    let flood = keys + "last: [" + &"*k1, ".repeat(200_000) + "]\n";
    for (name, text) in [
        ("lists", deep_list.as_str()),
        ("mappings", &deep_map),
        ("blocks", &deep_block),
        ("closed lists", &closed),
        ("aliases", &bomb),
        ("merge keys", &merges),
        ("aliases of scalars", &flood),
        ("alias of itself", "a: &a [*a]\n"),
        ("alias of nothing", "a: *b\n"),
        ("repeated key", "a: 1\na: 2\n"),
        ("repeated key further down", "a: [{b: {c: 1, d: 2, c: 3}}]\n"),
        ("repeated key in quotes", "{\"a\": 1, 'a': 2}"),
        ("two documents", "a: 1\n---\na: 2\n"),
        ("unfinished string", "a: \"b\n"),
        ("unfinished JSON", "{\"interfaces\": [{\"name\": \"eth1\""),
        ("zero byte", "a: b\0c\n"),
        ("control character", "a: b\u{7}c\n"),
        ("tab", "a:\n\tb: 1\n"),
        ("list as a key", "{[a, b]: c}\n"),
        ("mapping as a key", "? {a: b}\n: c\n"),
        ("a word", "interfaces"),
        ("a number", "42"),
        ("a list", "[]"),
    ] {
        let begun = Instant::now();
        let findings = Document::parse(text).expect_err(name);
        // Without optimisation, and beside other tests.
        assert!(begun.elapsed() < Duration::from_secs(30), "{name}: {:?}", begun.elapsed());
        assert_eq!(findings.len(), 1, "{name}: {findings:?}");
        let message = findings[0].to_string();
        assert!(!message.contains('\n') && message.len() < 400, "{name}: {message:?}");
        assert!(message.contains('('), "{name}: no hint in {message}");
    }
}

#[test]
fn is_read_as_what_it_says() {
    for (text, expected) in [
        ("a: 99999999999999999999999999\n", Some(r#"{"a":1e+26}"#)),
        ("a: 1e999\n", None),
        ("a: .nan\n", None),
        ("%YAML 9.9\n---\na: b\n", None),
        ("a: !!python/object/apply:os.system [ls]\n", Some(r#"{"a":["ls"]}"#)),
        ("a: !secret x\n", Some(r#"{"a":"x"}"#)),
        ("1: b\ntrue: c\n", Some(r#"{"1":"b","true":"c"}"#)),
        ("\u{feff}a: b\n", Some(r#"{"a":"b"}"#)),
        ("a: {<<: {b: 1}, b: 2}\n", Some(r#"{"a":{"b":2}}"#)),
        ("a: 0o17\nb: 12:30\n", Some(r#"{"a":15,"b":"12:30"}"#)),
    ] {
        let read = Document::parse(text).ok().map(|document| document.to_json());
        assert_eq!(read.as_deref(), expected, "{text:?}");
    }
}

#[test]
fn a_wrong_number_is_found_wherever_it_is() {
    for number in ["99999999999999999999999999", "-99999999999999999999", "1.5", "1e3", "'0x'"] {
        let text = format!("interfaces: [{{name: eth1, mtu: {number}}}]");
        let findings = validate(&Document::parse(&text).expect(number));
        let [finding] = findings.as_slice() else { panic!("{number}: {findings:?}") };
        assert_eq!(finding.path.to_string(), "interfaces[eth1].mtu", "{number}");
    }
}
