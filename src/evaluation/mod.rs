//! How good a model's numbers are: ranking, calibration and decisions at a threshold, each with optional weights.
//!
//! Input: scores or probabilities beside the truth, as slices of equal length. Output: numbers, `None` where a metric is
//! undefined (no rows, or a class that the metric needs has no weight), never 0 or NaN in its place. The positive class is
//! always *violating*. Sums run in one fixed order and are compensated, so that reordering the rows changes nothing that
//! anyone could print. Deliberately not here: fitting, files.

mod beta_interval;
mod bootstrap;
mod calibration;
mod confusion;
mod curve;
mod distributions;
mod ece_excess;
mod exclusive;
mod false_discovery;
mod hajek;
mod interval;
mod label_metrics;
mod operating_point;
mod parity;
mod population;
mod predictions;
mod proportion;
mod ranking;
mod slice_search;
mod slices;
mod sum;

#[cfg(test)]
mod conformance_tests;
#[cfg(test)]
mod hajek_coverage;
#[cfg(test)]
mod slice_search_tests;

pub use beta_interval::beta_interval;
pub use bootstrap::{
    BootstrapConfig, Clustered, Difference, Estimate, MAX_UNDEFINED, MIN_CLUSTERS, MetricDifferences, MetricIntervals, Pair,
    ThresholdDifferences, ThresholdIntervals, Thresholds, metric_differences, metric_intervals,
};
pub use calibration::{Calibration, CalibrationBin, ECE_BINS, LOG_LOSS_CLIP, brier, ece, log_loss};
pub use confusion::{Confusion, MACRO_F1_THRESHOLD, base_rate_weights, macro_f1};
pub use curve::{CurvePoint, Rates, curve};
pub(crate) use distributions::student_widening;
pub use distributions::{binomial_upper_tail, student_upper_quantile, student_upper_tail};
pub use ece_excess::{ECE_DRAWS, EceExcess, ece_excess};
pub use exclusive::{ExclusiveRule, macro_f1_of_classes};
pub use false_discovery::FalseDiscoveryControl;
pub(crate) use hajek::Spread;
pub use hajek::{HajekEstimate, HajekRow, hajek};
pub use interval::{Confidence, Interval, effective_n, wilson, wilson_weighted};
pub use label_metrics::LabelMetrics;
pub use operating_point::{Comparison, Direction, OperatingPoint, OperatingPointError, PointMetric, SolvedPoint, Unreachable};
pub use parity::{CompliantRow, Gap, GroupRate, PERMUTATIONS, Parity, parity};
pub use population::{DecidedRow, PopulationEstimates, ThresholdEstimates, at_threshold};
pub use predictions::{EvaluationError, Predictions, Scores};
pub use proportion::Proportion;
pub use ranking::{average_precision, roc_auc};
pub use slice_search::{MAX_VALUES, SliceCriterion, SliceFinding, SliceFindings, SliceSearch};
pub use slices::{Attribute, Slice, SliceMetrics, SliceRows, SliceSize};
pub(crate) use sum::Sum;
