//! Parquet files → chunks of typed columns.
//!
//! Input: a file. Output: its columns with their types; chunks decoded from one row group, or a part of a large one, at a time.
//! A damaged file is an error, also where the decoder panics. Deliberately not here: what type a column has (`parquet_schema`);
//! and memory mapping, because a file that shrinks under a map kills the process.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use polars_arrow::array::{Array, NullArray};
use polars_arrow::compute::concatenate::concatenate;
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema};
use polars_parquet::parquet::metadata::FileMetadata;
use polars_parquet::read::{
    BasicDecompressor, Filter, PageReader, ParquetType, PhysicalType, PrimitiveConvertedType, column_iter_to_arrays,
    read_metadata,
};
use rayon::prelude::*;

use super::TablesError;
use super::chunk::{BrokenRow, Chunk, Column, SourceColumn};
use super::parquet_arrays::{ClockKind, to_column, type_of};
use super::parquet_schema::arrow_schema;

/// The most uncompressed bytes that are decoded at once.
const SPAN_BYTES: u64 = 128 << 20;

/// How much of a file is looked at to tell text from a damaged file.
const TEXT_BYTES: usize = 1024;

/// What a Parquet file's footer says.
pub(super) struct ParquetInfo {
    metadata: FileMetadata,
    schema: ArrowSchema,
    /// For each column, how its times are meant.
    clocks: Vec<ClockKind>,
    /// The file's length: nothing may lie beyond it.
    n_bytes: u64,
}

impl ParquetInfo {
    /// Reads the footer of the file at `path`.
    ///
    /// # Errors
    /// When the file cannot be opened, is empty or truncated, or names a column twice.
    pub(super) fn open(path: &Path) -> Result<Self, TablesError> {
        let unreadable = |source| TablesError::Unreadable { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(unreadable)?;
        let n_bytes = file.metadata().map_err(unreadable)?.len();
        if n_bytes == 0 {
            return Err(TablesError::EmptyFile { path: path.to_owned() });
        }
        if looks_like_text(&mut file).map_err(unreadable)? {
            return Err(TablesError::Malformed {
                path: path.to_owned(),
                format: "Parquet",
                reason: "it looks like text: set `format = \"csv\"` or `format = \"jsonl\"` for the source".to_owned(),
            });
        }
        let metadata = guarded(path, || read_metadata(&mut file).map_err(|e| e.to_string()))?;
        let fields = metadata.schema_descr.fields();
        let mut names: Vec<&str> = fields.iter().map(ParquetType::name).collect();
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(TablesError::DuplicateColumn { path: path.to_owned(), column: pair[0].to_owned() });
        }
        let schema = guarded(path, || Ok(arrow_schema(&metadata)))?;
        let clock_of = |name: &str| fields.iter().find(|f| f.name() == name).map_or(ClockKind::Local, clock);
        let clocks = schema.iter_names().map(|name| clock_of(name)).collect();
        Ok(Self { metadata, schema, clocks, n_bytes })
    }

    /// The columns in file order.
    pub(super) fn columns(&self) -> Vec<SourceColumn> {
        self.schema.iter().map(|(name, field)| SourceColumn { name: name.to_string(), kind: type_of(&field.dtype) }).collect()
    }

    /// Bytes of all columns, uncompressed.
    pub(super) fn uncompressed_bytes(&self) -> u64 {
        self.metadata.row_groups.iter().map(|group| group.total_byte_size() as u64).sum()
    }
}

/// Whether a file is rather text than Parquet: it begins otherwise, and without the bytes that no text has. A folder whose
/// format is left to its name is taken for Parquet.
fn looks_like_text(file: &mut File) -> io::Result<bool> {
    let mut start = Vec::with_capacity(TEXT_BYTES);
    file.take(TEXT_BYTES as u64).read_to_end(&mut start)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(!start.starts_with(b"PAR1") && start.iter().all(|b| !b.is_ascii_control() || matches!(b, b'\t' | b'\n' | b'\r')))
}

/// Times that Spark, Hive and Impala write are instants, though the file does not say it in the modern way.
fn clock(field: &ParquetType) -> ClockKind {
    let ParquetType::PrimitiveType(field) = field else { return ClockKind::Local };
    let legacy =
        matches!(field.converted_type, Some(PrimitiveConvertedType::TimestampMillis | PrimitiveConvertedType::TimestampMicros));
    let utc = field.physical_type == PhysicalType::Int96 || (legacy && field.logical_type.is_none());
    if utc { ClockKind::Utc } else { ClockKind::Local }
}

/// Runs a step of the decoder, turning its errors and its panics into errors of the file.
fn guarded<T>(path: &Path, step: impl FnOnce() -> Result<T, String>) -> Result<T, TablesError> {
    let malformed = |reason: String| TablesError::Malformed {
        path: path.to_owned(),
        format: "Parquet",
        reason: format!("{reason}: write the file again"),
    };
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(done) => done.map_err(malformed),
        Err(_) => Err(malformed("the file is damaged".to_owned())),
    }
}

/// Reads the rows of one file.
pub(super) struct ParquetRows {
    path: PathBuf,
    info: ParquetInfo,
    wanted: Vec<usize>,
    zone: Tz,
    /// Parts still to decode: row group and rows within it.
    spans: std::vec::IntoIter<(usize, Range<usize>)>,
    /// The decoded part: an array for each wanted column.
    decoded: Vec<Box<dyn Array>>,
    /// Rows of the decoded part that were handed out, and that there are.
    at: usize,
    n_decoded: usize,
    n_rows: u64,
}

impl ParquetRows {
    /// Opens the file to read the `wanted` ones of its columns; times without a zone are local to `zone`.
    pub(super) fn open(path: &Path, info: ParquetInfo, wanted: &[bool], zone: Tz) -> Self {
        let wanted =
            wanted.iter().enumerate().filter(|(at, wanted)| **wanted && *at < info.schema.len()).map(|(at, _)| at).collect();
        let spans = spans(&info.metadata).into_iter();
        Self { path: path.to_owned(), info, wanted, zone, spans, decoded: Vec::new(), at: 0, n_decoded: 0, n_rows: 0 }
    }

    /// The next rows, at most `max_rows`; `None` at the end.
    pub(super) fn next_chunk(&mut self, max_rows: usize) -> Result<Option<Chunk>, TablesError> {
        while self.at == self.n_decoded {
            let Some((group, rows)) = self.spans.next() else { return Ok(None) };
            self.at = 0;
            self.n_decoded = rows.len();
            self.decoded = self.decode(group, &rows)?;
        }
        let n_rows = max_rows.max(1).min(self.n_decoded - self.at);
        let mut chunk = Chunk { first_row: self.n_rows + 1, n_rows, ..Chunk::default() };
        chunk.columns.resize_with(self.info.schema.len(), Column::default);
        for (array, column) in self.decoded.iter().zip(&self.wanted) {
            let slice = array.sliced(self.at, n_rows);
            let clock = self.info.clocks.get(*column).copied().unwrap_or(ClockKind::Local);
            let (cells, faults) = guarded(&self.path, || to_column(slice.as_ref(), clock, self.zone))?;
            chunk.columns[*column] = cells;
            let name = self.info.schema.get_at_index(*column).map(|(name, _)| name.to_string()).unwrap_or_default();
            chunk.broken.extend(faults.into_iter().map(|(at, value, reason)| BrokenRow {
                at,
                column: name.clone(),
                value,
                reason,
            }));
        }
        self.at += n_rows;
        self.n_rows += n_rows as u64;
        Ok(Some(chunk))
    }

    fn decode(&self, group: usize, rows: &Range<usize>) -> Result<Vec<Box<dyn Array>>, TablesError> {
        self.wanted.par_iter().map(|column| guarded(&self.path, || self.decode_column(*column, group, rows))).collect()
    }

    fn decode_column(&self, column: usize, group: usize, rows: &Range<usize>) -> Result<Box<dyn Array>, String> {
        let group = self.info.metadata.row_groups.get(group).ok_or("the row group is missing")?;
        let (name, field) = self.info.schema.get_at_index(column).ok_or("the column is missing")?;
        if field.dtype == ArrowDataType::Null {
            return Ok(Box::new(NullArray::new(ArrowDataType::Null, rows.len())));
        }
        let mut file = File::open(&self.path).map_err(|e| e.to_string())?;
        let (mut pages, mut types) = (Vec::new(), Vec::new());
        for leaf in group.columns_under_root_iter(name).ok_or_else(|| format!("column `{name}` has no data"))? {
            let range = leaf.byte_range();
            if range.end > self.info.n_bytes {
                return Err(format!("column `{name}` lies beyond the end of the file"));
            }
            let mut bytes = vec![0; usize::try_from(range.end - range.start).map_err(|e| e.to_string())?];
            file.seek(SeekFrom::Start(range.start)).and_then(|_| file.read_exact(&mut bytes)).map_err(|e| e.to_string())?;
            pages.push(BasicDecompressor::new(PageReader::new(Cursor::new(bytes.into()), leaf, vec![], usize::MAX), vec![]));
            types.push(&leaf.descriptor().descriptor.primitive_type);
        }
        let filter = (rows.len() < group.num_rows()).then(|| Filter::new_ranged(rows.start, rows.end));
        let (arrays, _) =
            column_iter_to_arrays(pages, types, field.clone(), filter).map_err(|e| format!("column `{name}`: {e}"))?;
        let refs: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
        let whole = concatenate(&refs).map_err(|e| format!("column `{name}`: {e}"))?;
        if whole.len() == rows.len() {
            Ok(whole)
        } else {
            Err(format!("column `{name}` has {} rows, expected {}", whole.len(), rows.len()))
        }
    }
}

/// The parts in which a file is decoded: whole row groups, or pieces of those that are large.
fn spans(metadata: &FileMetadata) -> Vec<(usize, Range<usize>)> {
    let mut spans = Vec::new();
    for (at, group) in metadata.row_groups.iter().enumerate() {
        let n_pieces = usize::try_from((group.total_byte_size() as u64).div_ceil(SPAN_BYTES)).unwrap_or(usize::MAX);
        let n_rows = group.num_rows().div_ceil(n_pieces.max(1)).max(1);
        let mut start = 0;
        while start < group.num_rows() {
            let end = start.saturating_add(n_rows).min(group.num_rows());
            spans.push((at, start..end));
            start = end;
        }
    }
    spans
}
