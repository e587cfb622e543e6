//! What a plan says about an entry.

use nmstate_schema::path::Step;
use tfplugin::{AttributePath, Diagnostics, PlanDestroyRequest, PlanRequest, PlanResponse, Value};

use super::{Attributes, EntryResource, Kind, attributes};
use crate::common::{Plan, plan_destroy};
use crate::original::{OnDestroy, Original};
use crate::{checks, planning, risks};

impl<K: Kind> EntryResource<K> {
    /// Plans a create or an update.
    pub(super) async fn plan_entry(
        &self,
        request: PlanRequest,
        diagnostics: &mut Diagnostics,
    ) -> PlanResponse {
        let Some(plan) = Plan::look(&self.shared, &request, diagnostics).await else {
            return PlanResponse {
                planned: request.proposed,
                requires_replace: Vec::new(),
                private: request.private,
                identity: request.identity,
            };
        };
        let config = attributes(&request.config);
        let prior = (!request.prior.is_null()).then(|| attributes(&request.prior));

        let entry = self.entry(&config);
        let existing = match (&prior, &plan.snapshot) {
            (None, Some(snapshot)) => self
                .kind
                .find(snapshot.canonical(), &entry)
                .map(|found| self.respelled(&Attributes::new(), &found)),
            _ => None,
        };
        let base = prior.as_ref().or(existing.as_ref());
        let planned = self.planned(&config, base);

        if let (Some(snapshot), Some(member)) = (&plan.snapshot, &plan.member) {
            let unchanged = base.is_some_and(|base| {
                planned.iter().all(|(name, value)| base.get(name).unwrap_or(&Value::Null) == value)
            });
            if !unchanged {
                let locate = |steps: &[Step]| self.layout.attribute_path(steps, &config);
                let target = checks::Target { snapshot, member, locate: &locate };
                let missing_itself = base.is_none() && !self.kind.creatable(&entry);
                if !missing_itself {
                    checks::remember(member, &entry);
                }
                checks::existence(&target, &entry, missing_itself, diagnostics);
                let previous = prior.as_ref().map(|prior| self.entry(prior));
                let state = snapshot.canonical();
                // What is not known yet may make a document of it that is not valid.
                if let Ok(document) =
                    Self::document(self.kind.desired(&entry, previous.as_ref(), state))
                {
                    risks::management(&target, &document, diagnostics);
                }
            }
        }

        let on_destroy = match (&plan.snapshot, &existing) {
            (None, _) => None,
            (_, Some(_)) => Some(OnDestroy::Restore),
            (_, None) => Some(OnDestroy::Absent),
        };
        let mut planned = Value::Map(planned);
        let moved = plan.complete(&mut planned, &request, on_destroy);
        let mut requires_replace: Vec<AttributePath> = self
            .layout
            .fields
            .iter()
            .filter(|field| field.identity)
            .map(|field| field.attribute.as_str().into())
            .collect();
        requires_replace.extend(moved);
        PlanResponse {
            planned,
            requires_replace,
            private: request.private,
            identity: request.identity,
        }
    }

    /// Plans a destroy, which has nothing to say but what is risky about it.
    pub(super) async fn plan_destroying(
        &self,
        request: &PlanDestroyRequest,
        diagnostics: &mut Diagnostics,
    ) {
        let original = Original::read(&request.private);
        if let Some(document) = self.way_back(&request.prior, &original) {
            let prior = attributes(&request.prior);
            let locate = |steps: &[Step]| self.layout.attribute_path(steps, &prior);
            plan_destroy(&self.shared, &request.prior, document, &locate, diagnostics).await;
        }
    }

    /// The planned attributes. `base` is what is there now; `None` when the entry will be new.
    fn planned(&self, config: &Attributes, base: Option<&Attributes>) -> Attributes {
        let entry = self.entry(config);
        let null = Value::Null;
        self.layout
            .fields
            .iter()
            .map(|field| {
                let name = &field.attribute;
                let default = self.kind.defaults().iter().find(|(key, _)| key == name);
                let given = config.get(name).unwrap_or(&null);
                let value = match (given, default) {
                    (Value::Null, Some((_, default))) => Value::from(*default),
                    _ => {
                        let prior = base.and_then(|base| base.get(name)).unwrap_or(&null);
                        let decides = base.is_none() && field.fits(&entry);
                        let unset = if decides { Value::Unknown } else { Value::Null };
                        planning::plan(field.key, given, prior, &unset)
                    }
                };
                (name.clone(), value)
            })
            .collect()
    }
}
