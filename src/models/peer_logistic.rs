//! The logistic regression of linfa, as a peer.
//!
//! linfa calls the class that more rows have positive and, in some versions, gave the probability of the other one
//! (linfa#393): the direction is read from the fitted labels here and held by a test. Its sums use whatever its matrix
//! multiplication finds on the machine, so the last digits of its figures may differ between machines; nothing that is
//! stored in a model does.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2, ArrayView2};

use super::peers::{DenseRows, FittedPeer};

/// L2 penalty on standardised columns: linfa's and scikit-learn's default.
const ALPHA: f64 = 1.0;

/// Iterations at most.
const MAX_ITERATIONS: u64 = 100;

/// The fit ends when the gradient, a sum over rows, is this small for each of them.
const TOLERANCE_OF_A_ROW: f64 = 1e-5;

/// Fits `train` and gives the log-odds of violating for other rows; `None` where linfa finds no answer.
pub(super) fn fit(train: &DenseRows) -> Option<FittedPeer> {
    let n = train.positive.len();
    let records = Array2::from_shape_vec((n, train.n_columns), train.values.clone()).ok()?;
    let targets: Array1<bool> = train.positive.iter().copied().collect();
    let fitted = LogisticRegression::default()
        .alpha(ALPHA)
        .max_iterations(MAX_ITERATIONS)
        .gradient_tolerance(TOLERANCE_OF_A_ROW * n as f64)
        .fit(&DatasetBase::new(records, targets))
        .ok()?;
    let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
    Some(Box::new(move |score| {
        let rows = ArrayView2::from_shape((score.positive.len(), score.n_columns), &score.values).ok()?;
        let log_odds = rows.dot(fitted.params()) + fitted.intercept();
        Some(log_odds.iter().map(|z| sign * z).collect())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::peers::tests::told_by_the_first_column;

    /// linfa#393: the direction must hold whichever class is larger and whichever comes first.
    #[test]
    fn higher_is_violating_whichever_class_is_larger_or_first() {
        let rows = told_by_the_first_column(301);
        for (turned, first) in [(false, 0), (false, 1), (true, 0), (true, 1)] {
            let mut train = rows.clone();
            train.values.drain(..2 * first);
            train.positive.drain(..first);
            if turned {
                train.positive.iter_mut().for_each(|y| *y = !*y);
            }
            let log_odds = fit(&train).unwrap()(&train).unwrap();
            let mean = |class: bool| {
                let of: Vec<f64> = log_odds.iter().zip(&train.positive).filter(|(_, y)| **y == class).map(|(z, _)| *z).collect();
                of.iter().sum::<f64>() / of.len() as f64
            };
            assert!(mean(true) > mean(false) + 1.0, "turned {turned}, first {first}");
        }
    }

    /// scikit-learn 1.9.1, `LogisticRegression(C=1.0, tol=1e-10)` on the same ten rows.
    #[test]
    fn the_log_odds_are_those_of_scikit_learn() {
        let values: Vec<f64> = (0..10).flat_map(|i| [f64::from(i) / 4.0 - 1.0, f64::from(i * i % 7) / 3.0 - 1.0]).collect();
        let positive = [false, false, true, false, true, false, true, true, false, true].to_vec();
        let rows = DenseRows { values, n_columns: 2, positive };
        let found = fit(&rows).unwrap()(&rows).unwrap();
        for (at, expect) in [(0, -0.836_125), (3, -0.215_950), (7, 0.208_687), (9, 0.852_000)] {
            assert!((found[at] - expect).abs() < 2e-3, "row {at}: {} for {expect}", found[at]);
        }
    }
}
