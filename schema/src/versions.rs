//! What of a document the nmstate of a host is too old for.
//!
//! nmstate refuses a document with a key that it does not know as a whole, and names the key alone.
//! The table knows the first version of each, so that this can be said before anything is sent, at
//! its place and with the version that is needed.

use serde_json::Value;

use crate::document::Document;
use crate::finding::Finding;
use crate::keys::{INTERFACE, Kind, STATE, Section, interface_type};
use crate::path::Path;
use crate::phrase::Phrase;
use crate::walk;

/// The keys and interface types of a document that nmstate has only after `version`, such as
/// `2.2.20`; none when that is no version.
pub fn unknown_to(document: &Document, version: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(number) = parse(version) {
        let host = Host { version, number };
        host.section(&STATE, None, document.as_value(), &Path::new(), &mut findings);
    }
    findings
}

/// The nmstate of a host.
struct Host<'a> {
    version: &'a str,
    number: [u32; 3],
}

impl Host<'_> {
    fn section(
        &self,
        section: &'static Section,
        outer: Option<&str>,
        value: &Value,
        path: &Path,
        findings: &mut Vec<Finding>,
    ) {
        let Value::Object(map) = value else { return };
        let own_type = walk::interface_type(section, map, outer);
        if std::ptr::eq(section, &raw const INTERFACE)
            && let Some(known) = own_type.and_then(interface_type)
        {
            let what = Phrase::from("interface type `{}` {}").with(known.name);
            self.check(what, known.since, &path.join("type"), findings);
        }
        for (name, value) in map.iter().filter(|(_, value)| !value.is_null()) {
            let Some(key) = section.key_for(name, own_type) else { continue };
            let path = path.join(name.as_str());
            let what = Phrase::from("{} {}").place(&path);
            if self.check(what, key.since, &path, findings) {
                self.kind(&key.kind, own_type, value, &path, findings);
            }
        }
    }

    fn kind(
        &self,
        kind: &Kind,
        own_type: Option<&str>,
        value: &Value,
        path: &Path,
        findings: &mut Vec<Finding>,
    ) {
        match (kind, value) {
            (Kind::Section(section), _) => self.section(section, own_type, value, path, findings),
            (Kind::List { item, .. }, Value::Array(items)) => {
                for (index, value) in items.iter().enumerate() {
                    let path = path.join(walk::item_step(item, value, index));
                    self.kind(item, own_type, value, &path, findings);
                }
            }
            _ => {}
        }
    }

    /// Whether the host has what came `since`; a finding when not.
    fn check(&self, what: Phrase, since: &str, path: &Path, findings: &mut Vec<Finding>) -> bool {
        let is_known = parse(since).is_none_or(|since| since <= self.number);
        if !is_known {
            let needs =
                format!("needs nmstate {since} or newer, and the host has {}", self.version);
            let message = what.with(needs);
            let hint = "update nmstate on the host, or leave it out";
            findings.push(Finding::new(path.clone(), message).with_hint(hint));
        }
        is_known
    }
}

/// The numbers of a version; what a distribution adds to it does not count.
fn parse(version: &str) -> Option<[u32; 3]> {
    let mut numbers = version.split(['.', '-', '~', '+', '_']).map(str::parse);
    let mut next = || numbers.next()?.ok();
    Some([next()?, next()?, next()?])
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "
interfaces:
- name: eth1
  type: ethernet
  mtu: 1400
  802.1x: {identity: me, password: s3cret}
- name: macsec0
  type: macsec
  macsec: {mka-cak: s3cret}
- name: br0
  type: linux-bridge
  bridge:
    port:
    - name: eth2
      stp-priority: 32
";

    fn found(version: &str) -> Vec<String> {
        let document = Document::parse(DOCUMENT).unwrap();
        unknown_to(&document, version).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_place_with_both_versions() {
        let older = found("2.2.19");
        assert!(
            older.iter().any(|one| {
                one.starts_with(
                    "interfaces[eth1].802.1x.password: `interfaces[eth1].802.1x.password` needs \
                     nmstate 2.2.37 or newer, and the host has 2.2.19",
                )
            }),
            "{older:#?}"
        );
        assert!(
            older.iter().any(|one| one.starts_with(
                "interfaces[macsec0].type: interface type `macsec` needs nmstate 2.2.20"
            )),
            "{older:#?}"
        );
        assert!(older.iter().all(|one| !one.contains("s3cret") && !one.contains("br0")));
        let between = found("2.2.20-3.el9");
        let [one] = between.as_slice() else { panic!("{between:#?}") };
        assert!(one.starts_with("interfaces[eth1].802.1x.password"), "{one}");
    }

    #[test]
    fn a_new_enough_or_unheard_of_version_is_no_finding() {
        for version in ["2.2.37", "2.3.0", "3.0.0", "", "unknown"] {
            assert_eq!(found(version), [""; 0], "{version}");
        }
    }

    #[test]
    fn what_is_new_as_a_whole_is_named_once() {
        let document = Document::parse(
            "interfaces:\n- {name: eth1, wait-ip: any, mptcp: {address-flags: [signal]}}",
        )
        .unwrap();
        let paths: Vec<String> =
            unknown_to(&document, "0.0.1").iter().map(|one| one.path.to_string()).collect();
        let mptcp = paths.iter().filter(|path| path.contains("mptcp")).count();
        assert!(mptcp <= 1, "{paths:?}");
    }
}
