//! Declared windows: sums, rates, trends, distinct counts and entropies over the last days before a midnight.
//!
//! Input: the declarations of `[features.windows]` and the rows of one entity. Output: one f32 per declared column, NaN for missing.
//! Rows count from the newest back: whole numbers are added exactly, amounts in that order, so the same rows give the same bits.
//! A window without rows counts zero where its table has a source (logs hold only items that were shown); a column that no row of the window
//! holds is missing.
//!
//! Days of engagement: a day of which no row of the market has arrived is not zero but unknown. Sums are those of the known days, scaled to
//! all days of the window on which the entity was there (× days / known days), from its publication or, of an item that is listed anew, its
//! first known row on; rates and means are of the known days, and n counts those;
//! a window without a known day is missing. Trends compare mean days over the known days of the entity's life, the day of publication
//! being the first (a seller's: its first item's), and are missing where the longer window has no more of them than the shorter.
//! Deliberately not here: reading declarations (`config`), choosing an entity's rows, knowing which days have arrived and fitting priors
//! (`dataset`).

mod column;
mod docs;
mod group;
mod plan;
mod rows;
mod total;

#[cfg(test)]
mod tests;

pub use column::WindowMoment;
pub use plan::{WindowParts, WindowPlan};
pub use rows::{PublicationRow, WindowRows};

/// Days behind one observation of a rate from which its prior is fitted.
pub const FIT_DAYS: u32 = 28;
