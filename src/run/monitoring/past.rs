//! What earlier nights published of themselves.

use std::collections::BTreeMap;
use std::path::Path;

use super::tables::{ALARMS, METRICS, TRENDS, alarms_of, figures_of, trends_of};
use crate::monitor::{Alarm, Figure, Trend};
use crate::publish::{ColumnData, PublishError, PublishedVersion, Table, read_published};
use crate::units::Day;

/// Nights that are looked back on at most.
pub(in crate::run) const NIGHTS: i32 = 35;

/// The nights before a night that are published.
#[derive(Debug, Default)]
pub(in crate::run) struct Past {
    /// By day, at most [`NIGHTS`] days back.
    pub nights: BTreeMap<Day, PastNight>,
}

/// What one night published of itself.
#[derive(Debug, Default)]
pub(in crate::run) struct PastNight {
    /// Figures.
    pub figures: Vec<Figure>,
    /// Alarms raised, standing and cleared.
    pub alarms: Vec<Alarm>,
    /// Trends.
    pub trends: Vec<Trend>,
    /// The model.
    pub model_version: String,
    /// The policies.
    pub policy_version: String,
}

impl Past {
    /// The figures of each night, the oldest first.
    pub(in crate::run) fn figures(&self) -> Vec<(Day, &[Figure])> {
        self.nights.iter().map(|(day, night)| (*day, night.figures.as_slice())).collect()
    }

    /// Reads the nights from `first` to `last`, both included, as far as they are published in `root`.
    ///
    /// # Errors
    /// When a published table cannot be read.
    pub(in crate::run) fn read(root: &Path, first: Day, last: Day) -> Result<Self, PublishError> {
        let mut past = Self::default();
        let Some(published) = read_published(root)? else { return Ok(past) };
        for name in [METRICS, ALARMS, TRENDS] {
            let Some(table) = published.tables.get(name) else { continue };
            let version = PublishedVersion::open(root, name, table.version)?;
            let columns: Vec<&str> = version
                .columns()
                .iter()
                .map(|(name, _)| name.as_str())
                .filter(|name| !["as_of", "market"].contains(name))
                .collect();
            for (day, market) in version.partitions() {
                let Some(day) = day.filter(|day| (first..=last).contains(day)) else { continue };
                let rows = version.read(day, market, &columns)?;
                let night = past.nights.entry(day).or_default();
                match name {
                    METRICS => night.figures.extend(figures_of(&rows, market)),
                    ALARMS => night.alarms.extend(alarms_of(&rows, market)),
                    _ => night.trends.extend(trends_of(&rows, market)),
                }
                if night.model_version.is_empty() {
                    night.model_version = first_text(&rows, "model_version");
                    night.policy_version = first_text(&rows, "policy_version");
                }
            }
        }
        Ok(past)
    }
}

fn first_text(rows: &Table, name: &str) -> String {
    match rows.column(name) {
        Some(ColumnData::Text(cells)) => cells.first().cloned().flatten().unwrap_or_default(),
        _ => String::new(),
    }
}
