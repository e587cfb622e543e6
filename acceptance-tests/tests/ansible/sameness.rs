//! A task changes what is different on the host, all of it and nothing else, and is done after that.

use acceptance_tests::ansible::Project;
use anyhow::{Result, ensure};

use super::bare_host;
use super::differences::steps;

const CARD: &str = "interfaces: [{name: eth1, type: ethernet, ipv4: {enabled: true, dhcp: false, \
                    address: [{ip: 192.0.2.1, prefix-length: 24}]}, ipv6: {enabled: false}}]";

/// Addresses, names and ports of others where they are allowed.
#[test]
fn what_others_have_stays() -> Result<()> {
    let host = bare_host("ansible-beside", false)?;
    let project = Project::new(&[&host])?;
    ensure!(!steps(&project, "", CARD)?.is_empty());
    host.shell(
        "ip address add 198.51.100.9/24 dev eth1; ip link property add dev eth1 altname theirs",
    )?;
    let allowed = CARD.replace("dhcp: false", "dhcp: false, allow-extra-address: true");
    ensure!(steps(&project, "", &allowed)?.is_empty());
    let exact = steps(&project, "", CARD)?;
    ensure!(exact.len() == 1 && exact[0].contains("198.51.100.9"), "{exact:?}");
    let bridge = |more: &str| {
        format!(
            "interfaces: [{{name: br0, type: linux-bridge, bridge: {{{more}options: {{stp: {{enabled: \
             false}}}}, port: [{{name: eth2}}]}}}}]"
        )
    };
    ensure!(!steps(&project, "", &bridge(""))?.is_empty());
    host.shell(
        "ip link add guest0 type veth peer name guest1; nmcli device set guest0 managed no; \
         ip link set guest0 master br0",
    )?;
    ensure!(steps(&project, "", &bridge("allow-extra-ports: true, "))?.is_empty());
    let shown = host.shell("ip link show master br0; ip link show dev theirs")?;
    ensure!(shown.contains("guest0") && shown.contains("eth1"), "{shown}");
    Ok(())
}

/// An interface by its hardware address, and by an alternative name wherever one is named.
#[test]
fn things_are_found_as_nmstate_finds_them() -> Result<()> {
    let host = bare_host("ansible-found", false)?;
    let project = Project::new(&[&host])?;
    let mac = host.shell("cat /sys/class/net/eth1/address")?.trim().to_uppercase();
    let by_address = format!(
        "interfaces: [{{name: wan0, type: ethernet, identifier: mac-address, mac-address: '{mac}', mtu: \
         1400}}]"
    );
    let made = steps(&project, "", &by_address)?;
    ensure!(made.iter().any(|step| step.contains("mtu")), "{made:?}");
    host.shell("ip link property add dev eth2 altname second-port")?;
    let by_name = "\
interfaces:
  - {name: second-port, type: ethernet, ipv4: {enabled: true, dhcp: false, address: [{ip: 192.0.2.71, prefix-length: 24}]}}
routes:
  config:
    - {destination: 198.51.100.0/24, next-hop-interface: second-port, next-hop-address: 192.0.2.99}";
    ensure!(!steps(&project, "", by_name)?.is_empty());
    let shown = host.shell("cat /sys/class/net/eth1/mtu; ip route")?;
    for words in ["1400", "198.51.100.0/24 via 192.0.2.99 dev eth2"] {
        ensure!(shown.contains(words), "`{words}`: {shown}");
    }
    Ok(())
}

/// Keys without effect where they stand, and IPv4 without an address.
#[test]
fn what_nmstate_turns_into_something_else_is_done_once() -> Result<()> {
    let host = bare_host("ansible-without", false)?;
    let project = Project::new(&[&host])?;
    let ineffective =
        CARD.replace("dhcp: false", "dhcp: false, dhcp-client-id: ll, auto-dns: false");
    ensure!(!steps(&project, "", &ineffective)?.is_empty());
    ensure!(steps(&project, "", CARD)?.is_empty());
    for address in ["", ", address: []"] {
        let empty = format!(
            "interfaces: [{{name: eth2, type: ethernet, ipv4: {{enabled: true, dhcp: false{address}}}}}]"
        );
        steps(&project, "", &empty)?;
        ensure!(steps(&project, "", &empty)?.is_empty());
    }
    Ok(())
}

/// Two addresses that change places.
#[test]
fn the_order_of_addresses_means_something() -> Result<()> {
    let host = bare_host("ansible-order", false)?;
    let project = Project::new(&[&host])?;
    let order = |first: &str, second: &str| {
        CARD.replace(
            "{ip: 192.0.2.1, prefix-length: 24}",
            &format!("{{ip: {first}, prefix-length: 24}}, {{ip: {second}, prefix-length: 24}}"),
        )
    };
    for (first, second) in [("192.0.2.90", "192.0.2.20"), ("192.0.2.20", "192.0.2.90")] {
        ensure!(!steps(&project, "", &order(first, second))?.is_empty());
        let source = host.shell("ip route get 192.0.2.77")?;
        ensure!(source.contains(&format!("src {first} ")), "{source}");
        // A secondary address stays when the primary one goes, as systemd sets it on every host.
        host.shell("sysctl -qw net.ipv4.conf.eth1.promote_secondaries=1")?;
    }
    Ok(())
}

/// Name servers of a host stay when the family goes of the interface whose profile holds them.
#[test]
fn name_servers_stay() -> Result<()> {
    let host = bare_host("ansible-servers", false)?;
    let project = Project::new(&[&host])?;
    let servers = "dns-resolver: {config: {server: [192.0.2.53], search: [example.org]}}";
    ensure!(!steps(&project, "", &format!("{servers}\n{CARD}"))?.is_empty());
    let off = "interfaces: [{name: eth1, type: ethernet, ipv4: {enabled: false}}]";
    let changed = steps(&project, "", off)?;
    ensure!(changed.len() == 1 && changed[0].contains("ipv4.enabled"), "{changed:?}");
    let shown = host.shell(
        "busctl get-property org.freedesktop.NetworkManager /org/freedesktop/NetworkManager \
         org.freedesktop.NetworkManager GlobalDnsConfiguration",
    )?;
    ensure!(shown.contains("192.0.2.53") && shown.contains("example.org"), "{shown}");
    Ok(())
}
