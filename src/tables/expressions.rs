//! Evaluates a feed's expressions over a chunk. The only place where rows pass through Polars' engine.
//!
//! Input: a chunk and Polars expressions that `sql` compiled. Output: a plain column for each.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono_tz::Tz;
use polars::prelude::{
    Column as Frame, CompatLevel, DataFrame, Expr, Int32Chunked, Int64Chunked, IntoColumn, IntoLazy, IntoSeries, NamedFrom,
    NewChunkedArray, PlSmallStr, PolarsError, Scalar, Series, TimeUnit,
};

use super::chunk::{Chunk, Column, SourceColumn, TextColumn};
use super::column_builder::list_series;
use super::mapping::{FILE, ROW};
use super::parquet_arrays::{ClockKind, to_column};

/// Where a chunk comes from, for expressions.
#[derive(Clone, Copy)]
pub(super) struct ChunkOrigin<'a> {
    /// The file's columns, aligned with the chunk's.
    pub(super) columns: &'a [SourceColumn],
    /// The file's path below its source's root.
    pub(super) file_name: &'a str,
}

/// Evaluates `expressions`, which read the columns `needed`, over `chunk`: one column for each, in order.
///
/// # Errors
/// What Polars said, or that it panicked.
pub(super) fn evaluate(
    expressions: Vec<Expr>,
    needed: &BTreeSet<&str>,
    chunk: &Chunk,
    origin: ChunkOrigin<'_>,
) -> Result<Vec<Column>, String> {
    if expressions.is_empty() {
        return Ok(Vec::new());
    }
    match catch_unwind(AssertUnwindSafe(|| evaluate_frame(expressions, needed, chunk, origin))) {
        Ok(done) => done,
        Err(_) => Err("the evaluation failed: simplify the expression".to_owned()),
    }
}

fn evaluate_frame(
    expressions: Vec<Expr>,
    needed: &BTreeSet<&str>,
    chunk: &Chunk,
    origin: ChunkOrigin<'_>,
) -> Result<Vec<Column>, String> {
    let said = |e: PolarsError| e.to_string();
    // `_row` is always there, so that an expression without columns still yields a cell for each row.
    let first = i64::try_from(chunk.first_row).unwrap_or(i64::MAX);
    let rows: Vec<i64> = (first..).take(chunk.n_rows).collect();
    let mut frame: Vec<Frame> = vec![Series::new(ROW.into(), rows).into_column()];
    if needed.contains(FILE) {
        frame.push(Frame::new_scalar(FILE.into(), Scalar::from(PlSmallStr::from(origin.file_name)), chunk.n_rows));
    }
    for (column, cells) in origin.columns.iter().zip(&chunk.columns) {
        if needed.contains(column.name.as_str()) && column.name != ROW && column.name != FILE {
            frame.push(series(&column.name, cells).map_err(said)?.into_column());
        }
    }
    let name_of = |at: usize| format!("\u{0}{at}");
    let n_expressions = expressions.len();
    let expressions: Vec<Expr> = expressions.into_iter().enumerate().map(|(at, e)| e.alias(name_of(at))).collect();
    let frame = DataFrame::new_infer_height(frame).map_err(said)?;
    let frame = frame.lazy().with_columns(expressions).collect().map_err(said)?;
    let mut columns = Vec::with_capacity(n_expressions);
    for at in 0..n_expressions {
        let series = frame.column(&name_of(at)).map_err(said)?.as_materialized_series().rechunk();
        let array = series.to_arrow(0, CompatLevel::newest());
        let (column, _) = to_column(array.as_ref(), ClockKind::Utc, Tz::UTC)?;
        columns.push(column);
    }
    Ok(columns)
}

/// A plain column as a Polars series of the type that `sql` expects.
fn series(name: &str, cells: &Column) -> Result<Series, PolarsError> {
    let name = name.into();
    Ok(match cells {
        Column::Unread => Series::new(name, Vec::<Option<&str>>::new()),
        Column::Text(cells) => text_series(name, cells),
        Column::Integer(cells) => Series::new(name, cells),
        Column::Number(cells) => Series::new(name, cells),
        Column::Boolean(cells) => Series::new(name, cells),
        Column::Timestamp(cells) => {
            Int64Chunked::from_slice_options(name, cells).into_datetime(TimeUnit::Microseconds, None).into_series()
        }
        Column::Date(cells) => Int32Chunked::from_slice_options(name, cells).into_date().into_series(),
        Column::NumberList(cells) => list_series(name, cells),
    })
}

fn text_series(name: PlSmallStr, cells: &TextColumn) -> Series {
    let texts: Vec<Option<&str>> = cells.iter().collect();
    Series::new(name, texts)
}
