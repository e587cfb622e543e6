//! The transport against a real, private sshd on a loopback port: the same code path as on a host.
#![expect(clippy::unwrap_used, reason = "a test fails where its set-up fails")]

mod server;
mod transport;
