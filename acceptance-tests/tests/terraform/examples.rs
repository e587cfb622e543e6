//! The examples that users copy, which the registry pages show: Terraform takes all of them, and
//! those that a namespace host can have are applied there.

mod guides;
mod opentofu;
mod pages;
mod resources;
mod sizes;
mod table;
mod valid;

use std::fs;
use std::path::{Path, PathBuf};

use acceptance_tests::terraform::Workspace;
use anyhow::{Context, Result};
use serde_json::Value;

/// The top of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folders below a folder of the examples, by name and in order.
pub(super) fn folders(below: &str) -> Result<Vec<String>> {
    let path = root().join("examples").join(below);
    let entries = fs::read_dir(&path).with_context(|| format!("no `{}`", path.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.path().is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Copies what is in a folder into a workspace.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (source, target) = entry.map(|one| (one.path(), to.join(one.file_name())))?;
        if source.is_dir() {
            copy(&source, &target)?;
        } else {
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}

/// What the provider says of itself, as Terraform reads it.
fn schemas(workspace: &Workspace) -> Result<Value> {
    let run = workspace.run(["providers", "schema", "-json"])?.succeeded()?;
    let all: Value = serde_json::from_str(&run.stdout)?;
    let provider = all["provider_schemas"].as_object().and_then(|all| all.values().next());
    provider.cloned().context("Terraform knows no schema of the provider")
}
