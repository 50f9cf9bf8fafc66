//! One Parquet file that belongs to no Delta table: it appears whole under its name, or not at all.

use std::path::{Path, PathBuf};

use super::error::PublishError;
use super::parquet::ParquetFile;
use super::partition::WriterOptions;
use super::table::{Table, TableSchema};
use crate::files::{AtomicFile, Operation};

/// A Parquet file that is being written. Dropped before [`SingleFile::finish`], it leaves nothing behind.
pub struct SingleFile {
    parquet: ParquetFile<AtomicFile>,
    schema: TableSchema,
    path: PathBuf,
}

impl SingleFile {
    /// Begins what will be `path`, with `notes` (key, value) in the file's metadata. Its folder must exist.
    ///
    /// # Errors
    /// When a file cannot be made in that folder.
    pub fn create(
        path: &Path,
        schema: TableSchema,
        options: &WriterOptions,
        notes: &[(String, String)],
    ) -> Result<Self, PublishError> {
        let parquet = ParquetFile::described(AtomicFile::create(path)?, &schema, options, notes);
        let parquet = parquet.map_err(PublishError::parquet(Operation::Write, path))?;
        Ok(Self { parquet, schema, path: path.to_owned() })
    }

    /// Appends rows as one row group.
    ///
    /// # Errors
    /// When the columns are not the schema's, or cannot be written.
    pub fn append(&mut self, rows: Table) -> Result<(), PublishError> {
        self.schema.check(&rows)?;
        let columns = rows.columns.into_iter().map(|column| column.data).collect();
        self.parquet.write_row_group(columns).map_err(PublishError::parquet(Operation::Write, &self.path))
    }

    /// Makes the file durable and visible.
    ///
    /// # Errors
    /// When it cannot be written; what stood under the name is then untouched.
    pub fn finish(self) -> Result<(), PublishError> {
        let Self { parquet, path, .. } = self;
        Ok(parquet.finish().map_err(PublishError::parquet(Operation::Write, &path))?.commit()?)
    }
}
