//! What a plan says about an entry.

use nmstate_schema::path::Step;
use tfplugin::{AttributePath, Diagnostics, PlanRequest, PlanResponse, Value};

use super::{Attributes, EntryResource, Kind, attributes};
use crate::configuration::Unreachable;
use crate::fleet::{Resolved, contacted};
use crate::original::OnDestroy;
use crate::{checks, convert, planning, report};

impl<K: Kind> EntryResource<K> {
    /// Plans a create or an update.
    pub(super) async fn plan_entry(
        &self,
        request: PlanRequest,
        diagnostics: &mut Diagnostics,
    ) -> PlanResponse {
        let config = attributes(&request.config);
        let prior = (!request.prior.is_null()).then(|| attributes(&request.prior));
        let refused = |request: PlanRequest| PlanResponse {
            planned: request.proposed,
            requires_replace: Vec::new(),
            private: request.private,
            identity: request.identity,
        };
        let contact = self.shared.fleet().and_then(|fleet| {
            let resolved = fleet.resolve(config.get("host").unwrap_or(&Value::Null))?;
            Ok((fleet, resolved))
        });
        let (fleet, resolved) = match contact {
            Ok(found) => found,
            Err(error) => {
                report::error(diagnostics, &error, Self::host_attribute(&error));
                return refused(request);
            }
        };
        let (host, member) = match resolved {
            Resolved::Known(name, member) => (Value::from(name), Some(member)),
            Resolved::Unknown => (Value::Unknown, None),
        };
        let snapshot = match contacted(member.as_deref()).await {
            Ok(snapshot) => snapshot,
            Err(_) if prior.is_some() && fleet.unreachable() == Unreachable::Warn => None,
            Err(error) => {
                report::error(diagnostics, &error, Some("host".into()));
                return refused(request);
            }
        };

        let entry = self.entry(&config);
        let existing = match (&prior, &snapshot) {
            (None, Some(snapshot)) => self
                .kind
                .find(snapshot.canonical(), &entry)
                .map(|found| self.respelled(&Attributes::new(), &found)),
            _ => None,
        };
        let base = prior.as_ref().or(existing.as_ref());
        let mut planned = self.planned(&config, base);

        if let (Some(snapshot), Some(member)) = (&snapshot, &member) {
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
                checks::management(&target, &entry, diagnostics);
            }
        }

        let on_destroy = match config.get("on_destroy") {
            Some(given @ (Value::String(_) | Value::Unknown)) => given.clone(),
            _ => match &prior {
                Some(prior) => prior.get("on_destroy").filter(|value| !value.is_null()).cloned(),
                None => None,
            }
            .unwrap_or_else(|| match (&snapshot, &existing) {
                (None, _) => Value::Unknown,
                (_, Some(_)) => OnDestroy::Restore.word().into(),
                (_, None) => OnDestroy::Absent.word().into(),
            }),
        };
        planned.insert("on_destroy".into(), on_destroy);
        let old_host = prior.as_ref().and_then(|prior| prior.get("host")).cloned();
        let host = match (&host, config.get("host"), &old_host) {
            // The provider's default is unknown for now: nothing says that it will be another.
            (Value::Unknown, None | Some(Value::Null), Some(old)) => old.clone(),
            _ => host,
        };
        let mut requires_replace: Vec<AttributePath> = self
            .layout
            .fields
            .iter()
            .filter(|field| field.identity)
            .map(|field| field.attribute.as_str().into())
            .collect();
        if !host.is_unknown() && old_host.is_some_and(|old| old != host) {
            requires_replace.push("host".into());
        }
        planned.insert("host".into(), host);
        PlanResponse {
            planned: Value::Map(planned),
            requires_replace,
            private: request.private,
            identity: request.identity,
        }
    }

    /// The planned attributes. `base` is what is there now; `None` when the entry will be new.
    fn planned(&self, config: &Attributes, base: Option<&Attributes>) -> Attributes {
        let entry = self.entry(config);
        let null = Value::Null;
        let mut planned: Attributes = self
            .layout
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
            .collect();
        if let Some(base) = base {
            self.release_followers(config, base, &mut planned);
        }
        planned
    }

    /// Makes unknown what nobody configures and what changes with an attribute that does.
    fn release_followers(&self, config: &Attributes, base: &Attributes, planned: &mut Attributes) {
        let is_changed = |name: &str| planned.get(name) != base.get(name);
        let is_left_out = |name: &str| config.get(name).is_none_or(Value::is_null);
        let following: Vec<&str> = self
            .layout
            .fields
            .iter()
            .filter(|field| is_left_out(&field.attribute))
            .filter(|field| {
                let mut leaders = field.key.follows.iter().map(|key| convert::attribute_name(key));
                leaders.any(|leader| is_changed(&leader))
            })
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
