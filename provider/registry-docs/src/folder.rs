//! The folder of the pages: written, and held against what would be written.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::Pages;
use crate::sources::{Error, files_below, read};

/// Where the pages are, below the top of the repository.
pub const DOCS: &str = "docs";

/// Writes the pages below `root`, and removes those that are no longer made.
///
/// # Errors
/// The folder cannot be written.
pub fn write(pages: &Pages, root: &Path) -> Result<(), Error> {
    let folder = root.join(DOCS);
    for (name, text) in &pages.files {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(&folder);
        fs::create_dir_all(parent).map_err(|cause| Error::new(parent, cause))?;
        fs::write(&path, text).map_err(|cause| Error::new(&path, cause))?;
    }
    for name in files_below(&folder)?.difference(&names(pages)) {
        let path = folder.join(name);
        fs::remove_file(&path).map_err(|cause| Error::new(&path, cause))?;
    }
    Ok(())
}

/// What is wrong with the folder, a line for each file.
///
/// # Errors
/// The folder cannot be read.
pub fn stale(pages: &Pages, root: &Path) -> Result<Vec<String>, Error> {
    let folder = root.join(DOCS);
    let found = files_below(&folder)?;
    let mut complaints = Vec::new();
    for (name, text) in &pages.files {
        if !found.contains(name) {
            complaints.push(format!("`{DOCS}/{name}` is missing: run `make docs`"));
        } else if read(&folder.join(name))? != *text {
            complaints.push(format!("`{DOCS}/{name}` is stale: run `make docs`"));
        }
    }
    for name in found.difference(&names(pages)) {
        complaints.push(format!("`{DOCS}/{name}` is not generated: run `make docs`"));
    }
    Ok(complaints)
}

fn names(pages: &Pages) -> BTreeSet<String> {
    pages.files.keys().cloned().collect()
}
