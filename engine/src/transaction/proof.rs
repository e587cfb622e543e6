//! Reading the end state from the host: is it as desired, is it as before.

use std::time::Instant;

use nmstate_schema::compare::{compare, is_remaining_nic};
use nmstate_schema::document::Document;
use nmstate_schema::path::{Path, Step};
use nmstate_schema::{canonical, keys};
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

/// Where the configured part of two states differs, of interfaces that are down or left to others
/// too.
pub(super) fn first_difference(before: &Snapshot, now: &Snapshot) -> Option<Path> {
    if let Some(name) = differing_state(before, now).or_else(|| differing_state(now, before)) {
        let path = Path::new().join(Step::Key("interfaces".to_owned())).join(Step::Item(name));
        return Some(path.join(Step::Key("state".to_owned())));
    }
    let (before, now) = (as_if_up(before)?, as_if_up(now)?);
    let configured = |state: &Document| {
        Document::from_value(canonical::settable(&keys::STATE, state.as_value()))
    };
    let (Ok(before_part), Ok(now_part)) = (configured(&before), configured(&now)) else {
        return Some(Path::new());
    };
    let differences = [compare(&before_part, &now), compare(&now_part, &before)];
    differences.into_iter().flatten().map(|difference| difference.path).next()
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
    use super::*;

    fn snapshot(text: &str) -> Snapshot {
        Snapshot::with_state(Document::parse(text).unwrap(), None)
    }

    #[test]
    fn interfaces_that_are_down_count_too() {
        let at = |state: &str, mtu: u32| {
            let interface = format!("{{name: eth0, type: ethernet, state: {state}, mtu: {mtu}}}");
            snapshot(&format!("interfaces: [{interface}]"))
        };
        let differs = |a, b| first_difference(&a, &b).map(|path| path.to_string());
        assert_eq!(differs(at("down", 1500), at("down", 1500)), None);
        let mtu = Some("interfaces[eth0].mtu".to_owned());
        assert_eq!(differs(at("down", 1500), at("down", 1400)), mtu);
        assert_eq!(differs(at("ignore", 1500), at("ignore", 1400)), mtu);
        let state = Some("interfaces[eth0].state".to_owned());
        assert_eq!(differs(at("up", 1500), at("down", 1500)), state);
        assert_eq!(differs(at("up", 1500), snapshot("interfaces: []")), state);
    }
}
