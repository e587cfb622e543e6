//! What Ansible calls the module with.
//!
//! Values arrive as YAML and Jinja have made them: a template of a number is a string on some
//! versions, `k=v` makes strings of everything. So each option is read leniently; what cannot be
//! meant is one line that names the option. All such lines are returned at once.

use std::net::IpAddr;
use std::path::PathBuf;

use nmstate_engine::probe::{Check, Probe};
use nmstate_engine::transaction::{Approval, Options, Persist};
use nmstate_schema::Value;
use nmstate_schema::document::Document;
use nmstate_schema::policy::Policy;
use nmstate_schema::scope::Scope;
use serde_json::Map;

use crate::options;
use reader::{Reader, shown};

mod reader;

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
    /// What the controller could not reach before the change: why, by the number of the probe.
    pub unreached: Map<String, Value>,
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
    /// What the controller asks itself before it confirms, by the number in the list of probes.
    pub outside_probes: Vec<(usize, Probe)>,
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
                unreached: given
                    .get(&format!("{INTERNAL}unreached"))
                    .and_then(Value::as_object)
                    .cloned()
                    .unwrap_or_default(),
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

impl Reader<'_> {
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
        let mut options = self.options(confirm);
        let (outside, own): (Vec<_>, Vec<_>) = std::mem::take(&mut options.probes)
            .into_iter()
            .enumerate()
            .partition(|(_, probe)| matches!(probe.check, Check::ControllerTcp { .. }));
        options.probes = own.into_iter().map(|(_, probe)| probe).collect();
        if let (Some((number, _)), "host") = (outside.first(), confirm) {
            self.wrong.push(format!(
                "`probes[{number}].controller_tcp` is asked by the controller (use `confirm: \
                 controller`, or `tcp` for what the host has to reach)"
            ));
        }
        let desired = self.document("desired_state");
        if let Some(Desired::Known(document)) = &desired
            && document.is_empty()
        {
            // An empty list, such as that of a loop without a turn, is nothing to do.
            let is_unsaid = document.as_value().as_object().is_none_or(Map::is_empty);
            if is_unsaid {
                self.wrong.push(
                    "`desired_state` is empty (list `interfaces`, `routes`, `dns-resolver` or others)"
                        .to_owned(),
                );
            } else if scope == Scope::Overridden {
                self.wrong.push(
                    "`desired_state` lists nothing, and `state: overridden` would remove all that \
                     the host has (list what shall stay, or use `state: deleted` for what shall go)"
                        .to_owned(),
                );
            }
        }
        Some(Task::Change(Box::new(Wanted {
            desired: desired?,
            scope,
            options,
            is_confirmed_from_outside: confirm == "controller",
            outside_probes: outside,
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
        let asked: Vec<&str> =
            Check::NAMES.into_iter().filter(|name| self.given.contains_key(*name)).collect();
        let [name] = asked[..] else {
            let what = if asked.is_empty() {
                "nothing".to_owned()
            } else {
                format!("`{}`", asked.join("` and `"))
            };
            let all = Check::NAMES.map(|name| format!("`{name}`"));
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
}

fn known(desired: Desired) -> Option<Document> {
    match desired {
        Desired::Known(document) => Some(document),
        Desired::Policy(_) => None,
    }
}

#[cfg(test)]
mod tests;
