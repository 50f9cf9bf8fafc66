//! The configuration as written: types right, ranges unproven, paths unresolved. Nobody outside `config` sees these.
//!
//! No key has a default here: all of them come from `config/default.toml`, whose comments are also the descriptions in the JSON
//! Schema. Only keys that stand there nowhere, because they live under names of the user's choice, are described here.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::TableName;
use super::checked::{CalibrationMethod, Compression, TextBlocks};
use super::links::RawContacts;
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
    pub(super) run: RawRun,
    pub(super) score: RawScore,
    pub(super) output: RawOutput,
    pub(super) models: RawModels,
    pub(super) label_defaults: RawLabelDefaults,
    pub(super) labels: BTreeMap<String, RawLabel>,
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

/// Column → expression, in the order of the file.
#[derive(Debug)]
pub(super) struct RawColumns(pub(super) Vec<(String, String)>);

impl<'de> Deserialize<'de> for RawColumns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = RawColumns;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a table of columns, for instance { content_id = \"id\" }")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut keys: A) -> Result<RawColumns, A::Error> {
                let mut columns = Vec::new();
                while let Some(column) = keys.next_entry()? {
                    columns.push(column);
                }
                Ok(RawColumns(columns))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFeatures {
    pub(super) text_buckets: i64,
    pub(super) word_ngrams: i64,
    pub(super) char_ngrams: Vec<i64>,
    pub(super) listing_min_cell: i64,
    pub(super) contacts: RawContacts,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTrain {
    pub(super) folds: i64,
    pub(super) gap_days: i64,
    pub(super) min_positives: i64,
    pub(super) min_negatives: i64,
    pub(super) seed: i64,
    pub(super) text: RawTextTrain,
    pub(super) trees: RawTrees,
    pub(super) calibration: RawCalibration,
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
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCalibration {
    pub(super) method: CalibrationMethod,
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
