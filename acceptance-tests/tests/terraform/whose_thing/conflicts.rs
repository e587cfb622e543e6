//! Two resources that declare one thing differently.

use anyhow::{Context, Result, ensure};

use super::super::Scenario;
use super::{PARALLELISM, has};

/// Pairs that cannot both be in force, and what the plan says of them.
const CONFLICTS: [(&str, &str, &[&str]); 6] = [
    (
        "resource \"nmstate_ethernet\" \"one\" {\n  name = \"eth1\"\n  mtu  = 1400\n}\n",
        "resource \"nmstate_ethernet\" \"other\" {\n  name = \"eth1\"\n  mtu  = 1450\n}\n",
        &["`interfaces[eth1].mtu` is declared twice", "`1400`", "`1450`"],
    ),
    (
        "resource \"nmstate_ethernet\" \"one\" {\n  name = \"eth1\"\n  mtu  = 1400\n}\n",
        "resource \"nmstate_state\" \"other\" {\n  desired = { interfaces = [{ name = \"eth1\", mtu = 1450 }] }\n}\n",
        &["`interfaces[eth1].mtu` is declared twice", "`1400`", "`1450`"],
    ),
    (
        "resource \"nmstate_linux_bridge\" \"one\" {\n  name = \"br0\"\n  port = [{ name = \"eth1\" }]\n}\n",
        "resource \"nmstate_linux_bridge\" \"other\" {\n  name = \"br1\"\n  port = [{ name = \"eth1\" }]\n}\n",
        &["`interfaces[eth1].controller` is declared twice", "`br0`", "`br1`"],
    ),
    (
        "resource \"nmstate_dns_resolver\" \"one\" {\n  server = [\"192.0.2.53\"]\n}\n",
        "resource \"nmstate_dns_resolver\" \"other\" {\n  server = [\"192.0.2.54\"]\n}\n",
        &["`dns-resolver.config.server` is declared twice", "192.0.2.53", "192.0.2.54"],
    ),
    (
        "resource \"nmstate_route\" \"one\" {\n  destination = \"198.51.100.0/24\"\n  next_hop_interface = \"eth2\"\n  metric = 100\n}\n",
        "resource \"nmstate_route\" \"other\" {\n  destination = \"198.51.100.0/24\"\n  next_hop_interface = \"eth2\"\n  metric = 200\n}\n",
        &["metric` is declared twice", "`100`", "`200`"],
    ),
    (
        "resource \"nmstate_linux_bridge\" \"one\" {\n  name = \"br0\"\n  port = [{ name = \"eth1\" }]\n}\n",
        "resource \"nmstate_ethernet\" \"other\" {\n  name       = \"eth2\"\n  controller = \"br0\"\n}\n",
        &["`interfaces[br0].ports` is declared twice", "eth1", "eth2"],
    ),
];

/// Nothing is sent, and the values of both are in the plan's error.
#[test]
fn are_errors_of_the_plan() -> Result<()> {
    let scenario = Scenario::with_cards("conflicts")?;
    for (one, other, words) in CONFLICTS {
        scenario.configure(&format!("{one}{other}"))?;
        for parallelism in PARALLELISM {
            let run = scenario.workspace.run(["plan", parallelism])?;
            let error = run.failed()?.split_whitespace().collect::<Vec<_>>().join(" ");
            has(&error, words)?;
        }
    }
    ensure!(scenario.transactions()? == 1, "something was sent");
    Ok(())
}

/// Two resources of one card that say different things of it: each gives up its own.
#[test]
fn two_on_one_card_do_not_take_from_each_other() -> Result<()> {
    let scenario = Scenario::with_cards("two")?;
    let mtu = "resource \"nmstate_ethernet\" \"mtu\" {\n  name = \"eth1\"\n  mtu  = 1400\n}\n";
    let address = r#"
resource "nmstate_ethernet" "address" {
  name = "eth1"
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "198.51.100.9", prefix_length = 24 }]
  }
}
"#;
    super::each_parallelism(&scenario, |scenario, parallelism| {
        scenario.in_force(&format!("{mtu}{address}"), parallelism)?;
        scenario.in_force(address, parallelism)?;
        let shown = scenario.host.shell("ip address show dev eth1")?;
        ensure!(shown.contains("198.51.100.9/24") && shown.contains("mtu 1500"), "{shown}");
        scenario.in_force(&format!("{mtu}{address}"), parallelism)?;
        scenario.in_force(mtu, parallelism)?;
        let shown = scenario.host.shell("ip address show dev eth1")?;
        ensure!(!shown.contains("198.51.100.9/24") && shown.contains("mtu 1400"), "{shown}");
        Ok(())
    })
}

/// A value that two resources declare alike stays with the other one when one of them goes, although the
/// run changes nothing but the one that goes.
#[test]
fn what_two_declare_alike_stays_with_the_other() -> Result<()> {
    let scenario = Scenario::with_cards("alike")?;
    let typed = r#"
resource "nmstate_route_rule" "typed" {
  ip_from     = "203.0.113.0/24"
  priority    = 1100
  route_table = 200
}

resource "nmstate_ethernet" "typed" {
  name = "eth1"
  mtu  = 1400
}

resource "nmstate_route" "typed" {
  destination        = "198.51.100.0/24"
  next_hop_interface = "eth2"
  next_hop_address   = "192.0.2.1"
}

resource "nmstate_linux_bridge" "typed" {
  name    = "br0"
  port    = [{ name = "eth3" }]
  options = { stp = { enabled = false } }
}

resource "nmstate_dns_resolver" "typed" {
  server = ["203.0.113.53"]
}
"#;
    let document = r#"
resource "nmstate_state" "document" {
  on_destroy = "absent"
  desired = {
    dns-resolver = { config = { server = ["203.0.113.53"] } }
    interfaces = [
      { name = "eth1", mtu = 1400 },
      {
        name  = "br0", type = "linux-bridge", state = "up"
        bridge = { options = { stp = { enabled = false } }, port = [{ name = "eth3" }] }
      },
    ]
    routes = { config = [
      { destination = "198.51.100.0/24", next-hop-interface = "eth2", next-hop-address = "192.0.2.1" },
    ] }
    route-rules = { config = [{ ip-from = "203.0.113.0/24", priority = 1100, route-table = 200 }] }
  }
}
"#;
    let is_there = |scenario: &Scenario<acceptance_tests::Temporary>, parallelism: &str| {
        let shown = scenario.host.shell(
            "ip rule; ip route; ip -o link show dev eth1; ip -o link show dev eth3; cat /etc/resolv.conf",
        )?;
        let wanted =
            ["1100:", "198.51.100.0/24 via 192.0.2.1", "mtu 1400", "master br0", "203.0.113.53"];
        has(&shown, &wanted).with_context(|| parallelism.to_owned())
    };
    for parallelism in PARALLELISM {
        for (stays, goes) in [(document, typed), (typed, document)] {
            scenario.in_force(stays, parallelism)?;
            scenario.in_force(&format!("{stays}{goes}"), parallelism)?;
            scenario.configure(stays)?;
            let run = scenario.workspace.run(["apply", parallelism])?.succeeded()?;
            // One at a time the one may be planned before the other was looked at.
            if super::said(&run).contains("is declared here") && parallelism == PARALLELISM[0] {
                scenario.workspace.apply()?;
            }
            is_there(&scenario, parallelism)?;
            scenario.workspace.assert_converged()?;
            scenario.workspace.destroy()?;
        }
    }
    Ok(())
}
