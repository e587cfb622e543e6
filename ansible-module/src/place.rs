//! A private directory on the host, in memory where there is such a place.
//!
//! It holds the programs that this binary stands for, as links to the very process that made them:
//! Ansible may remove the uploaded file while a change is still held.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};

/// The name under which this binary is nmstate's program.
pub const NMSTATECTL: &str = "nmstatectl";
/// The name under which this binary is the way to D-Bus.
pub const BRIDGE: &str = "systemd-stdio-bridge";

/// Where such a directory may be, the best first.
const BASES: [&str; 3] = ["/run", "/dev/shm", "/tmp"];

/// A directory that is removed when the value is dropped.
#[derive(Debug)]
pub struct Place {
    directory: PathBuf,
}

impl Place {
    /// A new directory of a name that nobody else has.
    ///
    /// # Errors
    /// No base is writable.
    pub fn new() -> io::Result<Place> {
        let mut outcome = Err(io::ErrorKind::NotFound.into());
        for base in BASES {
            let name = std::fs::read_to_string("/proc/sys/kernel/random/uuid")?;
            let directory = Path::new(base).join(format!("nmstate-{}", name.trim()));
            outcome = DirBuilder::new().mode(0o700).create(&directory);
            if outcome.is_ok() {
                return Ok(Place { directory });
            }
        }
        outcome.map(|()| Place { directory: PathBuf::new() })
    }

    /// Takes over a directory that another process has made.
    pub fn adopt(directory: &Path) -> Place {
        Place { directory: directory.to_owned() }
    }

    /// Leaves the directory to another process.
    pub fn keep(self) -> PathBuf {
        let directory = self.directory.clone();
        std::mem::forget(self);
        directory
    }

    /// The directory itself.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The directory of the programs, which work as long as this process does.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn programs(&self) -> io::Result<PathBuf> {
        let programs = self.directory.join("bin");
        DirBuilder::new().mode(0o700).create(&programs)?;
        let own = format!("/proc/{}/exe", std::process::id());
        for name in [NMSTATECTL, BRIDGE] {
            symlink(&own, programs.join(name))?;
        }
        Ok(programs)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // It lies in memory: what is left over goes with the next boot.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
