//! One host of the lab, whatever its kind.

use std::fs::File;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result, bail};

use crate::lab::Site;
use crate::limits::Limits;
use crate::ready;
use crate::record::{HostOptions, Kind, Record};

/// What the kinds of host do differently.
pub(crate) trait Backend {
    /// Starts a host that does not run; a new one is clean.
    fn start(&self, site: &Site, record: &mut Record) -> Result<()>;
    /// Ends the host and forgets what was changed on it.
    fn stop(&self, site: &Site, record: &mut Record) -> Result<()>;
    /// Makes a clean host of it, running.
    fn reset(&self, site: &Site, record: &mut Record) -> Result<()>;
    /// Keeps the running host under a name; false for a kind that cannot.
    fn save(&self, site: &Site, record: &Record, name: &str) -> Result<bool>;
    /// Makes it what it was when it was saved.
    fn load(&self, site: &Site, record: &mut Record, name: &str) -> Result<()>;
    /// Restarts it hard; what is on its disk stays.
    fn reboot(&self, site: &Site, record: &mut Record) -> Result<()>;
    /// As [`Backend::reboot`], but what was not written to the disk yet is lost.
    fn lose_power(&self, site: &Site, record: &mut Record) -> Result<()>;
    /// Connects or disconnects the management link.
    fn set_link(&self, site: &Site, record: &Record, up: bool) -> Result<()>;
    /// Runs a command in the host, past its network.
    fn exec(&self, site: &Site, record: &Record, argv: &[&str], input: &[u8])
    -> Result<ExecOutput>;
    /// The host's address on its management interface.
    fn management_address(&self, record: &Record) -> Ipv4Addr;
    /// The network namespace of the lab in which the host has its management address; `None` when
    /// only the port of this machine leads to it.
    fn controller_namespace(&self, site: &Site) -> Option<String>;
    /// A port of this machine that leads to SSH at another address of the host, for a kind without
    /// such a namespace.
    fn forward(&self, site: &Site, record: &Record, address: Ipv4Addr) -> Result<u16>;
}

/// What came of a command in a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecOutput {
    /// Exit status; 128 plus the signal's number when a signal ended it.
    pub status: i32,
    /// Standard output, as far as it is UTF-8.
    pub stdout: String,
    /// Standard error, as far as it is UTF-8.
    pub stderr: String,
}

/// One host of the lab. A clone is the same host.
#[derive(Debug, Clone)]
pub struct Host {
    pub(crate) site: Arc<Site>,
    name: String,
    kind: Kind,
    options: HostOptions,
    port: u16,
    management_address: Ipv4Addr,
    limits: Limits,
}

impl Host {
    pub(crate) fn new(site: Arc<Site>, record: &Record) -> Self {
        Self {
            site,
            name: record.name.clone(),
            kind: record.kind,
            options: record.options.clone(),
            port: record.port,
            management_address: record.kind.backend().management_address(record),
            limits: record.limits(),
        }
    }

    /// Name in the lab, and the host's own name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it is made.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// How it differs from the usual host.
    pub fn options(&self) -> &HostOptions {
        &self.options
    }

    /// How long to wait for it.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Address that SSH connects to.
    pub fn address(&self) -> &'static str {
        "127.0.0.1"
    }

    /// Port that SSH connects to; the same for the life of the host, resets included.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// User with every right. The others are `operator`, who may run nmstatectl and
    /// systemd-stdio-bridge through sudo, and `viewer`, who may not.
    pub fn user(&self) -> &'static str {
        "root"
    }

    /// Private key that each user of the host accepts.
    pub fn identity_file(&self) -> PathBuf {
        self.site.identity_file()
    }

    /// File with the host's key, for this host alone.
    pub fn known_hosts_file(&self) -> PathBuf {
        self.site.host_directory(&self.name).join("known_hosts")
    }

    /// Interface in the host that carries the management path.
    pub fn management_interface(&self) -> &'static str {
        self.kind.management_interface()
    }

    /// Address of the management interface in the host.
    pub fn management_address(&self) -> Ipv4Addr {
        self.management_address
    }

    /// An address that leads nowhere. No other host of the lab has the same: namespace hosts are on
    /// one link, where NetworkManager finds an address that is taken and waits.
    pub fn foreign_address(&self) -> Ipv4Addr {
        let [.., last] = self.management_address().octets();
        Ipv4Addr::new(203, 0, 113, last)
    }

    /// Runs a command in the host as root, past its network and uncounted; works while cut.
    pub fn exec(&self, argv: &[&str]) -> Result<ExecOutput> {
        self.exec_with_input(argv, b"")
    }

    /// Like [`Host::exec`], with bytes for the command's standard input.
    pub fn exec_with_input(&self, argv: &[&str], input: &[u8]) -> Result<ExecOutput> {
        self.kind.backend().exec(&self.site, &self.record()?, argv, input)
    }

    /// Runs a shell script in the host; an exit status other than 0 is an error.
    pub fn shell(&self, script: &str) -> Result<String> {
        let output = self.exec(&["/bin/sh", "-eu", "-c", script])?;
        if output.status != 0 {
            bail!(
                "`{script}` failed on `{}` with exit status {}: {}",
                self.name,
                output.status,
                output.stderr.trim()
            );
        }
        Ok(output.stdout)
    }

    /// An `ssh` command that logs in as `user` and fails rather than asks; add the remote command.
    pub fn ssh_command(&self, user: &str) -> Command {
        let mut command = Command::new("ssh");
        command
            .args(["-F", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"])
            .args(["-o", "IdentitiesOnly=yes", "-o"])
            .arg(format!("ConnectTimeout={}", self.limits.login.as_secs()))
            .arg("-o")
            .arg(format!("UserKnownHostsFile={}", self.known_hosts_file().display()))
            .arg("-i")
            .arg(self.identity_file())
            .args(["-p", &self.port.to_string(), "-l", user, self.address()]);
        command
    }

    /// The arguments of each nmstatectl call since the host started, in order.
    pub fn nmstatectl_calls(&self) -> Result<Vec<String>> {
        let log = self.shell("cat /run/lab/nmstatectl.log")?;
        Ok(log.lines().map(str::to_owned).collect())
    }

    /// The SSH logins since the host started.
    pub fn logins(&self) -> Result<usize> {
        let log = self.shell("cat /run/lab/sshd.log")?;
        Ok(log.lines().filter(|line| line.starts_with("Accepted ")).count())
    }

    /// Cuts the management path in both directions, until [`Host::restore`] or a reset.
    ///
    /// A connection to the port is still accepted, and then nothing comes: whoever connects needs
    /// a time-out on the SSH banner.
    pub fn cut(&self) -> Result<()> {
        self.set_link(false)
    }

    /// Ends a cut. Not an error when there is none.
    pub fn restore(&self) -> Result<()> {
        self.set_link(true)
    }

    /// Makes a clean host of it, and waits until SSH answers.
    pub fn reset(&self) -> Result<()> {
        self.change(|site, record| {
            record.cut = false;
            record.kind.backend().reset(site, record)
        })?;
        self.wait_until_ready()
    }

    /// Keeps the host as it runs now under a name, until it ends; false for a kind of host that
    /// cannot be kept.
    pub fn save(&self, name: &str) -> Result<bool> {
        self.kind.backend().save(&self.site, &self.record()?, name)
    }

    /// Makes it what it was at [`Host::save`], and waits until SSH answers.
    pub fn load(&self, name: &str) -> Result<()> {
        self.change(|site, record| {
            record.cut = false;
            record.kind.backend().load(site, record, name)
        })?;
        self.wait_until_ready()
    }

    /// Restarts it hard, without shutting anything down. Does not wait.
    pub fn reboot(&self) -> Result<()> {
        self.change(|site, record| record.kind.backend().reboot(site, record))
    }

    /// Takes the host's power away and gives it back: what was not written to its disk is lost.
    /// Does not wait. Only a VM host has memory of its own that could be lost.
    pub fn lose_power(&self) -> Result<()> {
        self.change(|site, record| record.kind.backend().lose_power(site, record))
    }

    /// The network namespace in which [`Host::management_address`] leads to the host, and any
    /// other address of the management network that it takes; `None` for a VM host.
    pub fn controller_namespace(&self) -> Option<String> {
        self.kind.backend().controller_namespace(&self.site)
    }

    /// A port of 127.0.0.1 that leads to SSH at another address of the host, until it ends.
    pub(crate) fn forward(&self, address: Ipv4Addr) -> Result<u16> {
        self.kind.backend().forward(&self.site, &self.record()?, address)
    }

    /// Ends the host.
    pub fn down(&self) -> Result<()> {
        self.site.down(&self.name)
    }

    /// Whether the host runs.
    pub fn is_running(&self) -> Result<bool> {
        Ok(self.record()?.is_running())
    }

    /// Whether the management path is cut by [`Host::cut`].
    pub fn is_cut(&self) -> Result<bool> {
        Ok(self.record()?.cut)
    }

    /// Waits until SSH answers and NetworkManager has finished its start.
    pub fn wait_until_ready(&self) -> Result<()> {
        ready::wait_until_ready(&self.site, &self.record()?)
    }

    fn set_link(&self, up: bool) -> Result<()> {
        self.change(|site, record| {
            record.kind.backend().set_link(site, record, up)?;
            record.cut = !up;
            Ok(())
        })
    }

    fn change(&self, action: impl FnOnce(&Site, &mut Record) -> Result<()>) -> Result<()> {
        let _lock = self.lock()?;
        let mut record = self.record()?;
        let result = action(&self.site, &mut record);
        // Whatever failed, the processes that were started are in the record.
        record.save(&self.site.host_directory(&self.name))?;
        result
    }

    fn lock(&self) -> Result<File> {
        self.site.lock_host(&self.name)
    }

    fn record(&self) -> Result<Record> {
        Record::load(&self.site.host_directory(&self.name))?
            .with_context(|| format!("the lab has no host `{}`", self.name))
    }
}

/// A host that ends when the value is dropped.
#[derive(Debug)]
pub struct Temporary(pub Host);

impl Deref for Temporary {
    type Target = Host;

    fn deref(&self) -> &Host {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // A drop cannot report; what is left over is found by the next `lab down`.
        let _ = self.0.down();
    }
}

/// Runs `command` with `input`; a signal counts as the shell counts it.
pub(crate) fn run_with_input(mut command: Command, input: &[u8]) -> Result<ExecOutput> {
    use std::os::unix::process::ExitStatusExt as _;
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run `{}`", command.get_program().display()))?;
    let writer = child.stdin.take().map(|mut pipe| {
        let input = input.to_vec();
        // A command that does not read its input is none of our business.
        thread::spawn(move || pipe.write_all(&input).is_ok())
    });
    let output = child.wait_with_output()?;
    if let Some(writer) = writer {
        let _ = writer.join();
    }
    let status = output.status;
    Ok(ExecOutput {
        status: status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Writes the known-hosts file of a host.
pub(crate) fn write_known_hosts(path: &Path, port: u16, public_key: &str) -> Result<()> {
    std::fs::write(path, format!("[127.0.0.1]:{port} {}\n", public_key.trim()))
        .with_context(|| format!("cannot write `{}`", path.display()))
}
