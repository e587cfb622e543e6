//! What a plan can know to be risky: a change on the path of this very connection (design rule 7).
//!
//! The documents that would be sent are looked at, those of a destroy too, and of them only what
//! is not so on the host already: what a document merely repeats is no risk.

use nmstate_engine::Management;
use nmstate_schema::Value as Json;
use nmstate_schema::compare::compare;
use nmstate_schema::document::Document;
use nmstate_schema::path::Step;
use serde_json::json;
use tfplugin::Diagnostics;

use crate::checks::{Target, carriers, touched_interfaces};

/// What a document does to the path of the connection.
#[derive(Debug, PartialEq)]
struct Risk {
    /// Where in the entry.
    steps: Vec<Step>,
    /// What is touched.
    what: String,
    /// The address that goes away.
    lost_address: Option<String>,
}

/// Warns when a document changes what carries this connection.
pub(crate) fn management(target: &Target<'_>, document: &Document, diagnostics: &mut Diagnostics) {
    let Some(management) = &target.snapshot.management else { return };
    for risk in risks(&target.snapshot.state, management, document) {
        let path = (target.locate)(&risk.steps).unwrap_or_else(|| "host".into());
        let lost = risk.lost_address.map_or_else(String::new, |address| {
            format!("`{address}` is the address that it comes over, and it goes away; ")
        });
        diagnostics.attribute_warning(
            path,
            format!("host `{}`: the change touches {}", target.member.host.name(), risk.what),
            format!(
                "{lost}the change is confirmed only over a new SSH login; otherwise the host goes \
                 back by itself"
            ),
        );
    }
}

fn risks(state: &Document, management: &Management, document: &Document) -> Vec<Risk> {
    let Some(interface) = &management.interface else { return Vec::new() };
    let carriers = carriers(state, interface);
    let is_change = |alone: Json| {
        Document::from_value(alone).is_ok_and(|alone| !compare(&alone, state).is_empty())
    };
    let interfaces = document.interfaces().filter_map(|entry| {
        let mut touched = touched_interfaces(entry).into_iter();
        let (name, steps) = touched.find(|(name, _)| carriers.contains(name))?;
        let (steps, lost_address) = match lost_address(entry, management) {
            Some(steps) => (steps, Some(management.local_address.to_string())),
            None => (steps, None),
        };
        let what = format!("`{name}`, which carries this SSH connection");
        is_change(json!({ "interfaces": [entry] })).then_some(Risk { steps, what, lost_address })
    });
    // A changed route is its removal and its new form: one warning is enough.
    let route = document.routes().find(|route| {
        is_default_route(route, &carriers) && is_change(json!({ "routes": { "config": [route] } }))
    });
    let route = route.map(|_| Risk {
        steps: vec![Step::Key("destination".into())],
        what: "the default route, which may carry this SSH connection".to_owned(),
        lost_address: None,
    });
    interfaces.chain(route).collect()
}

/// Where an entry takes the address away that the connection comes over.
fn lost_address(entry: &Json, management: &Management) -> Option<Vec<Step>> {
    if entry.get("name").and_then(Json::as_str) != management.interface.as_deref() {
        return None;
    }
    let family = if management.local_address.is_ipv4() { "ipv4" } else { "ipv6" };
    let section = entry.get(family)?;
    let at = |key: &str| Some(vec![Step::Key(family.into()), Step::Key(key.into())]);
    let says = |key: &str, value: bool| section.get(key).and_then(Json::as_bool) == Some(value);
    if says("enabled", false) {
        return at("enabled");
    }
    let addresses = section.get("address").and_then(Json::as_array)?;
    let stays = addresses.iter().any(|address| {
        let ip = address.get("ip").and_then(Json::as_str).and_then(|ip| ip.parse().ok());
        ip == Some(management.local_address)
    });
    let is_dynamic = says("dhcp", true) || says("autoconf", true);
    if stays || is_dynamic { None } else { at("address") }
}

/// Whether a route is, or removes, a default route of the main table.
fn is_default_route(route: &Json, carriers: &[String]) -> bool {
    let text = |key: &str| route.get(key).and_then(Json::as_str);
    let is_default = match text("destination") {
        Some(destination) => ["0.0.0.0/0", "::/0"].contains(&destination),
        // A removal that names no destination means every route of the interface.
        None => text("next-hop-interface")
            .is_none_or(|name| carriers.iter().any(|carrier| carrier == name)),
    };
    let table = route.get("table-id").and_then(Json::as_u64);
    is_default && matches!(table, None | Some(0 | 254))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The connection comes over a VLAN on a bond, beside a NIC that has nothing to do with it.
    const HOST: &str = "
interfaces:
- {name: bond0.5, type: vlan, state: up, vlan: {base-iface: bond0, id: 5},
   ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}}
- {name: bond0, type: bond, state: up, link-aggregation: {mode: active-backup, port: [eth0]}}
- {name: eth0, type: ethernet, state: up, mtu: 1500, controller: bond0}
- {name: eth1, type: ethernet, state: up, mtu: 1500}
routes:
  config:
  - {destination: 0.0.0.0/0, next-hop-interface: bond0.5, next-hop-address: 192.0.2.254}
";

    /// What is found in a document, as `PLACE: WHAT` with the address that goes away.
    fn found(document: &str) -> Vec<String> {
        let management = Management {
            local_address: "192.0.2.1".parse().unwrap(),
            interface: Some("bond0.5".to_owned()),
        };
        let (state, document) = (Document::parse(HOST), Document::parse(document));
        let risks = risks(&state.unwrap(), &management, &document.unwrap());
        let shown = risks.into_iter().map(|risk| {
            let steps: Vec<String> = risk.steps.iter().map(|step| format!("{step:?}")).collect();
            let what = risk.what.split(',').next().unwrap_or_default().to_owned();
            let lost = risk.lost_address.map(|address| format!(" -{address}")).unwrap_or_default();
            let place = steps.join(".").replace("Key(\"", "").replace("\")", "");
            format!("{place}: {what}{lost}")
        });
        shown.collect()
    }

    #[test]
    fn all_that_carries_the_connection() {
        let interfaces = |list: &str| found(&format!("interfaces: [{list}]"));
        assert_eq!(interfaces("{name: eth0, mtu: 1400}"), ["name: `eth0`"]);
        assert_eq!(interfaces("{name: bond0, mtu: 1400}"), ["name: `bond0`"]);
        assert_eq!(interfaces("{name: bond0.5, state: absent}"), ["name: `bond0.5`"]);
        assert_eq!(interfaces("{name: eth0, controller: br0}"), ["name: `eth0`"]);
        assert_eq!(interfaces("{name: eth1, mtu: 1400}"), [""; 0]);
        let bridge =
            "{name: br0, type: linux-bridge, bridge: {port: [{name: eth1}, {name: bond0}]}}";
        let port = interfaces(bridge);
        assert!(port.len() == 1 && port[0].ends_with("`bond0`"), "{port:?}");
    }

    #[test]
    fn the_address_of_the_connection() {
        let ipv4 = |ipv4: &str| found(&format!("interfaces: [{{name: bond0.5, ipv4: {ipv4}}}]"));
        let other = "{enabled: true, address: [{ip: 192.0.2.9, prefix-length: 24}]}";
        assert_eq!(ipv4(other), ["ipv4.address: `bond0.5` -192.0.2.1"]);
        assert_eq!(ipv4("{enabled: false}"), ["ipv4.enabled: `bond0.5` -192.0.2.1"]);
        let more = "{enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}, \
                    {ip: 192.0.2.9, prefix-length: 24}]}";
        assert_eq!(ipv4(more), ["name: `bond0.5`"]);
    }

    #[test]
    fn the_default_route() {
        let routes = |list: &str| found(&format!("routes: {{config: [{list}]}}"));
        let route = ["destination: the default route"];
        let via = "next-hop-interface: bond0.5, next-hop-address";
        assert_eq!(routes("{destination: 0.0.0.0/0, state: absent}"), route);
        assert_eq!(routes("{next-hop-interface: bond0.5, state: absent}"), route);
        assert_eq!(routes(&format!("{{destination: 0.0.0.0/0, {via}: 192.0.2.9}}")), route);
        let elsewhere = format!("{{destination: 198.51.100.0/24, {via}: 192.0.2.9}}");
        assert_eq!(routes(&elsewhere), [""; 0]);
    }

    #[test]
    fn what_is_so_already_is_no_risk() {
        assert_eq!(found(HOST), [""; 0]);
    }
}
