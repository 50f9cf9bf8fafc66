//! Reading published tables back: chosen columns of one version, files in path order.

use std::path::{Path, PathBuf};

use super::commit::{open, runtime};
use super::delta::kind_of;
use super::error::PublishError;
use super::parquet;
use super::table::{Column, ColumnData, ColumnKind, Table};
use crate::files::{self, Operation};
use crate::units::{Day, Market};

/// The columns of a version, in schema order, with the kinds that we can read (`None` for others).
///
/// # Errors
/// When the table or the version cannot be opened.
pub fn read_schema(root: &Path, table: &str, version: u64) -> Result<Vec<(String, Option<ColumnKind>)>, PublishError> {
    Ok(snapshot(&root.join(table), version)?.columns)
}

/// The columns called `names`, `as_of` and `market` among them if asked for, over all files of a version: ordered by date,
/// market, and then as written.
///
/// # Errors
/// When the table or the version cannot be opened, a column does not exist, or a file cannot be read.
pub fn read_columns(root: &Path, table: &str, version: u64, names: &[&str]) -> Result<Table, PublishError> {
    let folder = root.join(table);
    let snapshot = snapshot(&folder, version)?;
    let wanted = names.iter().map(|name| snapshot.find(&folder, name)).collect::<Result<Vec<_>, _>>()?;
    let mut result =
        Table { columns: wanted.iter().map(|(n, k)| Column { name: (*n).to_owned(), data: ColumnData::empty(*k) }).collect() };
    for file in &snapshot.files {
        let path = folder.join(&file.path);
        let failed = |e| PublishError::parquet(Operation::Read, &path)(e);
        let n_rows = usize::try_from(parquet::read_n_rows(&path, files::open(&path)?).map_err(failed)?).unwrap_or(0);
        let part = parquet::read(files::open(&path)?, &wanted).map_err(failed)?;
        for (column, read) in result.columns.iter_mut().zip(part.columns) {
            column.data.append(match column.name.as_str() {
                "as_of" => ColumnData::Date(vec![file.as_of.as_ref().and_then(|d| d.parse().ok()); n_rows]),
                "market" => ColumnData::Text(vec![file.market.clone(); n_rows]),
                _ => read.data,
            });
        }
    }
    Ok(result)
}

/// One version of a published table, to be read partition by partition.
pub struct PublishedVersion {
    folder: PathBuf,
    snapshot: Snapshot,
}

impl PublishedVersion {
    /// Opens a version.
    ///
    /// # Errors
    /// When the table or the version cannot be opened.
    pub fn open(root: &Path, table: &str, version: u64) -> Result<Self, PublishError> {
        let folder = root.join(table);
        let snapshot = snapshot(&folder, version)?;
        Ok(Self { folder, snapshot })
    }

    /// The columns in schema order, with the kinds that we can read (`None` for others).
    #[must_use]
    pub fn columns(&self) -> &[(String, Option<ColumnKind>)] {
        &self.snapshot.columns
    }

    /// The partitions, by date, then market, each once.
    #[must_use]
    pub fn partitions(&self) -> Vec<(Option<Day>, Option<Market>)> {
        let mut partitions: Vec<_> = self.snapshot.files.iter().map(SnapshotFile::partition).collect();
        partitions.dedup();
        partitions
    }

    /// The columns called `names` of one partition (that without a market, if none is given), as written; null where its files lack one that the table has.
    ///
    /// # Errors
    /// When a column does not exist in the table, or a file cannot be read.
    pub fn read(&self, day: Day, market: impl Into<Option<Market>>, names: &[&str]) -> Result<Table, PublishError> {
        let wanted = names.iter().map(|name| self.snapshot.find(&self.folder, name)).collect::<Result<Vec<_>, _>>()?;
        let mut result = Table {
            columns: wanted.iter().map(|(n, k)| Column { name: (*n).to_owned(), data: ColumnData::empty(*k) }).collect(),
        };
        let partition = (Some(day), market.into());
        for file in self.snapshot.files.iter().filter(|file| file.partition() == partition) {
            let path = self.folder.join(&file.path);
            let failed = |e| PublishError::parquet(Operation::Read, &path)(e);
            let part = parquet::read(files::open(&path)?, &wanted).map_err(failed)?;
            for (column, read) in result.columns.iter_mut().zip(part.columns) {
                column.data.append(read.data);
            }
        }
        Ok(result)
    }

    /// The columns called `names` of one partition, a file at a time, so that a large one never lies in memory whole.
    ///
    /// # Errors
    /// When a column does not exist in the table; each item when its file cannot be read.
    pub fn read_by_file<'a>(
        &'a self,
        day: Day,
        market: Market,
        names: &[&'a str],
    ) -> Result<impl Iterator<Item = Result<Table, PublishError>> + use<'a>, PublishError> {
        let wanted = names.iter().map(|name| self.snapshot.find(&self.folder, name)).collect::<Result<Vec<_>, _>>()?;
        let files = self.snapshot.files.iter().filter(move |file| file.partition() == (Some(day), Some(market)));
        Ok(files.map(move |file| {
            let path = self.folder.join(&file.path);
            parquet::read(files::open(&path)?, &wanted).map_err(|e| PublishError::parquet(Operation::Read, &path)(e))
        }))
    }

    /// The first cell of a text column in one partition: where all rows have the same, it is read once.
    ///
    /// # Errors
    /// When the column does not exist in the table, or the file cannot be read.
    pub fn read_first_text(&self, day: Day, market: Market, name: &str) -> Result<Option<String>, PublishError> {
        let (name, kind) = self.snapshot.find(&self.folder, name)?;
        for file in self.snapshot.files.iter().filter(|file| file.partition() == (Some(day), Some(market))) {
            let path = self.folder.join(&file.path);
            let failed = |e| PublishError::parquet(Operation::Read, &path)(e);
            if let Some(ColumnData::Text(cells)) = parquet::read_first(files::open(&path)?, name, kind).map_err(failed)?
                && let Some(cell) = cells.into_iter().next()
            {
                return Ok(cell);
            }
        }
        Ok(None)
    }
}

struct Snapshot {
    columns: Vec<(String, Option<ColumnKind>)>,
    files: Vec<SnapshotFile>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct SnapshotFile {
    as_of: Option<String>,
    market: Option<String>,
    path: String,
}

impl SnapshotFile {
    fn partition(&self) -> (Option<Day>, Option<Market>) {
        (self.as_of.as_ref().and_then(|day| day.parse().ok()), self.market.as_ref().and_then(|market| market.parse().ok()))
    }
}

impl Snapshot {
    fn find<'a>(&self, folder: &Path, name: &'a str) -> Result<(&'a str, ColumnKind), PublishError> {
        let kind = self.columns.iter().find(|(column, _)| column == name).and_then(|(_, kind)| *kind);
        kind.map(|kind| (name, kind)).ok_or_else(|| PublishError::NoColumn {
            path: folder.to_owned(),
            column: name.to_owned(),
            existing: self.columns.iter().map(|(column, _)| column.as_str()).collect::<Vec<_>>().join(", "),
        })
    }
}

fn snapshot(folder: &Path, version: u64) -> Result<Snapshot, PublishError> {
    let failed = |e| PublishError::delta("open", folder)(e);
    let table = runtime()?.block_on(open(folder, Some(version))).map_err(failed)?;
    let state = table.snapshot().map_err(failed)?;
    let columns = state.schema().fields().map(|f| (f.name().clone(), kind_of(f.data_type()))).collect();
    let mut files = Vec::new();
    for file in state.snapshot().try_log_data().map_err(failed)? {
        let mut values = file.partition_values_map();
        let mut value = |name| values.remove(name).flatten();
        files.push(SnapshotFile { as_of: value("as_of"), market: value("market"), path: file.path().into_owned() });
    }
    files.sort();
    Ok(Snapshot { columns, files })
}
