//! An alarm: what a check found, told once, with a state.

use serde::{Deserialize, Serialize};

use super::figure::Segment;
use crate::units::Day;

/// Where an alarm is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmState {
    /// New tonight.
    Raised,
    /// Raised before, and still so.
    Standing,
    /// Raised before, and no longer so: told one last time.
    Cleared,
}

/// What a check found of a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// The check, in the field's term: `null_rate`, `psi`, `firing_rate`, `cusum_prevalence`.
    pub check: String,
    /// Of which part.
    pub segment: Segment,
    /// State.
    pub state: AlarmState,
    /// The night it was raised.
    pub since: Day,
    /// What was found, what was expected, and the limit, in a sentence.
    pub message: String,
    /// What it rests on.
    pub n: u64,
}
