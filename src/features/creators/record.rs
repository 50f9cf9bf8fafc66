//! What a creator's other items were found to be, and the stars that a reviewer gives.

use super::{CREATORS, CreatorView};
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, ItemView, SimpleFeature, VIOLATION_PRIOR};
use crate::units::ContentType::Review;

/// Items with stars.
pub(in crate::features) static CREATOR_RATED_ITEMS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "creator_rated_items",
        what: "ln(1 + items with stars of the reviewer, this one included)",
        why: "the n behind creator_mean_rating and creator_five_star_share",
        range: "0 and up",
        evaded_by: "several accounts",
        inputs: &["content.creator_id", "content.rating"],
        applies_to: &[Review],
        ..CREATORS
    },
    value: |item| item.creator.map(|c| ln_count(u64::from(c.rated_items))),
};

/// Mean stars.
pub(in crate::features) static CREATOR_MEAN_RATING: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "creator_mean_rating",
        what: "mean stars that the reviewer gives, this review included; missing without stars",
        why: "accounts for hire praise everybody, attackers nobody",
        range: "0 to 5",
        evaded_by: "some reviews of three stars for cover",
        inputs: &["content.creator_id", "content.rating"],
        applies_to: &[Review],
        ..CREATORS
    },
    value: |item| item.creator?.mean_rating.map(|stars| stars as f32),
};

/// Share of five stars.
pub(in crate::features) static CREATOR_FIVE_STAR_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "creator_five_star_share",
        what: "share of the reviewer's rated items with five stars, this review included, not shrunk: creator_rated_items says of how many; missing without stars",
        why: "accounts for hire give five stars and nothing else",
        range: "0 to 1",
        evaded_by: "four stars",
        inputs: &["content.creator_id", "content.rating"],
        applies_to: &[Review],
        ..CREATORS
    },
    value: |item| item.creator?.five_star_share.map(|share| share as f32),
};

/// Other items that were decided.
pub(in crate::features) static CREATOR_DECIDED_ITEMS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "creator_decided_items",
        what: "ln(1 + other items of the creator that were decided), over all sellers",
        why: "the n behind creator_violation_rate",
        range: "0 and up",
        evaded_by: "several accounts",
        inputs: &["content.creator_id", "decisions"],
        uses: &["decisions.overturns"],
        ..CREATORS
    },
    value: |item| elsewhere(item).map(|(_, decided)| ln_count(decided)),
};

/// Other items found violating per other item decided, shrunk.
pub(in crate::features) static CREATOR_VIOLATION_RATE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "creator_violation_rate",
        what: "other items of the creator found violating per other item decided, over all sellers, shrunk to 0.1 worth 5 items",
        why: "creators repeat themselves, whichever shop they work for",
        range: "0 to 1",
        evaded_by: "a new account",
        inputs: &["content.creator_id", "decisions"],
        uses: &["decisions.overturns"],
        ..CREATORS
    },
    value: |item| elsewhere(item).map(|(violating, decided)| VIOLATION_PRIOR.shrink(violating, decided) as f32),
};

/// Violating and decided items of the creator other than the item itself.
fn elsewhere(item: &ItemView<'_>) -> Option<(u64, u64)> {
    let CreatorView { violating_items, decided_items, .. } = item.creator?;
    let own = item.events().and_then(|events| events.decisions.as_ref()).map_or((0, 0), |d| (d.violating_items, d.decided_items));
    let less = |all: u32, own: u32| u64::from(all.saturating_sub(own));
    Some((less(violating_items?, own.0), less(decided_items?, own.1)))
}
