//! The questions that checks ask of a value, and the refusals they give.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

use chrono_tz::Tz;

use super::entry::Entry;
use super::interpolate::{Unfilled, fill};
use super::place::{Place, shown};
use super::{ConfigError, TableName};

/// The merged tree, for places and values, and what paths are resolved with.
pub(super) struct Checker<'a> {
    pub(super) root: &'a Entry,
    pub(super) environment: &'a BTreeMap<String, String>,
    pub(super) project_dir: &'a Path,
}

impl Checker<'_> {
    /// Where `key` was written; the root's place if it was written nowhere.
    pub(super) fn place(&self, key: &str) -> Place {
        self.root.find(key).unwrap_or(self.root).place.clone()
    }

    /// The value of `key` is not what was expected.
    pub(super) fn refuse(&self, key: &str, expected: impl Into<String>) -> ConfigError {
        let value = self.root.find(key).map_or_else(|| "missing".to_owned(), Entry::shown);
        ConfigError::BadValue { place: self.place(key), key: shown(key), value, expected: expected.into() }
    }

    /// A whole number within `range`, which lies within `T`.
    pub(super) fn whole<T: TryFrom<i64>>(&self, key: &str, value: i64, range: RangeInclusive<i64>) -> Result<T, ConfigError> {
        let refuse = || self.refuse(key, format!("a whole number from {} to {}", range.start(), range.end()));
        if range.contains(&value) { T::try_from(value).map_err(|_| refuse()) } else { Err(refuse()) }
    }

    /// A number within `range`; NaN never is.
    pub(super) fn number(&self, key: &str, value: f64, range: RangeInclusive<f64>) -> Result<f64, ConfigError> {
        if range.contains(&value) {
            return Ok(value);
        }
        Err(self.refuse(key, format!("a number from {} to {}", range.start(), range.end())))
    }

    /// An IANA zone.
    pub(super) fn zone(&self, key: &str, name: &str) -> Result<Tz, ConfigError> {
        name.parse().map_err(|_| self.refuse(key, "an IANA time zone, for instance Asia/Singapore or UTC"))
    }

    /// A text with its variables filled in.
    pub(super) fn filled(&self, key: &str, text: &str) -> Result<String, ConfigError> {
        fill(text, self.environment).map_err(|unfilled| match unfilled {
            Unfilled::NotSet(name) => ConfigError::VariableNotSet { place: self.place(key), key: shown(key), name },
            Unfilled::Malformed => self.refuse(key, "variables written ${NAME} or ${NAME:-fallback}"),
        })
    }

    /// A path with its variables filled in, relative to the project folder unless absolute.
    pub(super) fn path(&self, key: &str, text: &str) -> Result<String, ConfigError> {
        let filled = self.filled(key, text)?;
        if filled.trim().is_empty() || filled.contains('\0') {
            return Err(self.refuse(key, "a path"));
        }
        if filled.contains("://") {
            return Err(self.refuse(key, "a path on this machine: mount or copy the store first"));
        }
        // A project folder is part of our own command line or working directory; where it is not UTF-8 the path is shown, and
        // fails to open, with replacement characters.
        Ok(self.project_dir.join(filled).to_string_lossy().into_owned())
    }

    /// A name that is one segment of a path: letters, digits, `.`, `_`, `-`, not starting with a dot.
    pub(super) fn segment(&self, key: &str, name: &str) -> Result<(), ConfigError> {
        if is_segment(name) {
            return Ok(());
        }
        Err(self.refuse(key, "1 to 64 letters, digits, `.`, `_` or `-`, not starting with a dot"))
    }

    /// The tables listed, in reading order, each once.
    pub(super) fn tables(&self, key: &str, listed: &[TableName]) -> Result<Vec<TableName>, ConfigError> {
        let tables: Vec<_> = TableName::ALL.into_iter().filter(|table| listed.contains(table)).collect();
        if tables.len() != listed.len() || !tables.contains(&TableName::Content) {
            return Err(self.refuse(key, "a list of tables with \"content\" among them, each once"));
        }
        Ok(tables)
    }
}

/// Whether `name` can be one segment of a path.
pub(super) fn is_segment(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    (1..=64).contains(&name.len()) && name.chars().all(allowed) && !name.starts_with('.')
}
