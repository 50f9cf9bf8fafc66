//! One cell's value, and the one way by which a function of cells becomes a Polars expression.
//!
//! In: argument expressions and a function of one row. Out: an expression that calls it row by row. Polars' own string and
//! rounding functions are not used: they hang on cargo features and their treatment of nulls is not SQL's.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use polars::prelude::{
    BooleanChunked, Column, DataType, Expr, Field, Float64Chunked, Int32Chunked, Int64Chunked, IntoSeries, PlSmallStr,
    PolarsResult, Series, StringChunked, lit, map_multiple, polars_bail,
};

use super::types::SqlType;

/// A cell. Numbers are never NaN.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar<'a> {
    /// Missing.
    Null,
    /// Text.
    Text(Cow<'a, str>),
    /// Whole number.
    Integer(i64),
    /// Finite or infinite number.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// Microseconds since 1970, UTC.
    Timestamp(i64),
    /// Days since 1970.
    Date(i32),
}

/// A function of one row.
pub(super) type RowFunction = Arc<dyn for<'a> Fn(&[Scalar<'a>]) -> Scalar<'a> + Send + Sync>;

/// What happens when an argument is null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NullPolicy {
    /// The result is null and the function is not called.
    Spread,
    /// The function sees the null.
    Seen,
}

impl Scalar<'_> {
    /// Whether the cell is missing.
    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Order of two cells of one type; `None` when either is null or the types differ. Text orders by bytes.
    pub(super) fn compare(&self, other: &Scalar<'_>) -> Option<Ordering> {
        match (self, other) {
            (Scalar::Text(a), Scalar::Text(b)) => Some(a.as_ref().cmp(b.as_ref())),
            (Scalar::Integer(a), Scalar::Integer(b)) | (Scalar::Timestamp(a), Scalar::Timestamp(b)) => Some(a.cmp(b)),
            (Scalar::Number(a), Scalar::Number(b)) => a.partial_cmp(b),
            (Scalar::Boolean(a), Scalar::Boolean(b)) => Some(a.cmp(b)),
            (Scalar::Date(a), Scalar::Date(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// The type; `None` for null.
    pub(super) fn sql_type(&self) -> Option<SqlType> {
        match self {
            Scalar::Null => None,
            Scalar::Text(_) => Some(SqlType::Text),
            Scalar::Integer(_) => Some(SqlType::Integer),
            Scalar::Number(_) => Some(SqlType::Number),
            Scalar::Boolean(_) => Some(SqlType::Boolean),
            Scalar::Timestamp(_) => Some(SqlType::Timestamp),
            Scalar::Date(_) => Some(SqlType::Date),
        }
    }

    /// The literal of this value as a Polars expression of type `ty`.
    pub(super) fn literal(&self, ty: SqlType) -> Expr {
        match self {
            Scalar::Null => lit(polars::prelude::NULL).cast(ty.dtype()),
            Scalar::Text(text) => lit(text.to_string()),
            Scalar::Integer(value) | Scalar::Timestamp(value) => lit(*value).cast(ty.dtype()),
            Scalar::Number(value) => lit(*value),
            Scalar::Boolean(value) => lit(*value),
            Scalar::Date(value) => lit(*value).cast(ty.dtype()),
        }
    }
}

/// `function` over `arguments`, row by row, with a result of type `output`. A literal argument is repeated for every row.
pub(super) fn per_row(arguments: Vec<Expr>, output: SqlType, nulls: NullPolicy, function: RowFunction) -> Expr {
    let evaluate = move |columns: &mut [Column]| {
        let name = columns.first().map_or(PlSmallStr::EMPTY, |c| c.name().clone());
        let cells = columns.iter().map(Cells::new).collect::<PolarsResult<Vec<_>>>()?;
        let n_rows = cells.iter().map(Cells::len).find(|len| *len != 1).unwrap_or(1);
        let mut row = Vec::with_capacity(cells.len());
        let mut results = Results::new(output, n_rows)?;
        for row_idx in 0..n_rows {
            row.clear();
            row.extend(cells.iter().map(|c| c.at(row_idx)));
            let missing = nulls == NullPolicy::Spread && row.iter().any(Scalar::is_null);
            results.push(if missing { Scalar::Null } else { function(&row) });
        }
        Ok(Column::from(results.finish(name, output)?))
    };
    map_multiple(evaluate, arguments, move |_, fields: &[Field]| {
        Ok(Field::new(fields.first().map_or(PlSmallStr::EMPTY, |f| f.name().clone()), output.dtype()))
    })
}

/// The cells of one argument. Contiguous, so that access by row is constant time.
enum Cells {
    Null(usize),
    Text(StringChunked),
    Integer(Int64Chunked),
    Number(Float64Chunked),
    Boolean(BooleanChunked),
    Timestamp(Int64Chunked),
    Date(Int32Chunked),
}

impl Cells {
    fn new(column: &Column) -> PolarsResult<Self> {
        let series = column.as_materialized_series_maintain_scalar().rechunk();
        Ok(match series.dtype() {
            DataType::Null => Self::Null(series.len()),
            DataType::String => Self::Text(series.str()?.clone()),
            DataType::Int64 => Self::Integer(series.i64()?.clone()),
            DataType::Float64 => Self::Number(series.f64()?.clone()),
            DataType::Boolean => Self::Boolean(series.bool()?.clone()),
            DataType::Datetime(..) => Self::Timestamp(series.to_physical_repr().i64()?.clone()),
            DataType::Date => Self::Date(series.to_physical_repr().i32()?.clone()),
            other => polars_bail!(ComputeError: "column `{}` has the type {other}, which no SQL type stands for", series.name()),
        })
    }

    fn len(&self) -> usize {
        match self {
            Self::Null(len) => *len,
            Self::Text(c) => c.len(),
            Self::Integer(c) | Self::Timestamp(c) => c.len(),
            Self::Number(c) => c.len(),
            Self::Boolean(c) => c.len(),
            Self::Date(c) => c.len(),
        }
    }

    fn at(&self, row_idx: usize) -> Scalar<'_> {
        let row_idx = if self.len() == 1 { 0 } else { row_idx };
        let value = match self {
            Self::Null(_) => None,
            Self::Text(c) => c.get(row_idx).map(|v| Scalar::Text(Cow::Borrowed(v))),
            Self::Integer(c) => c.get(row_idx).map(Scalar::Integer),
            Self::Number(c) => c.get(row_idx).filter(|v| !v.is_nan()).map(Scalar::Number),
            Self::Boolean(c) => c.get(row_idx).map(Scalar::Boolean),
            Self::Timestamp(c) => c.get(row_idx).map(Scalar::Timestamp),
            Self::Date(c) => c.get(row_idx).map(Scalar::Date),
        };
        value.unwrap_or(Scalar::Null)
    }
}

/// The results so far, in the physical type of the output.
enum Results<'a> {
    Text(Vec<Option<Cow<'a, str>>>),
    Integer(Vec<Option<i64>>),
    Number(Vec<Option<f64>>),
    Boolean(Vec<Option<bool>>),
    Date(Vec<Option<i32>>),
}

impl<'a> Results<'a> {
    fn new(output: SqlType, n_rows: usize) -> PolarsResult<Self> {
        Ok(match output {
            SqlType::Text | SqlType::Untyped => Self::Text(Vec::with_capacity(n_rows)),
            SqlType::Integer | SqlType::Timestamp => Self::Integer(Vec::with_capacity(n_rows)),
            SqlType::Number => Self::Number(Vec::with_capacity(n_rows)),
            SqlType::Boolean => Self::Boolean(Vec::with_capacity(n_rows)),
            SqlType::Date => Self::Date(Vec::with_capacity(n_rows)),
            SqlType::NumberList => polars_bail!(ComputeError: "no function returns a list of numbers"),
        })
    }

    /// Adds one result. A number that is not finite is missing: 1/0 and overflow must never read as a large score.
    fn push(&mut self, value: Scalar<'a>) {
        match (self, value) {
            (Self::Text(out), Scalar::Text(v)) => out.push(Some(v)),
            (Self::Integer(out), Scalar::Integer(v) | Scalar::Timestamp(v)) => out.push(Some(v)),
            (Self::Number(out), Scalar::Number(v)) => out.push(Some(v).filter(|v| v.is_finite())),
            (Self::Boolean(out), Scalar::Boolean(v)) => out.push(Some(v)),
            (Self::Date(out), Scalar::Date(v)) => out.push(Some(v)),
            (Self::Text(out), _) => out.push(None),
            (Self::Integer(out), _) => out.push(None),
            (Self::Number(out), _) => out.push(None),
            (Self::Boolean(out), _) => out.push(None),
            (Self::Date(out), _) => out.push(None),
        }
    }

    fn finish(self, name: PlSmallStr, output: SqlType) -> PolarsResult<Series> {
        let series = match self {
            Self::Text(out) => StringChunked::from_iter(out).into_series(),
            Self::Integer(out) => Int64Chunked::from_iter(out).into_series(),
            Self::Number(out) => Float64Chunked::from_iter(out).into_series(),
            Self::Boolean(out) => BooleanChunked::from_iter(out).into_series(),
            Self::Date(out) => Int32Chunked::from_iter(out).into_series(),
        };
        series.with_name(name).cast(&output.dtype())
    }
}
