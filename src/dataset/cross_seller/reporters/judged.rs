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
/// counts, by when it happened and was ingested. Linear, up to sorting, in reports and decisions for each grid date.
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
    let judges = Judges::new(&decisions);
    let reporters: Vec<&[(&Id, Timestamp, Day)]> = named.chunk_by(|a, b| a.0 == b.0).collect();
    let mut before = vec![(0, 0); reporters.len()];
    let mut reviews = Vec::new();
    for date in dates {
        let decided = judges.change_at(date);
        if decided {
            reviews = judges.reviews_at(date);
        }
        for (mine, before) in reporters.iter().zip(&mut before) {
            // Without a new decision only a new report changes a record.
            if !decided && mine.iter().all(|(_, _, from)| *from != date) {
                continue;
            }
            let now = record(mine, &reviews, date);
            if let Some((reporter, _, _)) = mine.first().filter(|_| now != *before) {
                out(reporter, date, now.0 - before.0, now.1 - before.1);
            }
            *before = now;
        }
    }
}

/// A decision among those of its item, ids turned into numbers.
struct Ranked {
    from: Day,
    at: Timestamp,
    /// Its place in time, then by id; equal where both are.
    rank: usize,
    violating: bool,
    /// The number of the decision it overturns.
    overturns: Option<usize>,
    /// Its own number; `None` when nothing overturns it.
    overturned: Option<usize>,
}

/// The decisions of an item, sorted once for all dates.
struct Judges {
    /// By rank; of one rank, as they came.
    rows: Vec<Ranked>,
    /// Grid dates from which a decision counts, sorted.
    dates: Vec<Day>,
    /// Decisions that are overturned at some time.
    n_overturned: usize,
}

impl Judges {
    fn new(decisions: &[(Day, &DecisionRow)]) -> Self {
        let mut sorted = decisions.to_vec();
        sorted.sort_by(|(_, a), (_, b)| (a.decided_at, &a.decision_id).cmp(&(b.decided_at, &b.decision_id)));
        // Looked up only, never walked.
        let mut numbers: HashMap<&Id, usize> = HashMap::new();
        for id in sorted.iter().filter_map(|(_, d)| d.overturns.as_ref()) {
            let next = numbers.len();
            numbers.entry(id).or_insert(next);
        }
        let mut rows: Vec<Ranked> = Vec::with_capacity(sorted.len());
        let mut last: Option<(Timestamp, &Id)> = None;
        let mut rank = 0;
        for (from, d) in sorted {
            let order = (d.decided_at, &d.decision_id);
            rank += usize::from(last != Some(order));
            last = Some(order);
            rows.push(Ranked {
                from,
                at: d.decided_at,
                rank,
                violating: d.verdict == Verdict::Violating,
                overturns: d.overturns.as_ref().and_then(|id| numbers.get(id).copied()),
                overturned: numbers.get(&d.decision_id).copied(),
            });
        }
        let mut dates: Vec<Day> = rows.iter().map(|row| row.from).collect();
        dates.sort_unstable();
        dates.dedup();
        Self { rows, dates, n_overturned: numbers.len() }
    }

    /// Whether a decision counts from `date` on.
    fn change_at(&self, date: Day) -> bool {
        self.dates.binary_search(&date).is_ok()
    }

    /// The reviews as they stood at grid date `date`, by time. Linear in the decisions.
    fn reviews_at(&self, date: Day) -> Vec<Review> {
        let known = |(_, row): &(usize, &Ranked)| row.from <= date;
        // Of several decisions that overturn one, the latest speaks.
        let mut latest: Vec<Option<usize>> = vec![None; self.n_overturned];
        for (place, row) in self.rows.iter().enumerate().filter(known) {
            if let Some(by) = row.overturns.and_then(|number| latest.get_mut(number))
                && by.is_none_or(|by| self.rows[by].rank < row.rank)
            {
                *by = Some(place);
            }
        }
        // Time runs on along a chain of overturns, so that from the last decision to the first each next word is spoken already, and
        // decisions that overturn each other end it.
        let mut words = vec![false; self.rows.len()];
        for (place, row) in self.rows.iter().enumerate().rev().filter(known) {
            let by = row.overturned.and_then(|number| latest.get(number).copied().flatten());
            let next = by.filter(|by| self.rows[*by].rank > row.rank);
            words[place] = next.map_or(row.violating, |next| words[next]);
        }
        let spoken = self.rows.iter().enumerate().filter(known);
        let mut reviews: Vec<Review> = spoken.map(|(place, row)| Review { at: row.at, violating: words[place] }).collect();
        reviews.dedup_by(|next, kept| {
            kept.violating |= next.at == kept.at && next.violating;
            next.at == kept.at
        });
        reviews
    }
}

/// Judged and upheld reports of one reporter, whose reports are in time order, at grid date `date`.
fn record(reports: &[(&Id, Timestamp, Day)], reviews: &[Review], date: Day) -> (i64, i64) {
    let known = reports.iter().filter(|(_, _, from)| *from <= date);
    let mut judged_by: Vec<usize> = known.map(|(_, at, _)| reviews.partition_point(|review| review.at <= *at)).collect();
    judged_by.dedup();
    let reviews = judged_by.iter().filter_map(|at| reviews.get(*at));
    reviews.fold((0, 0), |(judged, upheld), review| (judged + 1, upheld + i64::from(review.violating)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dataset::cross_seller::link_fixtures::{report, verdict};

    /// The same as `Judges::reviews_at`, walking every chain.
    fn naive_reviews_at(decisions: &[(Day, &DecisionRow)], date: Day) -> Vec<Review> {
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

    /// The same as `changes`, looking at everything anew for each date. Day = the day itself, not its week.
    fn naive(reports: &[ReportRow], decisions: &[DecisionRow]) -> Vec<(Id, Day, i64, i64)> {
        let decisions: Vec<(Day, &DecisionRow)> = decisions.iter().map(|d| (from(d.decided_at, d.ingested_at), d)).collect();
        let mut named: Vec<(&Id, Timestamp, Day)> = reports
            .iter()
            .map(|r| (r.reporter_id.as_ref().unwrap(), r.reported_at, from(r.reported_at, r.ingested_at)))
            .collect();
        named.sort_unstable();
        let mut changes = Vec::new();
        for mine in named.chunk_by(|a, b| a.0 == b.0) {
            let mut before = (0, 0);
            for date in (0..70).map(Day) {
                let now = record(mine, &naive_reviews_at(&decisions, date), date);
                if now != before {
                    changes.push((mine[0].0.clone(), date, now.0 - before.0, now.1 - before.1));
                }
                before = now;
            }
        }
        changes.sort_unstable();
        changes
    }

    /// The day after.
    fn from(at: Timestamp, ingested: Option<Timestamp>) -> Day {
        let known = ingested.map_or(at, |ingested| ingested.max(at));
        Day(i32::try_from(known.0.div_euclid(86_400_000_000)).unwrap() + 1)
    }

    fn all_changes(reports: &[ReportRow], decisions: &[DecisionRow]) -> Vec<(Id, Day, i64, i64)> {
        let mut got = Vec::new();
        changes(reports, decisions, from, |id, day, judged, upheld| got.push((id.clone(), day, judged, upheld)));
        got.sort_unstable();
        got
    }

    prop_compose! {
        /// Decisions of few ids, so that some come twice and overturn each other, and of few days.
        fn any_decision()(id in 0..7_u8, violating in any::<bool>(), day in 0..12_i32, late in 0..40_i32, overturns in proptest::option::of(0..7_u8))
            -> DecisionRow {
            let said = if violating { Verdict::Violating } else { Verdict::Compliant };
            let row = verdict(&id.to_string(), said, f64::from(day), overturns.map(|n| n.to_string()).as_deref());
            let ingested_at = (late < 20).then(|| Timestamp(row.decided_at.0 + i64::from(late) * 86_400_000_000));
            DecisionRow { ingested_at, ..row }
        }
    }

    prop_compose! {
        fn any_report()(who in 0..3_u8, day in 0..12_i32, late in 0..40_i32) -> ReportRow {
            let row = report(&who.to_string(), f64::from(day));
            let ingested_at = (late < 20).then(|| Timestamp(row.reported_at.0 + i64::from(late) * 86_400_000_000));
            ReportRow { ingested_at, ..row }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn changes_are_those_of_walking_every_chain(
            reports in proptest::collection::vec(any_report(), 0..8), decisions in proptest::collection::vec(any_decision(), 0..12),
        ) {
            prop_assert_eq!(all_changes(&reports, &decisions), naive(&reports, &decisions));
        }
    }

    #[test]
    fn a_long_chain_of_overturns_is_walked_once() {
        // Walking the chain from each decision would take minutes. The last of them, which clears, speaks for the first.
        let minute = 1.0 / 1440.0;
        let decisions: Vec<DecisionRow> = (0..50_000_u32)
            .map(|i| {
                let said = if i % 2 == 0 { Verdict::Violating } else { Verdict::Compliant };
                let before = i.checked_sub(1).map(|i| i.to_string());
                verdict(&i.to_string(), said, 1.0 + f64::from(i) * minute, before.as_deref())
            })
            .collect();
        let got = all_changes(&[report("r", 0.5)], &decisions);
        let sum = got.iter().fold((0, 0), |(judged, upheld), (_, _, j, u)| (judged + j, upheld + u));
        assert_eq!(sum, (1, 0));
    }
}
