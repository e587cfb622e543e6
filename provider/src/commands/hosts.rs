//! The hosts of a subcommand: named, reached as a provider block reaches them, and looked at once
//! each, side by side.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::Arc;

use clap::Args;
use futures_util::StreamExt;
use futures_util::stream;
use nmstate_engine::networkmanager::Configured;
use nmstate_engine::{Error, Snapshot};
use tfplugin::{Diagnostics, Value};

use super::connection::Connection;
use super::say;
use crate::configuration::Configuration;
use crate::fleet::{Fleet, known_host};

/// How many hosts are looked at at once.
const SIDE_BY_SIDE: usize = 16;

/// What hosts, and how they are reached.
#[derive(Debug, Clone, Args)]
pub(super) struct Hosts {
    /// Hosts: an SSH destination (`[user@]host[:port]`, an alias of the SSH client configuration, or
    /// `local`), with `NAME=` in front for another name of the host in the result
    #[arg(value_name = "[NAME=]HOST", required = true)]
    pub(super) hosts: Vec<Name>,
    /// Print also what the host said, where something fails
    #[arg(long, short)]
    verbose: bool,
    #[command(flatten)]
    pub(super) connection: Connection,
}

/// A host as a result calls it, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// The name in a result.
    pub(super) name: String,
    /// The SSH destination, when it is not the name.
    address: Option<String>,
}

/// A host that was looked at.
pub(super) struct Looked {
    /// Its name.
    pub(super) name: String,
    /// The host as it is.
    pub(super) snapshot: Arc<Snapshot>,
    /// What its profiles configure; none when D-Bus was not to be reached, which has been told.
    pub(super) configured: Option<Configured>,
}

impl FromStr for Name {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, address) = match text.split_once('=') {
            Some((name, address)) => (name, Some(address)),
            None => (text, None),
        };
        if name.is_empty() || address.is_some_and(str::is_empty) {
            return Err("a name or an address is empty");
        }
        Ok(Self { name: name.to_owned(), address: address.map(str::to_owned) })
    }
}

impl Hosts {
    /// Whether a result has to say which host it speaks of.
    pub(super) fn are_several(&self) -> bool {
        self.hosts.len() > 1
    }

    /// The provider block that reaches these hosts, without secrets.
    pub(super) fn provider_block(&self) -> Value {
        self.with_hosts(self.connection.block_without_secrets())
    }

    fn with_hosts(&self, mut block: Value) -> Value {
        let entries = self.hosts.iter().map(|host| {
            let address = host.address.clone().map_or(Value::Null, Value::from);
            (host.name.clone(), Value::object([("address", address)]))
        });
        block.set_attribute("hosts", Value::object(entries));
        if let [host] = self.hosts.as_slice() {
            block.set_attribute("host", host.name.clone());
        }
        block
    }

    /// Checks what the arguments say; everything that is wrong is told.
    pub(super) fn fleet(&self) -> Option<Fleet> {
        let mut diagnostics = Diagnostics::new();
        let block = self.with_hosts(self.connection.block());
        let configuration = Configuration::parse(&block, &mut diagnostics);
        for one in &diagnostics {
            say(&format!("error: {}: {}", one.summary, one.detail));
        }
        let mut names = BTreeSet::new();
        let twice = self.hosts.iter().find(|host| !names.insert(&host.name));
        if let Some(twice) = twice {
            say(&format!(
                "error: host `{}` is named twice: give each a name of its own",
                twice.name
            ));
        }
        (diagnostics.is_empty() && twice.is_none()).then(|| Fleet::new(configuration))
    }

    /// Looks at all hosts; those that do not answer are told, and are not in the result.
    pub(super) async fn look(&self, fleet: &Fleet) -> Vec<Looked> {
        let looks = self.hosts.iter().map(|host| self.look_at(fleet, &host.name));
        let mut outcomes = stream::iter(looks).buffered(SIDE_BY_SIDE);
        let mut looked = Vec::new();
        while let Some(outcome) = outcomes.next().await {
            match outcome {
                Ok(host) => looked.push(host),
                Err(error) => self.tell("error", &error),
            }
        }
        looked
    }

    async fn look_at(&self, fleet: &Fleet, name: &str) -> Result<Looked, Error> {
        let (name, member) = known_host(fleet.resolve(&name.into())?)?;
        let snapshot = member.host.snapshot().await?;
        let configured = member.host.configured().await;
        let configured = configured.inspect_err(|error| self.tell("warning", error)).ok();
        if configured.is_none() {
            say("  routes, rules and addresses of other programs are not told from your own");
        }
        member.host.close().await;
        Ok(Looked { name, snapshot, configured })
    }

    fn tell(&self, severity: &str, error: &Error) {
        let mut text = format!("{severity}: {error}");
        if let Some(hint) = &error.hint {
            text.push_str(&format!("\n  {hint}"));
        }
        if let (true, Some(detail)) = (self.verbose, &error.detail) {
            text.push_str(&format!("\n{detail}"));
        }
        say(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_the_name_that_is_given() {
        let name = |text: &str| text.parse::<Name>();
        let plain = Name { name: "root@web1:22".into(), address: None };
        assert_eq!(name("root@web1:22"), Ok(plain));
        let named = Name { name: "web1".into(), address: Some("192.0.2.10".into()) };
        assert_eq!(name("web1=192.0.2.10"), Ok(named));
        assert!(name("=192.0.2.10").is_err() && name("web1=").is_err() && name("").is_err());
    }
}
