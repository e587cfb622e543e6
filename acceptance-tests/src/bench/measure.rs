//! How things are measured: times of processes, and memory from `/proc`.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

/// The environment that tells a plugin that core starts it.
const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// Prints progress. A closed standard output is no reason to stop.
pub(super) fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// Measured values.
#[derive(Default)]
pub(super) struct Samples(Vec<f64>);

impl Samples {
    pub(super) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    /// The smallest value that this share of the values does not exceed.
    pub(super) fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (share * sorted.len() as f64).ceil().max(1.0) as usize;
        sorted.get(rank - 1).or(sorted.last()).copied().unwrap_or(f64::NAN)
    }
}

/// How long `action` takes.
pub(super) fn seconds(action: impl FnOnce() -> Result<()>) -> Result<f64> {
    let begun = Instant::now();
    action()?;
    Ok(begun.elapsed().as_secs_f64())
}

/// A process that does nothing: what a start costs on this machine.
pub(super) fn start_of_true() -> Result<f64> {
    seconds(|| {
        let status = Command::new("/bin/true").stdin(Stdio::null()).status()?;
        ensure!(status.success(), "`/bin/true` failed");
        Ok(())
    })
}

/// From the start to the handshake line, in the environment that core gives.
pub(super) fn start_of_provider(provider: &Path, certificate: &str) -> Result<f64> {
    let begun = Instant::now();
    let mut command = Command::new(provider);
    command
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "6")
        .env("PLUGIN_CLIENT_CERT", certificate);
    let process = Process::start(command)?;
    let elapsed = begun.elapsed().as_secs_f64();
    ensure!(process.line.starts_with("1|6|unix|"), "no handshake but `{}`", process.line);
    Ok(elapsed)
}

/// The milliseconds of the login in the provider's log, as seconds.
pub(super) fn logged_login(log: &str) -> Option<f64> {
    let line = log.lines().find(|line| line.contains("logged in"))?;
    let (_, rest) = line.split_once("milliseconds")?;
    let digits: String =
        rest.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    Some(digits.parse::<f64>().ok()? / 1000.0)
}

/// The provider, serving as for a debugger.
pub(super) struct Serving(Process);

/// What a process holds, in megabytes of 10^6 bytes.
pub(super) struct Memory {
    pub(super) resident: f64,
    pub(super) peak: f64,
}

impl Serving {
    pub(super) fn start(provider: &Path) -> Result<Serving> {
        let mut command = Command::new(provider);
        command.arg("--debug");
        Ok(Serving(Process::start(command)?))
    }

    /// The value of `TF_REATTACH_PROVIDERS`.
    pub(super) fn reattach(&self) -> &str {
        let line = self.0.line.trim();
        line.split_once('=').map_or(line, |(_, value)| value.trim_matches('\''))
    }

    pub(super) fn memory(&self) -> Result<Memory> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.child.id()))?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kibibytes = line.and_then(|line| line.split_whitespace().next());
            kibibytes
                .and_then(|number| number.parse::<f64>().ok())
                .map(|number| number * 1024.0 / 1e6)
                .with_context(|| format!("/proc has no `{name}`"))
        };
        Ok(Memory { resident: field("VmRSS:")?, peak: field("VmHWM:")? })
    }
}

/// A process that has printed its first line; it ends with the value.
struct Process {
    child: Child,
    line: String,
}

impl Process {
    fn start(mut command: Command) -> Result<Process> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let child = command
            .spawn()
            .with_context(|| format!("cannot run `{}`", command.get_program().display()))?;
        let mut process = Process { child, line: String::new() };
        let output = process.child.stdout.as_mut().context("standard output is a pipe")?;
        BufReader::new(output).read_line(&mut process.line)?;
        Ok(process)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A request to end, so that it removes its socket; a drop cannot report.
        if let Some(id) = rustix::process::Pid::from_raw(self.child.id().cast_signed()) {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        }
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_measured_values() {
        let samples = Samples((1..=30).rev().map(f64::from).collect());
        assert_eq!(samples.quantile(0.5), 15.0);
        assert_eq!(samples.quantile(0.95), 29.0);
        assert_eq!(samples.quantile(1.0), 30.0);
    }

    #[test]
    fn the_login_is_read_from_the_log() {
        let log = "x [DEBUG] other: milliseconds=9\n\
                   x [DEBUG] provider: logged in: host=bench milliseconds=42 timestamp=7\n";
        assert_eq!(logged_login(log), Some(0.042));
        assert_eq!(logged_login("nothing"), None);
    }
}
