//! `nmstate_state`: a whole document in one transaction.

use acceptance_tests::terraform::{Version, changes};
use anyhow::{Result, ensure};
use serde_json::Value;

use super::{Scenario, each_version};

const OBJECT: &str = r#"
resource "nmstate_state" "this" {
  desired = {
    interfaces = [
      {
        name   = "br0"
        type   = "linux-bridge"
        mtu    = 1450
        bridge = { port = [{ name = "eth2" }, { name = "eth1" }] }
        ipv4 = {
          enabled = true
          address = [{ ip = "192.0.2.1", prefix-length = 24 }]
        }
      },
      {
        name = "br1"
        type = "linux-bridge"
      },
    ]
    routes = {
      config = [{
        destination        = "198.51.100.0/24"
        next-hop-interface = "br0"
        next-hop-address   = "192.0.2.254"
      }]
    }
  }
}
"#;

const TEXT: &str = r#"
resource "nmstate_state" "this" {
  desired = <<-YAML
    # The spelling of a document is its author's.
    interfaces:
      - name: br0
        type: linux-bridge
        mtu: "1450"
        ipv4:
          enabled: true
          address:
            - ip: 192.0.2.1
              prefix-length: 24
    dns-resolver:
      config:
        server: [192.0.2.53]
  YAML
}
"#;

each_version!(object);

fn object(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "object")?;
    let before = scenario.running_config()?;
    scenario.configure(OBJECT)?;
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;

    scenario.host.shell("ip link set br0 mtu 1300")?;
    let planned = changes(&scenario.workspace.plan()?, "resource_changes");
    let paths = ["desired.interfaces[0].mtu", "differences"].map(str::to_owned);
    let expected = [("nmstate_state.this".to_owned(), paths.to_vec())];
    ensure!(planned == expected, "{planned:#?}");
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;

    // An interface that the resource created goes when it is dropped from the document.
    let dropped = OBJECT.replace(
        "      {\n        name = \"br1\"\n        type = \"linux-bridge\"\n      },\n",
        "",
    );
    ensure!(dropped != OBJECT);
    scenario.configure(&dropped)?;
    scenario.workspace.apply()?;
    ensure!(
        scenario.host.exec(&["test", "-d", "/sys/class/net/br1"])?.status != 0,
        "br1 is still there"
    );
    scenario.workspace.assert_converged()?;

    scenario.workspace.destroy()?;
    let after = scenario.running_config()?;
    ensure!(after == before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");
    Ok(())
}

each_version!(text);

fn text(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "text")?;
    scenario.configure(TEXT)?;
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;
    scenario.host.shell("ip link set br0 mtu 1300")?;
    let run = scenario.workspace.run(["plan", "-detailed-exitcode"])?;
    ensure!(run.status == 2 && run.stdout.contains("mtu: 1300"), "{}", run.stdout);
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;
    scenario.workspace.destroy()?;
    Ok(())
}

/// Everything that a document can drop: what was created goes, what was taken over comes back.
const DROPPING: &str = r#"
resource "nmstate_state" "this" {
  desired = {
    interfaces = [
      {
        name   = "br0"
        type   = "linux-bridge"
        bridge = { port = [{ name = "eth1" }, { name = "eth2" }] }
        ipv4   = { enabled = true, address = [{ ip = "192.0.2.1", prefix-length = 24 }] }
      },
      { name = "eth2", type = "ethernet", mtu = 1400 },
    ]
    routes = {
      config = [
        { destination = "198.51.100.0/24", next-hop-interface = "br0", next-hop-address = "192.0.2.254" },
        { destination = "203.0.113.0/24", next-hop-interface = "br0", next-hop-address = "192.0.2.253" },
      ]
    }
    route-rules = {
      config = [
        { ip-from = "192.0.2.0/24", priority = 1000, route-table = 254 },
        { ip-from = "198.51.100.0/24", priority = 1001, route-table = 254 },
      ]
    }
    dns-resolver = { config = { server = ["192.0.2.53"] } }
  }
}
"#;

each_version!(dropped);

fn dropped(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "dropped")?;
    // A port that has an address of its own before.
    scenario.host.shell(
        "printf '%s' '{\"interfaces\": [{\"name\": \"eth1\", \"type\": \"ethernet\", \"ipv4\": \
         {\"enabled\": true, \"address\": [{\"ip\": \"203.0.113.7\", \"prefix-length\": 28}]}}]}' \
         | nmstatectl apply -q",
    )?;
    let before = scenario.running_config()?;
    scenario.configure(DROPPING)?;
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;

    let mut text = DROPPING.to_owned();
    let shown = |command: &str| scenario.host.shell(command);
    let steps: [(&str, &str, &str, &str, &str); 5] = [
        // What is dropped, with what; where to look; what is gone, and what stays.
        (
            "        { destination = \"203.0.113.0/24\", next-hop-interface = \"br0\", \
             next-hop-address = \"192.0.2.253\" },\n",
            "",
            "ip route show",
            "203.0.113.0/24 via",
            "198.51.100.0/24 via",
        ),
        (
            "        { ip-from = \"198.51.100.0/24\", priority = 1001, route-table = 254 },\n",
            "",
            "ip rule show",
            "1001:",
            "1000:",
        ),
        ("{ name = \"eth1\" }, ", "", "bridge link show", "eth1", "eth2"),
        ("[{ name = \"eth2\" }]", "[]", "bridge link show; echo end", "eth2", "end"),
        (
            "    dns-resolver = { config = { server = [\"192.0.2.53\"] } }\n",
            "",
            "nmstatectl show --json",
            "192.0.2.53",
            "192.0.2.254",
        ),
    ];
    for (dropped, left, command, gone, kept) in steps {
        ensure!(text.contains(dropped), "`{dropped}` is not in the document");
        let output = shown(command)?;
        ensure!(output.contains(gone) && output.contains(kept), "{command}: {output}");
        text = text.replace(dropped, left);
        scenario.configure(&text)?;
        scenario.workspace.apply()?;
        let output = shown(command)?;
        ensure!(!output.contains(gone), "`{gone}` was dropped and is still there: {output}");
        ensure!(output.contains(kept), "`{kept}` was not dropped and is gone: {output}");
        scenario.workspace.assert_converged()?;
    }
    let addresses = shown("ip -4 -o address show dev eth1")?;
    ensure!(addresses.contains("203.0.113.7/28"), "eth1 has not got its address back: {addresses}");
    ensure!(shown("cat /sys/class/net/eth2/mtu")?.trim() == "1400", "eth2 is still declared");

    // The rest at once: all is as before the first apply, and nothing is left for a destroy.
    scenario
        .configure("resource \"nmstate_state\" \"this\" {\n  desired = { interfaces = [] }\n}\n")?;
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()?;
    let after = scenario.running_config()?;
    ensure!(after == before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");
    let transactions = scenario.transactions()?;
    scenario.workspace.destroy()?;
    ensure!(scenario.transactions()? == transactions, "there was something left to undo");
    Ok(())
}

each_version!(imported);

/// Of all that an import takes over, only what is declared is sent to the host.
fn imported(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "imported")?;
    let declared = |mtu: u32| {
        format!(
            "resource \"nmstate_state\" \"this\" {{\n  desired = {{ interfaces = [{{ name = \"eth1\", \
             type = \"ethernet\", mtu = {mtu} }}] }}\n}}\n"
        )
    };
    let profiles = "cd /; sha256sum etc/NetworkManager/system-connections/* \
                    run/NetworkManager/system-connections/* 2>/dev/null || :";
    let (before, profiles_before) = (scenario.running_config()?, scenario.host.shell(profiles)?);
    scenario.configure(&format!(
        "{}import {{\n  to = nmstate_state.this\n  id = \"default\"\n}}\n",
        declared(1400)
    ))?;
    let run = scenario.workspace.apply()?;
    ensure!(run.stdout.contains("1 imported, 0 added, 1 changed"), "{}", run.stdout);
    scenario.workspace.assert_converged()?;
    let changed = scenario.running_config()?;
    let others = |state: &Value| {
        let interfaces = state["interfaces"].as_array().into_iter().flatten();
        interfaces.filter(|one| one["name"] != "eth1").cloned().collect::<Vec<_>>()
    };
    ensure!(changed != before && others(&changed) == others(&before), "{changed:#}");

    scenario.workspace.destroy()?;
    let (after, profiles_after) = (scenario.running_config()?, scenario.host.shell(profiles)?);
    ensure!(after == before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");
    ensure!(profiles_after == profiles_before, "{profiles_before}{profiles_after}");
    Ok(())
}
