//! What happened to the item itself.
//!
//! Nothing happened yet to an item that is `same_day`.

use super::{HISTORY, own_decisions};
use crate::features::feature::{flag, ln_count};
use crate::features::{FeatureDoc, SimpleFeature};

/// Violating decisions on this item in the last 90 days that stand.
pub(in crate::features) static ITEM_PRIOR_VIOLATIONS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "item_prior_violations",
        group: "history",
        what: "ln(1 + violating decisions on this item in the last 90 days that stand)",
        why: "what was violating often still is, or comes back",
        range: "0 and up",
        evaded_by: "a new listing",
        inputs: &["decisions"],
        uses: &["decisions.overturns"],
        ..HISTORY
    },
    value: |item| own_decisions(item).map(|d| ln_count(u64::from(d.violations_90d))),
};

/// 1 when this item was decided before.
pub(in crate::features) static ITEM_PRIOR_DECISIONS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "item_prior_decisions",
        group: "history",
        what: "1 when this item was decided before",
        why: "somebody had reason to look; a cleared item is safer",
        range: "0 or 1",
        evaded_by: "a new listing",
        inputs: &["decisions"],
        uses: &["decisions.overturns"],
        ..HISTORY
    },
    value: |item| own_decisions(item).map(|d| flag(d.decided_items > 0)),
};

/// Actions on this item in the last 90 days.
pub(in crate::features) static ITEM_ACTIONS_90D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "item_actions_90d",
        group: "history",
        what: "ln(1 + actions on this item in the last 90 days)",
        why: "what was acted upon before",
        range: "0 and up",
        evaded_by: "a new listing",
        inputs: &["actions.content_id"],
        ..HISTORY
    },
    value: |item| item.events().and_then(|e| e.actions).map(|a| ln_count(u64::from(a.received_90d))),
};

/// Reports of this item in the last 7 days.
pub(in crate::features) static ITEM_REPORTS_7D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "item_reports_7d",
        group: "history",
        what: "ln(1 + reports of this item in the last 7 days)",
        why: "viewers notice first",
        range: "0 and up",
        evaded_by: "few views",
        inputs: &["reports"],
        ..HISTORY
    },
    value: |item| item.events().and_then(|e| e.reports).map(|r| ln_count(u64::from(r.reports_7d))),
};

/// Distinct reporters of this item in the last 28 days.
pub(in crate::features) static ITEM_REPORTERS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "item_reporters_28d",
        group: "history",
        what: "ln(1 + distinct reporters of this item in the last 28 days)",
        why: "many people agree; one person insists",
        range: "0 and up",
        evaded_by: "few views",
        inputs: &["reports.reporter_id"],
        ..HISTORY
    },
    value: |item| item.events().and_then(|e| e.reports).map(|r| ln_count(u64::from(r.reporters_28d))),
};

/// Buyers of this item in the last 28 days who say it is not as described.
pub(in crate::features) static ITEM_NOT_AS_DESCRIBED_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "item_not_as_described_28d",
        group: "history",
        what: "ln(1 + buyers of this item in the last 28 days who say it is not as described)",
        why: "counterfeits and switched listings",
        range: "0 and up",
        evaded_by: "a new listing",
        inputs: &["after_sales.content_id"],
        ..HISTORY
    },
    value: |item| item.events().and_then(|e| e.after_sales).map(|a| ln_count(u64::from(a.not_as_described_28d))),
};

/// Ratings of one or two stars for this item in the last 28 days.
pub(in crate::features) static ITEM_LOW_RATINGS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "item_low_ratings_28d",
        group: "history",
        what: "ln(1 + ratings of one or two stars for this item in the last 28 days)",
        why: "disappointed buyers",
        range: "0 and up",
        evaded_by: "bought five-star ratings",
        inputs: &["after_sales.content_id"],
        ..HISTORY
    },
    value: |item| item.events().and_then(|e| e.after_sales).map(|a| ln_count(u64::from(a.low_ratings_28d))),
};
