//! What can go wrong while publishing or reading published tables.

use std::error::Error as StdError;
use std::io;
use std::path::{Path, PathBuf};

use deltalake::DeltaTableError;
use deltalake::kernel::transaction::TransactionError;
use deltalake::parquet::errors::ParquetError;
use thiserror::Error;

use super::table::ColumnKind;
use crate::files::{FilesError, Operation};

/// A table that could not be published or read. What was published before is untouched.
#[derive(Debug, Error)]
pub enum PublishError {
    /// A file could not be read or written.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The Delta log refused.
    #[error("cannot {attempt} the Delta table `{}`", path.display())]
    Delta {
        /// What was being done.
        attempt: &'static str,
        /// The table's folder.
        path: PathBuf,
        /// What the `deltalake` crate said.
        source: Box<DeltaTableError>,
    },
    /// Somebody else committed to the table at the same moment.
    #[error("another writer committed to `{}` at the same time: run again", path.display())]
    Conflict {
        /// The table's folder.
        path: PathBuf,
    },
    /// A Parquet file could not be encoded or decoded.
    #[error("cannot {operation} the Parquet file `{}`", path.display())]
    Parquet {
        /// Reading or writing.
        operation: Operation,
        /// The file.
        path: PathBuf,
        /// What the Parquet library said.
        source: ParquetError,
    },
    /// A batch that does not have the columns of its table.
    #[error("table `{table}` expects column {position} to be `{expected}`, got `{got}`")]
    WrongColumn {
        /// The table.
        table: String,
        /// Position, counted from 1.
        position: usize,
        /// Name and kind in the schema.
        expected: String,
        /// Name and kind in the batch.
        got: String,
    },
    /// Columns of one batch with different numbers of rows.
    #[error("column `{column}` of table `{table}` has {got} rows where the first column has {expected}")]
    UnequalLengths {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Rows of the first column.
        expected: usize,
        /// Rows of this one.
        got: usize,
    },
    /// A column that would change its type between two versions.
    #[error(
        "column `{column}` of table `{table}` is published as {published} and would become {now}: a column never changes its meaning, so give the new one another name"
    )]
    TypeChanged {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Its Delta type in the table.
        published: String,
        /// The kind it would get.
        now: ColumnKind,
    },
    /// A column that the table does not have, or has in a type that we never write.
    #[error("table `{}` has no readable column `{column}`: it has {existing}", path.display())]
    NoColumn {
        /// The table's folder.
        path: PathBuf,
        /// The column asked for.
        column: String,
        /// The columns there are.
        existing: String,
    },
    /// A name that would not survive as part of a path.
    #[error("`{name}` cannot be part of a path: expected letters, digits, `_` and `-`")]
    BadName {
        /// The run id or table name.
        name: String,
    },
    /// A folder that the Delta library would look for elsewhere.
    #[error("cannot publish to `{}`: the Delta library misreads `%` and text that is not UTF-8 in a path, so choose another folder", path.display())]
    BadFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A data file that is not what its writer left.
    #[error("staged file `{}` has {got} bytes where {expected} were written: run again", path.display())]
    StagedFileChanged {
        /// The file.
        path: PathBuf,
        /// Bytes written.
        expected: u64,
        /// Bytes found.
        got: u64,
    },
    /// `_published.json` that cannot be understood.
    #[error("`{}` is not a manifest of format {expected}: restore it, or remove it and publish again", path.display())]
    BadManifest {
        /// The file.
        path: PathBuf,
        /// The format that this version reads.
        expected: u32,
        /// What is wrong with its JSON, if that is the trouble.
        source: Option<serde_json::Error>,
    },
    /// A step that a test made fail.
    #[cfg(test)]
    #[error("injected failure before {step}")]
    Injected {
        /// The step.
        step: String,
    },
}

impl PublishError {
    /// Whether the same command can succeed later by itself: the exit code is then 75.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Files(source) => source.is_transient(),
            Self::Conflict { .. } | Self::StagedFileChanged { .. } => true,
            _ => false,
        }
    }

    /// Sorts an error of the `deltalake` crate: a refusal of the file system inside it says more than its wrapping.
    pub(super) fn delta(attempt: &'static str, path: &Path) -> impl FnOnce(DeltaTableError) -> Self {
        move |source| {
            let lost_race = matches!(
                source,
                DeltaTableError::VersionAlreadyExists(_)
                    | DeltaTableError::Transaction {
                        source: TransactionError::MaxCommitAttempts(_) | TransactionError::CommitConflict(_)
                    }
            );
            match io_error_within(&source) {
                _ if lost_race => Self::Conflict { path: path.to_owned() },
                Some(source) => FilesError::Io { operation: operation_of(attempt), path: path.to_owned(), source }.into(),
                None => Self::Delta { attempt, path: path.to_owned(), source: Box::new(source) },
            }
        }
    }

    /// Sorts an error of the Parquet library in the same way.
    pub(super) fn parquet(operation: Operation, path: &Path) -> impl FnOnce(ParquetError) -> Self {
        move |source| match io_error_within(&source) {
            Some(source) => FilesError::Io { operation, path: path.to_owned(), source }.into(),
            None => Self::Parquet { operation, path: path.to_owned(), source },
        }
    }
}

fn operation_of(attempt: &str) -> Operation {
    if attempt == "commit to" || attempt == "create" { Operation::Write } else { Operation::Read }
}

/// The first error of the operating system in a chain of causes, rebuilt because it cannot be moved out.
fn io_error_within(error: &(dyn StdError + 'static)) -> Option<io::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<io::Error>() {
            return match found.raw_os_error() {
                Some(code) => Some(io::Error::from_raw_os_error(code)),
                None if found.kind() == io::ErrorKind::Other => None,
                None => Some(found.kind().into()),
            };
        }
        next = error.source();
    }
    None
}
