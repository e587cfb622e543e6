//! What `make` has put into the target directory, which is some folders above this program.

use std::path::PathBuf;

use anyhow::{Context, Result};

/// The directory of the agents that the provider brings along to hosts.
pub fn agents() -> Result<PathBuf> {
    built("agents", "agent")
}

/// Something with this name that a goal of `make` has made.
pub(crate) fn built(name: &str, goal: &str) -> Result<PathBuf> {
    above(2, name, goal)
}

/// The same beside the program itself; a test lies one folder deeper than what it tests.
pub(crate) fn beside(name: &str, goal: &str) -> Result<PathBuf> {
    above(1, name, goal)
}

fn above(folders: usize, name: &str, goal: &str) -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    let places = here.ancestors().skip(folders).take(2);
    let mut paths = places.map(|directory| directory.join(name));
    paths.find(|path| path.exists()).with_context(|| format!("`{name}` is not built: make {goal}"))
}
