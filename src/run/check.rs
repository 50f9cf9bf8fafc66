//! `check`: reads and checks the input as a run would, and publishes nothing.

use serde::Serialize;
use std::collections::BTreeMap;

use super::input;
use super::project::Project;
use super::stages::Stages;
use crate::config::TableName;
use crate::dataset::TableCounts;
use crate::features::{NullReport, null_features};
use crate::tables::Reject;
use crate::units::Day;

/// What the check found.
#[derive(Debug, Serialize)]
pub struct CheckReport {
    /// Rows by table.
    pub tables: BTreeMap<TableName, TableCounts>,
    /// Content without versions: features of edits are null.
    pub unversioned: bool,
    /// Features that are null in every row because what they read is not mapped, those that miss a part of it, and those that read
    /// columns which no row fills.
    pub features: NullReport,
    /// Features in all.
    pub n_features: usize,
    /// The rows set aside.
    pub rejects: Vec<Reject>,
}

/// Reads everything a run of `day` would read.
///
/// # Errors
/// When the input breaks its contract.
pub fn check(project: &Project, day: Day, stages: &mut Stages) -> anyhow::Result<CheckReport> {
    let plan = input::plan(project)?;
    let features = input::feature_set(&project.config, &project.lexicons, &plan.extra_columns)?;
    let input = input::read(project, plan, day, &features, stages)?;
    Ok(CheckReport {
        features: null_features(&input.features, |name| input.present.contains(name)),
        n_features: input.features.names().len(),
        tables: input.spilled.counts.clone(),
        unversioned: !input.presence.versioned,
        rejects: input.spilled.rejects.clone(),
    })
}

/// How many rejects are shown to a person.
const SHOWN_REJECTS: usize = 20;

impl std::fmt::Display for CheckReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{:<12} {:>12} {:>12} {:>12} {:>12}", "table", "rows in", "accepted", "rejected", "unmatched")?;
        for (table, n) in &self.tables {
            writeln!(f, "{table:<12} {:>12} {:>12} {:>12} {:>12}", n.rows_in, n.accepted, n.rejected, n.unmatched)?;
        }
        if self.unversioned {
            writeln!(f, "content has no valid_from: features of edits are null")?;
        }
        let NullReport { null, reduced, unfilled } = &self.features;
        if !null.is_empty() || !reduced.is_empty() {
            writeln!(
                f,
                "{} of {} features are null because what they read is not in the input, {} lack a part of it; --json names them",
                null.len(),
                self.n_features,
                reduced.len()
            )?;
        }
        if !unfilled.is_empty() {
            writeln!(f, "{} features read columns that no row fills; --json names them", unfilled.len())?;
        }
        for reject in self.rejects.iter().take(SHOWN_REJECTS) {
            writeln!(
                f,
                "{} row {}, column `{}`, value `{}`: {}",
                reject.file, reject.row, reject.column, reject.value, reject.reason
            )?;
        }
        match self.rejects.len().saturating_sub(SHOWN_REJECTS) {
            0 => Ok(()),
            more => writeln!(f, "and {more} more rejects; --json lists them all"),
        }
    }
}
