//! The agent: nmstate itself, brought along to hosts that have no `nmstatectl`.
//!
//! The binary of the Ansible module is also `nmstatectl` and `systemd-stdio-bridge`, by the name that
//! it is started under. It goes to a host once per version, under the hash of its content: so the
//! place tells the version, two versions never meet, and what was changed there is noticed before it
//! runs. How it gets there is [`nmstate`](crate::nmstate)'s.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

/// What speaks nmstate on a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// `nmstatectl` where the host has 2.2.9 or newer, else the agent where there is one for its
    /// machine.
    #[default]
    Auto,
    /// `nmstatectl`, whatever its version.
    Nmstatectl,
    /// The agent.
    Agent,
}

/// The agents at hand, one for each kind of machine; clones share what is known of the files.
#[derive(Clone, Debug, Default)]
pub struct Agents {
    directory: PathBuf,
    found: Arc<[Agent]>,
}

/// One agent, as a file.
#[derive(Debug)]
struct Agent {
    /// As `uname -m` names it.
    machine: &'static str,
    file: PathBuf,
    hash: OnceLock<String>,
}

/// The machines that an agent is built for.
const MACHINES: [&str; 2] = ["x86_64", "aarch64"];

impl Agents {
    /// The agents of a directory, each a file named `nmstate-agent-MACHINE`.
    pub fn in_directory(directory: &Path) -> Agents {
        let agent = |machine| {
            let file = directory.join(format!("nmstate-agent-{machine}"));
            file.is_file().then(|| Agent { machine, file, hash: OnceLock::new() })
        };
        Agents {
            directory: directory.to_owned(),
            found: MACHINES.into_iter().filter_map(agent).collect(),
        }
    }

    /// Where they were looked for.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The machines that have one, with the SHA-256 of its content in hexadecimal.
    pub(crate) async fn hashes(&self) -> io::Result<Vec<(&'static str, String)>> {
        let agents = Arc::clone(&self.found);
        let hashes = tokio::task::spawn_blocking(move || {
            agents.iter().map(|agent| Ok((agent.machine, agent.hash()?.to_owned()))).collect()
        });
        hashes.await.map_err(io::Error::other)?
    }

    /// The program for a machine, if there is one.
    pub(crate) async fn read(&self, machine: &str) -> Option<io::Result<Vec<u8>>> {
        let agent = self.found.iter().find(|agent| agent.machine == machine)?;
        let file = agent.file.clone();
        let read = tokio::task::spawn_blocking(move || std::fs::read(file));
        Some(read.await.map_err(io::Error::other).and_then(|content| content))
    }
}

impl Agent {
    fn hash(&self) -> io::Result<&str> {
        if let Some(hash) = self.hash.get() {
            return Ok(hash);
        }
        let digest = Sha256::digest(std::fs::read(&self.file)?);
        let text = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(self.hash.get_or_init(|| text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn agents_are_files_with_the_name_of_their_machine() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("nmstate-agent-aarch64"), "abc").unwrap();
        std::fs::write(directory.path().join("nmstate-agent-vax"), "abc").unwrap();
        let agents = Agents::in_directory(directory.path());
        // The example of FIPS 180-2, appendix B.1.
        let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(agents.hashes().await.unwrap(), [("aarch64", hash.to_owned())]);
        assert_eq!(agents.read("aarch64").await.unwrap().unwrap(), b"abc");
        assert!(agents.read("x86_64").await.is_none());
    }
}
