//! Ports that leave a bridge, and move between bridges.

use anyhow::{Result, ensure};

use super::super::Scenario;
use super::{PARALLELISM, each_parallelism, has};

fn bridge(name: &str, ports: &[&str]) -> String {
    let listed: Vec<String> = ports.iter().map(|port| format!("{{ name = \"{port}\" }}")).collect();
    format!(
        "resource \"nmstate_linux_bridge\" \"{name}\" {{\n  name    = \"{name}\"\n  port    = \
         [{}]\n  options = {{ stp = {{ enabled = false }} }}\n}}\n",
        listed.join(", ")
    )
}

/// The controllers of eth1 and eth2 are these; none is an empty name.
fn controllers(scenario: &Scenario<acceptance_tests::Temporary>, wanted: [&str; 2]) -> Result<()> {
    for (card, controller) in ["eth1", "eth2"].into_iter().zip(wanted) {
        let link = scenario.host.shell(&format!("ip -oneline link show dev {card}"))?;
        let is_port = link.contains(" master ");
        let is_right = if controller.is_empty() {
            !is_port
        } else {
            link.contains(&format!(" master {controller} "))
        };
        ensure!(is_right, "`{card}` is not a port of `{controller}`: {link}");
    }
    Ok(())
}

/// A card that an update takes out of a bridge has its own address at once, of a typed bridge and of
/// one in a document alike.
#[test]
fn that_leave_have_their_own_settings_again() -> Result<()> {
    let scenario = Scenario::with_cards("leave")?;
    let document = |ports: &str| {
        format!(
            "resource \"nmstate_state\" \"whole\" {{\n  desired = {{ interfaces = [{{ name = \"br0\", type = \"linux-bridge\", state = \"up\", bridge = {{ options = {{ stp = {{ enabled = false }} }}, port = [{ports}] }} }}] }}\n}}\n"
        )
    };
    each_parallelism(&scenario, |scenario, parallelism| {
        for (both, one) in [
            (bridge("br0", &["eth1", "eth2"]), bridge("br0", &["eth1"])),
            (document("{ name = \"eth1\" }, { name = \"eth2\" }"), document("{ name = \"eth1\" }")),
        ] {
            scenario.in_force(&both, parallelism)?;
            controllers(scenario, ["br0", "br0"])?;
            scenario.in_force(&one, parallelism)?;
            controllers(scenario, ["br0", ""])?;
            let address = scenario.host.shell("ip -4 address show dev eth2")?;
            has(&address, &["192.0.2.173/24"])?;
            scenario.in_force(&both, parallelism)?;
            scenario.workspace.run(["destroy", parallelism])?.succeeded()?;
            let address = scenario.host.shell("ip -4 address show dev eth2")?;
            has(&address, &["192.0.2.173/24"])?;
        }
        Ok(())
    })
}

/// To another bridge, and both exchanged; each is one apply, together and one after the other.
#[test]
fn that_move_end_where_they_began() -> Result<()> {
    let scenario = Scenario::with_cards("move")?;
    let before = scenario.all()?;
    each_parallelism(&scenario, |scenario, parallelism| {
        let first = bridge("br0", &["eth1"]);
        let second = format!("{}{}", bridge("br0", &["eth2"]), bridge("br1", &["eth1"]));
        let third = format!("{}{}", bridge("br0", &["eth1"]), bridge("br1", &["eth2"]));
        let ordered = third.replace(
            "port    = [{ name = \"eth2\" }]",
            "port    = [{ name = \"eth2\" }]\n  depends_on = [nmstate_linux_bridge.br0]",
        );
        let last = if parallelism == PARALLELISM[0] { &ordered } else { &third };
        scenario.in_force(&first, parallelism)?;
        scenario.in_force(&second, parallelism)?;
        controllers(scenario, ["br1", "br0"])?;
        scenario.in_force(last, parallelism)?;
        controllers(scenario, ["br0", "br1"])?;
        scenario.as_before(&before, parallelism)?;
        // One of the two goes alone: what was its port is nobody's, for the other one has no word of it.
        scenario.in_force(&first, parallelism)?;
        scenario.in_force(&second, parallelism)?;
        scenario.in_force(&bridge("br0", &["eth2"]), parallelism)?;
        controllers(scenario, ["", "br0"])?;
        scenario.as_before(&before, parallelism)
    })
}
