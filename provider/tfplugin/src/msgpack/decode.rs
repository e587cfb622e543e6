//! Reading: every length is checked against what is left, every level against a limit.

use std::collections::BTreeMap;

use rmp::Marker;

use crate::json::DecodeError;
use crate::number::Number;
use crate::path::PathStep;
use crate::types::{MAX_DEPTH, Type};
use crate::value::Value;

/// Reads one value of type `kind` that fills `bytes`.
pub(crate) fn decode(bytes: &[u8], kind: &Type) -> Result<Value, DecodeError> {
    let mut reader = Reader { rest: bytes, path: Vec::new() };
    let value = reader.value(kind, MAX_DEPTH)?;
    if reader.rest.is_empty() {
        Ok(value)
    } else {
        Err(reader.error("the value is followed by more bytes"))
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    path: Vec<PathStep>,
}

impl<'a> Reader<'a> {
    fn value(&mut self, kind: &Type, depth: usize) -> Result<Value, DecodeError> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(self.error(&format!("nested more than {MAX_DEPTH} levels deep")));
        };
        let marker = self.marker()?;
        if marker == Marker::Null {
            return Ok(Value::Null);
        }
        if self.skipped_extension(marker)? {
            return Ok(Value::Unknown);
        }
        match kind {
            Type::String => self.string(marker).map(|text| Value::String(text.to_owned())),
            Type::Number => self.number(marker).map(Value::Number),
            Type::Bool => match marker {
                Marker::True => Ok(Value::Bool(true)),
                Marker::False => Ok(Value::Bool(false)),
                _ => Err(self.unexpected(kind)),
            },
            Type::Dynamic => self.dynamic(marker, depth),
            Type::List(element) | Type::Set(element) => {
                let count = self.array(marker)?;
                self.elements(std::iter::repeat_n(&**element, count), count, depth)
            }
            Type::Tuple(kinds) => {
                let count = self.array(marker)?;
                if count != kinds.len() {
                    return Err(self.error(&format!("expected {} elements", kinds.len())));
                }
                self.elements(kinds.iter(), count, depth)
            }
            Type::Map(element) => {
                let mut entries = BTreeMap::new();
                for _ in 0..self.map(marker)? {
                    let key = self.key()?;
                    self.path.push(PathStep::Key(key.to_owned()));
                    entries.insert(key.to_owned(), self.value(element, depth)?);
                    self.path.pop();
                }
                Ok(Value::Map(entries))
            }
            Type::Object(attributes) => self.object(marker, attributes, depth),
        }
    }

    fn object(
        &mut self,
        marker: Marker,
        attributes: &BTreeMap<String, Type>,
        depth: usize,
    ) -> Result<Value, DecodeError> {
        let mut entries = BTreeMap::new();
        for _ in 0..self.map(marker)? {
            let name = self.key()?;
            self.path.push(PathStep::Attribute(name.to_owned()));
            let Some(kind) = attributes.get(name) else {
                return Err(self.error("the schema has no such attribute"));
            };
            entries.insert(name.to_owned(), self.value(kind, depth)?);
            self.path.pop();
        }
        match attributes.keys().find(|name| !entries.contains_key(*name)) {
            Some(name) => Err(self.error(&format!("the attribute `{name}` is missing"))),
            None => Ok(Value::Map(entries)),
        }
    }

    fn dynamic(&mut self, marker: Marker, depth: usize) -> Result<Value, DecodeError> {
        if self.array(marker)? != 2 {
            return Err(self.unexpected(&Type::Dynamic));
        }
        let json = match self.marker()? {
            Marker::Bin8 => self.sized(1)?,
            Marker::Bin16 => self.sized(2)?,
            Marker::Bin32 => self.sized(4)?,
            other => self.string(other)?.as_bytes(),
        };
        let kind = Type::from_json(json).map_err(|error| self.error(&error.to_string()))?;
        let value = self.value(&kind, depth)?;
        Ok(Value::dynamic(kind, value))
    }

    fn elements<'k>(
        &mut self,
        kinds: impl Iterator<Item = &'k Type>,
        count: usize,
        depth: usize,
    ) -> Result<Value, DecodeError> {
        // An element takes at least a byte, so the count cannot ask for more than was sent.
        let mut elements = Vec::with_capacity(count.min(self.rest.len()).min(1024));
        for (index, kind) in kinds.enumerate() {
            self.path.push(PathStep::Index(index));
            elements.push(self.value(kind, depth)?);
            self.path.pop();
        }
        Ok(Value::List(elements))
    }

    fn number(&mut self, marker: Marker) -> Result<Number, DecodeError> {
        let invalid = |reader: &Self| reader.unexpected(&Type::Number);
        Ok(match marker {
            Marker::FixPos(value) => Number::from(value),
            Marker::FixNeg(value) => Number::from(value),
            Marker::U8 => Number::from(u8::from_be_bytes(self.fixed()?)),
            Marker::U16 => Number::from(u16::from_be_bytes(self.fixed()?)),
            Marker::U32 => Number::from(u32::from_be_bytes(self.fixed()?)),
            Marker::U64 => Number::from(u64::from_be_bytes(self.fixed()?)),
            Marker::I8 => Number::from(i8::from_be_bytes(self.fixed()?)),
            Marker::I16 => Number::from(i16::from_be_bytes(self.fixed()?)),
            Marker::I32 => Number::from(i32::from_be_bytes(self.fixed()?)),
            Marker::I64 => Number::from(i64::from_be_bytes(self.fixed()?)),
            Marker::F32 => {
                let float = f32::from_be_bytes(self.fixed()?);
                Number::from_wire_float(f64::from(float)).ok_or_else(|| invalid(self))?
            }
            Marker::F64 => {
                let float = f64::from_be_bytes(self.fixed()?);
                Number::from_wire_float(float).ok_or_else(|| invalid(self))?
            }
            other => Number::parse(self.string(other)?).ok_or_else(|| invalid(self))?,
        })
    }

    fn key(&mut self) -> Result<&'a str, DecodeError> {
        let marker = self.marker()?;
        self.string(marker)
    }

    fn string(&mut self, marker: Marker) -> Result<&'a str, DecodeError> {
        let bytes = match marker {
            Marker::FixStr(length) => self.take(usize::from(length))?,
            Marker::Str8 => self.sized(1)?,
            Marker::Str16 => self.sized(2)?,
            Marker::Str32 => self.sized(4)?,
            _ => return Err(self.unexpected(&Type::String)),
        };
        std::str::from_utf8(bytes).map_err(|_| self.error("the text is not UTF-8"))
    }

    fn array(&mut self, marker: Marker) -> Result<usize, DecodeError> {
        match marker {
            Marker::FixArray(count) => Ok(usize::from(count)),
            Marker::Array16 => self.length(2),
            Marker::Array32 => self.length(4),
            _ => Err(self.error("expected an array")),
        }
    }

    fn map(&mut self, marker: Marker) -> Result<usize, DecodeError> {
        match marker {
            Marker::FixMap(count) => Ok(usize::from(count)),
            Marker::Map16 => self.length(2),
            Marker::Map32 => self.length(4),
            _ => Err(self.error("expected a map")),
        }
    }

    /// Every extension is an unknown value, whatever its refinements say.
    fn skipped_extension(&mut self, marker: Marker) -> Result<bool, DecodeError> {
        let length = match marker {
            Marker::FixExt1 => 1,
            Marker::FixExt2 => 2,
            Marker::FixExt4 => 4,
            Marker::FixExt8 => 8,
            Marker::FixExt16 => 16,
            Marker::Ext8 => self.length(1)?,
            Marker::Ext16 => self.length(2)?,
            Marker::Ext32 => self.length(4)?,
            _ => return Ok(false),
        };
        self.take(1)?;
        self.take(length)?;
        Ok(true)
    }

    fn marker(&mut self) -> Result<Marker, DecodeError> {
        let [byte] = self.fixed()?;
        Ok(Marker::from_u8(byte))
    }

    /// Bytes whose length comes first, in `width` bytes.
    fn sized(&mut self, width: usize) -> Result<&'a [u8], DecodeError> {
        let length = self.length(width)?;
        self.take(length)
    }

    fn length(&mut self, width: usize) -> Result<usize, DecodeError> {
        let bytes = self.take(width)?;
        Ok(bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)))
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        match self.rest.split_first_chunk() {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(*bytes)
            }
            None => Err(self.error("the value ends too soon")),
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        match self.rest.split_at_checked(length) {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(bytes)
            }
            None => Err(self.error("the value ends too soon")),
        }
    }

    fn unexpected(&self, kind: &Type) -> DecodeError {
        self.error(&format!("expected a value of type {kind}"))
    }

    fn error(&self, message: &str) -> DecodeError {
        DecodeError { path: self.path.clone().into(), message: message.to_owned() }
    }
}
