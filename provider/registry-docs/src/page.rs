//! What stands around the argument reference.

use tfplugin::{Function, Parameter, Provider, Resource, Schema};

use nmstate_schema::keys as table;
use terraform_provider_nmstate::commands;

use crate::sources::{Error, Sources};
use crate::{attributes, import, keys};

/// The guide whose reference is the program's own help.
const COMMAND_LINE: &str = "command-line.md";

/// The prefix of resource types, and the provider's name.
const PROVIDER: &str = "nmstate";

/// The page of the provider itself.
///
/// # Errors
/// See [`crate::pages`].
pub fn index(provider: &dyn Provider, sources: &mut Sources<'_>) -> Result<String, Error> {
    let schema = provider.schema();
    let reference = attributes::reference(&schema, std::slice::from_ref(&schema));
    let body = sources.template("index.md", &reference)?;
    let front = front_matter(&format!("{PROVIDER} Provider"), "", &schema.description);
    Ok(format!("{front}\n{body}"))
}

/// The page of a resource, one of those with the schemas `all`.
///
/// # Errors
/// See [`crate::pages`].
pub fn resource(
    resource: &dyn Resource,
    schema: &Schema,
    all: &[Schema],
    sources: &mut Sources<'_>,
) -> Result<String, Error> {
    let name = resource.type_name();
    let example = sources.block(&format!("resources/{name}/resource.tf"))?;
    let mut page = typed_page(name, "Resource", schema, &example, all);
    page.push_str(&import::section(resource, sources)?);
    Ok(page)
}

/// The page of a data source, one of those with the schemas `all`.
///
/// # Errors
/// See [`crate::pages`].
pub fn data_source(
    name: &str,
    schema: &Schema,
    all: &[Schema],
    sources: &mut Sources<'_>,
) -> Result<String, Error> {
    let example = sources.block(&format!("data-sources/{name}/data-source.tf"))?;
    Ok(typed_page(name, "Data Source", schema, &example, all))
}

/// The page of a list resource, one of those with the schemas `all`.
///
/// # Errors
/// See [`crate::pages`].
pub fn list_resource(
    name: &str,
    schema: &Schema,
    all: &[Schema],
    sources: &mut Sources<'_>,
) -> Result<String, Error> {
    let example = sources.block(&format!("list-resources/{name}/list-resource.tfquery.hcl"))?;
    Ok(typed_page(name, "List Resource", schema, &example, all))
}

/// The page of a function.
///
/// # Errors
/// See [`crate::pages`].
pub fn function(function: &dyn Function, sources: &mut Sources<'_>) -> Result<String, Error> {
    let (name, signature) = (function.name(), function.signature());
    let example = sources.block(&format!("functions/{name}/function.tf"))?;
    let front = front_matter(&format!("{name} function"), "", &signature.summary);
    let typed = |one: &Parameter| format!("{} {}", one.name, one.kind);
    let mut parameters: Vec<String> = signature.parameters.iter().map(typed).collect();
    parameters.extend(signature.variadic.as_ref().map(|one| format!("{}...", typed(one))));
    let mut page = format!(
        "{front}\n# function: {name}\n\n{}\n\n## Example Usage\n\n{example}\n## Signature\n\n\
         ```text\nprovider::{PROVIDER}::{name}({}) {}\n```\n\n## Arguments\n\n",
        signature.description,
        parameters.join(", "),
        signature.returns
    );
    for (index, one) in signature.parameters.iter().chain(&signature.variadic).enumerate() {
        let many = if index == signature.parameters.len() { "Variadic, " } else { "" };
        let types = format!("{many}{}", attributes::type_name(&one.kind));
        let null = if one.allow_null { " May be null." } else { "" };
        let entry = attributes::entry(&one.name, &types, &format!("{}{null}", one.description));
        page.push_str(&format!("1. {}", entry.trim_start_matches("- ")));
    }
    Ok(page)
}

/// A guide, or another page of words.
///
/// # Errors
/// See [`crate::pages`].
pub fn guide(name: &str, sources: &mut Sources<'_>) -> Result<String, Error> {
    let reference = if name == COMMAND_LINE { command_line() } else { keys::reference() };
    sources.template(&format!("guides/{name}"), &reference)
}

/// The help of the program and of each subcommand.
fn command_line() -> String {
    let mut page = String::new();
    for (words, help) in commands::manual() {
        let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
        page.push_str(&format!("## {words}\n\n```text\n{}\n```\n\n", lines.join("\n").trim_end()));
    }
    page.truncate(page.trim_end().len());
    page + "\n"
}

/// A resource type without the provider's prefix.
pub fn short(type_name: &str) -> &str {
    type_name.strip_prefix(PROVIDER).and_then(|rest| rest.strip_prefix('_')).unwrap_or(type_name)
}

fn typed_page(name: &str, kind: &str, schema: &Schema, example: &str, all: &[Schema]) -> String {
    let front = front_matter(&format!("{name} {kind}"), subcategory(name), &schema.description);
    let reference = attributes::reference(schema, all);
    format!(
        "{front}\n# {name} ({kind})\n\n{}\n\n## Example Usage\n\n{example}\n{reference}",
        schema.description
    )
}

fn front_matter(title: &str, subcategory: &str, description: &str) -> String {
    let title = if title.ends_with("Provider") {
        title.to_owned()
    } else {
        format!("{title} - {PROVIDER}")
    };
    format!(
        "---\npage_title: \"{title}\"\nsubcategory: \"{subcategory}\"\ndescription: |-\n  \
         {description}\n---\n"
    )
}

/// Under which title the registry lists a resource or data source.
fn subcategory(type_name: &str) -> &'static str {
    let name = short(type_name);
    let is_type = table::interface_types().iter().any(|one| one.name.replace('-', "_") == name);
    match name {
        _ if is_type => "Interfaces",
        "interface" | "interfaces" => "Interfaces",
        "route" | "routes" | "route_rule" => "Routes",
        "dns_resolver" | "hostname" | "ovs_db" | "ovn_bridge_mapping" => "Host settings",
        _ => "Whole state",
    }
}
