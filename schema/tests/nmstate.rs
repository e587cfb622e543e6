//! nmstate's own parser is the judge of what the table says about each key: names, spellings,
//! words, required keys, and where a string is as good as a number.

use std::collections::BTreeSet;

use nmstate_schema::Value;
use nmstate_schema::keys::{Access, Digits, Key, Kind, STATE, Section, Text, interface_types};
use serde_json::{Map, json};

use crate::table::sections;

/// The sections of which nmstate does not list the keys: it ignores what it does not know, or
/// rejects it without a word about the rest.
const UNLISTED: [&str; 11] = [
    "802.1x",
    "OVN bridge mapping",
    "Open vSwitch bond port",
    "Open vSwitch columns of an interface",
    "VLAN egress mapping",
    "VLAN ingress mapping",
    "bond port",
    "dispatch scripts",
    "interface",
    "trunk tag",
    "veth",
];

/// The sections that are one structure in nmstate, which looks at the family later.
const TWINS: [[&str; 2]; 2] = [["IPv4", "IPv6"], ["IPv6", "IPv4"]];

/// A key that nothing has.
const UNKNOWN: &str = "no-such-key";

/// Where a section is in a document: puts it there.
type Wrap<'a> = &'a dyn Fn(Value) -> Value;

#[test]
fn nmstate_takes_every_key_as_the_table_says() {
    let mut judge = Judge::default();
    judge.complete(&STATE, None, &|value| value);
    for key in STATE.keys.iter().filter(|key| key.name != "interfaces") {
        judge.key(&STATE, key, None, &|value| value);
    }
    let interfaces = STATE.key("interfaces").unwrap();
    let Kind::List { item: Kind::Section(interface), .. } = interfaces.kind else {
        panic!("interfaces are a list of sections")
    };
    for known in interface_types() {
        judge.section(interface, Some(known.name), &|mut value| {
            let map = value.as_object_mut().unwrap();
            map.entry("type").or_insert(known.name.into());
            json!({"interfaces": [value]})
        });
    }
    assert!(judge.parsed > 3000, "only {} documents", judge.parsed);
    assert!(judge.mistakes.is_empty(), "{:#?}", judge.mistakes);
    let named = sections().into_iter().map(|section| section.name);
    let unlisted: BTreeSet<_> = named.filter(|name| !judge.listed.contains(name)).collect();
    assert_eq!(unlisted, BTreeSet::from(UNLISTED));
}

#[derive(Default)]
struct Judge {
    parsed: usize,
    /// The names of the sections of which nmstate has told all keys.
    listed: BTreeSet<&'static str>,
    mistakes: Vec<String>,
}

impl Judge {
    fn section(&mut self, section: &'static Section, interface_type: Option<&str>, wrap: Wrap<'_>) {
        for key in section.keys.iter().filter(|key| key.applies_to(interface_type)) {
            self.key(section, key, interface_type, wrap);
        }
        self.complete(section, interface_type, wrap);
    }

    /// Where nmstate rejects what it does not know, its message lists what it does.
    fn complete(
        &mut self,
        section: &'static Section,
        interface_type: Option<&str>,
        wrap: Wrap<'_>,
    ) {
        let mut map = required(section, interface_type, "");
        map.insert(UNKNOWN.to_owned(), json!(1));
        let document = wrap(Value::Object(map));
        let Err(error) = serde_json::from_value::<nmstate::NetworkState>(document) else { return };
        let message = error.to_string();
        let Some((_, expected)) = message.split_once(&format!("`{UNKNOWN}`, expected ")) else {
            return;
        };
        self.listed.insert(section.name);
        let names: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
        for name in &names {
            let is_known = |section: &Section| section.key_for(name, interface_type).is_some();
            let is_twin = |other: &&&Section| TWINS.contains(&[section.name, other.name]);
            if !is_known(section)
                && !sections().iter().find(is_twin).is_some_and(|twin| is_known(twin))
            {
                self.mistakes.push(format!("{}: `{name}` is missing", section.name));
            }
        }
        for key in section.keys.iter().filter(|key| key.applies_to(interface_type)) {
            if !names.contains(&key.name) {
                self.mistakes.push(format!("{}: there is no `{}`", section.name, key.name));
            }
        }
    }

    fn key(
        &mut self,
        section: &'static Section,
        key: &'static Key,
        interface_type: Option<&str>,
        wrap: Wrap<'_>,
    ) {
        if key.access == Access::ReadOnly {
            return;
        }
        if key.name == "type" && interface_type.is_some() && section.name == "interface" {
            return;
        }
        let put = |name: &str, value: Value| {
            let mut map = required(section, interface_type, key.name);
            map.insert(name.to_owned(), value);
            wrap(Value::Object(map))
        };
        for value in valid(&key.kind, section.name) {
            // The one enumeration whose numbers nmstate does not take as strings.
            let text = value.as_str().unwrap_or_default();
            if key.name == "multicast-router" && text.len() == 1 {
                continue;
            }
            for name in std::iter::once(&key.name).chain(key.aliases) {
                self.expect(true, &put(name, value.clone()));
            }
        }
        for value in invalid(&key.kind) {
            self.expect(false, &put(key.name, value));
        }
        if key.required && key.name != "name" {
            self.expect(false, &wrap(Value::Object(required(section, interface_type, key.name))));
        }
        match &key.kind {
            Kind::Section(inner) => {
                self.section(inner, interface_type, &|value| put(key.name, value));
            }
            Kind::List { item: Kind::Section(inner), .. } => {
                self.section(inner, interface_type, &|value| put(key.name, json!([value])));
            }
            _ => {}
        }
    }

    fn expect(&mut self, is_valid: bool, document: &Value) {
        self.parsed += 1;
        let result = serde_json::from_value::<nmstate::NetworkState>(document.clone());
        match result {
            Err(error) if is_valid => self.mistakes.push(format!("{error}: {document}")),
            Ok(_) if !is_valid => self.mistakes.push(format!("accepted: {document}")),
            _ => {}
        }
    }
}

/// The keys without which the section is invalid, except the one in question.
fn required(
    section: &'static Section,
    interface_type: Option<&str>,
    except: &str,
) -> Map<String, Value> {
    let keys = section.keys.iter().filter(|key| key.required && key.applies_to(interface_type));
    keys.filter(|key| key.name != except)
        .map(|key| (key.name.to_owned(), valid(&key.kind, section.name).swap_remove(0)))
        .collect()
}

/// Values that the table calls valid.
fn valid(kind: &Kind, place: &str) -> Vec<Value> {
    match kind {
        Kind::Text(form) => vec![json!(match form {
            Text::Plain | Text::InterfaceName | Text::InterfaceReference => "text",
            Text::Mac => "52:54:00:12:34:56",
            Text::Ip | Text::IpList if place == "IPv6" || place == "IPv6 address" => "2001:db8::1",
            Text::Ip if place == "bond options" => "2001:db8::1",
            Text::Ip | Text::IpList => "192.0.2.1",
            Text::IpNetwork => "192.0.2.0/24",
            Text::HostName => "host1",
            Text::PciAddress => "0000:00:1f.4",
        })],
        Kind::Bool { lenient: false } => vec![json!(true)],
        Kind::Bool { lenient: true } => {
            let words = ["yes", "no", "on", "off", "true", "false", "y", "n", "1", "0"];
            let words = words.iter().map(|word| json!(word));
            [json!(true), json!(false), json!(1), json!(0)].into_iter().chain(words).collect()
        }
        Kind::Integer { min, max, text, .. } => {
            let mut values = vec![json!(min), json!(max)];
            if *text != Digits::None {
                values.extend([json!(min.to_string()), json!(max.to_string())]);
            }
            if *text == Digits::Hexadecimal {
                values.push(json!(format!("{max:#x}")));
            }
            values
        }
        Kind::Enum { choices, lenient, .. } => {
            let mut values = Vec::new();
            for choice in *choices {
                for word in std::iter::once(&choice.name).chain(choice.aliases) {
                    values.push(json!(word));
                    let number = word.parse::<u64>().ok().filter(|_| *lenient);
                    values.extend(number.map(Value::from));
                }
            }
            values
        }
        Kind::List { item: Kind::Section(_), .. } => vec![json!([])],
        Kind::List { item, .. } => {
            valid(item, place).into_iter().map(|value| json!([value])).collect()
        }
        Kind::Section(section) => vec![Value::Object(required(section, None, ""))],
        Kind::Map(item) => {
            valid(item, place).into_iter().map(|value| json!({"rx-gro": value})).collect()
        }
    }
}

/// Values that the table calls invalid.
fn invalid(kind: &Kind) -> Vec<Value> {
    match kind {
        Kind::Bool { lenient: true } | Kind::Text(_) | Kind::Map(_) => Vec::new(),
        Kind::Bool { lenient: false } => vec![json!("yes"), json!(1)],
        Kind::Integer { text, max, .. } => {
            let mut values = vec![json!("x")];
            if *text == Digits::None {
                values.push(json!(max.to_string()));
            }
            if *text != Digits::Hexadecimal {
                values.push(json!(format!("{max:#x}")));
            }
            values
        }
        Kind::Enum { open: false, .. } => vec![json!("no-such-word")],
        Kind::Enum { open: true, .. } => Vec::new(),
        Kind::List { .. } | Kind::Section(_) => vec![json!("text")],
    }
}
