//! Two models on the same rows: what the second changes. Both are judged on the same draws, so that what is hard about a seller
//! drops out of the difference.

use serde::Serialize;

use super::super::predictions::{EvaluationError, Predictions, Row, same_length};
use super::bca::{self, is_constant};
use super::metrics::Metric;
use super::rows::{ClusteredRow, descending, number_clusters};
use super::{BootstrapConfig, MIN_CLUSTERS, Side, Thresholds, defined, draw_all, is_enough, is_zero};

/// Two models' predictions for the same rows.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'a> {
    a: Predictions<'a>,
    b: Predictions<'a>,
    clusters: &'a [Option<u32>],
}

/// What model B changes of a metric, B − A, with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// B − A on all rows.
    pub value: f64,
    /// The lower end; absent without an interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// The upper end; absent without an interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// Share of the draws in which B is worse; absent without an interval, and for metrics that are neither good nor bad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub b_is_worse: Option<f64>,
    /// Draws in which the metric of either was undefined; the others make the interval.
    #[serde(skip_serializing_if = "is_zero")]
    pub undefined_draws: u32,
}

/// Every metric's difference between two models. What is undefined for either on all rows is absent; see
/// [`super::MetricIntervals`] for the metrics.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricDifferences {
    /// Clusters that rows with a weight belong to; a row without a cluster is one.
    pub n_clusters: u64,
    /// Resamples of them.
    pub draws: u32,
    /// Of the average precision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_precision: Option<Difference>,
    /// Of the area under the ROC curve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roc_auc: Option<Difference>,
    /// Of the log loss.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_loss: Option<Difference>,
    /// Of the Brier score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brier: Option<Difference>,
    /// Of the mean gap, which is the difference of the mean probabilities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_gap: Option<Difference>,
    /// Of the macro F1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub macro_f1: Option<Difference>,
    /// One entry for each pair of thresholds, in the order in which they were given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<ThresholdDifferences>,
}

/// What B's threshold does and A's does not.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ThresholdDifferences {
    /// The threshold of A.
    pub threshold_a: f64,
    /// The threshold of B.
    pub threshold_b: f64,
    /// Of the precision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<Difference>,
    /// Of the recall.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall: Option<Difference>,
    /// Of the match rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_rate: Option<Difference>,
}

impl<'a> Pair<'a> {
    /// Rows of one id are drawn together; a row without one by itself.
    ///
    /// # Errors
    /// When the lengths differ, or the two disagree about the truth or the weight of a row.
    pub fn new(a: Predictions<'a>, b: Predictions<'a>, clusters: &'a [Option<u32>]) -> Result<Self, EvaluationError> {
        let n_rows = a.scores().n_rows() as usize;
        same_length("the second model", b.scores().n_rows() as usize, n_rows)?;
        same_length("the clusters", clusters.len(), n_rows)?;
        for (row, (a, b)) in a.scores().rows().zip(b.scores().rows()).enumerate() {
            for (what, same) in [("truth", a.positive == b.positive), ("weight", a.weight == b.weight)] {
                if !same {
                    return Err(EvaluationError::Pair { row, what });
                }
            }
        }
        Ok(Self { a, b, clusters })
    }
}

/// The difference of every metric (B − A) with its 95 % interval, over clusters.
///
/// Each model has its own thresholds; the rates are compared pair by pair as far as both go. An interval is absent as in
/// [`super::metric_intervals`], but for two models that are alike in all draws: theirs is 0 to 0.
#[must_use]
pub fn metric_differences(pair: &Pair<'_>, at: [&Thresholds<'_>; 2], config: &BootstrapConfig) -> MetricDifferences {
    let rows = pair.a.scores().rows().zip(pair.b.scores().rows()).zip(pair.clusters.iter().copied());
    let kept: Vec<((Row, Row), Option<u32>)> = rows.filter(|((a, _), _)| a.weight > 0.0).collect();
    let ids: Vec<Option<u32>> = kept.iter().map(|(_, id)| *id).collect();
    let compare = |i: usize, j: usize| {
        let ((a, b), (other_a, other_b)) = (kept[i].0, kept[j].0);
        descending(&a, &other_a).then(descending(&b, &other_b))
    };
    let (clusters, n_clusters) = number_clusters(&ids, compare);
    let side = |predictions, row_of: fn(&(Row, Row)) -> Row, thresholds: &Thresholds<'_>| {
        let rows = kept.iter().zip(&clusters).map(|((rows, _), cluster)| ClusteredRow { row: row_of(rows), cluster: *cluster });
        Side::new(predictions, rows.collect(), n_clusters, thresholds)
    };
    let n_rates = at[0].rates.len().min(at[1].rates.len());
    let of_a = Thresholds { rates: &at[0].rates[..n_rates], ..*at[0] };
    let of_b = Thresholds { rates: &at[1].rates[..n_rates], ..*at[1] };
    let (a, b) = (side(&pair.a, |r| r.0, &of_a), side(&pair.b, |r| r.1, &of_b));
    let n_draws = if n_clusters < MIN_CLUSTERS { 0 } else { config.draws as usize };
    let draws = draw_all(&[&a.ranked, &b.ranked], &[&a.losses, &b.losses], n_clusters, n_draws, config.seed);
    let differences: Vec<Option<Difference>> = Metric::all(n_rates + 1)
        .into_iter()
        .enumerate()
        .map(|(i, metric)| difference(&a, &b, metric, i, draws.iter().map(|d| d[1][i].zip(d[0][i]).map(|(b, a)| b - a))))
        .collect();
    let (whole, rates) = differences.split_at(6);
    let of_rates = of_a.rates.iter().zip(of_b.rates).zip(rates.chunks_exact(3));
    MetricDifferences {
        n_clusters: n_clusters as u64,
        draws: config.draws,
        average_precision: whole[0],
        roc_auc: whole[1],
        log_loss: whole[2],
        brier: whole[3],
        mean_gap: whole[4],
        macro_f1: whole[5],
        thresholds: of_rates
            .map(|((a, b), of)| ThresholdDifferences {
                threshold_a: *a,
                threshold_b: *b,
                precision: of[0],
                recall: of[1],
                match_rate: of[2],
            })
            .collect(),
    }
}

fn difference(a: &Side, b: &Side, metric: Metric, index: usize, draws: impl Iterator<Item = Option<f64>>) -> Option<Difference> {
    let (of_a, of_b) = (a.measured.values[index]?, b.measured.values[index]?);
    let value = of_b - of_a;
    let (defined, undefined_draws) = defined(draws);
    let mut found = Difference { value, low: None, high: None, b_is_worse: None, undefined_draws };
    if !is_enough(defined.len(), undefined_draws) {
        return Some(found);
    }
    found.b_is_worse = share_worse(metric, &defined);
    let ends = if value == 0.0 && is_constant(0.0, &defined) {
        Some([0.0, 0.0])
    } else {
        let influence = |side: &Side, value| side.measured.influence(&side.ranked, &side.losses, metric, value);
        let moved: Vec<f64> = influence(b, of_b).iter().zip(influence(a, of_a)).map(|(b, a)| b - a).collect();
        bca::interval(value, defined, &moved)
    };
    (found.low, found.high) = (ends.map(|e| e[0]), ends.map(|e| e[1]));
    Some(found)
}

/// The share of differences for the worse; `None` where a metric knows no better.
fn share_worse(metric: Metric, differences: &[f64]) -> Option<f64> {
    let worse: Option<Vec<bool>> = differences.iter().map(|d| metric.is_worse(*d)).collect();
    worse.map(|worse| worse.iter().filter(|is| **is).count() as f64 / worse.len() as f64)
}
