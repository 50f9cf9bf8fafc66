//! How much engagement all of a seller's items have.

use super::volume::VolumeFeature;
use super::{ENGAGEMENT, Owner};
use crate::features::FeatureDoc;

/// Views, 7 days.
pub(in crate::features) static SELLER_VIEWS_7D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "seller_views_7d",
        group: "seller",
        what: "ln(1 + views of all the seller's items over the last 7 days)",
        why: "how large and watched the seller is: reach decides harm; the n behind the rates per view",
        range: "0 and up",
        evaded_by: "bought views",
        inputs: &["engagement", "content.seller_id"],
        ..ENGAGEMENT
    },
    span: 7,
    owner: Owner::Seller,
    counter: |sums| sums.views,
};

/// Views, 28 days.
pub(in crate::features) static SELLER_VIEWS_28D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "seller_views_28d",
        group: "seller",
        what: "ln(1 + views of all the seller's items over the last 28 days)",
        why: "how large and watched the seller is: reach decides harm; the n behind the rates per view",
        range: "0 and up",
        evaded_by: "bought views",
        inputs: &["engagement", "content.seller_id"],
        ..ENGAGEMENT
    },
    span: 28,
    owner: Owner::Seller,
    counter: |sums| sums.views,
};

/// Clicks, 7 days.
pub(in crate::features) static SELLER_CLICKS_7D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "seller_clicks_7d",
        group: "seller",
        what: "ln(1 + clicks of all the seller's items over the last 7 days)",
        why: "how large and watched the seller is: interest; the n behind orders per click",
        range: "0 and up",
        evaded_by: "bought clicks",
        inputs: &["engagement", "content.seller_id"],
        ..ENGAGEMENT
    },
    span: 7,
    owner: Owner::Seller,
    counter: |sums| sums.clicks,
};

/// Clicks, 28 days.
pub(in crate::features) static SELLER_CLICKS_28D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "seller_clicks_28d",
        group: "seller",
        what: "ln(1 + clicks of all the seller's items over the last 28 days)",
        why: "how large and watched the seller is: interest; the n behind orders per click",
        range: "0 and up",
        evaded_by: "bought clicks",
        inputs: &["engagement", "content.seller_id"],
        ..ENGAGEMENT
    },
    span: 28,
    owner: Owner::Seller,
    counter: |sums| sums.clicks,
};

/// Orders, 7 days.
pub(in crate::features) static SELLER_ORDERS_7D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "seller_orders_7d",
        group: "seller",
        what: "ln(1 + orders of all the seller's items over the last 7 days)",
        why: "how large and watched the seller is: sales; the n behind refunds per order",
        range: "0 and up",
        evaded_by: "brushing",
        inputs: &["engagement", "content.seller_id"],
        ..ENGAGEMENT
    },
    span: 7,
    owner: Owner::Seller,
    counter: |sums| sums.orders,
};

/// Orders, 28 days.
pub(in crate::features) static SELLER_ORDERS_28D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "seller_orders_28d",
        group: "seller",
        what: "ln(1 + orders of all the seller's items over the last 28 days)",
        why: "how large and watched the seller is: sales; the n behind refunds per order",
        range: "0 and up",
        evaded_by: "brushing",
        inputs: &["engagement", "content.seller_id"],
        ..ENGAGEMENT
    },
    span: 28,
    owner: Owner::Seller,
    counter: |sums| sums.orders,
};

/// Reports received, 7 days.
pub(in crate::features) static SELLER_REPORTS_7D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "seller_reports_7d",
        group: "seller",
        what: "ln(1 + reports received of all the seller's items over the last 7 days)",
        why: "how large and watched the seller is: viewers notice first",
        range: "0 and up",
        evaded_by: "few views",
        inputs: &["engagement", "content.seller_id"],
        ..ENGAGEMENT
    },
    span: 7,
    owner: Owner::Seller,
    counter: |sums| sums.reports,
};

/// Reports received, 28 days.
pub(in crate::features) static SELLER_REPORTS_28D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "seller_reports_28d",
        group: "seller",
        what: "ln(1 + reports received of all the seller's items over the last 28 days)",
        why: "how large and watched the seller is: viewers notice first",
        range: "0 and up",
        evaded_by: "few views",
        inputs: &["engagement", "content.seller_id"],
        ..ENGAGEMENT
    },
    span: 28,
    owner: Owner::Seller,
    counter: |sums| sums.reports,
};
