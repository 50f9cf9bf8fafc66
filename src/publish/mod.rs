//! Published output: Delta Lake tables that a reader sees as they were or as they are, never between (DESIGN.md §6, §11).
//!
//! Input: columns of finished rows. Output: Parquet files under `<root>/<table>/as_of=…/market=…/`, one Delta commit per table in
//! the order given, and then `_published.json`, which names the version of each; readers who start there never see half a night.
//! Deliberately not here: what the columns mean (`scoring`), the clock and the lock (`run`), removing old versions (a Delta
//! `VACUUM` is the owner's decision).

mod commit;
mod delta;
mod error;
#[cfg(test)]
mod fixture;
mod manifest;
mod orphans;
mod parquet;
mod partition;
mod plan;
mod read;
mod single_file;
mod table;

pub use error::PublishError;
pub use manifest::{MANIFEST_NAME, PublishedManifest, PublishedTable, read_published};
pub use orphans::{Cleaned, clean_orphans, next_attempt};
pub use partition::{Compression, PartitionTarget, PartitionWriter, WriterOptions, WrittenFile};
pub use plan::{PublishPlan, Published, TablePlan, check_output, publish};
pub use read::{PublishedVersion, read_columns, read_schema};
pub use single_file::SingleFile;
pub use table::{Column, ColumnData, ColumnKind, ColumnSpec, Table, TableSchema};
