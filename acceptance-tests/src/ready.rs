//! When a host is ready: sshd sends its banner and NetworkManager has finished its start.
//!
//! Looking at the banner is no login, so the counts of [`crate::Host::logins`] stay true.

use std::fs;
use std::io::Read as _;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::lab::Site;
use crate::record::Record;

/// Waits until the host is ready. One that is cut is asked only from inside.
pub(crate) fn wait_until_ready(site: &Site, record: &Record) -> Result<()> {
    wait_for(site, record, "answer", || {
        (record.cut || has_banner(record)) && has_networkmanager(site, record)
    })
}

/// Waits until `condition` holds; a host that ends meanwhile is an error with its last words.
pub(crate) fn wait_for(
    site: &Site,
    record: &Record,
    what: &str,
    mut condition: impl FnMut() -> bool,
) -> Result<()> {
    let name = &record.name;
    let limit = record.limits().start;
    let deadline = Instant::now() + limit;
    while !condition() {
        if !record.is_running() {
            let log = site.host_directory(name).join("console.log");
            let text = fs::read_to_string(&log).unwrap_or_default();
            bail!("host `{name}` ended while it started: {}", last_lines(&text));
        }
        if Instant::now() > deadline {
            bail!("host `{name}` did not {what} within {} s", limit.as_secs());
        }
        thread::sleep(Duration::from_millis(30));
    }
    Ok(())
}

fn has_banner(record: &Record) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", record.port)) else {
        return false;
    };
    let mut banner = [0; 4];
    stream.set_read_timeout(Some(record.limits().login)).is_ok()
        && stream.read_exact(&mut banner).is_ok()
        && banner == *b"SSH-"
}

fn has_networkmanager(site: &Site, record: &Record) -> bool {
    if !record.options.networkmanager {
        return true;
    }
    let question = ["nm-online", "--wait-for-startup", "--quiet", "--timeout=30"];
    let answer = record.kind.backend().exec(site, record, &question, b"");
    answer.is_ok_and(|output| output.status == 0)
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(5)..].join(" / ")
}
