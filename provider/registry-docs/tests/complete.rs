//! Everything that users can write is on a page, with words about it, and every example is shown.

use std::collections::BTreeSet;

use registry_docs::page::short;
use registry_docs::sources::{EXAMPLES, files_below};
use terraform_provider_nmstate::provider::NmstateProvider;
use tfplugin::{Attribute, Provider, Schema, Shape, Type};

use super::{generated, root};

/// What registries take.
const PAGE_LIMIT: usize = 500_000;

/// The schemas of the provider, its resources, its data sources and its list resources, each with its page.
fn schemas() -> Vec<(String, Schema)> {
    let provider = NmstateProvider::default();
    let mut found = vec![("index.md".to_owned(), provider.schema())];
    for resource in provider.resources() {
        let page = format!("resources/{}.md", short(resource.type_name()));
        found.push((page, resource.schema()));
    }
    for source in provider.data_sources() {
        found.push((format!("data-sources/{}.md", short(source.type_name())), source.schema()));
    }
    for list in provider.list_resources() {
        found.push((format!("list-resources/{}.md", short(list.type_name())), list.schema()));
    }
    found
}

#[test]
fn every_attribute_is_on_its_page() {
    let pages = generated();
    for (page, schema) in schemas() {
        let text = pages.files.get(&page).unwrap_or_else(|| panic!("no `{page}`"));
        let (_, reference) = text.split_once("\n## Schema\n").unwrap();
        let mut listed = 0;
        each(&schema.attributes, "", &mut |path, attribute| {
            let anchor = format!("<a id=\"nestedatt--{}\"></a>", path.replace('.', "--"));
            let from = if path.is_empty() { Some(0) } else { reference.find(&anchor) };
            let section = &reference[from.unwrap_or_else(|| panic!("{page}: no `{path}`"))..];
            let section = section.get(1..).and_then(|rest| rest.split("<a id=").next()).unwrap();
            let line = format!("\n- `{}` (", attribute.name);
            assert_eq!(section.matches(&line).count(), 1, "{page}: `{path}.{}`", attribute.name);
            listed += 1;
        });
        assert!(listed > 0, "{page}");
    }
}

#[test]
fn everything_public_is_described() {
    for (page, schema) in schemas() {
        assert!(!schema.description.is_empty(), "{page}");
        each(&schema.attributes, "", &mut |path, attribute| {
            assert!(
                !attribute.description.trim().is_empty(),
                "{page}: `{path}.{}`",
                attribute.name
            );
            // The type of an object says nothing of what its attributes mean.
            if let Shape::Type(kind) = &attribute.shape {
                assert!(!hides_attributes(kind), "{page}: `{path}.{}`", attribute.name);
            }
        });
    }
    let provider = NmstateProvider::default();
    for function in provider.functions() {
        let (name, signature) = (function.name(), function.signature());
        assert!(!signature.summary.is_empty() && !signature.description.is_empty(), "{name}");
        for one in signature.parameters.iter().chain(&signature.variadic) {
            assert!(!one.description.is_empty(), "{name}: `{}`", one.name);
        }
    }
    for resource in provider.resources() {
        for one in resource.identity_schema().into_iter().flat_map(|schema| schema.attributes) {
            assert!(!one.description.is_empty(), "{}: `{}`", resource.type_name(), one.name);
        }
    }
}

/// The demo is a program of its own, and the playbooks are the collection's: no page's.
#[test]
fn every_example_is_shown() {
    let mut examples = files_below(&root().join(EXAMPLES)).unwrap();
    examples.retain(|name| !["demo/", "ansible/"].iter().any(|other| name.starts_with(other)));
    let shown = generated().examples;
    let unused: BTreeSet<_> = examples.difference(&shown).collect();
    assert!(unused.is_empty(), "no page shows {unused:?}");
}

#[test]
fn registries_take_every_page() {
    for (name, text) in generated().files {
        assert!(text.len() < PAGE_LIMIT, "{name} has {} bytes", text.len());
        let front = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
        let (front, _) = front.unwrap_or_else(|| panic!("{name} has no front matter"));
        for key in ["page_title: \"", "subcategory: \"", "description: |-\n  "] {
            assert!(front.contains(key), "{name}: {key}");
        }
    }
}

fn each(attributes: &[Attribute], path: &str, visit: &mut impl FnMut(&str, &Attribute)) {
    for attribute in attributes {
        visit(path, attribute);
        if let Shape::Nested(_, inner) = &attribute.shape {
            let dot = if path.is_empty() { "" } else { "." };
            each(inner, &format!("{path}{dot}{}", attribute.name), visit);
        }
    }
}

fn hides_attributes(kind: &Type) -> bool {
    match kind {
        Type::Object(_) | Type::Tuple(_) => true,
        Type::List(inner) | Type::Set(inner) | Type::Map(inner) => hides_attributes(inner),
        Type::String | Type::Number | Type::Bool | Type::Dynamic => false,
    }
}
