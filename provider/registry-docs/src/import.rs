//! How an object that exists is taken over: by command, by block, by identity.

use tfplugin::Resource;

use crate::attributes::{entry, type_name};
use crate::sources::{Error, Sources};

/// The last section of a resource's page.
///
/// # Errors
/// An example is missing.
pub fn section(resource: &dyn Resource, sources: &mut Sources<'_>) -> Result<String, Error> {
    let folder = format!("resources/{}", resource.type_name());
    let commands = sources.example(&format!("{folder}/import.sh"))?;
    let mut page = format!(
        "\n## Import\n\nBy a command, with an id:\n\n```shell\n{commands}\n```\n\nBy a block, for \
         which `terraform plan -generate-config-out=FILE` writes the configuration, see [Adopting \
         an existing host](../guides/adopting.md):\n\n```terraform\n{}```\n",
        block(&commands)
    );
    let Some(identity) = resource.identity_schema() else { return Ok(page) };
    let example = sources.block(&format!("{folder}/import-by-identity.tf"))?;
    page.push_str(&format!(
        "\nBy its identity, since Terraform 1.12 and OpenTofu 1.12:\n\n{example}\n### Identity \
         Schema\n"
    ));
    for (title, is_required) in [("Required", true), ("Optional", false)] {
        let mut members = identity
            .attributes
            .iter()
            .filter(|one| one.required_for_import == is_required)
            .peekable();
        if members.peek().is_some() {
            page.push_str(&format!("\n#### {title}\n\n"));
        }
        for one in members {
            page.push_str(&entry(&one.name, &type_name(&one.kind), &one.description));
        }
    }
    Ok(page)
}

/// The first of the commands as a block.
fn block(commands: &str) -> String {
    let command = commands.lines().find_map(|line| line.strip_prefix("terraform import "));
    let (address, id) = command.and_then(|rest| rest.split_once(' ')).unwrap_or_default();
    format!("import {{\n  to = {address}\n  id = \"{}\"\n}}\n", id.trim_matches('"'))
}
