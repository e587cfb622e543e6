use std::sync::Arc;

use nmstate_engine::host::SimulatedHost;
use nmstate_schema::document::Document;
use serde_json::json;
use tfplugin::{Diagnostics, Provider as _, RawState, ReadRequest, Resource, Value};

use crate::configuration::{Configuration, schema};
use crate::fleet::Fleet;
use crate::provider::NmstateProvider;

/// A host whose ports have this password.
fn host(password: &str) -> Arc<SimulatedHost> {
    SimulatedHost::new(&with_password(password))
}

fn with_password(password: &str) -> Document {
    let port = |name: &str| {
        json!({"name": name, "type": "ethernet", "state": "up", "mtu": 1500, "ipv4": {"enabled": false},
            "802.1x": {"identity": "me", "eap-methods": ["md5"], "password": password}})
    };
    Document::from_value(json!({"interfaces": [port("eth1"), port("eth2")]})).unwrap()
}

fn texts(diagnostics: &Diagnostics) -> Vec<String> {
    diagnostics.iter().map(|one| format!("{}\n{}", one.summary, one.detail)).collect()
}

/// One run, with a host of its own in front of the simulated one.
struct Run(NmstateProvider);

impl Run {
    fn new(host: &Arc<SimulatedHost>) -> Run {
        let block = schema().attributes.into_iter().map(|one| (one.name, Value::Null));
        let mut block = Value::object(block);
        block.set_attribute("host", "host1");
        let configuration = Configuration::parse(&block, &mut Diagnostics::new());
        Run(NmstateProvider::on(Fleet::simulated(configuration, Arc::clone(host))))
    }

    /// The `ieee_802_1x` of a port after a refresh, and the warnings of that.
    async fn refresh(&self, name: &str, dot1x: &serde_json::Value) -> (Value, Vec<String>) {
        let resources = self.0.resources();
        let mut resources = resources.into_iter();
        let resource: Arc<dyn Resource> =
            resources.find(|one| one.type_name() == "nmstate_ethernet").unwrap();
        let state = json!({"name": name, "ieee_802_1x": dot1x}).to_string();
        let state = RawState::new(state.into_bytes()).decode(&resource.schema()).unwrap();
        let mut diagnostics = Diagnostics::new();
        let request = ReadRequest { state, ..ReadRequest::default() };
        let seen = resource.read(request, &mut diagnostics).await.state;
        (seen.attribute("ieee_802_1x").clone(), texts(&diagnostics))
    }

    /// The answer of `nmstate_diff` about ports with this password, and its diagnostics.
    async fn difference(&self, password: &str) -> (Value, Vec<String>) {
        let mut sources = self.0.data_sources().into_iter();
        let source = sources.find(|one| one.type_name() == "nmstate_diff").unwrap();
        let desired = with_password(password).to_json();
        let arguments = json!({"desired": {"value": desired, "type": "string"}}).to_string();
        let config = RawState::new(arguments.into_bytes()).decode(&source.schema()).unwrap();
        let mut diagnostics = Diagnostics::new();
        let answer = source.read(config, &mut diagnostics).await;
        (answer, texts(&diagnostics))
    }
}

#[tokio::test]
async fn a_secret_that_somebody_changed_is_gone_from_the_state() {
    let (host, declared) = (host("s3cret"), dot1x("s3cret"));
    let (seen, said) = Run::new(&host).refresh("eth1", &declared).await;
    assert_eq!(seen.attribute("password"), &"s3cret".into());
    assert_eq!(said, [""; 0]);

    host.change(&with_password("0ther"));
    let run = Run::new(&host);
    let (seen, said) = run.refresh("eth1", &declared).await;
    assert_eq!(seen.attribute("password"), &Value::Null);
    assert_eq!(seen.attribute("identity"), &"me".into());
    assert_eq!(said, [""; 0]);
    assert!(!format!("{seen:?}").contains("0ther"), "{seen:?}");
    // Another resource of the run asks nobody again.
    let (seen, _) = run.refresh("eth2", &dot1x("0ther")).await;
    assert_eq!(seen.attribute("password"), &"0ther".into());
    assert_eq!(host.questions(), 2);
}

#[tokio::test]
async fn a_host_is_not_asked_for_secrets_that_no_state_has() {
    let host = host("s3cret");
    let run = Run::new(&host);
    let none = json!({"identity": "me", "eap_methods": ["md5"]});
    let hidden = json!({"identity": "me", "eap_methods": ["md5"], "password_wo_version": 1});
    for dot1x in [none, hidden, serde_json::Value::Null] {
        let (_, said) = run.refresh("eth1", &dot1x).await;
        assert_eq!(said, [""; 0]);
    }
    assert_eq!(host.questions(), 0);
}

#[tokio::test]
async fn a_host_that_tells_no_secrets_is_named_once() {
    let host = host("0ther");
    host.refuse();
    let run = Run::new(&host);
    let (seen, said) = run.refresh("eth1", &dot1x("s3cret")).await;
    assert_eq!(seen.attribute("password"), &"s3cret".into());
    assert_eq!(said.len(), 1, "{said:?}");
    for part in ["sudo refused", "is not noticed"] {
        assert!(said[0].contains(part), "{said:?}");
    }
    let (seen, said) = run.refresh("eth2", &dot1x("s3cret")).await;
    assert_eq!(seen.attribute("password"), &"s3cret".into());
    assert_eq!(said, [""; 0]);
    assert_eq!(host.questions(), 1);
}

#[tokio::test]
async fn a_document_is_compared_with_the_secrets_too() {
    let run = Run::new(&host("s3cret"));
    for (password, is_satisfied) in [("s3cret", true), ("th3irs", false)] {
        let (answer, said) = run.difference(password).await;
        assert_eq!(said, [""; 0]);
        assert_eq!(answer.attribute("satisfied"), &is_satisfied.into());
        let differences = format!("{:?}", answer.attribute("differences"));
        assert_eq!(differences.contains("(sensitive value)"), !is_satisfied, "{differences}");
        assert!(!differences.contains("s3cret") && !differences.contains("th3irs"));
    }
}

#[tokio::test]
async fn a_document_is_not_said_to_be_satisfied_without_a_word() {
    let host = host("s3cret");
    host.refuse();
    let (answer, said) = Run::new(&host).difference("th3irs").await;
    assert_eq!(answer.attribute("satisfied"), &true.into());
    assert!(said.len() == 1 && said[0].contains("is not noticed"), "{said:?}");
}

fn dot1x(password: &str) -> serde_json::Value {
    json!({"identity": "me", "eap_methods": ["md5"], "password": password})
}
