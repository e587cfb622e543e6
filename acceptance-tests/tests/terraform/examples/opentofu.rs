//! What the guide for users of OpenTofu promises. Terraform reads none of it but the hand-over, so
//! these run where `NMSTATE_TERRAFORM` names an OpenTofu; what Terraform can check of them, their
//! syntax, is checked with all other guides.

use std::fs;

use acceptance_tests::terraform::{Terraform, Version, Workspace, provider_block};
use acceptance_tests::{Host, HostOptions, Kind, Lab, Temporary};
use anyhow::{Context, Result, ensure};

use super::guides::script;
use super::{copy, root};
use crate::terraform::outputs;

/// The version that scenarios name where any will do.
const ANY: Version = Version::V1_15;
const VARIABLES: &str = "terraform.tfvars";

fn host(name: &str) -> Result<Temporary> {
    Lab::from_environment()?.temporary(Kind::Namespace, name, &HostOptions::default())
}

/// A workspace with an example and its variables. `server1` is the first of the lab hosts that it
/// logs in to.
fn workspace(example: &str, hosts: &[&Host], variables: &str) -> Result<Workspace> {
    let workspace = Workspace::new(Terraform::of(ANY)?)?;
    workspace.write(VARIABLES, variables)?;
    let [first, ..] = hosts else { anyhow::bail!("there is no host") };
    let known: String = hosts
        .iter()
        .map(|host| fs::read_to_string(host.known_hosts_file()))
        .collect::<Result<_, _>>()?;
    workspace.write("known_hosts", &known)?;
    let login = format!(
        "ssh = {{ user = \"{}\", identity_file = \"{}\", known_hosts_file = \"{}\", agent = false, \
         config_file = \"none\" }}",
        first.user(),
        first.identity_file().display(),
        workspace.path().join("known_hosts").display()
    );
    let text = fs::read_to_string(root().join("examples/guides").join(example).join("main.tf"))?;
    let user = text.lines().find(|line| line.contains("{ user = \"netadmin\" }"));
    let text = text.replace(user.context("the example has no user")?, &login);
    let address = format!("{}:{}", first.address(), first.port());
    workspace.configure(&text.replace("server1.example.com", &address))?;
    Ok(workspace)
}

fn has_bridge(host: &Host) -> Result<bool> {
    Ok(host.exec(&["test", "-d", "/sys/class/net/br0"])?.status == 0)
}

/// A host leaves in two applies, and not in one.
#[test]
#[ignore = "needs an OpenTofu: make opentofu"]
fn fleet() -> Result<()> {
    Terraform::of(ANY)?;
    let (first, second) = (host("tofu-web1")?, host("tofu-web2")?);
    let entry = |name: &str, host: &Host, storage: &str| {
        let address = format!("{}:{}", host.address(), host.port());
        format!("  {name} = {{ address = \"{address}\", storage = \"{storage}\" }}\n")
    };
    let web1 = entry("web1", &first, "192.0.2.11");
    let web2 = entry("web2", &second, "192.0.2.12");
    let both = format!("{web1}{web2}");
    let variables =
        |entries: &str, leaving: &str| format!("fleet = {{\n{entries}}}\nleaving = [{leaving}]\n");
    let hosts: [&Host; 2] = [&first, &second];
    let workspace = workspace("opentofu-fleet", &hosts, &variables(&both, ""))?;
    let fleet =
        |entries: &str, leaving: &str| workspace.write(VARIABLES, &variables(entries, leaving));
    let applied = workspace.apply()?;
    ensure!(applied.stdout.contains("2 added"), "{}", applied.stdout);
    workspace.assert_converged()?;
    ensure!(has_bridge(&first)? && has_bridge(&second)?, "not every host has its bridge");

    fleet(&web1, "")?;
    let error = workspace.run(["plan"])?.failed()?;
    ensure!(error.contains("Provider instance not present"), "{error}");
    ensure!(has_bridge(&second)?, "the bridge is gone");

    fleet(&both, "\"web2\"")?;
    let applied = workspace.apply()?;
    ensure!(applied.stdout.contains("0 added, 0 changed, 1 destroyed"), "{}", applied.stdout);
    ensure!(has_bridge(&first)? && !has_bridge(&second)?, "the wrong bridge is gone");
    fleet(&web1, "")?;
    workspace.assert_converged()?;
    workspace.destroy()?;
    ensure!(!has_bridge(&first)?, "the bridge is still there");
    Ok(())
}

/// What is not enabled is destroyed, and comes back.
#[test]
#[ignore = "needs an OpenTofu: make opentofu"]
fn enabled() -> Result<()> {
    Terraform::of(ANY)?;
    let host = host("tofu-enabled")?;
    let workspace = workspace("opentofu-enabled", &[&host], "")?;
    for (storage, sum, address) in [
        (true, "1 added, 0 changed, 0 destroyed", "192.0.2.11"),
        (false, "0 added, 0 changed, 1 destroyed", "none"),
        (true, "1 added, 0 changed, 0 destroyed", "192.0.2.11"),
    ] {
        workspace.write(VARIABLES, &format!("storage = {storage}\n"))?;
        let applied = workspace.apply()?;
        ensure!(applied.stdout.contains(sum), "{storage}: {}", applied.stdout);
        ensure!(has_bridge(&host)? == storage, "{storage}: the bridge is not as declared");
        ensure!(outputs(&workspace)?["storage"] == address, "{storage}: {}", applied.stdout);
        workspace.assert_converged()?;
    }
    Ok(())
}

/// A secret is on the host and, as text, in no file of the workspace.
#[test]
#[ignore = "needs an OpenTofu: make opentofu"]
fn encryption() -> Result<()> {
    const SECRET: &str = "s3cret-of-the-port";
    Terraform::of(ANY)?;
    let host = host("tofu-encryption")?;
    let variables =
        format!("passphrase    = \"correct horse battery\"\nport_password = \"{SECRET}\"\n");
    let workspace = workspace("opentofu-encryption", &[&host], &variables)?;
    workspace.run(["plan", "-out=plan.bin"])?.succeeded()?;
    workspace.run(["apply", "plan.bin"])?.succeeded()?;
    workspace.assert_converged()?;
    let profiles = host.shell("cat /etc/NetworkManager/system-connections/*")?;
    ensure!(profiles.contains(SECRET), "the host does not have the secret");
    for file in ["terraform.tfstate", "plan.bin"] {
        let kept = fs::read(workspace.path().join(file))?;
        let kept = String::from_utf8_lossy(&kept);
        ensure!(kept.contains("\"encrypted_data\""), "`{file}` is not encrypted");
        ensure!(!kept.contains(SECRET), "`{file}` has the secret");
    }
    workspace.write(VARIABLES, &variables.replace("horse", "house"))?;
    let error = workspace.run(["plan"])?.failed()?;
    ensure!(error.to_lowercase().contains("decrypt"), "{error}");
    Ok(())
}

/// A state of Terraform is OpenTofu's after the commands of the guide, and goes back the same way.
#[test]
#[ignore = "needs an OpenTofu: make opentofu"]
fn hand_over() -> Result<()> {
    const STATE: &str = "terraform.tfstate";
    let tofu = Terraform::of(ANY)?;
    let host = host("tofu-handover")?;
    let configuration = format!(
        "{}resource \"nmstate_linux_bridge\" \"br0\" {{\n  name = \"br0\"\n  port = [{{ name = \
         \"eth1\" }}]\n}}\n",
        provider_block(&[&host], "")
    );
    for version in Version::ALL {
        let from = Workspace::new(Terraform::pinned(version)?)?;
        from.configure(&configuration)?;
        from.apply()?;
        let to = Workspace::new(tofu.clone())?;
        copy(&root().join("examples/guides/opentofu-handover"), to.path())?;
        to.write("main.tf", &configuration)?;
        fs::copy(from.path().join(STATE), to.path().join(STATE))?;
        let run = script(&to, "handover.sh")?;
        ensure!(run.status == 0, "{version:?}: {}{}", run.stdout, run.stderr);
        ensure!(run.stdout.contains("No changes."), "{version:?}: {}", run.stdout);
        to.assert_converged()?;

        fs::copy(to.path().join(STATE), from.path().join(STATE))?;
        let registries = ["registry.opentofu.org", "registry.terraform.io"];
        let [old, new] = registries.map(|one| format!("{one}/nmstate/nmstate"));
        from.run(["state", "replace-provider", "-auto-approve", &old, &new])?.succeeded()?;
        from.assert_converged().with_context(|| format!("back in {version:?}"))?;
        from.destroy()?;
        ensure!(!has_bridge(&host)?, "the bridge is still there");
    }
    Ok(())
}
