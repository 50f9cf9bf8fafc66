//! Evaluates a feed's expressions over a chunk.
//!
//! Input: a chunk and Polars expressions that `sql` compiled. Output: a plain column for each.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use polars::prelude::{Column as Frame, CompatLevel, Expr, IntoColumn, NamedFrom, PlSmallStr, PolarsError, Scalar, Series};

use super::chunk::{Chunk, Column, SourceColumn};
use super::mapping::{FILE, ROW};
use super::parquet_arrays::{ClockKind, to_column};
use crate::sql::{evaluate_expressions, series_of};

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
            frame.push(series_of(&column.name, cells).map_err(said)?.into_column());
        }
    }
    let to_plain = |series: Series| Ok(to_column(series.to_arrow(0, CompatLevel::newest()).as_ref(), ClockKind::Utc, Tz::UTC)?.0);
    evaluate_expressions(frame, expressions)?.into_iter().map(to_plain).collect()
}
