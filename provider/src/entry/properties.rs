//! Plans, refreshes and applies of all resources against what a comparison says, over configurations
//! and hosts by the thousand.
//!
//! A state is what an apply of a configuration leaves. Then somebody changes the host by hand, the
//! configuration is written in another spelling, or it says something else: what a plan changes is
//! what [`compare_entry`] names, and all of it. Every plan and state is held against the rules of
//! Terraform.
//!
//! `PROPERTIES` is the number of cases for each thing that there are entries of.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use nmstate_schema::canonical::{canonical, canonical_value};
use nmstate_schema::compare::{Difference, compare_entry};
use nmstate_schema::document::Document;
use nmstate_schema::generated::{Case, NAME_BY_ADDRESS, Thing, failures, things};
use nmstate_schema::keys::{Access, Extras, INTERFACE, Key, Kind as Values, Section};
use nmstate_schema::path::{Path, Step};
use nmstate_schema::validate::validate;
use nmstate_schema::{Value as Json, item_step};
use tfplugin::{Mode, Schema, Value, rules};

use super::{Attributes, EntryResource, Kind};
use crate::kinds::dns_resolver::DnsResolver;
use crate::kinds::hostname::Hostname;
use crate::kinds::interface::Interface;
use crate::kinds::ovn_bridge_mapping::OvnBridgeMapping;
use crate::kinds::ovs_db::OvsDb;
use crate::kinds::route::Route;
use crate::kinds::route_rule::RouteRule;
use crate::shared::Shared;
use crate::{convert, secrets};

/// The cases for each thing, unless `PROPERTIES` says another number.
const CASES: u32 = 10;

#[test]
fn a_plan_changes_what_a_comparison_names_and_nothing_else() {
    let count = std::env::var("PROPERTIES").ok().and_then(|text| text.parse().ok());
    let only = std::env::var("PROPERTIES_OF").ok();
    // Making a case smaller takes long.
    let tries = if only.is_some() { 300 } else { 0 };
    let mut told = String::new();
    for thing in things() {
        let name = thing.of_type.unwrap_or(thing.section.name);
        if only.as_ref().is_some_and(|only| only != name) {
            continue;
        }
        for (number, case, failure) in failed(thing, [count.unwrap_or(CASES), tries]) {
            let [host, by_hand] = [&case.host, &case.by_hand].map(Document::to_json);
            let Case { declared, respelled, changed, .. } = case;
            let _ = writeln!(
                told,
                "case {number} of {name}: {failure}\n  declared {declared}\n  respelled {respelled}\n  \
                 changed {changed}\n  host {host}\n  by hand {by_hand}\n"
            );
        }
    }
    assert!(told.is_empty(), "{told}");
}

fn failed(thing: Thing, [count, tries]: [u32; 2]) -> Vec<(usize, Case, String)> {
    let Some(of_type) = thing.of_type else {
        return match thing.section.name {
            "route" => held(Route, thing, [count, tries]),
            "route rule" => held(RouteRule, thing, [count, tries]),
            "DNS client" => held(DnsResolver, thing, [count, tries]),
            "host name" => held(Hostname, thing, [count, tries]),
            "OVN bridge mapping" => held(OvnBridgeMapping, thing, [count, tries]),
            _ => held(OvsDb, thing, [count, tries]),
        };
    };
    let mut failed = held(Interface { of_type: Some(of_type) }, thing, [count, tries]);
    failed.extend(held(Interface { of_type: None }, thing, [count / 4, tries]));
    failed
}

fn held<K: Kind>(kind: K, thing: Thing, [count, tries]: [u32; 2]) -> Vec<(usize, Case, String)> {
    let resource = Held(EntryResource::new(kind, Arc::new(Shared::default())), thing);
    failures(&thing.cases(), count, tries, |case| resource.check(case))
}

struct Held<K>(EntryResource<K>, Thing);

/// A change of a plan.
#[derive(Debug)]
struct Change {
    steps: Vec<Step>,
    from: Value,
    to: Value,
}

impl<K: Kind> Held<K> {
    fn check(&self, case: &Case) -> Result<(), String> {
        let resource = &self.0;
        let config = self.config(&case.declared);
        let planned = self.planned(&config, None)?;
        let entry = self.judged(&config, &planned);
        let Some(found) = resource.find(&canonical(&case.host), &entry) else {
            return Err("what was applied is not found".to_owned());
        };
        let lacking = self.differences(&config, &planned, None, &found);
        if !lacking.is_empty() {
            return Err(format!("what was applied is not there: {lacking:?}"));
        }
        let state = resource.settled(&planned, &found);
        let broken =
            rules::check_apply(&self.schema(), &Value::Map(planned), &Value::Map(state.clone()));
        if !broken.is_empty() {
            return Err(format!("terraform refuses the state: {broken:#?}"));
        }
        let declared = resource.entry(&config);
        let seen = resource.refreshed_beside(&state, &found, Some(&declared));
        self.agrees("a refresh of what was applied", &self.changes(&seen, &state), &[], &|_| true)?;
        let again = self.planned(&config, Some(&state))?;
        self.agrees("a plan of what was applied", &self.changes(&again, &state), &[], &|_| true)?;
        self.by_hand(case, &config, &state)?;
        for (what, entry) in [("another spelling", &case.respelled), ("a change", &case.changed)] {
            let config = self.config(entry);
            // Terraform's own types leave other things of a spelling than a document does.
            if !self.is_valid(&config) {
                continue;
            }
            let planned = self.planned(&config, Some(&state))?;
            let previous = resource.entry(&state);
            let differences = self.differences(&config, &planned, Some(&previous), &found);
            let effective = self.1.effective(&self.judged(&config, &planned), &found);
            let changes = self.changes(&planned, &state);
            let counts = |change: &Change| is_given(&effective, &change.steps);
            self.agrees(what, &changes, &differences, &counts)?;
        }
        Ok(())
    }

    fn by_hand(&self, case: &Case, config: &Attributes, state: &Attributes) -> Result<(), String> {
        let resource = &self.0;
        let Some(found) = resource.find(&canonical(&case.by_hand), &resource.entry(state)) else {
            return Ok(());
        };
        let declared = resource.entry(config);
        let seen = resource.refreshed_beside(state, &found, Some(&declared));
        let planned = self.planned(config, Some(&seen))?;
        let differences = self.differences(config, &planned, None, &found);
        self.agrees("drift", &self.changes(&planned, &seen), &differences, &|_| true)?;
        // What counts of an interface depends on whether it is up.
        if seen.get("state") != state.get("state") {
            return Ok(());
        }
        let again = resource.refreshed_beside(&seen, &found, Some(&declared));
        self.agrees("a second refresh", &self.changes(&again, &seen), &[], &|_| true)
    }

    /// The entry that a configuration is judged by: the one that is sent.
    fn judged(&self, config: &Attributes, planned: &Attributes) -> Json {
        self.0.entry(if self.0.kind.is_replaced() { planned } else { config })
    }

    fn differences(
        &self,
        config: &Attributes,
        planned: &Attributes,
        previous: Option<&Json>,
        found: &Json,
    ) -> Vec<Difference> {
        let sent = self.0.kind.desired(&self.judged(config, planned), previous);
        compare_entry(self.0.kind.section(), &self.1.entry_of(&sent), found)
    }

    /// Compares the changes of a plan with the differences. `counts` says of a change whether its value
    /// has an effect.
    fn agrees(
        &self,
        what: &str,
        changes: &[Change],
        found: &[Difference],
        counts: &dyn Fn(&Change) -> bool,
    ) -> Result<(), String> {
        let is_at =
            |one: &[Step], other: &[Step]| one.iter().zip(other).all(|(one, other)| one == other);
        for change in changes {
            let is_named = found.iter().any(|one| is_at(&change.steps, &whole_lists(&one.path)));
            if !is_named && !self.is_expected(change, found) && counts(change) {
                let path = Path::from(change.steps.clone());
                let Change { from, to, .. } = change;
                return Err(format!(
                    "{what}: `{path}` changes from {from:?} to {to:?}, and no difference says so: {found:?}"
                ));
            }
        }
        for difference in found {
            let place = whole_lists(&difference.path);
            // The profile is called as what an identifier finds, and no attribute says so.
            if place == [Step::from("profile-name")] && difference.desired == NAME_BY_ADDRESS {
                continue;
            }
            // What was declared before without an effect gets one from what changes beside it.
            let is_switched = what == "a change" && !changes.is_empty();
            if !is_switched && !changes.iter().any(|change| is_at(&change.steps, &place)) {
                return Err(format!("{what}: nothing changes at {difference:?}"));
            }
        }
        Ok(())
    }

    /// A change that is no difference of the host, by design.
    fn is_expected(&self, change: &Change, found: &[Difference]) -> bool {
        // Nobody declared it before: the state has it from now on.
        if change.from.is_null() {
            return true;
        }
        // An item is to be absent that is not there.
        if change.to.attribute("state").as_str() == Some("absent") {
            return true;
        }
        let Some(key) = self.key(&change.steps) else { return false };
        // An item that may be there without being declared is declared no longer.
        let is_item = matches!(change.steps.last(), Some(Step::Item(_)));
        if is_item && change.to.is_null() && key.extras != Extras::Differ {
            return true;
        }
        // No host answers for it.
        if key.access == Access::WriteOnly {
            return true;
        }
        // It follows what changes, or goes with what has brought it.
        (change.to.is_unknown() && !found.is_empty() && !key.follows.is_empty())
            || (key.decided.is_some() && (change.to.is_unknown() || change.to.is_null()))
    }

    fn key(&self, steps: &[Step]) -> Option<&'static Key> {
        let mut section: &'static Section = self.0.kind.section();
        let mut found = None;
        for step in steps {
            let Step::Key(name) = step else { return found };
            let key = section.key_for(name, self.1.of_type)?;
            found = Some(key);
            match &key.kind {
                Values::Section(inner) => section = inner,
                _ => return found,
            }
        }
        found
    }

    fn schema(&self) -> Schema {
        Schema { version: 0, description: String::new(), attributes: self.0.own_attributes() }
    }

    /// A plan, held against the rules of Terraform.
    fn planned(
        &self,
        config: &Attributes,
        prior: Option<&Attributes>,
    ) -> Result<Attributes, String> {
        let planned = self.0.planned(config, prior);
        let state = prior.cloned().map_or(Value::Null, Value::Map);
        let [given, made] = [config, &planned].map(|one| Value::Map(one.clone()));
        let broken = rules::check_plan(&self.schema(), &given, &state, &made);
        match broken.is_empty() {
            true => Ok(planned),
            false => Err(format!("terraform refuses the plan: {broken:#?}")),
        }
    }

    fn is_valid(&self, config: &Attributes) -> bool {
        let is_complete = self.0.own_attributes().iter().all(|attribute| {
            attribute.mode != Mode::Required
                || config.get(&attribute.name).is_some_and(|value| !value.is_null())
        });
        let document = self.0.kind.desired(&self.0.entry(config), None);
        is_complete
            && Document::from_value(document).is_ok_and(|document| validate(&document).is_empty())
    }

    /// The attributes of a configuration with the values that Terraform's types make of these.
    fn config(&self, entry: &Json) -> Attributes {
        let section = Values::Section(self.0.kind.section());
        let typed = typed(&section, self.1.of_type, entry);
        let attributes = self.0.layout.attributes_of(&typed);
        let beside = self
            .0
            .layout
            .fields
            .iter()
            .flat_map(|field| secrets::beside(field.key, &field.attribute, &BTreeMap::new()));
        beside.chain(attributes).collect()
    }

    /// The changes from one set of attributes to another.
    fn changes(&self, planned: &Attributes, prior: &Attributes) -> Vec<Change> {
        let mut all = Vec::new();
        for field in &self.0.layout.fields {
            let of = |attributes: &Attributes| {
                attributes.get(&field.attribute).cloned().unwrap_or_default()
            };
            let steps = field.section.into_iter().chain([field.key.name]).map(Step::from).collect();
            changes(&field.key.kind, &of(planned), &of(prior), steps, &mut all);
        }
        all
    }
}

fn changes(
    kind: &'static Values,
    planned: &Value,
    prior: &Value,
    steps: Vec<Step>,
    all: &mut Vec<Change>,
) {
    if planned == prior {
        return;
    }
    let then = |step: Step| steps.iter().cloned().chain([step]).collect::<Vec<_>>();
    let before = all.len();
    match (kind, planned, prior) {
        (Values::Section(section), Value::Map(_), Value::Map(_)) => {
            for key in convert::shown_keys(section) {
                let name = convert::attribute_name(key.name);
                let [planned, prior] = [planned, prior].map(|one| one.attribute(&name));
                changes(&key.kind, planned, prior, then(Step::from(key.name)), all);
            }
        }
        (Values::Map(item), Value::Map(now), Value::Map(then_there)) => {
            for name in now.keys().chain(then_there.keys()) {
                let [planned, prior] = [planned, prior].map(|one| one.attribute(name));
                changes(item, planned, prior, then(Step::from(name.as_str())), all);
            }
        }
        (Values::List { item, .. }, Value::List(now), Value::List(then_there))
            if is_matched(item) =>
        {
            let steps_to = |list: &[Value]| -> Vec<Step> {
                list.iter().map(|one| step_to(item, one)).collect()
            };
            let (own, known) = (steps_to(now), steps_to(then_there));
            for step in own.iter().chain(known.iter().filter(|step| !own.contains(step))) {
                let one = |all: &[Step], list: &[Value]| {
                    let position = all.iter().position(|one| one == step);
                    position.map_or(Value::Null, |position| list[position].clone())
                };
                let (planned, prior) = (one(&own, now), one(&known, then_there));
                changes(item, &planned, &prior, then(step.clone()), all);
            }
        }
        _ => {}
    }
    // An item that comes is no attribute that is declared from now on.
    let from = match (steps.last(), prior) {
        (Some(Step::Item(_)), Value::Null) => Value::Bool(false),
        _ => prior.clone(),
    };
    if all.len() == before {
        all.push(Change { steps, from, to: planned.clone() });
    }
}

/// True if there is a value at these steps, as far as they lead through mappings.
fn is_given(value: &Json, steps: &[Step]) -> bool {
    let keys = steps.iter().map_while(|step| match step {
        Step::Key(name) => Some(name.as_str()),
        Step::Index(_) | Step::Item(_) => None,
    });
    let mut place = Some(value);
    for key in keys {
        place = place.and_then(|place| place.get(key));
    }
    place.is_some()
}

fn is_matched(item: &Values) -> bool {
    matches!(item, Values::Section(section) if section.identity.len() == 1 || section.name.ends_with("address"))
}

fn step_to(item: &'static Values, element: &Value) -> Step {
    let json = convert::to_json(item, element).unwrap_or(Json::Null);
    item_step(item, &canonical_value(item, &json), 0)
}

/// The steps of a path as far as a list whose items have no name.
fn whole_lists(path: &Path) -> Vec<Step> {
    let mut steps = Vec::new();
    for step in path.steps() {
        let is_item =
            matches!(step, Step::Index(_)) || steps.last() == Some(&Step::from("trunk-tags"));
        if is_item {
            break;
        }
        steps.push(step.clone());
    }
    steps
}

/// The value that Terraform makes of one by the type of its attribute.
fn typed(kind: &Values, outer: Option<&str>, value: &Json) -> Json {
    match (kind, value) {
        (Values::Section(section), Json::Object(map)) => {
            let is_interface = std::ptr::eq(*section, &raw const INTERFACE);
            let own = map.get("type").and_then(Json::as_str).filter(|_| is_interface);
            let of_type = own.or(outer);
            let entries = map.iter().map(|(name, value)| {
                let key = section.key_for(name, of_type);
                let value =
                    key.map_or_else(|| value.clone(), |key| typed(&key.kind, of_type, value));
                (name.clone(), value)
            });
            Json::Object(entries.collect())
        }
        (Values::List { item, .. }, Json::Array(items)) => {
            items.iter().map(|one| typed(item, outer, one)).collect()
        }
        (Values::Map(item), Json::Object(map)) => {
            let entries = map.iter().map(|(name, one)| (name.clone(), typed(item, outer, one)));
            Json::Object(entries.collect())
        }
        (Values::Enum { .. }, Json::Number(number)) => number.to_string().into(),
        (Values::Bool { .. } | Values::Integer { .. }, value) => canonical_value(kind, value),
        _ => value.clone(),
    }
}
