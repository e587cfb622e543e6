//! The pages of `ansible-doc`, in the form of Python files that hold nothing else.
//!
//! The options come from the tables that the module reads them by, and the keys of a network state
//! from the key table: neither is described here again. The files are checked in, because the
//! collection is made of them; a test says when they are stale.

use nmstate_schema::Value;
use nmstate_schema::keys::{Access, Key, Kind, STATE, Section};
use serde_json::{Map, json};

use crate::options::{self, ModuleOption, OptionKind};

/// The file of the module `nmstate`.
pub fn nmstate() -> String {
    let page = Page {
        name: "nmstate",
        short: "Change the network state of a host",
        description: &[
            "Changes network interfaces, bonds, VLANs, bridges, routes and DNS with nmstate and \
             NetworkManager. Each change is a transaction. It is final when Ansible has come back \
             over a new connection that was made after it, the host shows the desired state, and \
             what has worked before still works. Otherwise the host goes back to what it was by \
             itself.",
            "The host needs NetworkManager. It needs neither Python nor nmstate.",
        ],
        options: options::NMSTATE,
        notes: &[
            "The module needs root: set C(become: true).",
            "Check mode says what a run would change, with the same diff, and fails where a run \
             could not begin, such as without the base interface of a VLAN.",
            "A policy may take values from the host with C(capture). Its C(nodeSelector) is refused: \
             choose the hosts by C(hosts), groups of the inventory or C(when).",
            "When the change moves the host to another address, RV(address) says where it is. The \
             rest of the play needs it as C(ansible_host).",
            "Secrets are masked in everything that is returned. One that O(desired_state) gives is \
             compared on the host with the one that the host has; a diff says that it is another \
             one, and shows neither.",
        ],
        see: "nmstate.host.nmstate_info",
    };
    page.file(EXAMPLES, &returns())
}

/// The file of the module `nmstate_info`.
pub fn nmstate_info() -> String {
    let page = Page {
        name: "nmstate_info",
        short: "Read the network state of a host",
        description: &[
            "Returns the network state of a host, or a part of it, in the form that \
             M(nmstate.host.nmstate) takes. Changes nothing.",
            "The host needs NetworkManager. It needs neither Python nor nmstate.",
        ],
        options: options::NMSTATE_INFO,
        notes: &["The module needs root: set C(become: true).", "Secrets are masked."],
        see: "nmstate.host.nmstate",
    };
    page.file(INFO_EXAMPLES, &info_returns())
}

const EXAMPLES: &str = "\
- name: A bridge with an address
  nmstate.host.nmstate:
    desired_state:
      interfaces:
        - name: br0
          type: linux-bridge
          bridge:
            port:
              - name: eth1
          ipv4:
            enabled: true
            address:
              - ip: 192.0.2.10
                prefix-length: 24

- name: A new address of the host itself, watched by a service that it needs
  nmstate.host.nmstate:
    checkpoint_timeout: 60
    desired_state:
      interfaces:
        - name: eth0
          ipv4:
            enabled: true
            address:
              - ip: 192.0.2.11
                prefix-length: 24
    probes:
      - tcp: 192.0.2.80:443
        required: true

- name: The bridge goes
  nmstate.host.nmstate:
    state: deleted
    desired_state:
      interfaces:
        - name: br0
";

const INFO_EXAMPLES: &str = "\
- name: All bonds
  nmstate.host.nmstate_info:
    gather: interfaces
    type: bond
  register: bonds
";

/// Lines of a page are not longer, if they have spaces.
const WIDTH: usize = 100;

struct Page {
    name: &'static str,
    short: &'static str,
    description: &'static [&'static str],
    options: &'static [ModuleOption],
    notes: &'static [&'static str],
    see: &'static str,
}

impl Page {
    fn file(&self, examples: &str, returns: &Value) -> String {
        let documentation = json!({
            "module": self.name,
            "short_description": self.short,
            "version_added": "0.1.0",
            "description": self.description,
            "options": module_options(self.options),
            "attributes": {
                "check_mode": {
                    "support": "full",
                    "description": ["Says what would be changed, and changes nothing."],
                },
                "diff_mode": {
                    "support": if self.name == "nmstate" { "full" } else { "none" },
                    "description": ["Shows what differs, and nothing else."],
                },
            },
            "notes": self.notes,
            "seealso": [{"module": self.see}],
            "author": ["The nmstate authors (@nmstate)"],
        });
        let yaml = |value: &Value| folded(&serde_saphyr::to_string(value).unwrap_or_default());
        format!(
            "# Copyright: the nmstate authors\n\
             # Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)\n\
             \"\"\"Documentation of the module `{}`, generated from the tables of the binary that does the work.\"\"\"\n\n\
             from __future__ import annotations\n\n\
             DOCUMENTATION = r\"\"\"\n---\n{}\"\"\"\n\n\
             EXAMPLES = r\"\"\"\n{examples}\"\"\"\n\n\
             RETURN = r\"\"\"\n{}\"\"\"\n",
            self.name,
            yaml(&documentation),
            yaml(returns),
        )
    }
}

/// YAML whose long quoted texts go on in the next line, which reads as a space.
fn folded(yaml: &str) -> String {
    yaml.lines().fold(String::new(), |mut text, line| {
        let margin = line.len() - line.trim_start().len() + 2;
        let (mut rest, mut width) = (line, WIDTH);
        // Whatever else is long the emitter has folded itself.
        while rest.len() > width && rest.ends_with('"') {
            let space = rest.get(..width).and_then(|part| part.rfind(' '));
            let Some(space) = space.filter(|space| *space > margin) else { break };
            text.push_str(&rest[..space]);
            text.push('\n');
            text.push_str(&" ".repeat(margin));
            rest = &rest[space + 1..];
            width = WIDTH - margin;
        }
        text.push_str(rest);
        text.push('\n');
        text
    })
}

fn module_options(table: &[ModuleOption]) -> Value {
    let options = table.iter().map(|option| (option.name.to_owned(), module_option(option)));
    Value::Object(options.collect())
}

fn module_option(option: &ModuleOption) -> Value {
    let mut entry = Map::from_iter([("description".to_owned(), json!(option.doc))]);
    let mut set = |name: &str, value: Value| {
        entry.insert(name.to_owned(), value);
    };
    match option.kind {
        OptionKind::Document => {
            set("type", "dict".into());
            set("suboptions", suboptions(&STATE));
        }
        OptionKind::Text => set("type", "str".into()),
        OptionKind::Word(choices) => {
            set("type", "str".into());
            set("choices", json!(choices));
        }
        OptionKind::Seconds(_) => set("type", "int".into()),
        OptionKind::Flag => set("type", "bool".into()),
        OptionKind::Probes => {
            set("type", "list".into());
            set("elements", "dict".into());
            set("suboptions", module_options(options::PROBE));
        }
        OptionKind::Texts => {
            set("type", "list".into());
            set("elements", "str".into());
        }
    }
    if !option.default.is_empty() {
        let default = match option.kind {
            OptionKind::Seconds(_) => {
                option.default.parse::<u64>().map_or(Value::Null, Value::from)
            }
            OptionKind::Flag => (option.default == "true").into(),
            _ => option.default.into(),
        };
        set("default", default);
    }
    entry.into()
}

/// The keys of a section that can be set; two keys of one name, for different types of interface,
/// are one option.
fn suboptions(section: &'static Section) -> Value {
    let mut all: Map<String, Value> = Map::new();
    for key in section.keys.iter().filter(|key| key.access != Access::ReadOnly) {
        let entry = key_option(key);
        match all.get_mut(key.name) {
            None => {
                all.insert(key.name.to_owned(), entry);
            }
            Some(known) => unite(known, entry),
        }
    }
    all.into()
}

fn unite(known: &mut Value, more: Value) {
    let Value::Object(more) = more else { return };
    for (name, value) in more {
        match (name.as_str(), known.get_mut(&name), value) {
            ("description", Some(Value::Array(lines)), Value::Array(more)) => lines.extend(more),
            ("suboptions", Some(Value::Object(options)), Value::Object(more)) => {
                for (name, value) in more {
                    match options.get_mut(&name) {
                        Some(known) if known.get("suboptions").is_some() => unite(known, value),
                        Some(_) => {}
                        None => {
                            options.insert(name, value);
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

fn key_option(key: &Key) -> Value {
    let mut description = vec![sentence(key.doc)];
    if !key.unit.is_empty() {
        description.push(format!("In {}.", key.unit));
    }
    if !key.types.is_empty() {
        let types: Vec<String> = key.types.iter().map(|one| format!("V({one})")).collect();
        description.push(format!("For interfaces of type {}.", types.join(", ")));
    }
    if key.sensitive {
        description.push("A secret; it is masked in everything that is returned.".to_owned());
    }
    let mut entry = Map::from_iter([("description".to_owned(), json!(description))]);
    if !key.aliases.is_empty() {
        entry.insert("aliases".to_owned(), json!(key.aliases));
    }
    if key.required {
        entry.insert("required".to_owned(), true.into());
    }
    describe(&key.kind, &mut entry);
    entry.into()
}

fn describe(kind: &Kind, entry: &mut Map<String, Value>) {
    let mut set = |name: &str, value: Value| {
        entry.insert(name.to_owned(), value);
    };
    set("type", type_of(kind).into());
    match kind {
        Kind::Enum { choices, open: false, .. } => {
            let words = choices.iter().filter(|choice| choice.settable).map(|choice| choice.name);
            set("choices", words.collect());
        }
        Kind::Section(section) => set("suboptions", suboptions(section)),
        Kind::List { item, .. } => {
            set("elements", type_of(item).into());
            if let Kind::Section(section) = item {
                set("suboptions", suboptions(section));
            }
        }
        Kind::Text(_)
        | Kind::Bool { .. }
        | Kind::Integer { .. }
        | Kind::Enum { .. }
        | Kind::Map(_) => {}
    }
}

fn type_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text(_) | Kind::Enum { .. } => "str",
        Kind::Bool { .. } => "bool",
        Kind::Integer { hex: true, .. } => "str",
        Kind::Integer { .. } => "int",
        Kind::List { .. } => "list",
        Kind::Section(_) | Kind::Map(_) => "dict",
    }
}

/// The words of the table in Ansible's markup.
fn sentence(doc: &str) -> String {
    let mut text = String::new();
    for (index, part) in doc.split('`').enumerate() {
        match index % 2 {
            0 => text.push_str(part),
            _ => {
                let escaped = part.replace('\\', "\\\\").replace(')', "\\)");
                text.push_str(&format!("V({escaped})"));
            }
        }
    }
    if !text.ends_with('.') {
        text.push('.');
    }
    text
}

fn returned(description: &str, of_type: &str, when: &str) -> Value {
    json!({"description": [description], "type": of_type, "returned": when})
}

fn returns() -> Value {
    let mut all = Map::new();
    let mut add = |name: &str, description: &str, of_type: &str, when: &str| {
        all.insert(name.to_owned(), returned(description, of_type, when));
    };
    let change = "for the states that change a host";
    add("before", "What O(desired_state) mentions as it was on the host.", "dict", change);
    add("after", "The same as it is now, or as it would be in check mode.", "dict", change);
    add("commands", "The change in words, a step each.", "list", change);
    add("transaction", TRANSACTION, "dict", "when the host was changed, and when that failed");
    add("address", "Where the host is now.", "str", "when the change has moved the host");
    add("gathered", "The state of the host.", "dict", "for O(state=gathered)");
    add("rendered", "The files of the profiles by their names.", "dict", "for O(state=rendered)");
    add("parsed", "The state of O(running_config).", "dict", "for O(state=parsed)");
    if let Some(commands) = all.get_mut("commands") {
        commands["elements"] = "str".into();
        commands["sample"] = json!(["change `interfaces[eth1].mtu` from `1500` to `1400`"]);
    }
    all.into()
}

const TRANSACTION: &str = "What happened when (C(timeline), and C(controller) as seen from \
                           Ansible), how the probes went, how long the host did not answer, and the \
                           final C(state).";

fn info_returns() -> Value {
    let mut all = Map::new();
    for option in options::NMSTATE_INFO.iter().filter(|option| option.name == "gather") {
        let OptionKind::Word(parts) = option.kind else { continue };
        for part in parts {
            let of_type = if *part == "interfaces" { "list" } else { "dict" };
            let when = format!("for O(gather={part})");
            let mut entry =
                returned("What was asked for, with nmstate's own keys.", of_type, &when);
            if of_type == "list" {
                entry["elements"] = "dict".into();
            }
            all.insert((*part).to_owned(), entry);
        }
    }
    all.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_in_the_collection_are_these() {
        for (name, page) in [("nmstate", nmstate()), ("nmstate_info", nmstate_info())] {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/collection/plugins/modules");
            let file = format!("{folder}/{name}.py");
            let found = std::fs::read_to_string(&file).unwrap_or_default();
            assert!(
                found == page,
                "`{file}` is stale: run `cargo run -p nmstate-ansible --example documentation`"
            );
        }
    }

    #[test]
    fn long_texts_go_on_in_the_next_line() {
        let value = json!({"description": [format!("a: {}", "word ".repeat(60).trim())]});
        let yaml = serde_saphyr::to_string(&value).unwrap();
        let text = folded(&yaml);
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert_eq!(serde_saphyr::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn words_become_values() {
        assert_eq!(sentence("An `a(b)` c"), "An V(a(b\\)) c.");
    }
}
