//! Declared windows: sums, rates, trends, distinct counts and entropies over the last days before a midnight.
//!
//! Input: the declarations of `[features.windows]` and the rows of one entity. Output: one f32 per declared column, NaN for missing.
//! Rows count from the newest back: whole numbers are added exactly, amounts in that order, so the same rows give the same bits.
//! A window without rows counts zero where its table has a source (logs hold only items that were shown); a column that no row of the window
//! holds is missing. Deliberately not here: reading declarations (`config`), choosing an entity's rows and fitting priors (`dataset`).

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
