//! A sequence as files, for a run of it through the real Terraform on a real host.
//!
//! `SEQUENCES_WRITE` names the directory; `make sequences-hosts` plays what is in it.

use std::collections::BTreeMap;
use std::path::Path;

use nmstate_schema::Value as Json;
use nmstate_schema::document::Document;
use serde_json::{Map, json};

use super::core::{Configured, Scope};

/// One sequence.
pub(super) struct Written {
    host: Json,
    steps: Vec<Json>,
}

/// What a step is.
pub(super) struct Step<'a> {
    pub(super) configured: &'a Configured,
    /// What is in force after it.
    pub(super) desired: &'a Document,
    /// What somebody does by hand before, and whether that is there in the end.
    pub(super) by_hand: Option<&'a (Document, bool)>,
    /// The targets of a run before, and the imports.
    pub(super) scope: &'a Scope,
}

impl Written {
    pub(super) fn new(host: &Document) -> Written {
        Written { host: host.as_value().clone(), steps: Vec::new() }
    }

    pub(super) fn add(&mut self, step: &Step<'_>) {
        let by_hand = step
            .by_hand
            .map(|(document, lasts)| json!({ "document": document.as_value(), "lasts": lasts }));
        let mut configuration = configuration(step.configured);
        let imports = step.scope.imports.iter();
        let imports: Vec<Json> = imports.map(|(to, id)| json!({ "to": to, "id": id })).collect();
        if !imports.is_empty() {
            configuration["import"] = imports.into();
        }
        self.steps.push(json!({
            "configuration": configuration,
            "targets": step.scope.targets,
            "desired": step.desired.as_value(),
            "by_hand": by_hand,
        }));
    }

    pub(super) fn write(&self, directory: &Path, seed: u64) {
        let text = json!({ "host": self.host, "steps": self.steps }).to_string();
        std::fs::create_dir_all(directory).unwrap();
        std::fs::write(directory.join(format!("{seed}.json")), text).unwrap();
    }
}

/// The blocks in Terraform's JSON syntax: each takes its instances from a local value.
fn configuration(configured: &Configured) -> Json {
    let mut blocks: BTreeMap<&str, Vec<(&str, &super::core::Instance)>> = BTreeMap::new();
    for (address, instance) in configured {
        let (block, key) = address.split_once('[').unwrap_or((address, ""));
        blocks.entry(block).or_default().push((key.trim_end_matches(']'), instance));
    }
    let (mut locals, mut resources) = (Map::new(), json!({}));
    for (block, mut instances) in blocks {
        let Some((of_type, name)) = block.split_once('.') else { continue };
        let is_counted = instances.iter().all(|(key, _)| key.parse::<usize>().is_ok());
        if is_counted {
            instances.sort_by_key(|(key, _)| key.parse::<usize>().unwrap_or_default());
        }
        let (_, first) = instances[0];
        let local = format!("{of_type}_{name}");
        let arguments = |instance: &super::core::Instance| {
            let mut arguments = instance.arguments.clone();
            if let Some(text) = arguments.pointer("/desired/value").cloned() {
                arguments["desired"] = text;
            }
            arguments
        };
        let mut resource = Map::new();
        let place = if is_counted {
            resource.insert("count".to_owned(), instances.len().into());
            let all: Vec<Json> = instances.iter().map(|(_, one)| arguments(one)).collect();
            locals.insert(local.clone(), all.into());
            format!("local.{local}[count.index]")
        } else {
            let all = instances.iter().map(|(key, one)| {
                (
                    if key.is_empty() { "only" } else { key.trim_matches('"') }.to_owned(),
                    arguments(one),
                )
            });
            locals.insert(local.clone(), Json::Object(all.collect()));
            if first.arguments.is_object() && instances[0].0.is_empty() {
                format!("local.{local}.only")
            } else {
                resource.insert("for_each".to_owned(), format!("${{local.{local}}}").into());
                "each.value".to_owned()
            }
        };
        for key in first.arguments.as_object().into_iter().flatten().map(|(key, _)| key) {
            resource.insert(key.clone(), format!("${{{place}.{key}}}").into());
        }
        let referred: Vec<&str> = first
            .refers_to
            .iter()
            .map(|one| one.split_once('[').map_or(one.as_str(), |(block, _)| block))
            .collect();
        if !referred.is_empty() {
            resource.insert("depends_on".to_owned(), json!(referred));
        }
        let lifecycle = json!({ "create_before_destroy": first.create_before_destroy });
        resource.insert("lifecycle".to_owned(), lifecycle);
        resources[of_type][name] = resource.into();
    }
    let mut configuration = Map::from_iter([("locals".to_owned(), Json::Object(locals))]);
    // Nothing is no block of resources.
    if resources.as_object().is_some_and(|all| !all.is_empty()) {
        configuration.insert("resource".to_owned(), resources);
    }
    configuration.into()
}
