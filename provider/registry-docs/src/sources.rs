//! What pages are made of: the examples, and the templates with the words of the guides.
//!
//! A template is the page itself, with lines of the form `<!-- example: PATH -->` in the place of
//! configurations. Nothing that users copy is written in a template, so all of it is run by tests.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::programs;

/// Where the templates are, below the top of the repository.
pub const TEMPLATES: &str = "provider/registry-docs/templates";
/// Where the examples are, below the top of the repository.
pub const EXAMPLES: &str = "examples";

/// A file cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot use `{}`: {cause}", path.display())]
pub struct Error {
    path: PathBuf,
    cause: io::Error,
}

impl Error {
    pub(crate) fn new(path: &Path, cause: io::Error) -> Self {
        Self { path: path.to_owned(), cause }
    }
}

/// The examples and templates of a repository, and which examples have been shown.
#[derive(Debug)]
pub struct Sources<'a> {
    root: &'a Path,
    shown: BTreeSet<String>,
}

impl<'a> Sources<'a> {
    pub(crate) fn new(root: &'a Path) -> Self {
        Self { root, shown: BTreeSet::new() }
    }

    pub(crate) fn into_shown(self) -> BTreeSet<String> {
        self.shown
    }

    /// An example by its path below `examples/`.
    pub(crate) fn example(&mut self, path: &str) -> Result<String, Error> {
        let text = read(&self.root.join(EXAMPLES).join(path))?;
        self.shown.insert(path.to_owned());
        Ok(text.trim_end().to_owned())
    }

    /// An example as a block of code.
    pub(crate) fn block(&mut self, path: &str) -> Result<String, Error> {
        let language = match path.rsplit_once('.') {
            Some((_, "tf" | "hcl")) => "terraform",
            Some((_, "sh")) => "shell",
            Some((_, "yml" | "yaml")) => "yaml",
            _ => "text",
        };
        Ok(format!("```{language}\n{}\n```\n", self.example(path)?))
    }

    /// The template of a page with its examples in their places; `reference` goes where it asks for
    /// one.
    pub(crate) fn template(&mut self, name: &str, reference: &str) -> Result<String, Error> {
        let text = read(&self.root.join(TEMPLATES).join(name))?;
        let mut page = String::new();
        for line in text.lines() {
            match instruction(line) {
                Some(("example", path)) => page.push_str(&self.block(path)?),
                Some(("reference", _)) => page.push_str(reference),
                Some(("programs", _)) => page.push_str(&programs::table(self.root)?),
                // What only tests read.
                Some(("kind", _)) => {}
                Some(_) | None => {
                    page.push_str(line);
                    page.push('\n');
                }
            }
        }
        Ok(page)
    }

    /// The file names of the guides.
    pub(crate) fn guides(&self) -> Result<BTreeSet<String>, Error> {
        files_below(&self.root.join(TEMPLATES).join("guides"))
    }
}

/// What a line of a template asks for, `<!-- WORD: ARGUMENT -->`.
fn instruction(line: &str) -> Option<(&str, &str)> {
    let inner = line.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
    Some(inner.split_once(": ").unwrap_or((inner, "")))
}

pub(crate) fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|cause| Error::new(path, cause))
}

/// The files below a folder, by their paths from there.
///
/// # Errors
/// The folder cannot be read.
pub fn files_below(folder: &Path) -> Result<BTreeSet<String>, Error> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder_here) = folders.pop() {
        let entries =
            fs::read_dir(&folder_here).map_err(|cause| Error::new(&folder_here, cause))?;
        for entry in entries {
            let path = entry.map_err(|cause| Error::new(&folder_here, cause))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(below) = path.strip_prefix(folder) {
                found.insert(below.to_string_lossy().into_owned());
            }
        }
    }
    Ok(found)
}
