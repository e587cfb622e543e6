//! What a plan says about an entry.

use nmstate_engine::transaction::Change;
use nmstate_schema::path::Step;
use nmstate_schema::undo::Undo;
use tfplugin::{AttributePath, Diagnostics, PlanDestroyRequest, PlanRequest, PlanResponse, Value};

use super::{Attributes, EntryResource, Kind, attributes};
use crate::common::{Plan, plan_destroy};
use crate::layout::Field;
use crate::original::Original;
use crate::planning::Earlier;
use crate::taking_over::{self, TakingOver};
use crate::{checks, convert, others, planning, risks, secrets};

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
        let found = match (&plan.member, &prior) {
            (Some(member), None) => self.found(member, &entry),
            _ => None,
        };
        let original = Original::read(&request.private);
        let planned = self.planned(&config, prior.as_ref());

        if let (Some(snapshot), Some(member)) = (&plan.snapshot, &plan.member) {
            let locate = |steps: &[Step]| self.layout.attribute_path(steps, &config);
            let names = self.names(&config);
            let target = checks::Target { snapshot, member, locate: &locate, names: &names };
            let declared = Self::document(self.kind.desired(&entry, None));
            if let Ok(declared) = &declared {
                checks::conflicts(&target, declared, diagnostics);
            }
            let unchanged = prior.as_ref().is_some_and(|prior| {
                planned.iter().all(|(name, value)| prior.get(name).unwrap_or(&Value::Null) == value)
            });
            if !unchanged {
                let missing_itself =
                    prior.is_none() && found.is_none() && !self.kind.creatable(&entry);
                if !missing_itself {
                    checks::remember(member, &entry);
                }
                if let Ok(declared) = &declared {
                    checks::existence(&target, declared, |_| missing_itself, diagnostics);
                    checks::kernel(&target, declared, diagnostics);
                }
                let previous = prior.as_ref().map(|prior| self.entry(prior));
                // What is not known yet may make a document of it that is not valid.
                if let Ok(document) = Self::document(self.kind.desired(&entry, previous.as_ref())) {
                    checks::versions(&target, &document, diagnostics);
                    let is_open = |path: &AttributePath| {
                        let root: AttributePath = path.steps().iter().take(1).cloned().collect();
                        request.config.at(&root).is_some_and(|one| !one.is_wholly_known())
                    };
                    checks::without_effect(&target, &document, &is_open, diagnostics);
                    let replaced = self.superseded(&document, &request.prior, snapshot.canonical());
                    let undo = original
                        .dropping(&document, &snapshot.state)
                        .and(Undo::removing(&replaced));
                    member.plan_undo(
                        undo.clone(),
                        original.declaration(),
                        others::read(&request.private),
                    );
                    let change = Change { undo, ..document.into() };
                    if let Ok(resolved) = change.resolve(&snapshot.state) {
                        risks::management(&target, &resolved.document, diagnostics);
                        taking_over::ports(&target, &resolved.document, diagnostics);
                        if let (None, Some(found)) = (&prior, &found) {
                            let label = self.kind.label(&entry);
                            let taking = TakingOver {
                                label: &label,
                                resource: &label,
                                type_name: &self.name,
                                import_id: self.import_id(found, member),
                                member,
                                is_allowed: plan.adopts,
                            };
                            let (sent, is_in_use) =
                                (&resolved.document, self.kind.is_in_use(found));
                            taking.report(sent, snapshot, is_in_use, &request.private, diagnostics);
                        }
                    }
                }
            }
        }

        let previous = prior.as_ref().map(|prior| self.entry(prior));
        let mut requires_replace =
            prior.map(|prior| self.layout.replacing(&prior, &planned)).unwrap_or_default();
        let mut planned = Value::Map(planned);
        let moved = plan.complete(&mut planned, &request, diagnostics);
        requires_replace.extend(moved);
        if planned == request.prior
            && let Ok(declared) = Self::document(self.kind.desired(&entry, None))
        {
            plan.stays(&declared, &request.private, diagnostics);
        }
        let private = plan.private(request.private);
        let private = match &previous {
            Some(previous) => taking_over::about(&self.kind.label(previous), private),
            None => private,
        };
        PlanResponse { planned, requires_replace, private, identity: request.identity }
    }

    /// Plans a destroy, which has nothing to say but what is risky about it.
    pub(super) async fn plan_destroying(
        &self,
        request: &PlanDestroyRequest,
        diagnostics: &mut Diagnostics,
    ) -> Vec<u8> {
        let original = Original::read(&request.private);
        if let Some(undo) = self.undoing(&request.prior, &original) {
            let prior = attributes(&request.prior);
            let locate = |steps: &[Step]| self.layout.attribute_path(steps, &prior);
            let names = self.names(&prior);
            return plan_destroy(&self.shared, request, &undo, &locate, &names, diagnostics).await;
        }
        request.private.clone()
    }

    /// The planned attributes. `prior` is the state, `None` for a new entry.
    pub(crate) fn planned(&self, config: &Attributes, prior: Option<&Attributes>) -> Attributes {
        let entry = self.entry(config);
        let given = Value::Map(config.clone());
        let state = prior.cloned().map_or(Value::Null, Value::Map);
        let earlier = Earlier { state: &state, in_place: true };
        let mut planned: Attributes = self
            .layout
            .fields
            .iter()
            .flat_map(|field| {
                let name = &field.attribute;
                let default = self.kind.defaults().iter().find(|(key, _)| key == name);
                let (own, before) = (given.attribute(name), state.attribute(name));
                let value = match (own, default) {
                    (Value::Null, Some((_, default))) => Value::from(*default),
                    _ if self.is_alike(field, own, before) => before.clone(),
                    (Value::Null, None) if !field.fits(&entry) => before.clone(),
                    _ => planning::plan(field.key, name, &given, earlier),
                };
                secrets::beside(field.key, name, config).chain([(name.clone(), value)])
            })
            .collect();
        if let Some(prior) = prior {
            self.release_followers(config, prior, &mut planned);
        }
        planned
    }

    fn is_alike(&self, field: &Field, one: &Value, other: &Value) -> bool {
        let [one, other] = [one, other].map(|value| convert::to_json(&field.key.kind, value));
        one.zip(other).is_some_and(|(one, other)| self.kind.is_alike(field.key.name, &one, &other))
    }

    /// Makes unknown what the state has, nobody configures, and changes with an attribute that does.
    fn release_followers(&self, config: &Attributes, base: &Attributes, planned: &mut Attributes) {
        let [now, then] = [&*planned, base].map(|attributes| self.layout.entry_of(attributes));
        let is_changed = |place: &&str| {
            let pointer = format!("/{place}");
            now.pointer(&pointer) != then.pointer(&pointer)
        };
        let is_null = |all: &Attributes, name: &str| all.get(name).is_none_or(Value::is_null);
        let following: Vec<&str> = self
            .layout
            .fields
            .iter()
            .filter(|field| is_null(config, &field.attribute) && !is_null(base, &field.attribute))
            .filter(|field| field.key.follows.iter().any(is_changed))
            .map(|field| field.attribute.as_str())
            .collect();
        for name in following {
            planned.insert(name.to_owned(), Value::Unknown);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::kinds::route_rule::RouteRule;
    use crate::shared::Shared;

    #[test]
    fn what_follows_a_change_is_unknown_and_the_rest_stays() {
        let resource = EntryResource::new(RouteRule, Arc::new(Shared::default()));
        let attributes = |entry: serde_json::Value| resource.layout.attributes_of(&entry);
        let before = attributes(json!({"family": "ipv4", "ip-from": "192.0.2.0/24",
            "priority": 30000, "route-table": 200}));
        let planned = |entry| resource.planned(&attributes(entry), Some(&before));

        let unchanged = planned(json!({"ip-from": "192.0.2.0/24", "route-table": 200}));
        assert_eq!(unchanged, before);
        let other = planned(json!({"ip-from": "2001:db8::/32", "route-table": 200}));
        assert_eq!(other["family"], Value::Unknown);
        assert_eq!(other["priority"], Value::from(30000_i64));
        assert_eq!(other["action"], Value::Null);
        let dropping = planned(json!({"ip-from": "192.0.2.0/24", "action": "blackhole"}));
        assert_eq!(dropping["route_table"], Value::Unknown);
    }
}
