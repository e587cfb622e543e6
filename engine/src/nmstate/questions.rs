//! Small questions to a host, without privileges.

use std::net::IpAddr;
use std::time::Duration;

use nmstate_schema::Value;
use tokio::net::UnixStream;

use super::{Client, SHORT_TIMEOUT, SHOW_TIMEOUT};
use crate::error::{Error, ErrorKind};

impl Client {
    /// Whether the host answers at all.
    pub async fn ping(&self, timeout: Duration) -> Result<(), Error> {
        self.run(&["true"], Vec::new(), timeout).await.map(drop)
    }

    /// How long the host has been up; the clock that NetworkManager dates checkpoints with.
    pub async fn uptime(&self) -> Result<Duration, Error> {
        let output = self.run(&["cat", "/proc/uptime"], Vec::new(), SHORT_TIMEOUT).await?;
        let text = output.stdout_text();
        let seconds = text.split(' ').next().and_then(|word| word.parse::<f64>().ok());
        seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).ok_or_else(|| {
            Error::new(ErrorKind::Protocol, self.name(), "`/proc/uptime` is unreadable")
        })
    }

    /// Runs a program that says by its status whether something works: its output, or the last
    /// line that it said. The outer error is a lost connection.
    pub(crate) async fn probe(
        &self,
        argv: &[&str],
        timeout: Duration,
    ) -> Result<Result<String, String>, Error> {
        let output = match self.run(argv, Vec::new(), timeout).await {
            Ok(output) => output,
            Err(error) if error.kind == ErrorKind::Remote => return Ok(Err(error.message)),
            Err(error) => return Err(error),
        };
        if output.success() {
            return Ok(Ok(output.stdout_text()));
        }
        // The status of `timeout` for a program that took too long.
        if output.status == 124 {
            return Ok(Err(format!("no answer within {} s", timeout.as_secs())));
        }
        let said = [output.stderr_text(), output.stdout_text()];
        let line = said.iter().find_map(|text| text.lines().rfind(|line| !line.trim().is_empty()));
        Ok(Err(line.map(str::to_owned).unwrap_or_default()))
    }

    /// A stream whose other end is the host itself: what is written comes back.
    pub(crate) async fn echo_stream(&self) -> Result<UnixStream, Error> {
        self.connection.open_stream(&["cat"]).await.map_err(|error| self.named(error))
    }

    /// The global addresses of all interfaces.
    pub(crate) async fn addresses(&self) -> Result<Vec<IpAddr>, Error> {
        let script = "PATH=\"$PATH:/usr/sbin:/sbin\"; ip -j address show scope global";
        let output = self.run(&["sh", "-c", script], Vec::new(), SHORT_TIMEOUT).await?;
        let shown: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let interfaces = shown.as_array().into_iter().flatten();
        let entries = interfaces.filter_map(|interface| interface["addr_info"].as_array());
        let texts = entries.flatten().filter_map(|entry| entry["local"].as_str());
        Ok(texts.filter_map(|text| text.parse().ok()).collect())
    }

    /// What NetworkManager has logged in the last seconds, as far as the login user may read it.
    pub(crate) async fn journal(&self, since: Duration) -> Result<Vec<String>, Error> {
        let since = format!("-{}s", since.as_secs() + 1);
        let unit = "--unit=NetworkManager";
        let argv =
            ["journalctl", "--no-pager", "--quiet", "--output=short-iso", unit, "--since", &since];
        let output = self.run(&argv, Vec::new(), SHORT_TIMEOUT).await?;
        let text = if output.success() { output.stdout_text() } else { output.stderr_text() };
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Has the host write its profiles from memory to the disk, as any user may.
    pub(crate) async fn flush(&self) -> Result<(), Error> {
        let argv = ["sync", "-f", "/etc/NetworkManager"];
        let output = self.run(&argv, Vec::new(), SHOW_TIMEOUT).await?;
        match output.success() {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Remote, self.name(), output.stderr_text())),
        }
    }

    /// The address that the host is reached at; `None` for this machine.
    pub(crate) fn address(&self) -> Option<String> {
        self.target.address().map(str::to_owned)
    }

    /// The key that the host has shown, as a public key; `None` for this machine.
    pub(crate) fn host_key(&self) -> Option<&str> {
        self.connection.host_key()
    }
}
