//! The types of values and their JSON spelling in schemas and dynamic values.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value as Json, json};

/// How deep types and values may nest; core's own limits are of this order, and a hostile message
/// must not overflow the stack.
pub(crate) const MAX_DEPTH: usize = 100;

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// Any type; the value says which.
    Dynamic,
    /// Elements of one type, in order.
    List(Box<Type>),
    /// Elements of one type, without order and without repetition.
    Set(Box<Type>),
    /// Elements of one type by name.
    Map(Box<Type>),
    /// Fixed names, each with its own type.
    Object(BTreeMap<String, Type>),
    /// Fixed positions, each with its own type.
    Tuple(Vec<Type>),
}

/// The bytes are not a type.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a type: {0}")]
pub struct TypeError(String);

impl Type {
    /// A list of `element`.
    #[must_use]
    pub fn list(element: Self) -> Self {
        Self::List(Box::new(element))
    }

    /// A set of `element`.
    #[must_use]
    pub fn set(element: Self) -> Self {
        Self::Set(Box::new(element))
    }

    /// A map of `element`.
    #[must_use]
    pub fn map(element: Self) -> Self {
        Self::Map(Box::new(element))
    }

    /// An object with these attributes.
    pub fn object<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Object(attributes.into_iter().map(|(name, kind)| (name.into(), kind)).collect())
    }

    /// The type in the compact JSON of schemas, for example `["list","string"]`.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        self.json().to_string().into_bytes()
    }

    /// Reads the JSON of schemas and dynamic values.
    ///
    /// # Errors
    /// The bytes are not JSON, not a type, or nest too deeply.
    pub fn from_json(bytes: &[u8]) -> Result<Self, TypeError> {
        let json = serde_json::from_slice(bytes).map_err(|error| TypeError(error.to_string()))?;
        Self::read(&json, MAX_DEPTH)
    }

    fn json(&self) -> Json {
        match self {
            Self::String => json!("string"),
            Self::Number => json!("number"),
            Self::Bool => json!("bool"),
            Self::Dynamic => json!("dynamic"),
            Self::List(element) => json!(["list", element.json()]),
            Self::Set(element) => json!(["set", element.json()]),
            Self::Map(element) => json!(["map", element.json()]),
            Self::Object(attributes) => {
                let attributes: serde_json::Map<_, _> =
                    attributes.iter().map(|(name, kind)| (name.clone(), kind.json())).collect();
                json!(["object", attributes])
            }
            Self::Tuple(elements) => {
                json!(["tuple", elements.iter().map(Self::json).collect::<Vec<_>>()])
            }
        }
    }

    fn read(json: &Json, depth: usize) -> Result<Self, TypeError> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(TypeError(format!("nested more than {MAX_DEPTH} levels deep")));
        };
        let element = |json: &Json| Self::read(json, depth).map(Box::new);
        let unknown = || TypeError(format!("`{json}`"));
        if let Some(name) = json.as_str() {
            return match name {
                "string" => Ok(Self::String),
                "number" => Ok(Self::Number),
                "bool" => Ok(Self::Bool),
                "dynamic" => Ok(Self::Dynamic),
                _ => Err(unknown()),
            };
        }
        match json.as_array().map(Vec::as_slice) {
            Some([Json::String(kind), inner]) => match (kind.as_str(), inner) {
                ("list", _) => Ok(Self::List(element(inner)?)),
                ("set", _) => Ok(Self::Set(element(inner)?)),
                ("map", _) => Ok(Self::Map(element(inner)?)),
                ("object", Json::Object(attributes)) => Self::read_object(attributes, depth),
                ("tuple", Json::Array(elements)) => {
                    let elements = elements.iter().map(|json| Self::read(json, depth));
                    Ok(Self::Tuple(elements.collect::<Result<_, _>>()?))
                }
                _ => Err(unknown()),
            },
            // The third part names the optional attributes; a value has them all the same.
            Some([Json::String(kind), Json::Object(attributes), Json::Array(_)])
                if kind == "object" =>
            {
                Self::read_object(attributes, depth)
            }
            _ => Err(unknown()),
        }
    }

    fn read_object(
        attributes: &serde_json::Map<String, Json>,
        depth: usize,
    ) -> Result<Self, TypeError> {
        let read = |(name, json): (&String, &Json)| Ok((name.clone(), Self::read(json, depth)?));
        Ok(Self::Object(attributes.iter().map(read).collect::<Result<_, _>>()?))
    }
}

impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String => formatter.write_str("string"),
            Self::Number => formatter.write_str("number"),
            Self::Bool => formatter.write_str("bool"),
            Self::Dynamic => formatter.write_str("any type"),
            Self::List(element) => write!(formatter, "list of {element}"),
            Self::Set(element) => write!(formatter, "set of {element}"),
            Self::Map(element) => write!(formatter, "map of {element}"),
            Self::Object(_) => formatter.write_str("object"),
            Self::Tuple(_) => formatter.write_str("tuple"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_every_type() {
        let deep = Type::object([
            ("list", Type::list(Type::set(Type::Number))),
            ("map", Type::map(Type::Bool)),
            ("any", Type::Dynamic),
            ("tuple", Type::Tuple(vec![Type::String, Type::Number])),
        ]);
        let json = deep.to_json();
        assert_eq!(Type::from_json(&json), Ok(deep));
        assert_eq!(Type::list(Type::String).to_json(), br#"["list","string"]"#);
        let optional = br#"["object",{"a":"string"},["a"]]"#;
        assert_eq!(Type::from_json(optional), Ok(Type::object([("a", Type::String)])));
    }

    #[test]
    fn refuses_what_is_not_a_type() {
        let deep = [r#"["list","#.repeat(110), r#""string""#.into(), "]".repeat(110)].concat();
        for text in ["", "12", r#""text""#, r#"["list"]"#, r#"["map","string",[]]"#, "[]", &deep] {
            assert!(Type::from_json(text.as_bytes()).is_err(), "{text}");
        }
    }
}
