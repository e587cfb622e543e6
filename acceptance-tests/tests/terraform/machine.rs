//! A resource belongs to a machine, whatever its name and address.

use acceptance_tests::terraform::{Version, changes, provider_block};
use acceptance_tests::{HostOptions, Kind, Lab};
use anyhow::{Result, ensure};

use super::Scenario;
use super::ways_in::public_key;

const BRIDGE: &str = "resource \"nmstate_linux_bridge\" \"br0\" {\n  name = \"br0\"\n}\n";

/// The block of the scenario's host under another name, or with another host behind its name.
fn renamed<H: std::ops::Deref<Target = acceptance_tests::Host>>(
    scenario: &Scenario<H>,
    name: &str,
) -> String {
    let block = provider_block(&[&*scenario.host], &scenario.settings);
    let old = scenario.host.name();
    block
        .replace(&format!("host = \"{old}\""), &format!("host = \"{name}\""))
        .replace(&format!("    {old} = {{"), &format!("    {name} = {{"))
}

/// Another name for the same machine: an update of `host` alone, and nothing is sent.
#[test]
fn another_name() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_11, "name")?;
    scenario.configure(BRIDGE)?;
    scenario.workspace.apply()?;
    let transactions = scenario.transactions()?;

    scenario.workspace.configure(&format!("{}{BRIDGE}", renamed(&scenario, "web1")))?;
    let plan = scenario.workspace.plan()?;
    let planned = changes(&plan, "resource_changes");
    ensure!(
        planned == [("nmstate_linux_bridge.br0".to_owned(), vec!["host".to_owned()])],
        "{planned:#?}"
    );
    let actions = &plan["resource_changes"][0]["change"]["actions"];
    ensure!(*actions == serde_json::json!(["update"]), "{actions}");
    // The machine is found without its old name, also for a drift and by a destroy.
    scenario.host.shell("ip link set br0 mtu 1300")?;
    let drift = changes(&scenario.workspace.plan()?, "resource_drift");
    ensure!(
        drift == [("nmstate_linux_bridge.br0".to_owned(), vec!["mtu".to_owned()])],
        "{drift:?}"
    );
    scenario.host.shell("ip link set br0 mtu 1500")?;
    scenario.workspace.apply()?;
    ensure!(scenario.transactions()? == transactions, "something was sent");
    scenario.workspace.assert_converged()?;
    scenario.workspace.configure(&renamed(&scenario, "web2"))?;
    let run = scenario.workspace.apply()?;
    ensure!(
        run.stdout.contains("1 destroyed") && !run.stdout.contains("Warning"),
        "{}",
        run.stdout
    );
    let is_gone = scenario.host.exec(&["test", "-d", "/sys/class/net/br0"])?.status != 0;
    ensure!(is_gone, "the bridge is still there");
    Ok(())
}

/// A host that is known only during the apply, and turns out to be the same machine.
#[test]
fn another_name_known_late() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_11, "late")?;
    scenario.configure(BRIDGE)?;
    scenario.workspace.apply()?;
    let block = provider_block(&[&*scenario.host], "  destinations = true");
    let late = "resource \"terraform_data\" \"name\" {\n  input = \"NAME\"\n}\n\
                resource \"nmstate_linux_bridge\" \"br0\" {\n  host = terraform_data.name.output\n  \
                name = \"br0\"\n}\n";
    let name = format!("{}:{}", scenario.host.address(), scenario.host.port());
    let ssh = format!(
        "user = \"{}\"\n    identity_file = \"{}\"\n    known_hosts_file = \"{}\"\n    agent",
        scenario.host.user(),
        scenario.host.identity_file().display(),
        scenario.host.known_hosts_file().display()
    );
    let block = block.replacen("  ssh = {\n    agent", &format!("  ssh = {{\n    {ssh}"), 1);
    scenario.workspace.configure(&format!("{block}{}", late.replace("NAME", &name)))?;
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()
}

/// Another machine under the same name: refused by a refresh, a plan, an apply and a destroy.
#[test]
fn another_machine() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_11, "before")?;
    scenario.configure(BRIDGE)?;
    scenario.workspace.apply()?;
    let id = |host: &acceptance_tests::Host| host.shell("cat /etc/machine-id");
    let options = HostOptions::default();
    let other = Lab::from_environment()?.temporary(Kind::Namespace, "after", &options)?;
    other.shell("nmcli connection add type bridge ifname br0 con-name br0 >/dev/null")?;

    let behind = provider_block(&[&*other], "").replace(other.name(), scenario.host.name());
    // The files of the other host have its name in their paths.
    let behind = behind
        .lines()
        .map(|line| match line.trim_start().starts_with("known_hosts_file") {
            true => format!("known_hosts_file = \"{}\"\n", other.known_hosts_file().display()),
            false => format!("{line}\n"),
        })
        .collect::<String>();
    let named = |error: String| -> Result<()> {
        let (known, found) = (id(&scenario.host)?, id(&other)?);
        for words in ["another machine answers", known.trim(), found.trim(), "terraform state rm"] {
            ensure!(error.contains(words), "`{words}` is missing in: {error}");
        }
        Ok(())
    };
    scenario.workspace.configure(&format!("{behind}{BRIDGE}"))?;
    named(scenario.workspace.run(["plan"])?.failed()?)?;
    named(scenario.workspace.run(["plan", "-refresh=false"])?.failed()?)?;
    named(scenario.workspace.run(["destroy", "-refresh=false"])?.failed()?)?;
    named(scenario.workspace.run(["refresh"])?.failed()?)?;
    other.shell("test -d /sys/class/net/br0")?;

    // A plan that was made before the machine was replaced.
    scenario.configure(&BRIDGE.replace("name = \"br0\"", "name = \"br0\"\n  mtu = 1400"))?;
    scenario.workspace.plan()?;
    let own = scenario.host.shell("cat /etc/machine-id")?;
    scenario
        .host
        .shell("tr 0-9a-f 1-9a-f0 </etc/machine-id >/run/id; cat /run/id >/etc/machine-id")?;
    let error = scenario.workspace.run(["apply", "plan.bin"])?.failed()?;
    ensure!(error.contains("another machine answers") && error.contains(own.trim()), "{error}");

    // As the hint says.
    scenario.workspace.run(["state", "rm", "nmstate_linux_bridge.br0"])?.succeeded()?;
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()
}

/// Another name for another machine replaces, as ever.
#[test]
fn another_host() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_11, "one")?;
    let options = HostOptions::default();
    let other = Lab::from_environment()?.temporary(Kind::Namespace, "other", &options)?;
    let block = provider_block(&[&*scenario.host, &*other], "");
    scenario.workspace.configure(&format!("{block}{BRIDGE}"))?;
    scenario.workspace.apply()?;
    // A name that is known only during the apply has not planned that: Terraform itself refuses
    // the other plan, before anything is done.
    let late = format!(
        "resource \"terraform_data\" \"name\" {{\n  input = \"{}\"\n}}\n{}",
        other.name(),
        BRIDGE.replace("name =", "host = terraform_data.name.output\n  name =")
    );
    scenario.workspace.configure(&format!("{block}{late}"))?;
    scenario.workspace.run(["apply"])?.failed()?;
    scenario.host.shell("test -d /sys/class/net/br0")?;
    other.shell("test ! -d /sys/class/net/br0")?;
    let on_other = BRIDGE.replace("name =", &format!("host = \"{}\"\n  name =", other.name()));
    scenario.workspace.configure(&format!("{block}{on_other}"))?;
    let plan = scenario.workspace.plan()?;
    let actions = &plan["resource_changes"][0]["change"]["actions"];
    ensure!(*actions == serde_json::json!(["delete", "create"]), "{actions}");
    scenario.workspace.apply()?;
    other.shell("test -d /sys/class/net/br0")?;
    let gone = scenario.host.exec(&["test", "-d", "/sys/class/net/br0"])?.status != 0;
    ensure!(gone, "the bridge is still on the first host");
    scenario.workspace.assert_converged()
}

/// A state without machine ids: names count, and a refresh learns the id without a change.
#[test]
fn unknown_machine() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_11, "nameless")?;
    scenario.host.shell(": >/etc/machine-id")?;
    scenario.configure(BRIDGE)?;
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;
    let id = |scenario: &Scenario<_>| -> Result<serde_json::Value> {
        let state = scenario.workspace.state()?;
        Ok(state["values"]["root_module"]["resources"][0]["values"]["machine_id"].clone())
    };
    ensure!(id(&scenario)?.is_null(), "an empty file is no identity");
    scenario.host.shell("echo 0123456789abcdef0123456789abcdef >/etc/machine-id")?;
    let run = scenario.workspace.run(["plan", "-detailed-exitcode"])?;
    ensure!(run.status == 0, "{}{}", run.stdout, run.stderr);
    scenario.workspace.run(["refresh"])?.succeeded()?;
    ensure!(id(&scenario)? == "0123456789abcdef0123456789abcdef");
    scenario.workspace.assert_converged()
}

/// A change of the address that the host is reached at: followed, said, and no change later when
/// the provider block has the new address.
#[test]
fn another_address() -> Result<()> {
    let lab = Lab::from_environment()?;
    let jump = lab.temporary(Kind::Namespace, "movejump", &HostOptions::default())?;
    let options = HostOptions { managed_management: true, ..HostOptions::default() };
    let scenario = Scenario::with_options(Version::V1_11, "move", &options)?;
    let old = scenario.host.management_address();
    let new = std::net::Ipv4Addr::from(u32::from(old) + 0x6400);
    let known = scenario.workspace.path().join("known_hosts");
    let mut lines = format!("[127.0.0.1]:{} {}\n", jump.port(), public_key(&jump)?);
    for address in [old, new] {
        lines.push_str(&format!("{address} {}\n", public_key(&scenario.host)?));
    }
    scenario.workspace.write("known_hosts", &lines)?;
    let configure = |address| {
        scenario.workspace.configure(&format!(
            r#"
provider "nmstate" {{
  host  = "goal"
  hosts = {{ goal = {{ address = "{address}" }} }}
  ssh = {{
    user             = "root"
    identity_file    = "{}"
    known_hosts_file = "{}"
    agent            = false
    config_file      = "none"
    jump             = "root@127.0.0.1:{}"
  }}
}}

resource "nmstate_interface" "management" {{
  name = "mgmt0"
  type = "veth"
  ipv4 = {{
    enabled = true
    dhcp    = false
    address = [{{ ip = "{new}", prefix_length = 15 }}]
  }}
}}
"#,
            scenario.host.identity_file().display(),
            known.display(),
            jump.port()
        ))
    };
    configure(old)?;
    let run = scenario.workspace.apply()?;
    for words in
        [&format!("is reached at `root@{new}:22` since the change"), "no answer for", "timeline: "]
    {
        ensure!(run.stdout.contains(words), "`{words}` is missing in: {}", run.stdout);
    }
    configure(new)?;
    scenario.workspace.assert_converged()?;
    let run = scenario.workspace.run(["plan", "-destroy"])?.succeeded()?;
    let words = format!("`{new}` is the address that it comes over");
    ensure!(run.stdout.contains(&words), "{}", run.stdout);
    scenario.workspace.destroy()?;
    let addresses = scenario.host.shell("ip -4 -o address show dev mgmt0")?;
    ensure!(addresses.contains(&old.to_string()), "{addresses}");
    Ok(())
}
