//! The event rows of an item or a seller, and what is counted of them.

use super::after_sales::{MatureRates, OrderDays};
use super::decisions::DecisionCounts;
use super::reports::ReportCounts;
use super::rules::HistoryContext;
use crate::features::RatePrior;
use crate::tables::{ActionRow, AfterSalesRow, DecisionRow, ReportRow};
use crate::units::{AfterSalesKind, AsOf, Treatment};

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
    /// Orders of the item or of the seller's items.
    pub orders: Option<OrderDays<'a>>,
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
    /// After-sales events per order, once their window has closed; `None` where either table is missing.
    pub mature: Option<MatureRates>,
}

impl EventCounts {
    /// Counts what was known before the midnight.
    #[must_use]
    pub fn of(rows: &EventRows<'_>, context: &HistoryContext<'_>) -> Self {
        let as_of = context.as_of;
        Self {
            decisions: rows.decisions.map(|rows| DecisionCounts::of(rows, context)),
            actions: rows.actions.map(|rows| ActionCounts::of(rows, as_of)),
            reports: rows.reports.map(|rows| ReportCounts::of(rows, context)),
            after_sales: rows.after_sales.map(|rows| AfterSalesCounts::of(rows, as_of)),
            mature: rows.after_sales.zip(rows.orders).map(|(events, orders)| MatureRates::of(events, &orders, context)),
        }
    }
}

/// Actions received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ActionCounts {
    /// Actions that began in the last 90 days and did more than allow.
    pub received_90d: u32,
    /// Items whose reach was limited at any time.
    pub limited_items: u32,
}

impl ActionCounts {
    /// Counts what was known before `as_of`.
    #[must_use]
    pub fn of(rows: &[&ActionRow], as_of: AsOf) -> Self {
        let known = || rows.iter().filter(|r| as_of.knows(r.started_at, r.ingested_at));
        let recent = |r: &&&ActionRow| r.treatment != Treatment::Allow && as_of.instant.days_since(r.started_at) <= 90.0;
        let limited = known().filter(|r| r.treatment.limits_reach());
        Self {
            received_90d: count(known().filter(recent).count()),
            limited_items: distinct(limited.filter_map(|r| r.content_id.as_deref())),
        }
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

impl ReporterRecord {
    /// How much a report of this reporter counts: the share of judged reports that were upheld, shrunk to `prior` and divided by
    /// its mean, so that a reporter of whom nothing is known weighs 1. With the mean 0.5 and strength s that is
    /// 2 · (upheld + s/2) / (judged + s), from 0 to 2 (FIELD.md §5: shrunk to neutral until enough are judged).
    #[must_use]
    pub fn weight(&self, prior: &RatePrior) -> f64 {
        prior.shrink(u64::from(self.upheld), u64::from(self.judged)) / prior.mean()
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

/// Entropy −Σ p ln p in nats of the shares of `counts`, in their order; `None` without any.
pub(super) fn entropy(counts: &[u32]) -> Option<f64> {
    let total: f64 = counts.iter().map(|c| f64::from(*c)).sum();
    let share = |count: &u32| f64::from(*count) / total;
    (total > 0.0).then(|| counts.iter().filter(|c| **c > 0).map(share).map(|p| -p * libm::log(p)).sum())
}

/// How often each of equal neighbours occurs.
pub(super) fn runs<T: PartialEq>(sorted: &[T]) -> Vec<u32> {
    sorted.chunk_by(|a, b| a == b).map(|run| count(run.len())).collect()
}

pub(super) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With α = β = 3: nothing known 6/6, 4 of 4 upheld 2 · 7/10, none of 4 upheld 2 · 3/10, 90 of 94 upheld 2 · 93/100.
    #[test]
    fn a_reporter_weighs_what_its_record_says() {
        let prior = RatePrior { alpha: 3.0, beta: 3.0, n: 0 };
        let weight = |judged, upheld| ReporterRecord { judged, upheld }.weight(&prior);
        assert_eq!([weight(0, 0), weight(4, 4), weight(4, 0), weight(94, 90)], [1.0, 1.4, 0.6, 1.86]);
        assert_eq!(weight(4, 9), 1.4, "more upheld than judged counts as all");
    }

    #[test]
    fn entropy_is_the_formula() {
        assert_eq!(entropy(&[]), None);
        assert_eq!(entropy(&[0, 7]), Some(0.0));
        assert!((entropy(&[1, 1, 2]).unwrap() - 1.5 * core::f64::consts::LN_2).abs() < 1e-12);
        assert_eq!(runs(&["a", "b", "b"]), [1, 2]);
    }
}
