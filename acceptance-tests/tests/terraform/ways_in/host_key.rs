//! Whom one talks to: learning a host's key, and pinning it.

use std::fs;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest, Sha256};

use super::Scenario;

/// Somebody else's key.
const OTHER: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHhqJZCFC5XhJmxhgYRUoUQqC0Ri8xZBcN4L4g1n7W0Z";

#[test]
fn accept_new() -> Result<()> {
    let scenario = Scenario::way("accept")?;
    let file = scenario.workspace.path().join("known_hosts");
    fs::write(&file, "")?;
    let configure = |policy: &str| {
        let ssh = format!(
            "agent = false\nconfig_file = \"none\"\n{}\nknown_hosts_file = \"{}\"\n\
             host_key_policy = \"{policy}\"",
            scenario.lab_identity(),
            file.display()
        );
        scenario.configure_way(&scenario.destination("root"), &ssh, "")
    };
    let shown = fingerprint(&scenario.host_public_key()?)?;
    configure("strict")?;
    scenario.plan_fails(&[&shown, "is not known", "set `ssh.host_key = "])?;

    configure("accept-new")?;
    scenario.apply_bridge()?;
    let learned = fs::read_to_string(&file)?;
    let name = format!("[127.0.0.1]:{}", scenario.host.port());
    ensure!(learned == format!("{name} {}\n", scenario.host_public_key()?), "{learned}");

    configure("strict")?;
    scenario.plan_bridge()?;

    // A key that has changed is refused even by `accept-new`.
    fs::write(&file, format!("{name} {OTHER}\n"))?;
    configure("accept-new")?;
    scenario.plan_fails(&[&shown, &fingerprint(OTHER)?, "known_hosts:1"])?;
    Ok(())
}

#[test]
fn pinned() -> Result<()> {
    let scenario = Scenario::way("pinned")?;
    let configure = |pin: &str| {
        let ssh = format!(
            "agent = false\nconfig_file = \"none\"\n{}\nhost_key = \"{pin}\"",
            scenario.lab_identity()
        );
        scenario.configure_way(&scenario.destination("root"), &ssh, "")
    };
    let key = scenario.host_public_key()?;
    let shown = fingerprint(&key)?;
    configure(&key)?;
    scenario.apply_bridge()?;
    configure(&shown)?;
    scenario.plan_bridge()?;

    let other = fingerprint(OTHER)?;
    for pin in [OTHER, &other] {
        configure(pin)?;
        let logins = scenario.host.logins()?;
        scenario.plan_fails(&[&shown, &other, "`ssh.host_key`"])?;
        ensure!(scenario.host.logins()? == logins, "logged in to another host");
    }
    configure("nonsense")?;
    scenario.plan_fails(&["neither a public key nor a fingerprint"])?;
    Ok(())
}

/// What `ssh-keygen -l` prints for a public key.
fn fingerprint(public_key: &str) -> Result<String> {
    let key = public_key.split_whitespace().nth(1).context("a public key has two words")?;
    Ok(format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(STANDARD.decode(key)?))))
}
