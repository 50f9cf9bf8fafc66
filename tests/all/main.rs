//! One integration binary: the program as its users run it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod architecture;
mod as_of;
mod bad_input;
mod determinism;
mod explain;
mod faults;
mod features_verb;
mod feedback;
#[cfg(target_os = "linux")]
mod interrupted;
mod monitor_faults;
mod nightly;
mod notebooks;
mod policies;
mod project;
mod promotion;
mod publish_gate;
mod published;
mod queue;
mod queue_worth;
mod real_data;
mod shipped;
mod simulate;
mod tuning;
