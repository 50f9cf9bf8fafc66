//! Sources → checked canonical rows, streamed with bounded memory; and the same rows back to Parquet.
//!
//! Input: the sources of the configuration and the files they name. Output: typed rows and rejects handed to a [`RowSink`] one
//! by one, in an order that no chunk size or thread count changes, and a [`ReadReport`] in which `rows_in = accepted +
//! rejected` for every table. [`plan`] opens every file and finds everything that stops a run before [`read`] reads a row.
//!
//! A bad row is data ([`Reject`]); a bad table is an error ([`TablesError`]). Deliberately not here: uniqueness of keys (it
//! needs all rows of a key together: `dataset`), the limit on rejects (`run`), and what a row means (`features`).

mod error;
mod inputs;
mod mapping;
mod plan;
mod read;
mod reject;
mod rows;
mod schema;
mod spine_file;
mod table_row;
mod writer;

mod assemble;
mod cells;
mod checks;
mod chunk;
mod column_builder;
mod csv_file;
mod disassemble;
mod expressions;
mod feed_rows;
mod json_file;
mod json_object;
mod parquet_arrays;
mod parquet_file;
mod parquet_schema;
mod times;

#[cfg(test)]
mod tests;

pub use error::{SinkError, TablesError};
pub use plan::{Plan, plan};
pub use read::{ReadOptions, ReadReport, RowOrigin, RowSink, TableReport, read};
pub use reject::{Reject, duplicate_reject, shown};
pub use rows::{ActionRow, AfterSalesRow, ContentRow, DecisionRow, EngagementRow, ReportRow, SellerRow};
pub use schema::{Check, ColumnKind, ColumnSpec, Need, schema};
pub use spine_file::{SpineTime, read_spine};
pub use table_row::TableRow;
pub use writer::TableWriter;
