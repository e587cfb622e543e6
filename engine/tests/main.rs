//! The transport against a real, private sshd on a loopback port: the same code path as on a host.

mod server;
mod transport;
