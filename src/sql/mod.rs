//! One SQL scalar expression over the columns of one row: column mappings, feed filters, signals, policies.
//!
//! In: the text and the columns' names and types. Out: a Polars expression, its type, the columns that it reads, and the casts
//! that a row may fail; or an error that underlines the place. The text is parsed by `sqlparser`; what is built from it is only
//! what this page lists. Deliberately not here: queries, aggregates, windows, files, the clock, random numbers. An expression
//! cannot read anything but its row, and its cost is bounded: 10,000 characters, 64 levels, 2,000 names, literals and operators
//! (a chain of `AND`, of `OR` or of `||` is one level, however long).
//!
//! # Names
//!
//! A column is found by its exact name, upper and lower case included. A name with spaces, dots or a keyword's spelling is written
//! in double quotes: `"item price"`. Single quotes make text: `'spam'`, with `''` for a quote in it.
//!
//! # Types
//!
//! | type | Polars | literals | where from |
//! |---|---|---|---|
//! | Text | String | `'spam'` | |
//! | Untyped | String | | text of a CSV or JSON file; becomes whatever it meets |
//! | Integer | Int64 | `12` | |
//! | Number | Float64 | `1.5`, `1e6` | never NaN or infinite inside an expression: both are null |
//! | Boolean | Boolean | `TRUE`, `FALSE` | |
//! | Timestamp | Datetime µs without zone, in UTC | `TIMESTAMP '2026-11-01 08:30:00'` | an offset in the text is applied |
//! | Date | Date | `DATE '2026-11-01'` | |
//! | NumberList | List | | can only be passed on or tested for null |
//!
//! An integer becomes a number and a date a timestamp (its midnight in UTC) where one is needed; a text literal beside a timestamp
//! or date is read as one. Nothing else converts by itself. Untyped beside an integer or a number is a number; beside text or
//! other untyped text it is text; two untyped values can be equal, but have no order. A result of several branches, one of
//! which is untyped, is untyped. `NULL` has every type.
//!
//! # Operators
//!
//! | operator | on | result | nulls |
//! |---|---|---|---|
//! | `+ - *`, unary `-` | numbers | Integer if both are, else Number | null if one is; overflow is null |
//! | `/` | numbers | Number | null if one is; by zero is null |
//! | `%` | numbers | as `+`; sign of the dividend | null if one is; by zero is null |
//! | `\|\|` | any single values, written as `CAST(x AS TEXT)` does | Text | null if one is |
//! | `= <> != < <= > >=` | two of one type; text by its bytes | Boolean | null if one is |
//! | `[NOT] BETWEEN a AND b` | as `>= a AND <= b` | Boolean | as `AND` |
//! | `[NOT] IN (…)` | literals | Boolean | null if the value is; not found in a list with NULL is null |
//! | `[NOT] LIKE`, `ILIKE`, with `ESCAPE 'c'` | text and a literal pattern; `%` any run, `_` one character | Boolean | null if the text is |
//! | `AND OR NOT` | booleans | Boolean | three-valued: `FALSE AND NULL` is false, `TRUE OR NULL` is true, else null |
//! | `IS [NOT] NULL` | anything | Boolean | never null |
//! | `CASE WHEN c THEN x … [ELSE y] END` | conditions | one type for all results | a null condition does not hold; no ELSE is null |
//! | `CASE v WHEN a THEN x … [ELSE y] END` | as `v = a` | one type for all results | null equals nothing |
//! | `CAST(x AS type)` | see below | the type | null of null; what does not convert is recorded in [`Compiled::casts`] |
//! | `TRY_CAST(x AS type)` | see below | the type | null of null and of what does not convert |
//!
//! Types to cast to: `BIGINT INTEGER DOUBLE FLOAT REAL TEXT VARCHAR BOOLEAN TIMESTAMP DATE`. Text is trimmed and read as a decimal
//! number, as `true t yes y 1 false f no n 0` in any case, or as RFC 3339 (UTC where it has no offset). Number to integer rounds
//! half away from zero. Timestamps are written in UTC, as `2026-11-01T08:30:00Z`; the number 5.0 is written `5`.
//!
//! # Functions
//!
//! Null if an argument is, unless said otherwise. Positions and lengths count characters, from 1.
//!
//! | function | result |
//! |---|---|
//! | `LOWER(text)`, `UPPER(text)` | Text |
//! | `TRIM(text)` | Text without white space at both ends |
//! | `LENGTH(text)`, `CHAR_LENGTH(text)` | Integer |
//! | `SUBSTR(text, start[, length])`, `SUBSTRING(text FROM start [FOR length])` | Text; what lies before the first character counts but is not there |
//! | `REPLACE(text, from, to)` | Text; every occurrence, literally |
//! | `CONCAT(value, …)` | Text; nulls are left out |
//! | `STRPOS(text, part)`, `POSITION(part IN text)` | Integer; 0 if not found |
//! | `STARTS_WITH(text, part)`, `ENDS_WITH(text, part)`, `CONTAINS(text, part)` | Boolean |
//! | `SPLIT_PART(text, separator, n)` | Text; empty beyond the last part |
//! | `COALESCE(value, …)` | the first that is not null |
//! | `NULLIF(a, b)` | null if `a = b`, else `a` |
//! | `LEAST(value, …)`, `GREATEST(value, …)` | of those that are not null |
//! | `ABS(number)` | Integer or Number, as the argument |
//! | `ROUND(number[, digits])` | Integer or Number, as the argument; half away from zero; 0 to 15 digits, null otherwise |
//! | `FLOOR(number)`, `CEIL(number)`, `CEILING(number)` | Number |
//! | `TO_TIMESTAMP(seconds)` | Timestamp; seconds since 1970; null outside the years 1900 to 2200 |

mod call;
mod column;
mod conditions;
mod convert;
mod dialect;
mod error;
mod evaluate;
mod functions;
mod like;
mod lower;
mod operators;
mod place;
mod ranges;
mod scalar;
mod source;
mod typed;
mod types;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use polars::prelude::{Expr, PlSmallStr};

pub use column::{SqlColumn, TextColumn};
pub use error::SqlError;
pub use evaluate::{evaluate, evaluate_conditions, evaluate_expressions, list_series, series_of};
pub use place::Place;
pub use ranges::{Range, Ranges};
pub use typed::Cast;
pub use types::SqlType;

use lower::Lowering;
use source::Source;
use typed::Typed;

/// A checked expression.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The type of its values.
    pub output: SqlType,
    /// The expression, to be evaluated in a context that has all of `columns`. Literals alone give one row: evaluate it with
    /// `with_columns`, which repeats them. Its name is unspecified: give it an alias.
    pub expr: Expr,
    /// The columns that it reads.
    pub columns: BTreeSet<String>,
    /// The casts that a row may fail, each once, in the order in which they are met. `CASE` does not shield a branch: who casts
    /// only in some rows writes `TRY_CAST`.
    pub casts: Vec<Cast>,
}

/// Compiles `sql` over `columns` (name, type), which hold the Polars types of [`SqlType::dtype`] or ones that cast to them
/// losslessly. `_row` and `_file` are columns like others: the caller lists them.
///
/// A bare column, also in parentheses, is passed through as it is: an untyped one stays untyped.
///
/// # Errors
/// With the place, for anything that is not on this module's page.
pub fn compile(sql: &str, columns: &[(String, SqlType)]) -> Result<Compiled, SqlError> {
    build(sql, columns, |_, part| Ok(part))
}

/// Compiles `sql` as a condition: as [`compile`], and the output is `Boolean`. A row for which it is null does not fulfil it.
///
/// # Errors
/// As [`compile`], and when the expression is not a condition.
pub fn compile_condition(sql: &str, columns: &[(String, SqlType)]) -> Result<Compiled, SqlError> {
    build(sql, columns, |lowering, part| lowering.types.coerce(part, SqlType::Boolean))
}

fn build(
    sql: &str,
    columns: &[(String, SqlType)],
    finish: impl Fn(&mut Lowering<'_>, Typed) -> Result<Typed, SqlError>,
) -> Result<Compiled, SqlError> {
    let source = Source::read(sql, |name| columns.iter().any(|(column, _)| column == name))?;
    let tree = dialect::parse(&source)?;
    let mut lowering = Lowering::new(&source, columns);
    let part = lowering.expr(&tree, 0)?;
    let part = finish(&mut lowering, part)?;
    let expr = part.column.map_or(part.expr, |name| Expr::Column(PlSmallStr::from_string(name)));
    Ok(Compiled { output: part.ty, expr, columns: lowering.used, casts: lowering.types.casts })
}
