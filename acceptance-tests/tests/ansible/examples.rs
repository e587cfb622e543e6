//! The examples that users copy: each is run as it is.

use std::fs;
use std::path::{Path, PathBuf};

use acceptance_tests::ansible::Project;
use acceptance_tests::terraform::{Run, Terraform, Version, Workspace};
use acceptance_tests::{Host, HostOptions, Kind, Lab};
use anyhow::{Result, ensure};

use super::bare_host;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/ansible")
}

#[test]
fn every_example_runs() -> Result<()> {
    let (first, second) = (bare_host("server1", false)?, bare_host("server2", false)?);
    let project = Project::new(&[&first, &second])?;
    let mut names = Vec::new();
    for entry in fs::read_dir(folder())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".yml") {
            fs::copy(&path, project.path().join(&name))?;
            names.push(name);
        }
    }
    names.sort();
    ensure!(names == ["bridge.yml", "drift.yml", "rolling.yml"], "{names:?}");
    for name in ["bridge.yml", "rolling.yml"] {
        let play = project.run::<&str>(name, &[])?.succeeded()?;
        let changed: Vec<&str> = play
            .results
            .iter()
            .filter(|one| one.value["changed"] == true)
            .map(|one| one.host.as_str())
            .collect();
        ensure!(changed.contains(&"server1"), "{name}: {}", play.output);
        let play = project.run::<&str>(name, &[])?.succeeded()?;
        ensure!(play.output.matches("changed=0").count() == 2, "{name}: {}", play.output);
    }
    // The report finds what somebody has changed by hand, and nothing else.
    let play = project.run("drift.yml", &["--check", "--diff"])?.succeeded()?;
    ensure!(play.output.matches("changed=0").count() == 2, "{}", play.output);
    first.shell("ip link set br0 mtu 1300")?;
    let play = project.run("drift.yml", &["--check", "--diff"])?;
    ensure!(play.status != 0, "{}", play.output);
    ensure!(play.output.contains("1300") && play.output.contains("server1"), "{}", play.output);
    Ok(())
}

/// Terraform and Ansible on the hosts of one inventory: what one has made, the other finds as it is to
/// be. Only the inventory has other hosts than the example's.
#[test]
fn one_inventory_for_both() -> Result<()> {
    let lab = Lab::from_environment()?;
    let options = HostOptions::default();
    let first = lab.temporary(Kind::Namespace, "shared-1", &options)?;
    let second = lab.temporary(Kind::Namespace, "shared-2", &options)?;
    let folder = folder().join("with-terraform");
    let read = |name: &str| fs::read_to_string(folder.join(name));
    let project = Project::new(&[&first, &second])?;
    let workspace = Workspace::new(Terraform::of(Version::V1_11)?)?;

    // How to log in is in the files of the user's SSH, as it is for whoever copies the example.
    let home = workspace.path();
    fs::create_dir(home.join(".ssh"))?;
    let known = |host: &Host| fs::read_to_string(host.known_hosts_file());
    fs::write(home.join(".ssh/known_hosts"), known(&first)? + &known(&second)?)?;
    fs::write(
        home.join(".ssh/config"),
        format!(
            "Host *\nIdentityFile {}\nUserKnownHostsFile {}\n",
            first.identity_file().display(),
            home.join(".ssh/known_hosts").display()
        ),
    )?;
    let mut inventory = read("inventory.yml")?
        .replace("ansible_port: 2222", &format!("ansible_port: {}", second.port()))
        .replace("server2.example.com", second.address())
        .replace(
            "server1.example.com",
            &format!("{}\n          ansible_port: {}", first.address(), first.port()),
        )
        .replace("netadmin", first.user());
    workspace.write("inventory.yml", &inventory)?;
    // The example says itself which provider it needs.
    fs::remove_file(home.join("versions.tf"))?;
    workspace.configure(&read("main.tf")?)?;
    let terraform = |verb: &str| -> Result<Run> {
        let mut command = workspace.command([verb]);
        Run::from(command.env("HOME", home).output()?).succeeded()
    };
    let run = terraform("apply")?;
    ensure!(run.stdout.contains("2 added"), "{}", run.stdout);

    let ssh = format!("-F {}", home.join(".ssh/config").display());
    inventory.push_str(&format!("        ansible_ssh_common_args: '{ssh}'\n"));
    project.write("inventory.yml", &inventory)?;
    project.write("storage.yml", &read("storage.yml")?)?;
    let check = ["-i", "inventory.yml", "--check", "--diff"];
    let play = project.run("storage.yml", &check)?.succeeded()?;
    ensure!(play.output.matches("changed=0").count() == 2, "{}", play.output);
    second.shell("ip link set br0 mtu 1300")?;
    let play = project.run("storage.yml", &check)?.succeeded()?;
    ensure!(play.output.matches("changed=1").count() == 1, "{}", play.output);
    project.run("storage.yml", &["-i", "inventory.yml"])?.succeeded()?;
    let run = terraform("plan")?;
    ensure!(run.stdout.contains("No changes."), "{}", run.stdout);
    Ok(())
}
