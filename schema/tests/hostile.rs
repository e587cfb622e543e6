//! Documents that are made to do harm, or by accident: each is taken, or ends in one error that is
//! short and shows no content, and soon.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use nmstate_schema::Value;
use nmstate_schema::compare::compare;
use nmstate_schema::document::Document;
use nmstate_schema::validate::validate;

/// The longest that one of these may take in an unoptimised build on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

/// More than anybody reads.
const LONGEST_MESSAGE: usize = 400;

/// Parses, checks and compares with itself.
fn read(text: &str) -> Result<Document, String> {
    let begun = Instant::now();
    let result = Document::parse(text);
    if let Ok(document) = &result {
        validate(document);
        compare(document, document);
    }
    let elapsed = begun.elapsed();
    let start: String = text.chars().take(60).collect();
    assert!(elapsed < LIMIT, "{start}: {elapsed:?}");
    result.map_err(|findings| {
        assert_eq!(findings.len(), 1, "{start}: {findings:?}");
        let message = findings[0].to_string();
        assert!(message.len() < LONGEST_MESSAGE, "{start}: {message}");
        assert!(!message.contains('\n') && !message.contains('\0'), "{start}: {message:?}");
        message
    })
}

/// A mapping whose values each repeat the one before `width` times.
fn bomb(levels: usize, width: usize) -> String {
    let mut text = format!("a0: &a0 [{}]\n", vec!["x"; width].join(", "));
    for level in 1..=levels {
        let aliases = vec![format!("*a{}", level - 1); width].join(", ");
        let _ = writeln!(text, "a{level}: &a{level} [{aliases}]");
    }
    text
}

#[test]
fn what_exhausts_memory_or_the_stack_is_an_error() {
    let anchors: String = (0..40_000).fold(String::new(), |mut text, index| {
        let _ = writeln!(text, "k{index}: &a{index} x");
        text
    });
    let merges = (1..30).fold("m0: &m0 {k: v}\n".to_owned(), |mut text, level| {
        let below = level - 1;
        let _ = writeln!(
            text,
            "m{level}: &m{level} {{<<: [*m{below}, *m{below}], k{level}: *m{below}}}"
        );
        text
    });
    for text in [
        bomb(9, 9),
        bomb(40, 2),
        bomb(1, 1_000),
        merges,
        "interfaces: &a [*a]\n".to_owned(),
        "[".repeat(100_000),
        "{\"a\":".repeat(100_000),
        format!("a: {}", "- ".repeat(50_000)),
        (0..2_000).fold(String::new(), |text, level| text + &" ".repeat(level) + "a:\n"),
        format!("{}1{}", "[".repeat(70), "]".repeat(70)),
    ] {
        read(&text).unwrap_err();
    }
    // No more than they say.
    read(&anchors).unwrap();
    read(&bomb(2, 20)).unwrap();
}

#[test]
fn what_says_two_things_or_nothing_is_an_error() {
    for (text, expected) in [
        ("interfaces: []\ninterfaces: []\n", "duplicate"),
        ("{\"a\": {\"b\": 1, \"b\": 2}}", "duplicate"),
        ("a: {x: 1, \"x\": 2}\n", "duplicate"),
        ("a: 1\n...\n---\nb: 2\n", "document"),
        ("interfaces:\n- name: eth1\n mtu: 1500\n", "line"),
        ("interfaces:\n\t- name: eth1\n", "line"),
        ("a: *nowhere\n", "unknown anchor"),
        ("a: 'open\n", "line"),
        ("a: \"\\ud800\"\n", "line"),
        ("a: \"\\q\"\n", "line"),
        ("a: \0\n", "line"),
        ("a: \u{1}\n", "line"),
        ("just words\n", "a mapping"),
        ("12\n", "a mapping"),
    ] {
        let message = read(text).unwrap_err();
        assert!(message.contains(expected), "{text:?}: {message}");
    }
}

#[test]
fn numbers_keep_their_value_or_are_reported() {
    for number in [
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775809",
        "340282366920938463463374607431768211456",
        "1e400",
        "-1e400",
        ".inf",
        ".nan",
        "1.5",
        "1e3",
        &"9".repeat(10_000),
        "0x1ffffffffffffffff",
        "0o17777777777777777777777777",
    ] {
        let text = format!("interfaces: [{{name: eth1, type: ethernet, mtu: {number}}}]");
        let Ok(document) = read(&text) else { continue };
        let findings = validate(&document);
        let is_exact = document.interface("eth1").is_some_and(|eth1| eth1["mtu"].is_u64());
        assert!(is_exact || !findings.is_empty(), "{number}: {document:?}");
        if is_exact && let Ok(expected) = number.parse::<u64>() {
            assert_eq!(document.interface("eth1").unwrap()["mtu"], expected);
        }
    }
}

#[test]
fn a_name_with_a_nul_byte_is_reported() {
    let document = read("interfaces: [{name: \"eth\\01\", type: dummy}]").unwrap();
    let findings = validate(&document);
    assert!(findings.iter().any(|finding| finding.path.to_string().ends_with("name")));
    let document = read("interfaces: [{name: eth1, mac-address: \"\\0\"}]").unwrap();
    assert!(!validate(&document).is_empty());
}

#[test]
fn megabytes_are_read() {
    let word = format!("interfaces: [{{name: eth1, description: {}}}]", "x".repeat(10_000_000));
    read(&word).unwrap();
    let interfaces = (0..90_000).fold("interfaces:\n".to_owned(), |mut text, index| {
        let _ = writeln!(text, "- {{name: eth{index}, mtu: 1500}}");
        text
    });
    let begun = Instant::now();
    let document = Document::parse(&interfaces).unwrap();
    assert!(begun.elapsed() < LIMIT, "{:?}", begun.elapsed());
    assert_eq!(document.interfaces().count(), 90_000);
    read(&"a".repeat(10_000_000)).unwrap_err();
    read(&"#\n".repeat(500_000)).unwrap();
    read(&format!("a: {}", "- 1\n".repeat(1_000_000))).unwrap_err();
}

/// A key of the table with a value of any other kind is reported, and nothing panics over it.
#[test]
fn values_of_the_wrong_kind_are_no_reason_to_panic() {
    let values = ["null", "true", "1", "x", "[]", "{}", "[[]]", "[{}]", "{name: {}}", "[1, x]"];
    let keys = [
        "interfaces",
        "routes",
        "route-rules",
        "dns-resolver",
        "hostname",
        "ovs-db",
        "ovn",
        "description",
    ];
    for key in keys {
        for value in values {
            let _ = read(&format!("{key}: {value}"));
            let _ = read(&format!("{key}: {{config: {value}}}"));
        }
    }
    let any: Value = serde_json::from_str("[1, null, {\"a\": []}]").unwrap();
    assert!(Document::from_value(any).is_err());
}
