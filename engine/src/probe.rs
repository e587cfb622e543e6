//! Checks that say whether a change has cost the host something that it had.
//!
//! That SSH works is proven by the connection that confirms a change; what it does not prove (the
//! way out, names, the service that the host lives for) is what probes ask. Each is asked before
//! and after: one that fails before says nothing about the change, so it is dropped, unless it is
//! required.

use std::fmt;
use std::time::Duration;

mod ask;
mod read;

pub(crate) use ask::{Surroundings, ask};
pub use read::Refusal;

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What is asked.
    pub check: Check,
    /// Whether it has to pass before the change too; one that does not is only watched when it
    /// passed before.
    pub required: bool,
    /// The limit for one answer; before a change never more than [`Probe::MAXIMUM_BASELINE`].
    pub timeout: Duration,
}

/// What a probe asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// On the host: the default gateways of the main routing table answer a ping or have a link
    /// layer address. Routes of other tables do not count, nor does a default route that the
    /// change itself removes.
    Gateway,
    /// On the host: a name resolves the way that programs resolve it there (`getent ahosts`).
    Dns {
        /// The name to look up.
        name: String,
    },
    /// On the host: a TCP connection can be opened.
    Tcp {
        /// A name or an address.
        address: String,
        /// The TCP port.
        port: u16,
    },
    /// On the host, as the login user: a program ends with status 0.
    Command {
        /// The program and its arguments; no shell reads them.
        argv: Vec<String>,
    },
    /// From here: a TCP connection to the host can be opened.
    ControllerTcp {
        /// A name or an address; default: the one that the host is reached at.
        address: Option<String>,
        /// The TCP port.
        port: u16,
    },
}

/// How a probe went, before and after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeOutcome {
    /// The probe in words, such as `dns example.com`.
    pub probe: String,
    /// Before the change: why it failed, or that it passed.
    pub before: Result<(), String>,
    /// After the change; `None` when it was not asked again.
    pub after: Option<Result<(), String>>,
}

impl Probe {
    /// The limit for an answer when nothing else is set.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(3);
    /// Probes before a change are asked side by side, and hold the change up for this long at most.
    pub const MAXIMUM_BASELINE: Duration = Duration::from_secs(3);
    /// The name that is looked up when a `dns` probe names none; reserved by RFC 2606, and it has
    /// addresses.
    pub const DEFAULT_NAME: &str = "example.com";

    /// A probe that is watched only when it passed before the change.
    pub fn new(check: Check) -> Probe {
        Probe { check, required: false, timeout: Probe::DEFAULT_TIMEOUT }
    }

    /// What is asked when nobody says anything: the default gateways and the resolver.
    pub fn defaults() -> Vec<Probe> {
        let name = Probe::DEFAULT_NAME.to_owned();
        vec![Probe::new(Check::Gateway), Probe::new(Check::Dns { name })]
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.check {
            Check::Gateway => formatter.write_str("gateway"),
            Check::Dns { name } => write!(formatter, "dns {name}"),
            Check::Tcp { address, port } => write!(formatter, "tcp {}", place(address, *port)),
            // Arguments may be long, and may be nobody's business.
            Check::Command { argv } => {
                write!(formatter, "command {}", argv.first().map_or("", String::as_str))
            }
            Check::ControllerTcp { address: Some(address), port } => {
                write!(formatter, "controller_tcp {}", place(address, *port))
            }
            Check::ControllerTcp { address: None, port } => {
                write!(formatter, "controller_tcp port {port}")
            }
        }
    }
}

/// An address and a port as text.
pub(crate) fn place(address: &str, port: u16) -> String {
    if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_is_named_by_what_it_asks() {
        let named = |check| Probe::new(check).to_string();
        assert_eq!(named(Check::Dns { name: "a.example".to_owned() }), "dns a.example");
        let tcp = |address: &str| Check::Tcp { address: address.to_owned(), port: 443 };
        assert_eq!(named(tcp("2001:db8::1")), "tcp [2001:db8::1]:443");
        assert_eq!(named(tcp("192.0.2.1")), "tcp 192.0.2.1:443");
        let argv = vec!["curl".to_owned(), "https://user:word@example.com".to_owned()];
        assert_eq!(named(Check::Command { argv }), "command curl");
    }
}
