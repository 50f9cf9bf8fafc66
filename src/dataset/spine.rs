//! Who is scored, and when: the rows of a nightly run.

use super::shard::{ContentHistory, Shard};
use crate::units::{AsOf, Day, Timestamp, Zones};

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

/// Whether anything happened to the item from `since` on that was known at `as_of`.
fn in_scope(history: &ContentHistory, as_of: AsOf, since: AsOf) -> bool {
    let Some(first) = history.first() else { return false };
    let within = |at: Timestamp, ingested: Option<Timestamp>| at >= since.instant && as_of.knows(at, ingested);
    if !history.is_known(as_of) {
        return false;
    }
    within(first.published_at, first.ingested_at)
        || history.versions.iter().any(|v| v.valid_from.is_some_and(|at| within(at, v.ingested_at)))
        || history.engagement.iter().rev().any(|e| {
            e.day >= since.day
                && as_of.knows_day(e.day, e.ingested_at)
                && (e.views.unwrap_or(0) > 0 || e.impressions.unwrap_or(0) > 0)
        })
        || history.reports.iter().rev().any(|r| within(r.reported_at, r.ingested_at))
}
