//! Intervals by resampling whole sellers: rows of one seller fail together, so that intervals over rows would be too narrow.
//!
//! Input: predictions (weighted by inverse inclusion probabilities, for the population's rate) and a cluster for each row. Output:
//! each metric with a 95 % interval, and for two models on the same rows each metric's difference with one. As many clusters as
//! there are are drawn with replacement; the draws are a function of seed, draw and number of clusters, so that neither threads
//! nor the order of rows change a bit. Deliberately not here: an interval for the calibration error. Resampled rows are worse
//! calibrated than the rows that they come from (each draw adds noise to every bin), so that its draws lie above the figure and
//! often do not cover it; `mean_gap` has an interval in its place, and `ece_excess` says what chance explains.

mod bca;
mod draws;
mod metrics;
mod multiplicities;
mod paired;
mod rows;

#[cfg(test)]
mod coverage_tests;
#[cfg(test)]
mod tests;

use rayon::prelude::*;
use serde::Serialize;

use self::bca::{MIN_DRAWS, is_constant};
use self::draws::{BlockTotals, LossSums, loss_sums};
use self::metrics::{Measured, Metric};
use self::multiplicities::{LANES, multiplicities};
use self::rows::{ClusteredRow, Ranked, descending, number_clusters};
use super::interval::{Confidence, Interval, wilson_weighted};
use super::predictions::{EvaluationError, Predictions, Row, same_length};

pub use paired::{Difference, MetricDifferences, Pair, ThresholdDifferences, metric_differences};

/// With fewer clusters than this there are no intervals: a handful of sellers does not show how much sellers differ. In the
/// simulation of `coverage_tests`, 95 % intervals of the average precision cover in 87 % of sets of 10 clusters, in 92 % of 20, in
/// 93 % of 40 and in 95 % of 120; those of the ROC AUC in 91.5, 93, 94 and 95 %.
pub const MIN_CLUSTERS: usize = 20;

/// An interval is left out where its metric is undefined in more than this share of the draws.
pub const MAX_UNDEFINED: f64 = 0.05;

/// How many resamples, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BootstrapConfig {
    /// Number of resamples. 1,000 are enough to report a 95 % interval; below 40 there are none.
    pub draws: u32,
    /// Another seed, other resamples.
    pub seed: u64,
}

/// Where decisions are judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds<'a> {
    /// The threshold of the macro F1; see [`super::MACRO_F1_THRESHOLD`].
    pub macro_f1: f64,
    /// The thresholds at which precision, recall and match rate are taken: numbers, in any order.
    pub rates: &'a [f64],
}

/// Predictions whose rows are drawn by cluster.
#[derive(Debug, Clone, Copy)]
pub struct Clustered<'a> {
    predictions: Predictions<'a>,
    clusters: &'a [Option<u32>],
}

/// A metric with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The metric on all rows.
    pub value: f64,
    /// The lower end; absent without an interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// The upper end; absent without an interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// Draws in which the metric was undefined; the others make the interval.
    #[serde(skip_serializing_if = "is_zero")]
    pub undefined_draws: u32,
}

/// Every metric of one label with its interval. What is undefined on all rows is absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricIntervals {
    /// Clusters that rows with a weight belong to; a row without a cluster is one.
    pub n_clusters: u64,
    /// Resamples of them.
    pub draws: u32,
    /// See [`super::average_precision`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_precision: Option<Estimate>,
    /// See [`super::roc_auc`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roc_auc: Option<Estimate>,
    /// See [`super::log_loss`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_loss: Option<Estimate>,
    /// See [`super::brier`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brier: Option<Estimate>,
    /// Mean probability − share of positives: above zero where the model claims more than comes true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_gap: Option<Estimate>,
    /// See [`super::Confusion::macro_f1`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub macro_f1: Option<Estimate>,
    /// One entry a threshold, in the order in which they were given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<ThresholdIntervals>,
}

/// What a threshold does, with intervals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ThresholdIntervals {
    /// Rows with at least this score are called violating.
    pub threshold: f64,
    /// See [`super::Confusion::precision`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<Estimate>,
    /// See [`super::Confusion::recall`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall: Option<Estimate>,
    /// See [`super::Confusion::match_rate`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_rate: Option<Estimate>,
}

impl<'a> Clustered<'a> {
    /// Rows of one id are drawn together; a row without one by itself.
    ///
    /// # Errors
    /// When there are more or fewer ids than rows.
    pub fn new(predictions: Predictions<'a>, clusters: &'a [Option<u32>]) -> Result<Self, EvaluationError> {
        same_length("the clusters", clusters.len(), predictions.scores().n_rows() as usize)?;
        Ok(Self { predictions, clusters })
    }

    /// The rows without their clusters.
    #[must_use]
    pub fn predictions(&self) -> &Predictions<'a> {
        &self.predictions
    }
}

/// Every metric of the rows with its 95 % interval (bias-corrected and accelerated, over clusters).
///
/// Shares of 0 or 1 that no draw varies have Wilson's interval on Kish's number of clusters. Otherwise the interval is absent
/// with fewer than [`MIN_CLUSTERS`] clusters or 40 draws in which the metric is defined, with more than [`MAX_UNDEFINED`] of the
/// draws undefined, and where all draws are alike.
#[must_use]
pub fn metric_intervals(rows: &Clustered<'_>, thresholds: &Thresholds<'_>, config: &BootstrapConfig) -> MetricIntervals {
    let kept: Vec<(Row, Option<u32>)> =
        rows.predictions.scores().rows().zip(rows.clusters.iter().copied()).filter(|(row, _)| row.weight > 0.0).collect();
    let ids: Vec<Option<u32>> = kept.iter().map(|(_, id)| *id).collect();
    let (clusters, n_clusters) = number_clusters(&ids, |a, b| descending(&kept[a].0, &kept[b].0));
    let kept = kept.iter().zip(clusters).map(|((row, _), cluster)| ClusteredRow { row: *row, cluster }).collect();
    let side = Side::new(&rows.predictions, kept, n_clusters, thresholds);
    let n_draws = if n_clusters < MIN_CLUSTERS { 0 } else { config.draws as usize };
    let draws = draw_all(&[&side.ranked], &[&side.losses], n_clusters, n_draws, config.seed);
    let metrics = Metric::all(side.n_thresholds);
    let estimates: Vec<Option<Estimate>> =
        metrics.iter().enumerate().map(|(i, metric)| side.estimate(*metric, i, draws.iter().map(|d| d[0][i]))).collect();
    let (whole, rates) = estimates.split_at(6);
    MetricIntervals {
        n_clusters: n_clusters as u64,
        draws: config.draws,
        average_precision: whole[0],
        roc_auc: whole[1],
        log_loss: whole[2],
        brier: whole[3],
        mean_gap: whole[4],
        macro_f1: whole[5],
        thresholds: thresholds
            .rates
            .iter()
            .zip(rates.chunks_exact(3))
            .map(|(t, of)| ThresholdIntervals { threshold: *t, precision: of[0], recall: of[1], match_rate: of[2] })
            .collect(),
    }
}

/// One model's rows, ready to be drawn.
struct Side {
    ranked: Ranked,
    losses: Vec<LossSums>,
    measured: Measured,
    n_thresholds: usize,
}

impl Side {
    fn new(predictions: &Predictions<'_>, rows: Vec<ClusteredRow>, n_clusters: usize, thresholds: &Thresholds<'_>) -> Self {
        let thresholds: Vec<f64> = std::iter::once(thresholds.macro_f1).chain(thresholds.rates.iter().copied()).collect();
        let ranked = Ranked::new(rows, n_clusters, &thresholds);
        let losses = loss_sums(&ranked);
        let measured = Measured::new(predictions, &ranked, &thresholds, &losses);
        Self { ranked, losses, measured, n_thresholds: thresholds.len() }
    }

    /// One metric of all rows and of each draw.
    fn estimate(&self, metric: Metric, index: usize, draws: impl Iterator<Item = Option<f64>>) -> Option<Estimate> {
        let value = self.measured.values[index]?;
        let (defined, undefined_draws) = defined(draws);
        let mut ends = None;
        if is_enough(defined.len(), undefined_draws) {
            ends = if metric.is_share() && (value == 0.0 || value == 1.0) && is_constant(value, &defined) {
                let n = self.measured.effective_clusters(&self.ranked, metric);
                let wilson = n.and_then(|n| wilson_weighted(value, n, Confidence::NinetyFive));
                wilson.map(|Interval { low, high }| [low, high])
            } else {
                bca::interval(value, defined, &self.measured.influence(&self.ranked, &self.losses, metric, value))
            };
        }
        Some(Estimate { value, low: ends.map(|e| e[0]), high: ends.map(|e| e[1]), undefined_draws })
    }
}

/// The draws in which a metric is defined, and the number of the others.
fn defined(draws: impl Iterator<Item = Option<f64>>) -> (Vec<f64>, u32) {
    let mut undefined = 0;
    let defined = draws
        .filter_map(|draw| {
            draw.or_else(|| {
                undefined += 1;
                None
            })
        })
        .collect();
    (defined, undefined)
}

fn is_enough(n_defined: usize, undefined: u32) -> bool {
    let share = f64::from(undefined) / (n_defined as f64 + f64::from(undefined));
    n_defined >= MIN_DRAWS && share <= MAX_UNDEFINED
}

/// The metrics of every draw, by draw and side. All sides have the same clusters in each draw.
fn draw_all(
    ranked: &[&Ranked],
    losses: &[&Vec<LossSums>],
    n_clusters: usize,
    n_draws: usize,
    seed: u64,
) -> Vec<Vec<Vec<Option<f64>>>> {
    let blocks: Vec<Vec<Vec<Vec<Option<f64>>>>> = (0..n_draws.div_ceil(LANES))
        .into_par_iter()
        .map(|block| {
            let table = multiplicities(n_clusters, seed, block);
            let totals: Vec<BlockTotals> =
                ranked.iter().zip(losses).map(|(ranked, losses)| BlockTotals::of(ranked, losses, &table)).collect();
            let lanes = LANES.min(n_draws - block * LANES);
            (0..lanes).map(|lane| totals.iter().map(|side| side.metrics(lane)).collect()).collect()
        })
        .collect();
    blocks.into_iter().flatten().collect()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}
