//! The pages in `docs/` against what the provider tells a real Terraform.

use std::collections::BTreeMap;
use std::fs;

use acceptance_tests::terraform::{Terraform, Version, Workspace};
use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{root, schemas};

/// The lists of a provider's schemas, and the folders of their pages.
const LISTS: [(&str, &str); 5] = [
    ("resource_schemas", "resources"),
    ("data_source_schemas", "data-sources"),
    ("ephemeral_resource_schemas", "ephemeral-resources"),
    ("list_resource_schemas", "list-resources"),
    ("action_schemas", "actions"),
];

#[test]
fn everything_that_terraform_knows_has_a_page() -> Result<()> {
    let workspace = Workspace::new(Terraform::of(Version::V1_15)?)?;
    workspace.configure("provider \"nmstate\" {\n  host = \"server1\"\n}\n")?;
    let schemas = schemas(&workspace)?;
    covers(&schemas["provider"], "index.md")?;
    let mut pages = 1;
    for (list, folder) in LISTS {
        for (name, schema) in schemas[list].as_object().into_iter().flatten() {
            let short = name.strip_prefix("nmstate_").unwrap_or(name);
            covers(schema, &format!("{folder}/{short}.md"))?;
            pages += 1;
        }
    }
    ensure!(pages > 30, "only {pages} pages");

    let functions = schemas["functions"].as_object().context("no functions")?;
    for (name, signature) in functions {
        let page = page(&format!("functions/{name}.md"))?;
        let fixed = signature["parameters"].as_array().into_iter().flatten();
        for parameter in fixed.chain(signature.get("variadic_parameter")) {
            let name = parameter["name"].as_str().unwrap_or_default();
            ensure!(page.contains(&format!("\n1. `{name}` (")), "{name}: {page}");
        }
    }
    Ok(())
}

/// Fails unless the page has every attribute of the schema.
fn covers(schema: &Value, name: &str) -> Result<()> {
    let page = page(name)?;
    let sections = sections(&page);
    let mut missing = Vec::new();
    each(&schema["block"], "", &mut |path, attribute| {
        let section = sections.get(path).copied().unwrap_or_default();
        if !section.contains(&format!("\n- `{attribute}` (")) {
            missing.push(format!("{path}.{attribute}"));
        }
    });
    ensure!(missing.is_empty(), "{name} lacks {missing:?}");
    Ok(())
}

/// The parts of an argument reference by the path of their attribute.
fn sections(page: &str) -> BTreeMap<String, &str> {
    let reference = page.split_once("\n## Schema\n").map(|(_, reference)| reference);
    let mut parts = reference.unwrap_or_default().split("<a id=\"nestedatt--");
    let first = parts.next().map(|part| (String::new(), part));
    let nested = parts.filter_map(|part| {
        let (anchor, text) = part.split_once('"')?;
        Some((anchor.replace("--", "."), text))
    });
    first.into_iter().chain(nested).collect()
}

fn each(block: &Value, path: &str, visit: &mut impl FnMut(&str, &str)) {
    for (name, attribute) in block["attributes"].as_object().into_iter().flatten() {
        visit(path, name);
        let dot = if path.is_empty() { "" } else { "." };
        each(&attribute["nested_type"], &format!("{path}{dot}{name}"), visit);
    }
}

fn page(name: &str) -> Result<String> {
    let path = root().join("docs").join(name);
    fs::read_to_string(&path).with_context(|| format!("there is no page `docs/{name}`"))
}
