//! The spellings of a document, derived from the key table: each means the same.

use nmstate_schema::Value;
use nmstate_schema::keys::{Digits, Extras, Kind, Order, STATE, Section, Text};
use serde_json::Map;

/// A way to spell a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// As its file has it.
    AsWritten,
    /// Numbers as strings wherever nmstate takes them.
    NumbersAsStrings,
    /// Hardware addresses in lower case, IPv6 addresses uncompressed and in upper case.
    Addresses,
    /// Lists whose order means nothing, the other way round.
    Order,
    /// Other names of keys and words.
    Aliases,
    /// Without the main routing table and the metrics of routes.
    Omitted,
    /// With items of others allowed in lists, on a host that has things of other programs.
    Beside,
}

impl Variant {
    /// All of them.
    pub const ALL: [Variant; 7] = [
        Variant::AsWritten,
        Variant::NumbersAsStrings,
        Variant::Addresses,
        Variant::Order,
        Variant::Aliases,
        Variant::Omitted,
        Variant::Beside,
    ];

    /// The name in the results.
    pub fn name(self) -> &'static str {
        match self {
            Variant::AsWritten => "as-written",
            Variant::NumbersAsStrings => "numbers-as-strings",
            Variant::Addresses => "addresses",
            Variant::Order => "order",
            Variant::Aliases => "aliases",
            Variant::Omitted => "omitted",
            Variant::Beside => "beside",
        }
    }

    /// The document in this spelling; none where that is the one of its file.
    pub(super) fn of(self, state: &Value) -> Option<Value> {
        let mut spelled = state.clone();
        self.section(&STATE, None, &mut spelled);
        let has_interfaces = || state["interfaces"].as_array().is_some_and(|all| !all.is_empty());
        let is_one = match self {
            Variant::AsWritten => true,
            Variant::Beside => has_interfaces(),
            _ => spelled != *state,
        };
        is_one.then_some(spelled)
    }

    fn section(self, section: &'static Section, outer: Option<&str>, value: &mut Value) {
        let Some(map) = value.as_object_mut() else { return };
        let own = map.get("type").and_then(Value::as_str).filter(|_| section.name == "interface");
        let own = own.or(outer).map(str::to_owned);
        let mut spelled = Map::new();
        for (name, mut value) in std::mem::take(map) {
            let Some(key) = section.key_for(&name, own.as_deref()) else {
                spelled.insert(name, value);
                continue;
            };
            let is_left_out = self == Variant::Omitted
                && section.name == "route"
                && (key.name == "metric" || (key.name == "table-id" && value == 254));
            if is_left_out {
                continue;
            }
            self.kind(&key.kind, own.as_deref(), &mut value);
            let alias = key.aliases.first().filter(|_| self == Variant::Aliases);
            spelled.insert(alias.map_or(name, |alias| (*alias).to_owned()), value);
        }
        if self == Variant::Beside {
            let tolerant = section.keys.iter().filter_map(|key| match key.extras {
                Extras::ToleratedIf(switch) => Some((key, switch)),
                _ => None,
            });
            for (key, switch) in tolerant {
                if spelled.contains_key(key.name) {
                    spelled.insert(switch.to_owned(), true.into());
                }
            }
        }
        *map = spelled;
    }

    fn kind(self, kind: &'static Kind, outer: Option<&str>, value: &mut Value) {
        match (kind, self) {
            (Kind::Section(section), _) => self.section(section, outer, value),
            (Kind::List { item, order }, _) => {
                let Some(items) = value.as_array_mut() else { return };
                items.iter_mut().for_each(|value| self.kind(item, outer, value));
                // The interfaces of a document are named by position in plans.
                let is_nameless = !matches!(item, Kind::Section(of) if of.name == "interface");
                if self == Variant::Order && *order == Order::Unordered && is_nameless {
                    items.reverse();
                }
            }
            (Kind::Integer { text, .. }, Variant::NumbersAsStrings) if *text != Digits::None => {
                if let Some(number) = value.as_i64() {
                    *value = number.to_string().into();
                }
            }
            (Kind::Text(form), Variant::Addresses) => {
                if let Some(text) = value.as_str().and_then(|text| spelled(*form, text)) {
                    *value = text.into();
                }
            }
            (Kind::Enum { choices, lenient, .. }, Variant::Aliases) => {
                let choice = choices.iter().find(|choice| *value == choice.name);
                let Some(alias) = choice.and_then(|choice| choice.aliases.first()) else { return };
                match alias.parse::<u64>() {
                    Ok(number) if *lenient => *value = number.into(),
                    _ => *value = (*alias).into(),
                }
            }
            _ => {}
        }
    }
}

fn spelled(form: Text, text: &str) -> Option<String> {
    match form {
        Text::Mac => Some(text.to_ascii_lowercase()),
        Text::Ip | Text::IpNetwork => {
            let (address, rest) =
                text.split_once('/').map_or((text, ""), |(a, _)| (a, &text[a.len()..]));
            let address: std::net::Ipv6Addr = address.parse().ok()?;
            let groups: Vec<_> =
                address.segments().iter().map(|group| format!("{group:04X}")).collect();
            Some(groups.join(":") + rest)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_spelling_is_another_one_of_the_same() {
        let state = json!({"interfaces": [{"name": "b", "type": "bond", "mtu": 1500,
                "mac-address": "52:54:00:AA:00:01",
                "ipv6": {"address": [{"ip": "2001:db8::1", "prefix-length": 64}]},
                "link-aggregation": {"mode": "802.3ad", "port": ["x", "y"]}}],
            "routes": {"config": [{"destination": "::/0", "next-hop-interface": "b",
                "metric": 1024, "table-id": 254}]}});
        let document =
            |value: &Value| nmstate_schema::document::Document::from_value(value.clone()).unwrap();
        for variant in Variant::ALL {
            let spelled = variant.of(&state).unwrap_or_else(|| panic!("{}", variant.name()));
            assert_eq!(spelled != state, variant != Variant::AsWritten, "{}", variant.name());
            if !matches!(variant, Variant::Omitted | Variant::Beside) {
                let canonical = nmstate_schema::canonical::canonical;
                assert_eq!(canonical(&document(&spelled)), canonical(&document(&state)));
            }
        }
        assert_eq!(Variant::Addresses.of(&json!({"hostname": {"config": "a"}})), None);
    }
}
