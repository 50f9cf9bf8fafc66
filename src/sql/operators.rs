//! Operators: arithmetic, `||`, comparison, `AND`, `OR`, `NOT`.

use std::sync::Arc;

use polars::prelude::Expr;
use sqlparser::ast::{BinaryOperator, Expr as Tree, UnaryOperator};

use super::error::SqlError;
use super::functions::join;
use super::lower::{Lowering, span_of};
use super::scalar::{NullPolicy, RowFunction, Scalar, per_row};
use super::source::Extent;
use super::typed::Typed;
use super::types::SqlType;

/// On integers; `None` where the result is none.
type WholeOperation = fn(i64, i64) -> Option<i64>;
/// On numbers; not finite where the result is none.
type RealOperation = fn(f64, f64) -> f64;

impl Lowering<'_> {
    pub(super) fn unary(&mut self, op: UnaryOperator, expr: &Tree, depth: usize) -> Result<Typed, SqlError> {
        let part = self.expr(expr, depth)?;
        let extent = Extent { first: part.extent.first.saturating_sub(1), ..part.extent };
        match op {
            UnaryOperator::Not => {
                let part = self.types.coerce(part, SqlType::Boolean)?;
                Ok(Typed::computed(SqlType::Boolean, part.expr.not(), extent))
            }
            UnaryOperator::Plus => Ok(Typed { extent, ..self.types.numeric(part)? }),
            UnaryOperator::Minus => {
                let part = self.types.numeric(part)?;
                match part.constant {
                    Some(value) => Ok(Typed::literal(negative(&value), extent)),
                    None => {
                        let row: RowFunction = Arc::new(|row| row.first().map_or(Scalar::Null, negative));
                        Ok(Typed::computed(part.ty, per_row(vec![part.expr], part.ty, NullPolicy::Spread, row), extent))
                    }
                }
            }
            _ => self.refuse_at("this operator is not allowed", extent),
        }
    }

    pub(super) fn binary(&mut self, left: &Tree, op: &BinaryOperator, right: &Tree, depth: usize) -> Result<Typed, SqlError> {
        match op {
            BinaryOperator::And | BinaryOperator::Or => self.connected(left, op, right, depth),
            BinaryOperator::StringConcat => self.concatenated(left, right, depth),
            _ => {
                let (left, right) = (self.expr(left, depth)?, self.expr(right, depth)?);
                let extent = left.extent.to(right.extent);
                match op {
                    BinaryOperator::Plus
                    | BinaryOperator::Minus
                    | BinaryOperator::Multiply
                    | BinaryOperator::Divide
                    | BinaryOperator::Modulo => self.arithmetic(left, op, right),
                    BinaryOperator::Eq
                    | BinaryOperator::NotEq
                    | BinaryOperator::Lt
                    | BinaryOperator::LtEq
                    | BinaryOperator::Gt
                    | BinaryOperator::GtEq => self.comparison(left, op, right),
                    _ => self.refuse_at("this operator is not allowed", extent),
                }
            }
        }
    }

    /// A chain of `AND` or of `OR`: one level deep however long, both here and in Polars.
    fn connected(&mut self, left: &Tree, op: &BinaryOperator, right: &Tree, depth: usize) -> Result<Typed, SqlError> {
        let parts = self.chain(left, op, right, depth)?;
        let extent = span_of(&parts);
        let parts =
            parts.into_iter().map(|p| Ok(self.types.coerce(p, SqlType::Boolean)?.expr)).collect::<Result<Vec<_>, SqlError>>()?;
        let join = if *op == BinaryOperator::And { Expr::and } else { Expr::or };
        Ok(Typed::computed(SqlType::Boolean, balanced(parts, join), extent))
    }

    fn concatenated(&mut self, left: &Tree, right: &Tree, depth: usize) -> Result<Typed, SqlError> {
        let parts = self.chain(left, &BinaryOperator::StringConcat, right, depth)?;
        let extent = span_of(&parts);
        let parts = parts.into_iter().map(|p| Ok(self.types.written(p)?.expr)).collect::<Result<Vec<_>, SqlError>>()?;
        let row: RowFunction = Arc::new(|row| join(row.iter()));
        Ok(Typed::computed(SqlType::Text, per_row(parts, SqlType::Text, NullPolicy::Spread, row), extent))
    }

    /// The operands of `a op b op c`, from left to right, without recursion: the chain may be long.
    fn chain(&mut self, left: &Tree, op: &BinaryOperator, right: &Tree, depth: usize) -> Result<Vec<Typed>, SqlError> {
        let (mut operands, mut rest) = (vec![right], left);
        while let Tree::BinaryOp { left, op: other, right } = rest
            && other == op
        {
            operands.push(right);
            rest = left;
        }
        operands.push(rest);
        operands.into_iter().rev().map(|operand| self.expr(operand, depth)).collect()
    }

    fn arithmetic(&mut self, left: Typed, op: &BinaryOperator, right: Typed) -> Result<Typed, SqlError> {
        let extent = left.extent.to(right.extent);
        let whole = left.ty == SqlType::Integer && right.ty == SqlType::Integer && *op != BinaryOperator::Divide;
        let ty = if whole { SqlType::Integer } else { SqlType::Number };
        let (left, right) = (self.types.coerce(left, ty)?, self.types.coerce(right, ty)?);
        let (whole, real): (WholeOperation, RealOperation) = match op {
            BinaryOperator::Plus => (i64::checked_add, |a, b| a + b),
            BinaryOperator::Minus => (i64::checked_sub, |a, b| a - b),
            BinaryOperator::Multiply => (i64::checked_mul, |a, b| a * b),
            BinaryOperator::Modulo => (i64::checked_rem, |a, b| a % b),
            _ => (i64::checked_div, |a, b| a / b),
        };
        // Overflow and division by zero are null: the integer operations say so, and a number that is not finite is stored as null.
        let row: RowFunction = Arc::new(move |row| match row {
            [Scalar::Integer(a), Scalar::Integer(b)] => whole(*a, *b).map_or(Scalar::Null, Scalar::Integer),
            [Scalar::Number(a), Scalar::Number(b)] => Scalar::Number(real(*a, *b)),
            _ => Scalar::Null,
        });
        Ok(Typed::computed(ty, per_row(vec![left.expr, right.expr], ty, NullPolicy::Spread, row), extent))
    }

    fn comparison(&mut self, left: Typed, op: &BinaryOperator, right: Typed) -> Result<Typed, SqlError> {
        let extent = left.extent.to(right.extent);
        let parts = match op {
            BinaryOperator::Eq | BinaryOperator::NotEq => self.types.comparable(vec![left, right])?,
            _ => self.types.ordered(vec![left, right])?,
        };
        let Ok([left, right]): Result<[Typed; 2], _> = parts.try_into() else {
            return self.refuse_at("this comparison is not allowed", extent);
        };
        let compare = match op {
            BinaryOperator::Eq => Expr::eq::<Expr>,
            BinaryOperator::NotEq => Expr::neq::<Expr>,
            BinaryOperator::Lt => Expr::lt::<Expr>,
            BinaryOperator::LtEq => Expr::lt_eq::<Expr>,
            BinaryOperator::Gt => Expr::gt::<Expr>,
            _ => Expr::gt_eq::<Expr>,
        };
        Ok(Typed::computed(SqlType::Boolean, compare(left.expr, right.expr), extent))
    }
}

fn negative<'a>(value: &Scalar<'a>) -> Scalar<'a> {
    match value {
        Scalar::Integer(v) => v.checked_neg().map_or(Scalar::Null, Scalar::Integer),
        Scalar::Number(v) => Scalar::Number(-v),
        _ => Scalar::Null,
    }
}

/// `parts` joined by an associative operator as a tree of logarithmic height, which Polars can walk without a deep stack.
fn balanced(mut parts: Vec<Expr>, join: fn(Expr, Expr) -> Expr) -> Expr {
    while parts.len() > 1 {
        let mut pairs = parts.into_iter();
        let mut joined = Vec::new();
        while let Some(left) = pairs.next() {
            joined.push(match pairs.next() {
                Some(right) => join(left, right),
                None => left,
            });
        }
        parts = joined;
    }
    parts.pop().unwrap_or_else(|| polars::prelude::lit(true))
}
