//! Who to talk to, and how: every setting is resolved once, before the first packet.
//!
//! Four sources are laid over each other, field by field: the destination itself
//! (`user@host:port`), the named host of the inventory, the defaults of the inventory, and
//! `~/.ssh/config`; what nobody sets is built in (port 22, the current user, strict host keys).
//! A [`Target`] has no open questions left, so two targets can be compared: two names for one
//! destination are one host, with one connection and one queue.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::agent::{Agents, Engine};
use crate::error::{Error, ErrorKind};
use crate::secret::Secret;

mod address;
mod jump;
mod ssh_config;

/// The name that stands for this machine.
const LOCAL: &str = "local";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const LOGIN_TIMEOUT: Duration = Duration::from_secs(30);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
/// What is tried when nobody names a key; what OpenSSH tries and libssh2 can read.
const DEFAULT_IDENTITIES: [&str; 3] = ["id_ed25519", "id_ecdsa", "id_rsa"];

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

/// One SSH server and all that is needed to log in there.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(feature = "ssh"),
    expect(dead_code, reason = "only SSH needs to know, and it is left out")
)]
pub(crate) struct Endpoint {
    /// The name that host keys are looked up under.
    pub(crate) host_key_alias: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: String,
    /// A key given as text, before any file.
    pub(crate) private_key: Option<Secret>,
    /// Key files that settings or `~/.ssh/config` name.
    pub(crate) identity_files: Vec<PathBuf>,
    /// Key files that are tried when the agent has nothing that fits.
    pub(crate) default_identities: Vec<PathBuf>,
    /// Offer only such agent keys as `identity_files` name.
    pub(crate) identities_only: bool,
    pub(crate) agent: bool,
    pub(crate) passphrase: Option<Secret>,
    pub(crate) password: Option<Secret>,
    /// Known hosts, new keys go into the first.
    pub(crate) known_hosts_files: Vec<PathBuf>,
    pub(crate) host_key: Option<String>,
    pub(crate) host_key_policy: HostKeyPolicy,
    pub(crate) connect_timeout: Duration,
    pub(crate) login_timeout: Duration,
    pub(crate) keepalive_interval: Duration,
    /// Servers to go through, first hop first.
    pub(crate) jumps: Vec<Endpoint>,
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

    /// The destination as text, for example `root@192.0.2.1:22` or `local`.
    pub fn destination(&self) -> String {
        match &self.destination {
            Destination::Local(_) => "local".to_owned(),
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

/// The user that runs this program.
fn current_user() -> Option<String> {
    let from_environment =
        ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    from_environment
        .filter(|user| !user.is_empty())
        .or_else(|| rustix::process::getuid().is_root().then(|| "root".to_owned()))
}

/// A path whose `~` is the home directory.
pub(crate) fn expand(path: &Path) -> PathBuf {
    ssh_config::tilde(&path.to_string_lossy(), &home())
}

fn home() -> PathBuf {
    std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default()
}

/// Whether a server is the goal or on the way there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Host,
    /// How many jumps lead to jumps: a circle ends.
    Jump(usize),
}

struct Surroundings<'a> {
    name: &'a str,
    inventory: &'a Inventory,
    home: PathBuf,
}

impl Surroundings<'_> {
    /// Lays the sources over each other; `settings` come before `~/.ssh/config`.
    fn endpoint(
        &self,
        address: &str,
        settings: [&SshSettings; 2],
        role: Role,
    ) -> Result<Endpoint, Error> {
        let written = address::parse(address).map_err(|message| self.wrong(message))?;
        let first_user = written.user.clone().or_else(|| pick(settings, |ssh| &ssh.user));
        let config = ssh_config::read(
            &self.config_files(settings),
            &self.home,
            &written.host,
            first_user.as_deref(),
        );
        let user = config
            .user
            .clone()
            .or_else(current_user)
            .ok_or_else(|| self.wrong("no login name is set").with_hint("set `ssh.user`"))?;
        let alias = written.host;
        let host = match &config.host_name {
            None => alias.clone(),
            Some(text) => ssh_config::tokens(text, |c| (c == 'h').then(|| alias.clone())),
        };
        let port = written.port.or(pick(settings, |ssh| &ssh.port)).or(config.port).unwrap_or(22);
        let expand = |text: &String| {
            let text = ssh_config::tokens(text, |token| match token {
                'h' => Some(host.clone()),
                'n' => Some(alias.clone()),
                'p' => Some(port.to_string()),
                'r' => Some(user.clone()),
                'u' => current_user(),
                'd' => Some(self.home.to_string_lossy().into_owned()),
                _ => None,
            });
            ssh_config::tilde(&text, &self.home)
        };
        let mut identity_files: Vec<_> = pick(settings, |ssh| &ssh.identity_file)
            .unwrap_or_default()
            .iter()
            .map(|file| ssh_config::tilde(&file.to_string_lossy(), &self.home))
            .collect();
        identity_files.extend(config.identity_files.iter().map(expand));
        let no_agent = config.identity_agent.as_deref() == Some("none");
        let agent = pick(settings, |ssh| &ssh.agent)
            .unwrap_or(!no_agent && std::env::var_os("SSH_AUTH_SOCK").is_some());
        let known_hosts_files =
            match (pick(settings, |ssh| &ssh.known_hosts_file), &config.user_known_hosts_files) {
                (Some(file), _) => vec![ssh_config::tilde(&file.to_string_lossy(), &self.home)],
                (None, Some(files)) => files.iter().map(expand).collect(),
                (None, None) => {
                    let own = ["known_hosts", "known_hosts2"]
                        .map(|file| self.home.join(".ssh").join(file));
                    own.into_iter().chain(["/etc/ssh/ssh_known_hosts".into()]).collect()
                }
            };
        let host_key_policy = pick(settings, |ssh| &ssh.host_key_policy).unwrap_or(
            match config.strict_host_key_checking.as_deref() {
                // `no` would also take changed keys: that is never done here.
                Some("accept-new" | "no" | "off") => HostKeyPolicy::AcceptNew,
                Some(_) | None => HostKeyPolicy::Strict,
            },
        );
        let jump = pick(settings, |ssh| &ssh.jump).or(config.proxy_jump);
        let default_identities = match identity_files.is_empty() {
            true => DEFAULT_IDENTITIES.map(|file| self.home.join(".ssh").join(file)).to_vec(),
            false => Vec::new(),
        };
        Ok(Endpoint {
            host_key_alias: config.host_key_alias.unwrap_or_else(|| host.clone()),
            host: host.clone(),
            port,
            user,
            private_key: pick(settings, |ssh| &ssh.private_key),
            identity_files,
            default_identities,
            identities_only: config.identities_only.unwrap_or(false),
            agent,
            passphrase: pick(settings, |ssh| &ssh.passphrase),
            password: pick(settings, |ssh| &ssh.password),
            known_hosts_files,
            host_key: pick(settings, |ssh| &ssh.host_key),
            host_key_policy,
            connect_timeout: pick(settings, |ssh| &ssh.connect_timeout)
                .or(config.connect_timeout.map(Duration::from_secs))
                .unwrap_or(CONNECT_TIMEOUT),
            login_timeout: pick(settings, |ssh| &ssh.login_timeout).unwrap_or(LOGIN_TIMEOUT),
            keepalive_interval: pick(settings, |ssh| &ssh.keepalive_interval)
                .or(config.server_alive_interval.map(Duration::from_secs))
                .unwrap_or(KEEPALIVE_INTERVAL),
            jumps: self.jumps(&self.hops(jump.as_deref(), &alias, port), settings, role)?,
        })
    }

    fn config_files(&self, settings: [&SshSettings; 2]) -> Vec<PathBuf> {
        match pick(settings, |ssh| &ssh.config_file) {
            Some(Some(file)) => vec![ssh_config::tilde(&file.to_string_lossy(), &self.home)],
            Some(None) => Vec::new(),
            None => vec![self.home.join(".ssh/config"), "/etc/ssh/ssh_config".into()],
        }
    }

    fn wrong(&self, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Configuration, self.name, message)
    }
}

/// The first source that has the field.
fn pick<T: Clone>(
    settings: [&SshSettings; 2],
    field: impl Fn(&SshSettings) -> &Option<T>,
) -> Option<T> {
    settings.into_iter().find_map(|ssh| field(ssh).clone())
}

#[cfg(test)]
mod tests {
    use super::*;

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
