//! Counts of decisions, actions, reports and after-sales events.

use crate::tables::{ActionRow, AfterSalesRow, DecisionRow, ReportRow};
use crate::units::{AfterSalesKind, AsOf, Id, Timestamp, Treatment, Verdict};

/// The event rows of one item or one seller, in any order; `None` where the table is missing.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventRows<'a> {
    /// Decisions on the item or on the seller's items.
    pub decisions: Option<&'a [&'a DecisionRow]>,
    /// Actions on the item, or on the seller and its items.
    pub actions: Option<&'a [&'a ActionRow]>,
    /// Reports of the item or of the seller's items.
    pub reports: Option<&'a [&'a ReportRow]>,
    /// After-sales events of the item, or of the seller and its items.
    pub after_sales: Option<&'a [&'a AfterSalesRow]>,
}

/// Counts of events; `None` where the table is missing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EventCounts {
    /// Decisions.
    pub decisions: Option<DecisionCounts>,
    /// Actions.
    pub actions: Option<ActionCounts>,
    /// Reports.
    pub reports: Option<ReportCounts>,
    /// After-sales events.
    pub after_sales: Option<AfterSalesCounts>,
}

impl EventCounts {
    /// Counts what was known before `as_of`.
    #[must_use]
    pub fn of(rows: &EventRows<'_>, as_of: AsOf) -> Self {
        Self {
            decisions: rows.decisions.map(|rows| DecisionCounts::of(rows, as_of)),
            actions: rows.actions.map(|rows| ActionCounts::of(rows, as_of)),
            reports: rows.reports.map(|rows| ReportCounts::of(rows, as_of)),
            after_sales: rows.after_sales.map(|rows| AfterSalesCounts::of(rows, as_of)),
        }
    }
}

/// Decisions that stand: those that a known decision overturned are left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DecisionCounts {
    /// Items decided.
    pub decided_items: u32,
    /// Items found violating.
    pub violating_items: u32,
    /// Violating decisions in the last 28 days.
    pub violations_28d: u32,
    /// Violating decisions in the last 90 days.
    pub violations_90d: u32,
    /// The item that was last found violating, and when.
    pub last_violation: Option<(Id, Timestamp)>,
    /// When another item than that one was last found violating.
    pub last_violation_elsewhere: Option<Timestamp>,
}

impl DecisionCounts {
    /// Counts what was known before `as_of`.
    #[must_use]
    pub fn of(rows: &[&DecisionRow], as_of: AsOf) -> Self {
        let known = || rows.iter().filter(|r| as_of.knows(r.decided_at, r.ingested_at));
        let mut overturned: Vec<&Id> = known().filter_map(|r| r.overturns.as_ref()).collect();
        overturned.sort_unstable();
        let standing: Vec<&&DecisionRow> = known().filter(|r| overturned.binary_search(&&r.decision_id).is_err()).collect();
        let violating = || standing.iter().filter(|r| r.verdict == Verdict::Violating);
        let within = |days: f64| count(violating().filter(|r| as_of.instant.days_since(r.decided_at) <= days).count());
        // Ties in time are broken by item, so that the order of rows does not matter.
        let last = violating().max_by_key(|r| (r.decided_at, &r.content_id));
        let elsewhere = last.and_then(|last| violating().filter(|r| r.content_id != last.content_id).map(|r| r.decided_at).max());
        Self {
            decided_items: distinct(standing.iter().map(|r| r.content_id.as_str())),
            violating_items: distinct(violating().map(|r| r.content_id.as_str())),
            violations_28d: within(28.0),
            violations_90d: within(90.0),
            last_violation: last.map(|r| (r.content_id.clone(), r.decided_at)),
            last_violation_elsewhere: elsewhere,
        }
    }
}

/// Actions received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ActionCounts {
    /// Actions that began in the last 90 days and did more than allow.
    pub received_90d: u32,
}

impl ActionCounts {
    /// Counts what was known before `as_of`.
    #[must_use]
    pub fn of(rows: &[&ActionRow], as_of: AsOf) -> Self {
        let counts = |r: &&&ActionRow| {
            r.treatment != Treatment::Allow
                && as_of.knows(r.started_at, r.ingested_at)
                && as_of.instant.days_since(r.started_at) <= 90.0
        };
        Self { received_90d: count(rows.iter().filter(counts).count()) }
    }
}

/// How a reporter's reports were judged so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReporterRecord {
    /// Reports of items that were decided afterwards.
    pub judged: u32,
    /// Those of them on items that were found violating.
    pub upheld: u32,
}

/// Reports received. A report without a reporter counts as one more reporter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReportCounts {
    /// Reports in the last 7 days.
    pub reports_7d: u32,
    /// Reports in the last 28 days.
    pub reports_28d: u32,
    /// Distinct reporters in the last 7 days.
    pub reporters_7d: u32,
    /// Distinct reporters in the last 28 days.
    pub reporters_28d: u32,
}

impl ReportCounts {
    /// Counts what was known before `as_of`.
    #[must_use]
    pub fn of(rows: &[&ReportRow], as_of: AsOf) -> Self {
        let within = |days: f64| {
            let recent = || {
                rows.iter()
                    .filter(move |r| as_of.knows(r.reported_at, r.ingested_at) && as_of.instant.days_since(r.reported_at) <= days)
            };
            let nameless = count(recent().filter(|r| r.reporter_id.is_none()).count());
            let named = distinct(recent().filter_map(|r| r.reporter_id.as_deref()));
            (count(recent().count()), named + nameless)
        };
        let (reports_7d, reporters_7d) = within(7.0);
        let (reports_28d, reporters_28d) = within(28.0);
        Self { reports_7d, reports_28d, reporters_7d, reporters_28d }
    }
}

/// After-sales events in the last 28 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AfterSalesCounts {
    /// Money back.
    pub refunds_28d: u32,
    /// Goods sent back.
    pub returns_28d: u32,
    /// Significantly not as described.
    pub not_as_described_28d: u32,
    /// One or two stars.
    pub low_ratings_28d: u32,
}

impl AfterSalesCounts {
    /// Counts what was known before `as_of`.
    #[must_use]
    pub fn of(rows: &[&AfterSalesRow], as_of: AsOf) -> Self {
        let mut counts = Self::default();
        for row in rows {
            if as_of.knows(row.occurred_at, row.ingested_at) && as_of.instant.days_since(row.occurred_at) <= 28.0 {
                match row.kind {
                    AfterSalesKind::Refund => counts.refunds_28d += 1,
                    AfterSalesKind::Return => counts.returns_28d += 1,
                    AfterSalesKind::NotAsDescribed => counts.not_as_described_28d += 1,
                    AfterSalesKind::LowRating => counts.low_ratings_28d += 1,
                }
            }
        }
        counts
    }
}

/// Number of distinct texts.
pub(super) fn distinct<'a>(texts: impl Iterator<Item = &'a str>) -> u32 {
    let mut texts: Vec<&str> = texts.collect();
    texts.sort_unstable();
    texts.dedup();
    count(texts.len())
}

pub(super) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{as_of, decision, report};

    #[test]
    fn decisions_count_once_known_and_while_they_stand() {
        let mut rows = vec![
            decision("1", "a", Verdict::Violating, 50.0),
            decision("2", "b", Verdict::Violating, 90.0),
            decision("3", "c", Verdict::Compliant, 95.0),
            decision("4", "a", Verdict::Violating, 99.5),
            decision("5", "d", Verdict::Violating, 100.0),
        ];
        let counts = |rows: &[DecisionRow]| DecisionCounts::of(&rows.iter().collect::<Vec<_>>(), as_of(100));
        let expect = DecisionCounts {
            decided_items: 3,
            violating_items: 2,
            violations_28d: 2,
            violations_90d: 3,
            last_violation: Some(("a".into(), rows[3].decided_at)),
            last_violation_elsewhere: Some(rows[1].decided_at),
        };
        assert_eq!(counts(&rows), expect);
        rows.reverse();
        assert_eq!(counts(&rows), expect);

        // An overturn counts from its own time on.
        let mut overturn = decision("6", "a", Verdict::Compliant, 99.9);
        overturn.overturns = Some("4".into());
        rows.push(overturn.clone());
        assert_eq!(counts(&rows).violations_28d, 1);
        overturn.decided_at = as_of(100).instant;
        rows.pop();
        rows.push(overturn);
        assert_eq!(counts(&rows), expect);
    }

    #[test]
    fn reporters_are_distinct() {
        let rows = [
            report("a", Some("r1"), 99.0),
            report("a", Some("r1"), 98.0),
            report("b", None, 80.0),
            report("b", Some("r2"), 100.0),
        ];
        let counts = ReportCounts::of(&rows.iter().collect::<Vec<_>>(), as_of(100));
        assert_eq!(counts, ReportCounts { reports_7d: 2, reports_28d: 3, reporters_7d: 1, reporters_28d: 2 });
    }
}
