//! What stops a fit.

use thiserror::Error;

use super::Leaks;
use crate::units::Id;

/// A fit that could not start.
#[derive(Debug, Error, PartialEq)]
pub enum ModelError {
    /// A key of the configuration is out of range.
    #[error("models.{key} is out of range: expected {expected}")]
    Config {
        /// The key.
        key: &'static str,
        /// The range it must lie in.
        expected: &'static str,
    },
    /// Two parts of the training set differ in their number of rows.
    #[error("the training set has {features} rows of features but {found} of {part}: both must describe the same rows")]
    RowCount {
        /// Rows of the feature matrix.
        features: usize,
        /// The part that differs.
        part: &'static str,
        /// Rows of that part.
        found: usize,
    },
    /// The parts of one label's targets differ in length.
    #[error(
        "label {label} has {rows} rows, {positive} verdicts, {weight} weights and {inclusion} inclusion probabilities: the four \
         must be equal"
    )]
    TargetCount {
        /// The label.
        label: Id,
        /// Number of rows.
        rows: usize,
        /// Number of verdicts.
        positive: usize,
        /// Number of weights.
        weight: usize,
        /// Number of inclusion probabilities, known or not.
        inclusion: usize,
    },
    /// An inclusion probability is none.
    #[error("label {label} gives row {row} the inclusion probability {probability}: expected a number above 0, up to 1")]
    Inclusion {
        /// The label.
        label: Id,
        /// The row.
        row: u32,
        /// What was given.
        probability: f64,
    },
    /// A label points at a row that does not exist.
    #[error("label {label} names row {row}, but the training set ends before row {n_rows}")]
    RowOutOfRange {
        /// The label.
        label: Id,
        /// The row it names.
        row: u32,
        /// Number of rows in the set.
        n_rows: usize,
    },
    /// A label's rows are not in ascending order, or a row is named twice.
    #[error("label {label} names row {row} out of order: rows must ascend and each may stand once")]
    RowOrder {
        /// The label.
        label: Id,
        /// The row that is out of order.
        row: u32,
    },
    /// A weight is not a number above zero.
    #[error("label {label} gives row {row} the weight {weight}: expected a finite number above 0")]
    Weight {
        /// The label.
        label: Id,
        /// The row.
        row: u32,
        /// The weight.
        weight: f64,
    },
    /// Two sets of targets have the same label.
    #[error("label {label} stands twice among the targets")]
    DuplicateLabel {
        /// The label.
        label: Id,
    },
    /// The hash space of the n-grams is too large for a lookup table.
    #[error("the n-grams have {buckets} buckets: at most {limit} are allowed")]
    Buckets {
        /// Number of buckets given.
        buckets: u32,
        /// The limit.
        limit: u32,
    },
    /// An n-gram's bucket or count is out of range.
    #[error(
        "row {row} has the n-gram bucket {bucket} with value {value}: expected a bucket below {buckets} and a finite value above 0"
    )]
    Ngram {
        /// The row.
        row: usize,
        /// The bucket.
        bucket: u32,
        /// Its value.
        value: f32,
        /// Number of buckets.
        buckets: u32,
    },
    /// Features that tell a verdict alone, as only a copy of it or its consequence does.
    #[error(
        "too good to be true, so probably known only with the verdict: {leaks}. The limit is {limit}: leave such a feature out with \
         features.exclude, or list it in train.leak.allow if it is known before the verdict"
    )]
    Leak {
        /// What was found.
        leaks: Leaks,
        /// `train.leak.max_auc`.
        limit: f64,
    },
    /// A feature is allowed that isn't there.
    #[error("train.leak.allow lists `{feature}`, which is no feature of this training: `stallmark schema features` lists them")]
    AllowedFeature {
        /// The name.
        feature: String,
    },
    /// A matrix has other features than the model.
    #[error(
        "feature {position} is `{found}` but the model was fitted on `{expected}`: retrain, or use the model of this feature set"
    )]
    FeatureSet {
        /// The first position that differs.
        position: usize,
        /// The model's feature there, empty past its end.
        expected: String,
        /// The matrix's feature there, empty past its end.
        found: String,
    },
}
