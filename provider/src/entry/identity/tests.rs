//! Identities of types that move into each other are of one form.

use std::sync::Arc;

use nmstate_schema::keys;
use tfplugin::{Provider as _, ReadRequest, Resource as _};

use super::*;
use crate::configuration::{Configuration, schema};
use crate::fleet::Fleet;
use crate::kinds::interface::Interface;
use crate::provider::NmstateProvider;
use crate::shared::Shared;

const OWN_TYPES: &str = "an interface has a type";

fn resource(of_type: Option<&'static str>) -> EntryResource<Interface> {
    EntryResource::new(Interface { of_type }, Arc::new(Shared::default()))
}

fn all() -> Vec<Option<&'static str>> {
    keys::interface_types().iter().map(|one| Some(one.name)).chain([None]).collect()
}

/// The pairs of types between which an entry can move.
fn moves() -> Vec<(EntryResource<Interface>, EntryResource<Interface>)> {
    let mut moves = Vec::new();
    for target in all() {
        for source in all() {
            let source = resource(source);
            if (Interface { of_type: target }).source(&source.name).is_some() {
                moves.push((source, resource(target)));
            }
        }
    }
    moves
}

#[test]
fn types_that_move_into_each_other_have_one_schema() {
    let moves = moves();
    assert_eq!(moves.len(), 2 * keys::interface_types().len(), "there and back for every type");
    for (source, target) in moves {
        let [from, to] = [&source, &target].map(|one| one.identity_schema().expect(OWN_TYPES));
        assert_eq!(from.version, to.version, "{} to {}", source.name, target.name);
        assert_eq!(from.implied_type(), to.implied_type(), "{} to {}", source.name, target.name);
        let required = |schema: &IdentitySchema| -> Vec<String> {
            let all = schema.attributes.iter().filter(|one| one.required_for_import);
            all.map(|one| one.name.clone()).collect()
        };
        assert_eq!(required(&from), required(&to), "{} to {}", source.name, target.name);
    }
    // No other kind moves.
    let resources = NmstateProvider::default().resources();
    let interfaces: Vec<String> = all().into_iter().map(|one| resource(one).name).collect();
    for other in resources.iter().filter(|one| !interfaces.contains(&one.type_name().to_owned())) {
        assert!((Interface { of_type: None }).source(other.type_name()).is_none());
    }
}

/// A provider whose only host does not answer, which leaves a state as it is.
fn unreachable() -> Arc<Shared> {
    let block = schema().attributes.into_iter().map(|one| (one.name, Value::Null));
    let mut block = Value::object(block);
    block.set_attribute("host", "root@127.0.0.1:9");
    block.set_attribute("unreachable", "warn");
    let mut diagnostics = Diagnostics::new();
    let configuration = Configuration::parse(&block, &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    let shared = Shared::default();
    shared.configure(Fleet::new(configuration));
    Arc::new(shared)
}

#[tokio::test]
async fn a_refresh_takes_the_identity_of_the_source() {
    let shared = unreachable();
    for (source, target) in moves() {
        let of_type = source.kind.of_type.or(target.kind.of_type).expect(OWN_TYPES);
        let state = Attributes::from([
            ("name".into(), Value::from("x0")),
            ("host".into(), Value::from("root@127.0.0.1:9")),
            ("type".into(), Value::from(of_type)),
        ]);
        let identity = source.identity_of(&state).expect(OWN_TYPES);
        let target = EntryResource::new(Interface { ..target.kind }, Arc::clone(&shared));
        let schema = target.identity_schema().expect(OWN_TYPES);
        // As core does: what the source has said, in the form of the target.
        let kept = tfplugin::rules::check_identity(&schema, &identity);
        assert_eq!(kept, [""; 0], "{} to {}", source.name, target.name);
        let attributes = target.schema().attributes.into_iter().map(|one| one.name);
        let known = |name: &String| state.get(name).cloned().unwrap_or_default();
        let request = ReadRequest {
            state: Value::object(attributes.map(|name| (name.clone(), known(&name)))),
            private: Vec::new(),
            identity: Some(identity.clone()),
        };
        let mut diagnostics = Diagnostics::new();
        let read = target.read(request, &mut diagnostics).await;
        assert!(!diagnostics.has_errors(), "{}: {diagnostics:?}", target.name);
        assert_eq!(read.identity, Some(identity), "{} to {}", source.name, target.name);
    }
}

#[test]
fn an_identity_of_before_the_type_was_part_of_it_gets_one() {
    let before = RawState::new(br#"{"host":"web1","name":"br0"}"#.to_vec());
    let mut diagnostics = Diagnostics::new();
    let typed = resource(Some("linux-bridge"));
    let upgraded = typed.upgraded_identity(&before, &mut diagnostics).expect("it can be read");
    let expected = [("host", "web1"), ("name", "br0"), ("type", "linux-bridge")];
    assert_eq!(upgraded, Value::object(expected));
    // OpenTofu hands it to the target of a move, which learns the type from the state.
    let any = resource(None);
    let upgraded = any.upgraded_identity(&before, &mut diagnostics).expect("it can be read");
    assert_eq!(upgraded.attribute("type"), &Value::Null);
    let state = Value::object([("name", "br0"), ("type", "linux-bridge"), ("host", "web2")]);
    assert_eq!(any.lasting_identity(Some(upgraded), &state), Some(Value::object(expected)));
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
}

#[tokio::test]
async fn a_typed_resource_refuses_another_type() {
    let typed = resource(Some("linux-bridge"));
    let identity = Value::object([("name", "br0"), ("type", "bond")]);
    let mut diagnostics = Diagnostics::new();
    assert!(typed.import_identity(&identity, &mut diagnostics).await.is_none());
    let found: Vec<_> = diagnostics.iter().map(|one| one.summary.as_str()).collect();
    assert_eq!(found, ["`type` is `bond`, and `nmstate_linux_bridge` has only `linux-bridge`"]);
}
