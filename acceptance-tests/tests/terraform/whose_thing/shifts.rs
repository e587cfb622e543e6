//! Shifts of a list, renames and replacements within one run.

use anyhow::{Result, ensure};

use super::super::Scenario;
use super::{each_parallelism, has};

/// Bridges and a route over each, by `count`.
fn counted(bridges: &[(&str, &str, &str)]) -> String {
    let entries: Vec<String> = bridges
        .iter()
        .map(|(name, ip, net)| format!("{{ name = \"{name}\", ip = \"{ip}\", net = \"{net}\" }}"))
        .collect();
    format!(
        r#"
locals {{
  bridges = [{}]
}}

resource "nmstate_linux_bridge" "this" {{
  count   = length(local.bridges)
  name    = local.bridges[count.index].name
  options = {{ stp = {{ enabled = false }} }}
  ipv4 = {{
    enabled = true
    dhcp    = false
    address = [{{ ip = local.bridges[count.index].ip, prefix_length = 24 }}]
  }}
}}

resource "nmstate_route" "this" {{
  count              = length(local.bridges)
  destination        = local.bridges[count.index].net
  next_hop_interface = nmstate_linux_bridge.this[count.index].name
  metric             = 150
}}
"#,
        entries.join(", ")
    )
}

const RED: (&str, &str, &str) = ("br-red", "192.0.2.1", "203.0.113.0/26");
const GREEN: (&str, &str, &str) = ("br-green", "198.51.100.1", "203.0.113.64/26");
const BLUE: (&str, &str, &str) = ("br-blue", "203.0.113.129", "203.0.113.192/26");

/// A declaration is in force at the end of a run, whatever was destroyed in it.
///
/// Core may make an instance before it destroys the one that had its bridge, most likely one at a time.
/// Nothing tells the new one that it is Terraform's own then: the run says so, and what it names is
/// left.
#[test]
fn the_first_of_several_is_taken_out_and_put_back() -> Result<()> {
    let scenario = Scenario::with_cards("count")?;
    each_parallelism(&scenario, |scenario, parallelism| {
        let mut said = String::new();
        for bridges in [&[RED, GREEN, BLUE][..], &[GREEN, BLUE], &[RED, GREEN, BLUE]] {
            said.push_str(&scenario.in_force(&counted(bridges), parallelism)?);
            for (name, ip, net) in bridges {
                let shown = scenario
                    .host
                    .shell(&format!("ip -4 address show dev {name}; ip route show {net}"))?;
                ensure!(
                    shown.contains(&format!("{ip}/24")) && shown.contains("metric 150"),
                    "{shown}"
                );
            }
            let red = scenario.host.shell("test -e /sys/class/net/br-red && echo there || true")?;
            ensure!((red.trim() == "there") == bridges.contains(&RED), "br-red: {red}");
        }
        let is_left = |name: &&str| {
            said.contains(&format!("interface `{name}` stays: another resource declares it"))
        };
        let left: Vec<&str> = [RED.0, GREEN.0, BLUE.0].into_iter().filter(is_left).collect();
        scenario.workspace.destroy()?;
        for name in left {
            let absent = format!(r#"{{"interfaces": [{{"name": "{name}", "state": "absent"}}]}}"#);
            scenario.by_hand(&absent)?;
        }
        Ok(())
    })
}

/// Eighteen routes by `count`, without their first.
#[test]
fn seventeen_routes_are_left_of_eighteen() -> Result<()> {
    let scenario = Scenario::with_cards("eighteen")?;
    let routes = |first: u32, last: u32| {
        format!(
            "resource \"nmstate_route\" \"all\" {{\n  count = {}\n  destination = \
             \"10.${{count.index + {first}}}.0.0/24\"\n  next_hop_interface = \"eth2\"\n  \
             next_hop_address = \"192.0.2.254\"\n}}\n",
            last - first
        )
    };
    each_parallelism(&scenario, |scenario, parallelism| {
        // One at a time each is a transaction.
        let last = if parallelism == super::PARALLELISM[0] { 5 } else { 18 };
        let mut said = String::new();
        for first in [0, 1] {
            said.push_str(&scenario.in_force(&routes(first, last), parallelism)?);
            let shown = scenario.host.shell("ip route show | grep -c '^10[.]'")?;
            ensure!(shown.trim() == (last - first).to_string(), "{shown} of {last} from {first}");
        }
        // The last one may be taken over before its old instance is destroyed, see above.
        let left = format!("10.{}.0.0/24", last - 1);
        if said.contains(&format!("route `{left}` stays: another resource declares it")) {
            scenario.workspace.destroy()?;
            scenario.by_hand(&format!(
                r#"{{"routes": {{"config": [{{"destination": "{left}", "next-hop-interface": "eth2", "state": "absent"}}]}}}}"#
            ))?;
        }
        Ok(())
    })
}

/// A block that is made before its old one is destroyed, and one that is renamed without `moved`.
#[test]
fn what_is_made_first_and_destroyed_then_is_there() -> Result<()> {
    let scenario = Scenario::with_cards("first")?;
    let block = |name: &str| {
        format!(
            "resource \"nmstate_route\" \"{name}\" {{\n  destination = \"198.51.100.0/24\"\n  \
             next_hop_interface = \"eth2\"\n  next_hop_address = \"192.0.2.254\"\n  lifecycle {{ \
             create_before_destroy = true }}\n}}\nresource \"nmstate_linux_bridge\" \"{name}\" \
             {{\n  name = \"br0\"\n  lifecycle {{ create_before_destroy = true }}\n}}\n"
        )
    };
    let there = |scenario: &Scenario<acceptance_tests::Temporary>| -> Result<()> {
        let shown = scenario.host.shell("ip route show 198.51.100.0/24; ip link show dev br0")?;
        ensure!(shown.contains("via 192.0.2.254") && shown.contains("br0:"), "{shown}");
        Ok(())
    };
    each_parallelism(&scenario, |scenario, parallelism| {
        scenario.in_force(&block("one"), parallelism)?;
        let replace = [
            "apply",
            parallelism,
            "-replace=nmstate_route.one",
            "-replace=nmstate_linux_bridge.one",
        ];
        let run = scenario.workspace.run(replace)?.succeeded()?;
        has(&super::said(&run), &["another resource declares it", "on_destroy = \"absent\""])?;
        scenario.workspace.assert_converged()?;
        there(scenario)?;
        let moved = format!(
            "{}moved {{\n  from = nmstate_route.one\n  to = nmstate_route.two\n}}\nmoved {{\n  from \
             = nmstate_linux_bridge.one\n  to = nmstate_linux_bridge.two\n}}\n",
            block("two")
        );
        scenario.in_force(&moved, parallelism)?;
        there(scenario)?;
        // What was made before its old self was destroyed does not know that it is Terraform's own,
        // which the run says with the way out.
        let absent = block("two").replace("  lifecycle", "  on_destroy = \"absent\"\n  lifecycle");
        scenario.in_force(&absent, parallelism).map(drop)
    })
}

/// A block that is renamed without `moved`: what it declares is there, whoever went first.
#[test]
fn a_block_that_is_renamed_keeps_what_it_declares() -> Result<()> {
    let scenario = Scenario::with_cards("renamed")?;
    let block = |name: &str| {
        format!("resource \"nmstate_linux_bridge\" \"{name}\" {{\n  name = \"br0\"\n}}\n")
    };
    for (round, parallelism) in super::PARALLELISM.into_iter().enumerate() {
        for name in ["one", "two", "three"] {
            scenario.in_force(&block(&format!("{name}{round}")), parallelism)?;
            let shown = scenario.host.shell("ip link show dev br0")?;
            ensure!(shown.contains("br0:"), "{shown}");
        }
    }
    Ok(())
}
