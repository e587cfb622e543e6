//! What a module returns: one JSON object, in which every secret is masked.
//!
//! Diff, steps and states are made of the same comparison, in check mode and after a change, so
//! that a check says what a run does.

use nmstate_engine::transaction::Report;
use nmstate_engine::{Error, ErrorKind};
use nmstate_schema::changes::{excerpts, steps};
use nmstate_schema::compare::Difference;
use nmstate_schema::document::Document;
use nmstate_schema::path::{Path, Step};
use nmstate_schema::validate::Finding;
use nmstate_schema::{Value, redact, redact_at};
use serde_json::{Map, json};

use crate::arguments::Arguments;

/// What stands for an option that cannot be shown, as everywhere in Ansible.
const HIDDEN: &str = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER";

/// The words of a diff for a secret that is changed, before and after.
const SECRET: &str = "(sensitive value)";
const OTHER_SECRET: &str = "(another sensitive value)";

/// The object that Ansible reads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer(Map<String, Value>);

impl Answer {
    /// That nothing had to be changed, yet.
    pub fn unchanged() -> Answer {
        Answer::default().with("changed", false)
    }

    /// That it did not work, in one line.
    pub fn failed(message: &str) -> Answer {
        let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
        Answer::unchanged().with("failed", true).with("msg", line)
    }

    /// What is wrong with a document, all of it.
    pub fn refused(option: &str, findings: &[Finding]) -> Answer {
        let lines: Vec<String> =
            findings.iter().map(|finding| format!("`{option}`: {finding}")).collect();
        Answer::failed(&lines.join("; "))
    }

    /// Why the host was not changed, and what the transaction went through.
    pub fn error(error: &Error) -> Answer {
        let message = match (&error.path, &error.hint) {
            (_, Some(hint)) => format!("{error} ({hint})"),
            (_, None) => error.to_string(),
        };
        let mut answer = Answer::failed(&message);
        if error.kind == ErrorKind::Uncertain {
            answer = answer.with("changed", true);
        }
        match &error.report {
            Some(report) => answer.reported(report),
            None => answer,
        }
    }

    /// The same with one more value.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Answer {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// The same with a warning.
    #[must_use]
    pub fn warned(mut self, warning: &str) -> Answer {
        if let Value::Array(list) = self.0.entry("warnings").or_insert_with(|| json!([])) {
            list.push(warning.into());
        }
        self
    }

    /// The same with what a transaction did.
    #[must_use]
    pub fn reported(mut self, report: &Report) -> Answer {
        for warning in &report.warnings {
            self = self.warned(warning);
        }
        self.with("transaction", report.to_value())
    }

    /// The same with a change: what the document saw before, what it sees after, and the steps
    /// between.
    #[must_use]
    pub fn with_change(
        self,
        arguments: &Arguments,
        differences: &[Difference],
        before: &Value,
        after: &Value,
    ) -> Answer {
        let (before, after) = (redact(before), redact(after));
        let answer = if arguments.diff {
            let (mut left, mut right) = (before.clone(), after.clone());
            for difference in differences.iter().filter(|one| is_secret(one)) {
                place(&mut left, &difference.path, SECRET);
                place(&mut right, &difference.path, OTHER_SECRET);
            }
            let (left, right) = excerpts(&left, &right);
            let diff = json!({"before": yaml(&left), "after": yaml(&right)});
            self.with("diff", diff)
        } else {
            self
        };
        answer.with("commands", steps(differences)).with("before", before).with("after", after)
    }

    /// The text of the object.
    pub fn finish(self, arguments: Option<&Arguments>) -> String {
        let invocation = arguments.and_then(|arguments| arguments.invocation.as_ref());
        let answer = match invocation {
            Some(options) => self.with("invocation", json!({"module_args": shown(options)})),
            None => self,
        };
        Value::Object(answer.0).to_string()
    }
}

/// True if a difference is one secret in the place of another, which reads the same when masked.
fn is_secret(difference: &Difference) -> bool {
    let Difference { path, desired, current } = difference;
    let masked = redact_at(path, desired);
    masked.is_string() && masked != *desired && current.is_some()
}

/// Puts a text at a place that is there.
fn place(tree: &mut Value, path: &Path, text: &str) {
    let mut place = Some(tree);
    for step in path.steps() {
        place = place.and_then(|value| match step {
            Step::Key(key) => value.get_mut(key),
            Step::Index(index) => value.get_mut(index),
            Step::Item(name) => {
                value.as_array_mut()?.iter_mut().find(|item| item["name"] == name.as_str())
            }
        });
    }
    if let Some(value) = place {
        *value = text.into();
    }
}

/// The options as they were given, without secrets.
fn shown(options: &Map<String, Value>) -> Value {
    let show = |name: &str, value: &Value| match name {
        "desired_state" | "running_config" => document(value),
        // Arguments of a command may be nobody's business.
        "probes" => probes(value),
        _ => value.clone(),
    };
    options.iter().map(|(name, value)| (name.clone(), show(name, value))).collect()
}

fn document(value: &Value) -> Value {
    let parsed = match value {
        Value::String(text) => Document::parse(text),
        tree => Document::from_value(tree.clone()),
    };
    match parsed {
        Ok(document) => redact(document.as_value()),
        Err(_) => HIDDEN.into(),
    }
}

fn probes(value: &Value) -> Value {
    let mut value = value.clone();
    match value.as_array_mut() {
        Some(list) => {
            for command in list.iter_mut().filter_map(|probe| probe.get_mut("command")) {
                *command = HIDDEN.into();
            }
            value
        }
        None => HIDDEN.into(),
    }
}

fn yaml(value: &Value) -> String {
    match value.as_object().is_some_and(Map::is_empty) {
        true => String::new(),
        false => Document::from_value(value.clone())
            .map_or_else(|_| value.to_string(), |document| document.to_yaml()),
    }
}

#[cfg(test)]
mod tests {
    use nmstate_schema::compare::compare;

    use super::*;

    const DESIRED: &str = "interfaces:\n- name: eth1\n  mtu: 1400\n  802.1x:\n    identity: me\n    \
                           private-key-password: s3cret\n";

    fn arguments(diff: bool) -> Arguments {
        let text = json!({
            "desired_state": DESIRED, "_ansible_diff": diff,
            "probes": [{"command": ["curl", "https://me:s3cret@example.com"]}],
        });
        Arguments::read(&text.to_string()).unwrap()
    }

    #[test]
    fn no_secret_is_returned() {
        let desired = Document::parse(DESIRED).unwrap();
        let current =
            Document::parse("interfaces: [{name: eth1, type: ethernet, state: up, mtu: 1500}]");
        let current = current.unwrap();
        let differences = compare(&desired, &current);
        let arguments = arguments(true);
        let answer = Answer::unchanged().with_change(
            &arguments,
            &differences,
            current.as_value(),
            desired.as_value(),
        );
        let text = answer.finish(Some(&arguments));
        assert!(!text.contains("s3cret"), "{text}");
        assert!(text.contains("private-key-password") && text.contains("\"commands\""), "{text}");
        let broken = json!({"desired_state": "password: [s3cret"}).to_string();
        assert!(!Arguments::read(&broken).unwrap_err().concat().contains("s3cret"));
    }

    #[test]
    fn the_diff_is_what_differs_and_only_when_it_is_wanted() {
        let before = json!({"interfaces": [{"name": "eth1", "mtu": 1500, "state": "up"}]});
        let after = json!({"interfaces": [{"name": "eth1", "mtu": 1400, "state": "up"}]});
        let answer = |diff| {
            let answer = Answer::default().with_change(&arguments(diff), &[], &before, &after);
            serde_json::from_str::<Value>(&answer.finish(None)).unwrap()
        };
        let diff = &answer(true)["diff"];
        assert_eq!(diff["before"], "interfaces:\n- name: eth1\n  mtu: 1500\n");
        assert_eq!(diff["after"], "interfaces:\n- name: eth1\n  mtu: 1400\n");
        assert_eq!(answer(false).get("diff"), None);
    }

    #[test]
    fn a_diff_shows_that_a_secret_is_another_one_and_neither() {
        let desired = Document::parse(DESIRED).unwrap();
        let current = Document::parse(
            &DESIRED.replace("s3cret", "0ld").replace("name: eth1", "name: eth1\n  state: up"),
        );
        let current = current.unwrap();
        let differences = compare(&desired, &current);
        assert_eq!(differences.len(), 1);
        let answer = Answer::default().with_change(
            &arguments(true),
            &differences,
            current.as_value(),
            desired.as_value(),
        );
        let text = answer.finish(None);
        assert!(!text.contains("s3cret") && !text.contains("0ld"), "{text}");
        assert!(text.contains(SECRET) && text.contains(OTHER_SECRET), "{text}");
    }

    #[test]
    fn a_failure_is_one_line() {
        let text = Answer::failed("it\n broke").finish(None);
        assert_eq!(text, "{\"changed\":false,\"failed\":true,\"msg\":\"it broke\"}");
    }
}
