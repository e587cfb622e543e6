//! File locks: several test processes use one lab, or one cache, at the same time.

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, Result};

/// Waits for the lock at `path`; it is held until the value is dropped or the process ends.
pub(crate) fn lock(path: &Path) -> Result<File> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)
            .with_context(|| format!("cannot create `{}`", directory.display()))?;
    }
    let file =
        File::create(path).with_context(|| format!("cannot create lock `{}`", path.display()))?;
    file.lock().with_context(|| format!("cannot lock `{}`", path.display()))?;
    Ok(file)
}
