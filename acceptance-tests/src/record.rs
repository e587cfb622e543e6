//! What the lab remembers of a host, as `host.json` in the host's directory.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::host::Backend;
use crate::image::Release;
use crate::limits::{Limits, Measured};
use crate::namespace::Namespace;
use crate::process::Process;
use crate::vm::Vm;

/// How a host is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Namespaces on this machine's kernel: up within seconds, needs root.
    Namespace,
    /// A virtual machine with its own kernel: every feature, needs no root.
    Vm,
}

impl Kind {
    /// The name that the program and `host.json` use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Namespace => "namespace",
            Self::Vm => "vm",
        }
    }

    pub(crate) fn backend(self) -> &'static dyn Backend {
        match self {
            Self::Namespace => &Namespace,
            Self::Vm => &Vm,
        }
    }

    /// The interface that carries the management path.
    pub fn management_interface(self) -> &'static str {
        match self {
            Self::Namespace => "mgmt0",
            Self::Vm => "eth0",
        }
    }
}

/// How a host differs from the usual one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostOptions {
    /// Whether nmstatectl is installed.
    pub nmstatectl: bool,
    /// Whether NetworkManager runs.
    pub networkmanager: bool,
    /// Whether NetworkManager manages the management interface; on a VM host it always does.
    pub managed_management: bool,
    /// The Debian that it runs.
    #[serde(default)]
    pub release: Release,
    /// Number of data interfaces, eth1 and up; two for a bond and one for a bridge by default.
    pub data_links: u8,
}

impl Default for HostOptions {
    fn default() -> Self {
        Self {
            nmstatectl: true,
            networkmanager: true,
            managed_management: false,
            release: Release::Stable,
            data_links: 3,
        }
    }
}

/// One host of the lab.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Number of the host in its lab, from 1; gives addresses and interface names.
    pub(crate) index: u16,
    pub(crate) options: HostOptions,
    /// Port of 127.0.0.1 that leads to the host's sshd; 0 until the first start.
    pub(crate) port: u16,
    /// The root filesystem that it was started from.
    pub(crate) image: String,
    /// The host itself: `unshare` of a namespace host, QEMU of a VM host.
    pub(crate) main: Option<Process>,
    /// The forwarder of a namespace host.
    pub(crate) forwarder: Option<Process>,
    /// Whether the management path is cut.
    pub(crate) cut: bool,
    /// What the machine of a VM host was measured to need; `None` while the first boots.
    #[serde(default)]
    pub(crate) measured: Option<Measured>,
}

impl Record {
    /// A host that was not started yet.
    pub(crate) fn new(name: &str, kind: Kind, index: u16, options: &HostOptions) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            index,
            options: options.clone(),
            port: 0,
            image: String::new(),
            main: None,
            forwarder: None,
            cut: false,
            measured: None,
        }
    }

    pub(crate) fn load(directory: &Path) -> Result<Option<Self>> {
        let path = directory.join("host.json");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read `{}`", path.display()));
            }
        };
        serde_json::from_str(&text)
            .map(Some)
            .with_context(|| format!("`{}` is not a host record; remove it", path.display()))
    }

    /// Saves in one step, so that a reader never sees half a record.
    pub(crate) fn save(&self, directory: &Path) -> Result<()> {
        let path = directory.join("host.json");
        let new = directory.join("host.json.new");
        fs::write(&new, serde_json::to_vec_pretty(self)?)
            .and_then(|()| fs::rename(&new, &path))
            .with_context(|| format!("cannot write `{}`", path.display()))
    }

    /// How long to wait for it.
    pub(crate) fn limits(&self) -> Limits {
        match (self.kind, self.measured) {
            (Kind::Namespace, _) => Limits::FIXED,
            (Kind::Vm, None) => Limits::FIRST_BOOT,
            (Kind::Vm, Some(measured)) => Limits::of(measured),
        }
    }

    pub(crate) fn is_running(&self) -> bool {
        self.main.as_ref().is_some_and(Process::is_alive)
    }
}
