//! From the parser's tree of a condition to boxes.

use std::collections::BTreeSet;

use sqlparser::ast::{BinaryOperator, Expr as Tree, UnaryOperator, Value};

use super::Ranges;
use super::values::{End, Range, Values};
use crate::sql::types::SqlType;

/// Beyond it not every whole number is a number.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// What names stand for.
pub(super) struct Reading<'a> {
    pub(super) columns: &'a [(String, SqlType)],
    pub(super) parameters: &'a [(String, f64)],
}

/// A value known before any row is.
enum Constant {
    Number(f64),
    Text(String),
    Null,
}

impl Reading<'_> {
    /// The rows on which `tree` is `wanted`: true, or false and not null.
    pub(super) fn truth(&self, tree: &Tree, wanted: bool) -> Ranges {
        match tree {
            Tree::Nested(inner) => self.truth(inner, wanted),
            Tree::UnaryOp { op: UnaryOperator::Not, expr } => self.truth(expr, !wanted),
            Tree::Value(value) => match &value.value {
                Value::Boolean(value) if *value == wanted => Ranges::everywhere(),
                Value::Boolean(_) | Value::Null => Ranges::never(),
                _ => Ranges::unknown(),
            },
            Tree::IsNull(expr) => self.nullness(expr, wanted),
            Tree::IsNotNull(expr) => self.nullness(expr, !wanted),
            Tree::BinaryOp { left, op: op @ (BinaryOperator::And | BinaryOperator::Or), right } => {
                let joined_by_and = (*op == BinaryOperator::And) == wanted;
                let mut parts = chain(left, op, right).into_iter().map(|part| self.truth(part, wanted));
                let first = parts.next().unwrap_or_else(Ranges::unknown);
                parts.fold(first, |all, part| if joined_by_and { all.and(&part) } else { all.or(part) })
            }
            Tree::BinaryOp { left, op, right } => self.comparison(left, op, right, wanted),
            Tree::Between { expr, negated, low, high } => {
                let is_inside = wanted != *negated;
                let from = self.comparison(expr, &BinaryOperator::GtEq, low, is_inside);
                let to = self.comparison(expr, &BinaryOperator::LtEq, high, is_inside);
                if is_inside { from.and(&to) } else { from.or(to) }
            }
            Tree::InList { expr, list, negated } => self.in_list(expr, list, wanted != *negated),
            _ => Ranges::unknown(),
        }
    }

    fn nullness(&self, expr: &Tree, is_null: bool) -> Ranges {
        match self.column(expr) {
            Some((name, _)) if is_null => Ranges::column(name, Range::null()),
            Some((name, _)) => Ranges::column(name, Range::of(Values::Anything)),
            None => Ranges::unknown(),
        }
    }

    fn comparison(&self, left: &Tree, op: &BinaryOperator, right: &Tree, wanted: bool) -> Ranges {
        let (op, column, constant) = match (self.column(left), self.constant(right), self.constant(left), self.column(right)) {
            (Some(column), Some(constant), ..) => (op.clone(), column, constant),
            (_, _, Some(constant), Some(column)) => (mirrored(op), column, constant),
            _ => return Ranges::unknown(),
        };
        let op = if wanted { op } else { opposite(&op) };
        match (column, constant) {
            (_, Constant::Null) => Ranges::never(),
            ((name, SqlType::Number | SqlType::Integer), Constant::Number(at)) => numbers(name, &op, at),
            ((name, SqlType::Text), Constant::Text(text)) => texts(name, &op, text),
            _ => Ranges::unknown(),
        }
    }

    fn in_list(&self, expr: &Tree, list: &[Tree], is_inside: bool) -> Ranges {
        let Some((name, ty)) = self.column(expr) else { return Ranges::unknown() };
        let Some(items) = list.iter().map(|item| self.constant(item)).collect::<Option<Vec<_>>>() else {
            return Ranges::unknown();
        };
        // Of what is not in a list with NULL it is not known whether it is.
        if !is_inside && items.iter().any(|item| matches!(item, Constant::Null)) {
            return Ranges::never();
        }
        let op = if is_inside { BinaryOperator::Eq } else { BinaryOperator::NotEq };
        let of_type = |item: &Constant| {
            matches!(
                (item, ty),
                (Constant::Null, _)
                    | (Constant::Text(_), SqlType::Text)
                    | (Constant::Number(_), SqlType::Number | SqlType::Integer)
            )
        };
        if !items.iter().all(of_type) {
            return Ranges::unknown();
        }
        if ty == SqlType::Text {
            let listed: BTreeSet<String> =
                items.into_iter().filter_map(|item| if let Constant::Text(text) = item { Some(text) } else { None }).collect();
            let values = if is_inside { Values::Texts(listed) } else { Values::NotTexts(listed) };
            return Ranges::column(name, Range::of(values));
        }
        let parts = items.into_iter().filter_map(|item| if let Constant::Number(at) = item { Some(at) } else { None });
        let parts = parts.map(|at| numbers(name, &op, at));
        if is_inside {
            parts.fold(Ranges::never(), Ranges::or)
        } else {
            parts.fold(Ranges::column(name, Range::of(Values::Anything)), |all, part| all.and(&part))
        }
    }

    fn column<'t>(&self, tree: &'t Tree) -> Option<(&'t str, SqlType)> {
        match tree {
            Tree::Nested(inner) => self.column(inner),
            Tree::Identifier(name) => {
                let found = self.columns.iter().find(|(known, _)| *known == name.value);
                found.map(|(_, ty)| (name.value.as_str(), *ty))
            }
            _ => None,
        }
    }

    fn constant(&self, tree: &Tree) -> Option<Constant> {
        match tree {
            Tree::Nested(inner) => self.constant(inner),
            Tree::Value(value) => match &value.value {
                Value::SingleQuotedString(text) => Some(Constant::Text(text.clone())),
                Value::Null => Some(Constant::Null),
                _ => self.number(tree).map(Constant::Number),
            },
            _ => self.number(tree).map(Constant::Number),
        }
    }

    /// The number that `tree` is whatever the row, if the engine surely computes the same.
    fn number(&self, tree: &Tree) -> Option<f64> {
        let number = match tree {
            Tree::Nested(inner) => self.number(inner)?,
            Tree::Identifier(name) => self.parameters.iter().find(|(known, _)| *known == name.value)?.1,
            Tree::Value(value) => match &value.value {
                Value::Number(digits, _) => digits.parse().ok()?,
                _ => return None,
            },
            Tree::UnaryOp { op: UnaryOperator::Minus, expr } => -self.number(expr)?,
            Tree::UnaryOp { op: UnaryOperator::Plus, expr } => self.number(expr)?,
            Tree::BinaryOp { left, op, right } => {
                let (left, right) = (self.number(left)?, self.number(right)?);
                match op {
                    BinaryOperator::Plus => left + right,
                    BinaryOperator::Minus => left - right,
                    BinaryOperator::Multiply => left * right,
                    BinaryOperator::Divide => left / right,
                    _ => return None,
                }
            }
            _ => return None,
        };
        (number.abs() < WHOLE).then_some(number)
    }
}

fn numbers(name: &str, op: &BinaryOperator, at: f64) -> Ranges {
    let of = |low: Option<End>, high: Option<End>| Ranges::column(name, Range::of(Values::Between { low, high }));
    let end = |is_closed| Some(End { at, is_closed });
    match op {
        BinaryOperator::Eq => of(end(true), end(true)),
        BinaryOperator::NotEq => of(None, end(false)).or(of(end(false), None)),
        BinaryOperator::Lt => of(None, end(false)),
        BinaryOperator::LtEq => of(None, end(true)),
        BinaryOperator::Gt => of(end(false), None),
        BinaryOperator::GtEq => of(end(true), None),
        _ => Ranges::unknown(),
    }
}

fn texts(name: &str, op: &BinaryOperator, text: String) -> Ranges {
    let texts = BTreeSet::from([text]);
    match op {
        BinaryOperator::Eq => Ranges::column(name, Range::of(Values::Texts(texts))),
        BinaryOperator::NotEq => Ranges::column(name, Range::of(Values::NotTexts(texts))),
        _ => Ranges::unknown(),
    }
}

/// The operator for the sides the other way round.
fn mirrored(op: &BinaryOperator) -> BinaryOperator {
    match op {
        BinaryOperator::Lt => BinaryOperator::Gt,
        BinaryOperator::LtEq => BinaryOperator::GtEq,
        BinaryOperator::Gt => BinaryOperator::Lt,
        BinaryOperator::GtEq => BinaryOperator::LtEq,
        other => other.clone(),
    }
}

/// The operator that is true where `op` is false.
fn opposite(op: &BinaryOperator) -> BinaryOperator {
    match op {
        BinaryOperator::Eq => BinaryOperator::NotEq,
        BinaryOperator::NotEq => BinaryOperator::Eq,
        BinaryOperator::Lt => BinaryOperator::GtEq,
        BinaryOperator::LtEq => BinaryOperator::Gt,
        BinaryOperator::Gt => BinaryOperator::LtEq,
        BinaryOperator::GtEq => BinaryOperator::Lt,
        other => other.clone(),
    }
}

/// The operands of `a op b op c`, from left to right, without recursion: the chain may be long.
fn chain<'t>(left: &'t Tree, op: &BinaryOperator, right: &'t Tree) -> Vec<&'t Tree> {
    let (mut operands, mut rest) = (vec![right], left);
    while let Tree::BinaryOp { left, op: other, right } = rest
        && other == op
    {
        operands.push(right);
        rest = left;
    }
    operands.push(rest);
    operands.reverse();
    operands
}
