//! Contradictions in what an interface is to be.

use serde_json::{Map, Value};

use super::TYPES;
use crate::finding::Finding;
use crate::keys::{interface_type, interface_types};
use crate::path::Path;
use crate::phrase::Phrase;
use crate::text;
use crate::validate::{nearest, valid_words};

/// The smallest packet that every IPv6 link must carry (RFC 8200, section 5).
const IPV6_MINIMUM_MTU: u64 = 1280;

/// What several keys of an interface say together.
pub(super) fn interface(section: &Map<String, Value>, findings: &mut Vec<Finding>) {
    name(section, findings);
    if let Some(mtu) = section.get("mtu").and_then(Value::as_u64)
        && mtu < IPV6_MINIMUM_MTU
        && section.get("ipv6").is_some_and(|ipv6| ipv6["enabled"] == true)
    {
        findings.push(
            Finding::new(
                Path::new().join("mtu"),
                format!("`{mtu}` is too small for IPv6, which needs {IPV6_MINIMUM_MTU} bytes"),
            )
            .with_hint("raise <mtu> or set <ipv6/enabled: false>"),
        );
    }
    for identifier in ["mac-address", "pci-address"] {
        if section.get("identifier").is_some_and(|value| value == identifier)
            && !section.contains_key(identifier)
        {
            findings.push(
                Finding::new(
                    Path::new().join("identifier"),
                    Phrase::from("`{}` needs the key {}").with(identifier).key(identifier),
                )
                .with_hint(Phrase::from("add {} or find the interface by name").key(identifier)),
            );
        }
    }
    let is_ignored = section.get("state").is_some_and(|state| state == "ignore");
    if let Some(name) = section.get("type").and_then(Value::as_str)
        && !is_ignored
        && interface_type(name).is_none()
    {
        let known = interface_types().iter().map(|known| known.name);
        let hint = match nearest(name, known) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => valid_words(TYPES),
        };
        findings.push(
            Finding::new(
                Path::new().join("type"),
                format!("`{name}` is not a type of interface that can be configured"),
            )
            .with_hint(hint),
        );
    }
}

/// The kernel gets the name of what is made in it. What is there may be found by a further name, and
/// by an identifier under any.
fn name(section: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let text = |key: &str| section.get(key).and_then(Value::as_str);
    let is_found_by_name = text("identifier").is_none_or(|identifier| identifier == "name");
    let Some(name) = text("name") else { return };
    if !is_found_by_name || text("state") == Some("ignore") {
        return;
    }
    let of_type = text("type").and_then(interface_type);
    let is_in_switch = text("type") == Some("ovs-bridge")
        || ["patch", "dpdk"].iter().any(|key| section.contains_key(*key));
    let fault = match of_type {
        _ if is_in_switch => text::switch_name_fault(name),
        Some(of_type) if of_type.is_user_space => None,
        Some(of_type) if of_type.is_virtual => text::name_fault(name),
        Some(_) | None => text::alternative_name_fault(name),
    };
    if let Some(fault) = fault {
        findings.push(unusable(Path::new().join("name"), name, &fault));
    }
}

/// That an interface cannot be called so.
pub(in crate::keys) fn unusable(path: Path, name: &str, fault: &str) -> Finding {
    Finding::new(path, format!("`{name}` cannot be the name of an interface: {fault}"))
        .with_hint("use up to 15 letters, digits, `-`, `_` and `.`")
}
