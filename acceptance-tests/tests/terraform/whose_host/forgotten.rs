//! A host that the provider block does not name any more: its resources go nowhere else.

use std::fs;

use acceptance_tests::Host;
use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::clones::{ID, block, clones};
use super::{Scenario, another, bridges, has, said};

/// An address on eth1, which the clone has too.
fn address(host: &str) -> String {
    format!(
        "resource \"nmstate_ethernet\" \"{host}\" {{\n  host = \"{host}\"\n  name = \"eth1\"\n  ipv4 = \
         {{\n    enabled = true\n    dhcp    = false\n    address = [{{ ip = \"192.0.2.7\", \
         prefix_length = 24 }}]\n  }}\n}}\n"
    )
}

fn addresses(host: &Host) -> Result<String> {
    host.shell("ip -4 -o address show dev eth1; ip -oneline link show type bridge")
}

/// Takes what is known of the machines out of the private bytes, as before it was kept.
fn forget_keys(directory: &std::path::Path) -> Result<()> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let file = directory.join("terraform.tfstate");
    let mut state: Value = serde_json::from_slice(&fs::read(&file)?)?;
    let mut forgotten = 0;
    for resource in state["resources"].as_array_mut().context("resources")? {
        let private = &mut resource["instances"][0]["private"];
        let bytes = STANDARD.decode(private.as_str().context("private bytes")?)?;
        let mut parts: Value = serde_json::from_slice(&bytes)?;
        forgotten +=
            usize::from(parts.as_object_mut().context("an object")?.remove("machine").is_some());
        *private = STANDARD.encode(parts.to_string()).into();
    }
    ensure!(forgotten > 0, "no host key is known: {state:#}");
    fs::write(file, state.to_string())?;
    Ok(())
}

/// The host is dropped and its clone stays: the clone keeps what it has.
#[test]
fn a_clone_keeps_its_address() -> Result<()> {
    let (scenario, other) = clones("lost")?;
    let hosts = [("a", &*scenario.host), ("b", &*other)];
    scenario.workspace.configure(&format!("{}{}{}", block(&hosts), address("a"), address("b")))?;
    scenario.workspace.apply()?;
    let before = addresses(&other)?;
    ensure!(before.contains("192.0.2.7"), "{before}");

    scenario.workspace.configure(&format!("{}{}", block(&hosts[1..]), address("b")))?;
    for parallelism in super::PARALLELISM {
        for refresh in ["-refresh=true", "-refresh=false"] {
            let error = scenario.workspace.run(["apply", parallelism, refresh])?.failed()?;
            has(
                &error,
                &[
                    "host `a`: the provider's `hosts` has it no more",
                    "`b` shows its machine id with another host key",
                    "put `a` back into `hosts`",
                ],
            )?;
        }
        ensure!(addresses(&other)? == before, "the clone was changed");
    }

    // A state that knows no host key yet: a look goes by the id, a removal does not.
    forget_keys(scenario.workspace.path())?;
    scenario.workspace.configure(&format!("{}{}", block(&hosts[1..]), address("b")))?;
    let error = scenario.workspace.run(["apply"])?.failed()?;
    has(&error, &["no host key is known", "-refresh-only"])?;
    ensure!(addresses(&other)? == before, "the clone was changed");

    // As the hint says.
    scenario.workspace.configure(&format!("{}{}{}", block(&hosts), address("a"), address("b")))?;
    scenario.workspace.run(["apply", "-refresh-only"])?.succeeded()?;
    scenario.workspace.configure(&format!("{}{}", block(&hosts), address("b")))?;
    scenario.workspace.apply()?;
    ensure!(!addresses(&scenario.host)?.contains("192.0.2.7"), "the address is still there");
    ensure!(addresses(&other)? == before, "the clone was changed");
    Ok(())
}

/// The machine under another name is found, unless a host could not be asked or two can be it.
#[test]
fn the_machine_is_looked_for() -> Result<()> {
    let scenario = Scenario::whose("name")?;
    let (down, other) = (another("name-down")?, another("name-b")?);
    let all = [("a", &*scenario.host), ("b", &*other), ("c", &*down)];
    scenario.workspace.configure(&format!("{}{}", block(&all), bridges(&["a"], 1400)))?;
    scenario.workspace.apply()?;
    let renamed = block(&[("new", &*scenario.host), ("b", &*other), ("c", &*down)]);
    scenario.workspace.configure(&renamed)?;

    // Nobody is asked at the old name, although it could be resolved.
    let logins = down.logins()?;
    let block_of_others = block(&all[1..]);
    scenario.workspace.configure(&block_of_others)?;
    let error = scenario.workspace.run(["apply"])?.failed()?;
    has(
        &error,
        &["host `a`: the provider's `hosts` has it no more", "none of its hosts is the same"],
    )?;
    ensure!(down.logins()? > logins, "the hosts of the block were not looked at");

    // Two that show the same id.
    let id = scenario.host.shell("cat /etc/machine-id")?;
    let own = other.shell("cat /etc/machine-id")?;
    other.shell(&format!("echo {} >/etc/machine-id", id.trim()))?;
    scenario.workspace.configure(&renamed)?;
    let error = scenario.workspace.run(["apply"])?.failed()?;
    has(&error, &["`b` and `new` show the same machine id", "systemd-machine-id-setup"])?;
    other.shell(&format!("echo {} >/etc/machine-id", own.trim()))?;

    down.down()?;
    let run = scenario.workspace.run(["plan", "-refresh-only"])?.succeeded()?;
    has(
        &said(&run),
        &["`new` shows its machine id, but `c` could not be looked at", "stay in the state"],
    )?;
    let error = scenario.workspace.run(["apply"])?.failed()?;
    has(&error, &["`c` could not be looked at", "put `a` back into `hosts`"])?;
    scenario.host.shell("test -e /sys/class/net/br-a")?;

    let without = block(&[("new", &*scenario.host), ("b", &*other)]);
    scenario.workspace.configure(&without)?;
    let run = scenario.workspace.apply()?;
    ensure!(run.stdout.contains("1 destroyed"), "{}", run.stdout);
    scenario.host.shell("test ! -e /sys/class/net/br-a")?;
    ensure!(id.trim() != ID);
    Ok(())
}
