//! Checks of `[sources]`: formats told from extensions, zones and paths resolved.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::checker::{Checker, is_segment};
use super::raw::{RawEncoding, RawFeed, RawFormat, RawSource, RawSourceDefaults};
use super::{ConfigError, CsvFormat, Encoding, Feed, Source, SourceFormat};

/// What a separator must be.
const SEPARATOR: &str = "auto, or one ASCII character other than a quote or a line break, for instance \";\"";

/// Checks what every source inherits, so that a mistake there is reported there.
pub(super) fn defaults(raw: &RawSourceDefaults, checker: &Checker<'_>) -> Result<(), ConfigError> {
    if raw.separator != "auto" {
        separator("source_defaults", &raw.separator, checker)?;
    }
    if !raw.time_zone.is_empty() {
        checker.zone("source_defaults.time_zone", &raw.time_zone)?;
    }
    Ok(())
}

/// All sources, by name.
pub(super) fn check(raw: BTreeMap<String, RawSource>, checker: &Checker<'_>, zone: &str) -> Result<Vec<Source>, ConfigError> {
    raw.into_iter().map(|(name, raw)| source(name, raw, checker, zone)).collect()
}

fn source(name: String, raw: RawSource, checker: &Checker<'_>, zone: &str) -> Result<Source, ConfigError> {
    let table = format!("sources.{name}");
    if !is_segment(&name) {
        return Err(checker.refuse(&table, "a name of 1 to 64 letters, digits, `.`, `_` or `-`"));
    }
    let path = checker.path(&format!("{table}.path"), &raw.path)?;
    let format = format(&table, &path, &raw, checker)?;
    let time_zone = match raw.time_zone.as_str() {
        "" => checker.zone("time.zone", zone)?,
        own => checker.zone(&format!("{table}.time_zone"), own)?,
    };
    if raw.feeds.is_empty() {
        return Err(checker.refuse(&format!("{table}.feeds"), "at least one [[feeds]] with the table that the source feeds"));
    }
    let feeds = raw.feeds.into_iter().enumerate().map(|(at, raw)| feed(format!("{table}.feeds[{at}]"), raw, checker));
    Ok(Source { path, format, time_zone, feeds: feeds.collect::<Result<_, _>>()?, name })
}

/// The format given, or the one that the extension tells.
fn format(table: &str, path: &str, raw: &RawSource, checker: &Checker<'_>) -> Result<SourceFormat, ConfigError> {
    let extension = Path::new(path).extension().map(|ext| ext.to_string_lossy().to_ascii_lowercase());
    let chosen = match (raw.format, extension.as_deref()) {
        (RawFormat::Auto, Some("parquet") | None) => RawFormat::Parquet,
        (RawFormat::Auto, Some("csv" | "tsv")) => RawFormat::Csv,
        (RawFormat::Auto, Some("jsonl" | "ndjson")) => RawFormat::Jsonl,
        (RawFormat::Auto, Some(_)) => {
            let expected = "a file ending in .parquet, .csv, .tsv, .jsonl or .ndjson, or a `format` of parquet, csv or jsonl";
            return Err(checker.refuse(&format!("{table}.path"), expected));
        }
        (given, _) => given,
    };
    match chosen {
        RawFormat::Jsonl => Ok(SourceFormat::JsonLines),
        RawFormat::Csv => csv(table, extension.as_deref(), raw, checker).map(SourceFormat::Csv),
        RawFormat::Parquet | RawFormat::Auto => Ok(SourceFormat::Parquet),
    }
}

fn csv(table: &str, extension: Option<&str>, raw: &RawSource, checker: &Checker<'_>) -> Result<CsvFormat, ConfigError> {
    let separator = match (raw.separator.as_str(), extension) {
        ("auto", Some("tsv")) => b'\t',
        ("auto", _) => b',',
        (given, _) => separator(table, given, checker)?,
    };
    let columns_key = format!("{table}.columns");
    let different: BTreeSet<&String> = raw.columns.iter().collect();
    if different.len() != raw.columns.len() || raw.columns.iter().any(|name| name.trim().is_empty()) {
        return Err(checker.refuse(&columns_key, "column names, each once and none empty"));
    }
    let columns = match (raw.header, raw.columns.is_empty()) {
        (true, true) => None,
        (false, false) => Some(raw.columns.clone()),
        (true, false) => {
            return Err(checker.refuse(&columns_key, "no `columns` beside a header: set `header = false`, or leave them out"));
        }
        (false, true) => return Err(checker.refuse(&columns_key, "the names of all columns, because `header` is false")),
    };
    let encoding = match raw.encoding {
        RawEncoding::Utf8 => Encoding::Utf8,
        RawEncoding::Latin1 => Encoding::Latin1,
    };
    Ok(CsvFormat { separator, columns, encoding })
}

/// The separator's byte.
fn separator(table: &str, text: &str, checker: &Checker<'_>) -> Result<u8, ConfigError> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | 0) => Ok(*byte),
        _ => Err(checker.refuse(&format!("{table}.separator"), SEPARATOR)),
    }
}

fn feed(key: String, raw: RawFeed, checker: &Checker<'_>) -> Result<Feed, ConfigError> {
    let columns = raw.columns.map(|columns| columns.0).filter(|columns| !columns.is_empty());
    for (column, expression) in columns.iter().flatten() {
        if expression.trim().is_empty() {
            return Err(checker.refuse(&format!("{key}.columns.{column}"), "a source column or an SQL expression"));
        }
    }
    Ok(Feed {
        table: raw.table,
        filter: raw.r#where.filter(|condition| !condition.trim().is_empty()),
        columns,
        place: format!("{}, {key}", checker.place(&key)),
    })
}
