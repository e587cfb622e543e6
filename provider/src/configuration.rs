//! The provider block: its schema, and what it means to the engine.
//!
//! Nothing here connects or fails on unknown values (design rule 5): a block that is not wholly
//! known yet simply has no inventory, and resources plan without contact until it has one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use nmstate_engine::Secret;
use nmstate_engine::target::{HostKeyPolicy, HostSettings, Inventory, SshSettings, Sudo};
use nmstate_engine::transaction::Options;
use tfplugin::{Attribute, AttributePath, Diagnostics, Mode, Nesting, Schema, Type, Value};

/// The environment variable that names the default host when the block does not.
pub(crate) const HOST_VARIABLE: &str = "NMSTATE_HOST";

/// What a provider block says.
#[derive(Debug)]
pub(crate) struct Configuration {
    /// The host of resources that name none.
    pub(crate) default_host: DefaultHost,
    /// How hosts are reached; `None` while parts of the block are unknown.
    pub(crate) inventory: Option<Inventory>,
    /// What to do about a host that cannot be reached during a refresh.
    pub(crate) unreachable: Unreachable,
    /// The limits of a transaction.
    pub(crate) options: Options,
}

/// The host that resources fall back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DefaultHost {
    /// Every resource has to name its own.
    None,
    /// Known only after another resource's apply.
    Unknown,
    /// A name in `hosts` or an SSH destination.
    Named(String),
}

/// The answer to a host that cannot be reached during a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreachable {
    /// Its resources fail; those of other hosts go on.
    Error,
    /// A warning; its resources keep their state.
    Warn,
}

/// The schema of the provider block.
pub(crate) fn schema() -> Schema {
    Schema {
        version: 0,
        description: "Manages the network state of Linux hosts with nmstate over SSH. A change is \
                      confirmed only over a new SSH login; otherwise the host goes back by itself."
            .into(),
        attributes: vec![
            optional(
                "host",
                Type::String,
                "Default host of resources that name none: a key of `hosts`, or an SSH destination \
                 (`[user@]host[:port]`, an alias of the SSH client configuration, or `local` for \
                 the machine that runs Terraform). Defaults to the environment variable \
                 `NMSTATE_HOST`.",
            ),
            nested(
                "hosts",
                Nesting::Map,
                vec![
                    optional(
                        "address",
                        Type::String,
                        "SSH destination of the host: a name or an address, with `:port` if needed. \
                         Defaults to the key in `hosts`.",
                    ),
                    nested(
                        "ssh",
                        Nesting::Single,
                        ssh_attributes(),
                        "SSH settings of this host alone.",
                    ),
                    optional("sudo", Type::Bool, "As `sudo` of the provider, for this host alone."),
                    optional(
                        "sudo_password",
                        Type::String,
                        "As `sudo_password` of the provider, for this host alone.",
                    )
                    .sensitive(),
                ],
                "Hosts by the name that resources use in `host`. What an entry leaves out comes \
                 from the provider's own settings, then from the SSH client configuration.",
            ),
            nested("ssh", Nesting::Single, ssh_attributes(), "SSH settings of all hosts."),
            optional(
                "sudo",
                Type::Bool,
                "Whether `nmstatectl` and `systemd-stdio-bridge` run through `sudo -n`. By default \
                 they do when the login user is not root.",
            ),
            optional(
                "sudo_password",
                Type::String,
                "The password that `sudo` asks for. Without it, sudo must not ask for one.",
            )
            .sensitive(),
            nested(
                "checkpoint",
                Nesting::Single,
                vec![
                    optional(
                        "timeout",
                        Type::Number,
                        "Seconds after which the host takes an unconfirmed change back by itself. \
                         From 5 up; 30 by default.",
                    ),
                    optional(
                        "lock_timeout",
                        Type::Number,
                        "Seconds to wait for somebody else's pending checkpoint. 60 by default.",
                    ),
                ],
                "The NetworkManager checkpoint that guards every change.",
            ),
            optional(
                "unreachable",
                Type::String,
                "What to do when a host cannot be reached during a refresh: `error` (the default) \
                 fails its resources, `warn` warns and keeps their state.",
            ),
        ],
    }
}

impl Configuration {
    /// Reads the block; every problem is a diagnostic on its attribute.
    pub(crate) fn parse(block: &Value, diagnostics: &mut Diagnostics) -> Self {
        let default_host = match block.attribute("host") {
            Value::Unknown => DefaultHost::Unknown,
            Value::String(name) if !name.is_empty() => DefaultHost::Named(name.clone()),
            _ => std::env::var(HOST_VARIABLE)
                .ok()
                .filter(|name| !name.is_empty())
                .map_or(DefaultHost::None, DefaultHost::Named),
        };
        let unreachable = match block.attribute("unreachable").as_str() {
            None | Some("error") => Unreachable::Error,
            Some("warn") => Unreachable::Warn,
            Some(other) => {
                diagnostics.attribute_error(
                    AttributePath::from("unreachable"),
                    format!("`unreachable` cannot be `{other}`"),
                    "use `error` or `warn`",
                );
                Unreachable::Error
            }
        };
        let known = ["hosts", "ssh", "sudo", "sudo_password"]
            .iter()
            .all(|name| block.attribute(name).is_wholly_known());
        let inventory = known.then(|| inventory(block, diagnostics));
        let options = options(block.attribute("checkpoint"), diagnostics);
        Self { default_host, inventory, unreachable, options }
    }
}

fn inventory(block: &Value, diagnostics: &mut Diagnostics) -> Inventory {
    let defaults = host_settings(block, &AttributePath::root(), diagnostics);
    let mut hosts = BTreeMap::new();
    if let Value::Map(entries) = block.attribute("hosts") {
        for (name, entry) in entries {
            let path = AttributePath::from("hosts").key(name.as_str());
            hosts.insert(name.clone(), host_settings(entry, &path, diagnostics));
        }
    }
    Inventory { defaults: HostSettings { address: None, ..defaults }, hosts }
}

fn host_settings(
    entry: &Value,
    path: &AttributePath,
    diagnostics: &mut Diagnostics,
) -> HostSettings {
    let ssh_path = path.clone().attribute("ssh");
    HostSettings {
        address: text(entry.attribute("address")),
        ssh: ssh_settings(entry.attribute("ssh"), &ssh_path, diagnostics),
        sudo: sudo(entry),
    }
}

fn sudo(entry: &Value) -> Option<Sudo> {
    let password = text(entry.attribute("sudo_password")).map(Secret::new);
    let enabled = entry.attribute("sudo").as_bool();
    // A password is only given where sudo is wanted.
    let enabled = enabled.or(password.as_ref().map(|_| true))?;
    Some(Sudo { enabled, password })
}

fn ssh_settings(ssh: &Value, path: &AttributePath, diagnostics: &mut Diagnostics) -> SshSettings {
    let host_key_policy = match ssh.attribute("host_key_policy").as_str() {
        None => None,
        Some("strict") => Some(HostKeyPolicy::Strict),
        Some("accept-new") => Some(HostKeyPolicy::AcceptNew),
        Some(other) => {
            diagnostics.attribute_error(
                path.clone().attribute("host_key_policy"),
                format!("`host_key_policy` cannot be `{other}`"),
                "use `strict` or `accept-new`, or pin the key with `host_key`",
            );
            None
        }
    };
    let port = match integer(ssh.attribute("port")) {
        None => None,
        Some(number) => u16::try_from(number).ok().filter(|port| *port > 0).or_else(|| {
            diagnostics.attribute_error(
                path.clone().attribute("port"),
                format!("`port` cannot be `{number}`"),
                "use a TCP port from 1 to 65535",
            );
            None
        }),
    };
    SshSettings {
        user: text(ssh.attribute("user")),
        port,
        identity_file: text(ssh.attribute("identity_file")).map(|path| vec![PathBuf::from(path)]),
        private_key: text(ssh.attribute("private_key")).map(Secret::new),
        passphrase: text(ssh.attribute("passphrase")).map(Secret::new),
        password: text(ssh.attribute("password")).map(Secret::new),
        agent: match ssh.attribute("agent") {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        },
        jump: text(ssh.attribute("jump")),
        config_file: text(ssh.attribute("config_file"))
            .map(|path| (path != "none").then(|| PathBuf::from(path))),
        known_hosts_file: text(ssh.attribute("known_hosts_file")).map(PathBuf::from),
        host_key: text(ssh.attribute("host_key")),
        host_key_policy,
        connect_timeout: seconds(
            ssh.attribute("connect_timeout"),
            1,
            path,
            "connect_timeout",
            diagnostics,
        ),
        ..SshSettings::default()
    }
}

fn options(checkpoint: &Value, diagnostics: &mut Diagnostics) -> Options {
    let path = AttributePath::from("checkpoint");
    let mut options = Options::default();
    if let Some(timeout) =
        seconds(checkpoint.attribute("timeout"), 5, &path, "timeout", diagnostics)
    {
        options.timeout = timeout;
    }
    if let Some(wait) =
        seconds(checkpoint.attribute("lock_timeout"), 0, &path, "lock_timeout", diagnostics)
    {
        options.lock_timeout = wait;
    }
    options
}

fn seconds(
    value: &Value,
    least: i64,
    parent: &AttributePath,
    name: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Duration> {
    let Value::Number(number) = value else { return None };
    match integer(value).filter(|seconds| (least..=86_400).contains(seconds)) {
        Some(seconds) => Some(Duration::from_secs(seconds.unsigned_abs())),
        None => {
            diagnostics.attribute_error(
                parent.clone().attribute(name),
                format!("`{name}` cannot be `{number}`"),
                format!("use whole seconds from {least} to 86400"),
            );
            None
        }
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        _ => None,
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn ssh_attributes() -> Vec<Attribute> {
    let secret =
        |name: &str, description: &str| optional(name, Type::String, description).sensitive();
    vec![
        optional(
            "user",
            Type::String,
            "Login user. Defaults to the SSH client configuration, then the current user.",
        ),
        optional(
            "port",
            Type::Number,
            "TCP port. Defaults to the SSH client configuration, then 22.",
        ),
        optional("identity_file", Type::String, "Path of the private key to log in with."),
        secret("private_key", "Private key in PEM or OpenSSH form, instead of `identity_file`."),
        secret("passphrase", "Passphrase of the private key."),
        secret("password", "Password to log in with, tried after keys."),
        optional(
            "agent",
            Type::Bool,
            "Whether to offer the keys of the SSH agent. True by default.",
        ),
        optional(
            "jump",
            Type::String,
            "Jump hosts as in `ProxyJump`: `[user@]host[:port]`, several with commas.",
        ),
        optional(
            "config_file",
            Type::String,
            "Path of the SSH client configuration. `~/.ssh/config` by default, `none` for none.",
        ),
        optional(
            "known_hosts_file",
            Type::String,
            "Path of the file with known host keys. `~/.ssh/known_hosts` by default.",
        ),
        optional(
            "host_key",
            Type::String,
            "The only host key to accept: a public key (`ssh-ed25519 AAAA...`) or its fingerprint (`SHA256:...`).",
        ),
        optional(
            "host_key_policy",
            Type::String,
            "`strict` (the default) accepts known host keys only; `accept-new` also learns the key of a host that has none yet.",
        ),
        optional(
            "connect_timeout",
            Type::Number,
            "Seconds until a host counts as unreachable. 10 by default.",
        ),
    ]
}

fn optional(name: &str, value_type: Type, description: &str) -> Attribute {
    Attribute::optional(name, value_type).described(description)
}

fn nested(
    name: &str,
    nesting: Nesting,
    attributes: Vec<Attribute>,
    description: &str,
) -> Attribute {
    Attribute::nested(name, Mode::Optional, nesting, attributes).described(description)
}
