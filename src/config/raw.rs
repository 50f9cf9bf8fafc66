//! The configuration as written: types right, ranges unproven, paths unresolved. Nobody outside `config` sees these.
//!
//! No key has a default here: all of them come from `config/default.toml`, whose comments are also the descriptions in the JSON
//! Schema. Only keys that stand there nowhere, because they live under names of the user's choice, are described here.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::checked::{CalibrationMethod, Compression, SamplingWeights, TextBlocks, TextWeighting};
use super::classes::RawClasses;
use super::duplicates::RawDuplicates;
use super::feedback::{RawFeedback, RawTrainLabels};
use super::history::RawHistory;
use super::judging::{RawEvaluate, RawPromote};
use super::lexicons::RawLexicons;
use super::links::RawContacts;
use super::listing::RawListing;
use super::policies::RawPolicies;
use super::queue::RawQueue;
use super::tuning::RawTune;
use super::{PriorFit, TableName, WindowEntity, WindowScale};
use crate::units::{ContentType, LabelKind};

/// Everything.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "stallmark.toml")]
pub(super) struct RawConfig {
    pub(super) project: RawProject,
    pub(super) time: RawTime,
    pub(super) input: RawInput,
    pub(super) source_defaults: RawSourceDefaults,
    pub(super) sources: BTreeMap<String, RawSource>,
    pub(super) features: RawFeatures,
    pub(super) train: RawTrain,
    pub(super) evaluate: RawEvaluate,
    pub(super) promote: RawPromote,
    pub(super) feedback: RawFeedback,
    pub(super) policies: RawPolicies,
    pub(super) run: RawRun,
    pub(super) score: RawScore,
    pub(super) marks: super::marks::RawMarks,
    pub(super) monitor: super::monitor::RawMonitor,
    pub(super) queue: RawQueue,
    pub(super) output: RawOutput,
    pub(super) models: RawModels,
    pub(super) label_defaults: RawLabelDefaults,
    pub(super) labels: BTreeMap<String, RawLabel>,
    pub(super) classes: BTreeMap<String, RawClasses>,
    pub(super) report: super::report::RawReport,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawProject {
    pub(super) name: String,
    pub(super) labels: Vec<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTime {
    pub(super) zone: String,
    pub(super) zones: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawInput {
    pub(super) max_reject_share: f64,
    pub(super) max_future_days: i64,
    pub(super) max_text_bytes: i64,
    pub(super) required_tables: Vec<TableName>,
}

/// How files are written.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawFormat {
    Auto,
    Parquet,
    Csv,
    Jsonl,
}

/// An encoding of text.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
pub(super) enum RawEncoding {
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "latin-1")]
    Latin1,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the values are laid under every source before decoding; here only their types are checked")]
pub(super) struct RawSourceDefaults {
    pub(super) format: RawFormat,
    pub(super) separator: String,
    pub(super) header: bool,
    pub(super) columns: Vec<String>,
    pub(super) encoding: RawEncoding,
    pub(super) time_zone: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSource {
    /// A file, a glob or a folder (Hive-partitioned or flat), relative to the project folder; `${NAME:-fallback}` is filled in.
    pub(super) path: String,
    pub(super) format: RawFormat,
    pub(super) separator: String,
    pub(super) header: bool,
    pub(super) columns: Vec<String>,
    pub(super) encoding: RawEncoding,
    pub(super) time_zone: String,
    /// The tables that the source feeds.
    pub(super) feeds: Vec<RawFeed>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFeed {
    /// The table that is fed.
    pub(super) table: TableName,
    /// An SQL condition on the source's columns; other rows are not read.
    pub(super) r#where: Option<String>,
    /// Canonical column = a source column, or an SQL expression over them. Without it, every column with a canonical name is read.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub(super) columns: Option<RawColumns>,
}

/// Names of the user's choice → values, in the order of the file.
#[derive(Debug)]
pub(super) struct InOrder<T>(pub(super) Vec<(String, T)>);

/// Column → expression.
pub(super) type RawColumns = InOrder<String>;

impl<'de, T: Deserialize<'de>> Deserialize<'de> for InOrder<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Pairs<T> {
            type Value = InOrder<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a table of names, for instance { content_id = \"id\" }")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut keys: A) -> Result<InOrder<T>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = keys.next_entry()? {
                    pairs.push(pair);
                }
                Ok(InOrder(pairs))
            }
        }
        deserializer.deserialize_map(Pairs(PhantomData))
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFeatures {
    pub(super) text_buckets: i64,
    pub(super) word_ngrams: i64,
    pub(super) char_ngrams: Vec<i64>,
    pub(super) listing_min_cell: i64,
    #[expect(dead_code, reason = "laid under every window before decoding")]
    pub(super) window_defaults: RawWindowDefaults,
    #[schemars(with = "BTreeMap<String, RawWindow>")]
    pub(super) windows: InOrder<RawWindow>,
    pub(super) lexicons: RawLexicons,
    pub(super) listing: RawListing,
    pub(super) duplicates: RawDuplicates,
    pub(super) contacts: RawContacts,
    pub(super) exclude: Vec<String>,
    pub(super) embedding: RawEmbedding,
    #[schemars(with = "BTreeMap<String, RawSignal>")]
    pub(super) signals: InOrder<RawSignal>,
    pub(super) history: RawHistory,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEmbedding {
    pub(super) dims: i64,
    pub(super) length: i64,
}

/// A signal: a feature of the project's own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSignal {
    /// One SQL expression over columns of content, `x_*` columns, features and the signals above; true is 1, false is 0.
    pub(super) sql: String,
    /// What it measures, with its unit.
    pub(super) what: String,
    /// Why it tells abuse or poor quality apart.
    pub(super) why: String,
    /// How somebody who knows it gets around it.
    pub(super) evaded_by: String,
    /// Values it can take; by default those of its type.
    pub(super) range: Option<String>,
    /// Content types it is meant for; others get a missing value. All by default.
    pub(super) content_types: Option<Vec<ContentType>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the values are laid under every window before decoding; here only their types are checked")]
pub(super) struct RawWindowDefaults {
    pub(super) enabled: bool,
    pub(super) entity: WindowEntity,
    pub(super) over: String,
    pub(super) filter: BTreeMap<String, Vec<String>>,
    pub(super) value_filter: BTreeMap<String, Vec<String>>,
    pub(super) n_column: bool,
    pub(super) trend: Vec<Vec<i64>>,
    pub(super) scale: WindowScale,
    pub(super) per_day: bool,
    pub(super) content_types: Vec<ContentType>,
    pub(super) range: String,
    pub(super) trend_why: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWindow {
    pub(super) enabled: bool,
    /// The table whose rows are summed: engagement, decisions, actions, reports, after_sales, or content (what was published).
    pub(super) table: TableName,
    pub(super) entity: WindowEntity,
    /// The windows in days, 1 to 366, the shortest first.
    pub(super) days: Vec<i64>,
    /// A column to sum, "*" for the number of rows, "distinct:<column>" or "entropy:<column>" (nats).
    pub(super) value: String,
    pub(super) over: String,
    pub(super) filter: BTreeMap<String, Vec<String>>,
    pub(super) value_filter: BTreeMap<String, Vec<String>>,
    /// The prior of a rate.
    pub(super) prior: Option<RawPrior>,
    pub(super) n_column: bool,
    pub(super) trend: Vec<Vec<i64>>,
    pub(super) scale: WindowScale,
    pub(super) per_day: bool,
    pub(super) content_types: Vec<ContentType>,
    /// What is measured, with {days} in it where it names the window: "views over {days}".
    pub(super) what: String,
    /// Why it tells abuse or poor quality apart.
    pub(super) why: String,
    pub(super) trend_why: String,
    pub(super) range: String,
    /// How somebody who knows it gets around it.
    pub(super) evaded_by: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPrior {
    /// tier (fitted to the items of the seller's tier; the other two are used until there are any) or none.
    pub(super) fit: PriorFit,
    /// The rate before any data, above 0, below 1.
    pub(super) mean: f64,
    /// The chances that it counts as, 0.001 to 1000000.
    pub(super) strength: f64,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTrain {
    pub(super) folds: i64,
    pub(super) gap_days: i64,
    pub(super) min_positives: i64,
    pub(super) min_negatives: i64,
    pub(super) seed: i64,
    pub(super) sampling_weights: SamplingWeights,
    pub(super) labels: RawTrainLabels,
    pub(super) text: RawTextTrain,
    pub(super) trees: RawTrees,
    pub(super) calibration: RawCalibration,
    pub(super) leak: RawLeak,
    pub(super) candidates: RawCandidates,
    pub(super) tune: RawTune,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTextTrain {
    pub(super) c: f64,
    pub(super) max_ngrams: i64,
    pub(super) min_documents: i64,
    pub(super) tolerance: f64,
    pub(super) max_iterations: i64,
    pub(super) blocks: TextBlocks,
    pub(super) weighting: TextWeighting,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTrees {
    pub(super) rounds: i64,
    pub(super) depth: i64,
    pub(super) learning_rate: f64,
    pub(super) l2: f64,
    pub(super) min_child_weight: f64,
    pub(super) max_bins: i64,
    pub(super) early_stopping_rounds: i64,
    pub(super) row_share: f64,
    pub(super) column_share: f64,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCalibration {
    pub(super) method: CalibrationMethod,
    pub(super) min_market_rows: i64,
    pub(super) min_market_of_each: i64,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLeak {
    pub(super) max_auc: f64,
    /// Names of features, each once.
    pub(super) allow: Vec<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCandidates {
    pub(super) logistic_rows: i64,
    pub(super) forest_rows: i64,
    pub(super) forest_trees: i64,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRun {
    pub(super) scope_days: i64,
    pub(super) memory_limit: String,
    pub(super) shards: i64,
    pub(super) threads: i64,
    pub(super) expires_days: i64,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScore {
    pub(super) forecast_prior_days: f64,
    pub(super) bands: RawBands,
    pub(super) multiplier: super::multiplier::RawMultiplier,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBands {
    pub(super) good_min_quality: f64,
    pub(super) fair_min_quality: f64,
    pub(super) good_max_abuse: f64,
    pub(super) fair_max_abuse: f64,
    pub(super) severe_min_abuse: f64,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOutput {
    pub(super) path: String,
    pub(super) compression: Compression,
    pub(super) row_group_rows: i64,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawModels {
    pub(super) path: String,
    pub(super) label_set: String,
    pub(super) challengers: Vec<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLabelDefaults {
    pub(super) weight: f64,
    pub(super) content_types: Vec<ContentType>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLabel {
    /// abuse removes or limits, quality demotes.
    pub(super) kind: LabelKind,
    /// 1 (nuisance) to 5 (harm to life, safety or livelihood).
    pub(super) severity: i64,
    /// What a reviewer checks, in one sentence.
    pub(super) definition: String,
    pub(super) weight: f64,
    pub(super) content_types: Vec<ContentType>,
}
