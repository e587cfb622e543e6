//! What Terraform says of the examples before any host is asked.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use acceptance_tests::terraform::{Product, Terraform, Version, Workspace};
use anyhow::{Context, Result, ensure};

use super::table::TRIALS;
use super::{copy, folders, root, schemas};

/// Without which a configuration is not even initialised.
const VARIABLES: &str = "passphrase = \"correct horse battery\"\n";
const PROVIDER: &str = "provider \"nmstate\" {\n  host = \"server1\"\n}\n";

#[test]
fn every_resource_has_an_example_that_is_valid() -> Result<()> {
    let workspace = Workspace::new(Terraform::of(Version::V1_11)?)?;
    workspace.configure(PROVIDER)?;
    let schemas = schemas(&workspace)?;
    let resources = schemas["resource_schemas"].as_object().context("no resources")?;
    let expected: BTreeSet<&str> = resources.keys().map(String::as_str).collect();
    let tried: BTreeSet<&str> = TRIALS.iter().map(|(name, _)| *name).collect();
    ensure!(tried == expected, "tried: {tried:?}, resources: {expected:?}");

    let found = folders("resources")?;
    ensure!(
        found.iter().map(String::as_str).eq(expected.iter().copied()),
        "examples: {found:?}, resources: {expected:?}"
    );
    for name in &found {
        let folder = root().join("examples/resources").join(name);
        let import = fs::read_to_string(folder.join("import.sh"))?;
        for line in import.lines().filter(|line| !line.starts_with("# ")) {
            let is_command = line.starts_with(&format!("terraform import {name}."));
            ensure!(is_command, "{name}: `{line}`");
        }
        let example = fs::read_to_string(folder.join("resource.tf"))?;
        workspace.write(&format!("{name}.tf"), &example)?;
    }
    check(&workspace, "resources")
}

#[test]
fn every_import_by_identity_is_valid() -> Result<()> {
    let workspace = Workspace::new(Terraform::of(Version::V1_15)?)?;
    for name in folders("resources")? {
        let folder = root().join("examples/resources").join(&name);
        for (file, copy) in [("resource", ""), ("import-by-identity", "-import")] {
            let from = folder.join(format!("{file}.tf"));
            fs::copy(&from, workspace.path().join(format!("{name}{copy}.tf")))
                .with_context(|| format!("no `{}`", from.display()))?;
        }
    }
    workspace.configure(PROVIDER)?;
    check(&workspace, "imports")
}

/// Terraform does not know what the examples for OpenTofu are about: of these it checks the syntax.
#[test]
fn every_guide_is_valid() -> Result<()> {
    let terraform = Terraform::of(Version::V1_11)?;
    let mut found: Vec<String> =
        folders("guides")?.iter().map(|name| format!("guides/{name}")).collect();
    found.push("provider".into());
    for name in found {
        let workspace = Workspace::new(terraform.clone())?;
        copy(&root().join("examples").join(&name), workspace.path())?;
        let texts = ["main.tf", "provider.tf"].map(|file| workspace.path().join(file));
        let text = texts.map(|path| fs::read_to_string(path).unwrap_or_default()).concat();
        if text.contains("required_providers") {
            fs::remove_file(workspace.path().join("versions.tf"))?;
        }
        if !text.contains("provider \"nmstate\"") {
            workspace.write("provider.tf", PROVIDER)?;
        }
        // What these blocks import is written by Terraform: the guide's own test has it do that.
        if name == "guides/adopting" {
            fs::remove_file(workspace.path().join("imports.tf"))?;
        }
        scripts(&workspace, &name)?;
        if name.starts_with("guides/opentofu-") && terraform.product() != Product::OpenTofu {
            formatted(&workspace, &name)?;
            continue;
        }
        workspace.write("terraform.tfvars", VARIABLES)?;
        workspace.run(["init"])?.succeeded()?;
        check(&workspace, &name)?;
    }
    Ok(())
}

/// The shell reads every script.
fn scripts(workspace: &Workspace, name: &str) -> Result<()> {
    for entry in fs::read_dir(workspace.path())? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "sh") {
            let output = Command::new("sh").arg("-n").arg(&path).output()?;
            let said = String::from_utf8_lossy(&output.stderr);
            ensure!(output.status.success(), "{name}: {said}");
        }
    }
    Ok(())
}

fn check(workspace: &Workspace, name: &str) -> Result<()> {
    let run = workspace.run(["validate", "-no-color"])?;
    ensure!(run.status == 0, "{name}:\n{}{}", run.stdout, run.stderr);
    formatted(workspace, name)
}

/// The program can read the configuration as HCL, and would write it the same.
fn formatted(workspace: &Workspace, name: &str) -> Result<()> {
    // The workspace's own files are not those of an example.
    if workspace.path().join("versions.tf").exists() {
        workspace.run(["fmt", "versions.tf"])?.succeeded()?;
    }
    let run = workspace.run(["fmt", "-check"])?;
    ensure!(run.status == 0, "{name}: run `terraform fmt` on {}", run.stdout);
    Ok(())
}
