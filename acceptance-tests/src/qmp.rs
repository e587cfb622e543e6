//! Commands to QEMU (QMP) and the line protocol under it, which the guest agent shares.
//!
//! Each command opens a connection of its own and holds a file lock for that time: QEMU serves
//! one client per socket, and several test processes may control one machine.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::lab::Site;
use crate::lock::lock;
use crate::record::Record;

/// Runs a QMP command on a machine and returns what it returns.
pub(crate) fn execute(
    site: &Site,
    record: &Record,
    command: &str,
    arguments: &Value,
) -> Result<Value> {
    let directory = site.host_directory(&record.name);
    let mut connection = Connection::open(&directory, "qmp.sock", record.limits().qemu)?;
    connection.read_line().context("QEMU sent no greeting")?;
    connection.call("qmp_capabilities", &json!({}))?;
    connection.call(command, arguments)
}

/// Runs a command of the human monitor, for what QMP has no simple command of its own.
pub(crate) fn monitor(site: &Site, record: &Record, command: &str) -> Result<()> {
    let arguments = json!({ "command-line": command });
    let answer = execute(site, record, "human-monitor-command", &arguments)?;
    // These commands are silent unless they fail.
    match answer.as_str().map(str::trim) {
        Some("") => Ok(()),
        other => bail!("QEMU could not `{command}`: {}", other.unwrap_or_default()),
    }
}

/// A connection that carries one JSON value a line.
#[derive(Debug)]
pub(crate) struct Connection {
    reader: BufReader<UnixStream>,
    _lock: File,
}

impl Connection {
    /// Opens the socket `name` of the machine in `directory`.
    pub(crate) fn open(directory: &Path, name: &str, timeout: Duration) -> Result<Self> {
        let lock = lock(&directory.join(name).with_extension("lock"))?;
        // Addressed through a descriptor: a socket's path is limited to 107 bytes.
        let opened = File::open(directory)?;
        let path = format!("/proc/self/fd/{}/{name}", opened.as_raw_fd());
        let stream = UnixStream::connect(path)
            .with_context(|| format!("cannot connect to `{name}` of the machine"))?;
        stream.set_read_timeout(Some(timeout))?;
        stream.set_write_timeout(Some(timeout))?;
        Ok(Self { reader: BufReader::new(stream), _lock: lock })
    }

    /// Sends a command and waits for its answer, past the events in between.
    pub(crate) fn call(&mut self, command: &str, arguments: &Value) -> Result<Value> {
        self.send(b"", &json!({ "execute": command, "arguments": arguments }))?;
        loop {
            let mut answer = self.read_line()?;
            if let Some(value) = answer.get_mut("return") {
                return Ok(value.take());
            }
            if let Some(error) = answer.get("error") {
                bail!("`{command}` failed: {}", error["desc"].as_str().unwrap_or("no reason"));
            }
        }
    }

    pub(crate) fn send(&mut self, before: &[u8], value: &Value) -> Result<()> {
        let mut message = before.to_vec();
        serde_json::to_writer(&mut message, value)?;
        message.push(b'\n');
        self.reader.get_mut().write_all(&message).context("cannot write to the machine")
    }

    /// Skips what is there up to and including `byte`.
    pub(crate) fn skip_past(&mut self, byte: u8) -> Result<()> {
        let skipped = self.reader.skip_until(byte).context("the machine does not answer")?;
        if skipped == 0 {
            bail!("the machine closed the connection");
        }
        Ok(())
    }

    pub(crate) fn read_line(&mut self) -> Result<Value> {
        let mut line = String::new();
        self.reader.read_line(&mut line).context("the machine does not answer")?;
        serde_json::from_str(&line)
            .with_context(|| format!("the machine answered `{}`, which is not JSON", line.trim()))
    }
}
