//! Changes that go wrong, and changes that move the host: confirmed over a new connection or undone.

use std::time::Instant;

use acceptance_tests::ansible::Project;
use anyhow::{Result, ensure};

use super::{LIMIT, TIMEOUT, as_before, bare_host, is_changed, message, task, traces, until};

const BRIDGE: &str =
    "interfaces: [{name: br0, type: linux-bridge, bridge: {port: [{name: eth1}]}}]";

/// A play that takes its own way to the host away, one host after the other: the first is back as it
/// was, the play says why, and the second is never touched.
#[test]
fn a_cut_connection_stops_a_rolling_change() -> Result<()> {
    let (first, second) = (bare_host("ansible-cut-a", true)?, bare_host("ansible-cut-b", true)?);
    let project = Project::new(&[&first, &second])?;
    let before = [traces(&first)?, traces(&second)?];
    let document = format!(
        "interfaces: [{{name: {}, type: veth, ipv4: {{enabled: true, dhcp: false, \
         address: [{{ip: {}, prefix-length: 32}}]}}}}]",
        first.management_interface(),
        first.foreign_address()
    );
    let change = task("change", &format!("checkpoint_timeout: {TIMEOUT}"), &document);
    project.write_play("  serial: 1\n", &change)?;
    let begun = Instant::now();
    let play = project.run::<&str>("play.yml", &[])?;
    ensure!(play.status != 0, "{}", play.output);
    let said = message(&play, "change")?;
    for words in ["cut the connection", "no answer for", "did not confirm", "as it was before"] {
        ensure!(said.contains(words), "`{words}` is missing in: {said}");
    }
    let transaction = &play.result("change")?["transaction"];
    ensure!(transaction["state"] == "reverted", "{transaction:#}");
    let away = transaction["outage_seconds"].as_f64().unwrap_or_default();
    ensure!(away > 0.5 && away < LIMIT.as_secs_f64(), "{transaction:#}");
    for events in ["timeline", "controller"] {
        ensure!(
            transaction[events].as_array().is_some_and(|list| list.len() > 1),
            "{transaction:#}"
        );
    }
    ensure!(play.results.len() == 1, "the second host was touched: {:?}", play.results);
    ensure!(begun.elapsed() < LIMIT * 2, "it took {:?}", begun.elapsed());
    as_before(&first, &before[0])?;
    as_before(&second, &before[1])
}

/// The change gives the host another address: confirmed there, by the host's own key.
#[test]
fn a_host_that_moves_is_confirmed_where_it_is() -> Result<()> {
    let host = bare_host("ansible-moves", true)?;
    let project = Project::beside(&host)?;
    let [a, b, ..] = host.management_address().octets();
    let address = format!("{a}.{b}.200.7");
    let document = format!(
        "interfaces: [{{name: {}, type: veth, ipv4: {{enabled: true, dhcp: false, \
         address: [{{ip: {address}, prefix-length: 15}}]}}}}]",
        host.management_interface()
    );
    // A fact is true from the next task on.
    let tasks = task("change", "checkpoint_timeout: 20", &document)
        + "  register: result\n\
           - ansible.builtin.set_fact:\n    ansible_host: \"{{ result.address }}\"\n    \
           ansible_ssh_extra_args: \"-o HostKeyAlias={{ ansible_host }}\"\n"
        + &task("again", "", &document);
    let play = project.play(&tasks, &[])?.succeeded()?;
    let result = play.result("change")?;
    ensure!(is_changed(&play, "change")? && result["address"] == address.as_str(), "{result:#}");
    ensure!(!is_changed(&play, "again")?, "{:#}", play.result("again")?);
    let shown =
        host.shell("ip -o -4 address show; cat /etc/NetworkManager/system-connections/*")?;
    ensure!(shown.matches(&address).count() == 2, "{shown}");
    Ok(())
}

/// SIGKILL of the process that holds the change while nobody can confirm it.
#[test]
fn a_killed_module_leaves_nothing() -> Result<()> {
    let host = bare_host("ansible-killed", false)?;
    let project = Project::new(&[&host])?;
    let before = traces(&host)?;
    project.write_play("", &task("change", &format!("checkpoint_timeout: {TIMEOUT}"), BRIDGE))?;
    let mut ansible = project.start("play.yml")?;
    until("the change is on the host", || {
        Ok(host.exec(&["test", "-d", "/sys/class/net/br0"])?.status == 0)
    })?;
    host.cut()?;
    let killed = Instant::now();
    host.shell("kill -KILL \"$(cat /run/nmstate-*/process)\"")?;
    host.restore()?;
    until("the bridge is gone", || {
        Ok(host.exec(&["test", "-d", "/sys/class/net/br0"])?.status != 0)
    })?;
    as_before(&host, &before)?;
    ensure!(killed.elapsed() < LIMIT, "it took {:?}", killed.elapsed());
    ensure!(!ansible.wait()?.success(), "the play succeeded");
    let results = project.recorded()?;
    let said = results.first().map(|one| one.value["msg"].to_string()).unwrap_or_default();
    ensure!(said.contains("was killed"), "{results:?}");
    let left = host.shell("ls /run | grep 'nmstate-.*-' || :")?;
    ensure!(left.is_empty(), "left over: {left}");
    Ok(())
}

/// The host is restarted while nobody can confirm: it comes up as it was.
#[test]
fn a_restart_undoes_what_is_not_confirmed() -> Result<()> {
    let host = bare_host("ansible-restart", false)?;
    let project = Project::new(&[&host])?;
    let before = traces(&host)?;
    project.write_play("", &task("change", "checkpoint_timeout: 60", BRIDGE))?;
    let mut ansible = project.start("play.yml")?;
    until("the change is on the host", || {
        Ok(host.exec(&["test", "-d", "/sys/class/net/br0"])?.status == 0)
    })?;
    host.cut()?;
    host.reboot()?;
    host.wait_until_ready()?;
    host.restore()?;
    as_before(&host, &before)?;
    ensure!(!ansible.wait()?.success(), "the play succeeded");
    let results = project.recorded()?;
    let said = results.first().map(|one| one.value["msg"].to_string()).unwrap_or_default();
    ensure!(said.contains("was restarted"), "{results:?}");
    Ok(())
}

/// The connection dies in the middle of a task that needs nobody to come back: the change is made.
#[test]
fn a_lost_connection_does_not_end_the_module() -> Result<()> {
    let host = bare_host("ansible-lost", false)?;
    let project = Project::new(&[&host])?;
    project.write_play("", &task("change", "confirm: host", BRIDGE))?;
    let mut ansible = project.start("play.yml")?;
    until("nmstate works", || Ok(host.exec(&["sh", "-c", "ls /run/nmstate-*/bin"])?.status == 0))?;
    // Every connection ends; the server itself starts again by itself.
    host.shell("pkill -KILL -x sshd-session")?;
    until("the profile is on the disk", || {
        Ok(host
            .exec(&["test", "-e", "/etc/NetworkManager/system-connections/br0.nmconnection"])?
            .status
            == 0)
    })?;
    ansible.wait()?;
    as_before(&host, &traces(&host)?)
}

/// What only the controller can ask: an address of the host that the change takes away.
#[test]
fn the_controller_s_own_probes() -> Result<()> {
    let host = bare_host("ansible-probes", true)?;
    let project = Project::beside(&host)?;
    let [a, b, ..] = host.management_address().octets();
    let second = format!("{a}.{b}.200.8");
    let document = |addresses: &[&str]| {
        let entries = addresses.iter().map(|ip| format!("{{ip: {ip}, prefix-length: 15}}"));
        format!(
            "interfaces: [{{name: {}, type: veth, ipv4: {{enabled: true, dhcp: false, \
             address: [{}]}}}}]",
            host.management_interface(),
            entries.collect::<Vec<_>>().join(", ")
        )
    };
    let own = host.management_address().to_string();
    let (both, one) = (document(&[&own, &second]), document(&[&own]));
    let probed = |probe: &str| format!("settle_timeout: 2\nprobes: [{{{probe}}}]");
    project.play(&task("two addresses", "", &both), &[])?.succeeded()?;
    let before = traces(&host)?;

    let begun = Instant::now();
    let watched = probed(&format!("controller_tcp: '{second}:22'"));
    let play = project.play(&task("change", &watched, &one), &[])?;
    let said = message(&play, "change")?;
    for words in
        [&format!("probe `controller_tcp {second}:22` fails since the change"), "as it was before"]
    {
        ensure!(said.contains(words), "`{words}` is missing in: {said}");
    }
    // T is 30 s: it was undone at once.
    ensure!(begun.elapsed().as_secs() < 25, "it took {:?}", begun.elapsed());
    as_before(&host, &before)?;

    let required = probed("controller_tcp: ':9', required: true");
    let play = project.play(&task("change", &required, &one), &[])?;
    let said = message(&play, "change")?;
    ensure!(
        said.starts_with("nothing was changed: the required probe `controller_tcp port 9`"),
        "{said}"
    );
    as_before(&host, &before)?;

    let tasks = task("change", &probed("controller_tcp: ':9'"), &one)
        + &task("again", &probed("controller_tcp: ':22'"), &both);
    let play = project.play(&tasks, &[])?.succeeded()?;
    let warnings = play.result("change")?["warnings"].to_string();
    ensure!(
        warnings.contains("not watched, because it fails before the change: controller_tcp port 9"),
        "{warnings}"
    );
    ensure!(is_changed(&play, "change")? && is_changed(&play, "again")?);
    Ok(())
}
