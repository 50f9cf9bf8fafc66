//! Stars of a review against what it says.

use super::LISTING;
use crate::features::{FeatureDoc, ItemView, SimpleFeature};
use crate::units::ContentType::Review;

/// Stars.
pub(in crate::features) static RATING: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "rating",
        what: "stars",
        why: "bought reviews give five, attacks one",
        range: "0 to 5",
        evaded_by: "four stars",
        inputs: &["content.rating"],
        applies_to: &[Review],
        ..LISTING
    },
    value: stars,
};

/// Extremity.
pub(in crate::features) static RATING_EXTREMITY: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "rating_extremity",
        what: "|stars − 3| / 2",
        why: "fake reviews sit at the ends",
        range: "0 to 1.5",
        evaded_by: "moderate stars",
        inputs: &["content.rating"],
        applies_to: &[Review],
        ..LISTING
    },
    value: |item| stars(item).map(|s| (s - 3.0).abs() / 2.0),
};

/// Stars without words.
pub(in crate::features) static RATING_PER_LENGTH: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "rating_per_length",
        what: "(stars − 3) / 2 divided by (1 + characters / 50)",
        why: "full stars with hardly a word inform nobody",
        range: "-1.5 to 1",
        evaded_by: "a longer text",
        inputs: &["content.rating"],
        any_of: &[&["content.title", "content.body"]],
        applies_to: &[Review],
        ..LISTING
    },
    value: |item| stars(item).map(|s| (s - 3.0) / 2.0 / (1.0 + item.text.n_chars() as f32 / 50.0)),
};

fn stars(item: &ItemView<'_>) -> Option<f32> {
    item.content.rating.filter(|r| r.is_finite())
}
