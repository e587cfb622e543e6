//! What is wrong with a document, and where.
//!
//! Every check returns all it finds rather than the first, and every finding carries the path of
//! the value, so that both front doors can point at the attribute. The keys that its texts mention
//! get their names from the front door, see [`Phrase`].

use std::fmt;

use crate::path::{Path, Step};
use crate::phrase::{Names, Nmstate, Phrase};

/// One thing that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where, from the root of the document or of the value that was checked.
    pub path: Path,
    /// What is wrong: one line, lower case, values in backticks.
    pub message: Phrase,
    /// What to do about it.
    pub hint: Option<Phrase>,
}

impl Finding {
    /// A finding about the value at `path`.
    pub fn new(path: Path, message: impl Into<Phrase>) -> Finding {
        Finding { path, message: message.into(), hint: None }
    }

    /// Says what to do next.
    pub fn with_hint(mut self, hint: impl Into<Phrase>) -> Finding {
        self.hint = Some(hint.into());
        self
    }

    /// The same finding seen from one level further up.
    pub fn under(mut self, step: impl Into<Step>) -> Finding {
        self.path = self.path.under(step);
        self
    }

    /// What is wrong and where, without what to do about it.
    pub fn located(&self, names: &dyn Names) -> String {
        let (place, message) = (names.place(&self.path), self.message.text(names));
        if place.is_empty() { message } else { format!("{place}: {message}") }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.located(&Nmstate))?;
        match &self.hint {
            Some(hint) => write!(formatter, " ({hint})"),
            None => Ok(()),
        }
    }
}
