//! Reads a plan's rows, checks them and hands them on.
//!
//! Input: a [`Plan`]. Output: every row to a [`RowSink`], as a row or as a reject, in the order table, file, row, feed; and a
//! [`ReadReport`]. Memory: one chunk, and the decoded part of one Parquet row group.

use serde::{Deserialize, Serialize};

use crate::config::{SourceFormat, TableName};
use crate::units::Timestamp;

use super::checks::CheckLimits;
use super::chunk::{Chunk, Column, TextColumn};
use super::csv_file::CsvRows;
use super::expressions::ChunkOrigin;
use super::feed_rows::{FeedRows, Outcome};
use super::json_file::JsonRows;
use super::parquet_file::{ParquetInfo, ParquetRows};
use super::plan::{FilePlan, file_bytes};
use super::schema::schema;
use super::{Plan, Reject, SinkError, TableRow, TablesError, shown};

/// What a read depends on besides the plan.
#[derive(Debug, Clone, Copy)]
pub struct ReadOptions {
    /// Rows with later times are rejected; only an action's end may lie in the future.
    pub latest: Timestamp,
    /// Rows with longer texts are rejected.
    pub max_text_bytes: usize,
    /// Rows that are checked at once; no result depends on it.
    pub chunk_rows: usize,
}

/// Where a row comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RowOrigin {
    /// Index of the source in the configuration.
    pub source: u16,
    /// Index of the file: [`Plan::file_name`].
    pub file: u32,
    /// The data row in that file, from 1.
    pub row: u64,
}

/// Takes the rows of a read.
pub trait RowSink {
    /// Takes an accepted row.
    ///
    /// # Errors
    /// What stops the read.
    fn row(&mut self, row: TableRow, origin: RowOrigin) -> Result<(), SinkError>;

    /// Takes a refused row.
    ///
    /// # Errors
    /// What stops the read.
    fn reject(&mut self, reject: Reject) -> Result<(), SinkError>;
}

/// What was read of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableReport {
    /// The table.
    pub table: TableName,
    /// Rows of the input: accepted plus rejected.
    pub rows_in: u64,
    /// Rows that passed every check.
    pub accepted: u64,
    /// Rows that did not.
    pub rejected: u64,
    /// Rows of the files that the feeds' filters left out; not rows of the input.
    pub filtered: u64,
    /// Files that were read.
    pub files: u64,
    /// Canonical columns with at least one value, in the order of the schema.
    pub columns_present: Vec<String>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadReport {
    /// All seven tables, in reading order.
    pub tables: Vec<TableReport>,
    /// The `x_*` columns, sorted.
    pub extra_columns: Vec<String>,
    /// Whether content has versions; without, it is a snapshot.
    pub versioned: bool,
    /// Tables with `ingested_at`.
    pub has_ingested: Vec<TableName>,
}

impl ReadReport {
    /// The report of `table`.
    #[must_use]
    pub fn table(&self, table: TableName) -> Option<&TableReport> {
        self.tables.iter().find(|report| report.table == table)
    }
}

/// Reads all rows of `plan`.
///
/// # Errors
/// When a file cannot be read to its end, an expression cannot be evaluated, or the sink refuses.
pub fn read(plan: &Plan, options: &ReadOptions, sink: &mut dyn RowSink) -> Result<ReadReport, TablesError> {
    let mut tables = Vec::new();
    for table in TableName::ALL {
        let mut reader = TableReader::new(plan, options, table);
        for (index, file) in plan.files.iter().enumerate() {
            if file.layout.feeds.iter().any(|feed| feed.table == table) {
                reader.file(index, file, sink)?;
            }
        }
        tables.push(reader.report()?);
    }
    let has = |report: &TableReport, column: &str| report.columns_present.iter().any(|c| c == column);
    let versioned = tables.iter().any(|t| t.table == TableName::Content && has(t, "valid_from"));
    let has_ingested = tables.iter().filter(|t| has(t, "ingested_at")).map(|t| t.table).collect();
    Ok(ReadReport { tables, extra_columns: plan.extra_columns.clone(), versioned, has_ingested })
}

/// Reads one table.
struct TableReader<'a> {
    plan: &'a Plan,
    options: &'a ReadOptions,
    report: TableReport,
    /// For each column of the schema, whether a value was seen.
    present: Vec<bool>,
}

impl<'a> TableReader<'a> {
    fn new(plan: &'a Plan, options: &'a ReadOptions, table: TableName) -> Self {
        let report =
            TableReport { table, rows_in: 0, accepted: 0, rejected: 0, filtered: 0, files: 0, columns_present: Vec::new() };
        let present = vec![false; schema(table).len() + plan.extra_columns.len()];
        Self { plan, options, report, present }
    }

    fn report(mut self) -> Result<TableReport, TablesError> {
        let TableReport { table, rows_in, accepted, rejected, .. } = self.report;
        if rows_in != accepted + rejected {
            return Err(TablesError::RowsLost { table, rows_in, accepted, rejected });
        }
        let specs = schema(table);
        let names = specs.iter().map(|spec| spec.column).chain(self.plan.extra_columns.iter().map(String::as_str));
        self.report.columns_present = names.zip(&self.present).filter(|(_, there)| **there).map(|(n, _)| n.to_owned()).collect();
        Ok(self.report)
    }

    fn file(&mut self, index: usize, file: &FilePlan, sink: &mut dyn RowSink) -> Result<(), TablesError> {
        self.report.files += 1;
        let mut rows = self.open(file)?;
        while let Some(mut chunk) = rows.next_chunk(self.options.chunk_rows.max(1))? {
            add_partitions(&mut chunk, file);
            self.chunk(index, file, &chunk, sink)?;
        }
        Ok(())
    }

    fn open(&self, file: &FilePlan) -> Result<FileRows, TablesError> {
        let (path, layout) = (&file.input.path, &file.layout);
        if file_bytes(path)? != file.n_bytes {
            return Err(TablesError::Changed { path: path.clone() });
        }
        let mut wanted = vec![false; layout.n_own];
        for feed in layout.feeds.iter().filter(|feed| feed.table == self.report.table) {
            feed.needs.iter().filter(|at| **at < layout.n_own).for_each(|at| wanted[*at] = true);
        }
        let names = || layout.columns.iter().take(layout.n_own).map(|c| c.name.clone()).collect::<Vec<_>>();
        let source = &self.plan.sources[file.source];
        Ok(match &source.format {
            SourceFormat::Parquet => {
                let info = ParquetInfo::open(path)?;
                if info.columns() != layout.columns[..layout.n_own] {
                    return Err(TablesError::Changed { path: path.clone() });
                }
                FileRows::Parquet(Box::new(ParquetRows::open(path, info, &wanted, source.zone)))
            }
            SourceFormat::Csv(format) => FileRows::Csv(Box::new(CsvRows::open(path, format, names(), wanted)?)),
            SourceFormat::JsonLines => FileRows::Json(Box::new(JsonRows::open(path, &names(), wanted)?)),
        })
    }

    fn chunk(&mut self, index: usize, file: &FilePlan, chunk: &Chunk, sink: &mut dyn RowSink) -> Result<(), TablesError> {
        let source = &self.plan.sources[file.source];
        let limits = CheckLimits { zone: source.zone, latest: self.options.latest, max_text_bytes: self.options.max_text_bytes };
        let origin = ChunkOrigin { columns: &file.layout.columns, file_name: &file.input.name };
        let mut feeds = Vec::new();
        for feed in file.layout.feeds.iter().filter(|feed| feed.table == self.report.table) {
            let rows = FeedRows::new(feed, chunk, origin, &self.plan.extra_columns, &limits);
            let rows = rows.map_err(|reason| TablesError::Evaluation {
                place: feed.place.clone(),
                path: file.input.path.clone(),
                reason,
            })?;
            rows.mark_present(&mut self.present);
            feeds.push(rows);
        }
        let source = u16::try_from(file.source).unwrap_or(u16::MAX);
        let file_index = u32::try_from(index).unwrap_or(u32::MAX);
        let table = self.report.table;
        let refused = |source| TablesError::Sink { table, source };
        for at in 0..chunk.n_rows {
            let row = chunk.first_row + at as u64;
            for (nth, feed) in feeds.iter_mut().enumerate() {
                match feed.take(at) {
                    Outcome::Filtered => self.report.filtered += 1,
                    // A record that is no record is one bad row, however many feeds would have read it.
                    Outcome::Broken(_) if nth > 0 => {}
                    Outcome::Accepted(accepted) => {
                        self.report.rows_in += 1;
                        sink.row(accepted, RowOrigin { source, file: file_index, row }).map_err(refused)?;
                        self.report.accepted += 1;
                    }
                    Outcome::Broken(fault) | Outcome::Rejected(fault) => {
                        self.report.rows_in += 1;
                        let (column, value) = (fault.column, shown(&fault.value));
                        let file = self.plan.file_name(file_index);
                        sink.reject(Reject { table, file, row, column, value, reason: fault.reason }).map_err(refused)?;
                        self.report.rejected += 1;
                    }
                }
            }
        }
        Ok(())
    }
}

/// An open file of any format.
enum FileRows {
    Parquet(Box<ParquetRows>),
    Csv(Box<CsvRows>),
    Json(Box<JsonRows>),
}

impl FileRows {
    fn next_chunk(&mut self, max_rows: usize) -> Result<Option<Chunk>, TablesError> {
        match self {
            Self::Parquet(rows) => rows.next_chunk(max_rows),
            Self::Csv(rows) => rows.next_chunk(max_rows),
            Self::Json(rows) => rows.next_chunk(max_rows),
        }
    }
}

/// Adds the partition columns of the file's path to a chunk.
fn add_partitions(chunk: &mut Chunk, file: &FilePlan) {
    for column in file.layout.columns.iter().skip(file.layout.n_own) {
        let value = file.input.partitions.iter().find(|(name, _)| *name == column.name).and_then(|(_, value)| value.as_deref());
        let mut cells = TextColumn::default();
        (0..chunk.n_rows).for_each(|_| cells.push(value));
        chunk.columns.push(Column::Text(cells));
    }
}
