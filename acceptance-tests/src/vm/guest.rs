//! What the lab does inside a VM host, through the guest agent.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Vm;
use crate::host::Backend as _;
use crate::lab::Site;
use crate::record::Record;
use crate::{agent, ready};

/// After a snapshot was loaded: the agent is there, and the clock is right.
pub(super) fn settle(site: &Site, record: &Record) -> Result<()> {
    let directory = site.host_directory(&record.name);
    ready::wait_for(site, record, "wake up", || agent::answers(&directory))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    shell(site, record, &format!("date --utc --set=@{now} >/dev/null"))
}

/// Makes a host of a machine that was booted, and starts what reads the host's identity.
pub(super) fn seed(site: &Site, record: &Record) -> Result<()> {
    let mut script = String::new();
    for file in site.seed(record)? {
        let (path, content) = (&file.path, STANDARD.encode(&file.content));
        writeln!(script, "rm -f /{path}; echo {content} | base64 -d >/{path}")?;
        writeln!(script, "chmod {:o} /{path}", file.mode)?;
    }
    script.push_str("hostname --file /etc/hostname\n");
    if !record.options.nmstatectl {
        script.push_str("rm /usr/local/bin/nmstatectl /usr/local/lib/lab/nmstatectl\n");
    }
    // The journal lies in a directory named after the host.
    script.push_str("systemctl reset-failed ssh systemd-journald\n");
    script.push_str("systemctl restart systemd-journald ssh NetworkManager\n");
    if !record.options.networkmanager {
        script.push_str(
            "nm-online --quiet --timeout=60\n\
             systemctl disable --quiet NetworkManager\nsystemctl stop NetworkManager\n",
        );
    }
    shell(site, record, &script)
}

/// Runs a shell script that must succeed.
pub(super) fn shell(site: &Site, record: &Record, script: &str) -> Result<()> {
    let output = Vm.exec(site, record, &["/bin/sh", "-eu"], script.as_bytes())?;
    if output.status != 0 {
        bail!("cannot prepare host `{}`: {}", record.name, output.stderr.trim());
    }
    Ok(())
}
