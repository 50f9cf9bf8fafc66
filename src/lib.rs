//! Stallmark scores marketplace content for quality and abuse every night, and turns the scores into decisions.
//!
//! The modules stand in reading order; each imports only from those before it (ARCHITECTURE.md, enforced by a test).

pub mod units;
pub mod config;
pub mod files;
pub mod text;
pub mod sql;
pub mod tables;
pub mod features;
pub mod dataset;
pub mod models;
pub mod evaluation;
pub mod store;
pub mod scoring;
pub mod policy;
pub mod queue;
pub mod feedback;
pub mod monitor;
pub mod explain;
pub mod report;
pub mod publish;
pub mod synth;
pub mod run;
pub mod cli;
