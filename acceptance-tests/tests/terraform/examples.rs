//! The examples of the registry pages: one for each resource, and Terraform takes all of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use acceptance_tests::terraform::{Terraform, Version, Workspace};
use anyhow::{Context, Result, ensure};
use serde_json::Value;

#[test]
fn every_resource_has_an_example_that_is_valid() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/resources");
    let workspace = Workspace::new(Terraform::of(Version::V1_11)?)?;
    workspace.configure("provider \"nmstate\" {\n  host = \"server1\"\n}\n")?;
    let schemas = workspace.run(["providers", "schema", "-json"])?.succeeded()?;
    let schemas: Value = serde_json::from_str(&schemas.stdout)?;
    let provider = schemas["provider_schemas"].as_object().and_then(|all| all.values().next());
    let resources = provider.and_then(|one| one["resource_schemas"].as_object());
    let expected: BTreeSet<String> = resources.context("no resources")?.keys().cloned().collect();

    let mut found = BTreeSet::new();
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let example = fs::read_to_string(entry.path().join("resource.tf"))?;
        let import = fs::read_to_string(entry.path().join("import.sh"))?;
        ensure!(import.contains(&format!("terraform import {name}.")), "{name}: {import}");
        workspace.write("example.tf", &example)?;
        let run = workspace.run(["validate", "-no-color"])?;
        ensure!(run.status == 0, "{name}:\n{}{}", run.stdout, run.stderr);
        let run = workspace.run(["fmt", "-check", "example.tf"])?;
        ensure!(run.status == 0, "{name}: run `terraform fmt` on its example");
        found.insert(name);
    }
    ensure!(found == expected, "examples: {found:?}, resources: {expected:?}");
    Ok(())
}
