//! Rows → Parquet, in the canonical column types.
//!
//! Input: rows of one table. Output: a Parquet file with row groups of 100,000 rows, times as UTC microseconds, days as dates,
//! `x_*` columns last. Streaming: at most one row group is held. Deliberately not here: atomic replacement (`files`).

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use polars::prelude::{DataFrame, IntoColumn, ParquetWriter, Schema};

use crate::config::TableName;

use super::column_builder::ColumnBuilder;
use super::disassemble::disassemble;
use super::schema::schema;
use super::{TableRow, TablesError};

/// Rows of a row group.
const GROUP_ROWS: usize = 100_000;

/// Writes rows of one table to a Parquet file.
pub struct TableWriter {
    table: TableName,
    columns: Vec<ColumnBuilder>,
    n_buffered: usize,
    n_rows: u64,
    parquet: polars::io::parquet::write::BatchedWriter<File>,
}

impl TableWriter {
    /// Begins a file. `extra_columns` are the `x_*` columns of content, in the order of `ContentRow::extra`; other tables have
    /// none.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(table: TableName, file: File, extra_columns: &[String]) -> Result<Self, TablesError> {
        let mut columns: Vec<ColumnBuilder> =
            schema(table).iter().map(|spec| ColumnBuilder::new(spec.column, spec.kind, spec.check)).collect();
        if table == TableName::Content {
            columns.extend(extra_columns.iter().map(|name| ColumnBuilder::extra(name)));
        }
        let schema: Schema = columns.iter().map(|c| (c.name(), c.dtype())).collect();
        let parquet = guarded(table, || ParquetWriter::new(file).batched(&schema).map_err(|e| e.to_string()))?;
        Ok(Self { table, columns, n_buffered: 0, n_rows: 0, parquet })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When it is of another table, or the file cannot be written.
    pub fn push(&mut self, row: &TableRow) -> Result<(), TablesError> {
        if row.table() != self.table {
            return Err(TablesError::WrongTable { table: self.table, found: row.table() });
        }
        disassemble(row, &mut self.columns);
        self.n_buffered += 1;
        self.n_rows += 1;
        if self.n_buffered == GROUP_ROWS { self.flush() } else { Ok(()) }
    }

    /// Writes what is left and the footer; gives the number of rows.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(mut self) -> Result<u64, TablesError> {
        if self.n_buffered > 0 {
            self.flush()?;
        }
        guarded(self.table, || self.parquet.finish().map_err(|e| e.to_string()))?;
        Ok(self.n_rows)
    }

    fn flush(&mut self) -> Result<(), TablesError> {
        let (columns, parquet) = (&mut self.columns, &mut self.parquet);
        guarded(self.table, || {
            let frame = columns.iter_mut().map(|c| c.take().into_column()).collect();
            let frame = DataFrame::new_infer_height(frame).map_err(|e| e.to_string())?;
            parquet.write_batch(&frame).map_err(|e| e.to_string())
        })?;
        self.n_buffered = 0;
        Ok(())
    }
}

/// Runs a step of the encoder, turning its errors and its panics into errors of the table.
fn guarded<T>(table: TableName, step: impl FnOnce() -> Result<T, String>) -> Result<T, TablesError> {
    let unwritable = |reason| TablesError::Unwritable { table, reason };
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(done) => done.map_err(unwritable),
        Err(_) => Err(unwritable("the encoder failed".to_owned())),
    }
}
