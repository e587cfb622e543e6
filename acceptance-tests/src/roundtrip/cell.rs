//! One document in one spelling and form, from the first apply to the last trace.

use anyhow::{Context, Result, bail, ensure};
use nmstate_schema::{Value, redact};
use serde_json::json;

use super::beside::Beside;
use super::document::Document;
use super::form::{self, Form};
use super::variant::Variant;
use crate::Host;
use crate::terraform::{Terraform, Workspace, changes, provider_block};

/// What is run as one.
#[derive(Debug, Clone)]
pub struct Cell {
    pub(super) document: Document,
    /// The spelling.
    pub variant: Variant,
    /// What it is written as.
    pub form: Form,
}

impl Cell {
    /// The name of the document.
    pub fn document(&self) -> &str {
        &self.document.name
    }

    /// The types of its interfaces.
    pub fn interface_types(&self) -> Vec<&str> {
        let interfaces = self.document.state["interfaces"].as_array().into_iter().flatten();
        interfaces.filter_map(|interface| interface["type"].as_str()).collect()
    }

    /// Applies, plans, refreshes, imports, changes and destroys; an error says what was wrong.
    pub(super) fn run(&self, host: &Host, terraform: &Terraform) -> Result<()> {
        let Document { state, before, .. } = &self.document;
        if let Some(before) = before {
            let input = before.to_string();
            let answer = host.exec_with_input(&["nmstatectl", "apply", "-q"], input.as_bytes())?;
            ensure!(answer.status == 0, "the state before cannot be applied: {}", answer.stderr);
        }
        let as_before = shown(host)?;
        let spelled = self.variant.of(state).context("the variant is that of the file")?;
        let written = self.form.of(&spelled).context("the document has no such form")?;
        let workspace = Workspace::new(terraform.clone())?;
        let configure = |workspace: &Workspace, resources: &Value| {
            workspace.write("resources.tf.json", &resources.to_string())?;
            workspace.configure(&provider_block(&[host], ""))
        };
        configure(&workspace, &written.resources())?;
        workspace.apply().context("apply")?;
        workspace.assert_converged().context("after the apply")?;
        let beside = (self.variant == Variant::Beside).then(|| Beside::of(&spelled));
        if let Some(beside) = &beside {
            beside.put(host)?;
            workspace.assert_converged().context("beside other programs")?;
        }

        let applied = transactions(host)?;
        let adopting = Workspace::new(terraform.clone())?;
        configure(&adopting, &written.imports())?;
        adopting.apply().context("import")?;
        adopting.assert_converged().context("after the import")?;
        // No host shows a secret, so that of a configuration is applied once more.
        let expected = applied + usize::from(redact(state) != *state);
        ensure!(transactions(host)? == expected, "the import changes the host");
        if let Some(beside) = &beside {
            beside.is_there(host, false).context("after the import")?;
        }

        let changed = self.changed(&spelled).context("the change is lost in the spelling")?;
        let changed = self.form.of(&changed).context("the changed document has no such form")?;
        let expected = written.changes(&changed);
        let [expected] = expected.as_slice() else { bail!("the change is {expected:?}") };
        configure(&workspace, &changed.resources())?;
        let planned = changes(&workspace.plan()?, "resource_changes");
        let attributes: Vec<_> = planned.iter().flat_map(|(_, names)| names).collect();
        // What the document changes on the host is told beside it.
        let is_meant = |name: &&String| {
            *name == expected || *name == "differences" || form::follows(name, expected)
        };
        ensure!(
            planned.len() == 1 && attributes.contains(&expected) && attributes.iter().all(is_meant),
            "a change of `{expected}` is planned as {planned:?}"
        );
        workspace.apply().context("apply of the change")?;
        workspace.assert_converged().context("after the change")?;

        if let Some(beside) = &beside {
            beside.is_there(host, true).context("after the change")?;
        }
        workspace.destroy().context("destroy")?;
        if let Some(beside) = &beside {
            beside.take(host)?;
        }
        let after = shown(host)?;
        let mut paths = Vec::new();
        crate::terraform::differing(&as_before, &after, "", &mut paths);
        ensure!(paths.is_empty(), "the host is not as before: {paths:?}");
        Ok(())
    }

    /// The spelling with the one value changed.
    fn changed(&self, spelled: &Value) -> Option<Value> {
        let (pointer, to) = &self.document.change;
        let mut state = self.document.state.clone();
        *state.pointer_mut(pointer)? = to.clone();
        let changed = self.variant.of(&state).unwrap_or(state);
        if changed != *spelled {
            return Some(changed);
        }
        // What the spelling leaves out is given now.
        let mut changed = spelled.clone();
        let (parent, key) = pointer.rsplit_once('/')?;
        changed.pointer_mut(parent)?.as_object_mut()?.insert(key.to_owned(), to.clone());
        Some(changed)
    }
}

/// nmstate keeps rules in a profile of `lo`, which stays when it has no more of them; the kernel
/// makes the others with the first tunnel of their kind, for good.
const LASTING: [&str; 4] = ["lo", "tunl0", "sit0", "ip6tnl0"];

/// What is configured, without what changes by itself.
fn shown(host: &Host) -> Result<Value> {
    let text = host.shell("nmstatectl -q show -r --json")?;
    let mut state: Value = serde_json::from_str(&text).context("nmstatectl show")?;
    if let Some(interfaces) = state["interfaces"].as_array_mut() {
        interfaces.retain(|interface| !LASTING.iter().any(|name| interface["name"] == *name));
        for interface in interfaces {
            for timer in ["gc-timer", "hello-timer"] {
                if let Some(value) = interface.pointer_mut(&format!("/bridge/options/{timer}")) {
                    *value = json!(0);
                }
            }
        }
    }
    Ok(state)
}

fn transactions(host: &Host) -> Result<usize> {
    let calls = host.nmstatectl_calls()?;
    Ok(calls.iter().filter(|call| call.starts_with("apply")).count())
}
