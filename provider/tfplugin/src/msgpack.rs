//! Values in msgpack, the form in which they travel.
//!
//! Both directions follow the type that the schema implies: the bytes alone do not tell a list from
//! a tuple or an object from a map. Refinements of unknown values are read over and never written,
//! because one in a plan binds the final value.

mod decode;
mod encode;

pub(crate) use decode::decode;
pub(crate) use encode::encode;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::number::Number;
    use crate::path::AttributePath;
    use crate::types::Type;
    use crate::value::Value;

    fn round_trip(value: &Value, kind: &Type) {
        let bytes = encode(value, kind).unwrap();
        assert_eq!(decode(&bytes, kind).as_ref(), Ok(value), "{kind:?}");
    }

    #[test]
    fn round_trips_every_kind_of_value() {
        let number = |text| Value::Number(Number::parse(text).unwrap());
        for text in ["0", "-1", "255", "70000", "-9223372036854775808", "0.1", "1e400"] {
            round_trip(&number(text), &Type::Number);
        }
        round_trip(&number("18446744073709551615"), &Type::Number);
        round_trip(&Value::Number(Number::from_wire_float(0.5).unwrap()), &Type::Number);
        round_trip(&Value::Bool(true), &Type::Bool);
        round_trip(&Value::from("häuser"), &Type::String);
        round_trip(&Value::from("x".repeat(70_000)), &Type::String);
        for kind in
            [Type::String, Type::Dynamic, Type::list(Type::Bool), Type::object([("a", Type::Bool)])]
        {
            round_trip(&Value::Null, &kind);
            round_trip(&Value::Unknown, &kind);
        }
        let list = Value::list([Value::from("a"), Value::Unknown, Value::Null]);
        round_trip(&list, &Type::list(Type::String));
        round_trip(&list, &Type::set(Type::String));
        round_trip(&list, &Type::Tuple(vec![Type::String; 3]));
        round_trip(&Value::object([("k", list.clone())]), &Type::map(Type::list(Type::String)));
        round_trip(&Value::Map(BTreeMap::new()), &Type::object::<String>([]));
        round_trip(&Value::dynamic(Type::list(Type::String), list), &Type::Dynamic);
        round_trip(&Value::dynamic(Type::Number, Value::Unknown), &Type::Dynamic);
    }

    #[test]
    fn writes_the_forms_that_core_reads() {
        assert_eq!(encode(&Value::Unknown, &Type::String).unwrap(), [0xd4, 0, 0]);
        assert_eq!(encode(&Value::Null, &Type::Dynamic).unwrap(), [0xc0]);
        let tenth = Value::Number(Number::parse("0.1").unwrap());
        assert_eq!(encode(&tenth, &Type::Number).unwrap(), b"\xa30.1");
        let object = encode(&Value::object([("a", 1)]), &Type::object([("a", Type::Number)]));
        assert_eq!(object.unwrap(), b"\x81\xa1a\x01");
        let dynamic = encode(&Value::dynamic(Type::Bool, true.into()), &Type::Dynamic);
        assert_eq!(dynamic.unwrap(), b"\x92\xc4\x06\"bool\"\xc3");
    }

    #[test]
    fn reads_the_forms_that_core_writes() {
        let tenth = decode(b"\xa30.1", &Type::Number).unwrap();
        assert_eq!(tenth.as_number().map(ToString::to_string).as_deref(), Some("0.1"));
        let half = decode(b"\xcb\x3f\xe0\0\0\0\0\0\0", &Type::Number).unwrap();
        assert_eq!(half.as_number(), Number::parse("0.5").as_ref());
        assert_eq!(decode(b"\xca\x3f\0\0\0", &Type::Number), Ok(half));
        // Unknown but not null; unknown with a prefix; an extension of a type yet to come.
        for refined in
            [&b"\xc7\x03\x0c\x81\x01\xc2"[..], b"\xc7\x05\x0c\x81\x02\xa2ab", b"\xd5\x4d\0\0"]
        {
            assert_eq!(decode(refined, &Type::String), Ok(Value::Unknown));
            let list = [b"\x91", refined].concat();
            assert_eq!(decode(&list, &Type::list(Type::String)), Ok(Value::list([Value::Unknown])));
        }
        assert_eq!(decode(b"\xd4\0\0", &Type::Dynamic), Ok(Value::Unknown));
        let dynamic = decode(b"\x92\xa8\"string\"\xa1x", &Type::Dynamic);
        assert_eq!(dynamic, Ok(Value::dynamic(Type::String, "x".into())));
    }

    #[test]
    fn missing_attributes_are_written_as_null_and_strangers_refused() {
        let kind = Type::object([("a", Type::Number), ("b", Type::Number)]);
        let bytes = encode(&Value::object([("a", 1)]), &kind).unwrap();
        assert!(decode(&bytes, &kind).unwrap().attribute("b").is_null());
        let error = encode(&Value::object([("c", 1)]), &kind).unwrap_err();
        assert_eq!(error.path, AttributePath::from("c"));
        let nested = Type::object([("a", Type::list(Type::Bool))]);
        let error = encode(&Value::object([("a", Value::list(["x"]))]), &nested).unwrap_err();
        assert_eq!(error.to_string(), "`a[0]`: expected a value of type bool, not a string");
        assert!(encode(&Value::from("x"), &Type::Dynamic).is_err());
    }

    #[test]
    fn hostile_bytes_are_errors() {
        let kind = Type::object([("a", Type::list(Type::Dynamic)), ("b", Type::map(Type::Number))]);
        let nested_dynamic = b"\x92\xc4\x09\"dynamic\"".repeat(5000);
        let samples: [(&[u8], &Type); 12] = [
            (b"", &kind),
            (b"\x80", &kind),
            (b"\x81\xa1c\xc0", &kind),
            (b"\x82\xa1a\xc0\xa1a\xc0", &kind),
            (b"\xdf\xff\xff\xff\xff", &kind),
            (b"\xdd\xff\xff\xff\xff", &Type::list(Type::String)),
            (b"\xdb\xff\xff\xff\xffab", &Type::String),
            (b"\xa2\xff\xfe", &Type::String),
            (b"\xc9\xff\xff\xff\xff\x0c", &Type::String),
            (b"\xc3\xc3", &Type::Bool),
            (b"\xcb\x7f\xf8\0\0\0\0\0\0", &Type::Number),
            (&nested_dynamic, &Type::Dynamic),
        ];
        for (bytes, kind) in samples {
            assert!(decode(bytes, kind).is_err(), "{bytes:02x?}");
        }
    }

    #[test]
    fn every_truncation_is_an_error() {
        let kind = Type::object([("a", Type::list(Type::Dynamic)), ("b", Type::map(Type::Number))]);
        let value = Value::object([
            ("a", Value::list([Value::dynamic(Type::String, "text".into()), Value::Unknown])),
            ("b", Value::object([("k", Value::from(70_000)), ("l", Value::Null)])),
        ]);
        let bytes = encode(&value, &kind).unwrap();
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length], &kind).is_err(), "{length}");
        }
    }
}
