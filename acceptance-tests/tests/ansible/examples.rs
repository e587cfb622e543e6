//! The examples that users copy: each is run as it is.

use std::fs;
use std::path::Path;

use acceptance_tests::ansible::Project;
use anyhow::{Result, ensure};

use super::bare_host;

#[test]
fn every_example_runs() -> Result<()> {
    let (first, second) = (bare_host("server1", false)?, bare_host("server2", false)?);
    let project = Project::new(&[&first, &second])?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/ansible");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".yml") && name != "inventory.yml" {
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
