//! What the traffic of an interface goes through next.

use std::collections::BTreeSet;

use crate::canonical::canonical;
use crate::document::Document;
use crate::lookup;

/// The interfaces that carry on the traffic of `interface` in this document, itself among them:
/// the controller that it is a port of, what stands on it such as a VLAN, and so on upwards.
pub fn carried(document: &Document, interface: &str) -> BTreeSet<String> {
    let document = canonical(document);
    let mut names = BTreeSet::from([interface.to_owned()]);
    loop {
        let before = names.len();
        for above in document.interfaces() {
            let Some(name) = above["name"].as_str() else { continue };
            let stands = above.as_object().is_some_and(|above| {
                names.iter().any(|base| lookup::stands_on(above, &base.as_str().into()))
            });
            let controls = || lookup::ports(above).iter().any(|port| names.contains(port));
            if stands || controls() {
                names.insert(name.to_owned());
            }
        }
        // A port may name its controller instead.
        let named: Vec<String> = document
            .interfaces()
            .filter(|port| port["name"].as_str().is_some_and(|name| names.contains(name)))
            .filter_map(|port| port["controller"].as_str().filter(|name| !name.is_empty()))
            .map(str::to_owned)
            .collect();
        names.extend(named);
        if names.len() == before {
            return names;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upwards_through_controllers_and_vlans() {
        let document = Document::parse(
            "interfaces:\n\
             - {name: bond0.7, type: vlan, vlan: {base-iface: bond0, id: 7}}\n\
             - {name: bond0, type: bond, link-aggregation: {mode: active-backup, port: [eth0]}}\n\
             - {name: eth0, type: ethernet}\n\
             - {name: eth1, type: ethernet, controller: br0}\n",
        )
        .unwrap();
        let names = |name| carried(&document, name).into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(names("eth0"), "bond0 bond0.7 eth0");
        assert_eq!(names("eth1"), "br0 eth1");
        assert_eq!(names("eth2"), "eth2");
    }
}
