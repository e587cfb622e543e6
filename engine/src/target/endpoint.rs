//! One SSH server: its settings, laid over each other.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::settings::{HostKeyPolicy, Inventory, SshSettings};
use super::{address, ssh_config};
use crate::error::{Error, ErrorKind};
use crate::secret::Secret;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const LOGIN_TIMEOUT: Duration = Duration::from_secs(30);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
/// What is tried when nobody names a key; what OpenSSH tries and libssh2 can read.
const DEFAULT_IDENTITIES: [&str; 3] = ["id_ed25519", "id_ecdsa", "id_rsa"];

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

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(formatter, "{}@[{}]:{}", self.user, self.host, self.port)
        } else {
            write!(formatter, "{}@{}:{}", self.user, self.host, self.port)
        }
    }
}

/// Whether a server is the goal or on the way there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Host,
    /// How many jumps lead to jumps: a circle ends.
    Jump(usize),
}

/// What the settings of a server are read with.
pub(super) struct Surroundings<'a> {
    pub(super) name: &'a str,
    pub(super) inventory: &'a Inventory,
    pub(super) home: PathBuf,
}

impl Surroundings<'_> {
    /// Lays the sources over each other; `settings` come before `~/.ssh/config`.
    pub(super) fn endpoint(
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

    pub(super) fn wrong(&self, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Configuration, self.name, message)
    }
}

/// The first source that has the field.
pub(super) fn pick<T: Clone>(
    settings: [&SshSettings; 2],
    field: impl Fn(&SshSettings) -> &Option<T>,
) -> Option<T> {
    settings.into_iter().find_map(|ssh| field(ssh).clone())
}

/// The user that runs this program.
pub(super) fn current_user() -> Option<String> {
    let from_environment =
        ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    from_environment
        .filter(|user| !user.is_empty())
        .or_else(|| rustix::process::getuid().is_root().then(|| "root".to_owned()))
}

pub(super) fn home() -> PathBuf {
    std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default()
}
