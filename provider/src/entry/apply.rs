//! Putting an entry on the host, changing it there, taking it away.

use nmstate_engine::{Error, ErrorKind};
use nmstate_schema::Value as Json;
use tfplugin::{ApplyRequest, ApplyResponse, AttributePath, Diagnostics, Value};

use super::{Attributes, EntryResource, Kind, attributes};
use crate::common::Job;
use crate::layout::within_entry;
use crate::original::{OnDestroy, Original};
use crate::{planning, report, secrets};

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
        let state = job.snapshot.canonical();
        let desired = Self::document(self.kind.desired(&entry, previous.as_ref(), state))?;
        let resend = secrets::are_changed(&self.own_attributes(), &request.prior, &request.planned);
        let applied = job.carry_out(desired.clone(), resend, diagnostics).await?;

        let found = self.kind.find(applied.after.canonical(), &entry).ok_or_else(|| {
            let text = format!("{} is not there after the change", self.kind.label(&entry));
            Error::new(ErrorKind::Verification, job.host(), text)
        })?;
        let actual = self.layout.attributes_of(&found);
        let state = self
            .layout
            .fields
            .iter()
            .flat_map(|field| {
                let name = &field.attribute;
                let actual = actual.get(name).unwrap_or(&Value::Null);
                let settled = planned.get(name).unwrap_or(&Value::Null);
                let settled = planning::settle(&field.key.kind, settled, actual);
                secrets::beside(field.key, name, &planned).chain([(name.clone(), settled)])
            })
            .collect();

        let existed = self.kind.find(applied.before.canonical(), &entry).is_some();
        let original = Original::read(&request.private).extended(
            request.is_create() && !existed,
            &desired,
            &applied.before.state,
        );
        let mut state = Value::Map(state);
        job.complete(&mut state, request, OnDestroy::default_for(&original), &applied);
        let identity = self.lasting_identity(request.identity.clone(), &state);
        Ok(ApplyResponse { state, private: original.write(), identity })
    }

    async fn destroy(&self, request: ApplyRequest, diagnostics: &mut Diagnostics) -> ApplyResponse {
        let original = Original::read(&request.private);
        let Some(document) = self.way_back(&request.prior, &original) else {
            if OnDestroy::of(&request.prior, &original) != OnDestroy::Keep {
                let label = self.kind.label(&self.entry(&attributes(&request.prior)));
                report::nothing_known(diagnostics, &label);
            }
            return ApplyResponse::default();
        };
        let Some(job) = Job::find(&self.shared, &request, diagnostics).await else {
            return ApplyResponse::unchanged(request);
        };
        self.own(&job.member, &request.prior);
        let outcome = async { job.carry_out(Self::document(document)?, false, diagnostics).await };
        match outcome.await {
            Ok(_) => ApplyResponse::default(),
            Err(error) => {
                report::error(diagnostics, &error, None);
                ApplyResponse::unchanged(request)
            }
        }
    }

    /// The document that a destroy carries out; none when the host stays as it is.
    pub(super) fn way_back(&self, state: &Value, original: &Original) -> Option<Json> {
        let absent = self.kind.absent(&self.entry(&attributes(state)));
        match OnDestroy::of(state, original) {
            OnDestroy::Keep => None,
            OnDestroy::Absent if !original.created() => Some(absent),
            // What was created goes, and what it had taken, such as ports, is put back.
            OnDestroy::Absent | OnDestroy::Restore => {
                original.restoring(&absent).or_else(|| original.created().then_some(absent))
            }
        }
    }

    /// The attribute that an engine error is about, when it names a place in this entry.
    fn attribute_of(&self, error: &Error, attributes: &Attributes) -> Option<AttributePath> {
        match error.kind {
            ErrorKind::Verification | ErrorKind::InvalidDocument | ErrorKind::NmstatectlTooOld => {
                self.layout.attribute_path(within_entry(error.path.as_ref()?), attributes)
            }
            _ => None,
        }
    }
}
