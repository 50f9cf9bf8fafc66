//! The swap set as a Parquet file.

use std::path::Path;

use crate::policy::SwapRow;
use crate::publish::{Column, ColumnData, ColumnKind, ColumnSpec, PublishError, SingleFile, Table, TableSchema, WriterOptions};
use crate::run::project::Project;
use crate::run::publishing::codec;

/// The file, one row group a night.
pub(super) struct SwapFile {
    file: SingleFile,
    waiting: Vec<SwapRow>,
}

const COLUMNS: [(&str, ColumnKind, &str); 16] = [
    ("as_of", ColumnKind::Date, "the night"),
    ("content_id", ColumnKind::Text, "the item"),
    ("seller_id", ColumnKind::Text, "its seller"),
    ("market", ColumnKind::Text, "ISO 3166 alpha-2"),
    ("content_type", ColumnKind::Text, "listing, video, live, review or comment"),
    ("tier", ColumnKind::Text, "its seller's tier"),
    ("category", ColumnKind::Text, "its category"),
    ("currency", ColumnKind::Text, "currency of gmv"),
    ("views", ColumnKind::I64, "views of the day before the night"),
    ("orders", ColumnKind::I64, "orders of that day"),
    ("gmv", ColumnKind::F64, "gross merchandise value of that day"),
    ("change", ColumnKind::Text, "newly_actioned, newly_freed, harsher, milder, less_reach or more_reach"),
    ("before", ColumnKind::Text, "the treatment under the current policies"),
    ("after", ColumnKind::Text, "the treatment under the candidate's"),
    ("before_policies", ColumnKind::TextList, "the current policies that act"),
    ("after_policies", ColumnKind::TextList, "the candidate's policies that act"),
];

impl SwapFile {
    /// Begins the file.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(super) fn create(path: &Path, project: &Project) -> Result<Self, PublishError> {
        let spec = |(name, kind, doc): &(&str, ColumnKind, &str)| ColumnSpec {
            name: (*name).to_owned(),
            kind: *kind,
            doc: (*doc).to_owned(),
        };
        let schema = TableSchema { name: "swap_set", columns: COLUMNS.iter().map(spec).collect() };
        let output = &project.config.output;
        let options = WriterOptions {
            compression: codec(output.compression),
            row_group_rows: output.row_group_rows,
            max_file_rows: usize::MAX,
        };
        Ok(Self { file: SingleFile::create(path, schema, &options, &[])?, waiting: Vec::new() })
    }

    /// Takes a row.
    ///
    /// # Errors
    /// None so far; the rows are written by [`SwapFile::flush`].
    pub(super) fn push(&mut self, row: SwapRow) -> Result<(), PublishError> {
        self.waiting.push(row);
        Ok(())
    }

    /// Writes what is waiting.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn flush(&mut self) -> Result<(), PublishError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.waiting);
        let text = |value: &dyn Fn(&SwapRow) -> Option<String>| ColumnData::Text(rows.iter().map(value).collect());
        let data = [
            ColumnData::Date(rows.iter().map(|r| Some(r.day)).collect()),
            text(&|r| Some(r.content_id.to_string())),
            text(&|r| r.seller_id.as_ref().map(ToString::to_string)),
            text(&|r| Some(r.market.to_string())),
            text(&|r| Some(r.content_type.to_string())),
            text(&|r| r.tier.as_ref().map(ToString::to_string)),
            text(&|r| r.category.as_ref().map(ToString::to_string)),
            text(&|r| r.currency.as_ref().map(ToString::to_string)),
            ColumnData::counts(rows.iter().map(|r| r.views)),
            ColumnData::counts(rows.iter().map(|r| r.orders)),
            ColumnData::F64(rows.iter().map(|r| r.gmv).collect()),
            text(&|r| Some(r.change.as_str().to_owned())),
            text(&|r| Some(r.before.to_string())),
            text(&|r| Some(r.after.to_string())),
            ColumnData::TextList(rows.iter().map(|r| r.before_policies.clone()).collect()),
            ColumnData::TextList(rows.iter().map(|r| r.after_policies.clone()).collect()),
        ];
        let columns = COLUMNS.iter().zip(data).map(|((name, ..), data)| Column { name: (*name).to_owned(), data });
        self.file.append(Table { columns: columns.collect() })
    }

    /// Makes the file durable and visible.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn finish(mut self) -> Result<(), PublishError> {
        self.flush()?;
        self.file.finish()
    }
}
