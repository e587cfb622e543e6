//! The faults, the steps and the changes, and which kind of host each needs.

use std::fmt;

use serde_json::{Value, json};

use super::subject::Place;
use crate::record::Kind;

/// One combination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// What goes wrong.
    pub fault: Fault,
    /// When.
    pub step: Step,
    /// During what.
    pub change: Change,
}

/// Defines an enumeration whose values have names, in the order of its table.
macro_rules! named {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $value:ident = $text:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$doc])* $value,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$value,)*];

            /// The name in results and on the command line.
            pub fn name(self) -> &'static str {
                match self {
                    $($name::$value => $text,)*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.name())
            }
        }
    };
}

named! {
    /// What goes wrong.
    Fault {
        /// The management path is dead for longer than a change stands unconfirmed (T + 15 s).
        LinkCut = "link-cut",
        /// The management path is dead for 10 s.
        LinkCut10s = "link-cut-10s",
        /// All SSH connections are broken.
        SshReset = "ssh-reset",
        /// sshd does not answer new connections for 5 s.
        SshdStopped5s = "sshd-stopped-5s",
        /// SIGKILL of the provider.
        ProviderKilled = "provider-killed",
        /// SIGINT of Terraform.
        ProviderInterrupted = "provider-interrupted",
        /// SIGKILL of nmstatectl.
        NmstatectlKilled = "nmstatectl-killed",
        /// A restart of NetworkManager.
        NetworkManagerRestart = "networkmanager-restart",
        /// A reboot of the host.
        HostReboot = "host-reboot",
        /// The host loses its power, and what it had not written to disk with it.
        PowerLoss = "power-loss",
        /// No space where NetworkManager keeps its profiles.
        EtcFull = "etc-full",
        /// No space in /run.
        RunFull = "run-full",
        /// The host's clock jumps ahead by an hour.
        ClockJump = "clock-jump",
        /// Somebody else makes a checkpoint, if NetworkManager lets them.
        ForeignCheckpoint = "foreign-checkpoint",
        /// Another Terraform run changes the same host.
        SecondRun = "second-run",
        /// 5 % of the host's packets are lost, the others 200 ms late.
        PacketLoss = "packet-loss",
    }
}

named! {
    /// The step of the transaction at which the fault is put in.
    Step {
        /// All has been looked at, nothing is done.
        BeforeApply = "before_apply",
        /// nmstate works.
        DuringApply = "during_apply",
        /// The change stands and is not judged yet.
        Pending = "pending",
        /// The change was found good and is to be saved and committed.
        Commit = "commit",
        /// New profiles are on disk, and those not that take the place of others and refer to them.
        Save = "save",
        /// Commit and the last writes to disk have left for the host.
        Persist = "persist",
    }
}

named! {
    /// What is changed.
    Change {
        /// The address of a data NIC.
        DataAddress = "data-address",
        /// The MTU of a data NIC.
        Mtu = "mtu",
        /// A bridge is removed.
        Removal = "removal",
        /// The default route is replaced.
        DefaultRoute = "default-route",
        /// IPv4 of the data NIC is switched off whose profile holds the name servers.
        NameServers = "name-servers",
        /// The management address is replaced by a new one.
        ManagementAddress = "management-address",
        /// The management NIC becomes the port of a bridge that takes its address.
        ManagementBridge = "management-bridge",
        /// The management NIC becomes the port of a bond that takes its address and has a VLAN.
        ManagementBondVlan = "management-bond-vlan",
    }
}

/// All cells, by change.
pub fn cells() -> Vec<Cell> {
    let steps = |change, fault| Step::ALL.iter().map(move |&step| Cell { fault, step, change });
    let faults = |change| Fault::ALL.iter().flat_map(move |&fault| steps(change, fault));
    let all = Change::ALL.iter().flat_map(|&change| faults(change));
    all.filter(Cell::is_of_its_own).collect()
}

impl Cell {
    /// Whether it is not the same as another one. Half of a change is on disk only when it has both
    /// kinds of profiles, and only some faults care. A host that starts anew with that half has the
    /// interfaces that are new beside its old network, and no rollback: neither before nor desired.
    fn is_of_its_own(&self) -> bool {
        let has_both = matches!(self.change, Change::ManagementBridge | Change::ManagementBondVlan);
        let is_endured = matches!(
            self.fault,
            Fault::ProviderKilled | Fault::NetworkManagerRestart | Fault::EtcFull
        );
        self.step != Step::Save || (has_both && is_endured)
    }

    /// The kind of host that it needs.
    pub fn kind(&self) -> Kind {
        let needs_vm = match self.fault {
            // A namespace host shares the memory, the clock and the kernel of this machine.
            Fault::PowerLoss | Fault::ClockJump | Fault::PacketLoss => true,
            Fault::LinkCut
            | Fault::LinkCut10s
            | Fault::SshReset
            | Fault::SshdStopped5s
            | Fault::ProviderKilled
            | Fault::ProviderInterrupted
            | Fault::NmstatectlKilled
            | Fault::NetworkManagerRestart
            | Fault::HostReboot
            | Fault::EtcFull
            | Fault::RunFull
            | Fault::ForeignCheckpoint
            | Fault::SecondRun => self.change == Change::ManagementBondVlan,
        };
        if needs_vm { Kind::Vm } else { Kind::Namespace }
    }

    /// The name of a host for this cell alone.
    pub(super) fn host_name(&self) -> String {
        let number = |position: Option<usize>| position.unwrap_or_default();
        format!(
            "cell{}x{}x{}",
            number(Fault::ALL.iter().position(|one| *one == self.fault)),
            number(Step::ALL.iter().position(|one| *one == self.step)),
            number(Change::ALL.iter().position(|one| *one == self.change))
        )
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at {} of {}", self.fault, self.step, self.change)
    }
}

impl Change {
    /// What the host has to be before, beyond a clean host.
    pub(super) fn before(self) -> Value {
        match self {
            Change::DataAddress => json!({ "interfaces": [data(json!({}), "192.0.2.7")] }),
            Change::Mtu => json!({ "interfaces": [data(json!({ "mtu": 1500 }), "192.0.2.7")] }),
            Change::Removal => json!({ "interfaces": [{
                "name": "br9", "type": "linux-bridge", "state": "up",
                // With STP the kernel shortens the ageing of addresses whenever a port comes or goes.
                "bridge": { "options": { "stp": { "enabled": false } }, "port": [{ "name": "eth2" }] },
                "ipv4": addressed("192.0.2.7", 24),
            }] }),
            Change::DefaultRoute => json!({
                "interfaces": [data(json!({}), "192.0.2.7")],
                "routes": { "config": [default_by("192.0.2.253")] },
            }),
            Change::NameServers => json!({
                "interfaces": [data(json!({}), "192.0.2.7")],
                "dns-resolver": { "config": { "server": ["192.0.2.53"], "search": ["example.org"] } },
            }),
            Change::ManagementAddress | Change::ManagementBridge | Change::ManagementBondVlan => {
                json!({})
            }
        }
    }

    /// What is asked for.
    pub(super) fn desired(self, place: &Place) -> Value {
        let nic = |ipv4: Value| json!({ "name": place.interface, "type": "ethernet", "state": "up", "ipv4": ipv4 });
        let off = json!({ "enabled": false });
        match self {
            Change::DataAddress => json!({ "interfaces": [data(json!({}), "192.0.2.8")] }),
            Change::Mtu => json!({ "interfaces": [data(json!({ "mtu": 1400 }), "192.0.2.7")] }),
            Change::Removal => json!({ "interfaces": [{ "name": "br9", "state": "absent" }] }),
            Change::DefaultRoute => {
                let mut old = default_by("192.0.2.253");
                old["state"] = "absent".into();
                json!({ "routes": { "config": [old, default_by("192.0.2.254")] } })
            }
            Change::NameServers => {
                let mut nic = data(json!({}), "192.0.2.7");
                nic["ipv4"] = off;
                json!({ "interfaces": [nic] })
            }
            Change::ManagementAddress => {
                let address = addressed(&place.new_address.to_string(), place.prefix_length);
                let mut document = json!({ "interfaces": [nic(address)] });
                if let Some(gateway) = place.gateway {
                    // DHCP has given it, and goes.
                    let route = route(&gateway.to_string(), place.interface, 100);
                    document["routes"] = json!({ "config": [route] });
                }
                document
            }
            Change::ManagementBridge => json!({ "interfaces": [
                nic(off),
                {
                    "name": "br0", "type": "linux-bridge", "state": "up",
                    "copy-mac-from": place.interface,
                    "bridge": {
                        "options": { "stp": { "enabled": false } },
                        "port": [{ "name": place.interface }],
                    },
                    "ipv4": place.own_address(),
                },
            ] }),
            Change::ManagementBondVlan => json!({ "interfaces": [
                nic(off),
                {
                    "name": "bond0", "type": "bond", "state": "up",
                    "copy-mac-from": place.interface,
                    "link-aggregation": { "mode": "active-backup", "port": [place.interface] },
                    "ipv4": place.own_address(),
                },
                {
                    "name": "bond0.100", "type": "vlan", "state": "up",
                    "vlan": { "base-iface": "bond0", "id": 100 },
                    "ipv4": addressed("192.0.2.8", 24),
                },
            ] }),
        }
    }
}

fn data(mut more: Value, address: &str) -> Value {
    more["name"] = "eth1".into();
    more["type"] = "ethernet".into();
    more["state"] = "up".into();
    more["ipv4"] = addressed(address, 24);
    more
}

pub(super) fn addressed(address: &str, prefix_length: u8) -> Value {
    json!({
        "enabled": true, "dhcp": false,
        "address": [{ "ip": address, "prefix-length": prefix_length }],
    })
}

/// Above the metric that DHCP routes have: the way to this machine stays the first choice.
fn default_by(gateway: &str) -> Value {
    route(gateway, "eth1", 900)
}

fn route(gateway: &str, interface: &str, metric: u32) -> Value {
    json!({
        "destination": "0.0.0.0/0", "next-hop-address": gateway,
        "next-hop-interface": interface, "metric": metric, "table-id": 254,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_meets_every_step_of_every_change() {
        assert_eq!(cells().len(), 16 * 5 * 8 + 3 * 2);
        let mut names: Vec<String> = cells().iter().map(Cell::host_name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), cells().len());
    }
}
