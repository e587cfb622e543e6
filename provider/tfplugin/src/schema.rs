//! Schemas: what a block of the configuration may hold.
//!
//! Nested attributes only. Blocks are the older form of the same thing, cannot be computed, and
//! would double every rule of this crate.

use std::collections::BTreeMap;

use crate::path::AttributePath;
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

    /// The value without what is never stored: write-only attributes become null at every level.
    #[must_use]
    pub fn without_write_only(&self, value: Value) -> Value {
        stored_object(&self.attributes, value)
    }

    /// The write-only attributes that `value` gives.
    #[must_use]
    pub fn write_only_given(&self, value: &Value) -> Vec<AttributePath> {
        let mut found = Vec::new();
        given_in(&self.attributes, value, &AttributePath::root(), &mut found);
        found
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

fn stored_object(attributes: &[Attribute], value: Value) -> Value {
    let Value::Map(mut entries) = value else { return value };
    for attribute in attributes {
        let Some(entry) = entries.get_mut(&attribute.name) else { continue };
        let taken = std::mem::take(entry);
        *entry = match (&attribute.shape, taken) {
            _ if attribute.write_only => Value::Null,
            (Shape::Nested(Nesting::Single, children), value) => stored_object(children, value),
            (Shape::Nested(_, children), Value::List(elements)) => {
                let stored = elements.into_iter().map(|value| stored_object(children, value));
                Value::List(stored.collect())
            }
            (Shape::Nested(_, children), Value::Map(entries)) => {
                let stored =
                    entries.into_iter().map(|(key, value)| (key, stored_object(children, value)));
                Value::Map(stored.collect())
            }
            (_, value) => value,
        };
    }
    Value::Map(entries)
}

fn given_in(
    attributes: &[Attribute],
    object: &Value,
    at: &AttributePath,
    found: &mut Vec<AttributePath>,
) {
    for attribute in attributes {
        let value = object.attribute(&attribute.name);
        let path = at.clone().attribute(attribute.name.as_str());
        match (&attribute.shape, value) {
            (_, Value::Null) => {}
            _ if attribute.write_only => found.push(path),
            (Shape::Nested(Nesting::Single, children), _) => {
                given_in(children, value, &path, found);
            }
            (Shape::Nested(_, children), Value::List(elements)) => {
                for (index, element) in elements.iter().enumerate() {
                    given_in(children, element, &path.clone().index(index), found);
                }
            }
            (Shape::Nested(_, children), Value::Map(entries)) => {
                for (key, element) in entries {
                    given_in(children, element, &path.clone().key(key.as_str()), found);
                }
            }
            _ => {}
        }
    }
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

    #[test]
    fn what_is_write_only_is_found_and_never_stored() {
        let inner = || {
            vec![
                Attribute::optional("password_wo", Type::String).write_only(),
                Attribute::optional("user", Type::String),
            ]
        };
        let nested = |name, nesting| Attribute::nested(name, Mode::Optional, nesting, inner());
        let mut attributes = inner();
        attributes.extend([
            nested("one", Nesting::Single),
            nested("list", Nesting::List),
            nested("by_name", Nesting::Map),
        ]);
        let schema = Schema { attributes, ..Schema::default() };
        let object = |password: Value| {
            Value::object([("password_wo", password), ("user", Value::from("me"))])
        };
        let whole = |password: Value| {
            let mut whole = object(password.clone());
            whole.set_attribute("one", object(password.clone()));
            whole.set_attribute("list", Value::list([object(password.clone())]));
            whole.set_attribute("by_name", Value::object([("a", object(password))]));
            whole
        };
        let given = schema.write_only_given(&whole("secret".into()));
        let given: Vec<String> = given.iter().map(ToString::to_string).collect();
        let expected =
            ["password_wo", "one.password_wo", "list[0].password_wo", "by_name[\"a\"].password_wo"];
        assert_eq!(given, expected);
        assert_eq!(schema.without_write_only(whole("secret".into())), whole(Value::Null));
        assert!(schema.write_only_given(&whole(Value::Null)).is_empty());
        assert_eq!(schema.without_write_only(Value::Null), Value::Null);
    }
}
