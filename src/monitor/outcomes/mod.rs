//! What a live policy changes: its treated units against those held back, and what that says of it.
//!
//! Input: sums by cluster and arm ([`ArmSums`]), guardrails. Output: [`Effect`]s, [`PolicyOutcome`]s with a [`Verdict`], and their figures.
//! Deliberately not here: which unit is in which arm, and since when.

mod effect;
#[cfg(test)]
mod study;
mod verdict;

pub use effect::{ArmSums, ClusterSums, Effect, effect};
pub use verdict::{Guardrail, MetricEffect, PolicyOutcome, Verdict, judge, outcome_figures};
