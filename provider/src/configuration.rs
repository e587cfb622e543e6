//! The provider block: its schema, and what it means to the engine.
//!
//! Nothing here connects or fails on unknown values (design rule 5): a block that is not wholly
//! known yet simply has no inventory, and resources plan without contact until it has one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use nmstate_engine::Secret;
use nmstate_engine::agent::{Agents, Engine};
use nmstate_engine::target::{HostKeyPolicy, HostSettings, Inventory, SshSettings, Sudo};
use nmstate_engine::transaction::{Options, Persist};
use tfplugin::{AttributePath, Diagnostics, Value};

use crate::settings::{choice, probes, seconds};

mod schema;

pub(crate) use schema::schema;

/// The environment variable that names the default host when the block does not.
pub(crate) const HOST_VARIABLE: &str = "NMSTATE_HOST";

/// What a host is not spoken to without: while one of these is not wholly known, resources plan
/// without contact, and nothing is applied.
const UNDECIDED: [&str; 10] = [
    "hosts",
    "destinations",
    "ssh",
    "sudo",
    "sudo_password",
    "engine",
    "agent_directory",
    "checkpoint",
    "probes",
    "report_dir",
];

/// What a provider block says.
#[derive(Debug)]
pub(crate) struct Configuration {
    /// The host of resources that name none.
    pub(crate) default_host: DefaultHost,
    /// Whether a host may be named by an SSH destination, which is no key of `hosts`.
    pub(crate) destinations: bool,
    /// How hosts are reached; `None` while parts of the block are unknown.
    pub(crate) inventory: Option<Inventory>,
    /// What to do about a host that cannot be reached during a refresh.
    pub(crate) unreachable: Unreachable,
    /// How a transaction is carried out.
    pub(crate) options: Options,
    /// Whether resources keep the report of their last transaction.
    pub(crate) report_in_state: bool,
    /// True if a new resource may take over what is there, where it does not say so itself.
    pub(crate) adopt: bool,
}

/// The host that resources fall back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DefaultHost {
    /// Every resource has to name its own.
    None,
    /// Known only after another resource's apply.
    Unknown,
    /// What the block says: a name in `hosts` or an SSH destination.
    Named(String),
    /// The same from the environment, which may be meant for something else.
    FromEnvironment(String),
}

/// The answer to a host that cannot be reached during a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreachable {
    /// Its resources fail; those of other hosts go on.
    Error,
    /// A warning; its resources keep their state.
    Warn,
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
                .map_or(DefaultHost::None, DefaultHost::FromEnvironment),
        };
        let answers = [("error", Unreachable::Error), ("warn", Unreachable::Warn)];
        let root = AttributePath::root();
        let unreachable = choice(block, &root, "unreachable", &answers, diagnostics);
        let known = UNDECIDED.iter().all(|name| block.attribute(name).is_wholly_known());
        let inventory = known.then(|| inventory(block, diagnostics));
        let destinations = block.attribute("hosts").is_null()
            || block.attribute("destinations").as_bool() == Some(true);
        Self {
            default_host,
            destinations,
            inventory,
            unreachable: unreachable.unwrap_or(Unreachable::Error),
            options: options(block, diagnostics),
            report_in_state: block.attribute("report_in_state").as_bool() == Some(true),
            adopt: block.attribute("adopt").as_bool() != Some(false),
        }
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
    Inventory { defaults: HostSettings { address: None, ..defaults }, hosts, agents: agents(block) }
}

/// The agents of the directory that the block names, or of that of the provider itself: there its
/// archive unpacks them.
fn agents(block: &Value) -> Agents {
    let own = || std::env::current_exe().ok()?.parent().map(PathBuf::from);
    let named = text(block.attribute("agent_directory")).map(PathBuf::from);
    named.or_else(own).map(|directory| Agents::in_directory(&directory)).unwrap_or_default()
}

fn host_settings(
    entry: &Value,
    path: &AttributePath,
    diagnostics: &mut Diagnostics,
) -> HostSettings {
    let ssh_path = path.clone().attribute("ssh");
    let engines =
        [("auto", Engine::Auto), ("nmstatectl", Engine::Nmstatectl), ("agent", Engine::Agent)];
    HostSettings {
        address: text(entry.attribute("address")),
        ssh: ssh_settings(entry.attribute("ssh"), &ssh_path, diagnostics),
        sudo: sudo(entry),
        engine: choice(entry, path, "engine", &engines, diagnostics),
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
    let port = match ssh.attribute("port").as_i64() {
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
        connect_timeout: seconds(ssh, path, "connect_timeout", 1, diagnostics),
        ..SshSettings::default()
    }
}

fn options(block: &Value, diagnostics: &mut Diagnostics) -> Options {
    let (checkpoint, path) = (block.attribute("checkpoint"), AttributePath::from("checkpoint"));
    let moments = [
        ("after-commit", Persist::AfterCommit),
        ("at-once", Persist::AtOnce),
        ("never", Persist::Never),
    ];
    let persist = choice(checkpoint, &path, "persist", &moments, diagnostics).unwrap_or_default();
    let default = Options::default();
    let mut limit = |name, least| seconds(checkpoint, &path, name, least, diagnostics);
    Options {
        timeout: limit("timeout", 5).unwrap_or(default.timeout),
        lock_timeout: limit("lock_timeout", 0).unwrap_or(default.lock_timeout),
        settle_timeout: limit("settle_timeout", 0).unwrap_or(default.settle_timeout),
        persist,
        probes: probes(block, diagnostics).unwrap_or(default.probes),
        report_dir: text(block.attribute("report_dir")).map(PathBuf::from),
        approval: None,
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
