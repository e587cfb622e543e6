//! Writing: an attribute that is missing is null, one that the schema does not have is an error.

use rmp::encode as write;

use crate::number::Encoded;
use crate::path::{AttributePath, PathStep};
use crate::types::Type;
use crate::value::Value;

/// A value that does not have the type of the schema: a mistake of the provider.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}`: {message}")]
pub(crate) struct EncodeError {
    pub(crate) path: AttributePath,
    pub(crate) message: String,
}

/// Writes `value` as a value of type `kind`.
pub(crate) fn encode(value: &Value, kind: &Type) -> Result<Vec<u8>, EncodeError> {
    let mut writer = Writer { bytes: Vec::new(), path: Vec::new() };
    writer.value(value, kind)?;
    Ok(writer.bytes)
}

struct Writer {
    bytes: Vec<u8>,
    path: Vec<PathStep>,
}

/// Writing into a vector has no way to fail.
const INFALLIBLE: &str = "a vector takes any byte";

#[expect(clippy::expect_used, reason = "writing into a vector cannot fail")]
impl Writer {
    fn value(&mut self, value: &Value, kind: &Type) -> Result<(), EncodeError> {
        match (kind, value) {
            (_, Value::Null) => write::write_nil(&mut self.bytes).expect(INFALLIBLE),
            (_, Value::Unknown) => self.bytes.extend([0xd4, 0, 0]),
            (Type::Dynamic, Value::Dynamic(inner)) => {
                write::write_array_len(&mut self.bytes, 2).expect(INFALLIBLE);
                write::write_bin(&mut self.bytes, &inner.0.to_json()).expect(INFALLIBLE);
                self.value(&inner.1, &inner.0)?;
            }
            (Type::Bool, Value::Bool(truth)) => {
                write::write_bool(&mut self.bytes, *truth).expect(INFALLIBLE);
            }
            (Type::String, Value::String(text)) => {
                write::write_str(&mut self.bytes, text).expect(INFALLIBLE);
            }
            (Type::Number, Value::Number(number)) => match number.encoded() {
                Encoded::Integer(integer) => {
                    write::write_sint(&mut self.bytes, integer).expect(INFALLIBLE);
                }
                Encoded::Float(float) => {
                    write::write_f64(&mut self.bytes, float).expect(INFALLIBLE);
                }
                Encoded::Text(text) => write::write_str(&mut self.bytes, text).expect(INFALLIBLE),
            },
            (Type::List(element) | Type::Set(element), Value::List(elements)) => {
                self.elements(elements, std::iter::repeat(&**element))?;
            }
            (Type::Tuple(kinds), Value::List(elements)) if kinds.len() == elements.len() => {
                self.elements(elements, kinds.iter())?;
            }
            (Type::Map(element), Value::Map(entries)) => {
                let count = self.count(entries.len())?;
                write::write_map_len(&mut self.bytes, count).expect(INFALLIBLE);
                for (key, value) in entries {
                    write::write_str(&mut self.bytes, key).expect(INFALLIBLE);
                    self.path.push(PathStep::Key(key.clone()));
                    self.value(value, element)?;
                    self.path.pop();
                }
            }
            (Type::Object(attributes), Value::Map(entries)) => {
                if let Some(name) = entries.keys().find(|name| !attributes.contains_key(*name)) {
                    self.path.push(PathStep::Attribute(name.clone()));
                    return Err(self.error("the schema has no such attribute".to_owned()));
                }
                let count = self.count(attributes.len())?;
                write::write_map_len(&mut self.bytes, count).expect(INFALLIBLE);
                for (name, kind) in attributes {
                    write::write_str(&mut self.bytes, name).expect(INFALLIBLE);
                    self.path.push(PathStep::Attribute(name.clone()));
                    self.value(entries.get(name).unwrap_or(&Value::Null), kind)?;
                    self.path.pop();
                }
            }
            (kind, value) => {
                let found = kind_of(value);
                return Err(self.error(format!("expected a value of type {kind}, not {found}")));
            }
        }
        Ok(())
    }

    fn elements<'k>(
        &mut self,
        elements: &[Value],
        kinds: impl Iterator<Item = &'k Type>,
    ) -> Result<(), EncodeError> {
        let count = self.count(elements.len())?;
        write::write_array_len(&mut self.bytes, count).expect(INFALLIBLE);
        for (index, (value, kind)) in elements.iter().zip(kinds).enumerate() {
            self.path.push(PathStep::Index(index));
            self.value(value, kind)?;
            self.path.pop();
        }
        Ok(())
    }

    fn count(&self, count: usize) -> Result<u32, EncodeError> {
        u32::try_from(count).map_err(|_| self.error(format!("{count} elements are too many")))
    }

    fn error(&self, message: String) -> EncodeError {
        EncodeError { path: self.path.clone().into(), message }
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Unknown => "an unknown value",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::List(_) => "a list",
        Value::Map(_) => "a map or object",
        Value::Dynamic(_) => "a value with a type of its own",
    }
}
