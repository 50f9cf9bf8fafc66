//! A feature matrix as files: Parquet for the values, JSON for what they mean.
//!
//! Input: rows of a matrix. Output: `<out>` with the columns content_id, as_of, market, content_type and one f32 a feature, rows by
//! content, then time; and `<out without its ending>.json`. The Parquet file's metadata carries docs and fingerprint too, so
//! that a matrix that has lost its companion still says what it is. Deliberately not here: which rows (`features`).

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::exit::VerbError;
use super::input::Input;
use super::merge::{Ordered, ShardRows};
use super::project::Project;
use super::publishing::codec;
use crate::dataset::Item;
use crate::features::{DeclaredDoc, FeatureSet, NullReport, null_features};
use crate::files::{self, AtomicFile};
use crate::publish::{Column, ColumnData, ColumnKind, ColumnSpec, SingleFile, Table, TableSchema, WriterOptions};
use crate::units::{ContentType, Id, Market, Timestamp};

/// One row of the matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct MatrixRow {
    content_id: Id,
    as_of: Timestamp,
    market: Market,
    content_type: ContentType,
    features: Vec<f32>,
}

impl From<Item> for MatrixRow {
    fn from(item: Item) -> Self {
        Self {
            content_id: item.content_id,
            as_of: item.as_of.instant,
            market: item.market,
            content_type: item.content_type,
            features: item.features,
        }
    }
}

/// By content, then time.
impl Ordered for MatrixRow {
    type Key = (Id, Timestamp);

    fn key(&self) -> Self::Key {
        (self.content_id.clone(), self.as_of)
    }
}

/// A column of the matrix: its doc block, and how much of it is known.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnSummary {
    /// Its doc block.
    #[serde(flatten)]
    pub doc: DeclaredDoc,
    /// Hash of its definition.
    pub fingerprint: String,
    /// Rows of the content types that it is meant for.
    pub rows: u64,
    /// Those of them in which it is not null.
    pub known: u64,
    /// The share of them; absent without rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<f64>,
}

/// What the JSON file beside the matrix says.
#[derive(Debug, Clone, Serialize)]
pub struct MatrixSummary {
    /// The matrix.
    #[serde(skip)]
    pub path: PathBuf,
    /// Version of this file's form.
    pub format: u32,
    /// Program that wrote it.
    pub program: &'static str,
    /// Hash of everything that decides what the columns mean: a model trained on them records the same one.
    pub fingerprint: String,
    /// Rows.
    pub rows: u64,
    /// Items of a given spine that are not in the input: they have no row.
    pub missing_items: u64,
    /// The tables that have a source, and the columns that hold a value in some row.
    pub inputs_present: Vec<String>,
    /// What a feature reads, but the input hasn't got.
    pub inputs_absent: Vec<String>,
    /// The features that are null, or computed from less, for that reason.
    pub null_features: NullReport,
    /// What went by the way.
    pub warnings: Vec<String>,
    /// The columns, in their order.
    pub features: Vec<ColumnSummary>,
}

/// The columns before the features.
const LEADING: [(&str, ColumnKind, &str); 4] = [
    ("content_id", ColumnKind::Text, "the item"),
    ("as_of", ColumnKind::Timestamp, "the midnight before which everything in the row was known"),
    ("market", ColumnKind::Text, "ISO 3166 alpha-2"),
    ("content_type", ColumnKind::Text, "listing, video, live, review or comment"),
];

/// Rows of a row group.
const GROUP_ROWS: usize = 16_384;

/// Both files, begun before a row is read.
pub(super) struct MatrixFile {
    path: PathBuf,
    parquet: SingleFile,
    json: AtomicFile,
    set: FeatureSet,
    fingerprint: String,
}

impl MatrixFile {
    /// Begins the files for the columns of `set`.
    ///
    /// # Errors
    /// When they cannot be made.
    pub(super) fn create(out: &Path, set: &FeatureSet, fingerprint: String, project: &Project) -> anyhow::Result<Self> {
        let json = out.with_extension("json");
        if json == out || out.file_name().is_none() {
            let reason = format!("{} is the name of the description beside the matrix: end it in .parquet", out.display());
            return Err(VerbError::Argument { argument: "--out", reason }.into());
        }
        let leading = LEADING.map(|(name, kind, doc)| ColumnSpec { name: name.to_owned(), kind, doc: doc.to_owned() });
        let features = set.docs().map(|d| ColumnSpec { name: d.name.clone(), kind: ColumnKind::F32, doc: d.what.clone() });
        let schema = TableSchema { name: "features", columns: leading.into_iter().chain(features).collect() };
        let compression = codec(project.config.output.compression);
        let options = WriterOptions { compression, row_group_rows: GROUP_ROWS, max_file_rows: usize::MAX };
        let docs: Vec<&DeclaredDoc> = set.docs().collect();
        let notes = [
            ("stallmark.fingerprint".to_owned(), fingerprint.clone()),
            ("stallmark.features".to_owned(), serde_json::to_string(&docs)?),
        ];
        let parquet = SingleFile::create(out, schema, &options, &notes).context("the matrix cannot be written")?;
        Ok(Self { path: out.to_owned(), parquet, json: AtomicFile::create(&json)?, set: set.clone(), fingerprint })
    }

    /// Writes `rows` and the description. The description appears last.
    ///
    /// # Errors
    /// When either cannot be written.
    pub(super) fn write(
        mut self,
        rows: &ShardRows<MatrixRow>,
        input: &Input,
        missing_items: u64,
        warnings: Vec<String>,
    ) -> anyhow::Result<MatrixSummary> {
        let mut columns: Vec<ColumnSummary> = (self.set.docs().cloned().zip(self.set.fingerprints()))
            .map(|(doc, fingerprint)| ColumnSummary { doc, fingerprint, rows: 0, known: 0, coverage: None })
            .collect();
        let mut group: Vec<MatrixRow> = Vec::new();
        for row in rows.merged()? {
            let row = row?;
            for (column, value) in columns.iter_mut().zip(&row.features) {
                column.rows += u64::from(column.doc.applies_to(row.content_type));
                column.known += u64::from(!value.is_nan());
            }
            group.push(row);
            if group.len() == GROUP_ROWS {
                self.parquet.append(table_of(&self.set, std::mem::take(&mut group)))?;
            }
        }
        if !group.is_empty() {
            self.parquet.append(table_of(&self.set, group))?;
        }
        for column in &mut columns {
            column.coverage = (column.rows > 0).then(|| column.known as f64 / column.rows as f64);
        }
        let mut absent: Vec<String> = self.set.docs().flat_map(DeclaredDoc::reads).map(str::to_owned).collect();
        absent.retain(|name| !input.present.contains(name));
        absent.sort_unstable();
        absent.dedup();
        let summary = MatrixSummary {
            path: self.path,
            format: 1,
            program: concat!("stallmark ", env!("CARGO_PKG_VERSION")),
            fingerprint: self.fingerprint,
            rows: rows.n_rows(),
            missing_items,
            null_features: null_features(&input.features, |name| input.present.contains(name)),
            inputs_present: input.present.iter().cloned().collect(),
            inputs_absent: absent,
            warnings,
            features: columns,
        };
        self.parquet.finish()?;
        files::write_and_commit(self.json, (serde_json::to_string_pretty(&summary)? + "\n").as_bytes())?;
        Ok(summary)
    }
}

/// Rows as columns; what is not known is null.
fn table_of(set: &FeatureSet, rows: Vec<MatrixRow>) -> Table {
    let texts = |of: fn(&MatrixRow) -> &str| ColumnData::Text(rows.iter().map(|row| Some(of(row).to_owned())).collect());
    let leading = [
        texts(|row| row.content_id.as_str()),
        ColumnData::Timestamp(rows.iter().map(|row| Some(row.as_of)).collect()),
        texts(|row| row.market.as_str()),
        texts(|row| row.content_type.as_str()),
    ];
    let mut columns: Vec<Column> =
        LEADING.iter().zip(leading).map(|((name, _, _), data)| Column { name: (*name).to_owned(), data }).collect();
    for (at, name) in set.names().iter().enumerate() {
        let value = |row: &MatrixRow| row.features.get(at).copied().filter(|value| !value.is_nan());
        columns.push(Column { name: name.clone(), data: ColumnData::F32(rows.iter().map(value).collect()) });
    }
    Table { columns }
}

impl std::fmt::Display for MatrixSummary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} rows of {} features in {}", self.rows, self.features.len(), self.path.display())
    }
}
