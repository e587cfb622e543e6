use std::sync::Arc;

use nmstate_engine::host::SimulatedHost;
use nmstate_schema::document::Document;
use serde_json::{Value as Json, json};
use tfplugin::{
    ApplyRequest, Diagnostics, PlanRequest, PlanResponse, Provider as _, RawState, ReadRequest,
    Resource, Value,
};

use super::{DIFFERENCES, TYPE_NAME};
use crate::configuration::{Configuration, schema};
use crate::convert;
use crate::fleet::Fleet;
use crate::provider::NmstateProvider;

const HOST: &str = "interfaces:
- {name: eth1, type: ethernet, state: up, mtu: 1500, ipv4: {enabled: false}}
- {name: eth2, type: ethernet, state: up, mtu: 1500, ipv4: {enabled: false}}
routes: {config: []}
";

/// The resource type in a process of its own.
fn resource(host: &Arc<SimulatedHost>) -> Arc<dyn Resource> {
    let block = schema().attributes.into_iter().map(|one| (one.name, Value::Null));
    let mut block = Value::object(block);
    block.set_attribute("host", "host1");
    let configuration = Configuration::parse(&block, &mut Diagnostics::new());
    let provider = NmstateProvider::on(Fleet::simulated(configuration, Arc::clone(host)));
    provider.resources().into_iter().find(|one| one.type_name() == TYPE_NAME).unwrap()
}

fn configuration(resource: &dyn Resource, desired: &str) -> Value {
    let arguments = json!({ "desired": { "value": desired, "type": "string" } });
    RawState::new(arguments.to_string().into_bytes()).decode(&resource.schema()).unwrap()
}

/// What is in the state of a workspace.
#[derive(Default)]
struct Stored {
    value: Value,
    private: Vec<u8>,
}

impl Stored {
    /// The plan of a document, and what is wrong with it.
    async fn plan(&self, resource: &dyn Resource, desired: &str) -> (PlanResponse, Vec<String>) {
        let mut diagnostics = Diagnostics::new();
        let request = PlanRequest {
            prior: self.value.clone(),
            config: configuration(resource, desired),
            private: self.private.clone(),
            ..PlanRequest::default()
        };
        let response = resource.plan(request, &mut diagnostics).await;
        let errors = diagnostics.iter().filter(|one| one.severity == tfplugin::Severity::Error);
        (response, errors.map(|one| one.summary.clone()).collect())
    }

    /// A run of core: refresh and plan, then plan once more and apply in another process.
    async fn apply(&mut self, host: &Arc<SimulatedHost>, desired: &str) {
        let planning = resource(host);
        self.refresh(&*planning).await;
        let (first, errors) = self.plan(&*planning, desired).await;
        assert!(errors.is_empty(), "{errors:?}");
        let applying = resource(host);
        let (second, _) = self.plan(&*applying, desired).await;
        assert_eq!(first.planned, second.planned, "the two plans differ");
        let mut diagnostics = Diagnostics::new();
        let request = ApplyRequest {
            prior: self.value.clone(),
            planned: second.planned.clone(),
            config: configuration(&*applying, desired),
            private: second.private,
            ..ApplyRequest::default()
        };
        let response = applying.apply(request, &mut diagnostics).await;
        assert!(!diagnostics.has_errors(), "{diagnostics:?}");
        let state = response.state;
        assert_eq!(state.attribute(DIFFERENCES), second.planned.attribute(DIFFERENCES));
        *self = Stored { value: state, private: response.private };
    }

    /// What core does with an object of the state before anything else.
    async fn refresh(&mut self, resource: &dyn Resource) {
        if self.value.is_null() {
            return;
        }
        // Core hands over the state as it was stored; without what is dynamic it can be written here.
        let stored = self.value.attribute(super::DESIRED).clone();
        self.value.set_attribute(super::DESIRED, Value::Null);
        let bytes = convert::plain_to_json(&self.value).unwrap().to_string().into_bytes();
        let mut diagnostics = Diagnostics::new();
        let read = resource.upgrade(0, RawState::new(bytes), &mut diagnostics).await;
        self.value = read.unwrap();
        self.value.set_attribute(super::DESIRED, stored);
        let request = ReadRequest {
            state: self.value.clone(),
            private: self.private.clone(),
            ..ReadRequest::default()
        };
        let response = resource.read(request, &mut diagnostics).await;
        assert!(!diagnostics.has_errors(), "{diagnostics:?}");
        *self = Stored { value: response.state, private: response.private };
    }
}

fn shown(planned: &Value) -> Vec<String> {
    let list = planned.attribute(DIFFERENCES).as_list().expect("the differences are known");
    let part = |one: &Value, name: &str| one.attribute(name).as_str().unwrap_or("null").to_owned();
    list.iter().map(|one| ["path", "from", "to"].map(|name| part(one, name)).join(" ")).collect()
}

fn host() -> Arc<SimulatedHost> {
    SimulatedHost::new(&Document::parse(HOST).unwrap())
}

#[tokio::test]
async fn every_plan_names_what_it_changes_and_no_more() {
    let host = host();
    let mut stored = Stored::default();
    let first = "interfaces: [{name: eth1, mtu: 1400}, {name: br0, type: linux-bridge}]";
    let (plan, _) = stored.plan(&*resource(&host), first).await;
    let br0 = "interfaces[br0] null {\"name\":\"br0\",\"type\":\"linux-bridge\"}";
    assert_eq!(shown(&plan.planned), [br0, "interfaces[eth1].mtu 1500 1400"]);
    stored.apply(&host, first).await;

    // The next run begins without them, and changes nothing.
    let process = resource(&host);
    stored.refresh(&*process).await;
    assert_eq!(stored.value.attribute(DIFFERENCES), &Value::Null);
    let (plan, _) = stored.plan(&*process, first).await;
    assert_eq!(plan.planned, stored.value);

    // What is dropped goes or comes back.
    let second = "interfaces: [{name: eth2, mtu: 1300}]";
    let (plan, _) = stored.plan(&*process, second).await;
    let expected = [
        "interfaces[br0].state up absent",
        "interfaces[eth1].mtu 1400 1500",
        "interfaces[eth2].mtu 1500 1300",
    ];
    assert_eq!(shown(&plan.planned), expected);
    stored.apply(&host, second).await;

    host.change(&Document::parse("interfaces: [{name: eth2, mtu: 1280}]").unwrap());
    let process = resource(&host);
    stored.refresh(&*process).await;
    let (plan, _) = stored.plan(&*process, second).await;
    assert_eq!(shown(&plan.planned), ["interfaces[eth2].mtu 1280 1300"]);
}

#[tokio::test]
async fn a_host_that_is_as_desired_has_no_differences() {
    let host = host();
    let desired = "interfaces: [{name: eth1, mtu: 1500}]";
    let (plan, _) = Stored::default().plan(&*resource(&host), desired).await;
    assert_eq!(shown(&plan.planned), [""; 0]);
    // A change that is none on the host.
    let mut stored = Stored::default();
    stored.apply(&host, desired).await;
    let process = resource(&host);
    stored.refresh(&*process).await;
    let (plan, _) = stored.plan(&*process, "interfaces: [{name: eth2, mtu: 1500}]").await;
    assert_eq!(shown(&plan.planned), [""; 0]);
}

/// A port with this password, as a document.
fn port(password: &str) -> String {
    format!(
        "interfaces: [{{name: eth1, mtu: 1500, 802.1x: {{identity: me, eap-methods: [md5], \
         password: {password}}}}}]"
    )
}

#[tokio::test]
async fn a_secret_is_sent_when_it_is_another_one_and_named_without_its_value() {
    const PASSWORD: &str = "interfaces[eth1].802.1x.password";
    let host = host();
    let mut stored = Stored::default();
    stored.apply(&host, &port("s3cret")).await;
    assert_eq!((host.transactions().len(), host.questions()), (1, 0));
    let changed = format!("{PASSWORD} (sensitive value) (sensitive value)");

    let process = resource(&host);
    stored.refresh(&*process).await;
    let (plan, _) = stored.plan(&*process, &port("s3cret")).await;
    assert_eq!(plan.planned, stored.value);
    let (plan, _) = stored.plan(&*process, &port("s3c0nd")).await;
    assert_eq!(shown(&plan.planned), [changed.as_str()]);
    stored.apply(&host, &port("s3c0nd")).await;
    assert_eq!(host.transactions().len(), 2);

    // Another one beside it changes no secret.
    stored.apply(&host, &port("s3c0nd").replace("1500", "1400")).await;
    stored.apply(&host, &port("s3c0nd")).await;

    host.change(&Document::parse(&port("th3irs")).unwrap());
    let process = resource(&host);
    stored.refresh(&*process).await;
    let text = stored.value.attribute(super::DESIRED).as_str().unwrap();
    assert!(!text.contains("s3c0nd") && !text.contains("th3irs"), "{text}");
    let (plan, _) = stored.plan(&*process, &port("s3c0nd")).await;
    assert_eq!(shown(&plan.planned), [changed.as_str()]);
    stored.apply(&host, &port("s3c0nd")).await;
    assert_eq!(host.state().interface("eth1").unwrap()["802.1x"]["password"], "s3c0nd");
    let process = resource(&host);
    stored.refresh(&*process).await;
    let (plan, _) = stored.plan(&*process, &port("s3c0nd")).await;
    assert_eq!(plan.planned, stored.value);
}

#[tokio::test]
async fn a_new_resource_sends_a_secret_that_the_host_has_otherwise() {
    for (theirs, transactions) in [("s3cret", 0), ("th3irs", 1)] {
        let host = host();
        host.change(&Document::parse(&port(theirs)).unwrap());
        Stored::default().apply(&host, &port("s3cret")).await;
        assert_eq!(host.transactions().len(), transactions, "{theirs}");
        assert_eq!(host.state().interface("eth1").unwrap()["802.1x"]["password"], "s3cret");
    }
}

#[tokio::test]
async fn a_new_resource_sends_a_secret_that_the_host_does_not_tell() {
    let host = host();
    host.change(&Document::parse(&port("th3irs")).unwrap());
    host.refuse();
    Stored::default().apply(&host, &port("s3cret")).await;
    assert_eq!(host.transactions().len(), 1);
    assert_eq!(host.state().interface("eth1").unwrap()["802.1x"]["password"], "s3cret");
}

/// A value that the host decides about is a difference where it is declared, and nowhere else.
#[tokio::test]
async fn a_declared_feature_that_the_kernel_takes_away_is_put_back() {
    let host = host();
    let mut stored = Stored::default();
    let desired = "interfaces: [{name: eth1, ethtool: {feature: {lro: true}}}]";
    stored.apply(&host, desired).await;
    let taken = "interfaces:
- {name: eth1, mac-address: 02:00:00:00:00:09, ethtool: {feature: {rx-lro: false, rx-gro: false}}}
- {name: eth2, ethtool: {feature: {rx-lro: false}}}";
    host.change(&Document::parse(taken).unwrap());
    let process = resource(&host);
    stored.refresh(&*process).await;
    let (plan, _) = stored.plan(&*process, desired).await;
    assert_eq!(shown(&plan.planned), ["interfaces[eth1].ethtool.feature.rx-lro false true"]);
    stored.apply(&host, desired).await;
    let lro =
        |name: &str| host.state().interface(name).unwrap()["ethtool"]["feature"]["rx-lro"].clone();
    assert_eq!([lro("eth1"), lro("eth2")], [json!(true), json!(false)]);
}

#[tokio::test]
async fn what_is_not_known_yet_is_unknown() {
    let host = host();
    let process = resource(&host);
    let mut config = configuration(&*process, "");
    config.set_attribute(super::DESIRED, Value::Unknown);
    let request = PlanRequest { config, ..PlanRequest::default() };
    let plan = process.plan(request, &mut Diagnostics::new()).await;
    assert_eq!(plan.planned.attribute(DIFFERENCES), &Value::Unknown);
}

#[tokio::test]
async fn another_resource_that_changes_the_host_before_changes_no_plan() {
    let host = host();
    let desired = "interfaces: [{name: eth1, mtu: 1400}]";
    let process = resource(&host);
    let (first, _) = Stored::default().plan(&*process, desired).await;
    // As after the apply of a resource that was planned in this process, too.
    host.change(&Document::parse("interfaces: [{name: eth1, mtu: 1450}]").unwrap());
    let (second, _) = Stored::default().plan(&*process, desired).await;
    assert_eq!(first.planned, second.planned);
}

#[tokio::test]
async fn a_name_that_nobody_has_is_an_error_at_its_place() {
    let cases: [(&str, Json); 5] = [
        ("interfaces: [{name: eth666, state: up}]", json!(["interfaces[eth666].name", "eth666"])),
        (
            "interfaces: [{name: br0, type: linux-bridge, bridge: {port: [{name: eth9}]}}]",
            json!(["interfaces[br0].bridge.port[eth9].name", "eth9"]),
        ),
        (
            "routes: {config: [{destination: 198.51.100.0/24, next-hop-interface: eth9}]}",
            json!(["routes.config[198.51.100.0/24 eth9].next-hop-interface", "eth9"]),
        ),
        (
            "route-rules: {config: [{family: ipv4, iif: eth9, route-table: 254}]}",
            json!(["route-rules.config[ipv4 254 eth9].iif", "eth9"]),
        ),
        ("routes: {config: [{state: absent, next-hop-interface: eth9}]}", Json::Null),
    ];
    for (desired, expected) in cases {
        let (_, errors) = Stored::default().plan(&*resource(&host()), desired).await;
        let said = expected.as_array().map(|parts| {
            let [place, name] = [&parts[0], &parts[1]].map(|one| one.as_str().unwrap());
            format!("host `host1`: `{place}`: interface `{name}` does not exist")
        });
        assert_eq!(errors, said.into_iter().collect::<Vec<_>>(), "{desired}");
    }
}
