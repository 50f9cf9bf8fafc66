//! The share of views that go to violating content, from items drawn into review with known probabilities (FIELD.md §1).
//!
//! **Estimand**: Σ V y ÷ Σ V over tonight's items, with V an item's views of the last 7 whole days (`violative_view_rate`) or of the last
//! whole day (`violative_view_rate_day`), and y whether it violates. **Sample**: draws whose decision is known, of the last 7 days, or of the last
//! 28 where those held too few positives. An item that was in scope on many nights had many chances; the rows of each age group
//! are weighted to the views that tonight's items of that age and market have, so that no age speaks for another.
//!
//! Input: tonight's items one by one, and what draws found. Output: figures, each with interval, n and method. Scores choose the sample and
//! narrow the estimate; they never are the measurement, but in figures of the method `surrogate`. Deliberately not here: files, how items are
//! drawn, what a decision says (`feedback`).

mod calibration_gap;
mod figures;
mod rate;
mod reviewer_error;
mod sample;
mod surrogate;
mod tally;

#[cfg(test)]
mod coverage_tests;
#[cfg(test)]
mod figure_tests;

pub use figures::{PrevalenceInput, PrevalenceLimits, prevalence_figures};
pub use reviewer_error::GoldenCounts;
pub use sample::{SampledDraw, SampledItem};
pub use tally::{PopulationRow, PrevalenceTally, Said, Views, age_group};

use rate::{Rate, SampledRow, plain, rate};
use reviewer_error::corrected;
use surrogate::BucketRates;
