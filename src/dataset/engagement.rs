//! Sums of daily engagement other than windows: a seller's rows by day, added in a fixed order, and an item's orders before a moment.

use std::collections::BTreeMap;

use super::shard::{ContentHistory, limits_reach};
use crate::features::{DayCells, EngagementDay};
use crate::tables::{ActionRow, EngagementRow};
use crate::units::{AsOf, Day, Id, Market, Timestamp, Zones};

/// Sums the engagement of `items` by day (and by when it was ingested, so that the as-of rule still applies to the sums).
/// Each item counts only up to its first action. Items are added in the order given, so float sums are reproducible.
pub(super) fn daily_totals<'a>(items: impl Iterator<Item = &'a ContentHistory>, zones: &Zones) -> Vec<DayCells> {
    // A day of a market further west ends later than the midnight at which one further east is scored. Every row carries the end of
    // its day, so that no later item from elsewhere changes the order in which amounts are added.
    let mut ends: BTreeMap<(Market, Day), Timestamp> = BTreeMap::new();
    let mut end_of = |market: Market, day: Day| {
        *ends.entry((market, day)).or_insert_with(|| Timestamp(zones.as_of(market, day.plus(1)).instant.0 - 1))
    };
    let mut days: BTreeMap<(Day, Option<Timestamp>), EngagementRow> = BTreeMap::new();
    for item in items {
        let end = item.first().and_then(|first| {
            // An action that reached us late cuts from the day it was known, so that no sum depends on the future.
            let known = |a: &ActionRow| zones.day_of(first.market, a.started_at.max(a.ingested_at.unwrap_or(a.started_at)));
            item.actions.iter().filter(|a| limits_reach(a.treatment)).map(known).min()
        });
        // Whose item it is may have become known only after its first days: until then they are no part of the seller's.
        let since = item.seller_since();
        let since_day = item.first().zip(since).map(|(first, since)| zones.day_of(first.market, since));
        for mut row in item.engagement.iter().filter(|row| end.is_none_or(|end| row.day < end)) {
            if since_day.is_some_and(|named| row.day < named) {
                row.ingested_at = row.ingested_at.max(since);
            }
            let ingested_at = item.first().map(|first| {
                let ended = end_of(first.market, row.day);
                row.ingested_at.map_or(ended, |at| at.max(ended))
            });
            let total = days.entry((row.day, ingested_at)).or_insert_with(|| empty(row.day, ingested_at));
            add(total, &row);
        }
    }
    days.values().map(DayCells::of).collect()
}

/// Orders of `item` on days that ended before the day of `before`, as known at `as_of` and up to the item's first action; `None` when no
/// day of the item is known to tell.
pub(super) fn orders_before(item: &ContentHistory, as_of: AsOf, before: Timestamp, zones: &Zones) -> Option<u64> {
    let day = zones.day_of(item.first()?.market, before);
    let end = item.first_action_day(as_of, zones);
    let counts = |row: &EngagementDay| as_of.knows_day(row.day, row.ingested_at) && end.is_none_or(|end| row.day < end);
    let known = item.engagement.iter().filter(counts).filter_map(|row| Some((row.day, row.orders?)));
    known.fold(None, |sum, (of, orders)| Some(sum.unwrap_or(0_u64).saturating_add(if of < day { orders } else { 0 })))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::fixtures::{content, day_us};
    use crate::features::EngagementDays;
    use crate::units::Treatment;

    #[test]
    fn orders_before_a_day_are_those_known_and_not_treated() {
        let day = |day: i32, orders: Option<u64>| EngagementRow { orders, ..empty(Day(day), None) };
        let mut item = ContentHistory { versions: vec![content("c", day_us(90.0))], ..ContentHistory::default() };
        let before = |item: &ContentHistory, at: f64| {
            orders_before(item, Zones::utc().as_of(item.versions[0].market, Day(100)), Timestamp(day_us(at)), &Zones::utc())
        };
        item.engagement = EngagementDays::of(&[day(91, None)]);
        assert_eq!(before(&item, 96.5), None, "nothing tells");
        // 2 and 3 before day 96; 4 on the day itself; 5 reached us late; 6 on the day that begins at the midnight.
        let late = EngagementRow { ingested_at: Some(Timestamp(day_us(100.0))), ..day(94, Some(5)) };
        let days = [day(91, None), day(92, Some(2)), day(93, Some(3)), late, day(96, Some(4)), day(100, Some(6))];
        item.engagement = EngagementDays::of(&days);
        assert_eq!(before(&item, 96.5), Some(5));
        assert_eq!(before(&item, 200.0), Some(9));
        assert_eq!(before(&item, 92.0), Some(0));
        let action = ActionRow {
            action_id: "a".into(),
            content_id: Some("c".into()),
            seller_id: None,
            treatment: Treatment::Downrank,
            policy_id: None,
            started_at: Timestamp(day_us(93.5)),
            ended_at: None,
            reversed_by: None,
            ingested_at: None,
        };
        item.actions = vec![action];
        assert_eq!(before(&item, 96.5), Some(2), "from the day of the action on, orders are its doing");
    }
}
