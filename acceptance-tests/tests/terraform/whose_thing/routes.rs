//! Routes to one network that differ in kind, gateway or table are several routes.

use anyhow::{Result, ensure};

use super::super::Scenario;
use super::{each_parallelism, has};

const UPLINK: &str = r#"
resource "nmstate_ethernet" "uplink" {
  name = "eth2"
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "192.0.2.66", prefix_length = 24 }]
  }
}
"#;

/// Over the link, by a gateway, and what drops packets when those are gone.
fn route(name: &str, destination: &str, more: &str) -> String {
    format!(
        "resource \"nmstate_route\" \"{name}\" {{\n  destination = \"{destination}\"\n  {more}\n}}\n"
    )
}

#[test]
fn the_last_resort_and_the_real_route_leave_each_other_alone() -> Result<()> {
    let scenario = Scenario::with_cards("routes")?;
    each_parallelism(&scenario, |scenario, parallelism| {
        let link = "next_hop_interface = nmstate_ethernet.uplink.name\n  metric = 100";
        let gateway = format!("{link}\n  next_hop_address = \"192.0.2.254\"");
        let real = format!(
            "{}{}",
            route("link", "198.51.100.0/24", link),
            route("gateway", "203.0.113.0/24", &gateway)
        );
        let dropping = |metric: u32| {
            let of = |kind: &str| format!("route_type = \"{kind}\"\n  metric = {metric}");
            format!(
                "{}{}",
                route("drop1", "198.51.100.0/24", &of("blackhole")),
                route("drop2", "203.0.113.0/24", &of("unreachable"))
            )
        };
        let lines = |wanted: &[&str]| -> Result<()> {
            let shown = scenario.host.shell("ip route show 198.51.100.0/24; ip route show 203.0.113.0/24; ip route show type blackhole; ip route show type unreachable")?;
            let is_there = |words: &&str| {
                shown.lines().any(|line| words.split(' ').all(|word| line.contains(word)))
            };
            let all =
                ["198.51.100.0/24 eth2", "203.0.113.0/24 192.0.2.254", "blackhole", "unreachable"];
            for words in all {
                ensure!(is_there(&words) == wanted.contains(&words), "`{words}`: {shown}");
            }
            Ok(())
        };
        let (one, other) = ("198.51.100.0/24 eth2", "203.0.113.0/24 192.0.2.254");
        scenario.in_force(&format!("{UPLINK}{real}"), parallelism)?;
        lines(&[one, other])?;
        for metric in [4096, 5000] {
            scenario.in_force(&format!("{UPLINK}{real}{}", dropping(metric)), parallelism)?;
            lines(&[one, other, "blackhole", "unreachable"])?;
        }
        scenario.in_force(&format!("{UPLINK}{}", dropping(5000)), parallelism)?;
        lines(&["blackhole", "unreachable"])?;
        scenario.in_force(&format!("{UPLINK}{real}{}", dropping(5000)), parallelism)?;
        scenario.in_force(&format!("{UPLINK}{real}"), parallelism)?;
        lines(&[one, other])
    })
}

/// Two ways to one network over one card, one of them by a gateway.
#[test]
fn a_route_without_a_gateway_is_not_the_one_with() -> Result<()> {
    let scenario = Scenario::with_cards("ways")?;
    each_parallelism(&scenario, |scenario, parallelism| {
        let over = "next_hop_interface = nmstate_ethernet.uplink.name";
        let gateway = route(
            "gateway",
            "198.51.100.0/24",
            &format!("{over}\n  next_hop_address = \"192.0.2.254\"\n  metric = 100"),
        );
        let link = route("link", "198.51.100.0/24", &format!("{over}\n  metric = 200"));
        scenario.in_force(&format!("{UPLINK}{gateway}{link}"), parallelism)?;
        scenario.in_force(&format!("{UPLINK}{gateway}"), parallelism)?;
        let shown = scenario.host.shell("ip route show 198.51.100.0/24")?;
        ensure!(shown.contains("via 192.0.2.254") && !shown.contains("metric 200"), "{shown}");
        Ok(())
    })
}

/// A route or rule that was there, imported and destroyed, stays: nothing of it was changed.
#[test]
fn what_was_imported_is_there_after_a_destroy() -> Result<()> {
    let scenario = Scenario::with_cards("imported")?;
    scenario.by_hand(
        r#"{"routes": {"config": [{"destination": "198.51.100.0/24", "next-hop-interface": "eth2", "next-hop-address": "192.0.2.254", "metric": 120}]},
            "route-rules": {"config": [{"ip-from": "192.0.2.173/32", "priority": 1200, "route-table": 254}]}}"#,
    )?;
    let imports = r#"
import {
  to = nmstate_route.there
  id = "198.51.100.0/24,eth2"
}
import {
  to = nmstate_route_rule.there
  id = "1200"
}
"#;
    let resources = |table: u32| {
        format!(
            "{}resource \"nmstate_route_rule\" \"there\" {{\n  ip_from = \"192.0.2.173/32\"\n  priority = 1200\n  route_table = {table}\n}}\n",
            route(
                "there",
                "198.51.100.0/24",
                "next_hop_interface = \"eth2\"\n  next_hop_address = \"192.0.2.254\"\n  metric = 120"
            )
        )
    };
    each_parallelism(&scenario, |scenario, parallelism| {
        // Declared as it is, and imported.
        scenario.in_force(&resources(254), parallelism)?;
        scenario.workspace.run(["destroy", parallelism])?.succeeded()?;
        let shown = scenario.host.shell("ip route show 198.51.100.0/24; ip rule")?;
        ensure!(shown.contains("metric 120") && shown.contains("1200:"), "declared: {shown}");
        scenario.in_force(&format!("{imports}{}", resources(254)), parallelism)?;
        scenario.workspace.run(["destroy", parallelism])?.succeeded()?;
        let shown = scenario.host.shell("ip route show 198.51.100.0/24; ip rule")?;
        ensure!(shown.contains("metric 120") && shown.contains("1200:"), "imported: {shown}");
        // A rule whose table was changed is put back.
        scenario.in_force(&resources(200), parallelism)?;
        let shown = scenario.host.shell("ip rule")?;
        ensure!(shown.contains("lookup 200"), "{shown}");
        Ok(())
    })
}

/// A route that somebody has with another metric is taken over, and comes back: nmstate drops a second
/// form of it without a word.
#[test]
fn another_metric_takes_the_place_of_the_one_before() -> Result<()> {
    let scenario = Scenario::with_cards("metric")?;
    let route = |metric: u32| {
        format!(
            "{{\"destination\": \"198.51.100.0/24\", \"next-hop-interface\": \"eth2\", \
             \"next-hop-address\": \"192.0.2.1\", \"metric\": {metric}}}"
        )
    };
    scenario.by_hand(&format!("{{\"routes\": {{\"config\": [{}]}}}}", route(70)))?;
    let typed = |metric: u32| {
        format!(
            "resource \"nmstate_route\" \"this\" {{\n  destination = \"198.51.100.0/24\"\n  \
             next_hop_interface = \"eth2\"\n  next_hop_address = \"192.0.2.1\"\n  metric = {metric}\n}}\n"
        )
    };
    let document = |metric: u32| {
        format!(
            "resource \"nmstate_state\" \"this\" {{\n  desired = jsonencode({{ routes = {{ config = \
             [{}] }} }})\n}}\n",
            route(metric)
        )
    };
    let shown = || scenario.host.shell("ip route show 198.51.100.0/24");
    each_parallelism(&scenario, |scenario, parallelism| {
        for resource in [&typed as &dyn Fn(u32) -> String, &document] {
            for metric in [150, 160] {
                scenario.in_force(&resource(metric), parallelism)?;
                let routes = shown()?;
                let is_alone = routes.lines().count() == 1;
                ensure!(is_alone && routes.contains(&format!("metric {metric}")), "{routes}");
            }
            scenario.workspace.run(["destroy", parallelism])?.succeeded()?;
            has(&shown()?, &["metric 70"])?;
        }
        Ok(())
    })
}
