//! Stallmark scores marketplace content for quality and abuse every night, and turns the scores into decisions.
//!
//! The modules stand in reading order; each imports only from those before it (ARCHITECTURE.md, enforced by a test).

pub mod cli;
pub mod config;
pub mod dataset;
pub mod evaluation;
pub mod features;
pub mod files;
pub mod models;
pub mod publish;
pub mod run;
pub mod scoring;
pub mod sql;
pub mod store;
pub mod synth;
pub mod tables;
pub mod text;
pub mod units;
