//! Processes that outlive the lab program: started detached, found again, ended.
//!
//! A process is known by its id, its start time and the boot it belongs to, never by its name.
//! Ending goes through a pidfd that is opened before the start time is compared, so a reused
//! process id cannot be hit.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};

/// A process of the lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Process {
    /// Process id.
    pub(crate) pid: u32,
    /// Start time in clock ticks since boot (field 22 of /proc/PID/stat).
    start: u64,
    /// The boot of the machine that the start time counts from.
    boot: String,
}

impl Process {
    /// Starts `command` in a session of its own, with its output in the file `log`.
    ///
    /// Standard input is left as the caller set it.
    pub(crate) fn spawn(command: &mut Command, log: &Path) -> Result<Self> {
        let output =
            File::create(log).with_context(|| format!("cannot create `{}`", log.display()))?;
        let mut child = command
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("cannot start `{command:?}`"))?;
        let pid = child.id();
        let stat = Stat::read(pid).context("the process ended at once")?;
        // Somebody has to collect the exit status; the thread ends with the process.
        thread::spawn(move || child.wait());
        Ok(Self { pid, start: stat.start, boot: boot()? })
    }

    /// Whether the process still runs; one that waits to be collected does not.
    pub(crate) fn is_alive(&self) -> bool {
        boot().is_ok_and(|boot| boot == self.boot)
            && Stat::read(self.pid)
                .is_some_and(|stat| stat.start == self.start && !matches!(stat.state, 'Z' | 'X'))
    }

    /// Kills the process and waits until it is gone. Not an error when it already is.
    pub(crate) fn kill(&self) -> Result<()> {
        let Some(pid) = i32::try_from(self.pid).ok().and_then(Pid::from_raw) else {
            return Ok(());
        };
        let Ok(descriptor) = pidfd_open(pid, PidfdFlags::empty()) else {
            return Ok(());
        };
        if !self.is_alive() {
            return Ok(());
        }
        if let Err(error) = pidfd_send_signal(&descriptor, Signal::KILL)
            && error != rustix::io::Errno::SRCH
        {
            return Err(error).with_context(|| format!("cannot end process {}", self.pid));
        }
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.is_alive() {
            if Instant::now() > deadline {
                bail!("process {} did not end within 20 s of SIGKILL", self.pid);
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Kills the one child first. When it is the first process of a pid namespace, the kernel
    /// ends all others of it before the child counts as gone.
    pub(crate) fn kill_with_child(&self) -> Result<()> {
        if self.is_alive()
            && let Ok(pid) = self.child()
            && let Some(stat) = Stat::read(pid)
        {
            Self { pid, start: stat.start, boot: self.boot.clone() }.kill()?;
        }
        self.kill()
    }

    /// The first child, for a program such as `unshare --fork` that has exactly one.
    pub(crate) fn child(&self) -> Result<u32> {
        for entry in fs::read_dir("/proc")? {
            let name = entry?.file_name();
            let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
            if Stat::read(pid).is_some_and(|stat| stat.parent == self.pid) {
                return Ok(pid);
            }
        }
        bail!("process {} has no child", self.pid)
    }
}

/// The provider's process below a Terraform process, the last that was started.
pub fn provider_of(terraform: u32) -> Result<Pid> {
    let mut found = None;
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
        if Stat::read(pid)
            .is_some_and(|stat| stat.parent == terraform && stat.name.contains("terraform-provi"))
        {
            found = found.max(Some(pid));
        }
    }
    let pid = found.context("no provider process below terraform")?;
    Pid::from_raw(pid.cast_signed()).context("a process id is positive")
}

/// `program` started through `setsid`, so that neither Ctrl-C nor a closed terminal ends it.
pub(crate) fn detached(program: &str) -> Command {
    let mut command = Command::new("setsid");
    command.arg(program).stdin(Stdio::null());
    command
}

struct Stat {
    /// The first 15 bytes of the program's name.
    name: String,
    state: char,
    parent: u32,
    start: u64,
}

impl Stat {
    fn read(pid: u32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in parentheses may itself hold spaces and parentheses.
        let (name, rest) = text.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        Some(Self {
            name: name.split_once('(')?.1.to_owned(),
            state: fields.first()?.chars().next()?,
            parent: fields.get(1)?.parse().ok()?,
            start: fields.get(19)?.parse().ok()?,
        })
    }
}

fn boot() -> Result<String> {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .context("cannot read the boot id of this machine")?;
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_its_own_process_and_no_other() {
        let log = std::env::temp_dir().join(format!("nml-process-test-{}", std::process::id()));
        let process = Process::spawn(detached("sleep").arg("60"), &log).unwrap();
        let stranger = Process { start: process.start + 1, ..process.clone() };
        stranger.kill().unwrap();
        assert!(process.is_alive());
        assert!(!stranger.is_alive());
        process.kill().unwrap();
        assert!(!process.is_alive());
        process.kill().unwrap();
        fs::remove_file(log).unwrap();
    }
}
