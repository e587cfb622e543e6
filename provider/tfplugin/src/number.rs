//! Numbers keep the spelling they arrived in.
//!
//! Core computes with 512 bits and compares a planned number with the configured one exactly. A
//! float64 of `0.1` is another number for it than the text `0.1`, so a number is an integer, a
//! float that core itself sent, or the decimal text, and goes back as what it was.

use std::fmt;

/// A number of any size and precision; equality is numeric and exact.
#[derive(Clone, Debug)]
pub struct Number(Form);

#[derive(Clone, Debug)]
enum Form {
    Integer(i64),
    /// Never NaN, never a value that `Integer` can hold.
    Float(f64),
    /// JSON number grammar, never a value that `Integer` can hold when written without exponent.
    Decimal(String),
}

/// How a number travels in msgpack.
#[derive(Debug, PartialEq)]
pub(crate) enum Encoded<'a> {
    Integer(i64),
    Float(f64),
    Text(&'a str),
}

impl Number {
    /// Reads a number in the grammar of JSON (`-12`, `0.1`, `1e400`) and keeps its spelling;
    /// `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Canonical::of_text(text)?;
        Some(match text.parse::<i64>() {
            Ok(integer) => Self(Form::Integer(integer)),
            Err(_) => Self(Form::Decimal(text.to_owned())),
        })
    }

    /// The shortest decimal that reads back as `value`, which is what a person would have written;
    /// `None` for NaN and the infinities.
    #[must_use]
    pub fn from_f64(value: f64) -> Option<Self> {
        if value.is_finite() { Self::parse(&value.to_string()) } else { None }
    }

    /// Exactly this float, as core sent it; `None` for NaN.
    pub(crate) fn from_wire_float(value: f64) -> Option<Self> {
        if value.is_nan() {
            return None;
        }
        let exact = value.is_finite().then(|| format!("{value:.0}"));
        match exact.and_then(|text| text.parse::<i64>().ok()) {
            Some(integer) if value.fract() == 0.0 => Some(Self(Form::Integer(integer))),
            _ => Some(Self(Form::Float(value))),
        }
    }

    /// The number as an `i64`, if it is an integer in that range.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Form::Integer(integer) => Some(*integer),
            // A float with an integral value in range was made an integer when it was read.
            Form::Float(_) => None,
            Form::Decimal(text) => Canonical::of_text(text)?.as_i64(),
        }
    }

    /// The number as a `u64`, if it is an integer in that range.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match &self.0 {
            Form::Decimal(text) if text.parse::<u64>().is_ok() => text.parse().ok(),
            _ => self.as_i64()?.try_into().ok(),
        }
    }

    /// The nearest `f64`.
    #[must_use]
    pub fn as_f64(&self) -> f64 {
        match &self.0 {
            #[expect(clippy::cast_precision_loss, reason = "the nearest value is what is asked")]
            Form::Integer(integer) => *integer as f64,
            Form::Float(float) => *float,
            Form::Decimal(text) => text.parse().unwrap_or(f64::NAN),
        }
    }

    pub(crate) fn encoded(&self) -> Encoded<'_> {
        match &self.0 {
            Form::Integer(integer) => Encoded::Integer(*integer),
            Form::Float(float) => Encoded::Float(*float),
            Form::Decimal(text) => Encoded::Text(text),
        }
    }

    fn canonical(&self) -> Option<Canonical> {
        match &self.0 {
            Form::Integer(integer) => Canonical::of_text(&integer.to_string()),
            // 1074 fraction digits write every float64 exactly.
            Form::Float(float) if float.is_finite() => {
                Canonical::of_text(&format!("{float:.1074}"))
            }
            Form::Float(_) => None,
            Form::Decimal(text) => Canonical::of_text(text),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Form::Integer(a), Form::Integer(b)) => a == b,
            (Form::Float(a), Form::Float(b)) => a == b,
            _ => match (self.canonical(), other.canonical()) {
                (Some(a), Some(b)) => a == b,
                _ => false,
            },
        }
    }
}

impl Eq for Number {}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Integer(integer) => integer.fmt(formatter),
            Form::Float(float) => float.fmt(formatter),
            Form::Decimal(text) => text.fmt(formatter),
        }
    }
}

macro_rules! from_small_integer {
    ($($kind:ty),*) => { $(
        impl From<$kind> for Number {
            fn from(value: $kind) -> Self {
                Self(Form::Integer(i64::from(value)))
            }
        }
    )* };
}

from_small_integer!(i8, i16, i32, i64, u8, u16, u32);

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        match i64::try_from(value) {
            Ok(integer) => Self(Form::Integer(integer)),
            Err(_) => Self(Form::Decimal(value.to_string())),
        }
    }
}

/// Sign, digits without outer zeros, and the power of ten of the last digit: equal numbers have
/// equal parts, and nothing is ever expanded, however large the exponent.
#[derive(PartialEq)]
struct Canonical {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Canonical {
    fn of_text(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let padded = whole.len() > 1 && whole.starts_with('0');
        if whole.is_empty() || padded || !is_number(whole) || !is_number(fraction) {
            return None;
        }
        let all = format!("{whole}{fraction}");
        let leading = all.trim_start_matches('0');
        let digits = leading.trim_end_matches('0');
        if digits.is_empty() {
            return Some(Self { negative: false, digits: String::new(), exponent: 0 });
        }
        let trimmed = i64::try_from(leading.len() - digits.len()).ok()?;
        let fraction_digits = i64::try_from(fraction.len()).ok()?;
        let exponent = exponent.checked_sub(fraction_digits)?.checked_add(trimmed)?;
        Some(Self { negative, digits: digits.to_owned(), exponent })
    }

    fn as_i64(&self) -> Option<i64> {
        if self.digits.is_empty() {
            return Some(0);
        }
        // An i64 has at most 19 digits.
        let zeros = usize::try_from(self.exponent).ok().filter(|zeros| *zeros < 20)?;
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}{}{}", self.digits, "0".repeat(zeros)).parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    #[test]
    fn keeps_the_spelling_of_a_decimal() {
        for text in
            ["0.1", "1.50", "1e400", "-0.000000000000000000000000001", "18446744073709551616"]
        {
            assert_eq!(number(text).to_string(), text);
            assert_eq!(number(text).encoded(), Encoded::Text(text));
        }
        assert_eq!(number("12").encoded(), Encoded::Integer(12));
    }

    #[test]
    fn compares_by_value_and_exactly() {
        assert_eq!(number("1.50"), number("15e-1"));
        assert_eq!(number("1000"), number("1e3"));
        assert_eq!(number("-0"), number("0.00"));
        assert_eq!(Number::from_wire_float(0.5), Some(number("0.5")));
        assert_ne!(Number::from_wire_float(0.1), Some(number("0.1")));
        assert_eq!(Number::from_f64(0.1), Some(number("0.1")));
        assert_ne!(number("1"), number("-1"));
    }

    #[test]
    fn refuses_what_is_not_a_number() {
        for text in [
            "",
            "-",
            "1.",
            ".5",
            "1e",
            "0x10",
            "NaN",
            "inf",
            "007",
            "1 ",
            "--1",
            "1e99999999999999999999",
        ] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
        assert!(Number::from_wire_float(f64::NAN).is_none());
        assert!(Number::from_f64(f64::INFINITY).is_none());
    }

    #[test]
    fn converts_to_integers_only_when_exact() {
        assert_eq!(number("1e3").as_i64(), Some(1000));
        assert_eq!(number("2.0").as_i64(), Some(2));
        assert_eq!(number("2.5").as_i64(), None);
        assert_eq!(number("1e999999999999").as_i64(), None);
        assert_eq!(Number::from(u64::MAX).as_u64(), Some(u64::MAX));
        assert_eq!(Number::from(u64::MAX).as_i64(), None);
        assert_eq!(Number::from_wire_float(3.0).unwrap().as_i64(), Some(3));
        assert_eq!(number("-1").as_u64(), None);
    }
}
