//! How the seller publishes: against its own habit, over how many categories, and how much of it was limited.
//!
//! An action counts for ever: that it ended or was reversed is written without saying when.

use super::HISTORY;
use super::seller_standing::days_of_tenure;
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, ItemView, SellerHistory, SimpleFeature};

/// Items of the last 1 day against the seller's habit.
pub(in crate::features) static SELLER_ITEMS_TREND_1D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_items_trend_1d",
        group: "seller",
        what: "ln((1 + items of the last day) / (1 + items that as many days of the seller's whole tenure have on average)), tenure at least 1 day",
        why: "a burst out of habit: bought and stolen accounts",
        range: "any",
        evaded_by: "raising volume slowly",
        inputs: &["content.published_at", "content.seller_id"],
        uses: &["sellers.registered_at"],
        ..HISTORY
    },
    value: |item| trend(item, 1.0, |h| h.items_1d),
};

/// Items of the last 7 days against the seller's habit.
pub(in crate::features) static SELLER_ITEMS_TREND_7D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_items_trend_7d",
        group: "seller",
        what: "ln((1 + items of the last 7 days) / (1 + items that as many days of the seller's whole tenure have on average)), tenure at least 7 days",
        why: "a week that departs from the seller's habit: bought and stolen accounts",
        range: "any",
        evaded_by: "raising volume slowly",
        inputs: &["content.published_at", "content.seller_id"],
        uses: &["sellers.registered_at"],
        ..HISTORY
    },
    value: |item| trend(item, 7.0, |h| h.items_7d),
};

/// Items of the last 28 days against the seller's habit.
pub(in crate::features) static SELLER_ITEMS_TREND_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_items_trend_28d",
        group: "seller",
        what: "ln((1 + items of the last 28 days) / (1 + items that as many days of the seller's whole tenure have on average)), tenure at least 28 days",
        why: "a month that departs from the seller's habit: bought and stolen accounts",
        range: "any",
        evaded_by: "raising volume slowly",
        inputs: &["content.published_at", "content.seller_id"],
        uses: &["sellers.registered_at"],
        ..HISTORY
    },
    value: |item| trend(item, 28.0, |h| h.items_28d),
};

/// Categories of the seller.
pub(in crate::features) static SELLER_CATEGORIES: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_categories",
        group: "seller",
        what: "ln(1 + distinct categories of the seller's items)",
        why: "real shops specialise; stolen and generated catalogues do not",
        range: "0 and up",
        evaded_by: "one account per category",
        inputs: &["content.category", "content.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller_history.map(|h| ln_count(u64::from(h.categories))),
};

/// How evenly the seller spreads over categories.
pub(in crate::features) static SELLER_CATEGORY_ENTROPY: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_category_entropy",
        group: "seller",
        what: "entropy of the seller's items by category, in nats; missing when no item has one",
        why: "real shops specialise; stolen and generated catalogues do not",
        range: "0 and up",
        evaded_by: "one account per category",
        inputs: &["content.category", "content.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller_history?.category_entropy.map(|e| e as f32),
};

/// Edits per item of the seller.
pub(in crate::features) static SELLER_EDITS_PER_ITEM: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_edits_per_item",
        group: "seller",
        what: "versions of the seller's items beyond the first, per item; missing in a snapshot",
        why: "listings that are switched or tuned until they pass",
        range: "0 and up",
        evaded_by: "new listings instead of edits",
        inputs: &["content.valid_from", "content.seller_id"],
        ..HISTORY
    },
    value: |item| {
        item.versions_known?;
        let history = item.seller_history.filter(|h| h.items > 0)?;
        Some((f64::from(history.versions.saturating_sub(history.items)) / f64::from(history.items)) as f32)
    },
};

/// Other items of the seller whose reach was limited.
pub(in crate::features) static SELLER_LIMITED_ITEMS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_limited_items",
        group: "seller",
        what: "ln(1 + other items of the seller whose reach an action limited at any time)",
        why: "sellers repeat themselves; seller_limited_share divides it by the items that seller_items counts",
        range: "0 and up",
        evaded_by: "a new account",
        inputs: &["actions.content_id", "content.seller_id"],
        ..HISTORY
    },
    value: |item| limited(item).map(|(limited, _)| ln_count(limited)),
};

/// Share of the seller's other items whose reach was limited.
pub(in crate::features) static SELLER_LIMITED_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_limited_share",
        group: "seller",
        what: "other items of the seller whose reach an action limited at any time, per other item, shrunk to the configured prior",
        why: "sellers repeat themselves",
        range: "0 to 1",
        evaded_by: "many harmless items beside the others",
        inputs: &["actions.content_id", "content.seller_id"],
        ..HISTORY
    },
    value: |item| {
        let (limited, items) = limited(item)?;
        Some(item.seller_history?.takedown_prior.shrink(limited, items) as f32)
    },
};

/// Days from the seller's registration to its first item.
pub(in crate::features) static SELLER_DAYS_TO_FIRST_ITEM: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_days_to_first_item",
        group: "seller",
        what: "ln(1 + days from the seller's registration to its first item)",
        why: "throwaway accounts sell at once, bought ones after a long sleep",
        range: "0 and up",
        evaded_by: "waiting; a harmless first item",
        inputs: &["sellers.registered_at", "content.published_at", "content.seller_id"],
        ..HISTORY
    },
    value: |item| {
        let (registered, first) = (item.seller?.registered_at?, item.seller_history?.first_published?);
        Some(libm::log1p(first.days_since(registered).max(0.0)) as f32)
    },
};

/// ln((1 + items of the last `days`) / (1 + items of `days` average days of tenure).
fn trend(item: &ItemView<'_>, days: f64, items: fn(&SellerHistory) -> u32) -> Option<f32> {
    let history = item.seller_history?;
    let usual = f64::from(history.items) * days / days_of_tenure(item)?.max(days);
    Some(libm::log((1.0 + f64::from(items(history))) / (1.0 + usual)) as f32)
}

/// Other items whose reach was limited, and other items.
fn limited(item: &ItemView<'_>) -> Option<(u64, u64)> {
    let history = item.seller_history?;
    let own = item.events().and_then(|e| e.actions).map_or(0, |a| a.limited_items);
    let limited = history.events.actions?.limited_items.saturating_sub(own);
    Some((u64::from(limited), u64::from(history.items.saturating_sub(1))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{Fixture, action, as_of, at, content, context, rules, seller};
    use crate::features::{EventCounts, EventRows, Feature, SellerHistoryRows};
    use crate::tables::{ActionRow, ContentRow};
    use crate::units::Treatment;

    /// As of day 100, registered on day 20: 80 days of tenure. Items by day of publication: a 99.5, b 99.2, c 95, d 80, e 75, f 65, g 62,
    /// h 60; a has two more versions. Usual items: 8 · 1/80 = 0.1 in a day, 0.7 in 7, 2.8 in 28.
    /// Actions: a and b held, c only reviewed, d held on day 100, which is not known, and the seller itself held. Of the 7 others 1:
    /// (1 + 1) / (7 + 5) with the prior 0.2 of strength 5.
    #[test]
    fn the_seller_is_compared_with_its_own_habit() {
        let published = [("a", 99.5), ("b", 99.2), ("c", 95.0), ("d", 80.0), ("e", 75.0), ("f", 65.0), ("g", 62.0), ("h", 60.0)];
        let version = |id: &str, day: f64, from: f64| ContentRow {
            published_at: at(day),
            valid_from: Some(at(from)),
            category: Some(if id == "h" { "toys" } else { "phones" }.into()),
            ..content(id)
        };
        let mut rows: Vec<ContentRow> = published.iter().map(|(id, day)| version(id, *day, *day)).collect();
        rows.extend([version("a", 99.5, 99.6), version("a", 99.5, 99.7), version("a", 99.5, 100.0)]);
        let actions = [
            action(Some("a"), Treatment::Hold, 99.9),
            action(Some("b"), Treatment::Hold, 99.3),
            action(Some("b"), Treatment::Downrank, 99.4),
            action(Some("c"), Treatment::Review, 96.0),
            action(Some("d"), Treatment::Hold, 100.0),
            action(None, Treatment::Hold, 99.0),
        ];
        let (rows, actions): (Vec<&ContentRow>, Vec<&ActionRow>) = (rows.iter().collect(), actions.iter().collect());
        let rules = rules();
        let context = context(as_of(100), &rules);
        let events = EventRows { actions: Some(&actions), ..EventRows::default() };
        let history = SellerHistory::of(&SellerHistoryRows { content: &rows, events }, &context);
        let own = EventCounts::of(&EventRows { actions: Some(&actions[..1]), ..EventRows::default() }, &context);
        let joined = seller(20.0);
        let fixture = Fixture::default();
        let mut item = fixture.item();
        (item.seller_history, item.item_history, item.seller) = (Some(&history), Some(&own), Some(&joined));
        assert_eq!(SELLER_ITEMS_TREND_1D.value(&item), Some(libm::log(3.0 / 1.1) as f32));
        assert_eq!(SELLER_ITEMS_TREND_7D.value(&item), Some(libm::log(4.0 / 1.7) as f32));
        assert_eq!(SELLER_ITEMS_TREND_28D.value(&item), Some(libm::log(6.0 / 3.8) as f32));
        assert_eq!(SELLER_CATEGORIES.value(&item), Some(ln_count(2)));
        let entropy = -0.875 * libm::log(0.875) - 0.125 * libm::log(0.125);
        assert!((f64::from(SELLER_CATEGORY_ENTROPY.value(&item).unwrap()) - entropy).abs() < 1e-6);
        assert_eq!(SELLER_EDITS_PER_ITEM.value(&item), None, "a snapshot");
        item.versions_known = Some(3);
        assert_eq!(SELLER_EDITS_PER_ITEM.value(&item), Some(0.25));
        assert_eq!(SELLER_LIMITED_ITEMS.value(&item), Some(ln_count(1)));
        assert_eq!(SELLER_LIMITED_SHARE.value(&item), Some((2.0 / 12.0) as f32));
        assert_eq!(SELLER_DAYS_TO_FIRST_ITEM.value(&item), Some(libm::log1p(40.0) as f32));
        item.seller = None;
        assert_eq!(SELLER_DAYS_TO_FIRST_ITEM.value(&item), None);
        // Without a registration the tenure begins with the first item: 8 · 7/40 = 1.4 in 7 days.
        assert_eq!(SELLER_ITEMS_TREND_7D.value(&item), Some(libm::log(4.0 / 2.4) as f32));
    }
}
