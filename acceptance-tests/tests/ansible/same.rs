//! Two front doors, one house: the same document through Terraform and through Ansible.

use acceptance_tests::ansible::Project;
use acceptance_tests::terraform::{Terraform, Version, Workspace, provider_block};
use acceptance_tests::{Host, HostOptions, Kind, Lab};
use anyhow::{Result, ensure};

use super::task;

const DOCUMENT: &str = "\
interfaces:
  - name: eth1
    type: ethernet
    mtu: 1400
    ipv6: {enabled: false}
  - name: br0
    type: linux-bridge
    bridge:
      options: {stp: {enabled: false}}
      port: [{name: eth1}]
    ipv4: {enabled: true, dhcp: false, address: [{ip: 192.0.2.10, prefix-length: 24}]}
routes:
  config: [{destination: 198.51.100.0/24, next-hop-interface: br0, next-hop-address: 192.0.2.254}]
dns-resolver: {config: {server: [192.0.2.53], search: [example.com]}}";

#[test]
fn terraform_and_ansible_leave_the_same_host() -> Result<()> {
    let options = HostOptions::default();
    let host = Lab::from_environment()?.temporary(Kind::Namespace, "ansible-same", &options)?;

    let workspace = Workspace::new(Terraform::of(Version::V1_15)?)?;
    workspace.configure(&format!(
        "{}resource \"nmstate_state\" \"all\" {{\n  desired = <<-DOCUMENT\n{DOCUMENT}\nDOCUMENT\n}}\n",
        provider_block(&[&host], "")
    ))?;
    workspace.apply()?;
    let by_terraform = shown(&host)?;
    ensure!(by_terraform.contains("192.0.2.10"), "{by_terraform}");

    host.reset()?;
    ensure!(!shown(&host)?.contains("192.0.2.10"), "the host was not reset");
    Project::new(&[&host])?.play(&task("change", "", DOCUMENT), &[])?.succeeded()?;
    let by_ansible = shown(&host)?;
    ensure!(by_ansible == by_terraform, "Terraform: {by_terraform}\nAnsible: {by_ansible}");
    Ok(())
}

/// What is configured, without the clocks of bridges, and the files that it is kept in, without
/// their random names.
fn shown(host: &Host) -> Result<String> {
    host.shell(
        "nmstatectl show -r | grep -v -e gc-timer -e hello-timer; \
         cat /etc/NetworkManager/system-connections/* 2>/dev/null | grep -v -e uuid -e timestamp || :",
    )
}
