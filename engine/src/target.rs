//! Who to talk to, and how: every setting is resolved once, before the first packet.
//!
//! Four sources are laid over each other, field by field: the destination itself
//! (`user@host:port`), the named host of the inventory, the defaults of the inventory, and
//! `~/.ssh/config`; what nobody sets is built in (port 22, the current user, strict host keys).
//!
//! A [`Target`] has no open questions left. Its [`HostIdentity`] is all that leads to the host and
//! nothing of how to log in there: two names of one identity are one host, with one connection and
//! one queue, and so they have to agree in the rest.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use crate::agent::{Agents, Engine};
use crate::error::Error;

mod address;
mod difference;
mod endpoint;
mod identity;
mod jump;
#[cfg(feature = "ssh")]
mod pin;
mod settings;
mod ssh_config;

pub(crate) use endpoint::Endpoint;
use endpoint::{Role, Surroundings, home};
pub use identity::HostIdentity;
#[cfg(feature = "ssh")]
pub(crate) use pin::{Pin, fingerprint};
pub use settings::{HostKeyPolicy, HostSettings, Inventory, SshSettings, Sudo};

/// The name that stands for this machine.
const LOCAL: &str = "local";
/// A host with every setting resolved.
#[derive(Clone, Debug)]
pub struct Target {
    pub(crate) name: String,
    pub(crate) destination: Destination,
    pub(crate) sudo: Option<Sudo>,
    pub(crate) engine: Engine,
    pub(crate) agents: Agents,
}

/// Where commands run.
#[derive(Clone, Debug)]
pub(crate) enum Destination {
    /// This machine, with a directory of programs that come before those of `PATH`.
    Local(Option<PathBuf>),
    Ssh(Box<Endpoint>),
}

impl Target {
    /// This machine for a program that runs on it as root and brings what it needs along: the
    /// programs of a directory (`nmstatectl`, `systemd-stdio-bridge`) come before those of `PATH`.
    /// It has no name, because its messages are about no other.
    pub fn this_machine(programs: PathBuf) -> Target {
        let sudo = Some(Sudo { enabled: false, password: None });
        Target {
            name: String::new(),
            destination: Destination::Local(Some(programs)),
            sudo,
            engine: Engine::Nmstatectl,
            agents: Agents::default(),
        }
    }

    /// The host as the user named it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address or name that is connected to; `None` for this machine.
    pub(crate) fn address(&self) -> Option<&str> {
        match &self.destination {
            Destination::Local(_) => None,
            Destination::Ssh(endpoint) => Some(&endpoint.host),
        }
    }

    /// The same host at another address of its own: it has to show this key.
    pub(crate) fn at(&self, address: IpAddr, host_key: &str) -> Target {
        let mut target = self.clone();
        if let Destination::Ssh(endpoint) = &mut target.destination {
            endpoint.host = address.to_string();
            endpoint.host_key = Some(host_key.to_owned());
        }
        target
    }

    /// All that leads to the host.
    pub fn identity(&self) -> HostIdentity {
        HostIdentity::of(&self.destination)
    }

    /// The destination as text, for example `root@192.0.2.1:22` or `local`.
    pub fn destination(&self) -> String {
        match &self.destination {
            Destination::Local(_) => "local".to_owned(),
            Destination::Ssh(endpoint) => endpoint.to_string(),
        }
    }
}

/// Resolves a host's name, or a destination `[user@]host[:port]`, `ssh://...` or `local`.
pub fn resolve(name: &str, inventory: &Inventory) -> Result<Target, Error> {
    let named = inventory.hosts.get(name);
    let defaults = &inventory.defaults;
    let address = named.and_then(|host| host.address.as_deref()).unwrap_or(name);
    let sudo = named.and_then(|host| host.sudo.clone()).or_else(|| defaults.sudo.clone());
    let destination = if address == LOCAL {
        Destination::Local(None)
    } else {
        let unset = HostSettings::default();
        let settings = [&named.unwrap_or(&unset).ssh, &defaults.ssh];
        let surroundings = Surroundings { name, inventory, home: home() };
        Destination::Ssh(Box::new(surroundings.endpoint(address, settings, Role::Host)?))
    };
    let engine = named.and_then(|host| host.engine).or(defaults.engine).unwrap_or_default();
    let agents = inventory.agents.clone();
    Ok(Target { name: name.to_owned(), destination, sudo, engine, agents })
}

/// A path whose `~` is the home directory.
pub(crate) fn expand(path: &Path) -> PathBuf {
    ssh_config::tilde(&path.to_string_lossy(), &home())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::secret::Secret;

    fn endpoint(name: &str, inventory: &Inventory) -> Endpoint {
        match resolve(name, inventory).unwrap().destination {
            Destination::Ssh(endpoint) => *endpoint,
            Destination::Local(_) => panic!("not local"),
        }
    }

    fn inventory(config: &Path) -> Inventory {
        let ssh = SshSettings {
            user: Some("admin".to_owned()),
            config_file: Some(Some(config.to_owned())),
            agent: Some(false),
            ..SshSettings::default()
        };
        Inventory {
            defaults: HostSettings { ssh, ..HostSettings::default() },
            ..Inventory::default()
        }
    }

    #[test]
    fn destination_over_named_host_over_defaults_over_ssh_config() {
        let directory = tempfile::tempdir().unwrap();
        let config = directory.path().join("config");
        let text = "Host web1\n HostName 192.0.2.1\n User cfg\n Port 2201\n\
                    Host *\n ProxyJump gate:2200\n IdentityFile /k/%h\n";
        std::fs::write(&config, text).unwrap();
        let mut inventory = inventory(&config);
        let plain = endpoint("web1", &inventory);
        assert_eq!(plain.to_string(), "admin@192.0.2.1:2201");
        assert_eq!(plain.identity_files, [PathBuf::from("/k/192.0.2.1")]);
        assert_eq!(plain.jumps[0].port, 2200);

        let ssh = SshSettings {
            port: Some(2202),
            jump: Some("none".to_owned()),
            ..SshSettings::default()
        };
        let host = HostSettings { ssh, ..HostSettings::default() };
        inventory.hosts.insert("web1".to_owned(), host);
        let named = endpoint("web1", &inventory);
        assert_eq!((named.port, named.jumps.len()), (2202, 0));
        assert_eq!(endpoint("bob@web1:99", &inventory).to_string(), "bob@192.0.2.1:99");
    }

    #[test]
    fn jump_hosts_inherit_keys_but_not_the_password() {
        let mut inventory = inventory(Path::new("/nonexistent"));
        inventory.defaults.ssh.jump = Some("a@one,two:23".to_owned());
        inventory.defaults.ssh.password = Some(Secret::new("p"));
        inventory.defaults.ssh.private_key = Some(Secret::new("k"));
        let goal = endpoint("web1", &inventory);
        let jumps: Vec<_> = goal.jumps.iter().map(|jump| (jump.host.as_str(), jump.port)).collect();
        assert_eq!(jumps, [("one", 22), ("two", 23)]);
        assert_eq!(goal.jumps[0].user, "a");
        assert_eq!(goal.jumps[0].private_key, Some(Secret::new("k")));
        assert_eq!(goal.jumps[0].password, None);
        assert!(goal.jumps.iter().all(|jump| jump.jumps.is_empty()));
    }

    #[test]
    fn a_jump_host_is_reached_over_those_before_it_alone() {
        let mut inventory = inventory(Path::new("/nonexistent"));
        inventory.defaults.ssh.jump = Some("a@one,b@two".to_owned());
        let address = Some("two".to_owned());
        inventory.hosts.insert("inner".to_owned(), HostSettings { address, ..Default::default() });
        let jumps = |name| endpoint(name, &inventory).jumps.len();
        assert_eq!((jumps("one"), jumps("two"), jumps("inner"), jumps("web1")), (0, 1, 1, 2));
        inventory.defaults.ssh.jump = Some("inner".to_owned());
        assert_eq!(endpoint("inner", &inventory).jumps.len(), 0);
    }

    #[test]
    fn local_and_wrong_names() {
        let inventory = inventory(Path::new("/nonexistent"));
        assert_eq!(resolve("local", &inventory).unwrap().destination(), "local");
        let error = resolve("a b", &inventory).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Configuration);
    }
}
