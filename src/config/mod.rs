//! Layered configuration: built-in `config/default.toml` < the project's `stallmark.toml` < `STALLMARK_…` variables < `--set`.
//!
//! Input: texts and values that the caller has read (the project file, a map of the environment, the `--set` arguments).
//! Output: a [`Config`] in which paths are resolved and every range is proven, or a [`ConfigError`] that names the place, the
//! key, the value and what was expected. Deliberately not here: reading files or the environment (`run` passes both in), and
//! defaults, all of which stand in `config/default.toml`.
//!
//! The way of a key: text → `entry` (a tree whose every value knows its place) → merged by `layers` → decoded by `decode`
//! into `raw` types → checked into [`Config`] by `check`.

mod built_in_policies;
mod check;
mod check_features;
mod check_labels;
mod check_sources;
mod check_windows;
mod checked;
mod checker;
mod classes;
mod decode;
mod duplicates;
mod entry;
mod error;
mod feedback;
mod history;
mod interpolate;
mod judging;
mod label;
mod layers;
mod lexicons;
mod links;
mod listing;
mod marks;
mod monitor;
mod monitor_operations;
mod monitor_prevalence;
mod monitor_targets;
mod monitor_drift;
mod monitor_gate;
mod multiplier;
mod place;
mod policies;
mod policy_file;
mod queue;
mod raw;
mod report;
mod schema;
mod size;
mod source;
mod suggest;
mod table_name;
mod tuning;
mod window_columns;
mod windows;
#[cfg(test)]
mod tests;

pub use built_in_policies::BUILT_IN_POLICIES;
pub use checked::{
    BandLimits, CalibrationConfig, CalibrationMethod, CandidatesConfig, Compression, Config, EmbeddingConfig, FeatureConfig,
    InputLimits, LeakConfig, ModelStoreConfig, OutputConfig, ProjectConfig, RunConfig, SamplingWeights, ScoreConfig,
    SignalConfig, TextBlocks, TextTrainConfig, TextWeighting, TimeConfig, TrainConfig, TreeTrainConfig,
};
pub use classes::ClassesConfig;
pub use duplicates::DuplicateConfig;
pub use error::ConfigError;
pub use feedback::{FeedbackConfig, LabelMethod, TrainLabelsConfig};
pub use history::{HistoryConfig, ShrinkConfig};
pub use judging::{EvaluateConfig, PromoteConfig};
pub use label::Label;
pub use layers::{Overlays, ProjectFile};
pub use lexicons::LexiconConfig;
pub use links::ContactConfig;
pub use listing::ListingConfig;
pub use marks::MarksConfig;
pub use monitor::MonitorConfig;
pub use monitor_drift::DriftLimits;
pub use monitor_gate::GateLimits;
pub use monitor_operations::OperationsConfig;
pub use monitor_prevalence::PrevalenceConfig;
pub use monitor_targets::{GoalDirection, TargetConfig};
pub use multiplier::{MultiplierConfig, TreatmentFactors};
pub use place::Place;
pub use policies::PoliciesConfig;
pub use policy_file::{
    EffectiveDays, ExceptionKind, ExceptionTarget, GivenValue, POLICY_DEFAULTS, PolicyCap, PolicyCase, PolicyException,
    PolicyExceptions, PolicyFile, PolicyMode, PolicyUnit, parse_exceptions, parse_policy,
};
pub use queue::{Capacity, GENERAL_SKILL, QueueConfig, QueueKey, QueueOrder, QueueShares};
pub use report::ReportConfig;
pub use schema::schema_json;
pub use source::{CsvFormat, Encoding, Feed, Source, SourceFormat};
pub use table_name::TableName;
pub use tuning::TuneConfig;
pub use windows::{PriorFit, WindowColumn, WindowDeclaration, WindowEntity, WindowFilter, WindowPrior, WindowScale, WindowValue};

use std::path::Path;

/// The built-in configuration: every key with its meaning and its default.
pub const DEFAULT_CONFIG: &str = include_str!("../../config/default.toml");

/// A commented `stallmark.toml` to start a project with.
pub const PROJECT_TEMPLATE: &str = include_str!("../../config/project.toml");

/// Merges the four layers and checks the result. Relative paths are resolved against `project_dir`.
///
/// # Errors
/// At the first key that is unknown, missing, of the wrong type or outside its range.
pub fn load(project: &ProjectFile<'_>, overlays: &Overlays<'_>, project_dir: &Path) -> Result<Config, ConfigError> {
    let merged = layers::merge(project, overlays)?;
    let raw = decode::from_entry(&merged)?;
    check::check(raw, &checker::Checker { root: &merged, environment: overlays.environment, project_dir })
}
