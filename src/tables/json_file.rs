//! JSON lines → chunks of untyped text columns.
//!
//! Input: a file with one JSON object a line. Output: the keys of its objects; chunks in which a line that is not an object is
//! a broken row. Numbers and truth values become their text, arrays and objects their JSON text, null and absent keys null:
//! from there on a JSON file is read like a CSV file. Blank lines are no rows.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::chunk::{BrokenRow, Chunk, Column, TextColumn};
use super::json_object::JsonObject;
use super::{TablesError, shown};

/// The longest line that is read; a longer one is a broken row.
const MAX_LINE_BYTES: u64 = 64 << 20;

/// A chunk ends early when it holds so many bytes of text.
const CHUNK_BYTES: usize = 32 << 20;

/// How much of a file is looked at for its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyScan {
    /// The first 10,000 lines.
    Start,
    /// All lines.
    Whole,
}

/// The keys of the objects of the file at `path`, in order of first appearance.
///
/// # Errors
/// When the file cannot be read or is empty.
pub(super) fn keys(path: &Path, scan: KeyScan) -> Result<Vec<String>, TablesError> {
    let mut lines = Lines::open(path)?;
    let mut names: Vec<String> = Vec::new();
    let mut n_lines = 0_u64;
    while scan == KeyScan::Whole || n_lines < 10_000 {
        match lines.next()? {
            Line::End => break,
            Line::TooLong => {}
            Line::Text => {
                if let Ok(object) = serde_json::from_slice::<JsonObject>(&lines.bytes) {
                    for key in object.cells.keys().filter(|key| !key.is_empty()) {
                        if !names.contains(key) {
                            names.push(key.clone());
                        }
                    }
                }
            }
        }
        n_lines += 1;
    }
    Ok(names)
}

/// Reads the rows of one file.
pub(super) struct JsonRows {
    lines: Lines,
    /// The column of each wanted key.
    at_key: BTreeMap<String, usize>,
    wanted: Vec<bool>,
    n_rows: u64,
}

impl JsonRows {
    /// Opens the file to read the `wanted` ones of the keys `names`.
    pub(super) fn open(path: &Path, names: &[String], wanted: Vec<bool>) -> Result<Self, TablesError> {
        let at_key = names.iter().enumerate().filter(|(at, _)| wanted[*at]).map(|(at, name)| (name.clone(), at)).collect();
        Ok(Self { lines: Lines::open(path)?, at_key, wanted, n_rows: 0 })
    }

    /// The next rows, at most `max_rows`; `None` at the end.
    pub(super) fn next_chunk(&mut self, max_rows: usize) -> Result<Option<Chunk>, TablesError> {
        let mut texts: Vec<TextColumn> = self.wanted.iter().map(|_| TextColumn::default()).collect();
        let mut chunk = Chunk { first_row: self.n_rows + 1, ..Chunk::default() };
        let mut n_bytes = 0;
        while chunk.n_rows < max_rows && n_bytes < CHUNK_BYTES {
            match self.lines.next()? {
                Line::End => break,
                Line::TooLong => {
                    let reason = format!("the line is longer than {MAX_LINE_BYTES} bytes");
                    chunk.broken.push(BrokenRow { at: chunk.n_rows, column: String::new(), value: String::new(), reason });
                }
                Line::Text => match self.object() {
                    Ok(object) => self.push_object(&object, &mut texts, chunk.n_rows),
                    Err(reason) => {
                        let value = String::from_utf8_lossy(&self.lines.bytes).into_owned();
                        chunk.broken.push(BrokenRow { at: chunk.n_rows, column: String::new(), value, reason });
                    }
                },
            }
            n_bytes += self.lines.bytes.len();
            chunk.n_rows += 1;
            self.n_rows += 1;
            for column in texts.iter_mut().zip(&self.wanted).filter(|(t, w)| **w && t.len() < chunk.n_rows).map(|(t, _)| t) {
                column.push(None);
            }
        }
        chunk.columns =
            texts.into_iter().zip(&self.wanted).map(|(t, w)| if *w { Column::Text(t) } else { Column::Unread }).collect();
        Ok((chunk.n_rows > 0).then_some(chunk))
    }

    /// The object of the current line, or why it is none that can be read.
    fn object(&self) -> Result<JsonObject, String> {
        let object: JsonObject =
            serde_json::from_slice(&self.lines.bytes).map_err(|e| format!("the line is not a JSON object: {e}"))?;
        match &object.repeated {
            None => Ok(object),
            Some(key) => Err(format!("the key `{}` appears twice in the line: keep one", shown(key))),
        }
    }

    fn push_object(&self, object: &JsonObject, texts: &mut [TextColumn], row: usize) {
        for (key, value) in &object.cells {
            let Some(at) = self.at_key.get(key) else { continue };
            // A map has each key once, so a column gets at most one cell a row.
            debug_assert_eq!(texts[*at].len(), row);
            match value {
                Value::Null => texts[*at].push(None),
                Value::String(text) => texts[*at].push(Some(text)),
                other => texts[*at].push(Some(&other.to_string())),
            }
        }
    }
}

/// What the next line is; its bytes are in [`Lines::bytes`].
enum Line {
    Text,
    TooLong,
    End,
}

/// The lines of a file that are not blank, of bounded length.
struct Lines {
    path: PathBuf,
    reader: BufReader<File>,
    bytes: Vec<u8>,
    at_start: bool,
}

impl Lines {
    fn open(path: &Path) -> Result<Self, TablesError> {
        let reader = BufReader::with_capacity(1 << 18, super::csv_file::open(path)?);
        Ok(Self { path: path.to_owned(), reader, bytes: Vec::new(), at_start: true })
    }

    fn next(&mut self) -> Result<Line, TablesError> {
        loop {
            self.bytes.clear();
            let n = (&mut self.reader).take(MAX_LINE_BYTES).read_until(b'\n', &mut self.bytes);
            let n = n.map_err(|source| TablesError::Unreadable { path: self.path.clone(), source })?;
            if n == 0 {
                return Ok(Line::End);
            }
            if n as u64 == MAX_LINE_BYTES && !self.bytes.ends_with(b"\n") {
                self.skip_line()?;
                return Ok(Line::TooLong);
            }
            if self.at_start && self.bytes.starts_with(b"\xef\xbb\xbf") {
                self.bytes.drain(..3);
            }
            self.at_start = false;
            if !self.bytes.iter().all(u8::is_ascii_whitespace) {
                return Ok(Line::Text);
            }
        }
    }

    /// Goes on to the end of the current line without keeping it.
    fn skip_line(&mut self) -> Result<(), TablesError> {
        while !self.bytes.is_empty() && !self.bytes.ends_with(b"\n") {
            self.bytes.clear();
            let n = (&mut self.reader).take(1 << 20).read_until(b'\n', &mut self.bytes);
            n.map_err(|source| TablesError::Unreadable { path: self.path.clone(), source })?;
        }
        self.bytes.clear();
        Ok(())
    }
}
