//! Casts: which type can become which, and how one cell does.
//!
//! The text forms are those in which `tables` reads its columns, so that a cast and a bare mapping agree.

use std::borrow::Cow;

use chrono_tz::Tz;

use super::scalar::Scalar;
use super::types::SqlType;
use crate::units::{Day, Timestamp};

/// Microseconds in a day.
const DAY_US: i64 = 86_400_000_000;
/// Largest whole number up to which every integer is a float of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Whether a cast from `from` to `to` exists.
pub(super) fn is_castable(from: SqlType, to: SqlType) -> bool {
    use SqlType::{Boolean, Date, Integer, Number, NumberList, Text, Timestamp, Untyped};
    match (from, to) {
        (NumberList, _) | (_, NumberList) => from == to,
        (Text | Untyped, _) | (_, Text | Untyped) => true,
        (Integer | Number | Boolean, Integer | Number) | (Integer | Boolean, Boolean) => true,
        (Timestamp | Date, Timestamp | Date) => true,
        _ => false,
    }
}

/// Whether some values of `from` have no counterpart in `to`.
pub(super) fn can_fail(from: SqlType, to: SqlType) -> bool {
    let is_text = |ty| matches!(ty, SqlType::Text | SqlType::Untyped);
    (is_text(from) && !is_text(to)) || (from == SqlType::Number && to == SqlType::Integer)
}

/// `value` as a `to`; null where it has no counterpart.
///
/// Text is trimmed. Number to integer rounds half away from zero. A timestamp without an offset is UTC.
pub(super) fn convert<'a>(value: &Scalar<'a>, to: SqlType) -> Scalar<'a> {
    let converted = match (value, to) {
        (Scalar::Text(text), SqlType::Text | SqlType::Untyped) => Some(Scalar::Text(text.clone())),
        (Scalar::Text(text), _) => read(text.trim(), to),
        (_, SqlType::Text | SqlType::Untyped) => write(value).map(|text| Scalar::Text(Cow::Owned(text))),
        (Scalar::Integer(v), SqlType::Integer) => Some(Scalar::Integer(*v)),
        (Scalar::Integer(v), SqlType::Number) => Some(Scalar::Number(*v as f64)),
        (Scalar::Integer(v), SqlType::Boolean) => Some(Scalar::Boolean(*v != 0)),
        (Scalar::Number(v), SqlType::Number) => Some(Scalar::Number(*v)),
        (Scalar::Number(v), SqlType::Integer) => whole(v.round()),
        (Scalar::Boolean(v), SqlType::Boolean) => Some(Scalar::Boolean(*v)),
        (Scalar::Boolean(v), SqlType::Integer) => Some(Scalar::Integer(i64::from(*v))),
        (Scalar::Boolean(v), SqlType::Number) => Some(Scalar::Number(f64::from(u8::from(*v)))),
        (Scalar::Timestamp(v), SqlType::Timestamp) => Some(Scalar::Timestamp(*v)),
        (Scalar::Timestamp(v), SqlType::Date) => day_of(*v),
        (Scalar::Date(v), SqlType::Date) => Some(Scalar::Date(*v)),
        (Scalar::Date(v), SqlType::Timestamp) => Some(Scalar::Timestamp(i64::from(*v) * DAY_US)),
        _ => None,
    };
    converted.unwrap_or(Scalar::Null)
}

/// The value that `text` stands for.
fn read<'a>(text: &str, to: SqlType) -> Option<Scalar<'a>> {
    match to {
        // `1.0` is how a float column writes the integer 1.
        SqlType::Integer => match text.parse() {
            Ok(value) => Some(Scalar::Integer(value)),
            Err(_) => number(text).filter(|v| v.fract() == 0.0 && v.abs() < EXACT).and_then(whole),
        },
        SqlType::Number => number(text).map(Scalar::Number),
        SqlType::Boolean => boolean(text).map(Scalar::Boolean),
        SqlType::Timestamp => Timestamp::parse(text, Tz::UTC).ok().map(|t| Scalar::Timestamp(t.0)),
        SqlType::Date => match text.parse::<Day>() {
            Ok(day) => Some(Scalar::Date(day.0)),
            Err(_) => Timestamp::parse(text, Tz::UTC).ok().and_then(|t| day_of(t.0)),
        },
        SqlType::Text | SqlType::Untyped | SqlType::NumberList => None,
    }
}

/// The text form of `value`: timestamps in UTC as RFC 3339, numbers in the shortest form that reads back equal.
fn write(value: &Scalar<'_>) -> Option<String> {
    Some(match value {
        Scalar::Null => return None,
        Scalar::Text(text) => text.to_string(),
        Scalar::Integer(v) => v.to_string(),
        Scalar::Number(v) => v.to_string(),
        Scalar::Boolean(v) => v.to_string(),
        Scalar::Timestamp(v) => Timestamp(*v).to_string(),
        Scalar::Date(v) => Day(*v).to_string(),
    })
}

/// A finite decimal number: `nan` and `inf` are not values that a file may hold.
fn number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|v| v.is_finite())
}

fn whole<'a>(value: f64) -> Option<Scalar<'a>> {
    // 2^63 itself is a float but not an i64.
    (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value).then_some(Scalar::Integer(value as i64))
}

fn boolean(text: &str) -> Option<bool> {
    let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(text));
    if is(&["true", "t", "yes", "y", "1"]) { Some(true) } else { is(&["false", "f", "no", "n", "0"]).then_some(false) }
}

fn day_of<'a>(us: i64) -> Option<Scalar<'a>> {
    i32::try_from(us.div_euclid(DAY_US)).ok().map(Scalar::Date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: Scalar<'_>, to: SqlType, expect: &str) {
        assert_eq!(format!("{:?}", convert(&value, to)), expect);
    }

    fn text(value: &str) -> Scalar<'_> {
        Scalar::Text(Cow::Borrowed(value))
    }

    #[test]
    fn text_is_read() {
        check(text(" 12 "), SqlType::Integer, "Integer(12)");
        check(text("12.0"), SqlType::Integer, "Integer(12)");
        check(text("12.5"), SqlType::Integer, "Null");
        check(text("1e3"), SqlType::Number, "Number(1000.0)");
        check(text("nan"), SqlType::Number, "Null");
        check(text(""), SqlType::Number, "Null");
        check(text("1,5"), SqlType::Number, "Null");
        check(text("Yes"), SqlType::Boolean, "Boolean(true)");
        check(text("2"), SqlType::Boolean, "Null");
        check(text("1970-01-02T00:00:00+01:00"), SqlType::Timestamp, "Timestamp(82800000000)");
        check(text("1970-01-02 23:00:00"), SqlType::Date, "Date(1)");
        check(text("yesterday"), SqlType::Date, "Null");
    }

    #[test]
    fn values_are_written() {
        check(Scalar::Number(1234.0), SqlType::Text, r#"Text("1234")"#);
        check(Scalar::Number(0.1), SqlType::Text, r#"Text("0.1")"#);
        check(Scalar::Boolean(true), SqlType::Text, r#"Text("true")"#);
        check(Scalar::Timestamp(0), SqlType::Text, r#"Text("1970-01-01T00:00:00Z")"#);
        check(Scalar::Date(-1), SqlType::Text, r#"Text("1969-12-31")"#);
    }

    #[test]
    fn numbers_round_and_never_wrap() {
        check(Scalar::Number(2.5), SqlType::Integer, "Integer(3)");
        check(Scalar::Number(-2.5), SqlType::Integer, "Integer(-3)");
        check(Scalar::Number(1e300), SqlType::Integer, "Null");
        check(Scalar::Timestamp(-1), SqlType::Date, "Date(-1)");
    }

    #[test]
    fn impossible_casts_are_known() {
        assert!(!is_castable(SqlType::Timestamp, SqlType::Number));
        assert!(!is_castable(SqlType::NumberList, SqlType::Text));
        assert!(can_fail(SqlType::Untyped, SqlType::Number));
        assert!(!can_fail(SqlType::Integer, SqlType::Number));
    }
}
