use std::time::Duration;

use serde_json::json;

use super::*;

fn read(value: &Value) -> Result<Arguments, Vec<String>> {
    Arguments::read(&value.to_string())
}

fn wanted(value: &Value) -> Wanted {
    match read(value).unwrap().task {
        Task::Change(wanted) => *wanted,
        other => panic!("not a change: {other:?}"),
    }
}

fn document() -> Value {
    json!({"interfaces": [{"name": "eth1"}]})
}

#[test]
fn ansible_s_own_keys_are_no_options() {
    let arguments = read(&json!({
        "desired_state": document(), "state": null, "_ansible_check_mode": true,
        "_ansible_diff": true, "_ansible_module_name": "nmstate.host.nmstate",
        "_ansible_something_new": {"a": 1},
    }))
    .unwrap();
    assert!(arguments.check && arguments.diff && !arguments.is_held);
    assert_eq!(arguments.invocation.unwrap().keys().collect::<Vec<_>>(), ["desired_state"]);
}

#[test]
fn values_are_taken_as_jinja_makes_them() {
    let wanted = wanted(&json!({
        "desired_state": "{\"interfaces\": [{\"name\": \"eth1\"}]}", "checkpoint_timeout": "45",
        "settle_timeout": 5.0, "state": "replaced", "confirm": "host", "persist": "never",
        "probes": [{"dns": "a.example", "required": "yes", "timeout": "7"}, {"gateway": "on"},
                   {"command": ["test", "-d", "/srv"]}, {"tcp": "[2001:db8::1]:443"}],
    }));
    assert_eq!(wanted.scope, Scope::Replaced);
    assert_eq!(wanted.options.timeout, Duration::from_secs(45));
    assert_eq!(wanted.options.settle_timeout, Duration::from_secs(5));
    assert_eq!(wanted.options.persist, Persist::Never);
    let probes: Vec<String> = wanted.options.probes.iter().map(ToString::to_string).collect();
    assert_eq!(probes, ["dns a.example", "gateway", "command test", "tcp [2001:db8::1]:443"]);
    assert!(wanted.options.probes[0].required);
    assert!(!wanted.is_confirmed_from_outside);
}

#[test]
fn who_confirms() {
    let plugin = json!({"desired_state": document(), "_nmstate_phase": "hold",
                        "_nmstate_connection": "192.0.2.9 4711 192.0.2.1 22"});
    assert!(wanted(&plugin).is_confirmed_from_outside);
    let arguments = read(&plugin).unwrap();
    assert!(arguments.is_held);
    assert_eq!(arguments.own_address, Some("192.0.2.1".parse().unwrap()));
    let bare = wanted(&json!({"desired_state": document()}));
    assert!(!bare.is_confirmed_from_outside && bare.options.probes == Probe::defaults());
    let none = wanted(&json!({"desired_state": document(), "confirm": "none"}));
    assert!(none.options.probes.is_empty());
}

#[test]
fn the_controller_asks_what_only_it_can() {
    let probes = json!([{"dns": "a.example"}, {"controller_tcp": ":22", "required": true}]);
    let mut given = json!({"desired_state": document(), "probes": probes, "_nmstate_phase": "hold",
                           "_nmstate_unreached": {"1": "refused"}});
    assert_eq!(read(&given).unwrap().unreached["1"], "refused");
    let held = wanted(&given);
    let [(1, probe)] = &held.outside_probes[..] else { panic!("{:?}", held.outside_probes) };
    assert!(probe.required && probe.to_string() == "controller_tcp port 22");
    assert_eq!(held.options.probes.len(), 1);
    given["confirm"] = "host".into();
    let wrong = read(&given).unwrap_err();
    assert!(wrong.len() == 1 && wrong[0].contains("`probes[1].controller_tcp`"), "{wrong:?}");
    given["confirm"] = "none".into();
    assert!(wanted(&given).outside_probes.is_empty());
}

#[test]
fn a_policy_is_a_document_unless_it_captures() {
    let policy = |spec: &Value| {
        let policy = json!({"kind": "NodeNetworkConfigurationPolicy", "spec": spec});
        wanted(&json!({"desired_state": policy})).desired
    };
    assert!(matches!(policy(&json!({"desiredState": document()})), Desired::Known(_)));
    let captures = json!({"capture": {"a": "interfaces.type==\"bond\""},
                          "desiredState": {"interfaces": "{{ capture.a.interfaces }}"}});
    assert!(matches!(policy(&captures), Desired::Policy(_)));
}

#[test]
fn an_empty_list_is_nothing_to_do() {
    for state in ["merged", "replaced", "deleted"] {
        let wanted = wanted(&json!({"desired_state": {"interfaces": []}, "state": state}));
        let Desired::Known(document) = wanted.desired else { panic!("a policy") };
        let reached = wanted.scope.reach(&document, &Document::default()).unwrap();
        assert!(reached.document.is_empty() && reached.undo.is_empty(), "{state}");
    }
}

#[test]
fn every_mistake_is_one_line() {
    for (given, expected) in [
        (
            json!({"desired_stat": {}}),
            vec!["`desired_stat` (did you mean `desired_state`?)", "missing"],
        ),
        (json!({"desired_state": {}}), vec!["`desired_state` is empty"]),
        (json!({"desired_state": ""}), vec!["`desired_state` is empty"]),
        (
            json!({"desired_state": {"interfaces": []}, "state": "overridden"}),
            vec!["would remove all"],
        ),
        (json!({"desired_state": "a: 1\n---\nb: 2\n"}), vec!["more than one document"]),
        (
            json!({"desired_state": {"kind": "NodeNetworkConfigurationPolicy",
                "spec": {"nodeSelector": {"a": "b"}, "desiredState": document()}}}),
            vec!["spec.nodeSelector"],
        ),
        (json!({"desired_state": "a: [", "state": "merge"}), vec!["`merge`", "not a valid YAML"]),
        (json!({"desired_state": [1]}), vec!["a document is a mapping, not a list"]),
        (json!({"desired_state": document(), "checkpoint_timeout": "soon"}), vec!["`soon`"]),
        (json!({"desired_state": document(), "checkpoint_timeout": 4}), vec!["from 5 to 86400"]),
        (json!({"desired_state": document(), "confirm": "controller"}), vec!["action plugin"]),
        (json!({"desired_state": document(), "probes": {"dns": "a"}}), vec!["a mapping"]),
        (
            json!({"desired_state": document(), "probes": [{"dns": "-x"}, {"dsn": "a"}, 1]}),
            vec![
                "`-x`",
                "`probes[1].dsn` (did you mean `dns`?)",
                "`probes[1]` asks nothing",
                "probes[2]",
            ],
        ),
        (json!({"state": "parsed"}), vec!["`running_config` is missing"]),
        (json!({"_nmstate_module": "nmstate_info", "gather": "route"}), vec!["`route`"]),
    ] {
        let wrong = read(&given).unwrap_err();
        assert_eq!(wrong.len(), expected.len(), "{given}: {wrong:?}");
        for (line, expected) in wrong.iter().zip(expected) {
            assert!(line.contains(expected) && !line.contains('\n'), "{given}: {line}");
        }
    }
}

#[test]
fn questions() {
    let arguments = read(&json!({"_ansible_module_name": "nmstate.host.nmstate_info",
        "gather": "interfaces", "name": "eth*, bond0", "type": ["bond"], "running_config": "yes"}));
    let Task::Info(question) = arguments.unwrap().task else { panic!("not a question") };
    assert_eq!(question.part, "interfaces");
    assert_eq!(question.names, ["eth*", "bond0"]);
    assert_eq!(question.types, ["bond"]);
    assert!(question.is_configured);
}
