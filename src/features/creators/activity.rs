//! How much a creator publishes, and how fast.

use super::CREATORS;
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, SimpleFeature};

/// Items.
pub(in crate::features) static CREATOR_ITEMS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "creator_items",
        what: "ln(1 + items of the creator, over all sellers, this one included)",
        why: "a newcomer has no record; a bot has too long a one",
        range: "0.69 and up",
        evaded_by: "several accounts",
        ..CREATORS
    },
    value: |item| item.creator.map(|c| ln_count(u64::from(c.items))),
};

/// Items of the last day.
pub(in crate::features) static CREATOR_ITEMS_1D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "creator_items_1d",
        what: "ln(1 + items that the creator published in the last day, over all sellers)",
        why: "a burst: paid reviews and flooded comments come in one go",
        range: "0 and up",
        evaded_by: "spreading them over days and accounts",
        ..CREATORS
    },
    value: |item| item.creator.map(|c| ln_count(u64::from(c.items_1d))),
};

/// Items of the last 7 days.
pub(in crate::features) static CREATOR_ITEMS_7D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "creator_items_7d",
        what: "ln(1 + items that the creator published in the last 7 days, over all sellers)",
        why: "a campaign lasts some days",
        range: "0 and up",
        evaded_by: "spreading them over weeks and accounts",
        ..CREATORS
    },
    value: |item| item.creator.map(|c| ln_count(u64::from(c.items_7d))),
};

/// Items of the last 28 days.
pub(in crate::features) static CREATOR_ITEMS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "creator_items_28d",
        what: "ln(1 + items that the creator published in the last 28 days, over all sellers)",
        why: "the pace that a day's burst stands out from",
        range: "0 and up",
        evaded_by: "several accounts",
        ..CREATORS
    },
    value: |item| item.creator.map(|c| ln_count(u64::from(c.items_28d))),
};

/// Items for each day on which the creator published.
pub(in crate::features) static CREATOR_ITEMS_PER_ACTIVE_DAY: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "creator_items_per_active_day",
        what: "items of the creator for each day (UTC) on which it published any",
        why: "people who write ten reviews in a day are rare, accounts for hire are not",
        range: "1 and up",
        evaded_by: "one item a day",
        ..CREATORS
    },
    value: |item| {
        let creator = item.creator.filter(|c| c.active_days > 0)?;
        Some((f64::from(creator.items) / f64::from(creator.active_days)) as f32)
    },
};

/// Days since the first item.
pub(in crate::features) static CREATOR_TENURE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "creator_tenure",
        what: "ln(1 + days since the creator's first item)",
        why: "throw-away accounts are new",
        range: "0 and up",
        evaded_by: "old accounts, bought",
        ..CREATORS
    },
    value: |item| item.creator.map(|c| libm::log1p(c.tenure_days.max(0.0)) as f32),
};
