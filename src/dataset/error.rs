//! What stops a dataset from being built.

use thiserror::Error;

use crate::config::TableName;
use crate::features::SignalError;
use crate::files::FilesError;
use crate::tables::Reject;

/// Why the dataset could not be built.
#[derive(Debug, Error)]
pub enum DatasetError {
    /// Spilled rows could not be written or read back.
    #[error("could not spill rows")]
    Spill(#[source] FilesError),
    /// More rows were rejected than `input.max_reject_share` allows.
    #[error(
        "{rejected} of {rows_in} rows of table `{table}` were rejected, more than input.max_reject_share = {limit} allows; the \
         first: {first}; mend the source, or raise the limit if the loss is acceptable"
    )]
    TooManyRejects {
        /// The table.
        table: TableName,
        /// Rejected rows.
        rejected: u64,
        /// Rows read.
        rows_in: u64,
        /// The limit.
        limit: f64,
        /// The first rejected row, described.
        first: String,
    },
    /// A signal cannot be evaluated over the rows.
    #[error(transparent)]
    Signal(SignalError),
    /// A table that must have rows has none.
    #[error("table `{table}` has no rows: nothing to work on; check the paths and `where` conditions of its sources")]
    NoRows {
        /// The table.
        table: TableName,
    },
}

/// One line that names a rejected row's place, value and reason.
pub(super) fn describe(reject: &Reject) -> String {
    format!("{} row {}, column `{}`, value `{}`: {}", reject.file, reject.row, reject.column, reject.value, reject.reason)
}
