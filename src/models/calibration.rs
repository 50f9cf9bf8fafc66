//! From raw scores to probabilities, by Platt's sigmoid or an isotonic curve.

use super::CalibrationMethod;
use super::isotonic::IsotonicCurve;
use super::logistic::ScoreLine;
use super::measures::{log_loss, sigmoid};
use super::platt;

/// With fewer rows an isotonic curve follows noise (Niculescu-Mizil and Caruana 2005).
const ISOTONIC_FROM_ROWS: usize = 1_000;

/// Isotonic must beat Platt by this share of the log loss: a step-like curve mixes up scores that lie close together, so a
/// gain within the noise is no reason for it.
const ISOTONIC_GAIN: f64 = 0.01;

/// Log-odds beyond ±this are cut off: no calibration set is large enough to tell such odds apart.
const MAX_LOGIT: f64 = 15.0;

/// A fitted calibrator.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Calibrator {
    /// Platt's sigmoid.
    Platt(ScoreLine),
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
    /// The weights.
    pub(super) weight: &'a [f64],
    /// The fold of each row; calibrators are compared and cross-fitted over them.
    pub(super) fold: &'a [usize],
}

impl Calibrator {
    /// The calibrated probability, within about 3e-7 of 0 and 1 at the closest.
    pub(super) fn probability(&self, score: f64) -> f64 {
        let log_odds = match self {
            Self::Platt(line) => line.at(score),
            Self::Isotonic(curve) => curve.at(score),
        };
        sigmoid(log_odds.clamp(-MAX_LOGIT, MAX_LOGIT))
    }

    /// Which of the two it is.
    pub(super) fn method(&self) -> CalibrationMethod {
        match self {
            Self::Platt(_) => CalibrationMethod::Platt,
            Self::Isotonic(_) => CalibrationMethod::Isotonic,
        }
    }

    /// Fits one to all rows.
    pub(super) fn fit(scored: Scored, method: CalibrationMethod) -> Self {
        let line = platt::fit(scored.score, scored.positive, scored.weight);
        match choose(scored, method) {
            CalibrationMethod::Isotonic => {
                Self::Isotonic(IsotonicCurve::fit(scored.score, scored.positive, scored.weight, line.slope))
            }
            CalibrationMethod::Auto | CalibrationMethod::Platt => Self::Platt(line),
        }
    }
}

/// Each row's probability from a calibrator fitted on the other folds' rows.
pub(super) fn cross_fit(scored: Scored, method: CalibrationMethod) -> Vec<f64> {
    let mut probability = vec![0.0; scored.score.len()];
    let n_folds = scored.fold.iter().max().map_or(0, |last| last + 1);
    for fold in 0..n_folds {
        let kept: Vec<usize> = (0..scored.fold.len()).filter(|i| scored.fold[*i] != fold).collect();
        let score: Vec<f64> = kept.iter().map(|i| scored.score[*i]).collect();
        let positive: Vec<bool> = kept.iter().map(|i| scored.positive[*i]).collect();
        let weight: Vec<f64> = kept.iter().map(|i| scored.weight[*i]).collect();
        let line = platt::fit(&score, &positive, &weight);
        let calibrator = match method {
            CalibrationMethod::Isotonic => Calibrator::Isotonic(IsotonicCurve::fit(&score, &positive, &weight, line.slope)),
            CalibrationMethod::Auto | CalibrationMethod::Platt => Calibrator::Platt(line),
        };
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
    if scored.score.len() < ISOTONIC_FROM_ROWS {
        return CalibrationMethod::Platt;
    }
    let loss = |method| log_loss(&cross_fit(scored, method), scored.positive, scored.weight);
    if loss(CalibrationMethod::Isotonic) < (1.0 - ISOTONIC_GAIN) * loss(CalibrationMethod::Platt) {
        CalibrationMethod::Isotonic
    } else {
        CalibrationMethod::Platt
    }
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
        let scored = Scored { score: &score, positive: &positive, weight: &vec![1.0; n], fold: &fold };
        choose(scored, CalibrationMethod::Auto)
    }

    #[test]
    fn a_sigmoid_is_left_to_platt_and_a_step_to_isotonic() {
        assert_eq!(chosen(5000, |s| 1.5 * s), CalibrationMethod::Platt);
        let step = |s: f64| if s > 1.0 { 3.0 } else { -3.0 };
        assert_eq!(chosen(5000, step), CalibrationMethod::Isotonic);
        assert_eq!(chosen(500, step), CalibrationMethod::Platt);
    }

    #[test]
    fn overconfident_scores_are_drawn_in() {
        let (score, positive, fold) = world(4000, |s| 0.5 * s);
        let scored = Scored { score: &score, positive: &positive, weight: &vec![1.0; 4000], fold: &fold };
        for method in [CalibrationMethod::Platt, CalibrationMethod::Isotonic] {
            let calibrator = Calibrator::fit(scored, method);
            let worst = (-3..=3).map(f64::from).map(|s| (calibrator.probability(s) - sigmoid(0.5 * s)).abs()).fold(0.0, f64::max);
            assert!(worst < 0.06, "{method:?} {worst}");
        }
    }
}
