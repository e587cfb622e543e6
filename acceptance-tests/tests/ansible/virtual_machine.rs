//! What needs kernel features that not every machine's kernel has: bonds and VLANs.

use acceptance_tests::ansible::Project;
use acceptance_tests::kernel::{Feature, kind_with};
use acceptance_tests::{HostOptions, Lab, SHARED_MACHINE};
use anyhow::{Result, ensure};

use super::{change, is_changed, task};

const STORAGE: &str = "\
interfaces:
  - name: bond0
    type: bond
    link-aggregation:
      mode: active-backup
      options: {miimon: 100, primary: eth1}
      port: [eth2, eth1]
  - name: bond0.100
    type: vlan
    vlan: {base-iface: bond0, id: 100}
    ipv4: {enabled: true, dhcp: false, address: [{ip: 192.0.2.1, prefix-length: 24}]}
  - name: br0
    type: linux-bridge
    bridge:
      options: {stp: {enabled: false}}
      port:
        - name: eth3
          vlan: {mode: trunk, trunk-tags: [{id: 101}, {id-range: {min: 200, max: 210}}]}
routes:
  config:
    - {destination: 198.51.100.0/24, next-hop-interface: bond0.100, next-hop-address: 192.0.2.254}";
/// A port keeps a profile of its own when its controller goes, so the NICs are listed too.
const DELETED: &str = "interfaces: [{name: bond0.100}, {name: bond0}, {name: br0}, {name: eth1}, \
                       {name: eth2}, {name: eth3}]";
const TRACES: &str = "ls /etc/NetworkManager/system-connections; \
                      ls /sys/class/net | grep -v bonding_masters; ip -o -4 address | cut -d' ' -f2-7";

#[test]
fn bond_vlan_and_filtering_bridge() -> Result<()> {
    let kind = kind_with(&[Feature::Bond, Feature::Vlan, Feature::FilteringBridge]);
    let host = Lab::from_environment()?.temporary(kind, SHARED_MACHINE, &HostOptions::default())?;
    let project = Project::new(&[&host])?;
    let before = host.shell(TRACES)?;
    let options = format!("checkpoint_timeout: {}", host.limits().transaction.as_secs());
    let tasks = task("check", &options, STORAGE)
        + "  check_mode: true\n"
        + &task("run", &options, STORAGE)
        + &task("again", &options, STORAGE);
    let play = project.play(&tasks, &["--diff"])?.succeeded()?;
    let (check, run) = (play.result("check")?, play.result("run")?);
    ensure!(is_changed(&play, "run")?, "nothing was changed: {run:#}");
    ensure!(change(check) == change(run), "the check says {check:#}, the run {run:#}");
    ensure!(run["transaction"]["state"] == "confirmed", "{run:#}");
    ensure!(!is_changed(&play, "again")?, "{:#}", play.result("again")?);
    let shown = host.shell("cat /sys/class/net/bond0/bonding/slaves; ip -o -4 address")?;
    ensure!(shown.contains("eth1") && shown.contains("192.0.2.1/24"), "{shown}");
    let options = format!("state: deleted\n{options}");
    project.play(&task("delete", &options, DELETED), &[])?.succeeded()?;
    let after = host.shell(TRACES)?;
    ensure!(after == before, "something is left over\nbefore: {before}\nafter: {after}");
    Ok(())
}
