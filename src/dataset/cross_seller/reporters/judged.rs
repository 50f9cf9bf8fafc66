//! Which of an item's reports were judged, and how, as decisions became known.
//!
//! A report is judged by the first review after it: the decisions of the earliest `decided_at` later than `reported_at`, one for each
//! label. It was upheld when any of them found a violation. A decision that was overturned says what the one that overturned it
//! says. Automatic decisions judge nobody: they may have followed the reports. Reports by one person that the same review
//! judged are one, so that nobody earns a record by reporting one item many times.

use std::collections::HashMap;

use crate::tables::{DecisionRow, ReportRow};
use crate::units::{Day, DecidedBy, Id, Timestamp, Verdict};

/// One review of the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Review {
    at: Timestamp,
    violating: bool,
}

/// Calls `out` with reporter, grid date and the change in judged and upheld reports. `from` gives the grid date from which a fact
/// counts, by when it happened and was ingested.
pub(super) fn changes(
    reports: &[ReportRow],
    decisions: &[DecisionRow],
    mut from: impl FnMut(Timestamp, Option<Timestamp>) -> Day,
    mut out: impl FnMut(&Id, Day, i64, i64),
) {
    let decisions: Vec<(Day, &DecisionRow)> = decisions
        .iter()
        .filter(|d| d.decided_by != Some(DecidedBy::Automatic))
        .map(|d| (from(d.decided_at, d.ingested_at), d))
        .collect();
    if decisions.is_empty() {
        return;
    }
    let mut named: Vec<(&Id, Timestamp, Day)> = reports
        .iter()
        .filter_map(|r| Some((r.reporter_id.as_ref()?, r.reported_at, from(r.reported_at, r.ingested_at))))
        .collect();
    named.sort_unstable();
    let mut dates: Vec<Day> = decisions.iter().map(|(date, _)| *date).chain(named.iter().map(|(_, _, date)| *date)).collect();
    dates.sort_unstable();
    dates.dedup();
    let reviews: Vec<(Day, Vec<Review>)> = dates.into_iter().map(|date| (date, reviews_at(&decisions, date))).collect();
    for mine in named.chunk_by(|a, b| a.0 == b.0) {
        let mut before = (0, 0);
        for (date, reviews) in &reviews {
            let now = record(mine, reviews, *date);
            if let Some((reporter, _, _)) = mine.first().filter(|_| now != before) {
                out(reporter, *date, now.0 - before.0, now.1 - before.1);
            }
            before = now;
        }
    }
}

/// The reviews as they stood at grid date `date`, by time.
fn reviews_at(decisions: &[(Day, &DecisionRow)], date: Day) -> Vec<Review> {
    let known: Vec<&DecisionRow> = decisions.iter().filter(|(from, _)| *from <= date).map(|(_, d)| *d).collect();
    let order = |d: &DecisionRow| (d.decided_at, d.decision_id.clone());
    // Of several decisions that overturn one, the latest speaks.
    let mut overturned_by: HashMap<&Id, &DecisionRow> = HashMap::new();
    for decision in &known {
        if let Some(id) = &decision.overturns {
            let latest = overturned_by.entry(id).or_insert(decision);
            if order(latest) < order(decision) {
                *latest = decision;
            }
        }
    }
    let last_word = |decision: &DecisionRow| {
        let mut spoken = decision;
        // Time runs on along the chain, so decisions that overturn each other end it.
        while let Some(next) = overturned_by.get(&spoken.decision_id).filter(|next| order(next) > order(spoken)) {
            spoken = next;
        }
        spoken.verdict == Verdict::Violating
    };
    let mut reviews: Vec<Review> = known.iter().map(|d| Review { at: d.decided_at, violating: last_word(d) }).collect();
    reviews.sort_unstable_by_key(|review| review.at);
    reviews.dedup_by(|next, kept| {
        kept.violating |= next.at == kept.at && next.violating;
        next.at == kept.at
    });
    reviews
}

/// Judged and upheld reports of one reporter, whose reports are in time order, at grid date `date`.
fn record(reports: &[(&Id, Timestamp, Day)], reviews: &[Review], date: Day) -> (i64, i64) {
    let known = reports.iter().filter(|(_, _, from)| *from <= date);
    let mut judged_by: Vec<usize> = known.map(|(_, at, _)| reviews.partition_point(|review| review.at <= *at)).collect();
    judged_by.dedup();
    let reviews = judged_by.iter().filter_map(|at| reviews.get(*at));
    reviews.fold((0, 0), |(judged, upheld), review| (judged + 1, upheld + i64::from(review.violating)))
}
