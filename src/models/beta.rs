//! Beta calibration (Kull, Silva Filho and Flach 2017): logit p' = a ln p − b ln(1 − p) + c with a, b ≥ 0.
//!
//! With p = 1 / (1 + e^−s) this is c − a·ln(1 + e^−s) + b·ln(1 + e^s): the log-odds rise with slope a far below even odds, b far
//! above, and smoothly between, so that it mends scores that are too sure on one side only, where Platt's sigmoid (a = b) cannot.
//! The targets are drawn in as Platt's are (see `platt`), which the paper leaves out: scores that separate the classes then end
//! finite.

use super::measures::softplus;
use super::newton::Problem;
use super::platt::soft_targets;

/// The three numbers of a beta calibrator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BetaCurve {
    /// Slope of the log-odds far below even odds; at least 0.
    pub(super) a: f64,
    /// Slope of the log-odds far above even odds; at least 0.
    pub(super) b: f64,
    /// What is added to the log-odds.
    pub(super) c: f64,
}

impl BetaCurve {
    /// Fits raw scores on the log-odds scale. All weights are above 0.
    pub(super) fn fit(score: &[f64], positive: &[bool], weight: &[f64]) -> Self {
        let x: Vec<[f64; 3]> = score.iter().map(|s| [-softplus(-s), softplus(*s), 1.0]).collect();
        let (target, offset) = (soft_targets(positive, weight), vec![0.0; score.len()]);
        let problem = Problem { x: &x, offset: &offset, target: &target, weight, ridge: [0.0; 3] };
        // The objective is convex, so the least of the faces' feasible optima is the optimum under a, b ≥ 0.
        let faces = [[true, true, true], [false, true, true], [true, false, true], [false, false, true]];
        let optima = faces.map(|free| problem.solve(free));
        let feasible = optima.iter().filter(|([a, b, c], _)| *a >= 0.0 && *b >= 0.0 && c.is_finite());
        let best = feasible.fold(optima[3], |best, next| if next.1 < best.1 { *next } else { best });
        let [a, b, c] = best.0;
        Self { a, b, c }
    }

    /// The log-odds at a raw score.
    pub(super) fn at(self, score: f64) -> f64 {
        self.c - self.a * softplus(-score) + self.b * softplus(score)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::models::platt;

    const SCORE: [f64; 10] = [-2.0, -1.5, -1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 1.5, 2.0];
    const POSITIVE: [bool; 10] = [false, false, false, true, false, true, false, true, true, true];

    /// scipy 1.17.1, `minimize` (L-BFGS-B with bounds a, b ≥ 0, then `trust-constr` to the same digits) of the same objective.
    #[test]
    fn the_numbers_are_those_of_scipy() {
        let check = |score: &[f64], positive: &[bool], weight: &[f64], expect: [f64; 3]| {
            let found = BetaCurve::fit(score, positive, weight);
            let off = [found.a - expect[0], found.b - expect[1], found.c - expect[2]];
            assert!(off.iter().all(|d| d.abs() < 2e-5), "{found:?}, not {expect:?}");
        };
        check(&SCORE, &POSITIVE, &[1.0; 10], [0.814_272, 1.066_458, -0.237_620]);
        check(&SCORE, &POSITIVE, &[1.0, 2.0, 1.0, 1.0, 1.0, 3.0, 1.0, 1.0, 1.0, 1.0], [1.764_784, 0.487_515, 1.274_225]);
        // A falling right side: b is held at 0.
        check(
            &SCORE,
            &[false, false, false, true, true, true, true, false, true, false],
            &[1.0; 10],
            [1.009_762, 0.0, 0.843_155],
        );
    }

    proptest! {
        /// Platt's sigmoid is a beta curve with a = b, so the fitted curve never loses to it.
        #[test]
        fn it_rises_and_never_loses_to_the_sigmoid(rows in prop::collection::vec((-8.0..8.0_f64, any::<bool>(), 0.1..5.0_f64), 1..60)) {
            let score: Vec<f64> = rows.iter().map(|row| row.0).collect();
            let positive: Vec<bool> = rows.iter().map(|row| row.1).collect();
            let weight: Vec<f64> = rows.iter().map(|row| row.2).collect();
            let curve = BetaCurve::fit(&score, &positive, &weight);
            prop_assert!(curve.a >= 0.0 && curve.b >= 0.0 && curve.c.is_finite());
            let line = platt::fit(&score, &positive, &weight);
            let target = soft_targets(&positive, &weight);
            let loss = |log_odds: &dyn Fn(f64) -> f64| -> f64 {
                let of = |i: usize| {
                    let f = log_odds(score[i]);
                    weight[i] * (target[i] * softplus(-f) + (1.0 - target[i]) * softplus(f))
                };
                (0..score.len()).map(of).sum()
            };
            prop_assert!(loss(&|s| curve.at(s)) <= loss(&|s| line.at(s)) + 1e-6);
        }
    }

    #[test]
    fn a_score_worse_than_none_becomes_flat() {
        let curve = BetaCurve::fit(&[1.0, 2.0, 3.0, 4.0], &[true, true, false, false], &[1.0; 4]);
        assert_eq!((curve.a, curve.b), (0.0, 0.0));
        assert!(curve.c.abs() < 1e-9);
    }

    #[test]
    fn separable_scores_end_finite_and_rise() {
        let curve = BetaCurve::fit(&[-1.0, -0.5, 0.5, 1.0], &[false, false, true, true], &[1.0; 4]);
        assert!([curve.a, curve.b, curve.c].iter().all(|v| v.is_finite()));
        assert!(curve.at(1.0) > curve.at(-1.0) + 1.0);
    }
}
