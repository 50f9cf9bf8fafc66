//! After-sales events per order of this item, once their window has closed.

use super::HISTORY;
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, ItemView, MatureSpan, SimpleFeature};
use crate::units::AfterSalesKind;

/// Orders of this item over 28 days whose window has closed.
pub(in crate::features) static ITEM_MATURE_ORDERS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "item_mature_orders_28d",
        group: "history",
        what: "ln(1 + orders of this item over the 28 days that end one maturity window before as_of)",
        why: "the n behind item_mature_*_28d",
        range: "0 and up",
        evaded_by: "brushed orders",
        inputs: &["after_sales", "engagement"],
        ..HISTORY
    },
    value: |item| days_28(item).map(|s| ln_count(s.orders)),
};

/// Refunds per order of this item over 28 days whose window has closed.
pub(in crate::features) static ITEM_MATURE_REFUNDS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "item_mature_refunds_28d",
        group: "history",
        what: "refunds per order of this item over the 28 days that end one maturity window before as_of, shrunk to the configured prior",
        why: "money back per sale",
        range: "0 to 1",
        evaded_by: "brushed orders; settling off the platform",
        inputs: &["after_sales", "engagement"],
        ..HISTORY
    },
    value: |item| days_28(item).map(|s| s.rate(AfterSalesKind::Refund) as f32),
};

/// Returns per order of this item over 28 days whose window has closed.
pub(in crate::features) static ITEM_MATURE_RETURNS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "item_mature_returns_28d",
        group: "history",
        what: "returns per order of this item over the 28 days that end one maturity window before as_of, shrunk to the configured prior",
        why: "goods sent back per sale",
        range: "0 to 1",
        evaded_by: "brushed orders; settling off the platform",
        inputs: &["after_sales", "engagement"],
        ..HISTORY
    },
    value: |item| days_28(item).map(|s| s.rate(AfterSalesKind::Return) as f32),
};

/// Complaints that goods are not as described per order of this item over 28 days whose window has closed.
pub(in crate::features) static ITEM_MATURE_NOT_AS_DESCRIBED_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "item_mature_not_as_described_28d",
        group: "history",
        what: "complaints that goods are not as described per order of this item over the 28 days that end one maturity window before as_of, shrunk to the configured prior",
        why: "counterfeits and switched listings",
        range: "0 to 1",
        evaded_by: "brushed orders; settling off the platform",
        inputs: &["after_sales", "engagement"],
        ..HISTORY
    },
    value: |item| days_28(item).map(|s| s.rate(AfterSalesKind::NotAsDescribed) as f32),
};

/// Ratings of one or two stars per order of this item over 28 days whose window has closed.
pub(in crate::features) static ITEM_MATURE_LOW_RATINGS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "item_mature_low_ratings_28d",
        group: "history",
        what: "ratings of one or two stars per order of this item over the 28 days that end one maturity window before as_of, shrunk to the configured prior",
        why: "disappointed buyers",
        range: "0 to 1",
        evaded_by: "brushed orders; settling off the platform",
        inputs: &["after_sales", "engagement"],
        ..HISTORY
    },
    value: |item| days_28(item).map(|s| s.rate(AfterSalesKind::LowRating) as f32),
};

/// Orders of this item over 90 days whose window has closed.
pub(in crate::features) static ITEM_MATURE_ORDERS_90D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "item_mature_orders_90d",
        group: "history",
        what: "ln(1 + orders of this item over the 90 days that end one maturity window before as_of)",
        why: "the n behind item_mature_*_90d",
        range: "0 and up",
        evaded_by: "brushed orders",
        inputs: &["after_sales", "engagement"],
        ..HISTORY
    },
    value: |item| days_90(item).map(|s| ln_count(s.orders)),
};

/// Refunds per order of this item over 90 days whose window has closed.
pub(in crate::features) static ITEM_MATURE_REFUNDS_90D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "item_mature_refunds_90d",
        group: "history",
        what: "refunds per order of this item over the 90 days that end one maturity window before as_of, shrunk to the configured prior",
        why: "money back per sale",
        range: "0 to 1",
        evaded_by: "brushed orders; settling off the platform",
        inputs: &["after_sales", "engagement"],
        ..HISTORY
    },
    value: |item| days_90(item).map(|s| s.rate(AfterSalesKind::Refund) as f32),
};

/// Returns per order of this item over 90 days whose window has closed.
pub(in crate::features) static ITEM_MATURE_RETURNS_90D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "item_mature_returns_90d",
        group: "history",
        what: "returns per order of this item over the 90 days that end one maturity window before as_of, shrunk to the configured prior",
        why: "goods sent back per sale",
        range: "0 to 1",
        evaded_by: "brushed orders; settling off the platform",
        inputs: &["after_sales", "engagement"],
        ..HISTORY
    },
    value: |item| days_90(item).map(|s| s.rate(AfterSalesKind::Return) as f32),
};

/// Complaints that goods are not as described per order of this item over 90 days whose window has closed.
pub(in crate::features) static ITEM_MATURE_NOT_AS_DESCRIBED_90D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "item_mature_not_as_described_90d",
        group: "history",
        what: "complaints that goods are not as described per order of this item over the 90 days that end one maturity window before as_of, shrunk to the configured prior",
        why: "counterfeits and switched listings",
        range: "0 to 1",
        evaded_by: "brushed orders; settling off the platform",
        inputs: &["after_sales", "engagement"],
        ..HISTORY
    },
    value: |item| days_90(item).map(|s| s.rate(AfterSalesKind::NotAsDescribed) as f32),
};

/// Ratings of one or two stars per order of this item over 90 days whose window has closed.
pub(in crate::features) static ITEM_MATURE_LOW_RATINGS_90D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "item_mature_low_ratings_90d",
        group: "history",
        what: "ratings of one or two stars per order of this item over the 90 days that end one maturity window before as_of, shrunk to the configured prior",
        why: "disappointed buyers",
        range: "0 to 1",
        evaded_by: "brushed orders; settling off the platform",
        inputs: &["after_sales", "engagement"],
        ..HISTORY
    },
    value: |item| days_90(item).map(|s| s.rate(AfterSalesKind::LowRating) as f32),
};

fn days_28(item: &ItemView<'_>) -> Option<MatureSpan> {
    item.events()?.mature.as_ref()?.days_28
}

fn days_90(item: &ItemView<'_>) -> Option<MatureSpan> {
    item.events()?.mature.as_ref()?.days_90
}
