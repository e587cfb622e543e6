//! Putting an entry on the host, changing it there, taking it away.

use nmstate_engine::{Error, ErrorKind};
use nmstate_schema::document::Document;
use nmstate_schema::path::{Path, Step};
use nmstate_schema::undo::Undo;
use nmstate_schema::{Names, Value as Json, superseded};
use tfplugin::{ApplyRequest, ApplyResponse, AttributePath, Diagnostics, Value};

use super::{Attributes, EntryResource, Kind, attributes};
use crate::common::{Job, lets_go};
use crate::layout::{Field, within_entry};
use crate::original::{OnDestroy, Original};
use crate::{gone, planning, report, secrets, taking_over};

impl<K: Kind> EntryResource<K> {
    /// Carries a plan out; what fails leaves the state as it was (design rule 6).
    pub(super) async fn apply_entry(
        &self,
        request: ApplyRequest,
        diagnostics: &mut Diagnostics,
    ) -> ApplyResponse {
        if request.is_destroy() {
            return self.destroy(request, diagnostics).await;
        }
        let Some(job) = Job::find(&self.shared, &request, diagnostics).await else {
            return ApplyResponse::unchanged(request);
        };
        match self.create_or_update(&job, &request, diagnostics).await {
            Ok(response) => response,
            Err(error) => {
                let own = || self.attribute_of(&error, &attributes(&request.config));
                let path = job.attribute_of(&error).or_else(own);
                let error = self.in_own_words(error, &attributes(&request.config));
                report::error(diagnostics, &error, path);
                ApplyResponse::unchanged(request)
            }
        }
    }

    async fn create_or_update(
        &self,
        job: &Job,
        request: &ApplyRequest,
        diagnostics: &mut Diagnostics,
    ) -> Result<ApplyResponse, Error> {
        let config = attributes(&request.config);
        let planned = attributes(&request.planned);
        let entry = self.entry(if self.kind.is_replaced() { &planned } else { &config });
        let previous = (!request.is_create()).then(|| self.entry(&attributes(&request.prior)));
        let desired = Self::document(self.kind.desired(&entry, previous.as_ref()))?;
        let original = Original::read(&request.private);
        let replaced = self.superseded(&desired, &request.prior, job.snapshot.canonical());
        let undo = original.dropping(&desired, &job.snapshot.state).and(Undo::removing(&replaced));
        let resend = secrets::are_changed(&self.own_attributes(), &request.prior, &request.planned);
        let applied = job.carry_out(desired.clone(), undo, resend, diagnostics).await?;

        let found = self.find(applied.after.canonical(), &entry).ok_or_else(|| {
            let text = format!("{} is not there after the change", self.kind.label(&entry));
            Error::new(ErrorKind::Verification, job.host(), text)
        })?;
        let state = self.settled(&planned, &found);
        let postponed = job.member.host.postponed();
        let declared = Self::document(self.kind.desired(&self.entry(&config), None))?;
        let original = original.after(&desired, &declared, &replaced, &applied, &postponed);
        let mut state = Value::Map(state);
        job.complete(&mut state, request, &applied);
        let identity = self.lasting_identity(request.identity.clone(), &state);
        Ok(ApplyResponse { state, private: job.private(original.write()), identity })
    }

    /// The state of what was planned once the host shows `found`.
    pub(super) fn settled(&self, planned: &Attributes, found: &Json) -> Attributes {
        let actual = self.layout.attributes_of(found);
        let settled = |field: &Field| {
            let of = |attributes: &Attributes| {
                attributes.get(&field.attribute).cloned().unwrap_or_default()
            };
            let value = planning::settle(&field.key.kind, &of(planned), &of(&actual));
            secrets::beside(field.key, &field.attribute, planned)
                .chain([(field.attribute.clone(), value)])
        };
        self.layout.fields.iter().flat_map(settled).collect()
    }

    /// The entries of the host that this one takes the place of, as a document.
    pub(super) fn superseded(
        &self,
        desired: &Document,
        prior: &Value,
        host: &Document,
    ) -> Document {
        let earlier = Some(attributes(prior)).filter(|prior| !prior.is_empty());
        let earlier = earlier.map(|prior| self.kind.desired(&self.entry(&prior), None));
        let earlier = earlier.and_then(|tree| Self::document(tree).ok()).unwrap_or_default();
        superseded(desired, &earlier, host)
    }

    async fn destroy(&self, request: ApplyRequest, diagnostics: &mut Diagnostics) -> ApplyResponse {
        let original = Original::read(&request.private);
        let label = self.kind.label(&self.entry(&attributes(&request.prior)));
        taking_over::release(&self.shared, &request.prior, &label);
        let undo = match self.undoing(&request.prior, &original) {
            Some(undo) => undo,
            None if OnDestroy::is_keep(&request.prior) => return ApplyResponse::default(),
            None => {
                report::untouched(diagnostics, &label);
                if !lets_go(&self.shared, &request) {
                    return ApplyResponse::default();
                }
                Undo::default()
            }
        };
        let Some(job) = Job::find(&self.shared, &request, diagnostics).await else {
            return ApplyResponse::unchanged(request);
        };
        let (entry, state) = (self.entry(&attributes(&request.prior)), job.snapshot.canonical());
        let own = entry.get("name").and_then(Json::as_str);
        let undo = match own.filter(|_| self.find(state, &entry).is_none()) {
            None => undo,
            Some(name) => {
                let (undo, left_out) = gone::without(undo, name);
                report::left_out(diagnostics, job.host(), left_out.as_slice(), true);
                undo
            }
        };
        let outcome = job.carry_out(Document::default(), undo, false, diagnostics);
        match outcome.await {
            Ok(_) => ApplyResponse::default(),
            Err(error) => {
                report::error(diagnostics, &error, None);
                ApplyResponse::unchanged(request)
            }
        }
    }

    /// The things that a destroy undoes; none when the host stays as it is.
    pub(super) fn undoing(&self, state: &Value, original: &Original) -> Option<Undo> {
        match OnDestroy::of(state) {
            Some(OnDestroy::Keep) => None,
            Some(OnDestroy::Absent) if !original.has_made() => {
                let entry = self.entry(&attributes(state));
                let declared = Self::document(self.kind.desired(&entry, None)).ok()?;
                Some(Undo::removing(&declared))
            }
            // What was made goes, and what was changed, such as ports, is put back.
            Some(OnDestroy::Absent | OnDestroy::Restore) | None => {
                Some(original.undo()).filter(|undo| !undo.is_empty())
            }
        }
    }

    /// The attribute that an engine error is about, when it names a place in this entry.
    fn attribute_of(&self, error: &Error, attributes: &Attributes) -> Option<AttributePath> {
        match error.kind {
            ErrorKind::Verification | ErrorKind::InvalidDocument | ErrorKind::NmstatectlTooOld => {
                let path = error.path.as_ref().filter(|path| is_within(path, attributes))?;
                self.layout.attribute_path(within_entry(path), attributes)
            }
            _ => None,
        }
    }

    /// An engine error with the resource's name of the place in this entry that it names.
    fn in_own_words(&self, error: Error, attributes: &Attributes) -> Error {
        let Some(path) = error.path.as_ref().filter(|path| is_within(path, attributes)) else {
            return error;
        };
        let place = self.names(attributes).place(path);
        if place.is_empty() {
            return error;
        }
        let message = error.message.replace(&format!("`{path}`"), &format!("`{place}`"));
        Error { message, ..error }
    }
}

/// Whether a path leads into the entry of these attributes: a transaction may carry others, too. What
/// is found by an identifier has a name on the host that nobody here knows.
fn is_within(path: &Path, attributes: &Attributes) -> bool {
    let text = |name: &str| attributes.get(name).and_then(Value::as_str);
    match path.steps() {
        [Step::Key(list), Step::Item(name), ..] if list == "interfaces" => {
            text("name") == Some(name) || text("identifier").is_some_and(|by| by != "name")
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::kinds::interface::Interface;
    use crate::shared::Shared;

    #[test]
    fn what_the_host_did_not_take_on_is_told_in_the_words_of_the_resource() {
        let shared = Arc::new(Shared::default());
        let resource = EntryResource::new(Interface { of_type: Some("bond") }, shared);
        let options = Value::object([("xmit_hash_policy", Value::from("layer2"))]);
        let bond = Value::object([("name", Value::from("bond0")), ("options", options)]);
        let bond = attributes(&bond);
        let error = |interface: &str| {
            let path = ["link-aggregation", "options", "xmit_hash_policy"];
            let mut place = Path::new().join("interfaces").join(Step::Item(interface.into()));
            path.iter().for_each(|key| place.push(*key));
            let message = format!("`{place}` did not take on the desired value");
            Error::new(ErrorKind::Verification, "web1", message).with_path(Some(place))
        };
        let own = error("bond0");
        let attribute = resource.attribute_of(&own, &bond).unwrap();
        assert_eq!(attribute.to_string(), "options.xmit_hash_policy");
        assert_eq!(
            resource.in_own_words(own, &bond).message,
            "`options.xmit_hash_policy` did not take on the desired value"
        );
        let other = error("bond1");
        assert_eq!(resource.attribute_of(&other, &bond), None);
        let message = other.message.clone();
        assert_eq!(resource.in_own_words(other, &bond).message, message);
    }
}
