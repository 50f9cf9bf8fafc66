//! From the parser's tree to a typed Polars expression: what an expression may consist of, names and literals.
//!
//! In: the parser's tree. Out: the same, checked. Anything that `Lowering::expr` doesn't list is refused. The operators are in
//! `operators`, what is true or false in `conditions`, functions and casts in `call`.

use std::borrow::Cow;
use std::collections::BTreeSet;

use sqlparser::ast::{
    CeilFloorKind, DataType, DateTimeField, Expr as Tree, Ident, TimezoneInfo, TypedString, Value, ValueWithSpan,
};

use super::conditions::Negation;
use super::error::{SqlError, suggestion};
use super::like::CasePolicy;
use super::scalar::Scalar;
use super::source::{Extent, MAX_DEPTH, Source};
use super::typed::{Typed, Types};
use super::types::SqlType;

/// Columns that the error for an unknown one lists.
const COLUMNS_LISTED: usize = 12;
/// Parts that an expression may have.
const MAX_NODES: usize = 2_000;

/// Walks one tree once.
#[derive(Debug)]
pub(super) struct Lowering<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) types: Types<'a>,
    columns: &'a [(String, SqlType)],
    /// The columns that were read.
    pub(super) used: BTreeSet<String>,
    n_nodes: usize,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(source: &'a Source<'a>, columns: &'a [(String, SqlType)]) -> Self {
        Self { source, types: Types { source, casts: Vec::new() }, columns, used: BTreeSet::new(), n_nodes: 0 }
    }

    /// The checked form of `tree`, which lies `depth` levels inside the expression.
    pub(super) fn expr(&mut self, tree: &Tree, depth: usize) -> Result<Typed, SqlError> {
        self.n_nodes += 1;
        if self.n_nodes > MAX_NODES {
            let place = self.source.place(self.source.whole());
            return Err(SqlError::TooLong { limit: MAX_NODES, unit: "names, literals and operators", place });
        }
        if depth > MAX_DEPTH {
            return Err(SqlError::TooDeep { limit: MAX_DEPTH, place: self.source.place(self.source.whole()) });
        }
        let inner = depth + 1;
        match tree {
            Tree::Identifier(name) => self.column(name),
            Tree::Value(value) => self.value(value),
            Tree::TypedString(typed) => self.typed_string(typed),
            Tree::Nested(nested) => {
                let part = self.expr(nested, inner)?;
                let extent = Extent { first: part.extent.first.saturating_sub(1), last: part.extent.last + 1 };
                Ok(Typed { extent, ..part })
            }
            Tree::UnaryOp { op, expr } => self.unary(*op, expr, inner),
            Tree::BinaryOp { left, op, right } => self.binary(left, op, right, inner),
            Tree::IsNull(expr) => self.is_null(expr, Negation::Plain, inner),
            Tree::IsNotNull(expr) => self.is_null(expr, Negation::Negated, inner),
            Tree::InList { expr, list, negated } => self.in_list(expr, list, Negation::of(*negated), inner),
            Tree::Between { expr, negated, low, high } => self.between([expr, low, high], Negation::of(*negated), inner),
            Tree::Like { negated, any: false, expr, pattern, escape_char } => {
                self.like([expr, pattern], escape_char.as_ref(), CasePolicy::Sensitive, Negation::of(*negated), inner)
            }
            Tree::ILike { negated, any: false, expr, pattern, escape_char } => {
                self.like([expr, pattern], escape_char.as_ref(), CasePolicy::Insensitive, Negation::of(*negated), inner)
            }
            Tree::Case { operand, conditions, else_result, case_token, end_token } => {
                let (case, end) = (self.source.token_at(case_token.0.span.start), self.source.token_at(end_token.0.span.start));
                let part = self.case(operand.as_deref(), conditions, else_result.as_deref(), inner)?;
                Ok(Typed { extent: case.to(end), ..part })
            }
            Tree::Cast { kind, expr, data_type, array: false, format: None } => self.explicit_cast(kind, expr, data_type, inner),
            Tree::Function(function) => self.function(function, inner),
            Tree::Trim { expr, trim_where: None, trim_what: None, trim_characters: None } => self.special("TRIM", &[expr], inner),
            Tree::Substring { expr, substring_from: Some(start), substring_for: None, .. } => {
                self.special("SUBSTR", &[expr, start], inner)
            }
            Tree::Substring { expr, substring_from: Some(start), substring_for: Some(length), .. } => {
                self.special("SUBSTR", &[expr, start, length], inner)
            }
            Tree::Position { expr, r#in } => self.special("POSITION", &[r#in, expr], inner),
            Tree::Ceil { expr, field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) } => {
                self.special("CEIL", &[expr], inner)
            }
            Tree::Floor { expr, field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) } => {
                self.special("FLOOR", &[expr], inner)
            }
            _ => self.refuse(tree, inner),
        }
    }

    /// The error for a `tree` that is not part of the language. The parser gives few of these a place, so that some are underlined
    /// as a whole.
    fn refuse(&mut self, tree: &Tree, depth: usize) -> Result<Typed, SqlError> {
        let whole = self.source.whole();
        match tree {
            Tree::IsTrue(expr) | Tree::IsNotTrue(expr) | Tree::IsFalse(expr) | Tree::IsNotFalse(expr) => {
                let extent = self.expr(expr, depth)?.extent;
                let extent = Extent { first: extent.last + 1, last: (extent.last + 2).min(whole.last) };
                self.refuse_at("IS TRUE and IS FALSE are not allowed: write COALESCE(condition, FALSE)", extent)
            }
            Tree::Tuple(parts) => {
                let first = parts.first().map(|p| self.expr(p, depth)).transpose()?.map_or(whole, |p| p.extent);
                let open = first.first.saturating_sub(1);
                let extent = Extent { first: open, last: self.source.closing(open) };
                self.refuse_at("a list of values may stand only behind IN", extent)
            }
            Tree::Trim { .. } => self.refuse_at("only TRIM(text) is allowed: it takes white space from both ends", whole),
            Tree::Substring { .. } => self.refuse_at("SUBSTRING needs a start: write SUBSTR(text, start, length)", whole),
            Tree::Ceil { .. } | Tree::Floor { .. } => self.refuse_at("CEIL and FLOOR take one number", whole),
            _ => self.refuse_at("this kind of expression is not allowed", whole),
        }
    }

    pub(super) fn refuse_at<T>(&self, what: &str, extent: Extent) -> Result<T, SqlError> {
        Err(SqlError::NotAllowed { what: what.to_owned(), place: self.source.place(extent) })
    }

    fn column(&mut self, name: &Ident) -> Result<Typed, SqlError> {
        let extent = self.source.token_at(name.span.start);
        match self.columns.iter().find(|(column, _)| *column == name.value) {
            Some((column, ty)) => {
                self.used.insert(column.clone());
                Ok(Typed::column(column, *ty, extent))
            }
            None => Err(SqlError::UnknownColumn {
                name: name.value.clone(),
                suggestion: suggestion(&name.value, self.columns.iter().map(|(c, _)| c.as_str()), COLUMNS_LISTED),
                place: self.source.place(extent),
            }),
        }
    }

    fn value(&self, value: &ValueWithSpan) -> Result<Typed, SqlError> {
        let extent = self.source.token_at(value.span.start);
        let scalar = match &value.value {
            Value::SingleQuotedString(text) => Scalar::Text(Cow::Owned(text.clone())),
            Value::Boolean(value) => Scalar::Boolean(*value),
            Value::Null => Scalar::Null,
            Value::Number(digits, _) => match (digits.parse(), digits.parse::<f64>()) {
                (Ok(whole), _) => Scalar::Integer(whole),
                (Err(_), Ok(number)) if number.is_finite() => Scalar::Number(number),
                _ => return self.refuse_at("this number is too large", extent),
            },
            _ => return self.refuse_at("this kind of literal is not allowed", extent),
        };
        Ok(Typed::literal(scalar, extent))
    }

    /// `TIMESTAMP '…'` or `DATE '…'`.
    fn typed_string(&self, typed: &TypedString) -> Result<Typed, SqlError> {
        let value = self.source.token_at(typed.value.span.start);
        let extent = Extent { first: value.first.saturating_sub(1), last: value.last };
        let to = match (&typed.data_type, &typed.value.value) {
            (DataType::Timestamp(None, TimezoneInfo::None), Value::SingleQuotedString(_)) => SqlType::Timestamp,
            (DataType::Date, Value::SingleQuotedString(_)) => SqlType::Date,
            _ => return self.refuse_at("only TIMESTAMP '…' and DATE '…' are allowed here", extent),
        };
        self.types.literal(Typed { extent, ..self.value(&typed.value)? }, to)
    }
}

/// From the first part to the last.
pub(super) fn span_of(parts: &[Typed]) -> Extent {
    match (parts.first(), parts.last()) {
        (Some(first), Some(last)) => first.extent.to(last.extent),
        _ => Extent { first: 0, last: 0 },
    }
}
