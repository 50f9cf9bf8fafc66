//! Who the seller is and how much it publishes.

use super::HISTORY;
use crate::features::feature::{flag, ln_count};
use crate::features::{FeatureDoc, ItemView, SimpleFeature};

/// Days since the seller joined; since its first item where that is not recorded.
pub(in crate::features) static SELLER_TENURE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_tenure",
        group: "seller",
        what: "ln(1 + days since the seller joined; since its first item where that is not recorded)",
        why: "throwaway accounts are young",
        range: "0 and up",
        evaded_by: "aged and bought accounts",
        inputs: &["content.seller_id", "content.published_at"],
        uses: &["sellers.registered_at"],
        ..HISTORY
    },
    value: |item| tenure(item),
};

/// Items that the seller has published.
pub(in crate::features) static SELLER_ITEMS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_items",
        group: "seller",
        what: "ln(1 + items that the seller has published)",
        why: "scale",
        range: "0 and up",
        evaded_by: "several accounts",
        inputs: &["content.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller_history.map(|h| ln_count(u64::from(h.items))),
};

/// Items that the seller published in the last day.
pub(in crate::features) static SELLER_ITEMS_1D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_items_1d",
        group: "seller",
        what: "ln(1 + items that the seller published in the last day)",
        why: "mass listing comes in bursts",
        range: "0 and up",
        evaded_by: "several accounts",
        inputs: &["content.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller_history.map(|h| ln_count(u64::from(h.items_1d))),
};

/// Items that the seller published in the last 7 days.
pub(in crate::features) static SELLER_ITEMS_7D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_items_7d",
        group: "seller",
        what: "ln(1 + items that the seller published in the last 7 days)",
        why: "mass listing comes in bursts",
        range: "0 and up",
        evaded_by: "several accounts",
        inputs: &["content.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller_history.map(|h| ln_count(u64::from(h.items_7d))),
};

/// Items that the seller published in the last 28 days.
pub(in crate::features) static SELLER_ITEMS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_items_28d",
        group: "seller",
        what: "ln(1 + items that the seller published in the last 28 days)",
        why: "mass listing comes in bursts",
        range: "0 and up",
        evaded_by: "several accounts",
        inputs: &["content.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller_history.map(|h| ln_count(u64::from(h.items_28d))),
};

/// Followers.
pub(in crate::features) static SELLER_FOLLOWERS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_followers",
        group: "seller",
        what: "ln(1 + followers)",
        why: "standing that abuse would lose",
        range: "0 and up",
        evaded_by: "bought followers",
        inputs: &["sellers.followers", "content.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller?.followers.map(ln_count),
};

/// Mean stars.
pub(in crate::features) static SELLER_RATING: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_rating",
        group: "seller",
        what: "mean stars",
        why: "what buyers think",
        range: "0 to 5",
        evaded_by: "bought ratings",
        inputs: &["sellers.rating", "content.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller?.rating.filter(|r| r.is_finite()),
};

/// Ratings.
pub(in crate::features) static SELLER_RATING_COUNT: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_rating_count",
        group: "seller",
        what: "ln(1 + ratings)",
        why: "the n behind seller_rating",
        range: "0 and up",
        evaded_by: "bought ratings",
        inputs: &["sellers.rating_count", "content.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller?.rating_count.map(ln_count),
};

/// Share of orders dispatched late.
pub(in crate::features) static SELLER_LATE_DISPATCH_RATE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_late_dispatch_rate",
        group: "seller",
        what: "share of orders dispatched late",
        why: "sellers who do not hold the goods",
        range: "0 to 1",
        evaded_by: "false tracking numbers",
        inputs: &["sellers.late_dispatch_rate", "content.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller?.late_dispatch_rate.filter(|r| r.is_finite()),
};

/// Share of orders that the seller cancelled.
pub(in crate::features) static SELLER_CANCEL_RATE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_cancel_rate",
        group: "seller",
        what: "share of orders that the seller cancelled",
        why: "bait listings are cancelled",
        range: "0 to 1",
        evaded_by: "asking the buyer to cancel",
        inputs: &["sellers.cancel_rate", "content.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller?.cancel_rate.filter(|r| r.is_finite()),
};

/// 1 when the seller's identity was verified.
pub(in crate::features) static SELLER_KYC_VERIFIED: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_kyc_verified",
        group: "seller",
        what: "1 when the seller's identity was verified",
        why: "a name to lose",
        range: "0 or 1",
        evaded_by: "borrowed identities",
        inputs: &["sellers.kyc_verified", "content.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller?.kyc_verified.map(flag),
};

fn tenure(item: &ItemView<'_>) -> Option<f32> {
    days_of_tenure(item).map(|days| libm::log1p(days) as f32)
}

/// Days since the seller joined; since its first item where that is not recorded.
pub(super) fn days_of_tenure(item: &ItemView<'_>) -> Option<f64> {
    let registered = item.seller.and_then(|s| s.registered_at);
    let since = registered.or_else(|| item.seller_history.and_then(|h| h.first_published))?;
    Some(item.as_of.instant.days_since(since).max(0.0))
}
