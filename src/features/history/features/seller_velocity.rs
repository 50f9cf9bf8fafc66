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
        inputs: &["sellers.registered_at", "content.published_at", "content.seller_id"],
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
        inputs: &["sellers.registered_at", "content.published_at", "content.seller_id"],
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
        inputs: &["sellers.registered_at", "content.published_at", "content.seller_id"],
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
        why: "the n behind seller_limited_share",
        range: "0 and up",
        evaded_by: "a new account",
        inputs: &["actions", "content.seller_id"],
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
        inputs: &["actions", "content.seller_id"],
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
