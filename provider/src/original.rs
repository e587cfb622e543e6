//! What was there before Terraform took over, and what destroying does with it (design rule 8).
//!
//! The record lives in the resource's private bytes: it is no attribute, because nobody
//! configures it and a plan has nothing to say about it. It is a document that undoes what the
//! resource has declared so far. It grows when a later configuration declares more, and what it
//! holds first stays: that is the state before Terraform.

use std::collections::BTreeSet;

use nmstate_schema::Value as Json;
use nmstate_schema::document::Document;
use nmstate_schema::revert::revert;
use serde::{Deserialize, Serialize};
use tfplugin::Value;

/// What destroying a resource does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnDestroy {
    /// Put back what was there before Terraform took over.
    Restore,
    /// Remove the entry from the host.
    Absent,
    /// Leave the host alone.
    Keep,
}

/// The record of what was there.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Original {
    /// Whether the entry came into being with the resource.
    created: bool,
    /// Whether nothing was applied since it was taken over.
    untouched: bool,
    /// The document that puts back what was there.
    document: Option<Json>,
}

impl OnDestroy {
    /// The words of a configuration.
    pub(crate) const WORDS: [(&'static str, Self); 3] =
        [("restore", Self::Restore), ("absent", Self::Absent), ("keep", Self::Keep)];

    /// The word for a configuration.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Restore => "restore",
            Self::Absent => "absent",
            Self::Keep => "keep",
        }
    }

    /// What a resource does that says nothing.
    pub(crate) fn default_for(original: &Original) -> Self {
        if original.created { Self::Absent } else { Self::Restore }
    }

    /// What a resource's state says.
    pub(crate) fn of(state: &Value, original: &Original) -> Self {
        let word = state.attribute("on_destroy").as_str();
        let known = Self::WORDS.into_iter().find(|(known, _)| word == Some(*known));
        known.map_or_else(|| Self::default_for(original), |(_, meaning)| meaning)
    }
}

impl Original {
    /// Reads the private bytes. Nothing, or nothing of ours, is an empty record.
    pub(crate) fn read(private: &[u8]) -> Self {
        serde_json::from_slice(private).unwrap_or_default()
    }

    /// The private bytes.
    pub(crate) fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Whether the entry came into being with the resource.
    pub(crate) fn created(&self) -> bool {
        self.created
    }

    /// The record after `desired` was applied to a host that was in `before`.
    #[must_use]
    pub(crate) fn extended(mut self, created: bool, desired: &Document, before: &Document) -> Self {
        self.created |= created;
        self.untouched = false;
        let undoing = revert(desired, before).into_value();
        self.document = Some(match self.document {
            Some(earlier) => filled(earlier, undoing),
            None => undoing,
        });
        self
    }

    /// The record of what is only taken over and was not changed yet.
    #[must_use]
    pub(crate) fn untouched(self) -> Self {
        Self { untouched: true, ..self }
    }

    /// The record of what was changed so far.
    pub(crate) fn of_changes(&self) -> Self {
        if self.untouched { Self::default() } else { self.clone() }
    }

    /// The document that takes the entry away as `absent` does and puts back what was there.
    pub(crate) fn restoring(&self, absent: &Json) -> Option<Json> {
        let mut document = self.document.clone()?;
        // A route's way back needs its present form removed as well; an interface's absence is
        // part of the record already.
        for section in ["routes", "route-rules"] {
            let Some(entries) =
                absent.pointer(&format!("/{section}/config")).and_then(Json::as_array)
            else {
                continue;
            };
            let object = document.as_object_mut()?;
            let config = object
                .entry(section)
                .or_insert_with(|| serde_json::json!({}))
                .as_object_mut()?
                .entry("config")
                .or_insert_with(|| serde_json::json!([]))
                .as_array_mut()?;
            let kept: Vec<Json> =
                config.iter().filter(|one| one.get("state").is_none()).cloned().collect();
            *config = entries.iter().cloned().chain(kept).collect();
        }
        Some(document)
    }

    /// The routes or rules of the record.
    pub(crate) fn entries(&self, section: &str) -> &[Json] {
        let entries = self.part(section).and_then(|part| part.get("config"));
        entries.and_then(Json::as_array).map_or(&[], Vec::as_slice)
    }

    /// One part of the record by its key.
    pub(crate) fn part(&self, name: &str) -> Option<&Json> {
        self.document.as_ref()?.get(name)
    }

    /// The record without what `undone` has put back.
    #[must_use]
    pub(crate) fn without(&self, undone: &Json) -> Self {
        let mut record = self.clone();
        let parts = record.document.as_mut().and_then(Json::as_object_mut);
        let (Some(parts), Some(undone)) = (parts, undone.as_object()) else { return record };
        for (name, gone) in undone {
            let gone = gone.get("config").unwrap_or(gone);
            let known = parts.get_mut(name).and_then(|part| match part {
                Json::Object(part) => part.get_mut("config")?.as_array_mut(),
                part => part.as_array_mut(),
            });
            match (known, gone.as_array()) {
                (Some(known), Some(gone)) => known.retain(|one| !gone.contains(one)),
                _ => {
                    parts.remove(name);
                }
            }
        }
        record
    }

    /// The parts of the record that concern these interfaces: what a document resource puts back
    /// when they are dropped from it.
    pub(crate) fn interfaces(&self, names: &BTreeSet<String>) -> Vec<Json> {
        let interfaces = self.document.as_ref().and_then(|document| document.get("interfaces"));
        interfaces
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter(|one| {
                let name = one.get("name").and_then(Json::as_str);
                name.is_some_and(|name| names.contains(name))
            })
            .cloned()
            .collect()
    }
}

/// `earlier` with what only `later` has. Interfaces are matched by name, of routes and rules only
/// removals are added: what was there when Terraform took over is in `earlier`.
fn filled(earlier: Json, later: Json) -> Json {
    match (earlier, later) {
        (Json::Object(mut earlier), Json::Object(later)) => {
            for (key, value) in later {
                let merged = match earlier.remove(&key) {
                    Some(Json::Array(known)) if key == "interfaces" => {
                        filled_interfaces(known, value)
                    }
                    known @ (Some(_) | None)
                        if matches!(key.as_str(), "routes" | "route-rules") =>
                    {
                        filled_entries(known.as_ref(), &value)
                    }
                    Some(known) => filled(known, value),
                    None => value,
                };
                earlier.insert(key, merged);
            }
            Json::Object(earlier)
        }
        (earlier, _) => earlier,
    }
}

fn filled_interfaces(mut known: Vec<Json>, later: Json) -> Json {
    let Json::Array(later) = later else { return Json::Array(known) };
    for interface in later {
        match known.iter_mut().find(|one| one.get("name") == interface.get("name")) {
            Some(earlier) => {
                // What did not exist before Terraform still did not.
                if earlier.get("state").and_then(Json::as_str) != Some("absent") {
                    *earlier = filled(earlier.take(), interface);
                }
            }
            None => known.push(interface),
        }
    }
    Json::Array(known)
}

fn filled_entries(known: Option<&Json>, later: &Json) -> Json {
    let config = |section: &Json| {
        section.get("config").and_then(Json::as_array).cloned().unwrap_or_default()
    };
    let mut entries = known.map(config).unwrap_or_default();
    for removal in config(later).into_iter().filter(|one| one.get("state").is_some()) {
        if !entries.contains(&removal) {
            entries.push(removal);
        }
    }
    serde_json::json!({ "config": entries })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_record_wins_and_later_ones_add() {
        let first = json!({"interfaces": [{"name": "eth1", "mtu": 1500}]});
        let later = json!({"interfaces": [
            {"name": "eth1", "mtu": 9000, "description": "uplink"},
            {"name": "eth2", "mtu": 1400},
        ]});
        let expected = json!({"interfaces": [
            {"name": "eth1", "mtu": 1500, "description": "uplink"},
            {"name": "eth2", "mtu": 1400},
        ]});
        assert_eq!(filled(first, later), expected);
    }

    #[test]
    fn routes_of_a_later_change_are_no_original() {
        let first =
            json!({"routes": {"config": [{"destination": "192.0.2.0/24", "state": "absent"}]}});
        let later = json!({"routes": {"config": [
            {"destination": "192.0.2.0/24", "metric": 150},
            {"destination": "198.51.100.0/24", "state": "absent"},
        ]}});
        let expected = json!({"routes": {"config": [
            {"destination": "192.0.2.0/24", "state": "absent"},
            {"destination": "198.51.100.0/24", "state": "absent"},
        ]}});
        assert_eq!(filled(first, later.clone()), expected);
        let only =
            json!({"routes": {"config": [{"destination": "198.51.100.0/24", "state": "absent"}]}});
        assert_eq!(filled(json!({}), later), only);
    }

    #[test]
    fn what_terraform_created_stays_absent() {
        let first =
            json!({"interfaces": [{"name": "br0", "type": "linux-bridge", "state": "absent"}]});
        let later = json!({"interfaces": [{"name": "br0", "mtu": 1500}]});
        assert_eq!(filled(first.clone(), later), first);
    }

    #[test]
    fn foreign_private_bytes_are_an_empty_record() {
        assert_eq!(Original::read(b"\xff\x00"), Original::default());
        let record = Original { created: true, document: Some(json!({})), ..Original::default() };
        assert_eq!(Original::read(&record.write()), record);
    }

    #[test]
    fn dropped_interfaces_come_back_as_they_were() {
        let record = Original {
            created: false,
            document: Some(
                json!({"interfaces": [{"name": "eth1", "mtu": 1500}, {"name": "br0", "state": "absent"}]}),
            ),
            ..Original::default()
        };
        let dropped = BTreeSet::from(["br0".to_owned()]);
        assert_eq!(record.interfaces(&dropped), [json!({"name": "br0", "state": "absent"})]);
    }
}
