//! Everything that can be known to be wrong without a host.
//!
//! All findings are returned at once, because each round of correcting one mistake is a round of
//! planning. What depends on the host, such as whether a bond exists already and so needs no mode,
//! is left to nmstate.

use serde_json::{Map, Value};

use crate::canonical::{canonical_value, integer, section_value};
use crate::document::Document;
use crate::keys::{Access, Choice, Digits, Key, Kind, STATE, Section, Text};
use crate::path::{Path, Step};
use crate::phrase::Phrase;
use crate::{text, walk};

mod interfaces;
mod on_host;

pub use self::on_host::on_host;
pub use crate::finding::Finding;

/// How alike two words must be for one to be taken for a misspelling of the other.
const LIKENESS: f64 = 0.8;

/// All that is wrong with a document.
pub fn validate(document: &Document) -> Vec<Finding> {
    let mut validation = Validation::default();
    validation.section(&STATE, None, document.as_value(), &Path::new());
    validation.names(document);
    validation.ports(document);
    validation.findings
}

/// All that is wrong with the value of one key; paths start at the value.
pub fn validate_value(key: &Key, value: &Value) -> Vec<Finding> {
    let mut validation = Validation::default();
    validation.value(key, None, value, &Path::new());
    validation.findings
}

#[derive(Default)]
struct Validation {
    findings: Vec<Finding>,
    /// The section whose keys are looked at.
    within: Option<&'static Section>,
}

impl Validation {
    fn report(&mut self, path: &Path, message: impl Into<Phrase>, hint: impl Into<Phrase>) {
        self.findings.push(Finding::new(path.clone(), message).with_hint(hint));
    }

    fn value(&mut self, key: &Key, interface_type: Option<&str>, value: &Value, path: &Path) {
        // nmstate ignores what is only shown, so that what it shows can be sent back.
        if value.is_null() || key.access == Access::ReadOnly {
            return;
        }
        let shown = if key.sensitive { Shown::Hidden } else { Shown::Plain };
        self.kind(&key.kind, interface_type, value, path, shown);
    }

    fn kind(
        &mut self,
        kind: &Kind,
        interface_type: Option<&str>,
        value: &Value,
        path: &Path,
        shown: Shown,
    ) {
        match kind {
            Kind::Section(section) => self.section(section, interface_type, value, path),
            Kind::List { item, .. } => match value {
                Value::Array(items) => {
                    for (index, value) in items.iter().enumerate() {
                        let path = path.join(walk::item_step(item, value, index));
                        self.kind(item, interface_type, value, &path, shown);
                    }
                }
                other => self.wrong_type("a list", other, path, shown),
            },
            Kind::Map(item) => match value {
                Value::Object(map) => {
                    for (name, value) in map.iter().filter(|(_, value)| !value.is_null()) {
                        self.kind(item, interface_type, value, &path.join(name.as_str()), shown);
                    }
                }
                other => self.wrong_type("a mapping", other, path, shown),
            },
            Kind::Text(form) => match value {
                Value::String(text) => self.text(*form, text, path, shown),
                Value::Number(number) if *form == Text::Mac => self.report(
                    path,
                    format!("`{number}` is a number, not a hardware address"),
                    "quote the address: YAML reads an unquoted `52:54:00:12:34:56` as a number",
                ),
                other => self.wrong_type("a string", other, path, shown),
            },
            Kind::Bool { .. } => {
                if !canonical_value(kind, value).is_boolean() {
                    self.wrong_type("`true` or `false`", value, path, shown);
                }
            }
            Kind::Integer { min, max, text, .. } => match integer(value, *text) {
                Some(number) if (*min..=*max).contains(&number) => {}
                None if *text == Digits::Decimal
                    && integer(value, Digits::Hexadecimal).is_some() =>
                {
                    self.report(
                        path,
                        format!("{} is not a number in decimal digits", shown.quote(value)),
                        "nmstate reads this key in decimal digits only",
                    );
                }
                None if !value.is_u64() => self.wrong_type("a whole number", value, path, shown),
                _ => self.report(
                    path,
                    format!("{} is out of range", shown.quote(value)),
                    match max {
                        // No limit but that of the number type.
                        &i64::MAX => format!("use a number of at least {min}"),
                        max => format!("use a number from {min} to {max}"),
                    },
                ),
            },
            Kind::Enum { choices, open, .. } => {
                let canonical = canonical_value(kind, value);
                match canonical.as_str() {
                    Some(word) if *open || choices.iter().any(|choice| choice.name == word) => {}
                    Some(word) => self.report(
                        path,
                        format!("`{word}` is not one of the valid values"),
                        valid_words(choices),
                    ),
                    None => self.wrong_type("a word", value, path, shown),
                }
            }
        }
    }

    fn section(
        &mut self,
        section: &'static Section,
        outer: Option<&str>,
        value: &Value,
        path: &Path,
    ) {
        let map = match (value, section.shorthand) {
            (Value::Object(map), _) => map,
            (Value::Bool(_), Some(_)) => return,
            (other, _) => return self.wrong_type("a mapping", other, path, Shown::Plain),
        };
        let interface_type = walk::interface_type(section, map, outer);
        for (name, value) in map {
            let path = path.join(name.as_str());
            self.within = Some(section);
            match section.key_for(name, interface_type) {
                Some(key) => {
                    self.value(key, interface_type, value, &path);
                    self.spelled_twice(key, name, map, &path);
                }
                None => self.unknown_key(section, name, interface_type, &path),
            }
        }
        // What is to be removed only needs to be named.
        let is_removed = map.get("state").is_some_and(|state| state == "absent");
        for key in section.keys.iter().filter(|key| key.required && key.applies_to(interface_type))
        {
            let is_given = |name: &&str| map.get(*name).is_some_and(|value| !value.is_null());
            let is_needed = !is_removed || section.identity.contains(&key.name);
            if is_needed && !std::iter::once(&key.name).chain(key.aliases).any(is_given) {
                self.report(
                    path,
                    Phrase::from("the key {} is missing").key(key.name),
                    Phrase::from("add {}: {}").key(key.name).with(first_to_lower(key.doc)),
                );
            }
        }
        if let (Some(check), Value::Object(map)) =
            (section.check, section_value(section, interface_type, value))
            && !is_removed
        {
            let mut findings = Vec::new();
            check(&map, &mut findings);
            for mut finding in findings {
                let within = as_given(section, interface_type, value, &finding.path, &map);
                let steps = [path.steps(), &within].concat();
                finding.path = Path::from(steps);
                self.findings.push(finding);
            }
        }
    }

    fn spelled_twice(&mut self, key: &Key, name: &str, map: &Map<String, Value>, path: &Path) {
        if name != key.name
            && let (Some(one), Some(other)) = (map.get(key.name), map.get(name))
            && canonical_value(&key.kind, one) != canonical_value(&key.kind, other)
        {
            self.report(
                path,
                Phrase::from("`{}` is another name of {}, which has another value")
                    .with(name)
                    .key(key.name),
                format!("leave `{name}` out"),
            );
        }
    }

    fn unknown_key(
        &mut self,
        section: &'static Section,
        name: &str,
        interface_type: Option<&str>,
        path: &Path,
    ) {
        if let (Some(interface_type), Some(key)) = (interface_type, section.key(name)) {
            return self.report(
                path,
                Phrase::from("{} is not a key of interfaces of type `{}`")
                    .key(name)
                    .with(interface_type),
                format!("it belongs to type `{}`", key.types.join("`, `")),
            );
        }
        let names = section.keys.iter().filter(|key| key.applies_to(interface_type));
        let hint = match nearest(name, names.map(|key| key.name)) {
            Some(nearest) => Phrase::from("did you mean {}?").key(nearest),
            None => format!("leave it out; it is not a key of the {}", section.name).into(),
        };
        self.report(path, format!("unknown key `{name}`"), hint);
    }

    fn text(&mut self, form: Text, text: &str, path: &Path, shown: Shown) {
        // An empty string asks for the value to be removed, wherever a value may be removed.
        let may_be_empty = form != Text::InterfaceName;
        if text::canonical_text(form, text).is_some() || (text.is_empty() && may_be_empty) {
            return;
        }
        let (what, hint) = match form {
            Text::Mac => ("a hardware address", "write it as in `52:54:00:12:34:56`"),
            Text::Ip => match text::with_length(text) {
                Some((address, length)) => return self.address_with_length(address, length, path),
                None => ("an IP address", "write it as in `192.0.2.1` or `2001:db8::1`"),
            },
            Text::IpNetwork => (
                "a network",
                "write it as in `192.0.2.0/24`; the default route is `0.0.0.0/0` or `::/0`",
            ),
            Text::IpList => ("a list of IP addresses", "separate addresses by commas"),
            Text::PciAddress => ("a PCI address", "write it as in `0000:00:1f.4`"),
            Text::HostName => (
                "a host name",
                "use letters, digits, `-` and `_`, and a `.` between labels; at most 64 in all",
            ),
            Text::Plain | Text::InterfaceName | Text::InterfaceReference => {
                ("an interface name", "use a name such as `eth1`")
            }
        };
        self.report(path, format!("{} is not {what}", shown.quote(&text.into())), hint);
    }

    /// An address in the notation that everybody uses, where the length is a key of its own or means
    /// nothing.
    fn address_with_length(&mut self, address: &str, length: u8, path: &Path) {
        let hint = match self.within.and_then(|section| section.key("prefix-length")) {
            Some(key) => Phrase::from("write `{}`, and the length by itself as {}")
                .with(address)
                .setting(key.name, length),
            None => format!("write `{address}`").into(),
        };
        self.report(path, format!("`{address}/{length}` is an address and a prefix length"), hint);
    }

    fn wrong_type(&mut self, expected: &str, value: &Value, path: &Path, shown: Shown) {
        self.report(
            path,
            format!("{} is not {expected}", shown.quote(value)),
            format!("use {expected}"),
        );
    }
}

/// A place in the normal form of a section as a place in the section that was given: items of a list
/// have another order there.
fn as_given(
    section: &'static Section,
    interface_type: Option<&str>,
    given: &Value,
    path: &Path,
    normal: &Map<String, Value>,
) -> Vec<Step> {
    let mut steps = path.steps().to_vec();
    if let [Step::Key(name), Step::Index(index), ..] = steps.as_mut_slice()
        && let Some(key) = section.key_for(name, interface_type)
        && let Kind::List { item, .. } = &key.kind
        && let Some(wanted) = normal.get(name.as_str()).and_then(|list| list.get(*index))
    {
        let names = std::iter::once(&key.name).chain(key.aliases);
        let list = names.filter_map(|name| given.get(*name)?.as_array()).next();
        let mut items = list.into_iter().flatten();
        if let Some(position) = items.position(|one| canonical_value(item, one) == *wanted) {
            *index = position;
        }
    }
    steps
}

/// Whether a message may quote the value.
#[derive(Clone, Copy)]
enum Shown {
    Plain,
    Hidden,
}

impl Shown {
    fn quote(self, value: &Value) -> String {
        match (self, value) {
            (Shown::Hidden, _) => "the value".to_owned(),
            (Shown::Plain, Value::String(text)) => format!("`{text}`"),
            (Shown::Plain, other) => format!("`{other}`"),
        }
    }
}

/// The known word that `word` is most likely a misspelling of.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // nmstate separates words by hyphens, Terraform by underscores.
    let word = word.replace('_', "-");
    // Alike from the start on (`bonding`), or a letter in three is swapped (`mut`).
    let slips = word.chars().count().max(3) / 3;
    known
        .map(|known| (known.replace('_', "-"), known))
        .map(|(plain, known)| {
            let is_slip = strsim::damerau_levenshtein(&word, &plain) <= slips;
            (strsim::jaro_winkler(&word, &plain), is_slip, known)
        })
        .filter(|(likeness, is_slip, _)| *is_slip || *likeness > LIKENESS)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, _, known)| known)
}

pub(crate) fn valid_words(choices: &[Choice]) -> String {
    let words = choices.iter().filter(|choice| choice.settable);
    let words: Vec<String> = words.map(|choice| format!("`{}`", choice.name)).collect();
    format!("use one of {}", words.join(", "))
}

fn first_to_lower(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_lowercase().chain(characters).collect())
        .unwrap_or_default()
}
