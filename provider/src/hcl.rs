//! Values in Terraform's language, for files that the program writes.
//!
//! What a host says of itself, such as the name of an interface, becomes a string of the
//! configuration and nothing else: it can end no string and begin no template.

use std::fmt::Write as _;

use tfplugin::Value;

/// A text as a quoted string.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in template(text).chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            _ if letter.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(letter));
            }
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// A text as a template that gives it; a string of JSON syntax is one too.
pub(crate) fn template(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

/// A text as a comment, each line marked; what could end a line or draw on a terminal is replaced.
pub(crate) fn comment(text: &str) -> String {
    format!("# {}\n", printable(text))
}

/// A text without what a terminal would take for a command.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

/// A value as an expression; what is null is left out of objects. `indent` is that of its line.
fn expression(value: &Value, indent: usize) -> String {
    match value.concrete() {
        Value::Null | Value::Unknown | Value::Dynamic(_) => "null".into(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|one| expression(one, indent)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(_) => match attributes(value, indent + 2) {
            inner if inner.is_empty() => "{}".into(),
            inner => format!("{{\n{inner}{:indent$}}}", ""),
        },
    }
}

/// The attributes of an object, a line each, as `terraform fmt` has them: the values of neighbours
/// that take one line begin in one column.
pub(crate) fn attributes(object: &Value, indent: usize) -> String {
    let entries = object.as_map().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let written: Vec<(String, String)> =
        entries.map(|(name, value)| (key(name), expression(value, indent))).collect();
    let mut lines = String::new();
    for group in
        written.chunk_by(|(_, one), (_, other)| !one.contains('\n') && !other.contains('\n'))
    {
        let width = group.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        for (name, value) in group {
            let _ = writeln!(lines, "{:indent$}{name:width$} = {value}", "");
        }
    }
    lines
}

/// The name of an attribute; in quotes where it is not a word of the language's own form.
fn key(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic());
    // `{ for` begins an expression of another kind.
    if begins && name != "for" && name.chars().all(is_plain) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_ends_where_it_ends() {
        for (text, expected) in [
            ("eth0", r#""eth0""#),
            (r#"a" b"#, r#""a\" b""#),
            (r"a\", r#""a\\""#),
            (r#"\" ${x}"#, r#""\\\" $${x}""#),
            ("${file(\"/etc/shadow\")}", r#""$${file(\"/etc/shadow\")}""#),
            ("%{ if true }", r#""%%{ if true }""#),
            ("$${x} $ % {", r#""$$${x} $ % {""#),
            ("a\nb\rc\td\0e\u{7f}\u{85}", r#""a\nb\rc\td\u0000e\u007f\u0085""#),
            ("gr\u{fc}n", "\"gr\u{fc}n\""),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }

    #[test]
    fn a_comment_is_one_line() {
        assert_eq!(comment("a\nimport {\r}\u{1b}[2J"), "# a\u{fffd}import {\u{fffd}}\u{fffd}[2J\n");
    }

    #[test]
    fn an_object_is_written_as_it_is_read() {
        let host = Value::object([("address", Value::from("192.0.2.10")), ("sudo", Value::Null)]);
        let hosts = Value::object([
            ("web1", host),
            ("root@${x}", Value::object([("sudo", Value::from(true)), ("ssh", Value::from("a"))])),
            ("for", Value::object::<String, Value>([])),
            ("last", Value::from(1_i64)),
        ]);
        let block = Value::object([("hosts", hosts), ("list", Value::list([1_i64, 2]))]);
        let expected = "  hosts = {
    \"for\" = {}
    last  = 1
    \"root@$${x}\" = {
      ssh  = \"a\"
      sudo = true
    }
    web1 = {
      address = \"192.0.2.10\"
    }
  }
  list = [1, 2]
";
        assert_eq!(attributes(&block, 2), expected);
    }
}
