//! The plan of a read: every file opened, every mapping compiled, every type checked, before a row is read.
//!
//! Input: the sources. Output: a [`Plan`] that [`super::read`] follows, with the number of bytes it will read; or the first thing that
//! stops the run. Deliberately not here: reading rows.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use chrono_tz::Tz;

use crate::config::{Source, SourceFormat};
use crate::sql::SqlType;

use super::chunk::SourceColumn;
use super::inputs::{InputFile, input_files};
use super::json_file::KeyScan;
use super::mapping::{ColumnPlan, FeedPlan, FileColumns, map_feed};
use super::parquet_file::ParquetInfo;
use super::schema::{Need, schema};
use super::{TablesError, csv_file, json_file};

/// Sources that were found readable, and how each of their files becomes rows.
#[derive(Debug)]
pub struct Plan {
    /// Bytes of all inputs; uncompressed for Parquet.
    pub total_bytes: u64,
    /// The `x_*` columns of `content`, sorted: `ContentRow::extra` is in this order.
    pub extra_columns: Vec<String>,
    pub(super) sources: Vec<SourcePlan>,
    pub(super) files: Vec<FilePlan>,
}

impl Plan {
    /// The file with index [`super::RowOrigin::file`], as rejects name it.
    #[must_use]
    pub fn file_name(&self, file: u32) -> String {
        let file = usize::try_from(file).ok().and_then(|at| self.files.get(at));
        let source = file.and_then(|f| self.sources.get(f.source));
        match (source, file) {
            (Some(source), Some(file)) => format!("{}: {}", source.name, file.input.name),
            _ => String::new(),
        }
    }

    /// The files with their paths, under the names that rejects use.
    pub fn paths(&self) -> impl Iterator<Item = (String, &Path)> {
        self.files.iter().enumerate().map(|(at, file)| (self.file_name(at as u32), file.input.path.as_path()))
    }

    /// The tables that a source feeds and the columns that are mapped for at least one of their files: `engagement`,
    /// `content.title`. Whether any row has a value is not known here; what is not listed has none.
    #[must_use]
    pub fn mapped(&self) -> BTreeSet<String> {
        let mut mapped = BTreeSet::new();
        for feed in self.files.iter().flat_map(|file| &file.layout.feeds) {
            mapped.insert(feed.table.to_string());
            let columns = feed.columns.iter().map(|(spec, plan)| (spec.column, plan));
            let columns = columns.chain(feed.extras.iter().map(|(name, plan)| (name.as_str(), plan)));
            let there = columns.filter(|(_, plan)| !matches!(plan, ColumnPlan::Absent));
            mapped.extend(there.map(|(column, _)| format!("{}.{column}", feed.table)));
        }
        mapped
    }

    /// How many files are read.
    #[must_use]
    pub fn n_files(&self) -> usize {
        self.files.len()
    }
}

/// A source of a plan.
#[derive(Debug)]
pub(super) struct SourcePlan {
    pub(super) name: String,
    pub(super) format: SourceFormat,
    pub(super) zone: Tz,
}

/// A file of a plan.
#[derive(Debug)]
pub(super) struct FilePlan {
    /// Which source it belongs to.
    pub(super) source: usize,
    pub(super) input: InputFile,
    /// Its length, to notice that it changed.
    pub(super) n_bytes: u64,
    pub(super) layout: Arc<Layout>,
}

/// The columns that some files of a source share, and the feeds over them.
#[derive(Debug)]
pub(super) struct Layout {
    /// The file's own columns, then its partitions.
    pub(super) columns: Vec<SourceColumn>,
    /// How many of them are the file's own.
    pub(super) n_own: usize,
    pub(super) feeds: Vec<FeedPlan>,
}

/// Opens every file of `sources` and compiles every mapping over its columns.
///
/// # Errors
/// When a source has no file; a file is missing, empty, truncated or of another format; a required column is not mapped; a
/// mapped name is not canonical; an expression does not compile, or a type does not fit.
pub fn plan(sources: &[Source]) -> Result<Plan, TablesError> {
    let mut plan = Plan { total_bytes: 0, extra_columns: Vec::new(), sources: Vec::new(), files: Vec::new() };
    for source in sources {
        let planner = SourcePlanner { source, index: plan.sources.len() };
        let (files, n_bytes) = planner.files()?;
        plan.total_bytes += n_bytes;
        plan.files.extend(files);
        plan.sources.push(SourcePlan { name: source.name.clone(), format: source.format.clone(), zone: source.time_zone });
    }
    let feeds = plan.files.iter().flat_map(|file| &file.layout.feeds);
    plan.extra_columns = feeds.flat_map(|feed| feed.extras.iter().map(|(name, _)| name.clone())).collect();
    plan.extra_columns.sort_unstable();
    plan.extra_columns.dedup();
    Ok(plan)
}

/// Plans the files of one source.
struct SourcePlanner<'a> {
    source: &'a Source,
    index: usize,
}

impl SourcePlanner<'_> {
    fn files(&self) -> Result<(Vec<FilePlan>, u64), TablesError> {
        let inputs = input_files(self.source)?;
        match &self.source.format {
            SourceFormat::JsonLines => {
                // Keys may first appear late: only when a mapping names one that the beginning lacks are all lines looked at.
                let quick = self.files_over(&inputs, &self.keys(&inputs, KeyScan::Start)?);
                match quick {
                    Err(TablesError::Sql { .. } | TablesError::MissingColumn { .. } | TablesError::NoSuchColumn { .. }) => {
                        self.files_over(&inputs, &self.keys(&inputs, KeyScan::Whole)?)
                    }
                    done => done,
                }
            }
            SourceFormat::Csv(_) | SourceFormat::Parquet => self.files_over(&inputs, &[]),
        }
    }

    /// The keys of all JSON files of the source, and the optional columns of feeds that take columns by their own names; a
    /// partition is such a column already.
    fn keys(&self, inputs: &[InputFile], scan: KeyScan) -> Result<Vec<SourceColumn>, TablesError> {
        let mut names: Vec<String> = Vec::new();
        for input in inputs {
            names.extend(json_file::keys(&input.path, scan)?);
        }
        for feed in self.source.feeds.iter().filter(|feed| feed.columns.is_none()) {
            let optional = schema(feed.table).into_iter().filter(|spec| spec.need == Need::Optional);
            let in_path = |name: &str| inputs.iter().any(|input| input.partitions.iter().any(|(key, _)| key == name));
            names.extend(optional.filter(|spec| !in_path(spec.column)).map(|spec| spec.column.to_owned()));
        }
        let mut columns: Vec<SourceColumn> = Vec::new();
        for name in names {
            if !columns.iter().any(|c| c.name == name) {
                columns.push(untyped(name));
            }
        }
        Ok(columns)
    }

    fn files_over(&self, inputs: &[InputFile], keys: &[SourceColumn]) -> Result<(Vec<FilePlan>, u64), TablesError> {
        let mut layouts: Vec<Arc<Layout>> = Vec::new();
        let (mut files, mut total_bytes) = (Vec::new(), 0);
        for input in inputs {
            let (mut columns, n_bytes, read_bytes) = self.own_columns(&input.path, keys)?;
            total_bytes += read_bytes;
            let n_own = columns.len();
            for (name, _) in &input.partitions {
                if !columns.iter().any(|c| c.name == *name) {
                    columns.push(untyped(name.clone()));
                }
            }
            let known = layouts.iter().find(|layout| layout.n_own == n_own && layout.columns == columns);
            let layout = if let Some(layout) = known {
                Arc::clone(layout)
            } else {
                let file = FileColumns { path: &input.path, columns: &columns };
                let feeds = self.source.feeds.iter().map(|feed| map_feed(feed, file)).collect::<Result<_, _>>()?;
                layouts.push(Arc::new(Layout { columns, n_own, feeds }));
                Arc::clone(&layouts[layouts.len() - 1])
            };
            refuse_shadowed(input, &layout)?;
            files.push(FilePlan { source: self.index, input: input.clone(), n_bytes, layout });
        }
        Ok((files, total_bytes))
    }

    /// A file's columns, its length, and how many bytes it holds uncompressed.
    fn own_columns(&self, path: &Path, keys: &[SourceColumn]) -> Result<(Vec<SourceColumn>, u64, u64), TablesError> {
        let n_bytes = file_bytes(path)?;
        Ok(match &self.source.format {
            SourceFormat::Parquet => {
                let info = ParquetInfo::open(path)?;
                (info.columns(), n_bytes, info.uncompressed_bytes())
            }
            SourceFormat::Csv(format) => {
                let names = csv_file::column_names(path, format)?;
                (names.into_iter().map(untyped).collect(), n_bytes, n_bytes)
            }
            SourceFormat::JsonLines => (keys.to_vec(), n_bytes, n_bytes),
        })
    }
}

/// Refuses a file that has a column which is also a partition of its path, where a feed reads it: the two may differ, and
/// nothing says which is meant.
fn refuse_shadowed(input: &InputFile, layout: &Layout) -> Result<(), TablesError> {
    for (at, column) in layout.columns.iter().enumerate().take(layout.n_own) {
        let reads = |feed: &&FeedPlan| feed.needs.contains(&at);
        if input.partitions.iter().any(|(key, _)| *key == column.name)
            && let Some(feed) = layout.feeds.iter().find(reads)
        {
            return Err(TablesError::PartitionColumn {
                place: feed.place.clone(),
                path: input.path.clone(),
                folder: input.folder_of(&column.name).to_owned(),
                column: column.name.clone(),
            });
        }
    }
    Ok(())
}

/// The length of a file.
pub(super) fn file_bytes(path: &Path) -> Result<u64, TablesError> {
    std::fs::metadata(path).map(|m| m.len()).map_err(|source| TablesError::Unreadable { path: path.to_owned(), source })
}

fn untyped(name: String) -> SourceColumn {
    SourceColumn { name, kind: Ok(SqlType::Untyped) }
}
