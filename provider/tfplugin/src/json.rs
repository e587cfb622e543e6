//! State as JSON, the form in which core stores it.
//!
//! Numbers are read from their text: the usual JSON tree would round them to a float64. That tree's
//! feature for exact numbers is not used because cargo would switch it on for every crate of a
//! build; keeping each value as raw text until its type is known does the same without that.

use std::collections::BTreeMap;

use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::number::Number;
use crate::path::{AttributePath, PathStep};
use crate::schema::Schema;
use crate::types::{MAX_DEPTH, Type};
use crate::value::Value;

/// A stored state of any version, as JSON text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawState(Vec<u8>);

/// The bytes are not a value of the type.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{}{message}", if path.is_root() { String::new() } else { format!("`{path}`: ") })]
pub struct DecodeError {
    /// Where.
    pub path: AttributePath,
    /// What is wrong there.
    pub message: String,
}

impl RawState {
    /// A state that core handed over.
    #[must_use]
    pub const fn new(json: Vec<u8>) -> Self {
        Self(json)
    }

    /// The JSON text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The value by a schema: what is missing becomes null, what the schema does not have is
    /// dropped.
    ///
    /// # Errors
    /// The text is not JSON, or an attribute has a value of another type.
    pub fn decode(&self, schema: &Schema) -> Result<Value, DecodeError> {
        self.decode_type(&schema.implied_type())
    }

    /// The same by a type.
    ///
    /// # Errors
    /// As [`RawState::decode`].
    pub fn decode_type(&self, kind: &Type) -> Result<Value, DecodeError> {
        decode(&self.0, kind)
    }

    /// The value without a schema, for states of older ones: objects and arrays, numbers exact.
    ///
    /// # Errors
    /// The text is not JSON.
    pub fn to_value(&self) -> Result<Value, DecodeError> {
        let mut reader = Reader::default();
        let raw = reader.parse(&self.0)?;
        reader.untyped(raw, MAX_DEPTH)
    }
}

/// Reads a JSON value of type `kind`.
pub(crate) fn decode(json: &[u8], kind: &Type) -> Result<Value, DecodeError> {
    let mut reader = Reader::default();
    let raw = reader.parse(json)?;
    reader.typed(raw, kind, MAX_DEPTH)
}

/// Knows where it is, for the sake of errors.
#[derive(Default)]
struct Reader {
    path: Vec<PathStep>,
}

impl Reader {
    fn parse<'a, T: serde::Deserialize<'a>>(&self, json: &'a [u8]) -> Result<T, DecodeError> {
        serde_json::from_slice(json).map_err(|error| match error.classify() {
            // The usual text quotes the value, which may be a secret.
            Category::Data => self.error("unexpected kind of value".to_owned()),
            Category::Io | Category::Syntax | Category::Eof => self.error(error.to_string()),
        })
    }

    fn typed(&mut self, raw: &RawValue, kind: &Type, depth: usize) -> Result<Value, DecodeError> {
        let text = raw.get();
        if text == "null" {
            return Ok(Value::Null);
        }
        let depth = self.deeper(depth)?;
        match kind {
            Type::String => match self.untyped(raw, depth)? {
                Value::Bool(truth) => Ok(Value::String(truth.to_string())),
                Value::Number(number) => Ok(Value::String(number.to_string())),
                value @ Value::String(_) => Ok(value),
                _ => Err(self.expected(kind)),
            },
            Type::Number => match self.untyped(raw, depth)? {
                value @ Value::Number(_) => Ok(value),
                Value::String(text) => {
                    Number::parse(&text).map(Value::Number).ok_or_else(|| self.expected(kind))
                }
                _ => Err(self.expected(kind)),
            },
            Type::Bool => match self.untyped(raw, depth)? {
                value @ Value::Bool(_) => Ok(value),
                Value::String(text) if text == "true" => Ok(Value::Bool(true)),
                Value::String(text) if text == "false" => Ok(Value::Bool(false)),
                _ => Err(self.expected(kind)),
            },
            Type::Dynamic => {
                let mut parts: BTreeMap<String, &RawValue> = self.parse(text.as_bytes())?;
                let (Some(kind), Some(value)) = (parts.remove("type"), parts.remove("value"))
                else {
                    return Err(self.expected(kind));
                };
                let kind = Type::from_json(kind.get().as_bytes())
                    .map_err(|error| self.error(error.to_string()))?;
                let value = self.typed(value, &kind, depth)?;
                Ok(Value::dynamic(kind, value))
            }
            Type::List(element) | Type::Set(element) => {
                self.elements(text, depth, std::iter::repeat(&**element))
            }
            Type::Tuple(kinds) => {
                let value = self.elements(text, depth, kinds.iter())?;
                match value.as_list() {
                    Some(elements) if elements.len() == kinds.len() => Ok(value),
                    _ => Err(self.error(format!("expected {} elements", kinds.len()))),
                }
            }
            Type::Map(element) => {
                let parts: BTreeMap<String, &RawValue> = self.parse(text.as_bytes())?;
                let mut entries = BTreeMap::new();
                for (key, raw) in parts {
                    self.path.push(PathStep::Key(key.clone()));
                    entries.insert(key, self.typed(raw, element, depth)?);
                    self.path.pop();
                }
                Ok(Value::Map(entries))
            }
            Type::Object(attributes) => {
                let parts: BTreeMap<String, &RawValue> = self.parse(text.as_bytes())?;
                let mut entries = BTreeMap::new();
                for (name, kind) in attributes {
                    self.path.push(PathStep::Attribute(name.clone()));
                    let value = match parts.get(name) {
                        Some(raw) => self.typed(raw, kind, depth)?,
                        None => Value::Null,
                    };
                    entries.insert(name.clone(), value);
                    self.path.pop();
                }
                Ok(Value::Map(entries))
            }
        }
    }

    fn elements<'k>(
        &mut self,
        text: &str,
        depth: usize,
        kinds: impl Iterator<Item = &'k Type>,
    ) -> Result<Value, DecodeError> {
        let parts: Vec<&RawValue> = self.parse(text.as_bytes())?;
        let count = parts.len();
        let mut elements = Vec::with_capacity(count);
        for (index, (raw, kind)) in parts.into_iter().zip(kinds).enumerate() {
            self.path.push(PathStep::Index(index));
            elements.push(self.typed(raw, kind, depth)?);
            self.path.pop();
        }
        if elements.len() < count {
            return Err(self.error(format!("expected {} elements, not {count}", elements.len())));
        }
        Ok(Value::List(elements))
    }

    fn untyped(&mut self, raw: &RawValue, depth: usize) -> Result<Value, DecodeError> {
        let text = raw.get();
        let depth = self.deeper(depth)?;
        match text.as_bytes().first() {
            Some(b'n') => Ok(Value::Null),
            Some(b't' | b'f') => Ok(Value::Bool(text == "true")),
            Some(b'"') => self.parse(text.as_bytes()).map(Value::String),
            Some(b'[') => {
                let parts: Vec<&RawValue> = self.parse(text.as_bytes())?;
                let mut elements = Vec::with_capacity(parts.len());
                for (index, raw) in parts.into_iter().enumerate() {
                    self.path.push(PathStep::Index(index));
                    elements.push(self.untyped(raw, depth)?);
                    self.path.pop();
                }
                Ok(Value::List(elements))
            }
            Some(b'{') => {
                let parts: BTreeMap<String, &RawValue> = self.parse(text.as_bytes())?;
                let mut entries = BTreeMap::new();
                for (key, raw) in parts {
                    self.path.push(PathStep::Attribute(key.clone()));
                    entries.insert(key, self.untyped(raw, depth)?);
                    self.path.pop();
                }
                Ok(Value::Map(entries))
            }
            _ => Number::parse(text)
                .map(Value::Number)
                .ok_or_else(|| self.error(format!("`{text}` is not a number"))),
        }
    }

    fn deeper(&self, depth: usize) -> Result<usize, DecodeError> {
        depth
            .checked_sub(1)
            .ok_or_else(|| self.error(format!("nested more than {MAX_DEPTH} levels deep")))
    }

    fn expected(&self, kind: &Type) -> DecodeError {
        self.error(format!("expected a value of type {kind}"))
    }

    fn error(&self, message: String) -> DecodeError {
        DecodeError { path: self.path.clone().into(), message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind() -> Type {
        Type::object([
            ("number", Type::Number),
            ("text", Type::String),
            ("flag", Type::Bool),
            ("any", Type::Dynamic),
            ("pair", Type::Tuple(vec![Type::String, Type::Number])),
            ("map", Type::map(Type::list(Type::Number))),
        ])
    }

    #[test]
    fn reads_a_state_with_exact_numbers() {
        let json = br#"{"number":0.10000000000000000000000000001,"text":12,"flag":"true",
            "any":{"type":["list","number"],"value":[1.50]},"pair":["a",1],"map":{"k":[1]},
            "gone":true}"#;
        let value = RawState::new(json.to_vec()).decode_type(&kind()).unwrap();
        let number = value.attribute("number").as_number().unwrap();
        assert_eq!(number.to_string(), "0.10000000000000000000000000001");
        assert_eq!(value.attribute("text").as_str(), Some("12"));
        assert_eq!(value.attribute("flag").as_bool(), Some(true));
        let any = Value::list([Number::parse("1.50").unwrap()]);
        assert_eq!(value.attribute("any"), &Value::dynamic(Type::list(Type::Number), any));
        assert!(value.attribute("gone").is_null());
    }

    #[test]
    fn missing_attributes_are_null() {
        let value = RawState::new(b"{}".to_vec()).decode_type(&kind()).unwrap();
        assert_eq!(value.as_map().unwrap().len(), 6);
        assert!(value.as_map().unwrap().values().all(Value::is_null));
    }

    #[test]
    fn errors_name_the_place() {
        let error = decode(br#"{"map":{"k":[1,{}]}}"#, &kind()).unwrap_err();
        assert_eq!(error.to_string(), "`map[\"k\"][1]`: expected a value of type number");
        for json in [&b"{"[..], b"[]", br#"{"pair":["a"]}"#, br#"{"pair":["a",1,2]}"#, b"1"] {
            assert!(decode(json, &kind()).is_err());
        }
        let error = decode(br#"{"map":"a secret"}"#, &kind()).unwrap_err();
        assert_eq!(error.to_string(), "`map`: unexpected kind of value");
        let deep = "[".repeat(100_000);
        assert!(RawState::new(deep.into_bytes()).to_value().is_err());
    }

    #[test]
    fn reads_without_a_schema() {
        let state = RawState::new(br#"{"a":[1,null,"x",{"b":false}]}"#.to_vec());
        let expected = Value::list([
            Value::from(1),
            Value::Null,
            Value::from("x"),
            Value::object([("b", false)]),
        ]);
        assert_eq!(state.to_value().unwrap().attribute("a"), &expected);
    }
}
