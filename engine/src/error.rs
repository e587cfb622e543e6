//! Why something did not work, said once for people and once for programs.
//!
//! An error is one line that names the host and the cause, the place in the document where there is
//! one, and a hint about what to do next. The raw log of nmstate or SSH is only ever the `detail`:
//! a front door shows it on request, because users asked for "only the error line". Behaviour
//! (retry, wait, give up) hangs on [`ErrorKind`], never on the text.

use std::fmt;

use nmstate_schema::path::Path;

use crate::transaction::Report;

/// A failure on the way to, or on, one host.
#[derive(Clone, Debug)]
pub struct Error {
    /// What went wrong, for programs.
    pub kind: ErrorKind,
    /// The host as the user named it; empty when no host is concerned.
    pub host: String,
    /// The place in the desired document, when nmstate or a comparison named one.
    pub path: Option<Path>,
    /// One line: lower case, no full stop.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
    /// Raw material for a log: nmstate's log, authentication attempts. May be many lines.
    pub detail: Option<String>,
    /// What the transaction went through that ended with this error.
    pub report: Option<Box<Report>>,
}

/// The causes that callers tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The settings of the host contradict each other or name something that does not exist.
    Configuration,
    /// The address does not resolve, refuses, or the connection was lost.
    Unreachable,
    /// Nothing answered within the connect time-out.
    ConnectTimeout,
    /// No known key for the host, and the policy is strict.
    HostKeyUnknown,
    /// The host showed another key than the known or pinned one, or a revoked one.
    HostKeyMismatch,
    /// No way of logging in was accepted.
    Authentication,
    /// A host on the way could not be passed.
    JumpHost,
    /// `sudo` refused.
    Sudo,
    /// The host has no `nmstatectl`.
    NmstatectlMissing,
    /// The host's `nmstatectl` lacks something that the change needs.
    NmstatectlTooOld,
    /// NetworkManager is not installed or does not run.
    NetworkManagerMissing,
    /// nmstate does not accept the document.
    InvalidDocument,
    /// The host did not take on the desired state; nmstate put the old one back.
    Verification,
    /// A probe failed: before the change when it is required, else after, and it was undone.
    Probe,
    /// A checkpoint of somebody else is pending.
    Busy,
    /// The change was undone, and the old state is proven from the host.
    Reverted,
    /// The end state could not be proven.
    Uncertain,
    /// The run was cancelled before anything was changed, or the change was undone.
    Cancelled,
    /// A command on the host failed in a way without a kind of its own.
    Remote,
    /// SSH, D-Bus or a program answered something that does not follow its protocol.
    Protocol,
}

impl ErrorKind {
    /// Whether nothing is known about the host because there was no way in: a refresh may then
    /// keep what it knew.
    pub fn is_unreachable(self) -> bool {
        matches!(self, ErrorKind::Unreachable | ErrorKind::ConnectTimeout | ErrorKind::JumpHost)
    }
}

impl Error {
    /// An error with a kind, the host's name and its one line.
    pub fn new(kind: ErrorKind, host: impl Into<String>, message: impl Into<String>) -> Error {
        Error {
            kind,
            host: host.into(),
            path: None,
            message: message.into(),
            hint: None,
            detail: None,
            report: None,
        }
    }

    /// The same with a hint about what to do next.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Error {
        self.hint = Some(hint.into());
        self
    }

    /// The same with raw material for a log.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Error {
        self.detail = Some(detail.into());
        self
    }

    /// The same with what the transaction went through.
    #[must_use]
    pub fn with_report(mut self, report: Report) -> Error {
        self.report = Some(Box::new(report));
        self
    }

    /// The same with the place in the document.
    #[must_use]
    pub fn with_path(mut self, path: Option<Path>) -> Error {
        self.path = path;
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.host.is_empty() {
            write!(formatter, "host `{}`: ", self.host)?;
        }
        // Parts come from remote programs: one error stays one line whatever they say.
        let line = self.message.split_whitespace().collect::<Vec<_>>().join(" ");
        formatter.write_str(&line)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_is_one_line_with_the_host() {
        let error = Error::new(ErrorKind::Remote, "web1", "it broke\n  badly\n");
        assert_eq!(error.to_string(), "host `web1`: it broke badly");
        assert_eq!(Error::new(ErrorKind::Configuration, "", "no host").to_string(), "no host");
    }
}
