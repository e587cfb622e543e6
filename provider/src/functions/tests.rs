//! The functions as core calls them: values in, a value or one error out.

use serde_json::json;
use tfplugin::{Function, FunctionError, Value};

use super::{all, canonical, diff, merge, parse, revert};
use crate::convert;
use crate::document::dynamic;

/// Polls once: no function waits for anything.
fn call(function: &dyn Function, arguments: &[Value]) -> Result<serde_json::Value, FunctionError> {
    let mut call = function.call(arguments.to_vec());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match call.as_mut().poll(&mut context) {
        std::task::Poll::Ready(outcome) => {
            outcome.map(|value| convert::plain_to_json(&value).unwrap())
        }
        std::task::Poll::Pending => panic!("`{}` waits for something", function.name()),
    }
}

fn eth1(mtu: i64) -> serde_json::Value {
    json!({"interfaces": [{"name": "eth1", "type": "ethernet", "state": "up", "mtu": mtu}]})
}

#[test]
fn objects_and_texts_are_the_same() {
    let text = "interfaces: [{name: eth1, type: ethernet, state: up, mtu: 1500}]";
    let policy =
        format!("kind: NodeNetworkConfigurationPolicy\nspec: {{desiredState: {{{text}}}}}");
    for argument in
        [dynamic(&eth1(1500)), text.into(), policy.into(), eth1(1500).to_string().into()]
    {
        assert_eq!(call(&parse::Parse, &[argument]).unwrap(), eth1(1500));
    }
}

#[test]
fn the_results() {
    let (old, new) = (dynamic(&eth1(1500)), dynamic(&eth1(9000)));
    let differences = call(&diff::Diff, &[old.clone(), new.clone()]).unwrap();
    let expected = json!([{"path": "interfaces[eth1].mtu", "from": "1500", "to": "9000"}]);
    assert_eq!(differences, expected);
    assert_eq!(call(&diff::Diff, &[old.clone(), old.clone()]).unwrap(), json!([]));
    let back = call(&revert::Revert, &[old.clone(), new]).unwrap();
    assert_eq!(call(&diff::Diff, &[old.clone(), dynamic(&back)]).unwrap(), json!([]));
    assert_eq!(back["interfaces"][0]["mtu"], 1500);
    let spelled = "interfaces: [{name: eth1, mac-address: '52:54:00:aa:bb:cc', mtu: '1500'}]";
    let canonical = call(&canonical::Canonical, &[spelled.into()]).unwrap();
    assert_eq!(
        canonical["interfaces"],
        json!([{"name": "eth1", "mac-address": "52:54:00:AA:BB:CC", "mtu": 1500}])
    );
    let part = "interfaces: [{name: eth1, ipv4: {enabled: false}}]";
    let merged = call(&merge::Merge, &[old, part.into()]).unwrap();
    assert_eq!(merged["interfaces"][0]["ipv4"], json!({"enabled": false}));
    assert_eq!(merged["interfaces"][0]["mtu"], 1500);
    assert_eq!(call(&merge::Merge, &[]).unwrap(), json!({}));
}

#[test]
fn a_contradiction_names_both_and_no_secret() {
    let fine = Value::from("interfaces: [{name: eth2, type: ethernet}]");
    let arguments = [dynamic(&eth1(1500)), fine, dynamic(&eth1(9000))];
    let error = call(&merge::Merge, &arguments).unwrap_err();
    assert_eq!(error.argument, Some(2));
    for word in ["documents 1 and 3", "`interfaces[eth1].mtu`", "`1500`", "`9000`"] {
        assert!(error.text.contains(word), "{error}");
    }
    let secret = |text: &str| {
        let key = format!("{{identity: me, private-key-password: {text}}}");
        Value::from(format!("interfaces: [{{name: eth1, type: ethernet, 802.1x: {key}}}]"))
    };
    let error = call(&merge::Merge, &[secret("one"), secret("other")]).unwrap_err();
    assert!(error.text.contains("private-key-password"), "{error}");
    assert!(!error.text.contains("`one`") && !error.text.contains("`other`"), "{error}");
}

#[test]
fn errors_are_all_there_and_point_at_the_argument() {
    let wrong = Value::from("interfaces: [{name: eth1, mut: 1500, mtu: -1}]");
    let error = call(&parse::Parse, std::slice::from_ref(&wrong)).unwrap_err();
    assert_eq!(error.argument, Some(0));
    assert!(error.text.contains("2 errors"), "{error}");
    assert!(error.text.contains("`mut`") && error.text.contains("`-1`"), "{error}");
    let error = call(&diff::Diff, &["{}".into(), wrong.clone()]).unwrap_err();
    assert_eq!(error.argument, Some(1));
    // What a host is may hold what the table does not know.
    assert!(call(&diff::Diff, &[wrong.clone(), "{}".into()]).is_ok());
    let error = call(&merge::Merge, &[wrong]).unwrap_err();
    assert_eq!(error.argument, None);
    assert!(error.text.contains("2 errors"), "{error}");
}

#[test]
fn a_hostile_text_is_an_error_for_every_function() {
    let level =
        |name: char, inner: char| format!("{name}: &{name} [{}]\n", format!("*{inner},").repeat(9));
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    bomb.extend(('b'..='i').zip('a'..='h').map(|(name, inner)| level(name, inner)));
    let texts = [bomb, "[".repeat(100_000), "routes: {}\nroutes: {}\n".into(), "\u{0}".into()];
    for function in all() {
        let count = function.signature().parameters.len().max(1);
        for text in &texts {
            let arguments = vec![Value::from(text.as_str()); count];
            let error = call(function.as_ref(), &arguments).unwrap_err();
            assert_eq!(error.argument, Some(0), "{}: {error}", function.name());
            assert!(error.text.len() < 500, "{}: {error}", function.name());
        }
    }
}
