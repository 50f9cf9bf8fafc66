//! What stops reading or writing tables: a bad file, a bad mapping, or a sink that gave up.

use std::path::PathBuf;

use thiserror::Error;

use crate::config::TableName;
use crate::sql::SqlError;

/// Why a [`super::RowSink`] refused a row.
pub type SinkError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// A table cannot be read or written. Bad rows are not among these: see [`super::Reject`].
#[derive(Debug, Error)]
pub enum TablesError {
    /// The path, glob or folder of a source holds nothing.
    #[error("source `{origin}`: there is no file at {path}: correct sources.{origin}.path")]
    NoFiles {
        /// The source.
        origin: String,
        /// What the configuration names.
        path: String,
    },
    /// The glob of a source is not one.
    #[error("source `{origin}`: {path} is not a glob pattern: {reason}")]
    BadGlob {
        /// The source.
        origin: String,
        /// The pattern.
        path: String,
        /// What is wrong, and where.
        reason: String,
    },
    /// A file cannot be opened or read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A file has no bytes.
    #[error("{} is empty: a table without rows still needs its header, footer or schema", path.display())]
    EmptyFile {
        /// The file.
        path: PathBuf,
    },
    /// A file is not of the declared format, or is damaged.
    #[error("{} cannot be read as {format}: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The declared format.
        format: &'static str,
        /// What is wrong, and the mend.
        reason: String,
    },
    /// Two columns of a file have the same name.
    #[error("{}: the column `{column}` appears twice: rename one", path.display())]
    DuplicateColumn {
        /// The file.
        path: PathBuf,
        /// The name.
        column: String,
    },
    /// A feed reads a column that is in the file and, as a Hive partition, in its path.
    #[error(
        "{place}: the folder `{folder}` and the column `{column}` of {} have the same name: leave the column out of the file, or rename it or the folder",
        path.display()
    )]
    PartitionColumn {
        /// The feed.
        place: String,
        /// The file.
        path: PathBuf,
        /// The part of the path.
        folder: String,
        /// The column.
        column: String,
    },
    /// A required column is not mapped.
    #[error("{place}: table `{table}` needs the column `{column}`, which is not mapped and is not a column of {}; it has {has}", path.display())]
    MissingColumn {
        /// The feed.
        place: String,
        /// The table.
        table: TableName,
        /// The required column.
        column: String,
        /// The file.
        path: PathBuf,
        /// The columns that the file has, shortened.
        has: String,
    },
    /// A mapping's left side is not a canonical column.
    #[error("{place}: table `{table}` has no column `{column}`: did you mean `{nearest}`?")]
    UnknownColumn {
        /// The feed.
        place: String,
        /// The table.
        table: TableName,
        /// The unknown name.
        column: String,
        /// The nearest canonical name.
        nearest: String,
    },
    /// A canonical column is mapped to the name of a column that the file does not have.
    #[error(
        "{place}: `{column}` is mapped to `{name}`, which is not a column of {}; it has {has}: correct the mapping, or the file",
        path.display()
    )]
    NoSuchColumn {
        /// The feed.
        place: String,
        /// The canonical column.
        column: String,
        /// The name that it is mapped to.
        name: String,
        /// The file.
        path: PathBuf,
        /// The columns that it has.
        has: String,
    },
    /// A mapping's expression or a filter does not compile.
    #[error("{place}, {column}, over the columns of {}", path.display())]
    Sql {
        /// The feed.
        place: String,
        /// The canonical column, or `where`.
        column: String,
        /// The file whose columns it was checked against.
        path: PathBuf,
        /// The place in the expression and the mend.
        #[source]
        source: Box<SqlError>,
    },
    /// A column's type cannot hold what the canonical column needs.
    #[error("{place}: `{column}` from {} is {found}, expected {expected}", path.display())]
    WrongType {
        /// The feed.
        place: String,
        /// The canonical column.
        column: String,
        /// The file.
        path: PathBuf,
        /// The type found.
        found: String,
        /// The types that fit, and the mend.
        expected: String,
    },
    /// A file that is asked for as a spine is none.
    #[error("the spine {}: {reason}", path.display())]
    BadSpine {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what was expected.
        reason: String,
    },
    /// An expression fails while it is evaluated.
    #[error("{place}: cannot evaluate the expressions over {}: {reason}", path.display())]
    Evaluation {
        /// The feed.
        place: String,
        /// The file.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// A quoted field is still open where the file ends.
    #[error("{}, row {row}: a quoted field opens and never closes: add the missing `\"` or double it inside the text", path.display())]
    UnclosedQuote {
        /// The file.
        path: PathBuf,
        /// The data row in which the quote opens, from 1.
        row: u64,
    },
    /// A record is too long to be one.
    #[error(
        "{}, row {row}: the record is longer than {limit} bytes: is a quote left open, or the separator another one?",
        path.display()
    )]
    LongRecord {
        /// The file.
        path: PathBuf,
        /// The data row, from 1.
        row: u64,
        /// The longest record that is read.
        limit: u64,
    },
    /// A file changed between planning and reading.
    #[error("{} changed while it was read: publish inputs by renaming finished files into place", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The sink refused a row or a reject.
    #[error("table `{table}`: a row could not be taken on")]
    Sink {
        /// The table.
        table: TableName,
        /// Why.
        #[source]
        source: SinkError,
    },
    /// Rows in are not accepted plus rejected: a defect in this program.
    #[error(
        "table `{table}`: {rows_in} rows in, but {accepted} accepted and {rejected} rejected: this is a defect, please report it"
    )]
    RowsLost {
        /// The table.
        table: TableName,
        /// Rows in.
        rows_in: u64,
        /// Accepted.
        accepted: u64,
        /// Rejected.
        rejected: u64,
    },
    /// A row of another table was given to a writer.
    #[error("a row of table `{found}` cannot be written to table `{table}`")]
    WrongTable {
        /// The writer's table.
        table: TableName,
        /// The row's table.
        found: TableName,
    },
    /// A Parquet file cannot be written.
    #[error("cannot write table `{table}`: {reason}")]
    Unwritable {
        /// The table.
        table: TableName,
        /// What went wrong.
        reason: String,
    },
}

impl TablesError {
    /// Whether the configuration is to be mended and not the input.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        matches!(self, Self::BadGlob { .. } | Self::UnknownColumn { .. } | Self::Sql { .. })
    }
}
