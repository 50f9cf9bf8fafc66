//! From raw scores to probabilities, by Platt's sigmoid, a beta curve or an isotonic curve.

use super::CalibrationMethod;
use super::beta::BetaCurve;
use super::isotonic::IsotonicCurve;
use super::logistic::ScoreLine;
use super::measures::{log_loss, sigmoid};
use super::platt;
use crate::units::Market;

/// With fewer rows a third number is not worth its noise.
const BETA_FROM_ROWS: usize = 300;

/// With fewer rows an isotonic curve follows noise (Niculescu-Mizil and Caruana 2005).
const ISOTONIC_FROM_ROWS: usize = 1_000;

/// A beta curve must beat Platt by this share of the log loss: a third number that brings less is noise.
const BETA_GAIN: f64 = 0.005;

/// Isotonic must beat the better of the two by this share of the log loss: a step-like curve mixes up scores that lie close
/// together, so a gain within the noise is no reason for it.
const ISOTONIC_GAIN: f64 = 0.01;

/// Log-odds beyond ±this are cut off: no calibration set is large enough to tell such odds apart.
const MAX_LOGIT: f64 = 15.0;

/// A fitted calibrator.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Calibrator {
    /// Platt's sigmoid.
    Platt(ScoreLine),
    /// A sigmoid with two slopes.
    Beta(BetaCurve),
    /// An increasing curve.
    Isotonic(IsotonicCurve),
}

/// Raw scores with what came of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scored<'a> {
    /// Raw scores on the log-odds scale.
    pub(super) score: &'a [f64],
    /// The classes.
    pub(super) positive: &'a [bool],
    /// The weights; a row of weight 0 is given a probability but teaches nothing.
    pub(super) weight: &'a [f64],
    /// The fold of each row; calibrators are compared and cross-fitted over them.
    pub(super) fold: &'a [usize],
    /// The market of each row; empty where none is known.
    pub(super) market: &'a [Market],
}

/// Rows that a calibrator is fitted to; all weights are above 0.
#[derive(Debug, Default)]
pub(super) struct FitRows {
    /// Where each stood among the scored rows.
    pub(super) row: Vec<usize>,
    /// Raw scores.
    pub(super) score: Vec<f64>,
    /// The classes.
    pub(super) positive: Vec<bool>,
    /// The weights.
    pub(super) weight: Vec<f64>,
}

impl Scored<'_> {
    /// Number of folds.
    pub(super) fn n_folds(&self) -> usize {
        self.fold.iter().max().map_or(0, |last| last + 1)
    }

    /// The rows of some weight that `keep` keeps.
    pub(super) fn rows(&self, keep: impl Fn(usize) -> bool) -> FitRows {
        let mut rows = FitRows::default();
        for i in (0..self.score.len()).filter(|i| self.weight[*i] > 0.0 && keep(*i)) {
            rows.row.push(i);
            rows.score.push(self.score[i]);
            rows.positive.push(self.positive[i]);
            rows.weight.push(self.weight[i]);
        }
        rows
    }
}

impl Calibrator {
    /// The calibrated probability, within about 3e-7 of 0 and 1 at the closest.
    pub(super) fn probability(&self, score: f64) -> f64 {
        probability_at(self.log_odds(score))
    }

    /// The calibrated log-odds, before they are cut off.
    pub(super) fn log_odds(&self, score: f64) -> f64 {
        match self {
            Self::Platt(line) => line.at(score),
            Self::Beta(curve) => curve.at(score),
            Self::Isotonic(curve) => curve.at(score),
        }
    }

    /// Which of them it is.
    pub(super) fn method(&self) -> CalibrationMethod {
        match self {
            Self::Platt(_) => CalibrationMethod::Platt,
            Self::Beta(_) => CalibrationMethod::Beta,
            Self::Isotonic(_) => CalibrationMethod::Isotonic,
        }
    }

    /// Fits one to all rows.
    pub(super) fn fit(scored: Scored, method: CalibrationMethod) -> Self {
        Self::of_rows(&scored.rows(|_| true), choose(scored, method))
    }

    /// Fits a settled method; `Auto` counts as Platt.
    pub(super) fn of_rows(rows: &FitRows, method: CalibrationMethod) -> Self {
        let (score, positive, weight) = (&rows.score, &rows.positive, &rows.weight);
        let line = || platt::fit(score, positive, weight);
        match method {
            CalibrationMethod::Isotonic => Self::Isotonic(IsotonicCurve::fit(score, positive, weight, line().slope)),
            CalibrationMethod::Beta => Self::Beta(BetaCurve::fit(score, positive, weight)),
            CalibrationMethod::Auto | CalibrationMethod::Platt => Self::Platt(line()),
        }
    }
}

/// The probability of log-odds, cut off where no calibration set reaches.
pub(super) fn probability_at(log_odds: f64) -> f64 {
    sigmoid(log_odds.clamp(-MAX_LOGIT, MAX_LOGIT))
}

/// Each row's probability from a calibrator fitted on the other folds' rows.
pub(super) fn cross_fit(scored: Scored, method: CalibrationMethod) -> Vec<f64> {
    let mut probability = vec![0.0; scored.score.len()];
    for fold in 0..scored.n_folds() {
        let calibrator = Calibrator::of_rows(&scored.rows(|i| scored.fold[i] != fold), method);
        for (i, p) in probability.iter_mut().enumerate().filter(|(i, _)| scored.fold[*i] == fold) {
            *p = calibrator.probability(scored.score[i]);
        }
    }
    probability
}

/// Settles `Auto` by cross-fitted log loss.
pub(super) fn choose(scored: Scored, method: CalibrationMethod) -> CalibrationMethod {
    if method != CalibrationMethod::Auto {
        return method;
    }
    let n_rows = scored.weight.iter().filter(|w| **w > 0.0).count();
    if n_rows < BETA_FROM_ROWS {
        return CalibrationMethod::Platt;
    }
    let loss = |method| log_loss(&cross_fit(scored, method), scored.positive, scored.weight);
    let mut best = (CalibrationMethod::Platt, loss(CalibrationMethod::Platt));
    for (method, gain, least_rows) in
        [(CalibrationMethod::Beta, BETA_GAIN, BETA_FROM_ROWS), (CalibrationMethod::Isotonic, ISOTONIC_GAIN, ISOTONIC_FROM_ROWS)]
    {
        if n_rows >= least_rows {
            let found = loss(method);
            if found < (1.0 - gain) * best.1 {
                best = (method, found);
            }
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores whose true log-odds are `of(score)`, with evenly spread outcomes.
    fn world(n: usize, of: impl Fn(f64) -> f64) -> (Vec<f64>, Vec<bool>, Vec<usize>) {
        let score: Vec<f64> = (0..n).map(|i| 8.0 * i as f64 / n as f64 - 4.0).collect();
        let positive = score.iter().enumerate().map(|(i, s)| (i * 7919 % n) as f64 / (n as f64) < sigmoid(of(*s))).collect();
        (score, positive, (0..n).map(|i| i % 3).collect())
    }

    fn chosen(n: usize, of: impl Fn(f64) -> f64) -> CalibrationMethod {
        let (score, positive, fold) = world(n, of);
        let scored = Scored { score: &score, positive: &positive, weight: &vec![1.0; n], fold: &fold, market: &[] };
        choose(scored, CalibrationMethod::Auto)
    }

    #[test]
    fn each_shape_goes_to_the_method_that_can_follow_it() {
        assert_eq!(chosen(5000, |s| 1.5 * s), CalibrationMethod::Platt);
        // Too sure of what is innocent, and right about what is not.
        assert_eq!(chosen(5000, |s| if s < 0.0 { 0.4 * s } else { 2.0 * s }), CalibrationMethod::Beta);
        let step = |s: f64| if s > 1.0 { 3.0 } else { -3.0 };
        assert_eq!(chosen(5000, step), CalibrationMethod::Isotonic);
        assert_eq!((chosen(500, step), chosen(200, step)), (CalibrationMethod::Beta, CalibrationMethod::Platt));
    }

    #[test]
    fn rows_without_weight_teach_nothing() {
        let (score, mut positive, fold) = world(4000, |s| s);
        let weight: Vec<f64> = (0..4000).map(|i| if i % 4 == 1 { 0.0 } else { 2.0 }).collect();
        for method in [CalibrationMethod::Platt, CalibrationMethod::Beta, CalibrationMethod::Isotonic] {
            let fitted = |positive: &[bool]| {
                Calibrator::fit(Scored { score: &score, positive, weight: &weight, fold: &fold, market: &[] }, method)
            };
            let before = fitted(&positive);
            (1..4000).step_by(4).for_each(|i| positive[i] = !positive[i]);
            assert_eq!(before, fitted(&positive));
        }
    }

    #[test]
    fn overconfident_scores_are_drawn_in() {
        let (score, positive, fold) = world(4000, |s| 0.5 * s);
        let scored = Scored { score: &score, positive: &positive, weight: &vec![1.0; 4000], fold: &fold, market: &[] };
        for method in [CalibrationMethod::Platt, CalibrationMethod::Beta, CalibrationMethod::Isotonic] {
            let calibrator = Calibrator::fit(scored, method);
            let worst = (-3..=3).map(f64::from).map(|s| (calibrator.probability(s) - sigmoid(0.5 * s)).abs()).fold(0.0, f64::max);
            assert!(worst < 0.06, "{method:?} {worst}");
        }
    }
}
