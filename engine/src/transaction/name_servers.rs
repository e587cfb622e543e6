//! Name servers that stay when the IP family of the interface is switched off whose profile holds
//! them.
//!
//! nmstate leaves them in that profile, and NetworkManager takes no profile with name servers and
//! without the family. nmstate takes them out only where a document says that there are none: so it
//! is told that, and NetworkManager gets them back for the whole host while the checkpoint still
//! stands, which is where nmstate would have put them.

use nmstate_schema::canonical::canonical;
use nmstate_schema::document::Document;
use nmstate_schema::{Value, find_interface};
use serde_json::json;

use super::removal::unused_ipv4;
use crate::networkmanager::Profiles;
use crate::snapshot::Snapshot;

const FAMILIES: [&str; 2] = ["ipv4", "ipv6"];
const LISTS: [&str; 3] = ["server", "search", "options"];

/// The servers, search domains and options to be given back, if nmstate is not to see them.
pub(super) fn kept(
    desired: &Document,
    before: &Snapshot,
    profiles: &Profiles,
) -> Option<[Vec<String>; 3]> {
    let desired = canonical(desired);
    let unused = unused_ipv4(&desired, before);
    let is_held = desired.interfaces().any(|one| {
        let name = find_interface(before.canonical(), one).unwrap_or(one)["name"].as_str();
        name.is_some_and(|name| {
            FAMILIES.iter().any(|&family| {
                let is_off = one[family]["enabled"] == false
                    || (family == "ipv4" && unused.iter().any(|one| one == name));
                is_off && profiles.hold_name_servers(name, family)
            })
        })
    });
    let lists = LISTS.map(|key| list(&desired, before, key));
    let [servers, ..] = &lists;
    let is_of_an_interface = servers.iter().any(|server| server.contains('%'));
    let is_kept = is_held && !servers.is_empty() && !is_of_an_interface && !adds_dynamic(&desired);
    is_kept.then_some(lists)
}

/// The document without name servers.
pub(super) fn without(document: &Document) -> Document {
    let mut tree = document.as_value().clone();
    let config = LISTS.iter().map(|&key| (key.to_owned(), json!([]))).collect::<Value>();
    tree["dns-resolver"] = json!({ "config": config });
    Document::from_value(tree).unwrap_or_else(|_| document.clone())
}

/// A list of the DNS configuration after the change.
fn list(desired: &Document, before: &Snapshot, key: &str) -> Vec<String> {
    let config = |document: &Document| document.as_value()["dns-resolver"]["config"].clone();
    let asked = config(desired);
    let is_emptied = asked.as_object().is_some_and(serde_json::Map::is_empty);
    let value = match asked.get(key) {
        Some(value) if !value.is_null() => value.clone(),
        _ if is_emptied => Value::Null,
        _ => config(before.canonical())[key].clone(),
    };
    let texts = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

/// True if the document asks for name servers of DHCP besides: then nmstate keeps all of them in
/// profiles, and moves them itself.
fn adds_dynamic(desired: &Document) -> bool {
    desired.interfaces().any(|one| {
        FAMILIES.iter().any(|&family| {
            let ip = &one[family];
            let is_auto = ip["dhcp"] == true || ip["autoconf"] == true;
            ip["enabled"] != false && is_auto && ip["auto-dns"] == true
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "dns-resolver: {config: {server: [192.0.2.53], search: [example.org]}}\n\
                        interfaces: [{name: eth1, type: ethernet, ipv4: {enabled: true, dhcp: false, \
                        address: [{ip: 192.0.2.1, prefix-length: 24}]}}, {name: eth2, type: ethernet}]";

    fn kept_by(desired: &str) -> Option<[Vec<String>; 3]> {
        let before = Snapshot::with_state(Document::parse(HOST).unwrap(), None);
        let profiles = Profiles::fake("eth1", &json!({}), &["ipv4"]);
        kept(&Document::parse(desired).unwrap(), &before, &profiles)
    }

    #[test]
    fn of_a_family_that_goes() {
        let host = [vec!["192.0.2.53".to_owned()], vec!["example.org".to_owned()], Vec::new()];
        let off = "interfaces: [{name: eth1, ipv4: {enabled: false}}]";
        assert_eq!(kept_by(off), Some(host.clone()));
        let empty = "interfaces: [{name: eth1, ipv4: {enabled: true, dhcp: false, address: []}}]";
        assert_eq!(kept_by(empty), Some(host));
        let changed = format!("{off}\ndns-resolver: {{config: {{server: [192.0.2.54]}}}}");
        assert_eq!(
            kept_by(&changed).map(|[servers, ..]| servers),
            Some(vec!["192.0.2.54".to_owned()])
        );
    }

    #[test]
    fn nothing_where_nmstate_moves_them_itself() {
        let off = "interfaces: [{name: eth1, ipv4: {enabled: false}}]";
        for document in [
            "interfaces: [{name: eth2, ipv4: {enabled: false}}]".to_owned(),
            "interfaces: [{name: eth1, ipv6: {enabled: false}}]".to_owned(),
            "interfaces: [{name: eth1, mtu: 1400}]".to_owned(),
            "interfaces: [{name: eth1, state: absent}]".to_owned(),
            format!("{off}\ndns-resolver: {{config: {{}}}}"),
            format!("{off}\ndns-resolver: {{config: {{server: []}}}}"),
            format!("{off}\ndns-resolver: {{config: {{server: ['fe80::1%eth2']}}}}"),
            "interfaces: [{name: eth1, ipv4: {enabled: false}}, {name: eth2, ipv4: {enabled: true, \
             dhcp: true, auto-dns: true}}]"
                .to_owned(),
        ] {
            assert_eq!(kept_by(&document), None, "{document}");
        }
    }

    #[test]
    fn nmstate_sees_none() {
        let document = Document::parse("interfaces: [{name: eth1}]").unwrap();
        let config = &without(&document).into_value()["dns-resolver"]["config"];
        assert_eq!(*config, json!({ "server": [], "search": [], "options": [] }));
    }
}
