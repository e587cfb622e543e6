//! Is this the host it claims to be: decided after the handshake and before anything secret is sent.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use ssh2::{MethodType, Session};

use super::known_hosts::{KnownHosts, Verdict, key_text, lookup_name};
use crate::error::{Error, ErrorKind};
use crate::target::{Endpoint, HostKeyPolicy, Pin, fingerprint};

/// What the host's key must be.
pub(super) struct Expected<'a> {
    name: &'a str,
    endpoint: &'a Endpoint,
    pinned: Option<Pin>,
    known: KnownHosts,
}

impl<'a> Expected<'a> {
    /// Gathers what is known about the host.
    pub(super) fn new(name: &'a str, endpoint: &'a Endpoint) -> Result<Expected<'a>, Error> {
        let pinned = endpoint.host_key.as_deref().map(|text| pinned(name, text)).transpose()?;
        let files = if pinned.is_some() { &[][..] } else { &endpoint.known_hosts_files };
        Ok(Expected { name, endpoint, pinned, known: KnownHosts::read(files) })
    }

    /// Asks the host for a key of a type that is known, as it may have several.
    pub(super) fn prefer_known_types(&self, session: &Session) -> Result<(), ssh2::Error> {
        let known = match &self.pinned {
            Some(Pin::Fingerprint(_)) => Vec::new(),
            Some(Pin::Key { key_type, .. }) => vec![key_type.as_str()],
            None => self.known.key_types(&self.endpoint.host_key_alias, self.endpoint.port),
        };
        let mut algorithms = session.supported_algs(MethodType::HostKey)?;
        // Signature algorithms of RSA keys have names of their own (RFC 8332).
        let is_known = |algorithm: &str| {
            known.contains(&algorithm)
                || (known.contains(&"ssh-rsa") && algorithm.starts_with("rsa-sha2-"))
        };
        algorithms.sort_by_key(|algorithm| !is_known(algorithm));
        session.method_pref(MethodType::HostKey, &algorithms.join(","))
    }

    /// Judges the key that the host has shown, and gives it as `ssh.host_key` takes it.
    pub(super) fn check(&self, session: &Session) -> Result<String, Error> {
        let (key, _) = session.host_key().ok_or_else(|| {
            Error::new(ErrorKind::Protocol, self.name, "the SSH server has shown no host key")
        })?;
        let shown = fingerprint(key);
        self.judge(key, &shown)?;
        Ok(key_text(key).unwrap_or(shown))
    }

    fn judge(&self, key: &[u8], shown: &str) -> Result<(), Error> {
        if let Some(pinned) = &self.pinned {
            let expected = pinned.fingerprint();
            if shown == expected {
                return Ok(());
            }
            let hint = "if the host has a new key, set `ssh.host_key` to the new fingerprint";
            return Err(self.mismatch(shown, &expected, "`ssh.host_key`").with_hint(hint));
        }
        let Endpoint { host_key_alias: alias, port, .. } = self.endpoint;
        match self.known.check(alias, *port, key) {
            Verdict::Known => Ok(()),
            Verdict::Mismatch(known) => {
                let fingerprints: Vec<_> = known.iter().map(|(text, ..)| text.as_str()).collect();
                let (_, file, line) = &known[0];
                let place = format!("{}:{line}", file.display());
                let hint = format!(
                    "if the host has a new key: `ssh-keygen -R '{}' -f {}`, then add the new key, \
                     or set `ssh.host_key` to the new fingerprint",
                    lookup_name(alias, *port),
                    file.display()
                );
                Err(self.mismatch(shown, &fingerprints.join(" or "), &place).with_hint(hint))
            }
            Verdict::Revoked(file, line) => {
                let message = format!(
                    "the host key {shown} of {} is revoked in {}:{line}",
                    self.endpoint,
                    file.display()
                );
                Err(Error::new(ErrorKind::HostKeyMismatch, self.name, message)
                    .with_hint("give the host a new key; this one must not be trusted"))
            }
            Verdict::Unknown => match self.endpoint.host_key_policy {
                HostKeyPolicy::AcceptNew => self.remember(key),
                HostKeyPolicy::Strict => {
                    let message = format!("the host key {shown} of {} is not known", self.endpoint);
                    Err(Error::new(ErrorKind::HostKeyUnknown, self.name, message).with_hint(
                        format!(
                            "compare it with the host's own (`ssh-keygen -lf \
                             /etc/ssh/ssh_host_ed25519_key.pub`), then add it to known_hosts, set \
                             `ssh.host_key = \"{shown}\"`, or set `ssh.host_key_policy` to \
                             `accept-new`"
                        ),
                    ))
                }
            },
        }
    }

    fn mismatch(&self, shown: &str, expected: &str, place: &str) -> Error {
        let message = format!(
            "the host key of {} has changed: it shows {shown}, expected is {expected} ({place})",
            self.endpoint
        );
        Error::new(ErrorKind::HostKeyMismatch, self.name, message)
    }

    fn remember(&self, key: &[u8]) -> Result<(), Error> {
        let alias = lookup_name(&self.endpoint.host_key_alias, self.endpoint.port);
        let (Some(file), Some(key)) = (self.endpoint.known_hosts_files.first(), key_text(key))
        else {
            let message = "no known_hosts file to add the host key to";
            return Err(Error::new(ErrorKind::Configuration, self.name, message));
        };
        append(file, &format!("{alias} {key}\n")).map_err(|cause| {
            let message = format!("cannot add the host key to `{}`: {cause}", file.display());
            Error::new(ErrorKind::Configuration, self.name, message)
        })
    }
}

/// Adds a line in one write, so that several of us can do it at once.
fn append(file: &Path, line: &str) -> std::io::Result<()> {
    if let Some(directory) = file.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let unfinished =
        std::fs::read(file).is_ok_and(|text| !text.is_empty() && !text.ends_with(b"\n"));
    let line = if unfinished { format!("\n{line}") } else { line.to_owned() };
    let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(file)?;
    file.write_all(line.as_bytes())
}

fn pinned(name: &str, text: &str) -> Result<Pin, Error> {
    Pin::parse(text).ok_or_else(|| {
        let message = "`ssh.host_key` is neither a public key nor a fingerprint";
        Error::new(ErrorKind::Configuration, name, message)
            .with_hint("write it as `ssh-ed25519 AAAA...` or `SHA256:...`")
    })
}
