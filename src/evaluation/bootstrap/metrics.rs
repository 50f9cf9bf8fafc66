//! The metrics that have intervals: what each is on all rows, and how much each cluster moves it.

use super::super::calibration::{brier, log_loss};
use super::super::confusion::Confusion;
use super::super::interval::effective_n;
use super::super::predictions::Predictions;
use super::super::ranking::{average_precision_along, roc_auc_along};
use super::super::sum::Sum;
use super::draws::LossSums;
use super::rows::Ranked;

/// What is computed for every draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Metric {
    AveragePrecision,
    RocAuc,
    LogLoss,
    Brier,
    MeanGap,
    MacroF1,
    /// At the threshold of that index.
    Precision(usize),
    Recall(usize),
    MatchRate(usize),
}

impl Metric {
    /// All metrics, in the order of a draw's numbers. The first threshold is that of the macro F1, the others have rates.
    pub(super) fn all(n_thresholds: usize) -> Vec<Self> {
        let mut all = vec![Self::AveragePrecision, Self::RocAuc, Self::LogLoss, Self::Brier, Self::MeanGap, Self::MacroF1];
        all.extend((1..n_thresholds).flat_map(|t| [Self::Precision(t), Self::Recall(t), Self::MatchRate(t)]));
        all
    }

    /// Whether it is a share of cases, for which Wilson's interval is defined.
    pub(super) fn is_share(self) -> bool {
        matches!(self, Self::Precision(_) | Self::Recall(_) | Self::MatchRate(_))
    }

    /// Whether a difference of that sign is for the worse; `None` where more is neither better nor worse.
    pub(super) fn is_worse(self, difference: f64) -> Option<bool> {
        match self {
            Self::LogLoss | Self::Brier => Some(difference > 0.0),
            Self::MeanGap | Self::MatchRate(_) => None,
            _ => Some(difference < 0.0),
        }
    }
}

/// One set of rows with its metrics.
pub(super) struct Measured {
    /// In the order of [`Metric::all`]; the same numbers as the functions of the metrics give.
    pub(super) values: Vec<Option<f64>>,
    class: [f64; 2],
    confusions: Vec<Confusion>,
}

impl Measured {
    pub(super) fn new(predictions: &Predictions<'_>, ranked: &Ranked, thresholds: &[f64], losses: &[LossSums]) -> Self {
        let scores = predictions.scores();
        let rows = || ranked.rows.iter().map(|r| r.row);
        let classes = scores.class_weights();
        let confusions: Vec<Confusion> = thresholds.iter().map(|t| Confusion::at(scores, *t)).collect();
        let total = confusions.first().map_or(0.0, Confusion::total);
        let gap = losses.iter().map(|l| l[2]).collect::<Sum>().value();
        let mut values = vec![
            classes.map(|c| average_precision_along(rows(), c)),
            classes.map(|c| roc_auc_along(rows(), c)),
            log_loss(predictions),
            brier(predictions),
            (total > 0.0).then(|| gap / total),
        ];
        let mut at = confusions.iter();
        values.push(at.next().and_then(Confusion::macro_f1));
        values.extend(at.flat_map(|c| [c.precision(), c.recall(), c.match_rate()]));
        let sum = |class: bool| rows().filter(|r| r.positive == class).map(|r| r.weight).collect::<Sum>().value();
        Self { values, class: [sum(true), sum(false)], confusions }
    }

    /// The derivative of a metric in the weight of each cluster, at the weights as they are (the empirical influence values of
    /// Efron 1982); `None` where the metric is undefined. They sum to 0.
    pub(super) fn influence(&self, ranked: &Ranked, losses: &[LossSums], metric: Metric, value: f64) -> Vec<f64> {
        match metric {
            Metric::AveragePrecision => self.of_average_precision(ranked, value),
            Metric::RocAuc => self.of_roc_auc(ranked, value),
            Metric::LogLoss => self.of_mean(ranked, losses, 0, value),
            Metric::Brier => self.of_mean(ranked, losses, 1, value),
            Metric::MeanGap => self.of_mean(ranked, losses, 2, value),
            Metric::MacroF1 => {
                let violating = self.of_ratio(ranked, 0, [2.0, 0.0, 0.0, 0.0], [2.0, 1.0, 1.0, 0.0]);
                let compliant = self.of_ratio(ranked, 0, [0.0, 0.0, 0.0, 2.0], [0.0, 1.0, 1.0, 2.0]);
                violating.iter().zip(compliant).map(|(a, b)| (a + b) / 2.0).collect()
            }
            Metric::Precision(t) => self.of_ratio(ranked, t, [1.0, 0.0, 0.0, 0.0], DENOMINATORS[0]),
            Metric::Recall(t) => self.of_ratio(ranked, t, [1.0, 0.0, 0.0, 0.0], DENOMINATORS[1]),
            Metric::MatchRate(t) => self.of_ratio(ranked, t, [1.0, 1.0, 0.0, 0.0], DENOMINATORS[2]),
        }
    }

    /// Kish's number of clusters that speak for a share: by the weight of the cases that it is a share of.
    pub(super) fn effective_clusters(&self, ranked: &Ranked, metric: Metric) -> Option<f64> {
        let (t, whole) = match metric {
            Metric::Precision(t) => (t, DENOMINATORS[0]),
            Metric::Recall(t) => (t, DENOMINATORS[1]),
            Metric::MatchRate(t) => (t, DENOMINATORS[2]),
            _ => return None,
        };
        effective_n(&self.by_cluster(ranked, t, whole))
    }

    /// Weight of the cells of the confusion matrix (tp, fp, fn, tn) by cluster, each times its factor.
    fn by_cluster(&self, ranked: &Ranked, threshold: usize, factor: [f64; 4]) -> Vec<f64> {
        let reaching = ranked.reaching[threshold];
        let mut sums = vec![0.0; ranked.n_clusters];
        for (i, found) in ranked.rows.iter().enumerate() {
            let cell = usize::from(!found.row.positive) ^ if i < reaching { 0 } else { 2 };
            sums[found.cluster as usize] += factor[cell] * found.row.weight;
        }
        sums
    }

    /// Of part ÷ whole, both sums of cells times their factors.
    fn of_ratio(&self, ranked: &Ranked, threshold: usize, part: [f64; 4], whole: [f64; 4]) -> Vec<f64> {
        let c = &self.confusions[threshold];
        let cells = [c.true_positive, c.false_positive, c.false_negative, c.true_negative];
        let sum = |factor: [f64; 4]| factor.iter().zip(cells).map(|(f, cell)| f * cell).sum::<f64>();
        let (ratio, total) = (sum(part) / sum(whole), sum(whole));
        self.by_cluster(ranked, threshold, std::array::from_fn(|i| (part[i] - ratio * whole[i]) / total))
    }

    fn of_mean(&self, ranked: &Ranked, losses: &[LossSums], which: usize, mean: f64) -> Vec<f64> {
        let total = self.class[0] + self.class[1];
        let mut influence: Vec<f64> = losses.iter().map(|l| l[which] / total).collect();
        for found in &ranked.rows {
            influence[found.cluster as usize] -= found.row.weight * mean / total;
        }
        influence
    }

    /// AP = Σ over positive rows p of w_p T_p ÷ A_p ÷ P, with T the positive and A all weight at or above the row's score. A row k
    /// is in P if positive, and in T and A of every row at or below it.
    fn of_average_precision(&self, ranked: &Ranked, value: f64) -> Vec<f64> {
        let mut influence = vec![0.0; ranked.n_clusters];
        let (mut by_all, mut by_positive) = (0.0, 0.0);
        for step in steps_from_below(ranked) {
            let [positive, _] = step.own;
            let reached = step.above[0] + step.above[1];
            let precision = step.above[0] / reached;
            by_positive += positive / reached;
            by_all += positive * precision / reached;
            for found in step.rows {
                let own = if found.row.positive { precision - value + by_positive } else { 0.0 };
                influence[found.cluster as usize] += found.row.weight * (own - by_all) / self.class[0];
            }
        }
        influence
    }

    /// Each row's share of the other class that it is in order with, ties counting half, less the AUC.
    fn of_roc_auc(&self, ranked: &Ranked, value: f64) -> Vec<f64> {
        let mut influence = vec![0.0; ranked.n_clusters];
        let [all_positive, all_negative] = self.class;
        for step in steps_from_below(ranked) {
            let for_positive = (all_negative - step.above[1] + step.own[1] / 2.0) / all_negative - value;
            let for_negative = (step.above[0] - step.own[0] / 2.0) / all_positive - value;
            for found in step.rows {
                let own = if found.row.positive { for_positive / all_positive } else { for_negative / all_negative };
                influence[found.cluster as usize] += found.row.weight * own;
            }
        }
        influence
    }
}

/// What precision, recall and match rate are shares of, in factors of the cells (tp, fp, fn, tn).
const DENOMINATORS: [[f64; 4]; 3] = [[1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0], [1.0, 1.0, 1.0, 1.0]];

/// The rows of one score.
struct Step<'a> {
    rows: &'a [super::rows::ClusteredRow],
    /// Weight of its positive and of its negative rows.
    own: [f64; 2],
    /// The same of all rows with its score or a higher one.
    above: [f64; 2],
}

/// The distinct scores, lowest first.
fn steps_from_below(ranked: &Ranked) -> Vec<Step<'_>> {
    let mut above = [0.0; 2];
    let mut steps: Vec<Step<'_>> = Vec::new();
    for rows in ranked.rows.chunk_by(|a, b| a.row.score == b.row.score) {
        let mut own = [0.0; 2];
        rows.iter().for_each(|r| own[usize::from(!r.row.positive)] += r.row.weight);
        above = [above[0] + own[0], above[1] + own[1]];
        steps.push(Step { rows, own, above });
    }
    steps.reverse();
    steps
}
