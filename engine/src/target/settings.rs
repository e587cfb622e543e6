//! What is configured about hosts: one set of settings for each, and one for all.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::agent::{Agents, Engine};
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
    /// What speaks nmstate there.
    pub engine: Option<Engine>,
}

/// All that is configured about hosts.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// What holds for every host that does not say otherwise (its `address` is not used).
    pub defaults: HostSettings,
    /// Hosts by name.
    pub hosts: BTreeMap<String, HostSettings>,
    /// What is brought along to hosts without `nmstatectl`.
    pub agents: Agents,
}
