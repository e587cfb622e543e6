//! What Ansible calls the module with.
//!
//! Values arrive as YAML and Jinja have made them: a template of a number is a string on some
//! versions, `k=v` makes strings of everything. So each option is read leniently; what cannot be
//! meant is one line that names the option. All such lines are returned at once.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use nmstate_engine::probe::{Check, Probe};
use nmstate_engine::transaction::{Approval, Options, Persist};
use nmstate_schema::Value;
use nmstate_schema::document::Document;
use nmstate_schema::policy::Policy;
use nmstate_schema::scope::Scope;
use nmstate_schema::validate::nearest;
use serde_json::Map;

use crate::options::{self, ModuleOption, OptionKind};

/// Ansible's own keys, which every module gets.
const ANSIBLE: &str = "_ansible_";
/// What the action plugin adds.
const INTERNAL: &str = "_nmstate_";
/// Who confirms in the words of messages.
const CONTROLLER: &str = "the controller";

/// One call.
#[derive(Clone, Debug)]
pub struct Arguments {
    /// What is asked for.
    pub task: Task,
    /// Whether nothing may be changed.
    pub check: bool,
    /// Whether a diff is wanted.
    pub diff: bool,
    /// The options as they were given, to be returned without secrets; `None` when the controller
    /// does not want them.
    pub invocation: Option<Map<String, Value>>,
    /// Whether whoever called waits for the controller's word in another process.
    pub is_held: bool,
    /// The host's own end of the controller's connection.
    pub own_address: Option<IpAddr>,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub enum Task {
    /// A change of the host.
    Change(Box<Wanted>),
    /// The profiles of a document.
    Rendered(Document),
    /// The state of a text.
    Parsed(Document),
    /// The state of the host.
    Gathered,
    /// A part of the state of the host.
    Info(Question),
}

/// What the host shall be, and how carefully it is changed.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The document.
    pub desired: Desired,
    /// What it says about what it does not mention.
    pub scope: Scope,
    /// Time-outs and probes.
    pub options: Options,
    /// Whether the controller has to confirm.
    pub is_confirmed_from_outside: bool,
}

/// A document, or what becomes one on the host.
#[derive(Clone, Debug)]
pub enum Desired {
    /// It is known as a whole.
    Known(Document),
    /// It captures what the host is.
    Policy(Policy),
}

/// Which part of a state is asked for.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The part by its name.
    pub part: String,
    /// Patterns for names of interfaces.
    pub names: Vec<String>,
    /// Types of interfaces.
    pub types: Vec<String>,
    /// Whether what the host has learned is left out.
    pub is_configured: bool,
}

impl Arguments {
    /// Reads the text of the arguments file.
    ///
    /// # Errors
    /// One line for each thing that is wrong.
    pub fn read(text: &str) -> Result<Arguments, Vec<String>> {
        let given: Map<String, Value> = serde_json::from_str(text)
            .map_err(|error| vec![format!("the arguments are not a JSON object: {error}")])?;
        let is_set = |name: &str| given.get(name).is_some_and(|value| *value == true);
        let internal = |name: &str| given.get(&format!("{INTERNAL}{name}")).and_then(Value::as_str);
        let is_info = internal("module") == Some("nmstate_info")
            || given.get("_ansible_module_name").and_then(Value::as_str).is_some_and(|name| {
                name.rsplit('.').next().is_some_and(|name| name == "nmstate_info")
            });
        let table = if is_info { options::NMSTATE_INFO } else { options::NMSTATE };
        let own: Map<String, Value> = given
            .iter()
            .filter(|(name, value)| {
                !name.starts_with(ANSIBLE) && !name.starts_with(INTERNAL) && !value.is_null()
            })
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let wants_invocation = given.get("_ansible_inject_invocation") != Some(&false.into());
        let phase = internal("phase");
        let mut reader = Reader { given: &own, place: String::new(), wrong: Vec::new() };
        reader.refuse_unknown(table, &given);
        let task = if is_info { Some(reader.info()) } else { reader.task(phase) };
        match (task, reader.wrong) {
            (Some(task), wrong) if wrong.is_empty() => Ok(Arguments {
                task,
                check: is_set("_ansible_check_mode"),
                diff: is_set("_ansible_diff"),
                invocation: wants_invocation.then_some(own),
                is_held: phase == Some("hold"),
                own_address: internal("connection")
                    .and_then(|words| words.split(' ').nth(2)?.split('%').next()?.parse().ok()),
            }),
            (_, wrong) => Err(wrong),
        }
    }
}

impl Wanted {
    /// The same change, for which `given` says that the controller has come back.
    pub fn approve_by(&mut self, awaited: PathBuf, given: PathBuf) {
        self.options.approval = Some(Approval { who: CONTROLLER.to_owned(), awaited, given });
    }
}

/// Reads one mapping of options.
struct Reader<'a> {
    given: &'a Map<String, Value>,
    /// Where the mapping is, for messages.
    place: String,
    wrong: Vec<String>,
}

impl Reader<'_> {
    fn refuse_unknown(&mut self, table: &[ModuleOption], whole: &Map<String, Value>) {
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

    fn task(&mut self, phase: Option<&str>) -> Option<Task> {
        let state = self.word(options::NMSTATE, "state").unwrap_or("merged".to_owned());
        let scope = match state.as_str() {
            "gathered" => return Some(Task::Gathered),
            "parsed" => return self.document("running_config").and_then(known).map(Task::Parsed),
            "rendered" => {
                return match self.document("desired_state")? {
                    Desired::Known(document) => Some(Task::Rendered(document)),
                    Desired::Policy(_) => {
                        let message = "`desired_state` captures what only a host knows (write the \
                                       values into it for `state: rendered`)";
                        self.wrong.push(message.to_owned());
                        None
                    }
                };
            }
            "replaced" => Scope::Replaced,
            "overridden" => Scope::Overridden,
            "deleted" => Scope::Deleted,
            _ => Scope::Merged,
        };
        let confirm = self.word(options::NMSTATE, "confirm");
        let default = if phase.is_some() { "controller" } else { "host" };
        let confirm = confirm.as_deref().unwrap_or(default);
        if confirm == "controller" && phase.is_none() {
            self.wrong.push(
                "`confirm` cannot be `controller` without the action plugin of the collection (use \
                 `nmstate.host.nmstate`, or `confirm: host`)"
                    .to_owned(),
            );
        }
        let options = self.options(confirm);
        let desired = self.document("desired_state");
        if let Some(Desired::Known(document)) = &desired
            && document.is_empty()
        {
            self.wrong.push(
                "`desired_state` is empty (list `interfaces`, `routes`, `dns-resolver` or others)"
                    .to_owned(),
            );
        }
        Some(Task::Change(Box::new(Wanted {
            desired: desired?,
            scope,
            options,
            is_confirmed_from_outside: confirm == "controller",
        })))
    }

    fn options(&mut self, confirm: &str) -> Options {
        let default = Options::default();
        let persist = match self.word(options::NMSTATE, "persist").as_deref() {
            Some("at-once") => Persist::AtOnce,
            Some("never") => Persist::Never,
            _ => Persist::AfterCommit,
        };
        let mut seconds = |name| self.seconds(options::NMSTATE, name);
        Options {
            timeout: seconds("checkpoint_timeout").unwrap_or(default.timeout),
            lock_timeout: seconds("lock_timeout").unwrap_or(default.lock_timeout),
            settle_timeout: seconds("settle_timeout").unwrap_or(default.settle_timeout),
            persist,
            probes: match self.probes() {
                _ if confirm == "none" => Vec::new(),
                Some(probes) => probes,
                None => default.probes,
            },
            report_dir: None,
            approval: None,
        }
    }

    fn info(&mut self) -> Task {
        let part = self.word(options::NMSTATE_INFO, "gather").unwrap_or("state".to_owned());
        Task::Info(Question {
            part,
            names: self.texts("name"),
            types: self.texts("type"),
            is_configured: self.flag("running_config").unwrap_or(false),
        })
    }

    /// A document or a policy; what is wrong in it is said with its path.
    fn document(&mut self, name: &str) -> Option<Desired> {
        let Some(value) = self.given.get(name) else {
            self.wrong.push(format!("the option `{name}` is missing (give a network state)"));
            return None;
        };
        let (document, policy) = match value {
            Value::String(text) => (Document::parse(text), Policy::parse(text)),
            tree => (Document::from_value(tree.clone()), Policy::from_value(tree.clone())),
        };
        match (document, policy) {
            (Ok(document), _) => Some(Desired::Known(document)),
            (Err(_), Ok(policy)) => Some(Desired::Policy(policy)),
            (Err(findings), Err(_)) => {
                let said = findings.iter().map(|finding| format!("`{name}`: {finding}"));
                self.wrong.extend(said);
                None
            }
        }
    }

    fn word(&mut self, table: &[ModuleOption], name: &str) -> Option<String> {
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

    fn seconds(&mut self, table: &[ModuleOption], name: &str) -> Option<Duration> {
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

    fn flag(&mut self, name: &str) -> Option<bool> {
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

    fn text(&mut self, name: &str) -> Option<String> {
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
    fn texts(&mut self, name: &str) -> Vec<String> {
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

    fn probes(&mut self) -> Option<Vec<Probe>> {
        let given = self.given.get("probes")?;
        // `k=v` makes a text of a list.
        let parsed = given.as_str().and_then(|text| serde_json::from_str(text).ok());
        let Some(list) = parsed.as_ref().unwrap_or(given).as_array() else {
            self.refuse("probes", &shown(given), "use a list, such as `[{dns: example.com}]`");
            return None;
        };
        let mut probes = Vec::new();
        for (index, entry) in list.iter().enumerate() {
            let place = format!("probes[{index}]");
            let Value::Object(given) = entry else {
                let message = format!("`{place}` is no mapping (such as `dns: example.com`)");
                self.wrong.push(message);
                continue;
            };
            let mut reader = Reader { given, place: format!("{place}."), wrong: Vec::new() };
            probes.extend(reader.probe(&place));
            self.wrong.extend(reader.wrong);
        }
        Some(probes)
    }

    fn probe(&mut self, place: &str) -> Option<Probe> {
        self.refuse_unknown(options::PROBE, self.given);
        let timeout = self.seconds(options::PROBE, "timeout").unwrap_or(Probe::DEFAULT_TIMEOUT);
        let required = self.flag("required").unwrap_or(false);
        // The module runs on the host: it cannot ask from the controller.
        let names = || Check::NAMES.iter().filter(|name| **name != "controller_tcp");
        let asked: Vec<&str> =
            names().filter(|name| self.given.contains_key(**name)).copied().collect();
        let [name] = asked[..] else {
            let what = if asked.is_empty() {
                "nothing".to_owned()
            } else {
                format!("`{}`", asked.join("` and `"))
            };
            let all: Vec<String> = names().map(|name| format!("`{name}`")).collect();
            let hint = format!("set exactly one of {}", all.join(", "));
            self.wrong.push(format!("`{place}` asks {what} ({hint})"));
            return None;
        };
        let check = match name {
            "gateway" => Check::from_flag(self.flag(name)?),
            "command" => Check::from_words(self.texts(name).into_iter().map(Some)),
            _ => Check::from_text(name, &self.text(name)?),
        };
        match check {
            Ok(check) => Some(Probe { check, required, timeout }),
            Err((message, hint)) => {
                self.wrong.push(format!("`{place}`: {message} ({hint})"));
                None
            }
        }
    }

    fn refuse(&mut self, name: &str, value: &str, hint: &str) {
        self.wrong.push(format!("`{}{name}` cannot be {value} ({hint})", self.place));
    }
}

fn known(desired: Desired) -> Option<Document> {
    match desired {
        Desired::Known(document) => Some(document),
        Desired::Policy(_) => None,
    }
}

fn whole(number: f64) -> Option<u64> {
    // Up to here a float has every whole number.
    let is_whole = number.fract() == 0.0 && (0.0..1e9).contains(&number);
    is_whole.then(|| format!("{number:.0}").parse().ok()).flatten()
}

/// A value for a message; what it holds may be long, or a secret.
fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "a mapping".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        other => format!("`{}`", other.to_string().trim_matches('"')),
    }
}

#[cfg(test)]
mod tests;
