//! Addresses of one entry that are of one family.

use std::net::IpAddr;

use serde_json::{Map, Value};

use crate::finding::Finding;
use crate::path::Path;
use crate::phrase::Phrase;
use crate::text;

/// The name of the family of an address.
pub(super) fn name(address: IpAddr) -> &'static str {
    if address.is_ipv6() { "IPv6" } else { "IPv4" }
}

/// The address of a key, or that of its network; none when there is none or it is malformed.
pub(super) fn address(section: &Map<String, Value>, key: &str) -> Option<IpAddr> {
    section.get(key).and_then(Value::as_str).and_then(text::ip_address)
}

/// Reports each of these keys that is of another family than the first of them that says one.
pub(super) fn check_alike(
    section: &Map<String, Value>,
    keys: &[&str],
    findings: &mut Vec<Finding>,
) {
    let mut given = keys.iter().filter_map(|key| Some((*key, address(section, key)?)));
    let Some((first, known)) = given.next() else { return };
    for (key, address) in given.filter(|(_, address)| address.is_ipv4() != known.is_ipv4()) {
        findings.push(
            Finding::new(
                Path::new().join(key),
                Phrase::from("{} is of {}, and {} is of {}")
                    .with(quoted(section, key))
                    .with(name(address))
                    .key(first)
                    .with(name(known)),
            )
            .with_hint(Phrase::from("give {} and {} of one family").key(first).key(key)),
        );
    }
}

/// Reports each of these keys that is not of the family that something else asks for.
pub(super) fn check_family(
    section: &Map<String, Value>,
    keys: &[&str],
    (is_ipv6, reason): (bool, &Phrase),
    findings: &mut Vec<Finding>,
) {
    for key in keys {
        let Some(address) = address(section, key) else { continue };
        if address.is_ipv6() != is_ipv6 {
            findings.push(
                Finding::new(
                    Path::new().join(*key),
                    Phrase::from("{} is of {}").with(quoted(section, key)).with(name(address)),
                )
                .with_hint(reason.clone()),
            );
        }
    }
}

fn quoted(section: &Map<String, Value>, key: &str) -> String {
    format!("`{}`", section.get(key).and_then(Value::as_str).unwrap_or_default())
}
