//! Settings that are left out, and such as have no effect where they stand.

use anyhow::{Result, ensure};

use super::super::Scenario;

fn edge(lines: &str) -> String {
    format!(
        "resource \"nmstate_veth\" \"edge\" {{\n  name = \"edge0\"\n  peer = \"edge1\"\n{lines}}}\n"
    )
}

/// An attribute that disappears from the configuration keeps its value and is not managed any more.
#[test]
fn an_attribute_that_is_taken_out() -> Result<()> {
    let scenario = Scenario::with_plain_cards("left")?;
    let ipv4 = |address: &str| {
        format!("  ipv4 = {{\n    enabled = true\n    dhcp = false\n{address}  }}\n")
    };
    let address = "    address = [{ ip = \"192.0.2.79\", prefix_length = 24 }]\n";
    let first = edge(&format!("  mtu = 1400\n  description = \"edge\"\n{}", ipv4(address)));
    scenario.settles(&first)?;

    scenario.configure(&edge(&format!("  mtu = 1400\n  description = \"edge\"\n{}", ipv4(""))))?;
    scenario.plans(&[])?;
    scenario.host.shell("ip address add 198.51.100.9/24 dev edge0")?;
    scenario.plans(&[])?;
    scenario.workspace.apply()?;

    scenario.configure(&edge(""))?;
    scenario.plans(&[])?;
    scenario.host.shell("ip link set edge0 mtu 1300")?;
    scenario.plans(&[])?;
    scenario.workspace.apply()?;
    let shown = scenario.host.shell("ip link show edge0")?;
    ensure!(shown.contains("mtu 1300"), "{shown}");

    scenario.configure(&edge(&ipv4("    address = []\n")))?;
    scenario.plans(&["ipv4"])?;
    scenario.workspace.apply()?;
    scenario.plans(&[])?;
    let shown = scenario.host.shell("ip -4 -o address show dev edge0")?;
    ensure!(!shown.contains("192.0.2.79"), "{shown}");

    scenario.settles(&first)?;
    let shown = scenario.host.shell("ip address show dev edge0")?;
    ensure!(shown.contains("192.0.2.79") && shown.contains("mtu 1400"), "{shown}");
    scenario.settles(&edge("  ipv4 = { enabled = false }\n"))?;
    scenario.workspace.destroy()?;
    Ok(())
}

/// After an import, what is off, empty or a list of nothing may be said, and left out, and changes
/// nothing.
#[test]
fn what_is_empty_after_an_import() -> Result<()> {
    let scenario = Scenario::with_plain_cards("import")?;
    let import = "import {\n  to = nmstate_ethernet.card\n  id = \"eth1\"\n}\n";
    let card = |lines: &str| {
        format!("resource \"nmstate_ethernet\" \"card\" {{\n  name = \"eth1\"\n{lines}}}\n")
    };
    let said = "  description = \"\"\n  alt_names = []\n  accept_all_mac_addresses = false\n  \
                ipv4 = {\n    enabled = false\n    address = []\n    dhcp = false\n  }\n";
    for lines in [said, ""] {
        scenario.configure(&format!("{import}{}", card(lines)))?;
        scenario.plans(&[])?;
    }
    scenario.configure(&format!("{import}{}", card(said)))?;
    scenario.workspace.apply()?;
    for lines in [said, "", said] {
        scenario.configure(&card(lines))?;
        scenario.plans(&[])?;
    }
    scenario.workspace.destroy()?;
    Ok(())
}

/// Settings of DHCP are effective with it alone, and no drift without it.
#[test]
fn dhcp_and_what_needs_it() -> Result<()> {
    let scenario = Scenario::with_plain_cards("dhcp")?;
    let lan = |ipv4: &str| {
        format!(
            "resource \"nmstate_linux_bridge\" \"lan\" {{\n  name = \"br0\"\n  port = [{{ name = \"eth1\" }}]\n  \
             options = {{ stp = {{ enabled = true }} }}\n  ipv4 = {{\n    enabled = true\n{ipv4}  }}\n}}\n"
        )
    };
    let settings = "    address = [{ ip = \"192.0.2.89\", prefix_length = 24 }]\n    auto_dns = false\n    \
                    auto_route_metric = 321\n    dhcp_client_id = \"ll\"\n";
    let has_address = |wanted: bool, ip: &str| -> Result<()> {
        let shown = scenario.host.shell("ip -4 -o address show dev br0")?;
        ensure!(shown.contains(ip) == wanted, "`{ip}`: {shown}");
        Ok(())
    };
    scenario.settles(&lan("    dhcp = true\n"))?;
    scenario.settles(&lan(&format!("    dhcp = true\n{settings}")))?;
    has_address(true, "192.0.2.89")?;
    scenario
        .host
        .shell("ip address add 203.0.113.89/24 dev br0 valid_lft 3600 preferred_lft 1800")?;
    scenario.plans(&[])?;
    scenario.host.shell("ip address add 198.51.100.89/24 dev br0")?;
    scenario.plans(&["ipv4"])?;
    scenario.workspace.apply()?;
    has_address(false, "198.51.100.89")?;

    scenario.settles(&lan(&format!("    dhcp = false\n{settings}")))?;
    scenario.workspace.run(["apply", "-refresh-only"])?.succeeded()?;
    scenario.workspace.assert_converged()?;
    scenario.settles(&lan(&format!("    dhcp = true\n{settings}")))?;
    let shown = scenario.host.shell(
        "nmcli -g ipv4.dhcp-client-id,ipv4.ignore-auto-dns,ipv4.route-metric connection show br0",
    )?;
    ensure!(shown.split_whitespace().eq(["mac", "yes", "321"]), "{shown}");
    scenario.workspace.destroy()?;
    Ok(())
}

/// IPv4 that is on without DHCP and without an address is what nmstate makes of it: off.
#[test]
fn ipv4_without_addresses() -> Result<()> {
    let scenario = Scenario::with_plain_cards("empty")?;
    for address in ["", ", address = []"] {
        let card = format!(
            "resource \"nmstate_ethernet\" \"card\" {{\n  name = \"eth1\"\n  ipv4 = {{ enabled = true, dhcp = false{address} }}\n}}\n"
        );
        scenario.settles(&card)?;
        scenario.workspace.destroy()?;
    }
    Ok(())
}

/// A loop over the addresses of an interface works where it has none.
#[test]
fn a_list_of_nothing() -> Result<()> {
    let scenario = Scenario::with_plain_cards("nothing")?;
    scenario.configure(
        r#"
data "nmstate_interface" "off" {
  name = "eth1"
}

output "addresses" {
  value = [for one in data.nmstate_interface.off.ipv4.address : one.ip]
}
"#,
    )?;
    scenario.workspace.apply()?;
    let outputs = super::super::outputs(&scenario.workspace)?;
    ensure!(outputs == serde_json::json!({ "addresses": [] }), "{outputs}");
    Ok(())
}
