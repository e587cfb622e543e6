//! Interfaces under other names than the kernel's.

use anyhow::{Result, ensure};

use super::super::Scenario;

/// A card is found by its hardware address, under a name that is its profile's alone.
#[test]
fn by_hardware_address() -> Result<()> {
    let scenario = Scenario::with_plain_cards("mac")?;
    let mac = scenario.host.shell("cat /sys/class/net/eth1/address")?.trim().to_uppercase();
    let card = |mtu: u32| {
        format!(
            "resource \"nmstate_ethernet\" \"wan\" {{\n  name = \"wan0\"\n  identifier = \"mac-address\"\n  \
             mac_address = \"{mac}\"\n  mtu = {mtu}\n  ipv4 = {{\n    enabled = true\n    dhcp = false\n    \
             address = [{{ ip = \"192.0.2.61\", prefix_length = 24 }}]\n  }}\n}}\n"
        )
    };
    scenario.settles(&card(1400))?;
    let shown = scenario.host.shell("ip address show eth1; nmcli -g NAME,DEVICE connection")?;
    for words in ["mtu 1400", "192.0.2.61/24", "wan0:eth1"] {
        ensure!(shown.contains(words), "`{words}`: {shown}");
    }
    scenario.workspace.run(["apply", "-refresh-only"])?.succeeded()?;
    scenario.workspace.assert_converged()?;
    scenario.host.shell("ip link set eth1 mtu 1300")?;
    scenario.plans(&["mtu"])?;
    scenario.workspace.apply()?;
    scenario
        .host
        .shell("ip link set eth1 down; ip link set eth1 name lan9; ip link set lan9 up; sleep 2")?;
    scenario.plans(&[])?;
    scenario
        .host
        .shell("ip link set lan9 down; ip link set lan9 name eth1; ip link set eth1 up; sleep 2")?;
    scenario.settles(&card(1350))?;
    scenario.workspace.destroy()?;
    let shown = scenario.host.shell("ip address show eth1")?;
    ensure!(shown.contains("mtu 1500") && !shown.contains("192.0.2.61"), "{shown}");
    Ok(())
}

/// An alternative name stands for the interface wherever an interface is named.
#[test]
fn by_an_alternative_name() -> Result<()> {
    let scenario = Scenario::with_plain_cards("alt")?;
    scenario.host.shell(
        "ip link property add dev eth1 altname uplink-of-the-rack; ip link property add dev eth2 altname second-port",
    )?;
    let configuration = r#"
resource "nmstate_ethernet" "uplink" {
  name = "uplink-of-the-rack"
  mtu  = 1400
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "192.0.2.71", prefix_length = 24 }]
  }
}

resource "nmstate_route" "far" {
  destination        = "198.51.100.0/24"
  next_hop_interface = "uplink-of-the-rack"
  next_hop_address   = "192.0.2.1"
  depends_on         = [nmstate_ethernet.uplink]
}

resource "nmstate_linux_bridge" "lan" {
  name    = "br0"
  port    = [{ name = "second-port" }]
  options = { stp = { enabled = false } }
}
"#;
    scenario.settles(configuration)?;
    let shown = scenario.host.shell("ip address show eth1; ip route; ip -o link show eth2")?;
    for words in
        ["mtu 1400", "192.0.2.71/24", "198.51.100.0/24 via 192.0.2.1 dev eth1", "master br0"]
    {
        ensure!(shown.contains(words), "`{words}`: {shown}");
    }
    scenario.workspace.run(["apply", "-refresh-only"])?.succeeded()?;
    scenario.workspace.assert_converged()?;
    scenario.host.shell("ip link set eth1 mtu 1300")?;
    scenario.plans(&["mtu"])?;
    scenario.workspace.apply()?;
    scenario.workspace.destroy()?;
    let shown = scenario.host.shell("ip address show eth1; ip route; ip -o link show eth2")?;
    for words in ["mtu 1400", "192.0.2.71", "198.51.100.0/24", "master br0"] {
        ensure!(!shown.contains(words), "`{words}`: {shown}");
    }
    Ok(())
}

/// Two names of one card are one thing: a value that two resources declare alike stays with the other.
#[test]
fn by_two_names_at_once() -> Result<()> {
    let scenario = Scenario::with_plain_cards("twice")?;
    scenario.host.shell("ip link property add dev eth1 altname uplink-of-the-rack")?;
    let card = |name: &str| {
        format!(
            "resource \"nmstate_ethernet\" \"{name}\" {{\n  name = \"{name}\"\n  mtu  = 1400\n}}\n"
        )
    };
    let names = [card("eth1"), card("uplink-of-the-rack")];
    for left in [0, 1] {
        scenario.settles(&names[1 - left])?;
        scenario.settles(&names.concat())?;
        scenario.settles(&names[left])?;
        let shown = scenario.host.shell("ip -o link show dev eth1")?;
        ensure!(shown.contains("mtu 1400"), "{left}: {shown}");
        scenario.workspace.destroy()?;
        let reset = r#"{"interfaces": [{"name": "eth1", "mtu": 1500}]}"#;
        scenario.host.exec_with_input(&["nmstatectl", "apply", "-q"], reset.as_bytes())?;
    }
    Ok(())
}
