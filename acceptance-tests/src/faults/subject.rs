//! A host and the Terraform that changes it.
//!
//! Terraform runs where the host has its own address, so that it can follow the host to a new one:
//! in the lab's outer network namespace, or in one that is made for a VM host. The port of this machine
//! that other tests use leads to the old address alone.

use std::collections::HashMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::gate::Gate;
use super::state::State;
use super::table::{Change, Step, addressed};
use super::{RHYTHM, locked, timeout};
use crate::host::Temporary;
use crate::namespace::PREFIX_LENGTH;
use crate::record::{HostOptions, Kind};
use crate::terraform::{Run, Terraform, Version, Workspace, provider_with_failpoints};
use crate::{Host, Lab};

/// The log of a run, in its workspace.
const LOG: &str = "terraform.log";

/// Where a host is.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) kind: Kind,
    /// Its management interface.
    pub(super) interface: &'static str,
    pub(super) address: Ipv4Addr,
    pub(super) prefix_length: u8,
    /// An address of the same network that nobody has.
    pub(super) new_address: Ipv4Addr,
    /// The default gateway of the management network, if it has one.
    pub(super) gateway: Option<Ipv4Addr>,
}

/// A host with two workspaces, the second for a run beside the first.
pub(super) struct Subject {
    pub(super) place: Place,
    workspaces: [Workspace; 2],
    /// The states that the host is kept in.
    prepared: Mutex<HashMap<Change, State>>,
    /// Where Terraform runs.
    namespace: String,
    /// What keeps the namespace of a VM host.
    _gate: Option<Gate>,
    pub(super) host: Temporary,
}

impl Place {
    fn new(host: &Host) -> Place {
        let address = host.management_address();
        let kind = host.kind();
        // The upper half of the namespace hosts' network is free.
        let (prefix_length, offset, gateway) = match kind {
            Kind::Namespace => (PREFIX_LENGTH, 1 << 16, None),
            // QEMU's own is the second address of its network.
            Kind::Vm => (24, 36, Some(Ipv4Addr::new(10, 0, 2, 2))),
        };
        let new_address = Ipv4Addr::from(u32::from(address) + offset);
        let interface = host.management_interface();
        Place { kind, interface, address, prefix_length, new_address, gateway }
    }

    /// How the host comes by the address that it has.
    pub(super) fn own_address(&self) -> Value {
        match self.kind {
            Kind::Namespace => addressed(&self.address.to_string(), self.prefix_length),
            Kind::Vm => json!({ "enabled": true, "dhcp": true }),
        }
    }
}

impl Subject {
    /// What plans and applies.
    pub(super) fn terraform() -> Result<Terraform> {
        Terraform::of(Version::V1_11)
    }

    /// Starts the host, and makes its workspaces ready.
    pub(super) fn new(lab: &Lab, kind: Kind, name: &str) -> Result<Subject> {
        // On a VM host NetworkManager manages it in any case.
        let options =
            HostOptions { managed_management: kind == Kind::Namespace, ..HostOptions::default() };
        let host = lab.temporary(kind, name, &options)?;
        let place = Place::new(&host);
        let (namespace, gate) = match host.controller_namespace() {
            Some(namespace) => (namespace, None),
            None => {
                let ways = [
                    (place.address, host.port()),
                    (place.new_address, host.forward(place.new_address)?),
                ];
                let gate = Gate::open(format!("nmstate-{}-{name}", std::process::id()), &ways)?;
                (gate.namespace().to_owned(), Some(gate))
            }
        };
        let workspace = || -> Result<Workspace> {
            let terraform = Subject::terraform()?;
            let workspace = Workspace::with_provider(terraform, &provider_with_failpoints()?)?;
            Ok(workspace.within(namespace.clone()))
        };
        let workspaces = [workspace()?, workspace()?];
        let prepared = Mutex::default();
        let subject = Subject { place, workspaces, prepared, namespace, _gate: gate, host };
        for workspace in &subject.workspaces {
            workspace.configure(&subject.configuration(&json!({}), subject.place.address)?)?;
        }
        Ok(subject)
    }

    /// Ends the host; an error if that does not work.
    pub(super) fn end(&self) -> Result<()> {
        self.host.down()
    }

    /// A clean host brought into the state before a change, which it shows. A VM host is kept in
    /// that state: to load it is much faster than to come to it again.
    pub(super) fn prepare(&self, change: Change) -> Result<State> {
        let known = locked(&self.prepared).get(&change).cloned();
        if let Some(state) = known {
            self.host.load(change.name())?;
            return Ok(state);
        }
        self.host.reset()?;
        let before = change.before();
        if before.as_object().is_some_and(|document| !document.is_empty()) {
            let document = before.to_string();
            let output =
                self.host.exec_with_input(&["nmstatectl", "apply", "-q"], document.as_bytes())?;
            ensure!(output.status == 0, "cannot prepare {change}: {}", output.stderr);
        }
        let state = State::of(&self.host, &self.place)?;
        if self.host.save(change.name())? {
            locked(&self.prepared).insert(change, state.clone());
        }
        Ok(state)
    }

    /// Starts `terraform apply` of a document, held at a step if one is given.
    pub(super) fn start(&self, desired: &Value, hold: Option<(Step, Duration)>) -> Result<Child> {
        let hold = hold.map(|(step, hold)| format!("{step}=return({})", hold.as_millis()));
        self.start_in(&self.workspaces[0], desired, self.place.address, hold)
    }

    /// Starts another run beside the first, at an address of the host.
    pub(super) fn start_second(&self, desired: &Value, address: Ipv4Addr) -> Result<Child> {
        self.start_in(&self.workspaces[1], desired, address, None)
    }

    fn start_in(
        &self,
        workspace: &Workspace,
        desired: &Value,
        address: Ipv4Addr,
        hold: Option<String>,
    ) -> Result<Child> {
        for left in ["terraform.tfstate", "terraform.tfstate.backup", LOG] {
            let path = workspace.path().join(left);
            if path.exists() {
                fs::remove_file(path)?;
            }
        }
        workspace.configure(&self.configuration(desired, address)?)?;
        let mut command = workspace.command(["apply"]);
        command
            .env("TF_LOG_PROVIDER", "debug")
            .env("TF_LOG_PATH", workspace.path().join(LOG))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(hold) = hold {
            command.env("FAILPOINTS", hold);
        }
        command.spawn().context("cannot start terraform")
    }

    /// Whether the run has come to the step.
    pub(super) fn has_reached(&self, step: Step) -> bool {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        log.lines().any(|line| line.contains(&format!("step={step}")))
    }

    /// The log of the run.
    pub(super) fn log(&self) -> PathBuf {
        self.workspaces[0].path().join(LOG)
    }

    /// Where the host may answer, and the network namespace to ask from.
    pub(super) fn ways(&self) -> (&str, [SocketAddr; 2]) {
        let at = |address: Ipv4Addr| SocketAddr::from((address, 22));
        (&self.namespace, [at(self.place.address), at(self.place.new_address)])
    }

    /// Whether a login works, at whichever address.
    pub(super) fn login_works(&self) -> Result<bool> {
        let (_, ways) = self.ways();
        for way in ways {
            if self.login_works_at(way)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Waits until a login works, at whichever address; false when none does by the deadline.
    pub(super) fn wait_for_login(&self, deadline: Instant) -> Result<bool> {
        wait_until(deadline, || self.login_works())
    }

    /// As [`Subject::wait_for_login`], at one address of the lab's network.
    pub(super) fn wait_for_login_at(&self, address: Ipv4Addr, deadline: Instant) -> Result<bool> {
        wait_until(deadline, || self.login_works_at(SocketAddr::from((address, 22))))
    }

    fn login_works_at(&self, way: SocketAddr) -> Result<bool> {
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", &self.namespace, "ssh"])
            .args(["-F", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"])
            .args(["-o", "IdentitiesOnly=yes"])
            .args(["-o", &format!("ConnectTimeout={}", self.connect_timeout())])
            // The file knows the host by the port of this machine.
            .args(["-o", &format!("HostKeyAlias=[127.0.0.1]:{}", self.host.port())])
            .arg("-o")
            .arg(format!("UserKnownHostsFile={}", self.host.known_hosts_file().display()))
            .arg("-i")
            .arg(self.host.identity_file())
            .args(["-p", &way.port().to_string(), "-l", self.host.user()])
            .args([&way.ip().to_string(), "true"]);
        Ok(command.stdin(Stdio::null()).output()?.status.success())
    }

    /// Seconds for one try to connect. Short, because many fail while the host is away.
    fn connect_timeout(&self) -> u64 {
        self.host.limits().login.as_secs() / 2
    }

    fn configuration(&self, desired: &Value, address: Ipv4Addr) -> Result<String> {
        let known = fs::read_to_string(self.host.known_hosts_file())?;
        let (_, key) = known.trim().split_once(' ').context("a known host has a key")?;
        Ok(format!(
            "provider \"nmstate\" {{\n  host = \"subject\"\n  hosts = {{ subject = {{ address = \"{address}:22\" }} }}\n  \
             ssh = {{\n    user = \"{}\"\n    identity_file = \"{}\"\n    host_key = \"{key}\"\n    agent = false\n    \
             config_file = \"none\"\n    connect_timeout = {}\n  }}\n  checkpoint = {{\n    timeout = {}\n  }}\n}}\n\
             resource \"nmstate_state\" \"this\" {{\n  desired = jsondecode({})\n}}\n",
            self.host.user(),
            self.host.identity_file().display(),
            self.connect_timeout(),
            timeout(&self.host),
            quoted(&desired.to_string())
        ))
    }
}

fn wait_until(deadline: Instant, mut is_so: impl FnMut() -> Result<bool>) -> Result<bool> {
    loop {
        if is_so()? {
            return Ok(true);
        }
        if Instant::now() >= deadline {
            return Ok(false);
        }
        sleep(RHYTHM);
    }
}

/// What a finished run printed.
pub(super) fn printed(child: Child) -> Result<Run> {
    Ok(Run::from(child.wait_with_output()?))
}

/// A text as an HCL string. JSON's escapes are HCL's, but for the two ways to interpolate.
fn quoted(text: &str) -> String {
    json!(text).to_string().replace("${", "$${").replace("%{", "%%{")
}
