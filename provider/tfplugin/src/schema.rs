//! Schemas: what a block of the configuration may hold.
//!
//! Nested attributes only. Blocks are the older form of the same thing, cannot be computed, and
//! would double every rule of this crate.

use std::collections::BTreeMap;

use crate::types::Type;
use crate::value::Value;

/// What the block of a provider, resource or data source holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Version of the stored state; raise it when the form of the state changes.
    pub version: i64,
    /// Markdown.
    pub description: String,
    /// The attributes in the order of the documentation.
    pub attributes: Vec<Attribute>,
}

/// One attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name, `[a-z0-9_]+`.
    pub name: String,
    /// Markdown.
    pub description: String,
    /// What it holds.
    pub shape: Shape,
    /// Who sets it.
    pub mode: Mode,
    /// Hidden in the output of plans.
    pub sensitive: bool,
    /// Never stored: given in the configuration, null in every reply.
    pub write_only: bool,
    /// Why not to use it any more and what instead.
    pub deprecated: Option<String>,
}

/// What an attribute holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A value of a type.
    Type(Type),
    /// One or more objects whose attributes have properties of their own.
    Nested(Nesting, Vec<Attribute>),
}

/// How many objects a nested attribute holds and how they are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// One object.
    Single,
    /// Objects in order.
    List,
    /// Objects without order; may hold neither dynamic nor write-only attributes.
    Set,
    /// Objects by name.
    Map,
}

/// Who sets an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The user must.
    Required,
    /// The user may; otherwise it is null.
    Optional,
    /// Only the provider.
    Computed,
    /// The user may; otherwise the provider decides.
    OptionalComputed,
}

impl Schema {
    /// The object type that values of this schema have.
    #[must_use]
    pub fn implied_type(&self) -> Type {
        object_type(&self.attributes)
    }

    /// The attribute `name` of the root object.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// Adds what is missing: every attribute of the schema, at every level of nested attributes,
    /// that `value` does not have becomes null. What the schema does not have stays as it is.
    #[must_use]
    pub fn conform(&self, value: Value) -> Value {
        conform_object(&self.attributes, value)
    }
}

impl Attribute {
    /// An attribute of this shape that only `mode` tells more about.
    pub fn new(name: impl Into<String>, mode: Mode, shape: Shape) -> Self {
        Self {
            name: name.into(),
            description: String::new(),
            shape,
            mode,
            sensitive: false,
            write_only: false,
            deprecated: None,
        }
    }

    /// An attribute that the user must set.
    pub fn required(name: impl Into<String>, kind: Type) -> Self {
        Self::new(name, Mode::Required, Shape::Type(kind))
    }

    /// An attribute that the user may set.
    pub fn optional(name: impl Into<String>, kind: Type) -> Self {
        Self::new(name, Mode::Optional, Shape::Type(kind))
    }

    /// An attribute that only the provider sets.
    pub fn computed(name: impl Into<String>, kind: Type) -> Self {
        Self::new(name, Mode::Computed, Shape::Type(kind))
    }

    /// An attribute that the provider sets unless the user does.
    pub fn optional_computed(name: impl Into<String>, kind: Type) -> Self {
        Self::new(name, Mode::OptionalComputed, Shape::Type(kind))
    }

    /// A nested attribute.
    pub fn nested(
        name: impl Into<String>,
        mode: Mode,
        nesting: Nesting,
        attributes: Vec<Self>,
    ) -> Self {
        Self::new(name, mode, Shape::Nested(nesting, attributes))
    }

    /// The same with a description in Markdown.
    #[must_use]
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// The same, hidden in the output of plans.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// The same, never stored.
    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    /// The type that values of this attribute have.
    #[must_use]
    pub fn implied_type(&self) -> Type {
        match &self.shape {
            Shape::Type(kind) => kind.clone(),
            Shape::Nested(nesting, attributes) => {
                let object = object_type(attributes);
                match nesting {
                    Nesting::Single => object,
                    Nesting::List => Type::list(object),
                    Nesting::Set => Type::set(object),
                    Nesting::Map => Type::map(object),
                }
            }
        }
    }
}

impl Mode {
    /// May the user set it?
    #[must_use]
    pub fn is_optional(self) -> bool {
        matches!(self, Self::Optional | Self::OptionalComputed)
    }

    /// May the provider set it?
    #[must_use]
    pub fn is_computed(self) -> bool {
        matches!(self, Self::Computed | Self::OptionalComputed)
    }
}

fn object_type(attributes: &[Attribute]) -> Type {
    Type::Object(
        attributes
            .iter()
            .map(|attribute| (attribute.name.clone(), attribute.implied_type()))
            .collect::<BTreeMap<_, _>>(),
    )
}

fn conform_object(attributes: &[Attribute], value: Value) -> Value {
    let Value::Map(mut entries) = value else { return value };
    for attribute in attributes {
        let entry = entries.entry(attribute.name.clone()).or_default();
        if let Shape::Nested(nesting, children) = &attribute.shape {
            *entry = conform_nested(*nesting, children, std::mem::take(entry));
        }
    }
    Value::Map(entries)
}

fn conform_nested(nesting: Nesting, attributes: &[Attribute], value: Value) -> Value {
    let object = |value| conform_object(attributes, value);
    match (nesting, value) {
        (Nesting::Single, value) => object(value),
        (Nesting::List | Nesting::Set, Value::List(elements)) => {
            Value::List(elements.into_iter().map(object).collect())
        }
        (Nesting::Map, Value::Map(entries)) => {
            Value::Map(entries.into_iter().map(|(key, value)| (key, object(value))).collect())
        }
        (_, other) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conform_adds_missing_attributes_at_every_level() {
        let port = vec![
            Attribute::required("name", Type::String),
            Attribute::optional("speed", Type::Number),
        ];
        let schema = Schema {
            attributes: vec![
                Attribute::nested("ports", Mode::Optional, Nesting::List, port.clone()),
                Attribute::nested("by_name", Mode::Optional, Nesting::Map, port.clone()),
                Attribute::nested("one", Mode::Optional, Nesting::Single, port),
            ],
            ..Schema::default()
        };
        let partial = Value::object([
            ("ports", Value::list([Value::object([("name", "a")])])),
            ("by_name", Value::object([("k", Value::object([("name", "a")]))])),
        ]);
        let whole = schema.conform(partial);
        let object = Value::object([("name", Value::from("a")), ("speed", Value::Null)]);
        assert_eq!(whole.attribute("ports"), &Value::list([object.clone()]));
        assert_eq!(whole.attribute("by_name").attribute("k"), &object);
        assert_eq!(whole.as_map().map(BTreeMap::len), Some(3));
        assert!(whole.attribute("one").is_null());
        assert_eq!(schema.conform(Value::Unknown), Value::Unknown);
    }
}
