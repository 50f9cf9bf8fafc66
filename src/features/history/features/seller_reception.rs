//! What buyers and viewers say of the seller's items, this one included.

use super::HISTORY;
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, SimpleFeature};

/// Reports of the seller's items in the last 7 days.
pub(in crate::features) static SELLER_RECEIVED_REPORTS_7D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_received_reports_7d",
        group: "seller",
        what: "ln(1 + reports of the seller's items in the last 7 days)",
        why: "viewers notice first",
        range: "0 and up",
        evaded_by: "several accounts",
        inputs: &["reports", "content.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller_history.and_then(|h| h.events.reports).map(|r| ln_count(u64::from(r.reports_7d))),
};

/// Reports of the seller's items in the last 28 days.
pub(in crate::features) static SELLER_RECEIVED_REPORTS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_received_reports_28d",
        group: "seller",
        what: "ln(1 + reports of the seller's items in the last 28 days)",
        why: "viewers notice first",
        range: "0 and up",
        evaded_by: "several accounts",
        inputs: &["reports", "content.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller_history.and_then(|h| h.events.reports).map(|r| ln_count(u64::from(r.reports_28d))),
};

/// Distinct reporters of the seller's items in the last 7 days.
pub(in crate::features) static SELLER_REPORTERS_7D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_reporters_7d",
        group: "seller",
        what: "ln(1 + distinct reporters of the seller's items in the last 7 days)",
        why: "many people agree",
        range: "0 and up",
        evaded_by: "several accounts",
        inputs: &["reports.reporter_id", "content.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller_history.and_then(|h| h.events.reports).map(|r| ln_count(u64::from(r.reporters_7d))),
};

/// Distinct reporters of the seller's items in the last 28 days.
pub(in crate::features) static SELLER_REPORTERS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_reporters_28d",
        group: "seller",
        what: "ln(1 + distinct reporters of the seller's items in the last 28 days)",
        why: "many people agree",
        range: "0 and up",
        evaded_by: "several accounts",
        inputs: &["reports.reporter_id", "content.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller_history.and_then(|h| h.events.reports).map(|r| ln_count(u64::from(r.reporters_28d))),
};

/// Refunds for the seller in the last 28 days.
pub(in crate::features) static SELLER_AFTER_SALES_REFUNDS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_after_sales_refunds_28d",
        group: "seller",
        what: "ln(1 + refunds for the seller in the last 28 days)",
        why: "disappointed buyers",
        range: "0 and up",
        evaded_by: "several accounts; settling off the platform",
        inputs: &["after_sales", "content.seller_id"],
        uses: &["after_sales.content_id", "after_sales.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller_history.and_then(|h| h.events.after_sales).map(|a| ln_count(u64::from(a.refunds_28d))),
};

/// Returns for the seller in the last 28 days.
pub(in crate::features) static SELLER_AFTER_SALES_RETURNS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_after_sales_returns_28d",
        group: "seller",
        what: "ln(1 + returns for the seller in the last 28 days)",
        why: "disappointed buyers",
        range: "0 and up",
        evaded_by: "several accounts; settling off the platform",
        inputs: &["after_sales", "content.seller_id"],
        uses: &["after_sales.content_id", "after_sales.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller_history.and_then(|h| h.events.after_sales).map(|a| ln_count(u64::from(a.returns_28d))),
};

/// Complaints that goods are not as described for the seller in the last 28 days.
pub(in crate::features) static SELLER_AFTER_SALES_NOT_AS_DESCRIBED_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_after_sales_not_as_described_28d",
        group: "seller",
        what: "ln(1 + complaints that goods are not as described for the seller in the last 28 days)",
        why: "disappointed buyers",
        range: "0 and up",
        evaded_by: "several accounts; settling off the platform",
        inputs: &["after_sales", "content.seller_id"],
        uses: &["after_sales.content_id", "after_sales.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller_history.and_then(|h| h.events.after_sales).map(|a| ln_count(u64::from(a.not_as_described_28d))),
};

/// Ratings of one or two stars for the seller in the last 28 days.
pub(in crate::features) static SELLER_AFTER_SALES_LOW_RATINGS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_after_sales_low_ratings_28d",
        group: "seller",
        what: "ln(1 + ratings of one or two stars for the seller in the last 28 days)",
        why: "disappointed buyers",
        range: "0 and up",
        evaded_by: "several accounts; settling off the platform",
        inputs: &["after_sales", "content.seller_id"],
        uses: &["after_sales.content_id", "after_sales.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller_history.and_then(|h| h.events.after_sales).map(|a| ln_count(u64::from(a.low_ratings_28d))),
};
