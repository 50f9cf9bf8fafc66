//! Alarms: checks over nights, and the book that tells each finding once.
//!
//! Input: a night's values beside those of the nights before. Output: [`Finding`]s, and from them [`Alarm`](super::Alarm)s with a state.
//! Deliberately not here: where the values come from.

mod book;
mod cusum;
mod firing_rate;
#[cfg(test)]
mod quiet_nights;

pub use book::{Finding, findings_of, update};
pub use cusum::{CusumLimits, cusum};
pub use firing_rate::{Firing, FiringLimits, firing_rate};
