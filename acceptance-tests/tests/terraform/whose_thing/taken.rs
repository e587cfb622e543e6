//! Losses of others in a change: kept where it can be, and said where not.

use anyhow::{Result, ensure};

use super::super::Scenario;
use super::{each_parallelism, has};

/// An interface with what stands on it; its mode makes it anew.
const STACK: &str = r#"
resource "nmstate_mac_vlan" "service" {
  name       = "service0"
  base_iface = "eth1"
  mode       = "bridge"
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "203.0.113.71", prefix_length = 24 }]
  }
}

resource "nmstate_route" "branch" {
  destination        = "198.51.100.0/24"
  next_hop_interface = nmstate_mac_vlan.service.name
  next_hop_address   = "203.0.113.254"
  metric             = 140
}

resource "nmstate_route_rule" "branch" {
  ip_from     = "203.0.113.71/32"
  priority    = 1100
  route_table = 254
}
"#;

/// What other resources have over it is there at once, in the same apply.
#[test]
fn what_stands_on_an_interface_made_anew_stays() -> Result<()> {
    let scenario = Scenario::with_cards("anew")?;
    each_parallelism(&scenario, |scenario, parallelism| {
        scenario.in_force(STACK, parallelism)?;
        for mode in ["private", "vepa"] {
            scenario.in_force(&STACK.replace("\"bridge\"", &format!("\"{mode}\"")), parallelism)?;
            let routes = scenario.host.shell("ip route show 198.51.100.0/24; ip rule")?;
            ensure!(routes.contains("dev service0") && routes.contains("metric 140"), "{routes}");
            ensure!(routes.contains("1100:"), "{routes}");
        }
        Ok(())
    })
}

/// What somebody set by hand goes when the profile is activated again, and is named.
#[test]
fn what_goes_with_a_change_is_said() -> Result<()> {
    let scenario = Scenario::with_cards("goes")?;
    scenario.host.shell(
        "ip address add 192.0.2.99/32 dev eth2; ip route add 203.0.113.0/24 via 192.0.2.1 dev eth2",
    )?;
    let before = scenario.host.shell("ip address show dev eth2; ip route")?;
    let card = "resource \"nmstate_ethernet\" \"card\" {\n  name = \"eth2\"\n  mtu  = 1400\n}\n";
    let words = scenario.in_force(card, "-parallelism=1")?;
    let after = scenario.host.shell("ip address show dev eth2; ip route")?;
    for (thing, name) in [
        ("192.0.2.99/32", "address `192.0.2.99/32` of `eth2`"),
        ("203.0.113.0/24", "route `203.0.113.0/24`"),
    ] {
        ensure!(before.contains(thing), "{before}");
        ensure!(
            after.contains(thing) || words.contains(name),
            "`{name}` went without a word: {words}"
        );
    }
    scenario.workspace.destroy()?;
    Ok(())
}

/// A card that waits for an address that nobody gives is no success without a word.
#[test]
fn what_is_not_ready_is_said() -> Result<()> {
    let scenario = Scenario::with_cards("ready")?;
    let card = "resource \"nmstate_ethernet\" \"card\" {\n  name = \"eth3\"\n  ipv4 = {\n    enabled = \
                true\n    dhcp    = true\n  }\n}\n";
    let words = scenario.in_force(card, "-parallelism=1")?;
    has(&words, &["interface `eth3` is not ready: it still waits for an address"])?;
    scenario.workspace.destroy()?;
    Ok(())
}

fn stack(base: u32, top: &str) -> String {
    format!(
        "resource \"nmstate_ethernet\" \"base\" {{\n  name = \"eth1\"\n  mtu  = {base}\n}}\n\
         resource \"nmstate_mac_vlan\" \"top\" {{\n  name       = \"top0\"\n  base_iface = \
         nmstate_ethernet.base.name\n  mode       = \"bridge\"\n  mtu        = {top}\n}}\n"
    )
}

/// Packet sizes of a card and of what stands on it: up and down in one apply each, and what cannot
/// be is an error that names the MTU.
#[test]
fn a_stack_changes_its_mtu_together() -> Result<()> {
    let scenario = Scenario::with_cards("mtu")?;
    each_parallelism(&scenario, |scenario, parallelism| {
        let is = |base: &str, top: &str| -> Result<()> {
            let shown =
                scenario.host.shell("cat /sys/class/net/eth1/mtu /sys/class/net/top0/mtu")?;
            ensure!(shown.split_whitespace().eq([base, top]), "{base} and {top}: {shown}");
            Ok(())
        };
        for (base, top) in [(1500, "1500"), (9000, "9000"), (1500, "1500"), (9000, "9000")] {
            scenario.in_force(&stack(base, top), parallelism)?;
            is(&base.to_string(), top)?;
        }
        // The base alone goes down, which the kernel would answer by lowering the other.
        scenario.configure(&stack(1500, "9000"))?;
        let error = scenario.workspace.run(["apply", parallelism])?.failed()?;
        has(&error, &["the mtu of `top0`", "`9000`", "`1500`"])?;
        is("9000", "9000")?;
        let words = scenario.in_force(&stack(1400, "null"), parallelism)?;
        is("1400", "1400")?;
        has(&words, &["the mtu of `top0` went from `9000` to `1400`"])
    })
}
