//! A checked source: where rows come from, how the file is written, and which tables it feeds.

use chrono_tz::Tz;
use serde::{Serialize, Serializer};

use super::TableName;

/// One declared source of rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Source {
    /// Its name in the configuration: `[sources.<name>]`.
    pub name: String,
    /// A file, a glob, or a folder (Hive-partitioned or flat), with `${…}` resolved; relative paths are made relative to the
    /// project folder.
    #[serde(skip)]
    pub path: String,
    /// How the file is written.
    pub format: SourceFormat,
    /// The zone of times without an offset.
    #[serde(serialize_with = "zone_name")]
    pub time_zone: Tz,
    /// The tables it feeds; never empty.
    pub feeds: Vec<Feed>,
}

/// How a source's files are written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum SourceFormat {
    /// Apache Parquet.
    Parquet,
    /// Separated values.
    Csv(CsvFormat),
    /// One JSON object a line, UTF-8.
    JsonLines,
}

/// How a CSV file is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CsvFormat {
    /// The byte between fields.
    pub separator: u8,
    /// Column names of a file without a header line; `None` when the first record is the header.
    pub columns: Option<Vec<String>>,
    /// The encoding.
    pub encoding: Encoding,
}

/// A text encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// ISO 8859-1: every byte is a character.
    Latin1,
}

/// One table that a source feeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Feed {
    /// The table.
    pub table: TableName,
    /// An SQL condition on the source's columns; other rows are not part of the input.
    pub filter: Option<String>,
    /// Canonical column → SQL expression over the source's columns (a bare name is the simplest one), in file order. `None`:
    /// every canonical column (and `x_*`) that the source has under its own name.
    pub columns: Option<Vec<(String, String)>>,
    /// Where the feed stands in the configuration, for errors: `stallmark.toml:14, sources.reviews.feeds[0]`.
    #[serde(skip)]
    pub place: String,
}

/// A zone is written as its IANA name.
fn zone_name<S: Serializer>(zone: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(zone.name())
}
