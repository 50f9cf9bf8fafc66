//! Decisions that did not stand.
//!
//! An overturn reaches features from its own time on. Those of the item itself are taken out of the seller's.

use super::seller_record::elsewhere;
use super::{HISTORY, own_decisions};
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, ItemView, SimpleFeature};

/// Decisions on this item that were overturned.
pub(in crate::features) static ITEM_OVERTURNED_DECISIONS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "item_overturned_decisions",
        group: "history",
        what: "ln(1 + decisions on this item that a later one, known before as_of, overturned)",
        why: "somebody looked twice; the first look may have been wrong",
        range: "0 and up",
        evaded_by: "appealing everything",
        inputs: &["decisions"],
        ..HISTORY
    },
    value: |item| own_decisions(item).map(|d| ln_count(u64::from(d.overturned))),
};

/// Decisions on other items of the seller that were overturned.
pub(in crate::features) static SELLER_OVERTURNED_DECISIONS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_overturned_decisions",
        group: "seller",
        what: "ln(1 + decisions on other items of the seller that a later one, known before as_of, overturned)",
        why: "the n behind seller_overturn_share; sellers who are wronged look like offenders",
        range: "0 and up",
        evaded_by: "appealing everything",
        inputs: &["decisions", "content.seller_id"],
        ..HISTORY
    },
    value: |item| elsewhere(item, |d| d.overturned).map(ln_count),
};

/// Share of the decisions on other items of the seller that were overturned.
pub(in crate::features) static SELLER_OVERTURN_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_overturn_share",
        group: "seller",
        what: "decisions overturned per decision on other items of the seller, shrunk to the configured prior",
        why: "decisions on such sellers are less certain",
        range: "0 to 1",
        evaded_by: "appealing everything",
        inputs: &["decisions", "content.seller_id"],
        ..HISTORY
    },
    value: |item| {
        let (overturned, decisions) = (elsewhere(item, |d| d.overturned)?, elsewhere(item, |d| d.decisions)?);
        Some(item.seller_history?.overturn_prior.shrink(overturned, decisions) as f32)
    },
};

/// Days since a decision on another item of the seller was overturned.
pub(in crate::features) static SELLER_DAYS_SINCE_OVERTURN: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_days_since_overturn",
        group: "seller",
        what: "ln(1 + days since a decision on another item of the seller was overturned); missing when none was",
        why: "a seller was wronged not long ago",
        range: "0 and up",
        evaded_by: "appealing everything",
        inputs: &["decisions", "content.seller_id"],
        ..HISTORY
    },
    value: |item| days_since_overturn(item).map(|days| libm::log1p(days.max(0.0)) as f32),
};

fn days_since_overturn(item: &ItemView<'_>) -> Option<f64> {
    let decisions = item.seller_history?.events.decisions.as_ref()?;
    let (last_item, last) = decisions.last_overturn.as_ref()?;
    let last = if *last_item == item.content.content_id { decisions.last_overturn_elsewhere? } else { *last };
    Some(item.as_of.instant.days_since(last))
}
