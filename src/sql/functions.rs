//! The functions that an expression may call: a table, and one small function of one row for each.
//!
//! Adding one is a line in `FUNCTIONS`, its row function, and a line in the table of the module's documentation.

use std::borrow::Cow;
use std::cmp::Ordering;

use self::Parameter as P;
use super::scalar::{NullPolicy, Scalar};
use super::types::SqlType;
use crate::units::Timestamp;

/// Bytes that one cell may grow to: nested `REPLACE` could otherwise fill the memory from one line of configuration.
const MAX_CELL: usize = 16 << 20;

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parameter {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number; an integer becomes one.
    Number,
    /// An integer or a number, each left as it is.
    Numeric,
    /// Any single value, written as text.
    Written,
    /// Values that can be one result, as the branches of a `CASE` are.
    Alike,
    /// Values that can be equal to each other.
    Comparable,
    /// Values that can be put in order.
    Ordered,
}

/// The type of a function's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    /// Always this one.
    Always(SqlType),
    /// That of the first argument, after the arguments were brought to one type.
    First,
}

/// How many arguments beyond the required ones may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arity {
    /// At least this many, at most as many as there are parameters.
    From(usize),
    /// At least this many; the last parameter repeats.
    Repeating(usize),
}

/// A function of one row.
pub(super) struct Function {
    /// The name, then its other names.
    pub(super) names: &'static [&'static str],
    /// How it is called.
    pub(super) usage: &'static str,
    pub(super) parameters: &'static [Parameter],
    pub(super) arity: Arity,
    pub(super) output: Output,
    pub(super) nulls: NullPolicy,
    pub(super) row: for<'a> fn(&[Scalar<'a>]) -> Scalar<'a>,
}

impl Function {
    /// The function of this name, in whatever case.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        FUNCTIONS.iter().find(|f| f.names.iter().any(|n| n.eq_ignore_ascii_case(name)))
    }

    /// The parameter that argument `idx` is for.
    pub(super) fn parameter(&self, idx: usize) -> Option<Parameter> {
        match self.arity {
            Arity::From(_) => self.parameters.get(idx).copied(),
            Arity::Repeating(_) => self.parameters.get(idx).or(self.parameters.last()).copied(),
        }
    }

    /// Whether it may be called with `n` arguments.
    pub(super) fn takes(&self, n: usize) -> bool {
        match self.arity {
            Arity::From(least) => (least..=self.parameters.len()).contains(&n),
            Arity::Repeating(least) => n >= least,
        }
    }
}

const TEXT: Output = Output::Always(SqlType::Text);
const INTEGER: Output = Output::Always(SqlType::Integer);
const NUMBER: Output = Output::Always(SqlType::Number);
const BOOLEAN: Output = Output::Always(SqlType::Boolean);

/// Shortens the table: a function whose result is null when an argument is.
const fn spread(
    names: &'static [&'static str],
    usage: &'static str,
    parameters: &'static [Parameter],
    output: Output,
    row: for<'a> fn(&[Scalar<'a>]) -> Scalar<'a>,
) -> Function {
    Function { names, usage, parameters, arity: Arity::From(parameters.len()), output, nulls: NullPolicy::Spread, row }
}

/// Shortens the table: a function of any number of arguments that sees nulls.
const fn folding(
    names: &'static [&'static str],
    usage: &'static str,
    parameters: &'static [Parameter],
    output: Output,
    row: for<'a> fn(&[Scalar<'a>]) -> Scalar<'a>,
) -> Function {
    Function { names, usage, parameters, arity: Arity::Repeating(1), output, nulls: NullPolicy::Seen, row }
}

/// Every function, in the order of the documentation.
pub(super) const FUNCTIONS: &[Function] = &[
    spread(&["LOWER"], "LOWER(text)", &[P::Text], TEXT, |r| text(r, |s| Cow::Owned(s.to_lowercase()))),
    spread(&["UPPER"], "UPPER(text)", &[P::Text], TEXT, |r| text(r, |s| Cow::Owned(s.to_uppercase()))),
    spread(&["TRIM"], "TRIM(text)", &[P::Text], TEXT, |r| text(r, |s| Cow::Owned(s.trim().to_owned()))),
    spread(&["LENGTH", "CHAR_LENGTH"], "LENGTH(text)", &[P::Text], INTEGER, |r| match r {
        [Scalar::Text(s)] => count(s.chars().count()),
        _ => Scalar::Null,
    }),
    Function {
        arity: Arity::From(2),
        ..spread(
            &["SUBSTR", "SUBSTRING"],
            "SUBSTR(text, start) or SUBSTR(text, start, length)",
            &[P::Text, P::Integer, P::Integer],
            TEXT,
            substr,
        )
    },
    spread(&["REPLACE"], "REPLACE(text, from, to)", &[P::Text, P::Text, P::Text], TEXT, replace),
    folding(&["CONCAT"], "CONCAT(value, …)", &[P::Written], TEXT, concat),
    spread(&["STRPOS", "POSITION"], "STRPOS(text, part) or POSITION(part IN text)", &[P::Text, P::Text], INTEGER, |r| match r {
        [Scalar::Text(s), Scalar::Text(part)] => count(s.find(part.as_ref()).map_or(0, |at| s[..at].chars().count() + 1)),
        _ => Scalar::Null,
    }),
    spread(&["STARTS_WITH"], "STARTS_WITH(text, part)", &[P::Text, P::Text], BOOLEAN, |r| test(r, |s, part| s.starts_with(part))),
    spread(&["ENDS_WITH"], "ENDS_WITH(text, part)", &[P::Text, P::Text], BOOLEAN, |r| test(r, |s, part| s.ends_with(part))),
    spread(&["CONTAINS"], "CONTAINS(text, part)", &[P::Text, P::Text], BOOLEAN, |r| test(r, |s, part| s.contains(part))),
    spread(&["SPLIT_PART"], "SPLIT_PART(text, separator, n)", &[P::Text, P::Text, P::Integer], TEXT, split_part),
    folding(&["COALESCE"], "COALESCE(value, …)", &[P::Alike], Output::First, |r| {
        r.iter().find(|v| !v.is_null()).cloned().unwrap_or(Scalar::Null)
    }),
    Function {
        nulls: NullPolicy::Seen,
        ..spread(&["NULLIF"], "NULLIF(value, value)", &[P::Comparable, P::Comparable], Output::First, |r| match r {
            [a, b] if a.compare(b) == Some(Ordering::Equal) => Scalar::Null,
            [a, _] => a.clone(),
            _ => Scalar::Null,
        })
    },
    folding(&["LEAST"], "LEAST(value, …)", &[P::Ordered], Output::First, |r| extreme(r, Ordering::Less)),
    folding(&["GREATEST"], "GREATEST(value, …)", &[P::Ordered], Output::First, |r| extreme(r, Ordering::Greater)),
    spread(&["ABS"], "ABS(number)", &[P::Numeric], Output::First, |r| match r {
        [Scalar::Integer(v)] => v.checked_abs().map_or(Scalar::Null, Scalar::Integer),
        [Scalar::Number(v)] => Scalar::Number(v.abs()),
        _ => Scalar::Null,
    }),
    Function {
        arity: Arity::From(1),
        ..spread(&["ROUND"], "ROUND(number) or ROUND(number, digits)", &[P::Numeric, P::Integer], Output::First, round)
    },
    spread(&["FLOOR"], "FLOOR(number)", &[P::Number], NUMBER, |r| number(r, f64::floor)),
    spread(&["CEIL", "CEILING"], "CEIL(number)", &[P::Number], NUMBER, |r| number(r, f64::ceil)),
    spread(&["TO_TIMESTAMP"], "TO_TIMESTAMP(seconds)", &[P::Number], Output::Always(SqlType::Timestamp), |r| match r {
        [Scalar::Number(s)] => Timestamp::checked((s * 1e6).round() as i64).map_or(Scalar::Null, |t| Scalar::Timestamp(t.0)),
        _ => Scalar::Null,
    }),
];

fn text<'a>(row: &[Scalar<'a>], change: impl Fn(&str) -> Cow<'a, str>) -> Scalar<'a> {
    match row {
        [Scalar::Text(s)] => Scalar::Text(change(s)),
        _ => Scalar::Null,
    }
}

fn test<'a>(row: &[Scalar<'a>], holds: impl Fn(&str, &str) -> bool) -> Scalar<'a> {
    match row {
        [Scalar::Text(s), Scalar::Text(part)] => Scalar::Boolean(holds(s, part)),
        _ => Scalar::Null,
    }
}

fn number<'a>(row: &[Scalar<'a>], change: impl Fn(f64) -> f64) -> Scalar<'a> {
    match row {
        [Scalar::Number(v)] => Scalar::Number(change(*v)),
        _ => Scalar::Null,
    }
}

fn count<'a>(n: usize) -> Scalar<'a> {
    i64::try_from(n).map_or(Scalar::Null, Scalar::Integer)
}

fn owned<'a>(value: String) -> Scalar<'a> {
    Scalar::Text(Cow::Owned(value))
}

/// Characters `start..start + length`, from 1, as the standard has it: what lies before the first counts but is not there.
fn substr<'a>(row: &[Scalar<'a>]) -> Scalar<'a> {
    let (Some(Scalar::Text(s)), Some(Scalar::Integer(start))) = (row.first(), row.get(1)) else { return Scalar::Null };
    let end = match row.get(2) {
        Some(Scalar::Integer(length)) => start.saturating_add((*length).max(0)),
        _ => i64::MAX,
    };
    let skip = (*start).max(1) - 1;
    let take = (end - 1).saturating_sub(skip).max(0);
    let cut = |n: i64| usize::try_from(n).unwrap_or(usize::MAX);
    owned(s.chars().skip(cut(skip)).take(cut(take)).collect())
}

fn replace<'a>(row: &[Scalar<'a>]) -> Scalar<'a> {
    let [Scalar::Text(s), Scalar::Text(from), Scalar::Text(to)] = row else { return Scalar::Null };
    if from.is_empty() {
        return Scalar::Text(s.clone());
    }
    let grown = s.matches(from.as_ref()).count().saturating_mul(to.len()).saturating_add(s.len());
    if to.len() > from.len() && grown > MAX_CELL { Scalar::Null } else { owned(s.replace(from.as_ref(), to)) }
}

/// All texts in a row; nulls are left out.
fn concat<'a>(row: &[Scalar<'a>]) -> Scalar<'a> {
    join(row.iter().filter(|v| !v.is_null()))
}

/// All texts in a row; null when one is longer than a cell may be.
pub(super) fn join<'a, 'r>(values: impl Iterator<Item = &'r Scalar<'a>>) -> Scalar<'a>
where
    'a: 'r,
{
    let mut joined = String::new();
    for value in values {
        let Scalar::Text(part) = value else { return Scalar::Null };
        if joined.len() + part.len() > MAX_CELL {
            return Scalar::Null;
        }
        joined.push_str(part);
    }
    owned(joined)
}

/// The `n`th part, from 1; empty text beyond the last.
fn split_part<'a>(row: &[Scalar<'a>]) -> Scalar<'a> {
    let [Scalar::Text(s), Scalar::Text(separator), Scalar::Integer(n)] = row else { return Scalar::Null };
    let Some(idx) = n.checked_sub(1).and_then(|n| usize::try_from(n).ok()) else { return Scalar::Null };
    let part = if separator.is_empty() { [s.as_ref()].get(idx).copied() } else { s.split(separator.as_ref()).nth(idx) };
    owned(part.unwrap_or("").to_owned())
}

/// The least or greatest of those that are not null.
fn extreme<'a>(row: &[Scalar<'a>], wanted: Ordering) -> Scalar<'a> {
    let better =
        |best: Scalar<'a>, v: &Scalar<'a>| if best.is_null() || v.compare(&best) == Some(wanted) { v.clone() } else { best };
    row.iter().filter(|v| !v.is_null()).fold(Scalar::Null, better)
}

/// Half away from zero. Null for more than 15 digits or fewer than none.
fn round<'a>(row: &[Scalar<'a>]) -> Scalar<'a> {
    let digits = match row.get(1) {
        Some(Scalar::Integer(digits)) => *digits,
        _ => 0,
    };
    if !(0..=15).contains(&digits) {
        return Scalar::Null;
    }
    let scale = (0..digits).fold(1.0, |scale: f64, _| scale * 10.0);
    match row.first() {
        Some(Scalar::Integer(v)) => Scalar::Integer(*v),
        Some(Scalar::Number(v)) if (v * scale).is_finite() => Scalar::Number((v * scale).round() / scale),
        Some(Scalar::Number(v)) => Scalar::Number(*v),
        _ => Scalar::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_documented() {
        let names: Vec<&str> = FUNCTIONS.iter().flat_map(|f| f.names).copied().collect();
        let documented = include_str!("mod.rs");
        for (idx, name) in names.iter().enumerate() {
            assert!(!names[..idx].contains(name), "{name} twice");
            assert!(documented.contains(&format!("`{name}")), "{name} is not in the table of sql/mod.rs");
        }
    }
}
