//! Features of a review among the reviews of its seller: bursts, stars against the others and against its own tone.
//!
//! Deliberately not here: the stars by themselves (`listing`), what the reviewer publishes elsewhere (`creators`), copies
//! (`duplicates`), and the time from order to review, which no table tells.

mod bursts;
mod seller_reviews;
mod stars;

pub(super) use bursts::*;
pub use seller_reviews::SellerReviews;
pub(super) use stars::*;

use super::FeatureDoc;
use crate::units::ContentType::Review;

/// What review features have in common.
const REVIEW: FeatureDoc = FeatureDoc {
    name: "",
    group: "review",
    what: "",
    whose: "",
    why: "",
    range: "",
    evaded_by: "",
    inputs: &["content.seller_id", "content.published_at"],
    any_of: &[],
    uses: &[],
    applies_to: &[Review],
    version: 1,
};
