//! Running commands on a host: one meaning, two ways.
//!
//! Everything else in the engine needs just two things of a host: a command with input and output,
//! and a byte stream to a command (for D-Bus). [`Connection`] offers both over SSH and on this
//! machine. A command is a list of words; where a shell must read it, every word is quoted here,
//! in one place. Input travels on standard input: neither documents nor secrets are ever words.

use std::path::PathBuf;
use std::time::Duration;

use tokio::net::UnixStream;

#[cfg(not(feature = "ssh"))]
use crate::ErrorKind;
use crate::error::Error;
use crate::snapshot::HostKey;
use crate::target::{Destination, Target};
#[cfg(feature = "ssh")]
use crate::target::{Pin, fingerprint};

mod local;
#[cfg(feature = "ssh")]
mod ssh;

/// An established way of running commands on a host; clones share it.
#[derive(Clone, Debug)]
pub enum Connection {
    /// This machine, with a directory of programs that come before those of `PATH`.
    Local(Option<PathBuf>),
    /// A logged-in SSH session.
    #[cfg(feature = "ssh")]
    Ssh(ssh::Session),
}

/// What a finished command left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// The exit status; meaningless when a signal ended the command.
    pub status: i32,
    /// The signal that ended the command, without `SIG`.
    pub signal: Option<String>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
}

impl Output {
    /// Whether the command ended by itself with status 0.
    pub fn success(&self) -> bool {
        self.status == 0 && self.signal.is_none()
    }

    /// Standard output as text.
    pub fn stdout_text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text.
    pub fn stderr_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

impl Connection {
    /// Connects and logs in; every call makes a new connection.
    pub async fn open(target: &Target) -> Result<Connection, Error> {
        match &target.destination {
            Destination::Local(programs) => Ok(Connection::Local(programs.clone())),
            #[cfg(feature = "ssh")]
            Destination::Ssh(endpoint) => {
                ssh::Session::open(target.name(), endpoint).await.map(Connection::Ssh)
            }
            #[cfg(not(feature = "ssh"))]
            Destination::Ssh(endpoint) => {
                let message =
                    format!("`{endpoint}` is another machine, and this program has no SSH");
                Err(Error::new(ErrorKind::Configuration, target.name(), message))
            }
        }
    }

    /// Whether commands can no longer be run over it.
    pub fn is_closed(&self) -> bool {
        match self {
            Connection::Local(_) => false,
            #[cfg(feature = "ssh")]
            Connection::Ssh(session) => session.is_closed(),
        }
    }

    /// The key that the host has shown, as a public key; `None` for this machine.
    pub fn host_key(&self) -> Option<&str> {
        match self {
            Connection::Local(_) => None,
            #[cfg(feature = "ssh")]
            Connection::Ssh(session) => Some(session.host_key()),
        }
    }

    /// The same key in its short form.
    pub(crate) fn shown_key(&self) -> Option<HostKey> {
        match self {
            Connection::Local(_) => None,
            #[cfg(feature = "ssh")]
            Connection::Ssh(session) => match Pin::parse(session.host_key())? {
                Pin::Fingerprint(fingerprint) => {
                    Some(HostKey { key_type: String::new(), fingerprint })
                }
                Pin::Key { key_type, key } => {
                    Some(HostKey { key_type, fingerprint: fingerprint(&key) })
                }
            },
        }
    }

    /// Runs a command with all of its input, and waits for its end.
    ///
    /// A command that is still running after `timeout` is left alone, and the call fails.
    pub async fn exec(
        &self,
        argv: &[&str],
        stdin: Vec<u8>,
        timeout: Duration,
    ) -> Result<Output, Error> {
        match self {
            Connection::Local(programs) => {
                local::exec(programs.as_deref(), argv, stdin, timeout).await
            }
            #[cfg(feature = "ssh")]
            Connection::Ssh(session) => session.exec(&shell_line(argv), stdin, timeout).await,
        }
    }

    /// Starts a command and returns a stream of its standard input and output.
    pub async fn open_stream(&self, argv: &[&str]) -> Result<UnixStream, Error> {
        match self {
            Connection::Local(programs) => local::open_stream(programs.as_deref(), argv),
            #[cfg(feature = "ssh")]
            Connection::Ssh(session) => session.open_stream(&shell_line(argv)).await,
        }
    }
}

#[cfg(feature = "ssh")]
/// One command line that any POSIX shell splits into exactly these words.
fn shell_line(argv: &[&str]) -> String {
    argv.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ")
}

#[cfg(feature = "ssh")]
/// A word in single quotes, unless it plainly needs none.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(all(test, feature = "ssh"))]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_back_exactly_the_words() {
        let words = [
            "plain",
            "",
            "two words",
            "it's",
            "$(reboot)",
            "`id`",
            "a\nb",
            "\\",
            "*",
            "~",
            "a=b",
            "\"",
            "!x",
            "--flag",
            "ü",
            "'",
            "#",
        ];
        let mut argv = vec!["printf", "%s\\0"];
        argv.extend(words);
        let output = std::process::Command::new("sh").args(["-c", &shell_line(&argv)]).output();
        let stdout = output.unwrap().stdout;
        let read: Vec<_> = std::str::from_utf8(&stdout).unwrap().split_terminator('\0').collect();
        assert_eq!(read, words);
    }
}
