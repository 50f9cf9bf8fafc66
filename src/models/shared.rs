//! A label's log-odds from the text scores of all labels.
//!
//! Labels of one project overlap: what speaks for hate speech against a group speaks against hate speech against a person, and a
//! label of few positives learns from one of many. Each score s enters as it is and as 1 / (1 + e^−s), which tells likely from
//! unlikely and is flat elsewhere: log-odds = intercept + Σ_j slope_j · s_j + lift_j · σ(s_j).
//!
//! The scores must be out of fold for the rows that the line is fitted on: a text model's own training rows look too good.

use super::TextBlocks;
use super::TextConfig;
use super::design::Design;
use super::logistic::{LinearModel, Regression, ScoreLine, fit_block};
use super::measures::sigmoid;

/// Inverse of the L2 penalty on what the labels add, on scores scaled to unit variance: chosen on the training folds of real data.
const C: f64 = 0.1;

/// The label's own score is penalised by the square of this less: without evidence the others add nothing.
const OWN_SCALE: f64 = 10.0;

/// A line through the text scores of several labels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SharedLine {
    /// Log-odds where all terms are 0.
    pub(super) intercept: f64,
    /// Log-odds per unit of each label's score.
    pub(super) slopes: Vec<f64>,
    /// Log-odds between each label's score far below and far above 0.
    pub(super) lifts: Vec<f64>,
}

/// What a line is fitted on.
#[derive(Debug, Clone, Copy)]
pub(super) struct SharedRows<'a> {
    /// Per label the text score of each row of the set.
    pub(super) scores: &'a [&'a [f64]],
    /// The labels that may be used.
    pub(super) usable: &'a [bool],
    /// The label that the line is for.
    pub(super) own: usize,
    /// Rows of the set.
    pub(super) rows: &'a [u32],
    /// Their classes.
    pub(super) positive: &'a [bool],
    /// Their weights.
    pub(super) weight: &'a [f64],
}

impl SharedLine {
    /// The log-odds at the labels' scores.
    pub(super) fn at(&self, scores: &[f64]) -> f64 {
        let mut sum = self.intercept;
        for (label, score) in scores.iter().enumerate() {
            sum += self.term(label, *score);
        }
        sum
    }

    /// What one label's score adds.
    pub(super) fn term(&self, label: usize, score: f64) -> f64 {
        let lift = self.lifts[label];
        // Most labels of a project with one label, or of one that keeps its own score, have none.
        self.slopes[label] * score + if lift == 0.0 { 0.0 } else { lift * sigmoid(score) }
    }

    /// One label's score alone, on a straight line.
    pub(super) fn of_one(line: ScoreLine, own: usize, n_labels: usize) -> Self {
        let mut slopes = vec![0.0; n_labels];
        slopes[own] = line.slope;
        Self { intercept: line.intercept, slopes, lifts: vec![0.0; n_labels] }
    }

    /// Fits the line of a label's own score where no other may be used, else one of all that may.
    pub(super) fn fit(rows: SharedRows) -> Self {
        let n_labels = rows.scores.len();
        if rows.usable.iter().filter(|usable| **usable).count() < 2 {
            let own: Vec<f64> = rows.rows.iter().map(|row| rows.scores[rows.own][*row as usize]).collect();
            let target: Vec<f64> = rows.positive.iter().map(|y| f64::from(u8::from(*y))).collect();
            return Self::of_one(ScoreLine::fit(&own, &target, rows.weight), rows.own, n_labels);
        }
        let scales: Vec<[Scale; 2]> = (0..n_labels).map(|label| rows.scales(label)).collect();
        let dense: Vec<Vec<f32>> = (rows.rows.iter())
            .map(|row| (0..n_labels).flat_map(|label| rows.terms(label, *row, &scales[label])).collect())
            .collect();
        let design = Design::of_dense(&dense.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let config =
            TextConfig { c: C, max_ngrams: 0, min_documents: 1, tolerance: 1e-4, max_iterations: 200, blocks: TextBlocks::Joint };
        let regression = Regression { positive: rows.positive.to_vec(), weight: rows.weight.to_vec(), start: None };
        let every: Vec<u32> = (0..rows.rows.len() as u32).collect();
        let fitted = fit_block(&design, &every, &[regression], &config).pop();
        fitted.map_or_else(
            || Self::of_one(ScoreLine { intercept: 0.0, slope: 1.0 }, rows.own, n_labels),
            |m| Self::unscaled(&m, &scales),
        )
    }

    fn unscaled(model: &LinearModel, scales: &[[Scale; 2]]) -> Self {
        let mut line = Self { intercept: model.intercept, slopes: Vec::new(), lifts: Vec::new() };
        for (label, [score, lift]) in scales.iter().enumerate() {
            let (a, b) = (model.weights[2 * label] * score.factor, model.weights[2 * label + 1] * lift.factor);
            line.intercept -= a * score.mean + b * lift.mean;
            line.slopes.push(a);
            line.lifts.push(b);
        }
        line
    }
}

/// value → (value − mean) · factor
#[derive(Debug, Clone, Copy)]
struct Scale {
    mean: f64,
    factor: f64,
}

impl SharedRows<'_> {
    /// Scales that give a label's score and its sigmoid unit variance, the own ones more; 0 for a label that may not be used.
    fn scales(&self, label: usize) -> [Scale; 2] {
        if !self.usable[label] {
            return [Scale { mean: 0.0, factor: 0.0 }; 2];
        }
        let score = |row: &u32| self.scores[label][*row as usize];
        let of = |value: &dyn Fn(f64) -> f64, wanted: f64| {
            let n = self.rows.len().max(1) as f64;
            let mean = self.rows.iter().map(|row| value(score(row))).sum::<f64>() / n;
            let variance = self.rows.iter().map(|row| (value(score(row)) - mean).powi(2)).sum::<f64>() / n;
            Scale { mean, factor: if variance > 1e-18 { wanted / variance.sqrt() } else { 0.0 } }
        };
        [of(&|s| s, if label == self.own { OWN_SCALE } else { 1.0 }), of(&sigmoid, 1.0)]
    }

    fn terms(&self, label: usize, row: u32, [score, lift]: &[Scale; 2]) -> [f32; 2] {
        let s = self.scores[label][row as usize];
        [((s - score.mean) * score.factor) as f32, ((sigmoid(s) - lift.mean) * lift.factor) as f32]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: usize = 400;

    /// Two labels' scores, the second of which decides the class where it is above 0, and the first says little.
    fn scores() -> (Vec<f64>, Vec<f64>, Vec<bool>) {
        let first: Vec<f64> = (0..N).map(|i| ((i * 37) % 101) as f64 / 50.0 - 1.0).collect();
        let second: Vec<f64> = (0..N).map(|i| ((i * 53) % 97) as f64 / 48.0 - 1.0).collect();
        let positive = (0..N).map(|i| second[i] > 0.0 && (i % 10 != 0) || first[i] > 0.9).collect();
        (first, second, positive)
    }

    fn fitted(usable: [bool; 2]) -> SharedLine {
        let (first, second, positive) = scores();
        let rows: Vec<u32> = (0..N as u32).collect();
        SharedLine::fit(SharedRows {
            scores: &[&first, &second],
            usable: &usable,
            own: 0,
            rows: &rows,
            positive: &positive,
            weight: &[1.0; N],
        })
    }

    #[test]
    fn another_labels_score_is_used_where_it_tells_more() {
        let line = fitted([true, true]);
        assert!(line.at(&[0.0, 0.9]) > line.at(&[0.0, -0.9]) + 1.0, "{line:?}");
    }

    #[test]
    fn a_label_that_may_not_be_used_has_no_part() {
        let line = fitted([true, false]);
        assert_eq!((line.slopes[1], &line.lifts[..]), (0.0, &[0.0, 0.0][..]));
        assert!(line.slopes[0] > 0.0);
    }

    #[test]
    fn terms_sum_to_the_log_odds() {
        let line = SharedLine { intercept: 0.5, slopes: vec![2.0, -1.0], lifts: vec![0.0, 4.0] };
        // 0.5 + 2 · 1 − 1 · 0 + 4 · σ(0)
        assert_eq!(line.at(&[1.0, 0.0]), 4.5);
    }
}
