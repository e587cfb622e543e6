//! A network namespace in which a VM host has its own addresses.
//!
//! QEMU's user network knows a guest by ports of this machine, and whoever follows a host to a new
//! address needs the address. So the namespace has the guest's addresses on its loopback interface,
//! and what listens there carries each connection to the port of this machine that leads to that very
//! address of the guest. While the guest does not have the address, nobody answers.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::AsFd;
use std::thread;

use anyhow::{Context, Result, anyhow};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::command::{as_root, run};
use crate::forward;

/// The namespace; it ends with the value.
pub(super) struct Gate {
    namespace: String,
}

impl Gate {
    /// A namespace of this name with SSH at each address, which the port of this machine leads to.
    pub(super) fn open(namespace: String, ways: &[(Ipv4Addr, u16)]) -> Result<Gate> {
        // One that an earlier run has left.
        let _ = run(as_root("ip").args(["netns", "delete", &namespace]));
        run(as_root("ip").args(["netns", "add", &namespace]))?;
        let gate = Gate { namespace };
        gate.ip(&["link", "set", "lo", "up"])?;
        for &(address, port) in ways {
            gate.ip(&["address", "add", &format!("{address}/32"), "dev", "lo"])?;
            let listener = gate.listen(SocketAddr::from((address, 22)))?;
            let destination = SocketAddr::from(([127, 0, 0, 1], port));
            thread::spawn(move || forward::serve(&listener, destination));
        }
        Ok(gate)
    }

    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }

    fn ip(&self, words: &[&str]) -> Result<()> {
        run(as_root("ip").args(["-n", &self.namespace]).args(words)).map(drop)
    }

    /// A socket stays in the namespace that it was made in, so the thread that makes it goes there and
    /// ends.
    fn listen(&self, address: SocketAddr) -> Result<TcpListener> {
        let path = format!("/run/netns/{}", self.namespace);
        let namespace = File::open(&path).with_context(|| format!("cannot open `{path}`"))?;
        let made = thread::spawn(move || -> Result<TcpListener> {
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))?;
            Ok(TcpListener::bind(address)?)
        });
        made.join().map_err(|_| anyhow!("the thread of a socket panicked"))?
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        // A drop cannot report; one that is left over is replaced by the next of its name.
        let _ = run(as_root("ip").args(["netns", "delete", &self.namespace]));
    }
}
