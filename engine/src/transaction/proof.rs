//! Reading the end state from the host: is it as desired, is it as before. What the host decides about
//! by itself is neither.

use std::time::Instant;

use nmstate_schema::compare::{compare, is_remaining_nic};
use nmstate_schema::document::Document;
use nmstate_schema::path::{Path, Step};
use nmstate_schema::{Held, canonical, keys};
use tokio::time::sleep;

use super::confirm::Objection;
use super::{RETRY_DELAY, SETTLE_TIMEOUT};
use crate::nmstate::Client;
use crate::snapshot::Snapshot;

/// Waits until the host shows what is desired.
pub(super) async fn verify(client: &Client, desired: &Document) -> Result<Snapshot, Objection> {
    let deadline = Instant::now() + SETTLE_TIMEOUT;
    loop {
        let now = client.snapshot().await.map_err(Objection::Lost)?;
        let mut differences = compare(desired, &now.state);
        differences.retain(|difference| !is_remaining_nic(difference, &now.state));
        if differences.is_empty() {
            return Ok(now);
        }
        if Instant::now() >= deadline {
            return Err(Objection::Differs(differences));
        }
        sleep(RETRY_DELAY).await;
    }
}

/// The places where two states of a host differ.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Deviation {
    /// The first place of what somebody has configured.
    pub(super) first: Option<Path>,
    /// The values that the host decides about, and nobody holds.
    pub(super) chosen: Vec<Path>,
}

/// Where the configured part of two states differs, of interfaces that are down or left to others
/// too.
pub(super) fn deviation(before: &Snapshot, now: &Snapshot, held: &Held) -> Deviation {
    let at = |path| Deviation { first: Some(path), chosen: Vec::new() };
    if let Some(name) = differing_state(before, now).or_else(|| differing_state(now, before)) {
        let path = Path::new().join(Step::Key("interfaces".to_owned())).join(Step::Item(name));
        return at(path.join(Step::Key("state".to_owned())));
    }
    let (Some(before), Some(now)) = (as_if_up(before), as_if_up(now)) else {
        return at(Path::new());
    };
    let configured = |state: &Document| {
        Document::from_value(canonical::settable(&keys::STATE, state.as_value()))
    };
    let (Ok(before_part), Ok(now_part)) = (configured(&before), configured(&now)) else {
        return at(Path::new());
    };
    let differences = [compare(&before_part, &now), compare(&now_part, &before)];
    let paths = differences.into_iter().flatten().map(|difference| difference.path);
    let (mut chosen, others): (Vec<_>, Vec<_>) = paths.partition(|path| held.leaves_to_host(path));
    chosen.sort();
    chosen.dedup();
    Deviation { first: others.into_iter().next(), chosen }
}

/// An interface that is not there, or in another state.
fn differing_state(one: &Snapshot, other: &Snapshot) -> Option<String> {
    let key = |interface: &nmstate_schema::Value| {
        (interface["name"].clone(), interface["type"].clone(), interface["state"].clone())
    };
    let known: Vec<_> = other.state.interfaces().map(key).collect();
    let differing = one.state.interfaces().find(|interface| !known.contains(&key(interface)))?;
    differing["name"].as_str().map(str::to_owned)
}

/// The state with all interfaces up: of the others a comparison looks at nothing but that they are
/// not.
fn as_if_up(snapshot: &Snapshot) -> Option<Document> {
    let mut state = snapshot.state.as_value().clone();
    let interfaces = state.get_mut("interfaces").and_then(|list| list.as_array_mut());
    for interface in interfaces.into_iter().flatten() {
        interface["state"] = "up".into();
    }
    Document::from_value(state).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::networkmanager::Profiles;

    fn snapshot(text: &str) -> Snapshot {
        Snapshot::with_state(Document::parse(text).unwrap(), None)
    }

    /// The places where two states differ, after a change to `document` on a host with these profiles.
    fn differs(
        document: &str,
        profiles: &Profiles,
        [before, now]: [&Snapshot; 2],
    ) -> (Option<String>, Vec<String>) {
        let mut documents = profiles.held(&before.state);
        documents.push(Document::parse(document).unwrap());
        let deviation = deviation(before, now, &Held::of(&documents, &before.state));
        let chosen = deviation.chosen.iter().map(ToString::to_string).collect();
        (deviation.first.map(|path| path.to_string()), chosen)
    }

    #[test]
    fn interfaces_that_are_down_count_too() {
        let at = |state: &str, mtu: u32| {
            let interface = format!("{{name: eth0, type: ethernet, state: {state}, mtu: {mtu}}}");
            snapshot(&format!("interfaces: [{interface}]"))
        };
        let asked = "interfaces: [{name: eth0, mtu: 1400}]";
        let differs = |a: Snapshot, b: Snapshot| differs(asked, &Profiles::default(), [&a, &b]).0;
        assert_eq!(differs(at("down", 1500), at("down", 1500)), None);
        let mtu = Some("interfaces[eth0].mtu".to_owned());
        assert_eq!(differs(at("down", 1500), at("down", 1400)), mtu);
        assert_eq!(differs(at("ignore", 1500), at("ignore", 1400)), mtu);
        let state = Some("interfaces[eth0].state".to_owned());
        assert_eq!(differs(at("up", 1500), at("down", 1500)), state);
        assert_eq!(differs(at("up", 1500), snapshot("interfaces: []")), state);
    }

    /// A bond and a bridge, with what the kernel chooses.
    fn host(lro: bool, address: &str, mtu: u32, ip: &str) -> Snapshot {
        snapshot(&format!(
            "interfaces:
- {{name: eth1, type: ethernet, state: up, controller: bond0, mtu: {mtu},
   ethtool: {{feature: {{rx-lro: {lro}}}, ring: {{rx: 256}}}}}}
- {{name: bond0, type: bond, state: up, mtu: 1500, ethtool: {{feature: {{rx-lro: {lro}}}}},
   link-aggregation: {{mode: active-backup, port: [eth1]}}}}
- {{name: br0, type: linux-bridge, state: up, mtu: 1500, mac-address: {address},
   ipv4: {{enabled: true, dhcp: false, address: [{{ip: {ip}, prefix-length: 24}}]}},
   bridge: {{port: []}}}}"
        ))
    }

    const VLAN: &str =
        "interfaces: [{name: bond0.100, type: vlan, vlan: {base-iface: bond0, id: 100}}]";
    const MAC: [&str; 2] = ["02:00:00:00:00:01", "02:00:00:00:00:02"];

    #[test]
    fn what_the_kernel_chooses_is_as_before() {
        let before = host(true, MAC[0], 1500, "192.0.2.1");
        let chosen = |now: Snapshot| {
            let (first, chosen) = differs(VLAN, &Profiles::default(), [&before, &now]);
            assert_eq!(first, None);
            chosen
        };
        assert_eq!(chosen(host(true, MAC[0], 1500, "192.0.2.1")), [""; 0]);
        let lro =
            ["bond0", "eth1"].map(|name| format!("interfaces[{name}].ethtool.feature.rx-lro"));
        assert_eq!(chosen(host(false, MAC[0], 1500, "192.0.2.1")), lro);
        let address = ["interfaces[br0].mac-address"];
        assert_eq!(chosen(host(true, MAC[1], 1500, "192.0.2.1")), address);
        assert_eq!(chosen(host(true, MAC[0], 1400, "192.0.2.1")), ["interfaces[eth1].mtu"]);
    }

    #[test]
    fn what_somebody_holds_is_not() {
        let before = host(true, MAC[0], 1500, "192.0.2.1");
        let first = |document: &str, profiles: Profiles, now: Snapshot| {
            differs(document, &profiles, [&before, &now]).0
        };
        let mtu = Some("interfaces[eth1].mtu".to_owned());
        let smaller = || host(true, MAC[0], 1400, "192.0.2.1");
        let document = "interfaces: [{name: eth1, mtu: 1400}]";
        assert_eq!(first(document, Profiles::default(), smaller()), mtu);
        let profiles = Profiles::fake("eth1", &json!({"mtu": true}), &[]);
        assert_eq!(first(VLAN, profiles, smaller()), mtu);
        let of_another = Profiles::fake("eth2", &json!({"mtu": true}), &[]);
        assert_eq!(first(VLAN, of_another, smaller()), None);
        let lro = Some("interfaces[bond0].ethtool.feature.rx-lro".to_owned());
        let without = || host(false, MAC[0], 1500, "192.0.2.1");
        let document = "interfaces: [{name: bond0, ethtool: {feature: {lro: true}}}]";
        assert_eq!(first(document, Profiles::default(), without()), lro);
        let profiles =
            Profiles::fake("bond0", &json!({"ethtool": {"feature": {"lro": true}}}), &[]);
        assert_eq!(first(VLAN, profiles, without()), lro);
        let address = Some("interfaces[br0].ipv4.address[192.0.2.1/24]".to_owned());
        let other = host(true, MAC[0], 1500, "192.0.2.2");
        assert_eq!(first(VLAN, Profiles::default(), other), address);
    }
}
