//! The checked configuration: what everything right of `config` reads.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tuning::TuneConfig;
use super::{
    ClassesConfig, ContactConfig, DuplicateConfig, EvaluateConfig, FeedbackConfig, HistoryConfig, Label, LexiconConfig,
    ListingConfig, PoliciesConfig, PromoteConfig, QueueConfig, Source, TableName, TrainLabelsConfig, WindowDeclaration,
};
use crate::units::{ContentType, Id, Severity, Zones};

/// A configuration in which every range is proven and every path resolved.
///
/// It serialises without what the scores don't depend on: see [`Config::canonical_json`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Config {
    /// What the project is called, and where it lies.
    #[serde(skip)]
    pub project: ProjectConfig,
    pub(super) labels: Vec<Label>,
    /// Labels that exclude each other, by id.
    #[serde(skip)]
    pub classes: Vec<ClassesConfig>,
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
    /// How models are judged.
    #[serde(skip)]
    pub evaluate: EvaluateConfig,
    /// When a model may become champion.
    #[serde(skip)]
    pub promote: PromoteConfig,
    /// What `feedback` tells.
    #[serde(skip)]
    pub feedback: FeedbackConfig,
    /// Where policies are, and their key.
    #[serde(skip)]
    pub policies: PoliciesConfig,
    /// Where the page of a night goes.
    #[serde(skip)]
    pub report: super::ReportConfig,
    /// A nightly run.
    pub run: RunConfig,
    /// How probabilities become a score row.
    pub score: ScoreConfig,
    /// How a seller's decisions become rates, points and health.
    pub marks: super::MarksConfig,
    /// What is told of a night, and whether it may go out.
    #[serde(skip)]
    pub monitor: super::MonitorConfig,
    /// The queue for reviewers.
    pub queue: QueueConfig,
    /// What is written, and where.
    pub output: OutputConfig,
    /// Where models are kept.
    #[serde(skip)]
    pub models: ModelStoreConfig,
    /// Of these a score can only depend on the severities, by which strikes weigh.
    #[serde(serialize_with = "severities_only")]
    pub(super) other_labels: Vec<Label>,
}

impl Config {
    /// The configuration as JSON in a fixed order, for `run_id` to hash.
    ///
    /// Deliberately without `run.memory_limit`, `run.shards`, `run.threads`, all paths (what lies at them is hashed as input or
    /// model), the names of the project and its label set, all but the severity of labels that aren't active, and the lines that
    /// feeds stand on: none of them can change a score.
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

    /// The severity of every declared label, active or not.
    #[must_use]
    pub fn severities(&self) -> BTreeMap<Id, Severity> {
        self.labels.iter().chain(&self.other_labels).map(|label| (label.id.clone(), label.severity)).collect()
    }

    /// The active label `id`.
    #[must_use]
    pub fn label(&self, id: &str) -> Option<&Label> {
        self.labels.iter().find(|label| label.id == id)
    }
}

fn severities_only<S: serde::Serializer>(labels: &[Label], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(labels.iter().map(|label| (&label.id, label.severity)))
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
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeatureConfig {
    /// Buckets that n-grams are hashed into: a power of two.
    pub text_buckets: u32,
    /// Longest word n-gram; 0 for none.
    pub word_ngrams: usize,
    /// Shortest and longest character n-gram, at least 1.
    pub char_ngrams: (usize, usize),
    /// Prices that a market needs, in one currency, before a price is compared with them.
    pub listing_min_cell: u64,
    /// Lexicons.
    pub lexicons: LexiconConfig,
    /// How prices are compared.
    pub listing: ListingConfig,
    /// What counts as a copy.
    pub duplicates: DuplicateConfig,
    /// What joins sellers.
    pub contacts: ContactConfig,
    /// How histories are counted.
    pub history: HistoryConfig,
    /// The declared windows that are enabled, in the order of the files.
    pub windows: Vec<WindowDeclaration>,
    /// Features and groups of features that are left out of the matrix, as written.
    pub exclude: Vec<String>,
    /// Where `exclude` was written, for errors.
    #[serde(skip)]
    pub exclude_place: String,
    /// What becomes of embeddings.
    pub embedding: EmbeddingConfig,
    /// The project's own features, in the order of the file.
    pub signals: Vec<SignalConfig>,
}

/// What becomes of the `embedding` column of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EmbeddingConfig {
    /// Features that it is reduced to; 0 for none.
    pub dims: usize,
    /// The length that it must have; 0 for any.
    pub length: usize,
}

/// A declared signal: one SQL expression that becomes a feature. That it compiles is for `features` to say, which know the columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignalConfig {
    /// Its column name.
    pub name: String,
    /// The expression.
    pub sql: String,
    /// What it measures.
    #[serde(skip)]
    pub what: String,
    /// Why it predicts.
    #[serde(skip)]
    pub why: String,
    /// How it is evaded.
    #[serde(skip)]
    pub evaded_by: String,
    /// Values it can take, where that was said.
    #[serde(skip)]
    pub range: Option<String>,
    /// The content types it is meant for, in declaration order; empty for all.
    pub content_types: Vec<ContentType>,
    /// Where its expression stands in the configuration, for errors: `stallmark.toml:14, features.signals.cheap.sql`.
    #[serde(skip)]
    pub place: String,
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
    /// How rows are made to stand for the population.
    pub sampling_weights: SamplingWeights,
    /// How decisions become labels to learn from.
    pub labels: TrainLabelsConfig,
    /// The text model.
    pub text: TextTrainConfig,
    /// The tree model.
    pub trees: TreeTrainConfig,
    /// How scores become probabilities.
    pub calibration: CalibrationConfig,
    /// When a feature alone is too good to be true. It decides whether there is a model, never what is in it.
    #[serde(skip)]
    pub leak: LeakConfig,
    /// Peers that are reported and never used.
    pub candidates: CandidatesConfig,
    /// Where a search for better parameters looks. What it finds shows in the model's version.
    #[serde(skip)]
    pub tune: TuneConfig,
}

/// How scores become probabilities, and what a market needs for a correction of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CalibrationConfig {
    /// The form of the calibrator.
    pub method: CalibrationMethod,
    /// Held-out decisions of a label in the market; 0 for no corrections.
    pub min_market_rows: u64,
    /// Held-out decisions of each class.
    pub min_market_of_each: u64,
}

/// When a feature alone is too good to be true.
#[derive(Debug, Clone, PartialEq)]
pub struct LeakConfig {
    /// Greatest lower end of a feature's ROC AUC, 0.5 to 1; 1 refuses none.
    pub max_auc: f64,
    /// Features that are never refused, each once.
    pub allow: Vec<String>,
}

/// How much the peers that are only reported may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CandidatesConfig {
    /// Decisions of a fold that the logistic regression learns from at most; 0 leaves it out.
    pub logistic_rows: usize,
    /// Decisions of a fold that the random forest learns from at most; 0 leaves it out.
    pub forest_rows: usize,
    /// Trees of the forest.
    pub forest_trees: usize,
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
    /// How much each n-gram may say.
    pub weighting: TextWeighting,
}

/// How much each n-gram may say before a label's decisions are learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextWeighting {
    /// For each label whichever has the lower loss on other folds.
    Auto,
    /// By its inverse document frequency.
    Idf,
    /// By that and by the label's naive-Bayes log ratio.
    NaiveBayes,
}

/// How reviews that were picked because something looked bad are made to stand for all content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SamplingWeights {
    /// Each row counts the same.
    None,
    /// Weights for the calibrators.
    Calibration,
    /// Weights for text models, trees and calibrators.
    InverseInclusion,
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
    /// Share of the rows on which a tree's questions are chosen, 0.05 to 1.
    pub row_share: f64,
    /// Share of the features that a tree may ask about, 0.05 to 1.
    pub column_share: f64,
}

/// How scores become probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CalibrationMethod {
    /// The best by cross-validated log loss, the simpler where the gain is small or decisions are few.
    Auto,
    /// A logistic curve of two numbers.
    Platt,
    /// A logistic curve with two slopes.
    Beta,
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
    /// How scores and treatments become the `rank_multiplier` column.
    pub multiplier: super::MultiplierConfig,
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
    /// Versions that a run scores in the shadow of the champion.
    pub challengers: Vec<String>,
}
