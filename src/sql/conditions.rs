//! What is true or false of a value, and what is chosen by it: `IS NULL`, `IN`, `BETWEEN`, `LIKE`, `CASE`.

use std::cmp::Ordering;
use std::sync::Arc;

use polars::prelude::Expr;
use sqlparser::ast::{CaseWhen, Expr as Tree, ValueWithSpan};

use super::error::SqlError;
use super::like::{CasePolicy, matcher};
use super::lower::{Lowering, span_of};
use super::scalar::{NullPolicy, RowFunction, Scalar, per_row};
use super::source::Extent;
use super::typed::Typed;
use super::types::SqlType;

/// Whether `NOT` stands before `IN`, `LIKE`, `BETWEEN` or `NULL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Negation {
    Plain,
    Negated,
}

impl Negation {
    pub(super) fn of(negated: bool) -> Self {
        if negated { Self::Negated } else { Self::Plain }
    }

    fn apply(self, condition: Expr) -> Expr {
        match self {
            Self::Plain => condition,
            Self::Negated => condition.not(),
        }
    }
}

impl Lowering<'_> {
    pub(super) fn is_null(&mut self, expr: &Tree, negation: Negation, depth: usize) -> Result<Typed, SqlError> {
        let part = self.expr(expr, depth)?;
        let (n_tokens, test) = match negation {
            Negation::Plain => (2, part.expr.is_null()),
            Negation::Negated => (3, part.expr.is_not_null()),
        };
        let last = (part.extent.last + n_tokens).min(self.source.whole().last);
        Ok(Typed::computed(SqlType::Boolean, test, Extent { last, ..part.extent }))
    }

    pub(super) fn in_list(&mut self, expr: &Tree, list: &[Tree], negation: Negation, depth: usize) -> Result<Typed, SqlError> {
        let part = self.expr(expr, depth)?;
        let last = self.source.closing(self.source.next_open(part.extent.last));
        let extent = Extent { first: part.extent.first, last };
        let mut parts = vec![part];
        for item in list {
            let item = self.expr(item, depth)?;
            if item.constant.is_none() {
                return self.refuse_at("IN takes literals: write OR to compare with columns", item.extent);
            }
            parts.push(item);
        }
        let mut parts = self.types.comparable(parts)?.into_iter();
        let Some(part) = parts.next() else { return self.refuse_at("IN needs a value", extent) };
        let mut listed: Vec<Scalar<'static>> = parts.filter_map(|p| p.constant).collect();
        let n_items = listed.len();
        listed.retain(|v| !v.is_null());
        let absent = if listed.len() < n_items { Scalar::Null } else { Scalar::Boolean(false) };
        listed.sort_by(|a, b| a.compare(b).unwrap_or(Ordering::Equal));
        let row: RowFunction = Arc::new(move |row| match row {
            [v] if listed.binary_search_by(|l| l.compare(v).unwrap_or(Ordering::Less)).is_ok() => Scalar::Boolean(true),
            _ => absent.clone(),
        });
        let found = per_row(vec![part.expr], SqlType::Boolean, NullPolicy::Spread, row);
        Ok(Typed::computed(SqlType::Boolean, negation.apply(found), extent))
    }

    /// `x BETWEEN low AND high` is `x >= low AND x <= high`, null where that is.
    pub(super) fn between(&mut self, parts: [&Tree; 3], negation: Negation, depth: usize) -> Result<Typed, SqlError> {
        let parts = parts.into_iter().map(|p| self.expr(p, depth)).collect::<Result<Vec<_>, _>>()?;
        let extent = span_of(&parts);
        let parts = self.types.ordered(parts)?.into_iter().map(|p| p.expr).collect();
        let row: RowFunction = Arc::new(|row| {
            let [v, low, high] = row else { return Scalar::Null };
            match (v.compare(low).map(Ordering::is_ge), v.compare(high).map(Ordering::is_le)) {
                (Some(false), _) | (_, Some(false)) => Scalar::Boolean(false),
                (Some(true), Some(true)) => Scalar::Boolean(true),
                _ => Scalar::Null,
            }
        });
        let inside = per_row(parts, SqlType::Boolean, NullPolicy::Seen, row);
        Ok(Typed::computed(SqlType::Boolean, negation.apply(inside), extent))
    }

    pub(super) fn like(
        &mut self,
        [expr, pattern]: [&Tree; 2],
        escape: Option<&ValueWithSpan>,
        case: CasePolicy,
        negation: Negation,
        depth: usize,
    ) -> Result<Typed, SqlError> {
        let (part, pattern) = (self.expr(expr, depth)?, self.expr(pattern, depth)?);
        let mut extent = part.extent.to(pattern.extent);
        let escape = match escape {
            None => None,
            Some(value) => {
                extent = extent.to(self.source.token_at(value.span.start));
                let text = value.value.clone().into_string().unwrap_or_default();
                let mut characters = text.chars();
                match (characters.next(), characters.next()) {
                    (Some(c), None) => Some(c),
                    _ => return self.refuse_at("ESCAPE takes one character", extent),
                }
            }
        };
        let Some(Scalar::Text(text)) = &pattern.constant else {
            return self
                .refuse_at("LIKE takes a literal pattern: write CONTAINS, STARTS_WITH or ENDS_WITH for others", pattern.extent);
        };
        let regex = matcher(text, case, escape).or_else(|what| self.refuse_at(&what, pattern.extent))?;
        let part = self.types.coerce(part, SqlType::Text)?;
        let row: RowFunction = Arc::new(move |row| match row {
            [Scalar::Text(text)] => Scalar::Boolean(regex.is_match(text)),
            _ => Scalar::Null,
        });
        let matched = per_row(vec![part.expr], SqlType::Boolean, NullPolicy::Spread, row);
        Ok(Typed::computed(SqlType::Boolean, negation.apply(matched), extent))
    }

    /// Both forms of `CASE`. The caller sets the extent.
    pub(super) fn case(
        &mut self,
        operand: Option<&Tree>,
        conditions: &[CaseWhen],
        otherwise: Option<&Tree>,
        depth: usize,
    ) -> Result<Typed, SqlError> {
        let operand = operand.map(|o| self.expr(o, depth)).transpose()?;
        let whens = conditions.iter().map(|c| self.expr(&c.condition, depth)).collect::<Result<Vec<_>, _>>()?;
        let mut thens = conditions.iter().map(|c| self.expr(&c.result, depth)).collect::<Result<Vec<_>, _>>()?;
        if let Some(otherwise) = otherwise {
            thens.push(self.expr(otherwise, depth)?);
        }
        let compared = operand.is_some();
        let tests = match operand {
            Some(operand) => self.types.comparable(std::iter::once(operand).chain(whens).collect())?,
            None => whens.into_iter().map(|w| self.types.coerce(w, SqlType::Boolean)).collect::<Result<Vec<_>, _>>()?,
        };
        let thens = self.types.alike(thens)?;
        let ty = thens.first().map_or(SqlType::Untyped, |t| t.ty);
        let extent = span_of(&thens);
        let (n_tests, n_whens) = (tests.len(), conditions.len());
        // Columns: the operand if any, the tests, the results, the result of ELSE if any. The first test that holds decides.
        let row: RowFunction = Arc::new(move |row| {
            let (tests, results) = row.split_at(n_tests.min(row.len()));
            let hit = match tests.split_first() {
                Some((operand, tests)) if compared => tests.iter().position(|t| t.compare(operand) == Some(Ordering::Equal)),
                _ => tests.iter().position(|t| *t == Scalar::Boolean(true)),
            };
            results.get(hit.unwrap_or(n_whens)).cloned().unwrap_or(Scalar::Null)
        });
        let inputs = tests.into_iter().chain(thens).map(|p| p.expr).collect();
        Ok(Typed::computed(ty, per_row(inputs, ty, NullPolicy::Seen, row), extent))
    }
}
