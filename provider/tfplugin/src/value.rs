//! Values as core sends them: like JSON, plus unknown, exact numbers and dynamic types.
//!
//! One tree type serves every schema; the schema says how to read it. Readers see through
//! [`Value::Dynamic`] and answer null below null and unknown below unknown, so that a provider
//! can walk an optional nested attribute without asking at every level whether it is there.

use std::collections::BTreeMap;

use crate::number::Number;
use crate::path::{AttributePath, PathStep};
use crate::schema::Schema;
use crate::types::Type;

/// A value of any type, known or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Value {
    /// Not set, or gone.
    #[default]
    Null,
    /// Not known before apply.
    Unknown,
    /// `true` or `false`.
    Bool(bool),
    /// A number of any size.
    Number(Number),
    /// Text.
    String(String),
    /// The elements of a list, set or tuple.
    List(Vec<Value>),
    /// The elements of a map or the attributes of an object.
    Map(BTreeMap<String, Value>),
    /// Where the schema says "any type": the concrete type and a value of it.
    Dynamic(Box<(Type, Value)>),
}

static NULL: Value = Value::Null;
static UNKNOWN: Value = Value::Unknown;

impl Value {
    /// An object or map with these entries.
    pub fn object<K: Into<String>, V: Into<Self>>(
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }

    /// A list, set or tuple with these elements.
    pub fn list<V: Into<Self>>(elements: impl IntoIterator<Item = V>) -> Self {
        Self::List(elements.into_iter().map(Into::into).collect())
    }

    /// An object of `schema` in which every attribute is null.
    #[must_use]
    pub fn null_object(schema: &Schema) -> Self {
        Self::object(schema.attributes.iter().map(|attribute| (&*attribute.name, Self::Null)))
    }

    /// A value of a concrete type, for an attribute of type [`Type::Dynamic`].
    #[must_use]
    pub fn dynamic(concrete: Type, value: Self) -> Self {
        Self::Dynamic(Box::new((concrete, value)))
    }

    /// The value itself, without the type that a dynamic one carries.
    #[must_use]
    pub fn concrete(&self) -> &Self {
        match self {
            Self::Dynamic(inner) => inner.1.concrete(),
            Self::Null
            | Self::Unknown
            | Self::Bool(_)
            | Self::Number(_)
            | Self::String(_)
            | Self::List(_)
            | Self::Map(_) => self,
        }
    }

    /// Is it null?
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.concrete(), Self::Null)
    }

    /// Is it unknown as a whole?
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self.concrete(), Self::Unknown)
    }

    /// Is nothing in it unknown?
    #[must_use]
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown => false,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
            Self::List(elements) => elements.iter().all(Self::is_wholly_known),
            Self::Map(entries) => entries.values().all(Self::is_wholly_known),
            Self::Dynamic(inner) => inner.1.is_wholly_known(),
        }
    }

    /// The text, if it is a known string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self.concrete() { Some(text) } else { None }
    }

    /// The truth value, if it is known.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(truth) = self.concrete() { Some(*truth) } else { None }
    }

    /// The number, if it is a known one.
    #[must_use]
    pub fn as_number(&self) -> Option<&Number> {
        if let Self::Number(number) = self.concrete() { Some(number) } else { None }
    }

    /// The integer, if it is a known number that fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number()?.as_i64()
    }

    /// The elements, if it is a known list, set or tuple.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(elements) = self.concrete() { Some(elements) } else { None }
    }

    /// The entries, if it is a known map or object.
    #[must_use]
    pub fn as_map(&self) -> Option<&BTreeMap<String, Self>> {
        if let Self::Map(entries) = self.concrete() { Some(entries) } else { None }
    }

    /// The entries for changing, if it is a known map or object.
    #[must_use]
    pub fn as_map_mut(&mut self) -> Option<&mut BTreeMap<String, Self>> {
        match self {
            Self::Map(entries) => Some(entries),
            Self::Dynamic(inner) => inner.1.as_map_mut(),
            Self::Null
            | Self::Unknown
            | Self::Bool(_)
            | Self::Number(_)
            | Self::String(_)
            | Self::List(_) => None,
        }
    }

    /// The attribute or map element `name`: unknown when this value is unknown, null when there is
    /// no such thing.
    #[must_use]
    pub fn attribute(&self, name: &str) -> &Self {
        match self.concrete() {
            Self::Unknown => &UNKNOWN,
            Self::Map(entries) => entries.get(name).unwrap_or(&NULL),
            Self::Null
            | Self::Bool(_)
            | Self::Number(_)
            | Self::String(_)
            | Self::List(_)
            | Self::Dynamic(_) => &NULL,
        }
    }

    /// Sets the attribute or map element `name`; a value that is not an object becomes one.
    pub fn set_attribute(&mut self, name: impl Into<String>, value: impl Into<Self>) {
        if self.as_map_mut().is_none() {
            *self = Self::Map(BTreeMap::new());
        }
        if let Some(entries) = self.as_map_mut() {
            entries.insert(name.into(), value.into());
        }
    }

    /// The value at `path`; `None` when a step leads nowhere, unknown below an unknown value.
    #[must_use]
    pub fn at(&self, path: &AttributePath) -> Option<&Self> {
        let mut here = self;
        for step in path.steps() {
            here = match (here.concrete(), step) {
                (Self::Unknown, _) => return Some(&UNKNOWN),
                (Self::Map(entries), PathStep::Attribute(name) | PathStep::Key(name)) => {
                    entries.get(name)?
                }
                (Self::List(elements), PathStep::Index(index)) => elements.get(*index)?,
                _ => return None,
            };
        }
        Some(here)
    }

    /// The value at `path` for changing; `None` when a step leads nowhere.
    #[must_use]
    pub fn at_mut(&mut self, path: &AttributePath) -> Option<&mut Self> {
        let mut here = self;
        for step in path.steps() {
            while let Self::Dynamic(inner) = here {
                here = &mut inner.1;
            }
            here = match (here, step) {
                (Self::Map(entries), PathStep::Attribute(name) | PathStep::Key(name)) => {
                    entries.get_mut(name)?
                }
                (Self::List(elements), PathStep::Index(index)) => elements.get_mut(*index)?,
                _ => return None,
            };
        }
        Some(here)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

macro_rules! from_integer {
    ($($kind:ty),*) => { $(
        impl From<$kind> for Value {
            fn from(integer: $kind) -> Self {
                Self::Number(Number::from(integer))
            }
        }
    )* };
}

from_integer!(i32, i64, u32, u64);

impl<T: Into<Self>> From<Option<T>> for Value {
    /// `None` is null.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(elements: Vec<T>) -> Self {
        Self::list(elements)
    }
}

impl From<BTreeMap<String, Self>> for Value {
    fn from(entries: BTreeMap<String, Self>) -> Self {
        Self::Map(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Value {
        Value::object([
            ("name", Value::from("a")),
            ("ports", Value::list([Value::object([("speed", 10)]), Value::Unknown])),
            ("any", Value::dynamic(Type::String, "text".into())),
        ])
    }

    #[test]
    fn reads_through_null_unknown_and_dynamic() {
        let value = sample();
        assert_eq!(value.attribute("any").as_str(), Some("text"));
        assert!(value.attribute("missing").attribute("deeper").is_null());
        assert!(Value::Unknown.attribute("x").attribute("y").is_unknown());
        assert!(!value.is_wholly_known());
        assert!(!value.is_unknown());
    }

    #[test]
    fn finds_values_by_path() {
        let mut value = sample();
        let speed = AttributePath::from("ports").index(0).attribute("speed");
        assert_eq!(value.at(&speed).and_then(Value::as_i64), Some(10));
        assert_eq!(value.at(&AttributePath::from("ports").index(2)), None);
        let below = AttributePath::from("ports").index(1).attribute("speed");
        assert_eq!(value.at(&below), Some(&Value::Unknown));
        *value.at_mut(&speed).unwrap() = Value::from(20);
        assert_eq!(value.at(&speed).and_then(Value::as_i64), Some(20));
        assert_eq!(value.at(&AttributePath::root()), Some(&value));
    }
}
