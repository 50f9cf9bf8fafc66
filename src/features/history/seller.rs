//! A seller's history: what it published and what happened to it.

use super::counts::{EventCounts, EventRows, count, entropy, runs};
use super::rules::{HistoryContext, prior_of};
use crate::features::RatePrior;
use crate::tables::ContentRow;
use crate::units::{Id, Timestamp};

/// All rows of one seller, in any order.
#[derive(Debug, Clone, Copy, Default)]
pub struct SellerHistoryRows<'a> {
    /// Versions of its items.
    pub content: &'a [&'a ContentRow],
    /// Events on it and on its items.
    pub events: EventRows<'a>,
}

/// What was known of a seller before a midnight.
#[derive(Debug, Clone, PartialEq)]
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
    /// Versions of its items.
    pub versions: u32,
    /// Distinct categories of its items, each item in the last one known.
    pub categories: u32,
    /// Entropy of its items by category, in nats; `None` when no item has one.
    pub category_entropy: Option<f64>,
    /// Events.
    pub events: EventCounts,
    /// What the share of overturned decisions is shrunk to.
    pub overturn_prior: RatePrior,
    /// What the share of treated items is shrunk to.
    pub takedown_prior: RatePrior,
}

impl SellerHistory {
    /// Counts what was known before the midnight.
    #[must_use]
    pub fn of(rows: &SellerHistoryRows<'_>, context: &HistoryContext<'_>) -> Self {
        let as_of = context.as_of;
        let known =
            |r: &&&ContentRow| as_of.knows(r.published_at, r.ingested_at) && r.valid_from.is_none_or(|from| from < as_of.instant);
        let mut versions: Vec<&ContentRow> = rows.content.iter().filter(known).copied().collect();
        versions.sort_unstable_by_key(|r| (&r.content_id, r.valid_from, &r.category));
        // Versions of an item count as one, published when the earliest says.
        let items: Vec<&[&ContentRow]> = versions.chunk_by(|a, b| a.content_id == b.content_id).collect();
        let published: Vec<Timestamp> = items.iter().filter_map(|item| item.iter().map(|r| r.published_at).min()).collect();
        let within = |days: f64| count(published.iter().filter(|at| as_of.instant.days_since(**at) <= days).count());
        let mut categories: Vec<&Id> = items.iter().filter_map(|item| item.last()?.category.as_ref()).collect();
        categories.sort_unstable();
        let categories = runs(&categories);
        Self {
            items: count(items.len()),
            items_1d: within(1.0),
            items_7d: within(7.0),
            items_28d: within(28.0),
            first_published: published.iter().copied().min(),
            versions: count(versions.len()),
            categories: count(categories.len()),
            category_entropy: entropy(&categories),
            events: EventCounts::of(&rows.events, context),
            overturn_prior: prior_of(context.rules.config.overturn_prior),
            takedown_prior: prior_of(context.rules.config.takedown_prior),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{as_of, at, content, context, rules};

    fn history(rows: &[ContentRow]) -> SellerHistory {
        let (rules, content) = (rules(), rows.iter().collect::<Vec<_>>());
        SellerHistory::of(&SellerHistoryRows { content: &content, ..SellerHistoryRows::default() }, &context(as_of(100), &rules))
    }

    #[test]
    fn versions_are_one_item_and_the_future_is_unknown() {
        let mut rows = [content("a"), content("a"), content("b"), content("c"), content("d")];
        for (row, day) in rows.iter_mut().zip([99.5, 99.6, 95.0, 60.0, 100.0]) {
            row.published_at = at(day);
        }
        let history = history(&rows);
        assert_eq!((history.items, history.items_1d, history.items_7d, history.items_28d), (3, 1, 2, 2));
        assert_eq!((history.first_published, history.versions), (Some(at(60.0)), 4));
        assert_eq!((history.categories, history.category_entropy), (0, None));
        assert_eq!(history.events, EventCounts::default());
    }

    /// Item a moves from `toys` to `phones` on day 96 and to `shoes` on day 100, which is not known yet; b and c are in `phones`, d in
    /// `toys`, e in none: 3 phones and 1 toys.
    #[test]
    fn an_item_is_in_the_last_category_known() {
        let version = |id: &str, from: f64, category: Option<&str>| ContentRow {
            valid_from: Some(at(from)),
            category: category.map(Into::into),
            ..content(id)
        };
        let mut rows = vec![
            version("a", 90.0, Some("toys")),
            version("a", 96.0, Some("phones")),
            version("a", 100.0, Some("shoes")),
            version("b", 90.0, Some("phones")),
            version("c", 90.0, Some("phones")),
            version("d", 90.0, Some("toys")),
            version("e", 90.0, None),
        ];
        let got = history(&rows);
        assert_eq!((got.items, got.versions, got.categories), (5, 6, 2));
        let expect = -0.75 * libm::log(0.75) - 0.25 * libm::log(0.25);
        assert!((got.category_entropy.unwrap() - expect).abs() < 1e-12);
        rows.reverse();
        assert_eq!(history(&rows), got, "the order of rows does not matter");
    }
}
