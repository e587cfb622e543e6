//! Name servers that nmstate has put into the profile of an interface.

use anyhow::{Result, ensure};

use super::super::Scenario;
use super::each_parallelism;

const SERVERS: &str = "nmstatectl show | sed -n '/^dns-resolver:/,/^[^d ]/p'";
const PROFILES: &str = "grep -hE '^dns' -r /run/NetworkManager/system-connections \
                        /etc/NetworkManager/system-connections || true";

/// The interface in a document with name servers, which nmstate keeps in its profile too.
fn together(ipv4: &str) -> String {
    format!(
        "resource \"nmstate_state\" \"all\" {{\n  desired = <<-EOT\n    dns-resolver:\n      config:\n        \
         server: [192.0.2.53]\n        search: [example.org]\n    interfaces:\n      - {{name: eth1, type: \
         ethernet, ipv4: {ipv4}}}\n  EOT\n}}\n"
    )
}

const ADDRESS: &str = "{enabled: true, dhcp: false, address: [{ip: 192.0.2.1, prefix-length: 24}]}";

/// They stay when its IP family is switched off, until the resource goes that declares them.
#[test]
fn stay_when_the_family_of_their_interface_goes() -> Result<()> {
    let scenario = Scenario::with_cards("servers")?;
    let at_first = scenario.host.shell(SERVERS)?;
    each_parallelism(&scenario, |scenario, parallelism| {
        let held = || -> Result<bool> {
            let shown = scenario.host.shell(SERVERS)?;
            ensure!(shown.contains("192.0.2.53"), "the servers went along: {shown}");
            Ok(scenario.host.shell(PROFILES)?.contains("192.0.2.53"))
        };
        scenario.in_force(&together(ADDRESS), parallelism)?;
        ensure!(held()?, "no profile holds the servers");
        scenario.in_force(&together("{enabled: false}"), parallelism)?;
        ensure!(!held()?, "a profile still holds the servers");
        scenario.in_force(&together(ADDRESS), parallelism)?;
        scenario.workspace.run(["destroy", parallelism])?.succeeded()?;
        let left = scenario.host.shell(SERVERS)?;
        ensure!(left == at_first, "{left} instead of {at_first}");
        Ok(())
    })
}

/// So do those that somebody has given to the profile by hand.
#[test]
fn of_a_profile_of_nmcli_stay_too() -> Result<()> {
    let scenario = Scenario::with_cards("byhand")?;
    scenario.host.shell(
        "nmcli connection add type ethernet ifname eth1 con-name uplink ipv4.method manual \
         ipv4.addresses 192.0.2.1/24 ipv4.dns 192.0.2.53 ipv4.dns-search example.org \
         ipv6.method disabled && nmcli connection up uplink",
    )?;
    let off = "resource \"nmstate_ethernet\" \"card\" {\n  name = \"eth1\"\n  \
               ipv4 = { enabled = false }\n}\n";
    each_parallelism(&scenario, |scenario, parallelism| {
        scenario.in_force(off, parallelism)?;
        let shown = scenario.host.shell(SERVERS)?;
        ensure!(shown.contains("192.0.2.53"), "the servers went along: {shown}");
        scenario.workspace.run(["destroy", parallelism])?.succeeded()?;
        let shown = scenario.host.shell(SERVERS)?;
        ensure!(shown.contains("192.0.2.53"), "the servers went at last: {shown}");
        scenario.host.shell("ip -br address show eth1 | grep 192.0.2.1/24").map(drop)
    })
}

/// Each way in which a family goes: IPv6 too, both, by having no address any more, and as a port.
const GOING: &[&str] = &[
    "resource \"nmstate_ethernet\" \"card\" {\n  name = \"eth1\"\n  ipv6 = { enabled = false }\n}\n",
    "resource \"nmstate_ethernet\" \"card\" {\n  name = \"eth1\"\n  ipv4 = { enabled = false }\n  \
     ipv6 = { enabled = false }\n}\n",
    "resource \"nmstate_ethernet\" \"card\" {\n  name = \"eth1\"\n  ipv4 = { enabled = true, dhcp = \
     false, address = [] }\n}\n",
    "resource \"nmstate_linux_bridge\" \"lan\" {\n  name = \"br0\"\n  port = [{ name = \"eth1\" }]\n  \
     options = { stp = { enabled = false } }\n}\n",
];

/// Of either family, in whatever way it goes.
#[test]
fn of_either_family_stay() -> Result<()> {
    let scenario = Scenario::with_cards("families")?;
    for configuration in GOING {
        scenario.host.shell(
            "nmcli connection add type ethernet ifname eth1 con-name uplink ipv4.method manual \
             ipv4.addresses 192.0.2.1/24 ipv4.dns 192.0.2.53 ipv6.method manual \
             ipv6.addresses 2001:db8::1/64 ipv6.dns 2001:db8::53 && nmcli connection up uplink",
        )?;
        scenario.in_force(configuration, "-parallelism=10")?;
        let shown = scenario.host.shell(SERVERS)?;
        for server in ["192.0.2.53", "2001:db8::53"] {
            ensure!(shown.contains(server), "{configuration}: `{server}` went along: {shown}");
        }
        scenario.workspace.run(["destroy"])?.succeeded()?;
        let shown = scenario.host.shell("ip -br address show eth1")?;
        ensure!(shown.contains("192.0.2.1/24") && shown.contains("2001:db8::1/64"), "{shown}");
        scenario.host.shell("nmcli connection delete uplink")?;
    }
    Ok(())
}
