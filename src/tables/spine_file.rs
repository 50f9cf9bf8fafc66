//! A spine that somebody else has drawn up: which items, as of when.
//!
//! Input: a Parquet or CSV file with the columns `content_id` and `as_of`. Output: its rows. A row without either is an error, not
//! a reject: the file is an argument, not data that arrives every night. Deliberately not here: whether the items exist.

use std::path::Path;

use chrono_tz::Tz;

use super::TablesError;
use super::chunk::{Chunk, Column, SourceColumn};
use super::csv_file::{self, CsvRows};
use super::parquet_file::{ParquetInfo, ParquetRows};
use super::times::DAY_US;
use crate::config::{CsvFormat, Encoding};
use crate::units::{Day, Id, Timestamp};

/// When an item is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SpineTime {
    /// At the midnight at which this day begins in the item's market.
    Day(Day),
    /// At the latest midnight of the item's market that is not after this instant.
    Instant(Timestamp),
}

/// The columns that a spine file must have.
const COLUMNS: [&str; 2] = ["content_id", "as_of"];

/// Rows read at a time.
const CHUNK_ROWS: usize = 65_536;

/// Reads the spine file at `path`: CSV where its name ends in `.csv` or `.tsv`, else Parquet. `as_of` is a date, or a time, which is
/// in UTC where it has no offset.
///
/// # Errors
/// When the file cannot be read, lacks one of the columns, or a row lacks a value.
pub fn read_spine(path: &Path) -> Result<Vec<(Id, SpineTime)>, TablesError> {
    let separator = match path.extension().and_then(|e| e.to_str()) {
        Some("csv") => Some(b','),
        Some("tsv") => Some(b'\t'),
        _ => None,
    };
    let mut rows = Vec::new();
    if let Some(separator) = separator {
        let format = CsvFormat { separator, columns: None, encoding: Encoding::Utf8 };
        let names = csv_file::column_names(path, &format)?;
        let at = places(path, &names)?;
        let wanted = (0..names.len()).map(|column| at.contains(&column)).collect();
        let mut file = CsvRows::open(path, &format, names, wanted)?;
        while let Some(chunk) = file.next_chunk(CHUNK_ROWS)? {
            add_rows(path, &chunk, at, &mut rows)?;
        }
    } else {
        let info = ParquetInfo::open(path)?;
        let names: Vec<String> = info.columns().into_iter().map(|SourceColumn { name, .. }| name).collect();
        let at = places(path, &names)?;
        let wanted: Vec<bool> = (0..names.len()).map(|column| at.contains(&column)).collect();
        let mut file = ParquetRows::open(path, info, &wanted, Tz::UTC);
        while let Some(chunk) = file.next_chunk(CHUNK_ROWS)? {
            add_rows(path, &chunk, at, &mut rows)?;
        }
    }
    Ok(rows)
}

/// Where the two columns stand.
fn places(path: &Path, names: &[String]) -> Result<[usize; 2], TablesError> {
    let place = |column: &str| {
        names.iter().position(|name| name == column).ok_or_else(|| TablesError::BadSpine {
            path: path.to_owned(),
            reason: format!("there is no column `{column}`: a spine has {}", COLUMNS.join(" and ")),
        })
    };
    Ok([place(COLUMNS[0])?, place(COLUMNS[1])?])
}

fn add_rows(path: &Path, chunk: &Chunk, at: [usize; 2], rows: &mut Vec<(Id, SpineTime)>) -> Result<(), TablesError> {
    let bad = |row: usize, reason: &str| TablesError::BadSpine {
        path: path.to_owned(),
        reason: format!("row {}: {reason}", chunk.first_row + row as u64),
    };
    if let Some(broken) = chunk.broken.first() {
        return Err(bad(broken.at, &broken.reason));
    }
    let [Some(ids), Some(times)] = at.map(|column| chunk.columns.get(column)) else { return Ok(()) };
    for row in 0..chunk.n_rows {
        let id = match ids {
            Column::Text(_) | Column::Integer(_) => ids.text_of(row),
            _ => String::new(),
        };
        if id.is_empty() {
            return Err(bad(row, "`content_id` is missing, or neither text nor a whole number"));
        }
        let time = time_of(times, row).ok_or_else(|| {
            bad(row, "`as_of` is missing or not a time: expected a date, for instance 2026-03-26, or 2026-03-26T00:00:00Z")
        })?;
        rows.push((Id::from(id), time));
    }
    Ok(())
}

fn time_of(times: &Column, row: usize) -> Option<SpineTime> {
    let in_range = |day: &Day| Timestamp::checked(i64::from(day.0) * DAY_US).is_some();
    match times {
        Column::Date(days) => days.get(row).copied().flatten().map(Day).filter(in_range).map(SpineTime::Day),
        Column::Timestamp(instants) => instants.get(row).copied().flatten().and_then(Timestamp::checked).map(SpineTime::Instant),
        Column::Text(texts) => {
            let text = texts.get(row)?.trim();
            let day = text.parse().ok().filter(in_range).map(SpineTime::Day);
            day.or_else(|| Timestamp::parse(text, Tz::UTC).ok().map(SpineTime::Instant))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(csv: &str, expect: &Result<Vec<(&str, SpineTime)>, &str>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("spine.csv");
        std::fs::write(&path, csv).unwrap();
        match (read_spine(&path), expect) {
            (Ok(got), Ok(expect)) => {
                let got: Vec<(&str, SpineTime)> = got.iter().map(|(id, time)| (id.as_str(), *time)).collect();
                assert_eq!(got, *expect);
            }
            (Err(got), Err(expect)) => assert!(got.to_string().contains(expect), "{got}"),
            (got, expect) => panic!("{got:?} instead of {expect:?}"),
        }
    }

    #[test]
    fn dates_and_times_are_told_apart() {
        let noon = Timestamp(86_400_000_000 + 43_200_000_000);
        let expect = vec![("a", SpineTime::Day(Day(1))), ("a", SpineTime::Instant(noon)), ("b", SpineTime::Instant(noon))];
        check("as_of,x,content_id\n1970-01-02,1,a\n1970-01-02T12:00:00Z,2,a\n1970-01-02 12:00:00,3,b\n", &Ok(expect));
    }

    #[test]
    fn what_is_no_spine_is_refused() {
        check("content_id,day\na,1970-01-02\n", &Err("there is no column `as_of`"));
        check("content_id,as_of\na,1970-01-02\n,1970-01-02\n", &Err("row 2: `content_id` is missing"));
        check("content_id,as_of\na,soon\n", &Err("row 1: `as_of` is missing or not a time"));
        check("content_id,as_of\na\n", &Err("row 1: "));
    }
}
