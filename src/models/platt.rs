//! Platt's sigmoid: p = 1 / (1 + e^−(a·s + b)), fitted to targets that are drawn in from 0 and 1.
//!
//! Targets t₊ = (N₊ + 1) / (N₊ + 2) and t₋ = 1 / (N₋ + 2), Newton's method (Platt 1999; Lin, Lin and Weng 2007). With weights,
//! N₊ and N₋ are their sums, as in scikit-learn's `_sigmoid_calibration`.

use super::logistic::ScoreLine;

/// Fits the sigmoid to raw scores on the log-odds scale.
pub(super) fn fit(score: &[f64], positive: &[bool], weight: &[f64]) -> ScoreLine {
    ScoreLine::fit(score, &soft_targets(positive, weight), weight)
}

/// t₊ for a positive, t₋ for a negative.
pub(super) fn soft_targets(positive: &[bool], weight: &[f64]) -> Vec<f64> {
    let sum_of = |class: bool| -> f64 { positive.iter().zip(weight).filter(|(y, _)| **y == class).map(|(_, w)| w).sum() };
    let high = (sum_of(true) + 1.0) / (sum_of(true) + 2.0);
    let low = 1.0 / (sum_of(false) + 2.0);
    positive.iter().map(|y| if *y { high } else { low }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCORE: [f64; 10] = [-2.0, -1.5, -1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 1.5, 2.0];
    const POSITIVE: [bool; 10] = [false, false, false, true, false, true, false, true, true, true];

    /// scikit-learn 1.9.1, `_sigmoid_calibration`, which fits p = 1 / (1 + e^(a·s + b)): signs turned around.
    #[test]
    fn the_sigmoid_is_that_of_scikit_learn() {
        let check = |weight: [f64; 10], slope: f64, intercept: f64| {
            let line = fit(&SCORE, &POSITIVE, &weight);
            assert!((line.slope - slope).abs() < 1e-4 && (line.intercept - intercept).abs() < 1e-4, "{line:?}");
        };
        check([1.0; 10], 0.939_427_656, -0.030_440_756);
        check([1.0, 2.0, 1.0, 1.0, 1.0, 3.0, 1.0, 1.0, 1.0, 1.0], 1.162_759_006, 0.259_181_846);
    }
}
