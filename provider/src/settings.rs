//! Settings that are not nmstate's own, read into what the engine takes: seconds, words, probes.
//!
//! Every bad value is one diagnostic on its own attribute, and reading goes on, so that one run
//! names all of them. What is left out or not known yet reads as not given.

use std::time::Duration;

use nmstate_engine::probe::{Check, Probe, Refusal};
use tfplugin::{Attribute, AttributePath, Diagnostics, Mode, Nesting, Type, Value};

/// The whole seconds of the attribute `name` of `block`, which is at `path`.
pub(crate) fn seconds(
    block: &Value,
    path: &AttributePath,
    name: &str,
    least: i64,
    diagnostics: &mut Diagnostics,
) -> Option<Duration> {
    let value = block.attribute(name);
    let number = value.as_number()?;
    match value.as_i64().filter(|seconds| (least..=86_400).contains(seconds)) {
        Some(seconds) => Some(Duration::from_secs(seconds.unsigned_abs())),
        None => {
            diagnostics.attribute_error(
                path.clone().attribute(name),
                format!("`{name}` cannot be `{number}`"),
                format!("use whole seconds from {least} to 86400"),
            );
            None
        }
    }
}

/// What the word of the attribute `name` of `block`, which is at `path`, stands for.
pub(crate) fn choice<T: Copy>(
    block: &Value,
    path: &AttributePath,
    name: &str,
    choices: &[(&str, T)],
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    let word = block.attribute(name).as_str()?;
    let chosen = choices.iter().find(|(choice, _)| *choice == word).map(|(_, meaning)| *meaning);
    if chosen.is_none() {
        let words: Vec<String> = choices.iter().map(|(choice, _)| format!("`{choice}`")).collect();
        diagnostics.attribute_error(
            path.clone().attribute(name),
            format!("`{name}` cannot be `{word}`"),
            format!("use {}", either(&words)),
        );
    }
    chosen
}

/// The attribute `probes`.
pub(crate) fn probes_attribute(description: &str) -> Attribute {
    let optional = |name: &str, value_type: Type, description: &str| {
        Attribute::optional(name, value_type).described(description)
    };
    let attributes = vec![
        optional("gateway", Type::Bool, "`true`: the default gateways answer the host."),
        optional("dns", Type::String, "A name that the host has to resolve."),
        optional(
            "tcp",
            Type::String,
            "`ADDRESS:PORT` to which the host has to open a TCP connection, an IPv6 address in \
             brackets.",
        ),
        optional(
            "command",
            Type::List(Box::new(Type::String)),
            "A program on the host and its arguments, run as the login user without a shell, that \
             has to end with status 0.",
        ),
        optional(
            "controller_tcp",
            Type::String,
            "`ADDRESS:PORT`, or `:PORT` of the host's own address, to which a TCP connection has \
             to open from where Terraform or OpenTofu runs.",
        ),
        optional(
            "required",
            Type::Bool,
            "Whether it has to pass before the change too, which is not begun otherwise. A probe \
             that is not required and fails before is not watched. False by default.",
        ),
        optional("timeout", Type::Number, "Seconds for one answer. 3 by default."),
    ];
    Attribute::nested("probes", Mode::Optional, Nesting::List, attributes).described(description)
}

/// The attribute `probes` of `block`; none when there is no such list.
pub(crate) fn probes(block: &Value, diagnostics: &mut Diagnostics) -> Option<Vec<Probe>> {
    let list = block.attribute("probes").as_list()?;
    let path = |index| AttributePath::from("probes").index(index);
    let read = list.iter().enumerate();
    Some(read.filter_map(|(index, block)| probe(block, &path(index), diagnostics)).collect())
}

fn probe(block: &Value, path: &AttributePath, diagnostics: &mut Diagnostics) -> Option<Probe> {
    let timeout = seconds(block, path, "timeout", 1, diagnostics);
    let is_known = |name: &&&str| {
        let value = block.attribute(name);
        !value.is_null() && !value.is_unknown()
    };
    let given: Vec<&str> = Check::NAMES.iter().filter(is_known).copied().collect();
    for name in &given {
        if let Err((summary, hint)) = check(name, block.attribute(name)) {
            diagnostics.attribute_error(path.clone().attribute(*name), summary, hint);
        }
    }
    let is_undecided = Check::NAMES.iter().any(|name| block.attribute(name).is_unknown());
    if given.len() > 1 || (given.is_empty() && !is_undecided) {
        let words = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect();
        let (asked, all): (Vec<String>, Vec<String>) = (words(&given), words(&Check::NAMES));
        let what = if asked.is_empty() { "nothing".to_owned() } else { asked.join(" and ") };
        diagnostics.attribute_error(
            path.clone(),
            format!("the probe asks {what}"),
            format!("set exactly one of {} in each probe", either(&all)),
        );
    }
    let [name] = given[..] else { return None };
    let check = check(name, block.attribute(name)).ok().flatten()?;
    Some(Probe {
        check,
        required: block.attribute("required").as_bool() == Some(true),
        timeout: timeout.unwrap_or(Probe::DEFAULT_TIMEOUT),
    })
}

/// What a probe asks; none while it is not wholly known.
fn check(name: &str, value: &Value) -> Result<Option<Check>, Refusal> {
    let check = match name {
        "gateway" => Check::from_flag(value.as_bool() == Some(true)),
        "command" if !value.is_wholly_known() => return Ok(None),
        "command" => {
            let words = value.as_list().unwrap_or_default().iter();
            Check::from_words(words.map(|word| word.as_str().map(str::to_owned)))
        }
        _ => Check::from_text(name, value.as_str().unwrap_or_default()),
    };
    check.map(Some)
}

/// The words with `or` before the last.
fn either(words: &[String]) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        words => words.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(elements: Vec<Value>) -> (Vec<Probe>, Vec<(String, String)>) {
        let mut diagnostics = Diagnostics::new();
        let block = Value::object([("probes", Value::list(elements))]);
        let probes = probes(&block, &mut diagnostics).unwrap();
        let found = diagnostics.iter().map(|one| {
            let path = one.attribute.as_ref().unwrap().to_string();
            (path, one.summary.clone())
        });
        (probes, found.collect())
    }

    fn one(name: &str, value: impl Into<Value>) -> Value {
        Value::object([(name, value.into())])
    }

    #[test]
    fn each_check_by_its_attribute() {
        let (probes, findings) = read(vec![
            one("gateway", true),
            one("dns", "a.example"),
            one("tcp", "[2001:db8::1]:443"),
            one("command", Value::list(["test", "-d", "/srv"])),
            one("controller_tcp", ":22"),
            one("controller_tcp", "22"),
            one("controller_tcp", "192.0.2.1:22"),
        ]);
        assert_eq!(findings, []);
        let named: Vec<String> = probes.iter().map(ToString::to_string).collect();
        assert_eq!(
            named,
            [
                "gateway",
                "dns a.example",
                "tcp [2001:db8::1]:443",
                "command test",
                "controller_tcp port 22",
                "controller_tcp port 22",
                "controller_tcp 192.0.2.1:22",
            ]
        );
    }

    #[test]
    fn strictness_and_time() {
        let (probes, _) = read(vec![Value::object([
            ("dns", Value::from("a.example")),
            ("required", true.into()),
            ("timeout", 7_i64.into()),
        ])]);
        assert!(probes[0].required);
        assert_eq!(probes[0].timeout, Duration::from_secs(7));
    }

    #[test]
    fn every_bad_value_is_named_where_it_is() {
        let (_, findings) = read(vec![
            one("gateway", false),
            one("dns", "-x"),
            one("tcp", "2001:db8::1:443"),
            one("tcp", "a.example:70000"),
            one("command", Value::List(Vec::new())),
            one("controller_tcp", "ssh"),
            Value::object([("dns", Value::from("a")), ("timeout", 0_i64.into())]),
            Value::object([("dns", "a"), ("tcp", "b:1")]),
            Value::object([("required", true)]),
        ]);
        let expected = [
            ("probes[0].gateway", "`gateway` cannot be `false`"),
            ("probes[1].dns", "`dns` cannot be `-x`"),
            ("probes[2].tcp", "`tcp` cannot be `2001:db8::1:443`"),
            ("probes[3].tcp", "`tcp` cannot be `a.example:70000`"),
            ("probes[4].command", "`command` names no program"),
            ("probes[5].controller_tcp", "`controller_tcp` cannot be `ssh`"),
            ("probes[6].timeout", "`timeout` cannot be `0`"),
            ("probes[7]", "the probe asks `dns` and `tcp`"),
            ("probes[8]", "the probe asks nothing"),
        ];
        let expected = expected.map(|(path, summary)| (path.to_owned(), summary.to_owned()));
        assert_eq!(findings, expected);
    }

    #[test]
    fn what_is_unknown_is_no_mistake() {
        let mut half = one("dns", Value::Unknown);
        half.set_attribute("tcp", "a.example:1");
        let unknown = one("command", Value::list([Value::from("test"), Value::Unknown]));
        let (_, findings) = read(vec![Value::Unknown, one("dns", Value::Unknown), half, unknown]);
        assert_eq!(findings, []);
    }

    #[test]
    fn a_word_is_one_of_those_named() {
        let mut diagnostics = Diagnostics::new();
        let block = Value::object([("persist", "later")]);
        let choices = [("at-once", 1), ("never", 2), ("after-commit", 3)];
        let chosen = choice(&block, &AttributePath::root(), "persist", &choices, &mut diagnostics);
        assert_eq!(chosen, None);
        let first = diagnostics.iter().next().unwrap();
        assert_eq!(first.summary, "`persist` cannot be `later`");
        assert_eq!(first.detail, "use `at-once`, `never` or `after-commit`");
    }
}
