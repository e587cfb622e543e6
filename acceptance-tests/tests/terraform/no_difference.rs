//! Invariant I3: without a difference nothing is sent that writes, and nobody on the host notices.

use std::thread;

use acceptance_tests::terraform::Version;
use acceptance_tests::{Host, HostOptions};
use anyhow::{Context, Result, anyhow, ensure};

use super::{Scenario, each_version};

/// The methods that read. Whatever else is called might write.
const READING: &[&str] = &[
    "Get",
    "GetAll",
    "GetAllDevices",
    "GetAppliedConnection",
    "GetConnectionUnixProcessID",
    "GetConnectionUnixUser",
    "GetManagedObjects",
    "GetNameOwner",
    "GetSecrets",
    "GetSettings",
    "Hello",
    "Introspect",
    "ListConnections",
    "AddMatch",
    "RemoveMatch",
];

each_version!(no_difference);

/// What was applied is applied again in another form: the provider is asked to change something,
/// and finds that there is nothing to do.
fn no_difference(version: Version) -> Result<()> {
    let options = HostOptions { managed_management: true, ..HostOptions::default() };
    let scenario = Scenario::with_options(version, "nothing", &options)?;
    let configuration = |on_destroy: &str| {
        format!(
            "resource \"nmstate_linux_bridge\" \"br0\" {{\n  name = \"br0\"\n  port = [{{ name = \"eth1\" }}]\n  \
             on_destroy = \"{on_destroy}\"\n}}\n"
        )
    };
    scenario.configure(&configuration("absent"))?;
    scenario.workspace.apply()?;
    let applies = || -> Result<usize> {
        let calls = scenario.host.nmstatectl_calls()?;
        Ok(calls.iter().filter(|call| call.starts_with("apply")).count())
    };
    let before = applies()?;

    scenario.configure(&configuration("keep"))?;
    watch_bus(&scenario.host)?;
    let (run, ping) = thread::scope(|scope| {
        let ping = scope.spawn(|| {
            // The other end of the management link.
            scenario.host.shell("ping -q -n -i 0.01 -w 8 198.18.0.1")
        });
        let run = scenario.workspace.apply();
        (run, ping.join())
    });
    let writing = writing_calls(&scenario.host)?;
    let run = run?;
    ensure!(run.stdout.contains("1 changed"), "{}", run.stdout);
    ensure!(applies()? == before, "nmstatectl applied something");

    let ping = ping.map_err(|_| anyhow!("the ping panicked"))??;
    ensure!(ping.contains(" 0% packet loss"), "{ping}");
    let sent = ping.split(" packets transmitted").next().and_then(|text| text.lines().last());
    let sent: usize = sent.context("no count")?.trim().parse()?;
    ensure!(sent > 300, "only {sent} packets in 8 s");

    ensure!(writing.is_empty(), "called on the bus: {writing:?}");
    Ok(())
}

/// Begins to note what is called on NetworkManager.
pub(super) fn watch_bus(host: &Host) -> Result<()> {
    host.shell(
        "busctl --json=short monitor org.freedesktop.NetworkManager >/run/lab/bus.log 2>&1 & \
         echo $! >/run/lab/bus.pid",
    )?;
    Ok(())
}

/// Ends it; the methods that were called and might write.
pub(super) fn writing_calls(host: &Host) -> Result<Vec<String>> {
    host.shell("kill $(cat /run/lab/bus.pid)")?;
    let mut called = calls_on(&host.shell("cat /run/lab/bus.log")?);
    // The monitor has seen a look.
    ensure!(called.iter().any(|method| method == "GetAll"), "{called:?}");
    called.retain(|method| !READING.contains(&method.as_str()));
    Ok(called)
}

/// The methods that were called, from what `busctl monitor` printed.
fn calls_on(log: &str) -> Vec<String> {
    let messages = log.lines().filter_map(|line| serde_json::from_str(line).ok());
    messages
        .filter(|message: &serde_json::Value| message["type"] == "method_call")
        .filter_map(|message| message["member"].as_str().map(str::to_owned))
        .collect()
}
