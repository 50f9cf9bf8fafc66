//! Since when an item waits for a reviewer, and whether one has decided it.

use serde::{Deserialize, Serialize};

use super::shard::ContentHistory;
use crate::tables::DecisionRow;
use crate::units::{AsOf, DecidedBy, Timestamp};

/// What an item waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewState {
    /// Whether a person has decided it since its last version and report.
    pub is_settled: bool,
    /// Since when it waits, or waited: its version in force (the publication, or the last edit), or where that has been decided, the
    /// first report after.
    pub since: Timestamp,
    /// The first report since the last decision.
    pub reported_since: Option<Timestamp>,
    /// Reports since the last decision.
    pub reports: u32,
}

impl ReviewState {
    /// What the item waits for at `as_of`. A person's decision on any of its labels answers everything before it; a machine's answers
    /// nothing.
    #[must_use]
    pub fn of(history: &ContentHistory, as_of: AsOf) -> Option<Self> {
        let first = history.first()?;
        let human = |d: &&DecisionRow| d.decided_by != Some(DecidedBy::Automatic);
        let known = |d: &&DecisionRow| as_of.knows(d.decided_at, d.ingested_at);
        let decided = history.decisions.iter().filter(human).filter(known).map(|d| d.decided_at).max();
        let edits = history.versions.iter().filter_map(|v| v.valid_from.filter(|at| as_of.knows(*at, v.ingested_at)));
        let version_since = edits.fold(first.published_at, Timestamp::max);
        let unanswered = |at: Timestamp| decided.is_none_or(|decided| at > decided);
        let reports = history.reports.iter().filter(|r| as_of.knows(r.reported_at, r.ingested_at) && unanswered(r.reported_at));
        let (reported_since, reports) = reports.fold((None, 0_u32), |(first, n), r| (first.or(Some(r.reported_at)), n + 1));
        let is_decided = !unanswered(version_since);
        let since = reported_since.filter(|_| is_decided).unwrap_or(version_since);
        Some(Self { is_settled: is_decided && reports == 0, since, reported_since, reports })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::fixtures::{content, day_us, decision};
    use crate::tables::ReportRow;
    use crate::units::{Day, Verdict};

    fn at(days: f64) -> Timestamp {
        Timestamp(day_us(days))
    }

    fn report(days: f64) -> ReportRow {
        ReportRow {
            report_id: "r".into(),
            content_id: "c".into(),
            reporter_id: None,
            reported_at: at(days),
            reason: None,
            ingested_at: None,
        }
    }

    /// Whether it is settled on day 100, since when it waits and is reported, and its reports.
    fn state(history: &ContentHistory) -> (bool, f64, Option<f64>, u32) {
        let as_of = AsOf { day: Day(100), instant: at(100.0) };
        let found = ReviewState::of(history, as_of).unwrap();
        let day = |at: Timestamp| at.0 as f64 / 86_400e6;
        (found.is_settled, day(found.since), found.reported_since.map(day), found.reports)
    }

    #[test]
    fn a_persons_decision_settles_what_came_before_it() {
        let mut item = ContentHistory { versions: vec![content("c", day_us(80.0))], ..ContentHistory::default() };
        assert_eq!(state(&item), (false, 80.0, None, 0));
        item.reports = vec![report(85.0), report(90.0), report(95.0), report(100.0)];
        assert_eq!(state(&item), (false, 80.0, Some(85.0), 3), "what is reported at the midnight is not known");
        let mut machine = decision("m", "a", Verdict::Compliant, 99.0);
        machine.decided_by = Some(DecidedBy::Automatic);
        item.decisions = vec![decision("1", "a", Verdict::Compliant, 91.0), machine];
        assert_eq!(state(&item), (false, 95.0, Some(95.0), 1));
        item.decisions.push(decision("2", "a", Verdict::Compliant, 96.0));
        assert_eq!(state(&item), (true, 80.0, None, 0));
        let edit = crate::tables::ContentRow { valid_from: Some(at(97.0)), ..content("c", day_us(80.0)) };
        item.versions.push(edit);
        assert_eq!(state(&item), (false, 97.0, None, 0), "an edit opens it again");
    }

    #[test]
    fn what_was_not_known_yet_settles_nothing() {
        let mut late = decision("1", "a", Verdict::Violating, 90.0);
        late.ingested_at = Some(at(101.0));
        let versions = vec![content("c", day_us(80.0))];
        let item = ContentHistory { versions, decisions: vec![late], ..ContentHistory::default() };
        assert!(!state(&item).0);
    }
}
