//! After-sales events per order of the seller, once their window has closed.

use super::HISTORY;
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, ItemView, MatureSpan, SimpleFeature};
use crate::units::AfterSalesKind;

/// Orders of the seller over 28 days whose window has closed.
pub(in crate::features) static SELLER_MATURE_ORDERS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_mature_orders_28d",
        group: "seller",
        what: "ln(1 + orders of the seller over the 28 days that end one maturity window before as_of)",
        why: "the n behind seller_mature_*_28d",
        range: "0 and up",
        evaded_by: "brushed orders",
        inputs: &["after_sales", "engagement", "content.seller_id"],
        ..HISTORY
    },
    value: |item| days_28(item).map(|s| ln_count(s.orders)),
};

/// Refunds per order of the seller over 28 days whose window has closed.
pub(in crate::features) static SELLER_MATURE_REFUNDS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_mature_refunds_28d",
        group: "seller",
        what: "refunds per order of the seller over the 28 days that end one maturity window before as_of, shrunk to the configured prior",
        why: "money back per sale",
        range: "0 to 1",
        evaded_by: "several accounts; settling off the platform",
        inputs: &["after_sales", "engagement", "content.seller_id"],
        ..HISTORY
    },
    value: |item| days_28(item).map(|s| s.rate(AfterSalesKind::Refund) as f32),
};

/// Returns per order of the seller over 28 days whose window has closed.
pub(in crate::features) static SELLER_MATURE_RETURNS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_mature_returns_28d",
        group: "seller",
        what: "returns per order of the seller over the 28 days that end one maturity window before as_of, shrunk to the configured prior",
        why: "goods sent back per sale",
        range: "0 to 1",
        evaded_by: "several accounts; settling off the platform",
        inputs: &["after_sales", "engagement", "content.seller_id"],
        ..HISTORY
    },
    value: |item| days_28(item).map(|s| s.rate(AfterSalesKind::Return) as f32),
};

/// Complaints that goods are not as described per order of the seller over 28 days whose window has closed.
pub(in crate::features) static SELLER_MATURE_NOT_AS_DESCRIBED_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_mature_not_as_described_28d",
        group: "seller",
        what: "complaints that goods are not as described per order of the seller over the 28 days that end one maturity window before as_of, shrunk to the configured prior",
        why: "counterfeits and switched listings",
        range: "0 to 1",
        evaded_by: "several accounts; settling off the platform",
        inputs: &["after_sales", "engagement", "content.seller_id"],
        ..HISTORY
    },
    value: |item| days_28(item).map(|s| s.rate(AfterSalesKind::NotAsDescribed) as f32),
};

/// Ratings of one or two stars per order of the seller over 28 days whose window has closed.
pub(in crate::features) static SELLER_MATURE_LOW_RATINGS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_mature_low_ratings_28d",
        group: "seller",
        what: "ratings of one or two stars per order of the seller over the 28 days that end one maturity window before as_of, shrunk to the configured prior",
        why: "disappointed buyers",
        range: "0 to 1",
        evaded_by: "several accounts; settling off the platform",
        inputs: &["after_sales", "engagement", "content.seller_id"],
        ..HISTORY
    },
    value: |item| days_28(item).map(|s| s.rate(AfterSalesKind::LowRating) as f32),
};

/// Orders of the seller over 90 days whose window has closed.
pub(in crate::features) static SELLER_MATURE_ORDERS_90D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_mature_orders_90d",
        group: "seller",
        what: "ln(1 + orders of the seller over the 90 days that end one maturity window before as_of)",
        why: "the n behind seller_mature_*_90d",
        range: "0 and up",
        evaded_by: "brushed orders",
        inputs: &["after_sales", "engagement", "content.seller_id"],
        ..HISTORY
    },
    value: |item| days_90(item).map(|s| ln_count(s.orders)),
};

/// Refunds per order of the seller over 90 days whose window has closed.
pub(in crate::features) static SELLER_MATURE_REFUNDS_90D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_mature_refunds_90d",
        group: "seller",
        what: "refunds per order of the seller over the 90 days that end one maturity window before as_of, shrunk to the configured prior",
        why: "money back per sale",
        range: "0 to 1",
        evaded_by: "several accounts; settling off the platform",
        inputs: &["after_sales", "engagement", "content.seller_id"],
        ..HISTORY
    },
    value: |item| days_90(item).map(|s| s.rate(AfterSalesKind::Refund) as f32),
};

/// Returns per order of the seller over 90 days whose window has closed.
pub(in crate::features) static SELLER_MATURE_RETURNS_90D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_mature_returns_90d",
        group: "seller",
        what: "returns per order of the seller over the 90 days that end one maturity window before as_of, shrunk to the configured prior",
        why: "goods sent back per sale",
        range: "0 to 1",
        evaded_by: "several accounts; settling off the platform",
        inputs: &["after_sales", "engagement", "content.seller_id"],
        ..HISTORY
    },
    value: |item| days_90(item).map(|s| s.rate(AfterSalesKind::Return) as f32),
};

/// Complaints that goods are not as described per order of the seller over 90 days whose window has closed.
pub(in crate::features) static SELLER_MATURE_NOT_AS_DESCRIBED_90D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_mature_not_as_described_90d",
        group: "seller",
        what: "complaints that goods are not as described per order of the seller over the 90 days that end one maturity window before as_of, shrunk to the configured prior",
        why: "counterfeits and switched listings",
        range: "0 to 1",
        evaded_by: "several accounts; settling off the platform",
        inputs: &["after_sales", "engagement", "content.seller_id"],
        ..HISTORY
    },
    value: |item| days_90(item).map(|s| s.rate(AfterSalesKind::NotAsDescribed) as f32),
};

/// Ratings of one or two stars per order of the seller over 90 days whose window has closed.
pub(in crate::features) static SELLER_MATURE_LOW_RATINGS_90D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_mature_low_ratings_90d",
        group: "seller",
        what: "ratings of one or two stars per order of the seller over the 90 days that end one maturity window before as_of, shrunk to the configured prior",
        why: "disappointed buyers",
        range: "0 to 1",
        evaded_by: "several accounts; settling off the platform",
        inputs: &["after_sales", "engagement", "content.seller_id"],
        ..HISTORY
    },
    value: |item| days_90(item).map(|s| s.rate(AfterSalesKind::LowRating) as f32),
};

fn days_28(item: &ItemView<'_>) -> Option<MatureSpan> {
    item.seller_history?.events.mature.as_ref()?.days_28
}

fn days_90(item: &ItemView<'_>) -> Option<MatureSpan> {
    item.seller_history?.events.mature.as_ref()?.days_90
}
