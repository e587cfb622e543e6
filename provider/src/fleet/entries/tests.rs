use std::sync::Arc;

use tfplugin::Value;

use super::super::{Fleet, Member, known_host};
use super::*;
use crate::configuration::Configuration;

/// A provider block with these entries of `hosts`, each an address and its `ssh`.
fn block(entries: &[(&str, &str, Value)]) -> Value {
    let hosts = entries.iter().map(|(name, address, ssh)| {
        let entry = Value::object([("address", Value::from(*address)), ("ssh", ssh.clone())]);
        ((*name).to_owned(), entry)
    });
    let ssh = [("user", Value::from("root")), ("config_file", "none".into())];
    let ssh = Value::object(ssh.into_iter().chain([("agent", Value::from(false))]));
    Value::object([("hosts", Value::object(hosts)), ("ssh", ssh)])
}

fn ssh(name: &str, value: &str) -> Value {
    Value::object([(name, value)])
}

fn configured(block: &Value) -> (Fleet, Vec<(String, String)>) {
    let mut diagnostics = Diagnostics::new();
    let configuration = Configuration::parse(block, &mut diagnostics);
    let fleet = Fleet::new(configuration);
    fleet.check(&mut diagnostics);
    let found = diagnostics.iter().map(|one| {
        let path = one.attribute.as_ref().map(ToString::to_string).unwrap_or_default();
        (path, format!("{}; {}", one.summary, one.detail))
    });
    let found = found.collect();
    (fleet, found)
}

fn member(fleet: &Fleet, name: &str) -> Result<Arc<Member>, Error> {
    fleet.resolve(&Value::from(name)).and_then(known_host).map(|(_, member)| member)
}

#[test]
fn one_address_behind_two_jump_hosts_is_two_hosts() {
    let block = block(&[
        ("a", "127.0.0.1:22", ssh("jump", "root@192.0.2.1")),
        ("b", "127.0.0.1:22", ssh("jump", "root@192.0.2.2")),
        ("c", "127.0.0.1:22", ssh("jump", "root@192.0.2.1")),
    ]);
    let (fleet, findings) = configured(&block);
    assert_eq!(findings, []);
    let [a, b, c] = ["a", "b", "c"].map(|name| member(&fleet, name).unwrap());
    assert!(!Arc::ptr_eq(&a, &b));
    assert!(Arc::ptr_eq(&a, &c));
    assert_eq!((a.entry.as_deref(), b.entry.as_deref()), (Some("a"), Some("b")));
}

#[test]
fn entries_of_one_host_agree_in_the_rest() {
    let entries = [
        ("a", "web1", ssh("identity_file", "/k/one")),
        ("b", "web1", ssh("identity_file", "/k/two")),
        ("c", "web2", ssh("private_key", "s3cret")),
        ("d", "web2:22", ssh("private_key", "0ther")),
        ("e", "web3", ssh("known_hosts_file", "/kh")),
        ("f", "web3", Value::Null),
    ];
    let (_, findings) = configured(&block(&entries));
    let paths: Vec<&str> = findings.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["hosts[\"b\"]", "hosts[\"d\"]", "hosts[\"f\"]"]);
    let expected = [
        "host `b`: it leads to the same host as `a`, with another `ssh.identity_file`; both are \
         `root@web1:22`",
        "host `d`: it leads to the same host as `c`, with another `ssh.private_key`; both are",
        "host `f`: it leads to the same host as `e`, with another `ssh.known_hosts_file`; both are",
    ];
    for ((_, text), expected) in findings.iter().zip(expected) {
        assert!(text.starts_with(expected), "{text}");
        assert!(!text.contains("s3cret") && !text.contains("0ther"), "{text}");
    }
}

#[test]
fn a_destination_agrees_with_the_entry_of_its_host() {
    let mut block =
        block(&[("a", "web1", ssh("identity_file", "/k/one")), ("b", "web2", Value::Null)]);
    block.set_attribute("destinations", true);
    for names in [["a", "root@web1"], ["root@web1", "a"]] {
        let (fleet, _) = configured(&block);
        let outcomes = names.map(|name| member(&fleet, name).map_err(|error| error.to_string()));
        let failed: Vec<&String> = outcomes.iter().filter_map(|one| one.as_ref().err()).collect();
        let expected = "host `root@web1`: it leads to the same host as `a`, with another \
                        `ssh.identity_file`";
        assert_eq!(failed, [expected]);
    }
    let (fleet, _) = configured(&block);
    let [one, other] = ["b", "root@web2:22"].map(|name| member(&fleet, name).unwrap());
    assert!(Arc::ptr_eq(&one, &other));
    assert_eq!(one.entry.as_deref(), Some("b"));
}

#[test]
fn a_name_is_a_key_of_hosts_where_there_are_hosts() {
    let entries = ["web1", "web2", "db1"].map(|name| (name, "192.0.2.1", ssh("jump", name)));
    let given = block(&entries);
    let (fleet, _) = configured(&given);
    let error = member(&fleet, "wbe1").unwrap_err();
    assert_eq!(error.to_string(), "host `wbe1`: it is no key of the provider's `hosts`");
    let hint = error.hint.unwrap();
    assert!(hint.starts_with("did you mean `web1`; "), "{hint}");
    let hint = member(&fleet, "web3").unwrap_err().hint.unwrap();
    assert!(hint.starts_with("did you mean `web1` or `web2`; "), "{hint}");
    assert!(hint.contains("`destinations = true`"), "{hint}");
    let hint = member(&fleet, "local").unwrap_err().hint.unwrap();
    assert!(hint.starts_with("`hosts` has `db1`, `web1`, `web2`; "), "{hint}");

    // The empty map of a fleet that has lost its last host.
    let (fleet, _) = configured(&block(&[]));
    assert!(member(&fleet, "web1").unwrap_err().hint.unwrap().starts_with("`hosts` is empty"));

    let mut asked = given.clone();
    asked.set_attribute("destinations", true);
    let (fleet, _) = configured(&asked);
    assert!(member(&fleet, "wbe1").is_ok() && fleet.knows("wbe1"));
    let mut without = given;
    without.set_attribute("hosts", Value::Null);
    let (fleet, _) = configured(&without);
    assert!(member(&fleet, "wbe1").is_ok() && fleet.knows("wbe1") && !fleet.has_entry("wbe1"));
}

#[test]
fn the_default_host_is_a_key_of_hosts_too() {
    let mut given = block(&[("web1", "192.0.2.1", Value::Null)]);
    given.set_attribute("host", "wbe1");
    let (fleet, findings) = configured(&given);
    let [(path, text)] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!(path, "host");
    assert!(text.starts_with("host `wbe1`: it is no key of the provider's `hosts`; "), "{text}");
    assert!(fleet.resolve(&Value::Null).is_err());
    given.set_attribute("destinations", Value::Unknown);
    let (fleet, findings) = configured(&given);
    assert_eq!(findings, []);
    assert!(matches!(fleet.resolve(&Value::Null), Ok(super::super::Resolved::Unknown)));
}
