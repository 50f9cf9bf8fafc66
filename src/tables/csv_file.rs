//! CSV files → chunks of untyped text columns.
//!
//! Input: a file and how it is written. Output: its column names; chunks in which a record of the wrong length or the wrong
//! encoding is a broken row. An empty field is null. A quote left open is an error, because everything after it is lost: the
//! `csv` crate does not tell, so the end of the file is scanned once more.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use csv::{ByteRecord, Reader, ReaderBuilder};

use crate::config::{CsvFormat, Encoding};

use super::TablesError;
use super::chunk::{BrokenRow, Chunk, Column, TextColumn};

/// The longest record that is read; a longer one is a quote left open.
const MAX_RECORD_BYTES: u64 = 64 << 20;

/// A chunk ends early when it holds so many bytes of text.
const CHUNK_BYTES: usize = 32 << 20;

/// What follows a byte that is not UTF-8.
const NOT_UTF8: &str = "not UTF-8: declare encoding = \"latin-1\", or convert the file";

/// The names of the columns of the CSV file at `path`.
///
/// # Errors
/// When the file cannot be opened, is empty or compressed, or has a bad header.
pub(super) fn column_names(path: &Path, format: &CsvFormat) -> Result<Vec<String>, TablesError> {
    let names = if let Some(names) = &format.columns {
        drop(open(path)?);
        names.clone()
    } else {
        let mut header = ByteRecord::new();
        let mut reader = reader(open(path)?, format, None);
        let any = reader.read_byte_record(&mut header).map_err(|e| csv_error(path, 0, e))?;
        if !any {
            return Err(TablesError::EmptyFile { path: path.to_owned() });
        }
        header
            .iter()
            .map(|name| decode(name, format.encoding).ok_or_else(|| malformed(path, NOT_UTF8)))
            .collect::<Result<_, _>>()?
    };
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(TablesError::DuplicateColumn { path: path.to_owned(), column: pair[0].clone() }),
        None => Ok(names),
    }
}

/// Opens a text file, refusing one that is empty or is not plain text.
pub(super) fn open(path: &Path) -> Result<File, TablesError> {
    let unreadable = |source| TablesError::Unreadable { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(unreadable)?;
    let mut magic = Vec::with_capacity(4);
    (&mut file).take(4).read_to_end(&mut magic).map_err(unreadable)?;
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    match magic.as_slice() {
        [] => Err(TablesError::EmptyFile { path: path.to_owned() }),
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd] => Err(malformed(path, "the file is compressed: decompress it first")),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Err(malformed(path, "the file is UTF-16: convert it to UTF-8")),
        b"PAR1" => Err(malformed(path, "the file is Parquet: declare format = \"parquet\"")),
        _ => Ok(file),
    }
}

/// Reads the rows of one file.
pub(super) struct CsvRows {
    path: PathBuf,
    encoding: Encoding,
    reader: Reader<Guarded>,
    /// Where the current record began, for the guard.
    record_start: Arc<AtomicU64>,
    record: ByteRecord,
    names: Vec<String>,
    wanted: Vec<bool>,
    n_rows: u64,
    separator: u8,
    /// Data began at this byte: records at it or later are rows.
    last_start: u64,
}

impl CsvRows {
    /// Opens the file to read the `wanted` ones of its columns `names`.
    pub(super) fn open(path: &Path, format: &CsvFormat, names: Vec<String>, wanted: Vec<bool>) -> Result<Self, TablesError> {
        let record_start = Arc::new(AtomicU64::new(0));
        let mut reader = reader(open(path)?, format, Some(Arc::clone(&record_start)));
        let mut record = ByteRecord::new();
        if format.columns.is_none() {
            reader.read_byte_record(&mut record).map_err(|e| csv_error(path, 0, e))?;
        }
        Ok(Self {
            path: path.to_owned(),
            encoding: format.encoding,
            reader,
            record_start,
            record,
            names,
            wanted,
            n_rows: 0,
            separator: format.separator,
            last_start: 0,
        })
    }

    /// The next rows, at most `max_rows`; `None` at the end.
    pub(super) fn next_chunk(&mut self, max_rows: usize) -> Result<Option<Chunk>, TablesError> {
        let mut texts: Vec<TextColumn> = self.names.iter().map(|_| TextColumn::default()).collect();
        let mut chunk = Chunk { first_row: self.n_rows + 1, ..Chunk::default() };
        let mut n_bytes = 0;
        while chunk.n_rows < max_rows && n_bytes < CHUNK_BYTES {
            self.record_start.store(self.reader.position().byte(), Ordering::Relaxed);
            let any = self.reader.read_byte_record(&mut self.record).map_err(|e| csv_error(&self.path, self.n_rows + 1, e))?;
            if !any {
                self.check_end()?;
                break;
            }
            self.last_start = self.record.position().map_or(0, csv::Position::byte);
            n_bytes += self.record.as_slice().len();
            self.push_record(&mut texts, &mut chunk);
            chunk.n_rows += 1;
            self.n_rows += 1;
        }
        chunk.columns =
            texts.into_iter().zip(&self.wanted).map(|(t, w)| if *w { Column::Text(t) } else { Column::Unread }).collect();
        Ok((chunk.n_rows > 0).then_some(chunk))
    }

    /// Adds the current record to the columns, or notes why it is broken.
    fn push_record(&self, texts: &mut [TextColumn], chunk: &mut Chunk) {
        let at_row = chunk.n_rows;
        let broken = |column: &str, value: &[u8], reason: String| BrokenRow {
            at: at_row,
            column: column.to_owned(),
            value: String::from_utf8_lossy(value).into_owned(),
            reason,
        };
        let is_record = self.record.len() == self.names.len();
        if !is_record {
            let reason = format!("the record has {} fields, expected {}", self.record.len(), self.names.len());
            chunk.broken.push(broken("", self.record.as_slice(), reason));
        }
        for (at, column) in texts.iter_mut().enumerate().filter(|(at, _)| self.wanted[*at]) {
            let field = self.record.get(at).filter(|field| !field.is_empty() && is_record);
            match (field, self.encoding) {
                (None, _) => column.push(None),
                (Some(field), Encoding::Latin1) => column.push_latin1(field),
                (Some(field), Encoding::Utf8) => {
                    let text = std::str::from_utf8(field);
                    column.push(text.ok());
                    if text.is_err() {
                        chunk.broken.push(broken(&self.names[at], field, NOT_UTF8.to_owned()));
                    }
                }
            }
        }
    }

    /// Refuses a file that ends inside quotes.
    fn check_end(&self) -> Result<(), TablesError> {
        let unreadable = |source| TablesError::Unreadable { path: self.path.clone(), source };
        let mut file = open(&self.path)?;
        file.seek(SeekFrom::Start(self.last_start)).map_err(unreadable)?;
        let mut tail = Vec::new();
        file.take(MAX_RECORD_BYTES).read_to_end(&mut tail).map_err(unreadable)?;
        if ends_in_quotes(&tail, self.separator) {
            return Err(TablesError::UnclosedQuote { path: self.path.clone(), row: self.n_rows });
        }
        Ok(())
    }
}

/// Whether `bytes`, which begin where a record begins, end inside a quoted field.
fn ends_in_quotes(bytes: &[u8], separator: u8) -> bool {
    enum At {
        FieldStart,
        Plain,
        Quoted,
        QuoteInQuoted,
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut at = At::FieldStart;
    for byte in bytes {
        at = match (at, *byte) {
            (At::Quoted, b'"') => At::QuoteInQuoted,
            (At::Quoted, _) | (At::FieldStart | At::QuoteInQuoted, b'"') => At::Quoted,
            (_, b'\n' | b'\r') => At::FieldStart,
            (_, b) if b == separator => At::FieldStart,
            _ => At::Plain,
        };
    }
    matches!(at, At::Quoted)
}

/// The text of a header's field; `None` when it is not in the declared encoding.
fn decode(bytes: &[u8], encoding: Encoding) -> Option<String> {
    match encoding {
        Encoding::Utf8 => std::str::from_utf8(bytes).ok().map(str::to_owned),
        Encoding::Latin1 => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
    }
}

fn malformed(path: &Path, reason: &str) -> TablesError {
    TablesError::Malformed { path: path.to_owned(), format: "text", reason: reason.to_owned() }
}

fn csv_error(path: &Path, row: u64, error: csv::Error) -> TablesError {
    match error.into_kind() {
        csv::ErrorKind::Io(source) if source.kind() == io::ErrorKind::FileTooLarge => {
            TablesError::LongRecord { path: path.to_owned(), row, limit: MAX_RECORD_BYTES }
        }
        csv::ErrorKind::Io(source) => TablesError::Unreadable { path: path.to_owned(), source },
        other => malformed(path, &format!("row {row}: {}", csv::Error::from(io::Error::other(format!("{other:?}"))))),
    }
}

fn reader(file: File, format: &CsvFormat, record_start: Option<Arc<AtomicU64>>) -> Reader<Guarded> {
    let guarded = Guarded { file, n_read: 0, record_start: record_start.unwrap_or_default() };
    ReaderBuilder::new()
        .delimiter(format.separator)
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(1 << 18)
        .from_reader(guarded)
}

/// A file that refuses to go on when one record grows beyond [`MAX_RECORD_BYTES`], so that a quote left open cannot fill the
/// memory.
struct Guarded {
    file: File,
    n_read: u64,
    record_start: Arc<AtomicU64>,
}

impl Read for Guarded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.n_read.saturating_sub(self.record_start.load(Ordering::Relaxed)) > MAX_RECORD_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let n = self.file.read(buffer)?;
        self.n_read += n as u64;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_quotes_are_found_as_the_csv_crate_sees_them() {
        let check = |text: &str, expect: bool| assert_eq!(ends_in_quotes(text.as_bytes(), b','), expect, "{text}");
        check("a,b\n", false);
        check("a,\"b", true);
        check("a,\"b\"\"", true);
        check("a,\"b\"\"\"", false);
        check("a,b\"c", false);
        check("\u{feff}\"a", true);
        check("\"a\"b\"", false);
        check("\"a\nb", true);
    }
}
