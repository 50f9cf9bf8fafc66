//! Who was first, and what became of those that came before. The first owner of what is copied inherits nothing from its copiers.

use super::{DUPLICATES, LOOKS, OWNERS};
use crate::features::feature::{flag, ln_count};
use crate::features::{DuplicateView, FeatureDoc, ItemView, SimpleFeature};

/// The item's copies, where decisions are known at all.
fn decided<'a>(item: &'a ItemView<'_>) -> Option<&'a DuplicateView> {
    item.events().and_then(|events| events.decisions.as_ref())?;
    item.duplicates.as_ref()
}

/// Earlier members.
pub(in crate::features) static DUP_RANK: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "dup_rank",
        what: "ln(1 + items of the item's cluster of copies that were first seen before it)",
        why: "the first is the original, the hundredth is not",
        evaded_by: "backdating, where the source believes it",
        inputs: &["content.published_at"],
        ..DUPLICATES
    },
    value: |item| item.duplicates.map(|d| ln_count(u64::from(d.rank))),
};

/// Another seller was first.
pub(in crate::features) static DUP_IS_COPY: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "dup_is_copy",
        what: "1 when the first of the item's cluster of copies was another seller's, or creator's where there is no seller, and was \
               seen before it",
        why: "taking another's text or pictures is what copied listings are",
        range: "0 or 1",
        evaded_by: "rewriting; new pictures",
        inputs: &["content.published_at"],
        any_of: &[LOOKS, OWNERS],
        ..DUPLICATES
    },
    value: |item| item.duplicates.map(|d| flag(d.is_copy)),
};

/// Days after the first.
pub(in crate::features) static DUP_DAYS_AFTER_FIRST: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "dup_days_after_first",
        what: "ln(1 + days from the first of the item's cluster of copies to it)",
        why: "minutes apart is a campaign, months apart a theft or a stock phrase",
        evaded_by: "waiting",
        inputs: &["content.published_at"],
        ..DUPLICATES
    },
    value: |item| item.duplicates.map(|d| libm::log1p(d.days_after_first.max(0.0)) as f32),
};

/// Earlier members decided.
pub(in crate::features) static DUP_DECIDED_BEFORE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "dup_decided_before",
        what: "ln(1 + earlier items of the item's cluster of copies with a decision that stands)",
        why: "somebody had reason to look at what it repeats",
        evaded_by: "rewriting",
        inputs: &["decisions"],
        uses: &["decisions.overturns"],
        ..DUPLICATES
    },
    value: |item| decided(item).map(|d| ln_count(u64::from(d.decided_before))),
};

/// Earlier members found violating.
pub(in crate::features) static DUP_VIOLATING_BEFORE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "dup_violating_before",
        what: "ln(1 + earlier items of the item's cluster of copies that a standing decision found violating)",
        why: "what was removed comes back under another identifier",
        evaded_by: "rewriting",
        inputs: &["decisions"],
        uses: &["decisions.overturns"],
        ..DUPLICATES
    },
    value: |item| decided(item).map(|d| ln_count(u64::from(d.violating_before))),
};

/// Violating among the earlier members decided.
pub(in crate::features) static DUP_VIOLATING_SHARE_BEFORE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "dup_violating_share_before",
        what: "share of violating among the earlier items of the item's cluster of copies with a decision that stands; raw \
               share, read it with dup_decided_before; missing without any",
        why: "copies of what was cleared are safer than copies of what was removed",
        range: "0 to 1",
        evaded_by: "rewriting",
        inputs: &["decisions"],
        uses: &["decisions.overturns"],
        ..DUPLICATES
    },
    value: |item| {
        let before = decided(item).filter(|d| d.decided_before > 0)?;
        Some((f64::from(before.violating_before) / f64::from(before.decided_before)) as f32)
    },
};

/// Copies among the seller's items.
pub(in crate::features) static SELLER_COPY_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_copy_share",
        what: "of the seller's items with text enough or media to compare, those that are copies: the first of their cluster was \
               another seller's; raw share, read it with seller_items; missing without any",
        why: "who copies, copies much",
        range: "0 to 1",
        evaded_by: "own listings among the copied ones",
        inputs: &["content.published_at", "content.seller_id"],
        ..DUPLICATES
    },
    value: |item| item.seller_copy_share.map(|share| share as f32),
};
