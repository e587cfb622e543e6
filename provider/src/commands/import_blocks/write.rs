//! The result as text: Terraform's language, or its JSON syntax.

use std::fmt::Write as _;

use nmstate_schema::Value as Json;
use serde_json::json;
use tfplugin::Value;

use super::taken::{Block, Host};
use crate::convert::plain_to_json;
use crate::hcl::{attributes, comment, quoted, template};

/// What the first line says.
const TITLE: &str = concat!(
    "Written by `terraform-provider-nmstate import-blocks` ",
    env!("CARGO_PKG_VERSION"),
    "."
);

/// What is written.
pub(super) struct Result<'a> {
    /// What was found.
    pub(super) hosts: Vec<Host>,
    /// The hosts that could not be looked at.
    pub(super) missing: Vec<&'a str>,
    /// The provider block, if wanted.
    pub(super) provider: Option<Value>,
}

impl Result<'_> {
    /// Blocks, after comments on what is left out.
    pub(super) fn hcl(&self) -> String {
        let mut text = comment(TITLE);
        for name in &self.missing {
            text.push_str(&comment(&format!("host `{name}` could not be looked at")));
        }
        for line in self.hosts.iter().flat_map(Host::remarks) {
            text.push_str(&comment(&line));
        }
        if let Some(block) = &self.provider {
            let _ = write!(text, "\nprovider \"nmstate\" {{\n{}}}\n", attributes(block, 2));
        }
        for Block { to, id } in self.blocks() {
            let _ = write!(text, "\nimport {{\n  to = {to}\n  id = {}\n}}\n", quoted(id));
        }
        text
    }

    /// An object; what Terraform does not read is under `"//"`, which it takes for a comment.
    pub(super) fn json(&self) -> String {
        let left_out: Vec<Json> = self.hosts.iter().flat_map(Host::left_out).collect();
        let notes: Vec<Json> = self.hosts.iter().flat_map(Host::notes).collect();
        let import = |block: &Block| json!({ "to": block.to, "id": template(&block.id) });
        let imports: Vec<Json> = self.blocks().map(import).collect();
        let mut object = json!({
            "//": {
                "title": TITLE,
                "not_looked_at": self.missing,
                "left_out": left_out,
                "notes": notes,
            },
            "import": imports,
        });
        if let Some(block) = self.provider.as_ref().and_then(plain_to_json) {
            object["provider"] = json!({ "nmstate": templates(block) });
        }
        format!("{object:#}\n")
    }

    fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.hosts.iter().flat_map(|host| &host.blocks)
    }
}

/// Values with each text in them as a template that gives it.
fn templates(value: Json) -> Json {
    match value {
        Json::String(text) => template(&text).into(),
        Json::Array(items) => items.into_iter().map(templates).collect(),
        Json::Object(entries) => entries
            .into_iter()
            .map(|(name, value)| (template(&name), templates(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other,
    }
}
