//! How much a model leans on each feature.

use super::derivatives::counter_hash;
use super::measures::average_precision;
use super::tree::SymmetricTree;
use crate::features::FeatureMatrix;

/// Each feature's share of what all questions gained in training; features beyond `n_features` are left out. All 0 without trees.
pub(super) fn gain_shares(trees: &[SymmetricTree], n_features: usize) -> Vec<f64> {
    let mut shares = vec![0.0; n_features];
    for tree in trees {
        for (level, gain) in tree.levels.iter().zip(&tree.gains) {
            if let Some(share) = shares.get_mut(level.feature as usize) {
                *share += f64::from(*gain);
            }
        }
    }
    let total = shares.iter().fold(0.0, |a, b| a + b);
    if total > 0.0 {
        shares.iter_mut().for_each(|share| *share /= total);
    }
    shares
}

/// By how much the average precision of `score` falls when a feature's values are dealt out among the rows at random (Breiman,
/// "Random forests", 2001, section 10): one number a feature, the mean over `repeats` deals.
///
/// `positive` and `weight` have one entry a row of `matrix`. A deal is a function of seed, feature and repeat.
pub fn permutation_importance(
    matrix: &FeatureMatrix,
    positive: &[bool],
    weight: &[f64],
    (seed, repeats): (u64, usize),
    score: impl Fn(&FeatureMatrix) -> Vec<f64>,
) -> Vec<f64> {
    let whole = average_precision(&score(matrix), positive, weight);
    let mut dealt = matrix.clone();
    let mut falls = Vec::with_capacity(matrix.n_features);
    for feature in 0..matrix.n_features {
        let mut sum = 0.0;
        for repeat in 0..repeats {
            let stream = (feature * repeats + repeat) as u64;
            let mut order: Vec<usize> = (0..matrix.n_rows()).collect();
            order.sort_by_key(|row| (counter_hash(seed, stream, *row as u64), *row));
            for (row, from) in order.into_iter().enumerate() {
                dealt.values[row * matrix.n_features + feature] = matrix.values[from * matrix.n_features + feature];
            }
            sum += whole - average_precision(&score(&dealt), positive, weight);
        }
        for row in 0..matrix.n_rows() {
            dealt.values[row * matrix.n_features + feature] = matrix.values[row * matrix.n_features + feature];
        }
        falls.push(if repeats > 0 { sum / repeats as f64 } else { 0.0 });
    }
    falls
}
