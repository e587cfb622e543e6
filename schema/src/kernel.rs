//! Interfaces that the kernel of a host cannot make.
//!
//! nmstate finds it out by trying for two minutes; the modules that a host has tell it before.

use std::collections::BTreeSet;

use crate::canonical::canonical;
use crate::document::Document;
use crate::finding::Finding;
use crate::keys::interface_type;
use crate::lookup::{self, Index};
use crate::path::Path;
use crate::phrase::Phrase;

/// The interfaces that are to be made on a host in state `current`, of types for which its kernel has
/// none of the modules; `modules` are those of [`kernel_modules`](crate::keys::kernel_modules) that it
/// has, and `None` when the host does not tell.
#[must_use]
pub fn not_made(
    document: &Document,
    current: &Document,
    modules: Option<&BTreeSet<String>>,
) -> Vec<Finding> {
    let Some(modules) = modules else { return Vec::new() };
    let current = canonical(current);
    let document = canonical(document);
    let shown = Index::of(&current);
    let new = document.interfaces().filter_map(|one| one.as_object()).filter(|one| {
        let is_wanted =
            !matches!(one.get("state").and_then(|state| state.as_str()), Some("absent" | "ignore"));
        is_wanted && shown.find(one).is_none()
    });
    let findings = new.filter_map(|one| {
        let text = |key: &str| one.get(key).and_then(|value| value.as_str());
        let (name, own) = text("name").zip(interface_type(text("type")?))?;
        let is_lacking =
            !own.modules.is_empty() && !own.modules.iter().any(|module| modules.contains(*module));
        if !is_lacking {
            return None;
        }
        let path = Path::new().join("interfaces").join(lookup::item(name)).join("type");
        let message = format!("the kernel of the host makes no interface of type `{}`", own.name);
        let hint = format!(
            "install the package that has the module `{}`, which many distributions call \
             `kernel-modules-extra` or `linux-modules-extra`, or leave the interface out",
            own.modules.join("` or `")
        );
        Some(Finding::new(path, message).with_hint(Phrase::from(hint)))
    });
    findings.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_module_makes_is_found_before_it_is_tried() {
        let host = Document::parse("interfaces: [{name: br0, type: linux-bridge}]").unwrap();
        let has = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let found = |document: &str, modules: Option<&BTreeSet<String>>| -> Vec<String> {
            let document = Document::parse(document).unwrap();
            let findings = not_made(&document, &host, modules);
            findings.iter().map(|one| one.path.to_string()).collect()
        };
        let ring = "interfaces: [{name: hsr0, type: hsr}, {name: bond0, type: bond}]";
        assert_eq!(found(ring, Some(&has(&["bonding"]))), ["interfaces[hsr0].type"]);
        assert_eq!(found(ring, Some(&has(&["bonding", "hsr"]))), [""; 0]);
        assert_eq!(found(ring, None), [""; 0]);
        let none = Some(has(&[]));
        for fine in [
            "{name: br0, type: linux-bridge}",
            "{name: br1, type: linux-bridge, state: absent}",
            "{name: eth1, type: ethernet}",
            "{name: ovs0, type: ovs-bridge}",
            "{name: x}",
        ] {
            assert_eq!(found(&format!("interfaces: [{fine}]"), none.as_ref()), [""; 0], "{fine}");
        }
        let tunnel = "interfaces: [{name: tun0, type: ip-tunnel}]";
        assert_eq!(found(tunnel, Some(&has(&["sit"]))), [""; 0]);
    }
}
