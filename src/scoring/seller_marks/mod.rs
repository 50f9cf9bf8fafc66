//! Seller marks: what a seller's decisions and scored items say of the seller, for ranking and for enforcement (docs/seller_marks.md).
//!
//! Two phases, because a rate is shrunk to those of the seller's peers. [`MarkRules::facts`] counts what was known of each seller of a
//! shard at the midnight of the seller's market, and [`MarkPriorsBuilder`] sums it, in integers, so that neither the number nor the order
//! of shards matters; then [`MarkPriors::mark`] turns the facts of one seller into its [`SellerMark`]. What gives a strike, and for how
//! long, is the history features' to say (`features::struck`). Deliberately not here: what is done about a seller (a policy or a person
//! decides), and files.

mod facts;
mod mark;
mod priors;

#[cfg(test)]
mod tests;

pub use facts::{LabelRecord, MarkRules, NIGHT_BANDS, SellerFacts, SellerRecord};
pub use mark::{LabelMark, SellerMark};
pub use priors::{MarkPriors, MarkPriorsBuilder};
