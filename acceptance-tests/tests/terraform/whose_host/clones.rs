//! Machines that were cloned from one image: their machine id is one, their host keys are not, or
//! are that too.

use std::fs;

use acceptance_tests::terraform::provider_block;
use acceptance_tests::{Host, Temporary};
use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::{Scenario, another, bridges, each_has_its_own, has, loops, said};

/// The machine id of the template.
pub(super) const ID: &str = "0123456789abcdef0123456789abcdef";

/// Two hosts of one machine id.
pub(super) fn clones(name: &str) -> Result<(Scenario<Temporary>, Temporary)> {
    let scenario = Scenario::whose(name)?;
    let other = another(&format!("{name}-b"))?;
    for host in [&*scenario.host, &*other] {
        host.shell(&format!("echo {ID} >/etc/machine-id"))?;
    }
    Ok((scenario, other))
}

/// The block of hosts under names of the test's own.
pub(super) fn block(hosts: &[(&str, &Host)]) -> String {
    let real: Vec<&Host> = hosts.iter().map(|(_, host)| *host).collect();
    let mut block = provider_block(&real, "");
    for (name, host) in hosts {
        block = block.replace(&format!("    {} = {{", host.name()), &format!("    {name} = {{"));
    }
    let default = real.first().map(|host| format!("  host = \"{}\"\n", host.name()));
    block.replace(&default.unwrap_or_default(), "")
}

/// Gives a host this key, and waits until its sshd shows it.
fn set_host_key(host: &Host, private: &str) -> Result<()> {
    let output = host.exec_with_input(
        &[
            "/bin/sh",
            "-eu",
            "-c",
            "cat >/etc/ssh/ssh_host_ed25519_key; ssh-keygen -y -f \
          /etc/ssh/ssh_host_ed25519_key >/etc/ssh/ssh_host_ed25519_key.pub",
        ],
        private.as_bytes(),
    )?;
    ensure!(output.status == 0, "{}", output.stderr);
    let public = host.shell("cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub")?;
    host.shell("kill \"$(cat /run/sshd.pid)\"; while [ -e /run/sshd.pid ]; do sleep 0.1; done")?;
    let line = format!("[127.0.0.1]:{} {public}", host.port());
    fs::write(host.known_hosts_file(), line)?;
    host.wait_until_ready()
}

#[test]
fn of_one_machine_id() -> Result<()> {
    let (scenario, other) = clones("id")?;
    let hosts = [("a", &*scenario.host), ("b", &*other)];
    let block = block(&hosts);
    loops(&scenario.workspace, &block, &hosts)?;

    // Another machine, although it shows the same id: a replacement.
    let moved = bridges(&["a"], 1300).replace("host = \"a\"", "host = \"b\"");
    let only = bridges(&["a"], 1300);
    scenario.workspace.configure(&format!("{block}{only}"))?;
    scenario.workspace.apply()?;
    scenario.workspace.configure(&format!("{block}{moved}"))?;
    for refresh in ["-refresh=true", "-refresh=false"] {
        scenario.workspace.run(["plan", refresh, "-out=plan.bin"])?.succeeded()?;
        let plan = scenario.workspace.run(["show", "-json", "plan.bin"])?.succeeded()?;
        let plan: serde_json::Value = serde_json::from_str(&plan.stdout)?;
        let actions = &plan["resource_changes"][0]["change"]["actions"];
        ensure!(*actions == json!(["delete", "create"]), "{refresh}: {actions}");
    }
    scenario.workspace.apply()?;
    scenario.host.shell("test ! -e /sys/class/net/br-a")?;
    other.shell("test -e /sys/class/net/br-a")?;
    scenario.workspace.assert_converged()?;
    scenario.workspace.destroy()?;
    other.shell("test ! -e /sys/class/net/br-a")?;
    Ok(())
}

/// The name of a machine comes to lead to its clone, whose key SSH has accepted.
#[test]
fn behind_the_name_of_the_other() -> Result<()> {
    let (scenario, other) = clones("swap")?;
    let hosts = [("a", &*scenario.host), ("b", &*other)];
    scenario.workspace.configure(&format!("{}{}", block(&hosts), bridges(&["a"], 1400)))?;
    scenario.workspace.apply()?;
    let swapped = block(&[("b", &*scenario.host), ("a", &*other)]);
    scenario.workspace.configure(&format!("{swapped}{}", bridges(&["a"], 1300)))?;
    for arguments in
        [["plan", "-refresh=true"], ["plan", "-refresh=false"], ["destroy", "-refresh=false"]]
    {
        let error = scenario.workspace.run(arguments)?.failed()?;
        has(
            &error,
            &["host `a`: another machine answers", "with the host key `SHA256:", "state rm"],
        )
        .with_context(|| format!("{arguments:?}"))?;
    }
    other.shell("test ! -e /sys/class/net/br-a")?;
    scenario.workspace.configure(&block(&hosts))?;
    scenario.workspace.apply()?;
    scenario.host.shell("test ! -e /sys/class/net/br-a")?;
    Ok(())
}

/// A host key that was renewed on purpose: said once, remembered, and no dead end.
#[test]
fn a_renewed_host_key() -> Result<()> {
    let scenario = Scenario::whose("key")?;
    let other = another("key-b")?;
    let hosts = [("a", &*scenario.host), ("b", &*other)];
    let configuration = format!("{}{}", block(&hosts), bridges(&["a"], 1400));
    scenario.workspace.configure(&configuration)?;
    scenario.workspace.apply()?;
    let fresh =
        other.shell("rm -f /run/key; ssh-keygen -q -t ed25519 -N '' -f /run/key; cat /run/key")?;
    set_host_key(&scenario.host, &fresh)?;
    let run = scenario.workspace.run(["plan", "-detailed-exitcode"])?;
    ensure!(run.status == 0, "{}{}", run.stdout, run.stderr);
    has(
        &said(&run),
        &["host `a`: it has a new host key, `SHA256:", "no other host of the provider"],
    )?;
    scenario.workspace.run(["apply", "-refresh-only"])?.succeeded()?;
    let run = scenario.workspace.run(["plan", "-detailed-exitcode"])?;
    ensure!(run.status == 0 && !run.stdout.contains("new host key"), "{}", run.stdout);
    scenario.workspace.destroy()?;
    scenario.host.shell("test ! -e /sys/class/net/br-a")?;
    Ok(())
}

/// Clones down to the host key are refused, until one of them has an identity of its own.
#[test]
fn down_to_the_host_key() -> Result<()> {
    let (scenario, other) = clones("twins")?;
    let key = scenario.host.shell("cat /etc/ssh/ssh_host_ed25519_key")?;
    let own = other.shell("cat /etc/ssh/ssh_host_ed25519_key")?;
    set_host_key(&other, &key)?;
    let hosts = [("a", &*scenario.host), ("b", &*other)];
    let configuration = format!("{}{}", block(&hosts), bridges(&["a", "b"], 1400));
    scenario.workspace.configure(&configuration)?;
    for parallelism in super::PARALLELISM {
        let error = scenario.workspace.run(["plan", parallelism])?.failed()?;
        has(
            &error,
            &["`a` and `b` cannot be told apart", ID, "systemd-machine-id-setup", "ssh-keygen -A"],
        )?;
    }
    // One of them alone is known by its name, until its resource is to go to the other.
    scenario.workspace.configure(&format!("{}{}", block(&hosts), bridges(&["a"], 1400)))?;
    scenario.workspace.apply()?;
    let moved = bridges(&["a"], 1400).replace("host = \"a\"", "host = \"b\"");
    scenario.workspace.configure(&format!("{}{moved}", block(&hosts)))?;
    for refresh in ["-refresh=true", "-refresh=false"] {
        let error = scenario.workspace.run(["plan", refresh])?.failed()?;
        has(&error, &["`a` and `b` cannot be told apart"])?;
    }
    set_host_key(&other, &own)?;
    other.shell("tr 0-9a-f 1-9a-f0 </etc/machine-id >/run/id; cat /run/id >/etc/machine-id")?;
    scenario.workspace.configure(&configuration)?;
    scenario.workspace.apply()?;
    each_has_its_own(&hosts, 1400)?;
    scenario.workspace.destroy()?;
    Ok(())
}
