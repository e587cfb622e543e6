//! How network state reaches a host, and how a change there can be trusted.
//!
//! The engine knows hosts, SSH, `nmstatectl` and NetworkManager; it knows nothing of Terraform or
//! Ansible. Its promise: a change is confirmed only over a connection made after the change, or
//! the host goes back by itself, and every end state is proven from the host, never assumed.
//!
//! - [`agent`]: nmstate itself, for hosts that have no `nmstatectl`
//! - [`target`]: who to talk to, resolved from settings, inventory and `~/.ssh/config`
//! - [`transport`]: commands and byte streams, over SSH or on this machine
//! - [`nmstate`]: `nmstatectl` on the host: show, apply and policies
//! - [`networkmanager`]: checkpoints over D-Bus
//! - [`probe`]: what a change must not cost the host
//! - [`transaction`]: the state machine, the only place that changes a host
//! - [`host`]: one actor per host: connection, snapshot, queue
//! - [`error`]: kind, host, path, one line, hint, detail

pub mod agent;
pub mod error;
mod glob;
pub mod host;
pub mod networkmanager;
pub mod nmstate;
pub mod probe;
mod secret;
mod secrets;
mod snapshot;
pub mod target;
pub mod transaction;
pub mod transport;

pub use error::{Error, ErrorKind};
pub use glob::glob_matches;
pub use host::{Applied, Host};
pub use secret::Secret;
pub use secrets::Secrets;
pub use snapshot::{HostKey, Management, Snapshot};
