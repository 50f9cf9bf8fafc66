//! A seller's history: what it published and what happened to it.

use super::counts::{EventCounts, EventRows, count};
use crate::tables::ContentRow;
use crate::units::{AsOf, Timestamp};

/// All rows of one seller, in any order.
#[derive(Debug, Clone, Copy, Default)]
pub struct SellerHistoryRows<'a> {
    /// Versions of its items.
    pub content: &'a [&'a ContentRow],
    /// Events on it and on its items.
    pub events: EventRows<'a>,
}

/// What was known of a seller before a midnight.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SellerHistory {
    /// Items published.
    pub items: u32,
    /// Items published in the last day.
    pub items_1d: u32,
    /// Items published in the last 7 days.
    pub items_7d: u32,
    /// Items published in the last 28 days.
    pub items_28d: u32,
    /// When its first item was published.
    pub first_published: Option<Timestamp>,
    /// Events.
    pub events: EventCounts,
}

impl SellerHistory {
    /// Counts what was known before `as_of`.
    #[must_use]
    pub fn of(rows: &SellerHistoryRows<'_>, as_of: AsOf) -> Self {
        let known =
            |r: &&&ContentRow| as_of.knows(r.published_at, r.ingested_at) && r.valid_from.is_none_or(|from| from < as_of.instant);
        let mut items: Vec<(&str, Timestamp)> =
            rows.content.iter().filter(known).map(|r| (r.content_id.as_str(), r.published_at)).collect();
        // Versions of an item count as one, published when the earliest says.
        items.sort_unstable();
        items.dedup_by_key(|(id, _)| *id);
        let within = |days: f64| count(items.iter().filter(|(_, at)| as_of.instant.days_since(*at) <= days).count());
        Self {
            items: count(items.len()),
            items_1d: within(1.0),
            items_7d: within(7.0),
            items_28d: within(28.0),
            first_published: items.iter().map(|(_, at)| *at).min(),
            events: EventCounts::of(&rows.events, as_of),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{as_of, at, content};

    #[test]
    fn versions_are_one_item_and_the_future_is_unknown() {
        let mut rows = [content("a"), content("a"), content("b"), content("c"), content("d")];
        for (row, day) in rows.iter_mut().zip([99.5, 99.6, 95.0, 60.0, 100.0]) {
            row.published_at = at(day);
        }
        let refs: Vec<&ContentRow> = rows.iter().collect();
        let history = SellerHistory::of(&SellerHistoryRows { content: &refs, ..SellerHistoryRows::default() }, as_of(100));
        assert_eq!((history.items, history.items_1d, history.items_7d, history.items_28d), (3, 1, 2, 2));
        assert_eq!(history.first_published, Some(at(60.0)));
        assert_eq!(history.events, EventCounts::default());
    }
}
