//! How many say or show the same, and whose they are.

use super::{DUPLICATES, DuplicateView, LOOKS, OWNERS};
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, SimpleFeature};

/// ln(1 + members other than the item itself); `None` where the item itself is not counted.
fn others(members: u32) -> Option<f32> {
    members.checked_sub(1).map(|n| ln_count(u64::from(n)))
}

/// Other items in the cluster.
pub(in crate::features) static DUP_COPIES: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "dup_copies",
        what: "ln(1 + other items whose text is equal or nearly so, or whose media are equal, directly or through others)",
        why: "spam and stolen listings come in copies",
        evaded_by: "rewriting every copy; new pictures",
        ..DUPLICATES
    },
    value: |item| item.duplicates.and_then(|d| others(d.size)),
};

/// Other items of the cluster first seen in the last 7 days.
pub(in crate::features) static DUP_COPIES_7D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "dup_copies_7d",
        what: "ln(1 + other items of the item's cluster of copies that were first seen in the last 7 days)",
        why: "a campaign copies fast",
        evaded_by: "posting slowly",
        ..DUPLICATES
    },
    value: |item| item.duplicates.map(|d| ln_count(u64::from(d.others_7d))),
};

/// Other sellers in the cluster.
pub(in crate::features) static DUP_OTHER_SELLERS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "dup_other_sellers",
        what: "ln(1 + other sellers, or creators where there is no seller, in the item's cluster of copies)",
        why: "one text under many names is a ring, a stolen listing or a stock phrase",
        evaded_by: "one account",
        any_of: &[LOOKS, OWNERS],
        ..DUPLICATES
    },
    value: |item| item.duplicates.and_then(|d| others(d.sellers)),
};

/// Other items of the same seller in the cluster.
pub(in crate::features) static DUP_SAME_SELLER: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "dup_same_seller",
        what: "ln(1 + other items of the same seller, or creator where there is no seller, in the item's cluster of copies)",
        why: "a seller that lists one thing many times floods the search, or comes back after a removal",
        evaded_by: "several accounts; rewriting",
        any_of: &[LOOKS, OWNERS],
        ..DUPLICATES
    },
    value: |item| item.duplicates.and_then(|d| others(d.same_seller)),
};

/// Exact copies.
pub(in crate::features) static DUP_EXACT: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "dup_exact",
        what: "ln(1 + other items of the cluster whose text is equal after normalisation); missing without text",
        why: "a text that is equal to the letter was pasted",
        evaded_by: "changing one word",
        any_of: &[&["content.title", "content.body"]],
        uses: &["content.media_hash"],
        ..DUPLICATES
    },
    value: |item| item.duplicates.and_then(|d: DuplicateView| others(d.exact)),
};

/// Copies of the media.
pub(in crate::features) static DUP_SAME_MEDIA: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "dup_same_media",
        what: "ln(1 + other items of the cluster with the same media_hash); missing without one",
        why: "pictures are stolen before texts are",
        evaded_by: "cropping, mirroring",
        inputs: &["content.media_hash"],
        any_of: &[],
        ..DUPLICATES
    },
    value: |item| item.duplicates.and_then(|d| others(d.same_media)),
};
