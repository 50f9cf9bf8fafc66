//! Over how many sellers a creator or reviewer spreads its items.

use super::CREATORS;
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, SimpleFeature};

/// What these features read.
const INPUTS: &[&str] = &["content.creator_id", "content.seller_id", "content.published_at"];

/// Distinct sellers.
pub(in crate::features) static CREATOR_SELLERS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "creator_sellers",
        what: "ln(1 + distinct sellers of the creator's items)",
        why: "a buyer reviews the few shops it buys from, an account for hire reviews whoever pays",
        range: "0 and up",
        evaded_by: "an account for each customer",
        inputs: INPUTS,
        ..CREATORS
    },
    value: |item| item.creator.map(|c| ln_count(u64::from(c.sellers))),
};

/// Distinct sellers of the last 28 days.
pub(in crate::features) static CREATOR_SELLERS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "creator_sellers_28d",
        what: "ln(1 + distinct sellers of the items that the creator published in the last 28 days)",
        why: "reviewer's spread: many shops in a short time are rarely all bought from",
        range: "0 and up",
        evaded_by: "spreading them over weeks and accounts",
        inputs: INPUTS,
        ..CREATORS
    },
    value: |item| item.creator.map(|c| ln_count(u64::from(c.sellers_28d))),
};

/// Entropy of the sellers, of its largest value.
pub(in crate::features) static CREATOR_SELLER_ENTROPY: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "creator_seller_entropy",
        what: "entropy of the sellers of the creator's items, −Σ p ln p, divided by ln(items with a seller); missing with fewer than two",
        why: "0: a fan or a shill of one shop; 1: never the same shop twice, as accounts for hire do",
        range: "0 to 1",
        evaded_by: "mixing customers",
        inputs: INPUTS,
        ..CREATORS
    },
    value: |item| {
        let creator = item.creator.filter(|c| c.seller_items > 1)?;
        Some((creator.seller_entropy / libm::log(f64::from(creator.seller_items))).min(1.0) as f32)
    },
};
