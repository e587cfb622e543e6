//! The tarball: installed without a network, described by `ansible-doc`, and run from there.

use acceptance_tests::ansible::{Ansible, Version, tarball};
use anyhow::{Result, ensure};
use serde_json::Value;

#[test]
fn the_tarball_installs_offline_and_describes_itself() -> Result<()> {
    let ansible = Ansible::of(Version::V2_19)?;
    let place = tempfile::tempdir()?;
    let install = ansible
        .command("ansible-galaxy")
        .args(["collection", "install", "--offline", "-p"])
        .arg(place.path())
        .arg(tarball()?)
        .output()?;
    ensure!(install.status.success(), "{}", String::from_utf8_lossy(&install.stderr));
    let names = ["nmstate.host.nmstate", "nmstate.host.nmstate_info"];
    let document = |arguments: &[&str]| -> Result<String> {
        let mut command = ansible.command("ansible-doc");
        command.env("ANSIBLE_COLLECTIONS_PATH", place.path()).args(arguments).args(names);
        let output = command.output()?;
        let complaints = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success() && complaints.is_empty(), "{complaints}");
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let pages: Value = serde_json::from_str(&document(&["--json"])?)?;
    let key = "/doc/options/desired_state/suboptions/interfaces/suboptions/mtu/type";
    ensure!(pages[names[0]].pointer(key) == Some(&"int".into()), "no key table in the page");
    let text = document(&[])?;
    ensure!(text.contains("checkpoint_timeout") && text.contains("EXAMPLES"), "{text}");
    Ok(())
}
