//! The verbs: one short function each that reads like the picture in DESIGN.md §2.
//!
//! This is the rim: only here are the clock, the environment and seeds read; everything inward takes values. Input: a project
//! folder and what the caller asked for. Output: files, results to print, errors with an exit code. Deliberately not here:
//! argument parsing and printing (`cli`).

mod champion;
mod classes;
mod compare;
mod decided;
mod deciding;
mod decisions;
mod check;
mod demo;
mod evaluate;
mod exit;
mod explain;
mod features;
mod feedback;
mod feedback_files;
mod feedback_report;
mod gate;
mod held_out;
mod init;
mod input;
mod judge;
mod marks;
mod matrix_file;
mod merge;
mod models;
mod monitoring;
mod next_items;
mod night_tables;
mod night_writer;
mod nightly;
mod policies;
mod policy_findings;
mod policy_verbs;
mod project;
mod promote;
mod publishing;
mod queue_csv;
mod queue_table;
mod queueing;
mod results;
mod rim;
mod rivals;
mod schemas;
mod score;
mod score_table;
mod simulate;
mod slicing;
mod stages;
mod suspects;
mod synth;
mod text_table;
mod threads;
mod train;
mod training;
mod tune;

pub use check::{CheckReport, check};
pub use classes::ClassMetrics;
pub use compare::{CompareRequest, Comparison, compare};
pub use decided::Period;
pub use demo::demo;
pub use evaluate::{Evaluation, LabelEvaluation, evaluate};
pub use exit::{Exit, VerbError, exit_of};
pub use explain::{ExplainRequest, explain};
pub use features::{SpineChoice, features};
pub use feedback::{Feedback, FitPolicy, LabelCount, SourceCount, feedback};
pub use gate::Gate;
pub use init::init;
pub use matrix_file::{ColumnSummary, MatrixSummary};
pub use models::{ModelList, models, rollback};
pub use next_items::{NextItems, Threshold};
pub use nightly::{EmptyPolicy, nightly};
pub use policy_verbs::{
    Failure, PolicyCheck, PolicyLine, PolicyTest, ReadableColumn, ReadableColumns, check_policies, init_policies,
    readable_columns, test_policies,
};
pub use project::Project;
pub use promote::{PromoteRequest, Promoted, promote};
pub use queue_csv::{queue_csv, write_queue_csv};
pub use results::{PolicyResult, RunResults, RunStatus, ShadowResult, record_unconfigured};
pub use rim::Rim;
pub use schemas::{features_page, scores_schema, tables_schema};
pub use score::score;
pub use simulate::{SimulateRequest, Simulation, Sweep, SweepPoint, simulate};
pub use stages::{StageResult, Stages, TalkForm};
pub use suspects::{LabelNoise, Suspect, Suspects};
pub use synth::{SynthRequest, synth};
pub use threads::in_thread_pool;
pub use train::{PromotePolicy, TrainRequest, Trained, train};
pub use tune::{JournalPolicy, Rung, Search, Tuned};
