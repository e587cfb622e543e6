//! The lab of real hosts and the scenarios that run the product against them.
//!
//! Nothing in the lab is faked: each host runs NetworkManager, nmstatectl and sshd from a Debian
//! root filesystem. There are two kinds behind one interface. A *namespace host* is up within
//! seconds and shares the kernel of this machine, so it has only what that kernel has, and needs
//! root. A *VM host* boots its own kernel under QEMU, has every feature and needs no root.
//!
//! Whatever the kind, a host answers SSH on a port of 127.0.0.1. Nothing is added to the network
//! of the machine itself: namespace hosts hang on a network namespace of the lab's own.
//!
//! The lab has its own way into each host (`nsenter`, or the guest agent), which works while the
//! management path is cut and which is not counted by [`Host::logins`].
//!
//! - [`Lab`] — a directory with hosts; starts, finds and ends them ([`Request`] says which)
//! - [`Host`] — one host: how to reach it, run commands in it, cut, reset and reboot it
//! - [`Limits`] — how long a host may take, by what this machine was measured to need
//! - [`kernel`] — which kind of host has what a scenario needs, on this machine
//! - [`setup`] — installs the programs that the lab needs
//! - [`ansible`] — the real programs, with the collection that `make collection` builds
//! - [`terraform`] — the real program on two versions, or any other, with the provider from a mirror
//! - [`scenarios`] — the scenarios on other programs: what `make opentofu` runs
//! - [`faults`] — faults at every step of every change: what `make faults` runs
//! - [`roundtrip`] — documents through Terraform and back: what `make roundtrip` runs
//! - [`sequences`] — random sequences of configurations: what `make sequences-hosts` runs
//! - [`demo`] and [`bench`] — what `make demo` and `make bench` run
//! - [`forward`] — the TCP forwarder between 127.0.0.1 and a namespace host

mod accelerator;
mod agent;
pub mod ansible;
pub mod bench;
mod built;
mod cache;
mod command;
pub mod demo;
pub mod faults;
pub mod forward;
mod host;
mod image;
pub mod kernel;
mod lab;
mod limits;
mod lock;
mod namespace;
mod process;
mod qmp;
mod ready;
mod record;
pub mod roundtrip;
pub mod scenarios;
pub mod sequences;
pub mod setup;
pub mod terraform;
mod vm;
mod workers;

pub use built::agents;
pub use host::{ExecOutput, Host, Temporary};
pub use image::Release;
pub use lab::{Lab, Request};
pub use limits::Limits;
pub use process::provider_of;
pub use record::{HostOptions, Kind};
pub use vm::SHARED_MACHINE;
pub use workers::{Pace, Selection};
