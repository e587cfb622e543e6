//! Where a value is: the steps from the root object of a schema down to it.

use std::fmt;

/// A path from the root object to an attribute or element; elements of sets have none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttributePath(Vec<PathStep>);

/// One step of an [`AttributePath`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PathStep {
    /// An attribute of an object.
    Attribute(String),
    /// An element of a map.
    Key(String),
    /// An element of a list or tuple, counted from 0.
    Index(usize),
}

impl AttributePath {
    /// The path of the root object itself.
    #[must_use]
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// This path and one more step, into an object.
    #[must_use]
    pub fn attribute(self, name: impl Into<String>) -> Self {
        self.step(PathStep::Attribute(name.into()))
    }

    /// This path and one more step, into a map.
    #[must_use]
    pub fn key(self, key: impl Into<String>) -> Self {
        self.step(PathStep::Key(key.into()))
    }

    /// This path and one more step, into a list or tuple.
    #[must_use]
    pub fn index(self, index: usize) -> Self {
        self.step(PathStep::Index(index))
    }

    /// This path and one more step.
    #[must_use]
    pub fn step(mut self, step: PathStep) -> Self {
        self.0.push(step);
        self
    }

    /// The steps, root first.
    #[must_use]
    pub fn steps(&self) -> &[PathStep] {
        &self.0
    }

    /// As much of the path as core finds in a configuration: below an attribute it looks for one
    /// element, or for one key of an object, and points at the whole block when there is more.
    pub(crate) fn shown(&self) -> Self {
        let steps = self.0.iter().take(2).enumerate();
        steps
            .map(|(position, step)| match step {
                PathStep::Attribute(name) if position > 0 => PathStep::Key(name.clone()),
                step => step.clone(),
            })
            .collect()
    }

    /// Is this the root object?
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for AttributePath {
    /// The attribute `name` of the root object.
    fn from(name: &str) -> Self {
        Self::root().attribute(name)
    }
}

impl From<Vec<PathStep>> for AttributePath {
    fn from(steps: Vec<PathStep>) -> Self {
        Self(steps)
    }
}

impl FromIterator<PathStep> for AttributePath {
    fn from_iter<I: IntoIterator<Item = PathStep>>(steps: I) -> Self {
        Self(steps.into_iter().collect())
    }
}

impl fmt::Display for AttributePath {
    /// As it would be written in HCL: `ports[0].options["speed"]`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                PathStep::Attribute(name) if position == 0 => write!(formatter, "{name}")?,
                PathStep::Attribute(name) => write!(formatter, ".{name}")?,
                PathStep::Key(key) => write!(formatter, "[{key:?}]")?,
                PathStep::Index(index) => write!(formatter, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn core_finds_one_step_below_an_attribute() {
        let path = AttributePath::from("ipv4").attribute("address").index(0).attribute("ip");
        assert_eq!(path.shown(), AttributePath::from("ipv4").key("address"));
        let path = AttributePath::from("port").index(1).attribute("vlan");
        assert_eq!(path.shown(), AttributePath::from("port").index(1));
        let path = AttributePath::from("mtu");
        assert_eq!(path.shown(), path);
    }

    #[test]
    fn reads_like_hcl() {
        let path = AttributePath::from("ports").index(0).attribute("options").key("a b");
        assert_eq!(path.to_string(), r#"ports[0].options["a b"]"#);
        assert_eq!(AttributePath::root().to_string(), "");
    }
}
