//! An expression with its type, and the rules by which types meet.
//!
//! In: checked parts. Out: parts brought to one type, with a record of every cast that some row may fail.

use std::sync::Arc;

use polars::prelude::{Expr, PlSmallStr, lit};

use super::convert::{can_fail, convert};
use super::error::SqlError;
use super::scalar::{NullPolicy, Scalar, per_row};
use super::source::{Extent, Source};
use super::types::SqlType;

/// A cast that a row may fail: its value is there, but does not stand for a value of type `to`.
///
/// The expression then reads null; blank text is such a value too, where the source has not made it null. A row whose null came about in this way has not answered what was asked, so the caller
/// rejects it: see [`Cast::fails`].
#[derive(Debug, Clone)]
pub struct Cast {
    /// The column or, where it is not a bare column that is cast, the text of what is cast.
    pub column: String,
    /// What it is cast to.
    pub to: SqlType,
    value: Expr,
}

impl Cast {
    /// True in the rows where the value is not null but its cast is; never null.
    pub fn fails(&self) -> Expr {
        self.value.clone().is_not_null().and(cast(self.value.clone(), self.to).is_null())
    }

    /// The value before the cast: text, or a number. To show it in a reject.
    pub fn value(&self) -> Expr {
        self.value.clone()
    }
}

/// Part of an expression.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub(super) ty: SqlType,
    pub(super) expr: Expr,
    pub(super) extent: Extent,
    /// The value, where it is a literal.
    pub(super) constant: Option<Scalar<'static>>,
    /// The name, where it is a bare column.
    pub(super) column: Option<String>,
}

impl Typed {
    /// A computed part.
    pub(super) fn computed(ty: SqlType, expr: Expr, extent: Extent) -> Self {
        Self { ty, expr, extent, constant: None, column: None }
    }

    /// A literal; null is untyped until it meets a type.
    pub(super) fn literal(value: Scalar<'static>, extent: Extent) -> Self {
        let ty = value.sql_type().unwrap_or(SqlType::Untyped);
        Self { ty, expr: value.literal(ty), extent, constant: Some(value), column: None }
    }

    /// A column. Numbers lose their NaN: to compare with NaN is true in Polars, and a policy would fire on a missing value.
    pub(super) fn column(name: &str, ty: SqlType, extent: Extent) -> Self {
        let bare = Expr::Column(PlSmallStr::from_str(name));
        let expr = match ty {
            SqlType::NumberList => bare,
            SqlType::Number => bare.cast(ty.dtype()).fill_nan(lit(polars::prelude::NULL)),
            _ => bare.cast(ty.dtype()),
        };
        Self { ty, expr, extent, constant: None, column: Some(name.to_owned()) }
    }

    fn is_null_literal(&self) -> bool {
        self.constant == Some(Scalar::Null)
    }

    fn is_text_literal(&self) -> bool {
        matches!(self.constant, Some(Scalar::Text(_)))
    }
}

/// `expr` converted to `to`, null where it cannot be.
pub(super) fn cast(expr: Expr, to: SqlType) -> Expr {
    per_row(vec![expr], to, NullPolicy::Spread, Arc::new(move |row| row.first().map_or(Scalar::Null, |v| convert(v, to))))
}

/// Brings types together, and collects the casts.
#[derive(Debug)]
pub(super) struct Types<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) casts: Vec<Cast>,
}

impl Types<'_> {
    /// `part` as a `to`, without a change of meaning.
    ///
    /// # Errors
    /// When only an explicit `CAST` could do it.
    pub(super) fn coerce(&mut self, part: Typed, to: SqlType) -> Result<Typed, SqlError> {
        use SqlType::{Date, Integer, Number, NumberList, Text, Timestamp, Untyped};
        if part.is_null_literal() && to != NumberList {
            return Ok(Typed { ty: to, expr: Scalar::Null.literal(to), ..part });
        }
        match (part.ty, to) {
            (from, to) if from == to => Ok(part),
            (Untyped, Text) => Ok(Typed { ty: to, ..part }),
            (NumberList, _) | (_, NumberList) => Err(self.mismatch(&part, to)),
            (Untyped, _) => {
                self.record(&part, to);
                Ok(Typed::computed(to, cast(part.expr, to), part.extent))
            }
            (Text, Timestamp | Date) if part.is_text_literal() => self.literal(part, to),
            (Integer, Number) | (Date, Timestamp) | (_, Untyped) => match &part.constant {
                Some(_) => self.literal(part, to),
                None => Ok(Typed::computed(to, cast(part.expr, to), part.extent)),
            },
            _ => Err(self.mismatch(&part, to)),
        }
    }

    /// Remembers that `part` is cast to `to`.
    pub(super) fn record(&mut self, part: &Typed, to: SqlType) {
        if !can_fail(part.ty, to) || part.constant.is_some() {
            return;
        }
        let column = part.column.clone().unwrap_or_else(|| self.source.text(part.extent));
        if !self.casts.iter().any(|c| c.column == column && c.to == to) {
            self.casts.push(Cast { column, to, value: part.expr.clone() });
        }
    }

    /// A literal read as a `to` now rather than in every row.
    pub(super) fn literal(&self, part: Typed, to: SqlType) -> Result<Typed, SqlError> {
        let value = part.constant.as_ref().map_or(Scalar::Null, |v| convert(v, to));
        if value.is_null() && !part.is_null_literal() {
            let message = format!("{} cannot be read as {to}", self.source.text(part.extent));
            return Err(SqlError::TypeMismatch { message, place: self.source.place(part.extent) });
        }
        Ok(Typed { ty: to, expr: value.literal(to), constant: Some(value), column: None, extent: part.extent })
    }

    /// Brings `parts` to the one type in which they are compared: numbers to `Number` unless all are integers, dates to
    /// timestamps, and untyped text to whatever it meets.
    ///
    /// # Errors
    /// At the first part that cannot be brought there.
    pub(super) fn comparable(&mut self, parts: Vec<Typed>) -> Result<Vec<Typed>, SqlError> {
        let types: Vec<SqlType> = parts.iter().filter(|p| !p.is_null_literal()).map(|p| p.ty).collect();
        let has = |ty| types.contains(&ty);
        let order = [SqlType::NumberList, SqlType::Timestamp, SqlType::Date, SqlType::Boolean, SqlType::Number, SqlType::Integer];
        let to = match order.into_iter().find(|ty| has(*ty)) {
            Some(SqlType::Integer) if types.iter().any(|ty| *ty != SqlType::Integer) => SqlType::Number,
            Some(to) => to,
            None if has(SqlType::Text) => SqlType::Text,
            None => SqlType::Untyped,
        };
        if to == SqlType::NumberList
            && let Some(part) = parts.iter().find(|p| p.ty == to)
        {
            return Err(self.mismatch_as(part, "a single value"));
        }
        parts.into_iter().map(|part| self.coerce(part, to)).collect()
    }

    /// As [`Types::comparable`], for parts that are put in order. Untyped text alone has none: as text, `'9' > '10'`.
    ///
    /// # Errors
    /// As there, and when no part has a type.
    pub(super) fn ordered(&mut self, parts: Vec<Typed>) -> Result<Vec<Typed>, SqlError> {
        match (parts.first(), parts.last()) {
            (Some(first), Some(last)) if parts.iter().all(|p| p.ty == SqlType::Untyped && p.constant.is_none()) => {
                let text = self.source.text(first.extent);
                let message = format!("nothing here has a known type, so there is no order: write CAST({text} AS DOUBLE)");
                Err(SqlError::TypeMismatch { message, place: self.source.place(first.extent.to(last.extent)) })
            }
            _ => self.comparable(parts),
        }
    }

    /// Brings `parts` to the one type of a result that may be any of them. Where one is untyped so is the result, and whoever
    /// gives the result its type checks all of it.
    ///
    /// # Errors
    /// At the first part that cannot be brought there.
    pub(super) fn alike(&mut self, parts: Vec<Typed>) -> Result<Vec<Typed>, SqlError> {
        if let Some(list) = parts.iter().find(|p| p.ty == SqlType::NumberList) {
            return Err(self.mismatch_as(list, "a single value"));
        }
        if parts.iter().any(|p| p.ty == SqlType::Untyped && !p.is_null_literal()) {
            return parts.into_iter().map(|part| self.coerce(part, SqlType::Untyped)).collect();
        }
        self.comparable(parts)
    }

    /// `part` as a number: integers stay integers.
    pub(super) fn numeric(&mut self, part: Typed) -> Result<Typed, SqlError> {
        let to = if part.ty == SqlType::Integer { SqlType::Integer } else { SqlType::Number };
        self.coerce(part, to)
    }

    /// `part` written as text.
    pub(super) fn written(&mut self, part: Typed) -> Result<Typed, SqlError> {
        let part = if part.ty == SqlType::Text { part } else { self.coerce(part, SqlType::Untyped)? };
        Ok(Typed { ty: SqlType::Text, ..part })
    }

    /// The error for `part` where a `to` is needed, with the mend that fits.
    fn mismatch(&self, part: &Typed, to: SqlType) -> SqlError {
        use SqlType::{Boolean, Date, Integer, Number, Text, Timestamp};
        let text = self.source.text(part.extent);
        let mend = match (part.ty, to) {
            (Text, Integer | Number) if part.is_text_literal() => match part.constant.as_ref().map(|v| convert(v, Number)) {
                Some(Scalar::Number(_)) => ": write the number without quotes".to_owned(),
                _ => String::new(),
            },
            (Text, Boolean) if part.is_text_literal() => ": write TRUE or FALSE without quotes".to_owned(),
            (Text | Number, Integer) => format!(": write CAST({text} AS BIGINT)"),
            (Text, Number) => format!(": write CAST({text} AS DOUBLE)"),
            (Text, Boolean) => format!(": write CAST({text} AS BOOLEAN)"),
            (Text, Timestamp) => format!(": write CAST({text} AS TIMESTAMP)"),
            (Text, Date) | (Timestamp, Date) => format!(": write CAST({text} AS DATE)"),
            (Integer | Number, Timestamp) => format!(": write TO_TIMESTAMP({text}) for seconds since 1970"),
            (Integer | Number, Boolean) if part.constant.is_some() => ": write TRUE or FALSE".to_owned(),
            (Integer | Number, Boolean) => format!(": write {text} <> 0"),
            (SqlType::NumberList, _) => String::new(),
            (_, Text) => format!(": write CAST({text} AS TEXT)"),
            _ => String::new(),
        };
        let message = format!("this is {}, but {to} is needed here{mend}", part.ty);
        SqlError::TypeMismatch { message, place: self.source.place(part.extent) }
    }

    fn mismatch_as(&self, part: &Typed, needed: &str) -> SqlError {
        let message = format!("this is {}, but {needed} is needed here", part.ty);
        SqlError::TypeMismatch { message, place: self.source.place(part.extent) }
    }
}
