//! What nmstate prints of its own structures, in the words of a document.
//!
//! Some of its messages end in the debug form of a Rust value, such as
//! `RouteEntry { destination: Some("192.0.2.0/24"), metric: None, .. }`. Of that a user is shown what
//! the document says: the keys that are given, by their names there.

use nmstate_schema::canonical::MASKED_SECRET;
use nmstate_schema::keys::{Kind, STATE, Section};

/// The fields that are not called as the keys that they hold, by structure.
const OTHER_NAMES: &[(&str, &str, &str)] = &[
    ("RouteEntry", "next_hop_iface", "next-hop-interface"),
    ("RouteEntry", "next_hop_addr", "next-hop-address"),
    ("RouteRuleEntry", "table_id", "route-table"),
    ("BaseInterface", "iface_type", "type"),
    ("BaseInterface", "ovsdb", "ovs-db"),
    ("BaseInterface", "ieee8021x", "802.1x"),
    ("InterfaceIpv4", "addresses", "address"),
    ("InterfaceIpv4", "auto_table_id", "auto-route-table-id"),
    ("InterfaceIpv6", "addresses", "address"),
    ("InterfaceIpv6", "auto_table_id", "auto-route-table-id"),
    ("BondInterface", "bond", "link-aggregation"),
    ("EthernetConfig", "auto_neg", "auto-negotiation"),
    ("Ieee8021XConfig", "eap", "eap-methods"),
    ("InfiniBandInterface", "ib", "infiniband"),
    ("LibreswanConfig", "kind", "type"),
    ("MacVlanConfig", "accept_all_mac", "promiscuous"),
    ("MacVtapConfig", "accept_all_mac", "promiscuous"),
    ("OvsBridgeBondConfig", "ovsdb", "ovs-db"),
    ("OvsBridgeBondConfig", "ports", "port"),
    ("OvsBridgeConfig", "ports", "port"),
    ("OvsBridgePortConfig", "bond", "link-aggregation"),
    ("VrfConfig", "table_id", "route-table-id"),
    ("VxlanConfig", "dst_port", "destination-port"),
];

/// The structure that nmstate writes into the one around it.
const FLATTENED: &str = "base";

/// Variants that only say what type their value has.
const TRANSPARENT: [&str; 5] = ["Some", "String", "Number", "Bool", "Array"];

/// A message in which every structure is told in the words of a document.
#[must_use]
pub fn readable(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    let mut rest = message;
    let mut is_start = true;
    while let Some(letter) = rest.chars().next() {
        let found = (is_start && letter.is_ascii_uppercase()).then(|| structure(rest)).flatten();
        match found {
            Some((value, tail)) => {
                text.push_str(&format!("`{}`", value.text()));
                rest = tail;
                is_start = false;
            }
            None => {
                text.push(letter);
                rest = &rest[letter.len_utf8()..];
                is_start = !letter.is_alphanumeric() && letter != '_';
            }
        }
    }
    text
}

/// A value at the beginning of a text, and what follows it; none of what is no structure.
fn structure(text: &str) -> Option<(Form, &str)> {
    let mut reader = Reader(text);
    let value = reader.value(0)?;
    value.is_structure().then_some((value, reader.0))
}

/// A value in debug form.
#[derive(Debug)]
enum Form {
    /// `None`, and whatever else says nothing.
    Nothing,
    /// A number, a string, an address.
    Scalar(String),
    List(Vec<Form>),
    /// A structure, or a map, by the names of a document.
    Mapping(Vec<(String, Form)>),
    /// `Some(..)`.
    Given(Box<Form>),
}

impl Form {
    fn is_structure(&self) -> bool {
        match self {
            Form::Mapping(_) | Form::Given(_) => true,
            Form::List(items) => items.iter().any(Form::is_structure),
            Form::Nothing | Form::Scalar(_) => false,
        }
    }

    fn says_nothing(&self) -> bool {
        match self {
            Form::Nothing => true,
            Form::Scalar(text) => text == MASKED_SECRET,
            Form::List(items) => items.iter().all(Form::says_nothing),
            Form::Mapping(entries) => entries.iter().all(|(_, one)| one.says_nothing()),
            Form::Given(inner) => inner.says_nothing(),
        }
    }

    fn text(&self) -> String {
        match self {
            Form::Nothing => "nothing".to_owned(),
            Form::Scalar(text) => text.clone(),
            Form::Mapping(entries) => entries
                .iter()
                .filter(|(_, one)| !one.says_nothing())
                .map(|(name, one)| format!("{name}: {}", one.inner_text()))
                .collect::<Vec<_>>()
                .join(", "),
            Form::List(_) => self.inner_text(),
            Form::Given(inner) => inner.text(),
        }
    }

    fn inner_text(&self) -> String {
        match self {
            Form::Mapping(_) => format!("{{{}}}", self.text()),
            Form::List(items) => {
                let items: Vec<String> = items.iter().map(Form::inner_text).collect();
                format!("[{}]", items.join(", "))
            }
            Form::Given(inner) => inner.inner_text(),
            Form::Nothing | Form::Scalar(_) => self.text(),
        }
    }
}

/// The deepest that a structure is followed.
const DEPTH_LIMIT: usize = 64;

struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Option<Form> {
        if depth > DEPTH_LIMIT {
            return None;
        }
        match self.0.chars().next()? {
            '"' => self.string().map(Form::Scalar),
            '[' => self.items('[', ']', depth).map(Form::List),
            '(' => self.items('(', ')', depth).map(Form::List),
            '{' => self.fields("", depth),
            letter if letter.is_ascii_uppercase() => self.named(depth),
            _ => {
                let scalar =
                    self.take_while(|letter| !matches!(letter, ',' | '}' | ']' | ')' | ' '));
                (!scalar.is_empty()).then(|| Form::Scalar(scalar.to_owned()))
            }
        }
    }

    /// A structure, a variant, or a word.
    fn named(&mut self, depth: usize) -> Option<Form> {
        let name = self.take_while(|letter| letter.is_alphanumeric() || letter == '_');
        if self.0.starts_with('(') {
            let mut items = self.items('(', ')', depth)?;
            let inner = if items.len() == 1 { items.remove(0) } else { Form::List(items) };
            return Some(match inner {
                inner if name == "Some" => Form::Given(Box::new(inner)),
                inner if TRANSPARENT.contains(&name) || inner.is_structure() => inner,
                inner => Form::Scalar(format!("{}({})", word(name), inner.text())),
            });
        }
        if self.0.starts_with(" {") {
            self.0 = &self.0[1..];
            return self.fields(name, depth);
        }
        if self.0.starts_with(" [") && TRANSPARENT.contains(&name) {
            self.0 = &self.0[1..];
            return self.items('[', ']', depth).map(Form::List);
        }
        Some(if matches!(name, "None" | "Null") { Form::Nothing } else { Form::Scalar(word(name)) })
    }

    fn fields(&mut self, structure: &str, depth: usize) -> Option<Form> {
        self.skip("{")?;
        let mut entries = Vec::new();
        let mut set = Vec::new();
        loop {
            self.0 = self.0.trim_start_matches([' ', ',']);
            if self.0.starts_with('}') {
                break;
            }
            // What a structure has that is not printed.
            if self.skip("..").is_some() {
                continue;
            }
            let name = match self.0.chars().next()? {
                '"' => self.string()?,
                letter if letter.is_ascii_lowercase() || letter == '_' => {
                    let name = self.take_while(|letter| letter.is_alphanumeric() || letter == '_');
                    key(structure, name)
                }
                _ => {
                    set.push(self.value(depth + 1)?);
                    continue;
                }
            };
            if self.skip(": ").is_none() {
                set.push(Form::Scalar(name));
                continue;
            }
            match (name.as_str(), self.value(depth + 1)?) {
                (FLATTENED, Form::Mapping(inner)) => entries.extend(inner),
                (_, value) => entries.push((name, value)),
            }
        }
        self.skip("}")?;
        if entries.is_empty() && !set.is_empty() {
            return Some(Form::List(set));
        }
        if entries.iter().any(|(name, _)| is_key(&STATE, name)) {
            entries.retain(|(name, _)| is_key(&STATE, name));
        }
        Some(Form::Mapping(entries))
    }

    fn items(&mut self, open: char, close: char, depth: usize) -> Option<Vec<Form>> {
        self.0 = self.0.strip_prefix(open)?;
        let mut items = Vec::new();
        loop {
            self.0 = self.0.trim_start_matches([' ', ',']);
            if let Some(rest) = self.0.strip_prefix(close) {
                self.0 = rest;
                return Some(items);
            }
            items.push(self.value(depth + 1)?);
        }
    }

    fn string(&mut self) -> Option<String> {
        self.skip("\"")?;
        let mut text = String::new();
        loop {
            let letter = self.0.chars().next()?;
            self.0 = &self.0[letter.len_utf8()..];
            match letter {
                '"' => return Some(text),
                '\\' => {
                    let escaped = self.0.chars().next()?;
                    self.0 = &self.0[escaped.len_utf8()..];
                    text.push(if escaped == 'n' { ' ' } else { escaped });
                }
                letter => text.push(letter),
            }
        }
    }

    fn take_while(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let end = self.0.find(|letter| !is_part(letter)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken
    }

    fn skip(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }
}

/// The key that a field holds.
fn key(structure: &str, field: &str) -> String {
    let other = OTHER_NAMES.iter().find(|(owner, name, _)| *owner == structure && *name == field);
    other.map_or_else(|| field.replace('_', "-"), |(_, _, key)| (*key).to_owned())
}

/// A word of a document for a variant: `LinuxBridge` is `linux-bridge`.
fn word(variant: &str) -> String {
    let mut word = String::new();
    let mut is_lower = false;
    for letter in variant.chars() {
        if letter.is_uppercase() && is_lower {
            word.push('-');
        }
        is_lower = letter.is_lowercase();
        word.extend(letter.to_lowercase());
    }
    word
}

/// Whether a section, or one below it, has a key of this name.
fn is_key(section: &Section, name: &str) -> bool {
    section.keys.iter().any(|key| {
        let below = match &key.kind {
            Kind::Section(inner) | Kind::List { item: Kind::Section(inner), .. } => Some(inner),
            _ => None,
        };
        key.is_named(name) || below.is_some_and(|inner| is_key(inner, name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structures_are_told_in_the_words_of_a_document() {
        for (message, expected) in [
            (
                "Route with empty next hop interface is not supported: RouteEntry { state: None, \
                 destination: Some(\"192.0.2.0/24\"), next_hop_iface: None, next_hop_addr: \
                 Some(\"198.51.100.1\"), metric: Some(5), table_id: None, route_type: None }",
                "Route with empty next hop interface is not supported: `destination: 192.0.2.0/24, \
                 next-hop-address: 198.51.100.1, metric: 5`",
            ),
            (
                "A Blackhole Route cannot have a next hop : RouteEntry { destination: \
                 Some(\"::/0\"), route_type: Some(Blackhole) } here",
                "A Blackhole Route cannot have a next hop : `destination: ::/0, route-type: \
                 blackhole` here",
            ),
            (
                "fwmask is present RouteRuleEntry { family: Some(IPv6), state: None, ip_from: None, \
                 table_id: Some(200), fwmask: Some(255) }",
                "fwmask is present `family: ipv6, route-table: 200, fwmask: 255`",
            ),
            (
                "still found as LinuxBridge(LinuxBridgeInterface { base: BaseInterface { name: \
                 \"br0\", iface_type: LinuxBridge, controller_type: None, mtu: Some(1500), ipv4: \
                 Some(InterfaceIpv4 { enabled: true, enabled_defined: true, addresses: \
                 Some([InterfaceIpAddr { ip: 192.0.2.1, prefix_length: 24, mptcp_flags: None }]) \
                 }), up_priority: 0 }, bridge: None })",
                "still found as `name: br0, type: linux-bridge, mtu: 1500, ipv4: {enabled: true, \
                 address: [{ip: 192.0.2.1, prefix-length: 24}]}`",
            ),
            (
                "interface x: [Object {\"name\": String(\"x\"), \"mtu\": Number(1500)}]",
                "interface x: [`name: x, mtu: 1500`]",
            ),
            (
                "desire hostname: a, current: Some(\"b \\\"c\")",
                "desire hostname: a, current: `b \"c`",
            ),
        ] {
            assert_eq!(readable(message), expected);
        }
    }

    #[test]
    fn secrets_and_what_is_no_structure_stay_out_of_it() {
        let secret = "x: Ieee8021XConfig { identity: Some(\"me\"), password: \
                      Some(\"<_password_hid_by_nmstate>\") }";
        assert_eq!(readable(secret), "x: `identity: me`");
        for message in [
            "Manager(UnknownDevice): Failed to find a compatible device",
            "Connection(InvalidProperty):bond.options: 'a' and 'b' cannot differ",
            "RouteEntry { destination: Some(\"cut off",
            "Interface eth1 { is odd",
            "",
        ] {
            assert_eq!(readable(message), message);
        }
        let deep = format!("A{}", " { a: A".repeat(10_000));
        assert_eq!(readable(&deep), deep);
    }
}
