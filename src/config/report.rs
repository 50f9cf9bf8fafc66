//! `[report]`: where the page of a night goes, and what it may show.

use std::fmt;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::ConfigError;
use super::checker::Checker;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawReport {
    pub(super) path: String,
    pub(super) smallest_cell: i64,
    pub(super) key: String,
    pub(super) cases: i64,
}

/// Where the page of a night goes, and what it may show.
#[derive(Clone, PartialEq)]
pub struct ReportConfig {
    /// The folder.
    pub path: PathBuf,
    /// Figures about people's decisions that rest on fewer are not shown.
    pub smallest_cell: u64,
    /// What identifiers are hashed with; empty to show them.
    pub key: String,
    /// Cases of the top of the queue that `report` gives a page of their own.
    pub cases: usize,
}

/// A secret is not printed.
impl fmt::Debug for ReportConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, smallest_cell, key, cases } = self;
        let key = if key.is_empty() { "none" } else { "secret" };
        let mut debug = f.debug_struct("ReportConfig");
        debug.field("path", path).field("smallest_cell", smallest_cell).field("key", &key).field("cases", cases).finish()
    }
}

pub(super) fn report(raw: &RawReport, checker: &Checker<'_>) -> Result<ReportConfig, ConfigError> {
    Ok(ReportConfig {
        path: PathBuf::from(checker.path("report.path", &raw.path)?),
        smallest_cell: checker.whole("report.smallest_cell", raw.smallest_cell, 0..=1_000_000)?,
        key: checker.filled("report.key", &raw.key)?,
        cases: checker.whole("report.cases", raw.cases, 0..=100)?,
    })
}
