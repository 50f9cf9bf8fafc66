//! A seller's engagement by day: its items' rows summed in a fixed order.

use std::collections::BTreeMap;

use super::shard::{ContentHistory, limits_reach};
use crate::features::{EngagementDay, EngagementDays};
use crate::tables::{ActionRow, EngagementRow};
use crate::units::{Day, Id, Timestamp, Zones};

/// Sums the engagement of `items` by day (and by when it was ingested, so that the as-of rule still applies to the sums).
/// Each item counts only up to its first action. Items are added in the order given, so float sums are reproducible.
pub(super) fn daily_totals<'a>(items: impl Iterator<Item = &'a ContentHistory> + Clone, zones: &Zones) -> EngagementDays {
    let mut zones_used = items.clone().filter_map(|item| item.first()).map(|first| zones.of(first.market));
    let first_zone = zones_used.next();
    let is_one_zone = zones_used.all(|zone| Some(zone) == first_zone);
    let mut days: BTreeMap<(Day, Option<Timestamp>), EngagementRow> = BTreeMap::new();
    for item in items {
        let end = item.first().and_then(|first| {
            // An action that reached us late cuts from the day it was known, so that no sum depends on the future.
            let known = |a: &ActionRow| zones.day_of(first.market, a.started_at.max(a.ingested_at.unwrap_or(a.started_at)));
            item.actions.iter().filter(|a| limits_reach(a.treatment)).map(known).min()
        });
        for row in item.engagement.iter().filter(|row| end.is_none_or(|end| row.day < end)) {
            let ingested_at = match item.first() {
                // A day of a market further west ends later than the midnight at which one further east is scored.
                Some(first) if !is_one_zone => {
                    let ended = Timestamp(zones.as_of(first.market, row.day.plus(1)).instant.0 - 1);
                    Some(row.ingested_at.map_or(ended, |at| at.max(ended)))
                }
                _ => row.ingested_at,
            };
            let total = days.entry((row.day, ingested_at)).or_insert_with(|| empty(row.day, ingested_at));
            add(total, &row);
        }
    }
    EngagementDays::of(&days.into_values().collect::<Vec<_>>())
}

fn empty(day: Day, ingested_at: Option<Timestamp>) -> EngagementRow {
    EngagementRow {
        content_id: Id::default(),
        day,
        impressions: None,
        views: None,
        watch_s: None,
        likes: None,
        comments: None,
        shares: None,
        clicks: None,
        orders: None,
        refunds: None,
        gmv: None,
        reports: None,
        hides: None,
        ingested_at,
    }
}

/// Adds `row` to `total`; a value that is missing on both sides stays missing.
fn add(total: &mut EngagementRow, row: &EngagementDay) {
    let count = |into: &mut Option<u64>, from: Option<u64>| {
        if let Some(value) = from {
            *into = Some(into.unwrap_or(0).saturating_add(value));
        }
    };
    let sum = |into: &mut Option<f64>, from: Option<f64>| {
        if let Some(value) = from {
            *into = Some(into.unwrap_or(0.0) + value);
        }
    };
    count(&mut total.impressions, row.impressions);
    count(&mut total.views, row.views);
    sum(&mut total.watch_s, row.watch_s);
    count(&mut total.likes, row.likes);
    count(&mut total.comments, row.comments);
    count(&mut total.shares, row.shares);
    count(&mut total.clicks, row.clicks);
    count(&mut total.orders, row.orders);
    count(&mut total.refunds, row.refunds);
    sum(&mut total.gmv, row.gmv);
    count(&mut total.reports, row.reports);
    count(&mut total.hides, row.hides);
}
