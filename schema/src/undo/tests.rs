use super::*;
use crate::compare::is_meant_by;
use crate::record::Record;

fn document(text: &str) -> Document {
    Document::parse(text).unwrap()
}

fn routes(list: &str) -> String {
    format!("routes: {{config: [{list}]}}")
}

/// What removing one route comes to on a host with others.
fn removal(route: &str, host: &str) -> Vec<Value> {
    let undo = Undo::removing(&document(&routes(route)));
    let host = format!("interfaces: [{{name: eth1, type: ethernet, state: up}}]\n{}", routes(host));
    let sent = undo.resolve([], &document(&host)).document.into_value();
    sent["routes"]["config"].as_array().cloned().unwrap_or_default()
}

const REAL: &str =
    "{destination: 198.51.100.0/24, next-hop-interface: eth1, metric: 100, table-id: 254}";
const LAST: &str =
    "{destination: 198.51.100.0/24, route-type: unreachable, metric: 4096, table-id: 254}";

#[test]
fn a_removal_matches_nothing_else() {
    let other_metric = REAL.replace("100,", "200,");
    let gateway = REAL.replace("metric", "next-hop-address: 192.0.2.254, metric");
    for (route, beside) in
        [(LAST, REAL), (REAL, LAST), (REAL, &*other_metric), (REAL, &*gateway), (&*gateway, REAL)]
    {
        let sent = removal(route, &format!("{route}, {beside}"));
        let host = document(&routes(beside));
        let other = canonical(&host).routes().next().cloned().unwrap();
        let absent: Vec<_> = sent.iter().filter(|one| one["state"] == "absent").collect();
        assert_eq!(absent.len(), 1, "{sent:?}");
        let removal = absent[0].as_object().unwrap();
        // What nmstate would take along is there beside it.
        let mut matched = removal.clone();
        matched.shift_remove("metric");
        let is_taken = is_meant_by(List::Routes.section(), &matched, &other);
        let is_kept = sent.iter().any(|one| one.get("state").is_none());
        assert_eq!(is_taken, is_kept, "{route} beside {beside}: {sent:?}");
        let meant = canonical(&document(&routes(route))).routes().next().cloned().unwrap();
        assert!(is_meant_by(List::Routes.section(), removal, &meant), "{sent:?}");
    }
}

#[test]
fn what_is_gone_needs_no_removal() {
    assert_eq!(removal(REAL, LAST), [Value::Null; 0]);
    let undo = Undo::removing(&document("interfaces: [{name: br0, type: linux-bridge}]"));
    let resolved = undo.resolve([], &document("interfaces: [{name: eth1, type: ethernet}]"));
    assert_eq!(resolved, Resolved::default());
}

#[test]
fn what_somebody_else_declares_stays_and_is_said() {
    let host = format!(
        "interfaces: [{{name: br0, type: linux-bridge, state: up}}, \
         {{name: eth1, type: ethernet, state: up, mtu: 1400, description: a}}]\n{}",
        routes(REAL)
    );
    let undo = Undo::removing(&document(&format!(
        "interfaces: [{{name: br0, type: linux-bridge}}]\n{}",
        routes(REAL)
    )));
    let declared = document(&format!(
        "interfaces: [{{name: br0, type: linux-bridge, mtu: 1500}}]\n{}",
        routes("{destination: 198.51.100.0/24, next-hop-interface: eth1}")
    ));
    let resolved = undo.resolve([&declared], &document(&host));
    assert!(resolved.document.is_empty(), "{resolved:?}");
    let said: Vec<String> = resolved.left_out.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "interface `br0` stays: another resource declares it",
            "route `198.51.100.0/24` stays: another resource declares it"
        ]
    );

    let before = host.replace("mtu: 1400, description: a", "mtu: 1500");
    let record = Record::of(
        &document("interfaces: [{name: eth1, mtu: 1400, description: a}]"),
        &document(&before),
    );
    let declared = document("interfaces: [{name: eth1, description: a}]");
    let resolved = record.undo().resolve([&declared], &document(&host));
    let eth1 = &resolved.document.as_value()["interfaces"][0];
    assert_eq!((&eth1["mtu"], eth1.get("description")), (&json!(1500), None), "{eth1:#}");
}

#[test]
fn a_port_is_not_put_under_what_goes() {
    let host = |controller: &str, other: &str| {
        format!(
            "interfaces: [{{name: eth1, type: ethernet, state: up, identifier: name, controller: {controller}}}, \
             {{name: br1, type: linux-bridge, state: up, bridge: {{port: [{{name: eth1}}]}}}}{other}]"
        )
    };
    let br0 = ", {name: br0, type: linux-bridge, state: up, bridge: {port: [{name: eth1}]}}";
    let taken =
        document("interfaces: [{name: br1, type: linux-bridge, bridge: {port: [{name: eth1}]}}]");
    let before = document(&host("br0", br0).replace("{name: br1", "{name: br9"));
    let record = Record::of(&taken, &before);
    let controller = |undo: &Undo, host: &str| {
        let sent = undo.resolve([], &document(host)).document.into_value();
        let list = sent["interfaces"].as_array().unwrap().clone();
        let eth1 = list.iter().find(|one| one["name"] == "eth1").unwrap();
        eth1["controller"].as_str().unwrap().to_owned()
    };
    // It is there: the port goes back under it.
    assert_eq!(controller(&record.undo(), &host("br1", br0)), "br0");
    // It is gone, or goes in the same document.
    assert_eq!(controller(&record.undo(), &host("br1", "")), "");
    let both = record
        .undo()
        .and(Undo::removing(&document("interfaces: [{name: br0, type: linux-bridge}]")));
    assert_eq!(controller(&both, &host("br1", br0)), "");
}

#[test]
fn a_route_over_what_goes_is_not_put_back() {
    let removed = "routes: {config: [{destination: 198.51.100.0/24, next-hop-interface: br0, \
                   state: absent}]}";
    let host = "interfaces: [{name: br0, type: linux-bridge, state: up}]\n";
    let route = routes("{destination: 198.51.100.0/24, next-hop-interface: br0, table-id: 254}");
    let record = Record::of(&document(removed), &document(&format!("{host}{route}")));
    let back = record.undo().resolve([], &document(host));
    assert_eq!(back.document.routes().count(), 1);
    let gone = record.undo().resolve([], &document("interfaces: []"));
    assert!(gone.document.is_empty(), "{gone:?}");
    assert_eq!(gone.left_out[0].reason, Reason::Reference);
}

#[test]
fn hardware_that_has_vanished_is_left_out() {
    // In a namespace a card is shown as one end of a cable.
    for of_type in ["ethernet", "veth"] {
        let host = format!("interfaces: [{{name: eth1, type: {of_type}, state: up, mtu: 1500}}]");
        let desired = document("interfaces: [{name: eth1, mtu: 1400}]");
        let record = Record::of(&desired, &document(&host));
        let resolved = record.undo().resolve([], &document("interfaces: []"));
        assert!(resolved.document.is_empty(), "{of_type}");
        let said = resolved.left_out[0].to_string();
        assert_eq!(said, "interface `eth1` is not put back: it is gone", "{of_type}");
    }
}

#[test]
fn of_two_declared_forms_of_a_route_the_one_that_is_not_there_is_the_later_one() {
    let other = REAL.replace("100,", "200,");
    let [old, new] = [REAL, &*other].map(|route| document(&routes(route)));
    let interface = "interfaces: [{name: eth1, type: ethernet, state: up}]";
    let host = |list: &str| document(&format!("{interface}\n{}", routes(list)));
    let undo = Undo::removing(&old);
    let left_out = |declared: &[&Document], host: &Document| {
        undo.resolve(declared.iter().copied(), host).left_out.len()
    };
    assert_eq!(left_out(&[&old], &host(REAL)), 1);
    assert_eq!(left_out(&[&old, &new], &host(REAL)), 0);
    assert_eq!(left_out(&[&old, &new], &host(&format!("{REAL}, {other}"))), 1);
}

#[test]
fn what_a_host_has_once_is_emptied_but_for_what_another_declares() {
    let both = "dns-resolver: {config: {server: [192.0.2.53], search: [example.org]}}";
    let undo = Undo::removing(&document(&format!("{both}\nhostname: {{config: web1}}")));
    let host = document(&format!("{both}\nhostname: {{config: web1, running: web1}}"));
    let sent = |declared: &str| undo.resolve([&document(declared)], &host).document.into_value();
    let nothing = json!({ "config": "" });
    assert_eq!(
        sent("{}"),
        json!({ "dns-resolver": { "config": { "server": [], "search": [] } }, "hostname": nothing })
    );
    assert_eq!(
        sent("dns-resolver: {config: {server: [192.0.2.53]}}"),
        json!({ "dns-resolver": { "config": { "search": [] } }, "hostname": nothing })
    );
    assert_eq!(sent(&format!("{both}\nhostname: {{config: web1}}")), json!({}));
}
