//! Reading the end state from the host: is it as desired, is it as before.

use std::time::Instant;

use nmstate_schema::compare::{compare, is_remaining_nic};
use nmstate_schema::document::Document;
use nmstate_schema::path::Path;
use nmstate_schema::{canonical, keys};
use tokio::time::sleep;

use super::{Objection, RETRY_DELAY, SETTLE_TIMEOUT};
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

/// Where the configured part of two states differs.
pub(super) fn first_difference(before: &Snapshot, now: &Snapshot) -> Option<Path> {
    let configured = |snapshot: &Snapshot| {
        let value = canonical::settable(&keys::STATE, snapshot.state.as_value());
        Document::from_value(value)
    };
    let (Ok(before_part), Ok(now_part)) = (configured(before), configured(now)) else {
        return Some(Path::new());
    };
    let differences = [compare(&before_part, &now.state), compare(&now_part, &before.state)];
    differences.into_iter().flatten().map(|difference| difference.path).next()
}
