//! Shrunk rates over all of a seller's items.

use super::rate::RateFeature;
use super::{ENGAGEMENT, Owner};
use crate::features::{FeatureDoc, RateKind};

/// Reports per view, 7 days.
pub(in crate::features) static SELLER_REPORT_RATE_7D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "seller_report_rate_7d",
        group: "seller",
        what: "reports per view of all the seller's items over the last 7 days, shrunk to the tier's prior",
        why: "one item has little data, its seller more: viewers notice first",
        range: "0 to 1",
        evaded_by: "few views; counter-reports",
        inputs: &["engagement", "content.seller_id"],
        ..ENGAGEMENT
    },
    RateKind::Report,
    7,
    Owner::Seller,
);

/// Reports per view, 28 days.
pub(in crate::features) static SELLER_REPORT_RATE_28D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "seller_report_rate_28d",
        group: "seller",
        what: "reports per view of all the seller's items over the last 28 days, shrunk to the tier's prior",
        why: "one item has little data, its seller more: viewers notice first",
        range: "0 to 1",
        evaded_by: "few views; counter-reports",
        inputs: &["engagement", "content.seller_id"],
        ..ENGAGEMENT
    },
    RateKind::Report,
    28,
    Owner::Seller,
);

/// Hides per view, 7 days.
pub(in crate::features) static SELLER_HIDE_RATE_7D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "seller_hide_rate_7d",
        group: "seller",
        what: "hides per view of all the seller's items over the last 7 days, shrunk to the tier's prior",
        why: "one item has little data, its seller more: annoyance that nobody bothers to report",
        range: "0 to 1",
        evaded_by: "few views",
        inputs: &["engagement", "content.seller_id"],
        ..ENGAGEMENT
    },
    RateKind::Hide,
    7,
    Owner::Seller,
);

/// Hides per view, 28 days.
pub(in crate::features) static SELLER_HIDE_RATE_28D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "seller_hide_rate_28d",
        group: "seller",
        what: "hides per view of all the seller's items over the last 28 days, shrunk to the tier's prior",
        why: "one item has little data, its seller more: annoyance that nobody bothers to report",
        range: "0 to 1",
        evaded_by: "few views",
        inputs: &["engagement", "content.seller_id"],
        ..ENGAGEMENT
    },
    RateKind::Hide,
    28,
    Owner::Seller,
);

/// Clicks per view, 7 days.
pub(in crate::features) static SELLER_CLICK_RATE_7D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "seller_click_rate_7d",
        group: "seller",
        what: "clicks per view of all the seller's items over the last 7 days, shrunk to the tier's prior",
        why: "one item has little data, its seller more: bait is clicked",
        range: "0 to 1",
        evaded_by: "few views",
        inputs: &["engagement", "content.seller_id"],
        ..ENGAGEMENT
    },
    RateKind::Click,
    7,
    Owner::Seller,
);

/// Clicks per view, 28 days.
pub(in crate::features) static SELLER_CLICK_RATE_28D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "seller_click_rate_28d",
        group: "seller",
        what: "clicks per view of all the seller's items over the last 28 days, shrunk to the tier's prior",
        why: "one item has little data, its seller more: bait is clicked",
        range: "0 to 1",
        evaded_by: "few views",
        inputs: &["engagement", "content.seller_id"],
        ..ENGAGEMENT
    },
    RateKind::Click,
    28,
    Owner::Seller,
);

/// Orders per click, 7 days.
pub(in crate::features) static SELLER_ORDER_RATE_7D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "seller_order_rate_7d",
        group: "seller",
        what: "orders per click of all the seller's items over the last 7 days, shrunk to the tier's prior",
        why: "one item has little data, its seller more: clicks without orders mean disappointment, orders without clicks brushing",
        range: "0 to 1",
        evaded_by: "buying clicks too",
        inputs: &["engagement", "content.seller_id"],
        ..ENGAGEMENT
    },
    RateKind::Order,
    7,
    Owner::Seller,
);

/// Orders per click, 28 days.
pub(in crate::features) static SELLER_ORDER_RATE_28D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "seller_order_rate_28d",
        group: "seller",
        what: "orders per click of all the seller's items over the last 28 days, shrunk to the tier's prior",
        why: "one item has little data, its seller more: clicks without orders mean disappointment, orders without clicks brushing",
        range: "0 to 1",
        evaded_by: "buying clicks too",
        inputs: &["engagement", "content.seller_id"],
        ..ENGAGEMENT
    },
    RateKind::Order,
    28,
    Owner::Seller,
);

/// Refunds per order, 7 days.
pub(in crate::features) static SELLER_REFUND_RATE_7D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "seller_refund_rate_7d",
        group: "seller",
        what: "refunds per order of all the seller's items over the last 7 days, shrunk to the tier's prior",
        why: "one item has little data, its seller more: not as described",
        range: "0 to 1",
        evaded_by: "refunding off the platform",
        inputs: &["engagement", "content.seller_id"],
        ..ENGAGEMENT
    },
    RateKind::Refund,
    7,
    Owner::Seller,
);

/// Refunds per order, 28 days.
pub(in crate::features) static SELLER_REFUND_RATE_28D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "seller_refund_rate_28d",
        group: "seller",
        what: "refunds per order of all the seller's items over the last 28 days, shrunk to the tier's prior",
        why: "one item has little data, its seller more: not as described",
        range: "0 to 1",
        evaded_by: "refunding off the platform",
        inputs: &["engagement", "content.seller_id"],
        ..ENGAGEMENT
    },
    RateKind::Refund,
    28,
    Owner::Seller,
);
