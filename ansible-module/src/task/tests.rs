use nmstate_schema::compare::compare;

use super::*;

const STATE: &str = r#"{
  "dns-resolver": {"running": {"server": ["192.0.2.53"]}, "config": {"server": ["192.0.2.53"]}},
  "routes": {
    "running": [{"destination": "0.0.0.0/0", "next-hop-interface": "eth1"}],
    "config": [{"destination": "198.51.100.0/24", "next-hop-interface": "br0", "table-id": 254}]},
  "interfaces": [
    {"name": "eth1", "type": "ethernet", "state": "up", "driver": "virtio_net",
     "802.1x": {"identity": "me", "private-key-password": "<_password_hid_by_nmstate>"}},
    {"name": "mgmt0", "type": "ethernet", "state": "ignore"},
    {"name": "br0", "type": "linux-bridge", "state": "up"}
  ]
}"#;

fn ask(part: &str, names: &[&str], types: &[&str]) -> Value {
    let question = Question {
        part: part.to_owned(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        types: types.iter().map(|name| (*name).to_owned()).collect(),
        is_configured: false,
    };
    answer_question(&question, &serde_json::from_str(STATE).unwrap())
}

#[test]
fn parts_and_filters() {
    let names = |value: &Value| {
        let list = value.as_array().unwrap().iter();
        list.map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(&ask("interfaces", &[], &[])), "eth1 mgmt0 br0");
    assert_eq!(names(&ask("interfaces", &["e*", "br?"], &["ethernet"])), "eth1");
    assert_eq!(names(&ask("state", &["br0"], &[])["interfaces"]), "br0");
    assert_eq!(ask("routes", &["eth1"], &[])["config"], json!([]));
    assert_eq!(ask("routes", &["br0"], &[])["running"], json!([]));
    assert_eq!(ask("dns", &[], &[])["config"]["server"], json!(["192.0.2.53"]));
    assert_eq!(ask("route_rules", &[], &[]), json!({}));
}

#[test]
fn what_is_gathered_can_be_desired() {
    let gathered = without_learned(&Document::parse(STATE).unwrap());
    let text = gathered.to_string();
    for word in ["driver", "running", "mgmt0", "_password_hid"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    let document = Document::from_value(gathered).unwrap();
    assert_eq!(validate(&document), []);
    assert_eq!(compare(&document, &Document::parse(STATE).unwrap()), []);
}

#[test]
fn profiles_are_rendered_without_a_host_and_without_secrets() {
    let document = Document::parse(
        "interfaces:\n- {name: eth1, type: ethernet, state: up, mtu: 1400, \
         802.1x: {identity: me, eap-methods: [tls], private-key: /k, client-cert: /c, \
         private-key-password: s3cret}}\n",
    )
    .unwrap();
    let text = rendered(&document).unwrap().finish(None);
    assert!(text.contains("eth1.nmconnection") && text.contains("mtu=1400"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
    let wrong = Document::parse("interfaces: [{name: eth1, mut: 1}]").unwrap();
    let answer = rendered(&wrong).unwrap_err().finish(None);
    assert!(answer.contains("did you mean `mtu`?"), "{answer}");
}
