//! What one look at a host tells.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Instant;

use nmstate_schema::Value;
use nmstate_schema::canonical;
use nmstate_schema::document::Document;
use tokio::sync::OnceCell;

use crate::error::Error;
use crate::secrets::Secrets;

/// A host's state at one moment, from one login and one `nmstatectl show`.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The full output of `nmstatectl show`.
    pub state: Document,
    /// The version of `nmstatectl` on the host, for example `2.2.62`.
    pub nmstate_version: String,
    /// The content of `/etc/machine-id`.
    pub machine_id: String,
    /// The key that the host has shown; `None` for the local machine.
    pub host_key: Option<HostKey>,
    /// What carries the connection to the host; `None` for the local machine.
    pub management: Option<Management>,
    /// The modules of [`kernel_modules`](nmstate_schema::keys::kernel_modules) that the host's kernel has;
    /// `None` where it does not tell.
    pub modules: Option<BTreeSet<String>>,
    /// When it was taken.
    pub taken: Instant,
    /// Computed once, because every resource of a host reads it. Built with `OnceLock::new()`.
    pub(crate) canonical: OnceLock<Document>,
    /// Asked for at most once, see [`Host::secrets`](crate::Host::secrets).
    pub(crate) secrets: OnceCell<Result<Secrets, Error>>,
}

impl Snapshot {
    /// A snapshot of a host that exists only in a test.
    #[cfg(test)]
    pub(crate) fn with_state(state: Document, management: Option<Management>) -> Snapshot {
        Snapshot {
            state,
            nmstate_version: "2.2.62".to_owned(),
            machine_id: "fake".to_owned(),
            host_key: None,
            management,
            modules: None,
            taken: Instant::now(),
            canonical: OnceLock::new(),
            secrets: OnceCell::new(),
        }
    }

    /// The state in canonical form.
    pub fn canonical(&self) -> &Document {
        self.canonical.get_or_init(|| canonical::canonical(&self.state))
    }
}

/// The public key of a host, short enough to be told and kept. A host has one of each type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostKey {
    /// Its type, such as `ssh-ed25519`.
    pub key_type: String,
    /// `SHA256:` and unpadded base64, as `ssh-keygen -l` shows it.
    pub fingerprint: String,
}

/// The path of the connection that this very snapshot came over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Management {
    /// The host's end of the SSH connection.
    pub local_address: IpAddr,
    /// The interface that holds that address.
    pub interface: Option<String>,
}

impl Management {
    /// Finds the interface that holds the host's end of the connection.
    pub fn find(local_address: IpAddr, state: &Document) -> Management {
        let family = if local_address.is_ipv4() { "ipv4" } else { "ipv6" };
        let holds = |interface: &&Value| {
            let addresses = interface[family]["address"].as_array().into_iter().flatten();
            addresses
                .filter_map(|address| address["ip"].as_str())
                .any(|ip| ip.parse::<IpAddr>().is_ok_and(|ip| ip == local_address))
        };
        let interface = state.interfaces().find(holds);
        let interface = interface.and_then(|interface| interface["name"].as_str());
        Management { local_address, interface: interface.map(str::to_owned) }
    }
}
