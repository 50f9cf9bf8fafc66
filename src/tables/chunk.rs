//! A batch of source rows, by column, as plain vectors: what every file reader yields and every check reads.
//!
//! Plain vectors rather than Polars columns, because the per-cell work is ours and is compiled with our own crate.

use crate::sql::SqlType;

pub(super) use crate::sql::{SqlColumn as Column, TextColumn};

/// Consecutive rows of one file.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    /// The number of the first row, from 1.
    pub(super) first_row: u64,
    /// How many rows.
    pub(super) n_rows: usize,
    /// The file's columns in the order of its layout; those that nobody asked for are [`Column::Unread`].
    pub(super) columns: Vec<Column>,
    /// Rows that could not be taken apart, ascending; their cells are null.
    pub(super) broken: Vec<BrokenRow>,
}

/// A row that is in the file but is not a row of its columns.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BrokenRow {
    /// Which row of the chunk, from 0.
    pub(super) at: usize,
    /// The column at fault, or empty.
    pub(super) column: String,
    /// What stands there.
    pub(super) value: String,
    /// What is wrong, and the mend.
    pub(super) reason: String,
}

/// A column that a file has.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SourceColumn {
    /// Its name in the file.
    pub(super) name: String,
    /// What it holds, or the file's name for a type that nothing here reads.
    pub(super) kind: Result<SqlType, String>,
}
