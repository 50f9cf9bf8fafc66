//! The random forest of smartcore, as a peer.
//!
//! Its classifier gives no probabilities, so its regressor is fitted to 0 and 1: the mean of the leaves is a probability
//! (Breiman 2001). It runs on one thread, and every tree sorts every column: the caller bounds the rows and runs folds and
//! labels side by side. The seed alone decides it.

use smartcore::ensemble::random_forest_regressor::{RandomForestRegressor, RandomForestRegressorParameters};
use smartcore::linalg::basic::matrix::DenseMatrix;

use super::measures::logit;
use super::peers::{DenseRows, FittedPeer};

/// Splits from root to leaf at most.
const MAX_DEPTH: u16 = 12;

/// Rows of a leaf at least.
const MIN_LEAF: usize = 3;

/// A forest of few trees may be certain; its probabilities are kept this far from 0 and 1.
const EDGE: f64 = 0.005;

/// Fits `train` and gives the log-odds of violating for other rows; `None` where smartcore finds no answer.
pub(super) fn fit(train: &DenseRows, n_trees: usize, seed: u64) -> Option<FittedPeer> {
    if train.n_columns == 0 {
        return None;
    }
    let target: Vec<f64> = train.positive.iter().map(|y| f64::from(u8::from(*y))).collect();
    let parameters = RandomForestRegressorParameters::default()
        .with_n_trees(n_trees)
        .with_max_depth(MAX_DEPTH)
        .with_min_samples_leaf(MIN_LEAF)
        .with_m(((train.n_columns as f64).sqrt() as usize).max(1))
        .with_seed(seed);
    let forest = RandomForestRegressor::fit(&matrix(train)?, &target, parameters).ok()?;
    Some(Box::new(move |score| {
        let found = forest.predict(&matrix(score)?).ok()?;
        Some(found.into_iter().map(|p| logit(p.clamp(EDGE, 1.0 - EDGE))).collect())
    }))
}

fn matrix(rows: &DenseRows) -> Option<DenseMatrix<f64>> {
    DenseMatrix::new(rows.positive.len(), rows.n_columns, rows.values.clone(), false).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::peers::tests::told_by_the_first_column;

    fn scores(rows: &DenseRows, seed: u64) -> Vec<f64> {
        fit(rows, 10, seed).unwrap()(rows).unwrap()
    }

    #[test]
    fn higher_is_violating_and_a_seed_is_an_answer() {
        let rows = told_by_the_first_column(240);
        let found = scores(&rows, 3);
        let mean = |class: bool| {
            let of: Vec<f64> = found.iter().zip(&rows.positive).filter(|(_, y)| **y == class).map(|(z, _)| *z).collect();
            of.iter().sum::<f64>() / of.len() as f64
        };
        assert!(mean(true) > mean(false) + 1.0);
        assert_eq!(found, scores(&rows, 3));
        assert_ne!(found, scores(&rows, 4));
        assert!(fit(&DenseRows { values: vec![], n_columns: 0, ..rows }, 10, 3).is_none());
    }
}
