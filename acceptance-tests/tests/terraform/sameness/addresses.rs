//! Addresses: those of other programs, and their order.

use anyhow::{Result, ensure};

use super::super::Scenario;

fn front(description: &str, addresses: &str, more: &str) -> String {
    format!(
        "resource \"nmstate_ethernet\" \"front\" {{\n  name        = \"eth1\"\n  description = \"{description}\"\n  \
         ipv4 = {{\n    enabled = true\n    dhcp = false\n    address = [{addresses}]\n{more}  }}\n}}\n"
    )
}

fn address(ip: &str) -> String {
    format!("{{ ip = \"{ip}\", prefix_length = 24 }}")
}

/// With `allow_extra_address` the address of another program is neither drift nor taken away; without
/// it, it is drift.
#[test]
fn of_another_program() -> Result<()> {
    let scenario = Scenario::with_plain_cards("foreign")?;
    let own = address("192.0.2.11");
    let allowing = "    allow_extra_address = true\n";
    scenario.settles(&front("front", &own, allowing))?;
    scenario.host.shell("ip address add 192.0.2.200/32 dev eth1")?;
    scenario.workspace.assert_converged()?;
    scenario.configure(&front("front of the pair", &own, allowing))?;
    scenario.plans(&["description"])?;
    let run = scenario.workspace.apply()?;
    let shown = scenario.host.shell("ip -4 -o address show dev eth1")?;
    ensure!(
        shown.contains("192.0.2.200") || run.stdout.contains("192.0.2.200"),
        "{shown}\n{}",
        run.stdout
    );
    scenario.workspace.assert_converged()?;
    scenario.host.shell("ip address replace 192.0.2.200/32 dev eth1")?;
    scenario.configure(&front("front of the pair", &own, ""))?;
    scenario.plans(&["ipv4"])?;
    scenario.workspace.apply()?;
    let shown = scenario.host.shell("ip -4 -o address show dev eth1")?;
    ensure!(!shown.contains("192.0.2.200"), "{shown}");
    scenario.workspace.assert_converged()
}

/// The first address of a network is the source of what is sent: exchanging two is a change.
#[test]
fn in_their_order() -> Result<()> {
    let scenario = Scenario::with_plain_cards("order")?;
    let list = |ips: &[&str]| {
        let all: Vec<String> = ips.iter().map(|ip| address(ip)).collect();
        front("front", &all.join(", "), "")
    };
    let source = |wanted: &str| -> Result<()> {
        let shown = scenario.host.shell("ip route get 192.0.2.77")?;
        ensure!(shown.contains(&format!("src {wanted} ")), "{shown}");
        Ok(())
    };
    scenario.settles(&list(&["192.0.2.90", "192.0.2.20"]))?;
    source("192.0.2.90")?;
    scenario.configure(&list(&["192.0.2.20", "192.0.2.90"]))?;
    scenario.plans(&["ipv4.address"])?;
    scenario.workspace.apply()?;
    source("192.0.2.20")?;
    scenario.workspace.assert_converged()?;
    scenario.host.shell(
        "nmcli connection modify eth1 ipv4.addresses '192.0.2.90/24,192.0.2.20/24'
         nmcli --wait 20 connection up eth1 >/dev/null",
    )?;
    scenario.plans(&["ipv4.address"])?;
    scenario.workspace.apply()?;
    source("192.0.2.20")?;
    scenario.settles(&list(&["192.0.2.20", "192.0.2.55", "192.0.2.90"]))?;
    source("192.0.2.20")
}
