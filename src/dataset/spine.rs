//! Who is scored, and when: the rows of a nightly run.

use std::collections::{BTreeMap, BTreeSet};

use super::shard::{ContentHistory, Shard};
use crate::tables::SpineTime;
use crate::units::{AsOf, Day, Id, Timestamp, Zones};

/// One row of the spine: an item of a shard, at a midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpineRow {
    /// Index into `Shard::contents`.
    pub content: usize,
    /// The midnight.
    pub as_of: AsOf,
    /// The item was published at or after the midnight: it keeps its content and has null history.
    pub same_day: bool,
}

/// The items of `shard` that were published, edited, viewed or reported in the `scope_days` days before the midnight at which
/// `day` begins in their market, in the order of the shard.
#[must_use]
pub fn nightly_spine(shard: &Shard, day: Day, scope_days: u32, zones: &Zones) -> Vec<SpineRow> {
    let scope = i32::try_from(scope_days).unwrap_or(i32::MAX);
    let rows = shard.contents.iter().enumerate().filter_map(|(content, (_, history))| {
        let market = history.first()?.market;
        let as_of = zones.as_of(market, day);
        let since = zones.as_of(market, Day(day.0.saturating_sub(scope)));
        in_scope(history, as_of, since).then_some(SpineRow { content, as_of, same_day: false })
    });
    rows.collect()
}

/// The rows that are asked for of items of `shard`, each once, by item, then time.
#[must_use]
pub fn asked_spine(shard: &Shard, asked: &BTreeMap<Id, Vec<SpineTime>>, zones: &Zones) -> Vec<SpineRow> {
    let mut rows = Vec::new();
    for (content, (id, history)) in shard.contents.iter().enumerate() {
        let (Some(times), Some(first)) = (asked.get(id), history.first()) else { continue };
        let midnight = |time: &SpineTime| match time {
            SpineTime::Day(day) => zones.as_of(first.market, *day),
            SpineTime::Instant(at) => zones.as_of(first.market, zones.day_of(first.market, *at)),
        };
        let midnights: BTreeSet<AsOf> = times.iter().map(midnight).collect();
        rows.extend(midnights.into_iter().map(|as_of| SpineRow { content, as_of, same_day: !history.is_known(as_of) }));
    }
    rows
}

/// Whether anything happened to the item from `since` on that was known at `as_of`.
fn in_scope(history: &ContentHistory, as_of: AsOf, since: AsOf) -> bool {
    let Some(first) = history.first() else { return false };
    let within = |at: Timestamp, ingested: Option<Timestamp>| at >= since.instant && as_of.knows(at, ingested);
    if !history.is_known(as_of) {
        return false;
    }
    within(first.published_at, first.ingested_at)
        || history.versions.iter().any(|v| v.valid_from.is_some_and(|at| within(at, v.ingested_at)))
        || history
            .engagement
            .iter()
            .rev()
            .take_while(|e| e.day >= since.day)
            .any(|e| as_of.knows_day(e.day, e.ingested_at) && (e.views.unwrap_or(0) > 0 || e.impressions.unwrap_or(0) > 0))
        || history.reports.iter().rev().any(|r| within(r.reported_at, r.ingested_at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::fixtures::{content, day_us};
    use crate::tables::ReportRow;

    /// Whether an item with `history` is in the spine of day 100 with a scope of 28 days.
    fn check(history: ContentHistory, expect: bool) {
        let shard = Shard { contents: vec![("c".into(), history)], ..Shard::default() };
        assert_eq!(!nightly_spine(&shard, Day(100), 28, &Zones::utc()).is_empty(), expect);
    }

    fn published(days: f64) -> ContentHistory {
        ContentHistory { versions: vec![content("c", day_us(days))], ..ContentHistory::default() }
    }

    fn reported(days: f64, ingested: Option<f64>) -> ContentHistory {
        let report = ReportRow {
            report_id: "r".into(),
            content_id: "c".into(),
            reporter_id: None,
            reported_at: Timestamp(day_us(days)),
            reason: None,
            ingested_at: ingested.map(|days| Timestamp(day_us(days))),
        };
        ContentHistory { reports: vec![report], ..published(10.0) }
    }

    #[test]
    fn what_was_published_or_reported_within_the_scope_is_scored() {
        check(published(99.9), true);
        check(published(72.0), true);
        check(published(71.9), false);
        check(published(100.0), false);
        check(reported(99.0, None), true);
        check(reported(71.0, None), false);
        check(reported(99.0, Some(100.0)), false);
    }

    #[test]
    fn an_edit_counts_when_it_was_known_and_takes_nothing_away_when_it_was_not() {
        let edited = |from: f64, ingested: Option<f64>| {
            let mut history = published(10.0);
            let mut edit = content("c", day_us(10.0));
            edit.valid_from = Some(Timestamp(day_us(from)));
            edit.ingested_at = ingested.map(|days| Timestamp(day_us(days)));
            history.versions.push(edit);
            history
        };
        check(edited(90.0, None), true);
        check(edited(90.0, Some(101.0)), false);
        check(edited(101.0, None), false);
        // A version that claims to be older but arrived too late leaves the item in scope.
        let mut late = edited(5.0, Some(120.0));
        late.versions[0].published_at = Timestamp(day_us(95.0));
        late.versions.rotate_left(1);
        check(late, true);
    }
}
