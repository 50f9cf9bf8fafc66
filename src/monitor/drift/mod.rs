//! Whether tonight's data and scores look as they did: distributions, null rates, volumes and price levels against nights before.
//!
//! Input: a [`Profile`] of tonight, of nights before and of the rows that the model learned from. Output: figures; a finding is one whose state
//! is [`State::Warning`](super::State), and its metric names the check (`psi`, `null_rate`, `volume`, `price_level`, `new_value`,
//! `missing_market`, `model_changed`, `drift_from_training`). With millions of rows every difference is significant, with many columns some
//! always are: a finding is larger than a limit, and stands among all that was tested under Benjamini and Hochberg's control. Deliberately not here: tables, the
//! life of an alarm.

mod baseline;
mod bins;
mod builder;
mod counted;
mod distance;
mod figures;
mod judge;
mod levels;
mod profile;

#[cfg(test)]
mod faults_tests;
#[cfg(test)]
mod quiet_tests;
#[cfg(test)]
mod world;

pub use baseline::{Baselines, Reference};
pub use builder::{ProfileBuilder, ProfiledItem};
pub use judge::{DriftReport, ModelVersions, judge_drift};
pub use profile::{Cell, Column, ColumnKind, Counts, MarketProfile, Profile, Volume};
