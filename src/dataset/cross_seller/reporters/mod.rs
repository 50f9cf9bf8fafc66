//! How often reporters were right, on the weekly grid.
//!
//! Input: the reports and decisions of every item, in pass 1. Output: for each reporter, how many of its reports were judged by a
//! grid date, and how many of them were upheld. A fact counts from the first grid date after it was known in every zone of the
//! project; an overturned decision takes back what it said from its own grid date on. Integers only. Memory: 24 bytes for each
//! reporter and week in which its record changed. Deliberately not here: what a record is worth (`features`).

mod judged;

use super::{LinkedItem, key_of};
use crate::dataset::grid::Grid;
use crate::dataset::shard::known_from;
use crate::features::ReporterRecord;
use crate::units::{AsOf, Day, Id, Timestamp, Zones};

/// A change of a reporter's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    reporter: u64,
    from: Day,
    judged: i64,
    upheld: i64,
}

/// Gathers judged reports in pass 1.
#[derive(Default)]
pub(super) struct Builder {
    changes: Vec<Change>,
    /// Changes left after they were last merged.
    merged: usize,
}

/// What one thread found.
#[derive(Default)]
pub(super) struct Found {
    changes: Vec<Change>,
}

/// A reporter's record from a grid date on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    reporter: u64,
    from: Day,
    record: ReporterRecord,
}

/// Judged reports by reporter and grid date.
#[derive(Debug, Default)]
pub struct Reporters {
    /// By reporter, then date.
    steps: Vec<Step>,
}

impl Found {
    /// Adds what an item says.
    pub(super) fn look(&mut self, item: &LinkedItem<'_>, zones: &Zones) {
        let history = item.history;
        let named = history.reports.iter().any(|report| report.reporter_id.is_some());
        let Some(first) = history.first().filter(|_| named && !history.decisions.is_empty()) else { return };
        let mut grid = Grid::new(zones);
        // Before the item was known, nothing that was said of it was.
        let since = known_from(first);
        let from = |at: Timestamp, ingested: Option<Timestamp>| {
            grid.of_instant(first.market, ingested.map_or(at, |ingested| at.max(ingested)).max(since))
        };
        judged::changes(&history.reports, &history.decisions, from, |reporter, from, judged, upheld| {
            self.changes.push(Change { reporter: key_of(reporter), from, judged, upheld });
        });
    }
}

impl Builder {
    /// Adds what a thread found.
    pub(super) fn add(&mut self, found: Found) {
        self.changes.extend(found.changes);
        if self.changes.len() > 2 * self.merged + 65_536 {
            self.merge();
        }
    }

    /// Sums the changes of a reporter that count from the same date.
    fn merge(&mut self) {
        self.changes.sort_unstable();
        self.changes.dedup_by(|next, kept| {
            let same = (next.reporter, next.from) == (kept.reporter, kept.from);
            if same {
                kept.judged += next.judged;
                kept.upheld += next.upheld;
            }
            same
        });
        self.changes.retain(|change| (change.judged, change.upheld) != (0, 0));
        self.merged = self.changes.len();
    }

    /// Ends pass 1.
    pub(super) fn finish(mut self) -> Reporters {
        self.merge();
        let mut steps: Vec<Step> = Vec::with_capacity(self.changes.len());
        let (mut judged, mut upheld) = (0, 0);
        for change in self.changes {
            if steps.last().is_none_or(|last| last.reporter != change.reporter) {
                (judged, upheld) = (0, 0);
            }
            judged += change.judged;
            upheld += change.upheld;
            let record = ReporterRecord { judged: clamped(judged), upheld: clamped(upheld) };
            steps.push(Step { reporter: change.reporter, from: change.from, record });
        }
        Reporters { steps }
    }
}

fn clamped(n: i64) -> u32 {
    u32::try_from(n.max(0)).unwrap_or(u32::MAX)
}

impl Reporters {
    /// The record of a reporter at the latest grid date not after `as_of`.
    #[must_use]
    pub fn record(&self, reporter: &Id, as_of: AsOf) -> ReporterRecord {
        let (reporter, date) = (key_of(reporter), as_of.day.week_start());
        let known = self.steps.partition_point(|step| (step.reporter, step.from) <= (reporter, date));
        let step = known.checked_sub(1).and_then(|at| self.steps.get(at)).filter(|step| step.reporter == reporter);
        step.map_or_else(ReporterRecord::default, |step| step.record)
    }
}

#[cfg(test)]
mod tests;
