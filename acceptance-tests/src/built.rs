//! What `make` has put into the target directory, which is some folders above this program.

use std::path::PathBuf;

use anyhow::{Context, Result};

/// The directory of the agents that the provider brings along to hosts.
pub fn agents() -> Result<PathBuf> {
    built("agents", "agent")
}

/// Something with this name that a goal of `make` has made.
pub(crate) fn built(name: &str, goal: &str) -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    let mut places = here.ancestors().skip(2).take(2).map(|directory| directory.join(name));
    places.find(|path| path.exists()).with_context(|| format!("`{name}` is not built: make {goal}"))
}
