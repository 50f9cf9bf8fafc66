//! What rises among items that score low yet are reported, refunded or hidden.
//!
//! Input: every item of tonight's scope, once, in any order. Output: [`Trend`]s, the gravest first. Items count by the day on which
//! they were published: the last `recent_days` against the `baseline_days` before, in units of author-days, so that one seller who
//! lists much makes no trend. A bounded sample by the hash of the item's id stands for a market's suspicious items and for its
//! background, so that neither shards nor batches change what is found. Deliberately not here: where facts come from, files, and cohorts of new
//! sellers, whose items are all new and so always rise.

mod candidates;
mod condition;
mod export;
mod finder;
mod held;
mod rising;
mod terms;

pub use export::{draft_policy, labelling_batch};
pub use finder::{TrendFinder, TrendRules};
pub use held::TrendItem;

#[cfg(test)]
mod tests;
