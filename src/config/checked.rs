//! The checked configuration: what everything right of `config` reads.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ContactConfig, Label, Source, TableName};
use crate::units::Zones;

/// A configuration in which every range is proven and every path resolved.
///
/// It serialises without what the scores don't depend on: see [`Config::canonical_json`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Config {
    /// What the project is called, and where it lies.
    #[serde(skip)]
    pub project: ProjectConfig,
    pub(super) labels: Vec<Label>,
    #[serde(skip)]
    pub(super) other_labels: Vec<Label>,
    /// When a day begins.
    pub time: TimeConfig,
    /// What input is accepted.
    pub input: InputLimits,
    /// Where rows come from, by name. May be empty: `tables` says what is missing.
    pub sources: Vec<Source>,
    /// What features are computed from.
    pub features: FeatureConfig,
    /// How models are trained.
    pub train: TrainConfig,
    /// A nightly run.
    pub run: RunConfig,
    /// How probabilities become a score row.
    pub score: ScoreConfig,
    /// What is written, and where.
    pub output: OutputConfig,
    /// Where models are kept.
    #[serde(skip)]
    pub models: ModelStoreConfig,
}

impl Config {
    /// The configuration as JSON in a fixed order, for `run_id` to hash.
    ///
    /// Deliberately without `run.memory_limit`, `run.shards`, `run.threads`, all paths (what lies at them is hashed as input or
    /// model), the names of the project and its label set, labels that aren't active, and the lines that feeds stand on: none of
    /// them can change a score.
    #[must_use]
    pub fn canonical_json(&self) -> String {
        // Only strings, numbers, lists and structs with fixed keys: serialising them cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The labels that are trained and scored, in the order of `project.labels`.
    pub fn active_labels(&self) -> impl ExactSizeIterator<Item = &Label> {
        self.labels.iter()
    }

    /// Declared labels that this project does not score, by id. A decision about one is valid, but nothing learns from it.
    pub fn other_labels(&self) -> impl ExactSizeIterator<Item = &Label> {
        self.other_labels.iter()
    }

    /// The active label `id`.
    #[must_use]
    pub fn label(&self, id: &str) -> Option<&Label> {
        self.labels.iter().find(|label| label.id == id)
    }
}

/// What the project is called, and where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectConfig {
    /// `project.name`, or the folder's name; one segment of letters, digits, `.`, `_`, `-`.
    pub name: String,
    /// The project folder.
    pub folder: PathBuf,
}

/// When a day begins.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TimeConfig {
    /// The zones, resolved.
    #[serde(skip)]
    pub zones: Zones,
    /// IANA name of the project's zone.
    pub zone: String,
    /// Market → IANA name, for the markets that have their own.
    pub market_zones: BTreeMap<String, String>,
}

/// What input is accepted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InputLimits {
    /// Largest share of a table's rows that may be rejected, in [0, 1].
    pub max_reject_share: f64,
    /// A time later than as_of by more than this many days is a future time.
    pub max_future_days: u32,
    /// Longest text in bytes.
    pub max_text_bytes: usize,
    /// Tables without which a run stops, in reading order; always with content.
    pub required_tables: Vec<TableName>,
}

/// What features are computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeatureConfig {
    /// Buckets that n-grams are hashed into: a power of two.
    pub text_buckets: u32,
    /// Longest word n-gram; 0 for none.
    pub word_ngrams: usize,
    /// Shortest and longest character n-gram, at least 1.
    pub char_ngrams: (usize, usize),
    /// Listings that a category × market needs before its median is used.
    pub listing_min_cell: u64,
    /// How widely a contact may be shared and still tie its sellers into a ring.
    pub contacts: ContactConfig,
}

/// How models are trained.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrainConfig {
    /// Folds, 3 to 20.
    pub folds: usize,
    /// Days between training and held-out data.
    pub gap_days: u32,
    /// Violating decisions that a label needs.
    pub min_positives: u64,
    /// Compliant decisions that a label needs.
    pub min_negatives: u64,
    /// Seed of everything drawn at random.
    pub seed: u64,
    /// The text model.
    pub text: TextTrainConfig,
    /// The tree model.
    pub trees: TreeTrainConfig,
    /// How scores become probabilities.
    pub calibration: CalibrationMethod,
}

/// The text model: sparse logistic regression.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TextTrainConfig {
    /// Inverse strength of the L2 penalty, above 0.
    pub c: f64,
    /// N-grams of largest weight that a label's model keeps; 0 for all.
    pub max_ngrams: usize,
    /// Documents that an n-gram must occur in.
    pub min_documents: u32,
    /// The fit ends when the gradient is this much smaller than at zero weights.
    pub tolerance: f64,
    /// The fit ends after this many iterations at the latest.
    pub max_iterations: usize,
    /// Which n-grams of a row are scaled to unit length together.
    pub blocks: TextBlocks,
}

/// Which n-grams of a row are scaled to unit length together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TextBlocks {
    /// All of them.
    Joint,
    /// Those of words and those of characters, each on their own.
    Halves,
}

/// The tree model: gradient boosting on symmetric trees.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TreeTrainConfig {
    /// Most trees; 0 leaves the text model alone.
    pub rounds: usize,
    /// Splits on the way to a leaf, 1 to 10.
    pub depth: usize,
    /// Share of a tree's vote that is taken, in (0, 1].
    pub learning_rate: f64,
    /// L2 penalty on the leaves.
    pub l2: f64,
    /// Smallest sum of second derivatives in a leaf.
    pub min_child_weight: f64,
    /// Most bins of a feature, 3 to 255, that of missing values among them.
    pub max_bins: usize,
    /// Rounds without gain after which boosting stops.
    pub early_stopping_rounds: usize,
}

/// How scores become probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CalibrationMethod {
    /// The better of the two by cross-validated log loss, Platt where decisions are few.
    Auto,
    /// A logistic curve of two numbers.
    Platt,
    /// Any rising curve.
    Isotonic,
}

/// A nightly run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunConfig {
    /// Days before as_of within which content is in scope, at least 1.
    pub scope_days: u32,
    /// Memory that a run plans with, in bytes.
    #[serde(skip)]
    pub memory_limit: u64,
    /// Number of shards; 0 for as many as `memory_limit` calls for.
    #[serde(skip)]
    pub shards: u32,
    /// Number of threads; 0 for one per core, as rayon reads it.
    #[serde(skip)]
    pub threads: usize,
    /// Days after as_of until a score expires, at least 1.
    pub expires_days: u32,
}

/// How probabilities become a score row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoreConfig {
    /// Days of the item's own views that the mean of its tier and age counts as in the forecast.
    pub forecast_prior_days: f64,
    /// The limits of the `band` column.
    pub bands: BandLimits,
}

/// The limits of the `band` column. Severe from `severe_min_abuse`; else good where quality and abuse are both within the good
/// limits; else fair where both are within the fair limits; else poor. All in [0, 1]; fair is never stricter than good. What a
/// null score means is scoring's to say.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BandLimits {
    /// Least quality of band good.
    pub good_min_quality: f64,
    /// Least quality of band fair.
    pub fair_min_quality: f64,
    /// Most abuse of band good.
    pub good_max_abuse: f64,
    /// Most abuse of band fair.
    pub fair_max_abuse: f64,
    /// Least abuse of band severe.
    pub severe_min_abuse: f64,
}

/// What is written, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutputConfig {
    /// Folder of the published tables.
    #[serde(skip)]
    pub path: PathBuf,
    /// Compression of Parquet files.
    pub compression: Compression,
    /// Rows in a Parquet row group.
    pub row_group_rows: usize,
}

/// Compression of Parquet files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Smaller.
    Zstd,
    /// Read everywhere.
    Snappy,
}

/// Where models are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelStoreConfig {
    /// Folder of the model store.
    pub path: PathBuf,
    /// Name of the set of labels: `models.label_set`, or the project's name.
    pub label_set: String,
}
