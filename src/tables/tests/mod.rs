//! From files to rows: each case writes a file of a few lines and looks at what comes out.

mod formats;
mod reading;

use std::fs::{self, File};
use std::path::Path;

use chrono_tz::Tz;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::config::{CsvFormat, Encoding, Feed, Source, SourceFormat, TableName};
use crate::units::Timestamp;

const DECISIONS: &str = "decision_id,content_id,label,verdict,decided_at\n";
const ENGAGEMENT: &str = "content_id,day,views,gmv\n";

#[derive(Default)]
struct Collected {
    rows: Vec<(TableRow, RowOrigin)>,
    rejects: Vec<Reject>,
}

impl RowSink for Collected {
    fn row(&mut self, row: TableRow, origin: RowOrigin) -> Result<(), SinkError> {
        self.rows.push((row, origin));
        Ok(())
    }
    fn reject(&mut self, reject: Reject) -> Result<(), SinkError> {
        self.rejects.push(reject);
        Ok(())
    }
}

fn csv() -> SourceFormat {
    SourceFormat::Csv(CsvFormat { separator: b',', columns: None, encoding: Encoding::Utf8 })
}

fn feed(table: TableName) -> Feed {
    Feed { table, filter: None, columns: None, place: format!("stallmark.toml:1, {table}") }
}

fn mapped(table: TableName, columns: &[(&str, &str)]) -> Feed {
    let columns = columns.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    Feed { columns: Some(columns), ..feed(table) }
}

fn source(path: &Path, format: SourceFormat, feeds: Vec<Feed>) -> Source {
    Source { name: "s".to_owned(), path: path.to_str().unwrap().to_owned(), format, time_zone: Tz::UTC, feeds }
}

fn options(chunk_rows: usize) -> ReadOptions {
    ReadOptions { latest: Timestamp::parse("2026-11-20", Tz::UTC).unwrap(), max_text_bytes: 100, chunk_rows }
}

fn collect(sources: &[Source], chunk_rows: usize) -> Result<(Collected, ReadReport), TablesError> {
    let mut sink = Collected::default();
    let plan = plan(sources)?;
    let report = read(&plan, &options(chunk_rows), &mut sink)?;
    for table in &report.tables {
        let rows = sink.rows.iter().filter(|(row, _)| row.table() == table.table).count() as u64;
        let rejects = sink.rejects.iter().filter(|r| r.table == table.table).count() as u64;
        assert_eq!((table.rows_in, table.accepted, table.rejected), (rows + rejects, rows, rejects));
    }
    Ok((sink, report))
}

fn file(name: &str, bytes: impl AsRef<[u8]>) -> (TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    (dir, path)
}

fn read_bytes(bytes: impl AsRef<[u8]>, format: SourceFormat, feeds: Vec<Feed>) -> Result<(Collected, ReadReport), TablesError> {
    let (_dir, path) = file("in.dat", bytes);
    collect(&[source(&path, format, feeds)], 2)
}

/// One line for each row or reject.
fn told(result: Result<(Collected, ReadReport), TablesError>) -> String {
    match result {
        Err(e) => {
            let cause = std::error::Error::source(&e).map(|s| format!(": {s}")).unwrap_or_default();
            format!("error: {e}{cause}")
        }
        Ok((sink, _)) => {
            let rows = sink.rows.iter().map(|(_, origin)| format!("{} ok", origin.row));
            let rejects = sink.rejects.iter().map(|r| format!("{} {} `{}` {}", r.row, r.column, r.value, r.reason));
            rows.chain(rejects).collect::<Vec<_>>().join("; ")
        }
    }
}

fn check(text: impl AsRef<[u8]>, table: TableName, expect: &str) {
    let said = told(read_bytes(&text, csv(), vec![feed(table)]));
    assert!(said.contains(expect), "{}\n  gave {said}\n  not  {expect}", String::from_utf8_lossy(text.as_ref()));
}
