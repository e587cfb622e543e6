//! Options one by one, as leniently as Ansible's own modules read them.

use std::time::Duration;

use nmstate_schema::Value;
use nmstate_schema::validate::nearest;
use serde_json::Map;

use crate::options::{ModuleOption, OptionKind};

/// Reads one mapping of options.
pub(super) struct Reader<'a> {
    pub(super) given: &'a Map<String, Value>,
    /// Where the mapping is, for messages.
    pub(super) place: String,
    pub(super) wrong: Vec<String>,
}

impl Reader<'_> {
    pub(super) fn refuse_unknown(&mut self, table: &[ModuleOption], whole: &Map<String, Value>) {
        if whole.get("_ansible_ignore_unknown_opts") == Some(&true.into()) {
            return;
        }
        for name in self.given.keys().filter(|name| table.iter().all(|one| one.name != **name)) {
            let known = table.iter().map(|option| option.name);
            let hint = match nearest(name, known.clone()) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => format!("there are `{}`", known.collect::<Vec<_>>().join("`, `")),
            };
            self.wrong.push(format!("unknown option `{}{name}` ({hint})", self.place));
        }
    }

    pub(super) fn word(&mut self, table: &[ModuleOption], name: &str) -> Option<String> {
        let text = self.text(name)?;
        let option = table.iter().find(|option| option.name == name)?;
        let OptionKind::Word(choices) = option.kind else { return Some(text) };
        if choices.contains(&text.as_str()) {
            return Some(text);
        }
        let hint = format!("use one of `{}`", choices.join("`, `"));
        self.refuse(name, &format!("`{text}`"), &hint);
        None
    }

    pub(super) fn seconds(&mut self, table: &[ModuleOption], name: &str) -> Option<Duration> {
        let value = self.given.get(name)?;
        let option = table.iter().find(|option| option.name == name)?;
        let OptionKind::Seconds(least) = option.kind else { return None };
        let number = match value {
            Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
            Value::String(digits) => digits.trim().parse().ok(),
            _ => None,
        };
        match number.filter(|number| (least..=86_400).contains(number)) {
            Some(number) => Some(Duration::from_secs(number)),
            None => {
                let hint = format!("use whole seconds from {least} to 86400");
                self.refuse(name, &shown(value), &hint);
                None
            }
        }
    }

    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        let value = self.given.get(name)?;
        let word = match value {
            Value::Bool(flag) => return Some(*flag),
            Value::String(word) => word.to_lowercase(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        match word.as_str() {
            "yes" | "on" | "1" | "true" | "y" | "t" | "1.0" => Some(true),
            "no" | "off" | "0" | "false" | "n" | "f" | "0.0" => Some(false),
            _ => {
                self.refuse(name, &shown(value), "use `true` or `false`");
                None
            }
        }
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.given.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            other => {
                self.refuse(name, &shown(other), "use a text");
                None
            }
        }
    }

    /// A list of texts; one text is a list separated by commas, as everywhere in Ansible.
    pub(super) fn texts(&mut self, name: &str) -> Vec<String> {
        match self.given.get(name) {
            None => Vec::new(),
            Some(Value::Array(items)) => {
                let texts: Option<Vec<String>> =
                    items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
                texts.unwrap_or_else(|| {
                    self.refuse(name, "a list with other things than texts", "use texts");
                    Vec::new()
                })
            }
            Some(Value::String(text)) => {
                text.split(',').map(|part| part.trim().to_owned()).collect()
            }
            Some(other) => {
                self.refuse(name, &shown(other), "use a list of texts");
                Vec::new()
            }
        }
    }

    pub(super) fn refuse(&mut self, name: &str, value: &str, hint: &str) {
        self.wrong.push(format!("`{}{name}` cannot be {value} ({hint})", self.place));
    }
}

fn whole(number: f64) -> Option<u64> {
    // Up to here a float has every whole number.
    let is_whole = number.fract() == 0.0 && (0.0..1e9).contains(&number);
    is_whole.then(|| format!("{number:.0}").parse().ok()).flatten()
}

/// A value for a message; what it holds may be long, or a secret.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "a mapping".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        other => format!("`{}`", other.to_string().trim_matches('"')),
    }
}
