//! Where a value is in a document.
//!
//! Items of lists are named by their identity where they have one, because an index means nothing
//! to somebody who reads the plan of another document than the one the index was taken from.

use std::fmt;

/// The way from the root of a document to a value, printed as
/// `interfaces[br0].bridge.port[eth1].vlan.tag`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path(Vec<Step>);

/// One step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// A key of a mapping.
    Key(String),
    /// An item of a list, by position from 0.
    Index(usize),
    /// An item of a list, by its identity, such as the name of an interface.
    Item(String),
}

impl Path {
    /// The root.
    pub fn new() -> Path {
        Path::default()
    }

    /// The steps from the root on.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether this is the root.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Goes one step further down.
    pub fn push(&mut self, step: impl Into<Step>) {
        self.0.push(step.into());
    }

    /// The path one step further down.
    #[must_use]
    pub fn join(&self, step: impl Into<Step>) -> Path {
        let mut path = self.clone();
        path.push(step);
        path
    }

    /// The path of the same value seen from one level further up.
    #[must_use]
    pub fn under(mut self, step: impl Into<Step>) -> Path {
        self.0.insert(0, step.into());
        self
    }
}

impl From<Vec<Step>> for Path {
    fn from(steps: Vec<Step>) -> Path {
        Path(steps)
    }
}

impl From<Step> for Path {
    fn from(step: Step) -> Path {
        Path(vec![step])
    }
}

impl From<&str> for Step {
    fn from(key: &str) -> Step {
        Step::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Step {
        Step::Index(index)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if position == 0 => formatter.write_str(key)?,
                Step::Key(key) => write!(formatter, ".{key}")?,
                Step::Index(index) => write!(formatter, "[{index}]")?,
                Step::Item(identity) => write!(formatter, "[{identity}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_keys_items_and_indices() {
        let path = Path::from(vec![
            "interfaces".into(),
            Step::Item("br0".to_owned()),
            "bridge".into(),
            "port".into(),
            0.into(),
        ]);
        assert_eq!(path.to_string(), "interfaces[br0].bridge.port[0]");
        assert_eq!(Path::new().to_string(), "");
        assert_eq!(Path::new().join("mtu").under(1).to_string(), "[1].mtu");
    }
}
