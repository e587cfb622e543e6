//! The secrets of a host beside those that are declared.
//!
//! A host masks its secrets. It is asked for them where one is declared, by [`Host::secrets`], of which
//! nothing is kept but hashes.

use std::borrow::Cow;

use nmstate_engine::{Error, ErrorKind, Host, Snapshot};
use nmstate_schema::document::Document;
use nmstate_schema::path::Path;
use nmstate_schema::secrets::{masked, with_others};
use tfplugin::Diagnostics;

use crate::fleet::Member;
use crate::report;

/// The places on a host where its secret is not the declared one, and why some could not be told, if so.
pub(crate) async fn others(
    host: &Host,
    snapshot: &Snapshot,
    declared: &Document,
) -> (Vec<Path>, Option<Error>) {
    let mut declared = masked(declared, snapshot.canonical());
    if declared.is_empty() {
        return (Vec::new(), None);
    }
    let known = match host.secrets(snapshot).await {
        Ok(known) => known,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let unknown = declared.iter().find(|(place, value)| known.has(place, value).is_none());
    let unread = unknown.map(|(place, _)| {
        let message = format!("`nmstatectl show -s` does not tell the secret `{place}`");
        Error::new(ErrorKind::Remote, host.name(), message)
            .with_hint("have NetworkManager keep it itself: its flags in the profile have to be 0")
    });
    declared.retain(|(place, value)| known.has(place, value) == Some(false));
    (declared.into_iter().map(|(place, _)| place).collect(), unread)
}

/// A host in normal form, beside a declaration. What could not be told is said once per host.
pub(crate) async fn refreshed<'a>(
    member: &Member,
    snapshot: &'a Snapshot,
    declared: &Document,
    diagnostics: &mut Diagnostics,
) -> Cow<'a, Document> {
    let (others, unread) = others(&member.host, snapshot, declared).await;
    if let Some(error) = unread
        && member.tell_secrets()
    {
        let consequence = "a secret that somebody has changed on the host is not noticed: let the \
                           provider read them, or replace a resource to send its secrets again";
        report::warning(diagnostics, &error, consequence);
    }
    match others.as_slice() {
        [] => Cow::Borrowed(snapshot.canonical()),
        others => Cow::Owned(with_others(snapshot.canonical(), others)),
    }
}

#[cfg(test)]
mod tests;
