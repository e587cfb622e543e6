//! What is made once and used by every host: nmstatectl here, root filesystems in `image`, booted
//! machines in `vm::template`.
//!
//! nmstatectl is in no Debian release, so cargo builds it. Each step writes beside the final place
//! and renames, so an interrupted build leaves nothing that looks finished.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The nmstatectl of all hosts.
pub(crate) const NMSTATE_VERSION: &str = "2.2.62";

/// The quickest build that is quick on a host. Level 1 takes 490 s of processor time where 0 takes
/// 210 s, but an apply that changes nothing then takes 0.2 s of it and not 0.7 s, in each of many.
const PROFILE: &[(&str, &str)] = &[
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
    ("CARGO_PROFILE_RELEASE_STRIP", "true"),
];

/// Tells a human what takes long.
pub(crate) type Progress = fn(&str);

/// The directory of what is made once.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    pub(crate) directory: PathBuf,
    pub(crate) progress: Progress,
}

impl Cache {
    /// The program that Debian lacks; built when the cache has none.
    pub(crate) fn nmstatectl(&self) -> Result<PathBuf> {
        let root = self.directory.join("nmstatectl");
        let program = root.join("bin/nmstatectl");
        if program.exists() {
            return Ok(program);
        }
        (self.progress)("building nmstatectl, which Debian does not have");
        let log = self.directory.join("build.log");
        let output = File::create(&log)?;
        let status = Command::new("cargo")
            .args(["install", "nmstatectl", "--version", NMSTATE_VERSION, "--locked", "--root"])
            .arg(&root)
            .env("CARGO_TARGET_DIR", self.directory.join("build"))
            .envs(PROFILE.iter().copied())
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .status()
            .context("cannot run cargo")?;
        if !status.success() {
            bail!("cargo could not build nmstatectl; see `{}`", log.display());
        }
        remove(&self.directory.join("build"))?;
        Ok(program)
    }
}

fn remove(directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory)
            .with_context(|| format!("cannot remove `{}`", directory.display()))?;
    }
    Ok(())
}

/// The first 6 bytes of a digest, enough to name things on one machine.
pub(crate) fn short_hex(digest: &[u8]) -> String {
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
