//! The pages of the registry.
//!
//! What a page says of an attribute is the provider's own schema, and so the key table; what it
//! shows is a file of `examples/`, which tests run. Only the words of the guides are written by
//! hand, in `templates/`. The pages are kept in `docs/`, where the registries look for them, and a
//! test fails when they are not what this crate makes.
//!
//! - [`pages`]: all pages; [`stale`] and [`write`]: the folder `docs/`
//! - [`attributes`]: the argument reference; [`keys`]: nmstate's own keys, for whole documents
//! - [`page`]: what stands around it, per kind of page; [`import`]: how objects are taken over
//! - [`programs`]: what works with which Terraform and OpenTofu
//! - [`sources`]: examples and templates

pub mod attributes;
pub mod import;
pub mod keys;
pub mod page;
pub mod programs;
pub mod sources;

mod folder;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tfplugin::Provider;

pub use folder::{DOCS, stale, write};
pub use sources::{Error, TEMPLATES};

use sources::Sources;

/// What is generated, and from which examples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// The text of each page by its path below `docs/`.
    pub files: BTreeMap<String, String>,
    /// The examples that are shown, by their path below `examples/`.
    pub examples: BTreeSet<String>,
}

/// All pages of a provider; `root` is the top of the repository.
///
/// # Errors
/// An example or a template is missing, or a template asks for something that is not there.
pub fn pages(provider: &dyn Provider, root: &Path) -> Result<Pages, Error> {
    let mut sources = Sources::new(root);
    let mut files = BTreeMap::new();
    files.insert("index.md".to_owned(), page::index(provider, &mut sources)?);
    let resources = provider.resources();
    let schemas: Vec<_> = resources.iter().map(|one| one.schema()).collect();
    for (resource, schema) in resources.iter().zip(&schemas) {
        let path = format!("resources/{}.md", page::short(resource.type_name()));
        files.insert(path, page::resource(&**resource, schema, &schemas, &mut sources)?);
    }
    let data_sources = provider.data_sources();
    let schemas: Vec<_> = data_sources.iter().map(|one| one.schema()).collect();
    for (source, schema) in data_sources.iter().zip(&schemas) {
        let path = format!("data-sources/{}.md", page::short(source.type_name()));
        files.insert(path, page::data_source(source.type_name(), schema, &schemas, &mut sources)?);
    }
    let lists = provider.list_resources();
    let schemas: Vec<_> = lists.iter().map(|one| one.schema()).collect();
    for (list, schema) in lists.iter().zip(&schemas) {
        let path = format!("list-resources/{}.md", page::short(list.type_name()));
        files.insert(path, page::list_resource(list.type_name(), schema, &schemas, &mut sources)?);
    }
    for function in provider.functions() {
        let path = format!("functions/{}.md", function.name());
        files.insert(path, page::function(&*function, &mut sources)?);
    }
    for name in sources.guides()? {
        files.insert(format!("guides/{name}"), page::guide(&name, &mut sources)?);
    }
    Ok(Pages { files, examples: sources.into_shown() })
}
