//! What is wrong with a document on one host, of which more is known than of any.

use serde_json::{Map, Value};

use super::Finding;
use crate::canonical::canonical;
use crate::document::Document;
use crate::lookup::{self, Index};
use crate::path::Path;
use crate::phrase::Phrase;

/// The families of an interface, by their keys.
const FAMILIES: [(&str, &str); 2] = [("ipv4", "IPv4"), ("ipv6", "IPv6")];

/// What is wrong with a document on a host in state `current`, beside what [`super::validate`] finds.
///
/// nmstate switches no family on because of its addresses: it drops them, waits for them, and says
/// after all retries that the interface does not have them.
pub fn on_host(document: &Document, current: &Document) -> Vec<Finding> {
    let (document, current) = (canonical(document), canonical(current));
    let index = Index::of(&current);
    let mut findings = Vec::new();
    for interface in document.interfaces().filter_map(Value::as_object) {
        let is_up = interface.get("state").is_none_or(|state| state == "up");
        if !is_up || interface.get("type").is_some_and(lookup::is_user_space) {
            continue;
        }
        let found = index.find(interface);
        for (family, word) in FAMILIES {
            let Some(Value::Object(section)) = interface.get(family) else { continue };
            let is_on = found.and_then(|found| found.get(family)).is_some_and(is_enabled);
            let Some(key) = in_vain(section).filter(|_| !is_on) else { continue };
            let name = interface.get("name").and_then(Value::as_str).unwrap_or_default();
            let path = Path::new().join("interfaces").join(lookup::item(name));
            let message =
                Phrase::from("{} has no effect while {} is switched off on the interface");
            findings.push(
                Finding::new(path.join(family).join(key), message.key(key).with(word))
                    .with_hint(Phrase::from("set <enabled: true> beside {}").key(key)),
            );
        }
    }
    findings
}

fn is_enabled(section: &Value) -> bool {
    section.get("enabled") == Some(&Value::Bool(true))
}

/// The key of a section that says nothing of `enabled`, and that has an effect only with it.
fn in_vain(section: &Map<String, Value>) -> Option<&'static str> {
    let is_given = |key: &&str| match section.get(*key) {
        Some(Value::Array(items)) => !items.is_empty(),
        value => value == Some(&Value::Bool(true)),
    };
    let is_open = !section.contains_key("enabled");
    ["address", "dhcp", "autoconf"].into_iter().find(is_given).filter(|_| is_open)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_need_a_family_that_is_on() {
        let host = Document::parse(
            "interfaces: [{name: eth1, type: ethernet, ipv4: {enabled: true}, ipv6: {enabled: false}}]",
        )
        .unwrap();
        let address = "{ip: 192.0.2.1, prefix-length: 24}";
        for (interface, expected) in [
            (format!("name: dummy0, type: dummy, ipv4: {{address: [{address}]}}"), Some("address")),
            ("name: dummy0, type: dummy, ipv4: {dhcp: true}".to_owned(), Some("dhcp")),
            (format!("name: eth1, ipv4: {{address: [{address}]}}"), None),
            ("name: eth1, ipv6: {autoconf: true}".to_owned(), Some("autoconf")),
            ("name: eth1, ipv6: {address: []}".to_owned(), None),
            (format!("name: dummy0, ipv4: {{enabled: true, address: [{address}]}}"), None),
            (format!("name: dummy0, state: down, ipv4: {{address: [{address}]}}"), None),
        ] {
            let document = Document::parse(&format!("interfaces: [{{{interface}}}]")).unwrap();
            let findings = on_host(&document, &host);
            let named: Vec<_> = findings.iter().map(|one| one.path.steps().last()).collect();
            let expected: Vec<_> = expected.into_iter().map(|key| Some(key.into())).collect();
            let expected: Vec<_> = expected.iter().map(Option::as_ref).collect();
            assert_eq!(named, expected, "{interface}: {findings:?}");
            for finding in findings {
                assert!(finding.to_string().contains("(set `enabled: true` beside"), "{finding}");
            }
        }
    }
}
