//! Items and a model in, score rows out: the output contract of DESIGN.md §6.
//!
//! Input: `dataset::Item`s with features and n-grams, a fitted model, the project's labels. Output: one [`ScoreRow`] each, and of a
//! night's rows and decisions one [`SellerMark`] a seller.
//! Deliberately not here: treatments (a policy decides; until one does, `allow`), files, clocks.

mod combine;
mod explained;
mod rank;
mod reasons;
mod row;
mod scorer;
mod seller_marks;
mod words;

pub use combine::{expected_harm, quality_product};
pub use explained::ExplainedLabel;
pub use rank::{RankRules, rank_multiplier, treated_band};
pub use reasons::Reason;
pub use row::ScoreRow;
pub use scorer::{ScoreRules, ScoredLabel, Scorer, band_of};
pub use seller_marks::{
    LabelMark, LabelRecord, MarkPriors, MarkPriorsBuilder, MarkRules, NIGHT_BANDS, SellerFacts, SellerMark, SellerRecord,
};
pub use words::WordContribution;
