//! nmstate's own keys, for those who write whole documents.
//!
//! Two resources, most functions and some data sources take documents of any form: their schemas
//! say nothing of what is in them, the key table does.

use nmstate_schema::keys::{self, Access, Key, Kind, Section, Text};

/// The reference of all keys, a section for each mapping.
pub fn reference() -> String {
    let mut page = String::new();
    let mut sections: Vec<(String, &'static Section)> = vec![(String::new(), &keys::STATE)];
    let mut done = Vec::new();
    while !sections.is_empty() {
        let (path, section) = sections.remove(0);
        if done.iter().any(|known| std::ptr::eq(*known, section)) {
            continue;
        }
        done.push(section);
        page.push_str(&heading(&path, section));
        let mut inner = Vec::new();
        for key in section.keys {
            page.push_str(&line(key));
            if let Some((mark, section)) = section_of(&key.kind) {
                let path = if path.is_empty() { String::new() } else { format!("{path}.") };
                inner.push((format!("{path}{}{mark}", key.name), section));
            }
        }
        page.push('\n');
        sections.splice(0..0, inner);
    }
    page
}

fn heading(path: &str, section: &Section) -> String {
    let doc = section.doc.trim_end_matches('.');
    if path.is_empty() {
        return format!("## Top level\n\n{doc}.\n\n");
    }
    let level = if path.contains('.') { "###" } else { "##" };
    format!("<a id=\"{}\"></a>\n{level} `{path}`\n\n{doc}.\n\n", anchor(section))
}

fn line(key: &'static Key) -> String {
    let mut words = vec![kind(&key.kind)];
    if key.required {
        words.push("required".into());
    }
    match key.access {
        Access::Settable => {}
        Access::ReadOnly => words.push("only shown".into()),
        Access::WriteOnly => words.push("never shown".into()),
    }
    if key.sensitive {
        words.push("secret".into());
    }
    let mut text = format!("- `{}` ({}) {}", key.name, words.join(", "), key.description());
    if !key.types.is_empty() {
        text.push_str(&format!(" Of {}.", listed(key.types)));
    }
    if !key.aliases.is_empty() {
        text.push_str(&format!(" Also written {}.", listed(key.aliases)));
    }
    if let Some((_, section)) = section_of(&key.kind) {
        text.push_str(&format!(" See [its keys](#{}).", anchor(section)));
    }
    text.push('\n');
    text
}

fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Text(Text::Mac) => "hardware address".into(),
        Kind::Text(Text::Ip) => "IP address".into(),
        Kind::Text(Text::IpNetwork) => "network".into(),
        Kind::Text(Text::IpList) => "IP addresses with commas".into(),
        Kind::Text(Text::InterfaceName | Text::InterfaceReference) => "interface name".into(),
        Kind::Text(Text::HostName) => "host name".into(),
        Kind::Text(Text::PciAddress) => "PCI address".into(),
        Kind::Text(Text::Plain) => "text".into(),
        Kind::Bool { .. } => "boolean".into(),
        Kind::Integer { .. } => "number".into(),
        Kind::Enum { .. } => "word".into(),
        Kind::List { item: Kind::Section(_), .. } => "list of mappings".into(),
        Kind::List { item, .. } => format!("list, each item: {}", self::kind(item)),
        Kind::Section(_) => "mapping".into(),
        Kind::Map(item) => format!("mapping of free keys, each value: {}", self::kind(item)),
    }
}

/// The section below a key, and how its path is marked.
fn section_of(kind: &Kind) -> Option<(&'static str, &'static Section)> {
    match kind {
        Kind::Section(section) => Some(("", section)),
        Kind::List { item: Kind::Section(section), .. } => Some(("[]", section)),
        Kind::Map(Kind::Section(section)) => Some((".*", section)),
        _ => None,
    }
}

/// A section is described once, whatever the number of keys that have it.
fn anchor(section: &Section) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
    format!("keys--{}", section.name.to_lowercase().chars().map(plain).collect::<String>())
}
