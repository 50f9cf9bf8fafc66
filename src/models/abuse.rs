//! One probability of any abuse from the abuse labels' probabilities.
//!
//! 1 − Π(1 − p_k) (noisy-or) would be right if labels were independent; they are not, so it is recalibrated on held-out rows
//! against "violating under any label that the row was judged by". A row's noisy-or takes in those labels only: a verdict
//! speaks for its label alone, and what nobody looked at is not known to be innocent.

use super::CalibrationMethod;
use super::calibration::{Calibrator, Scored, choose};
use super::folds::Split;
use super::measures::logit;

/// The union must hold this many of each class, or the noisy-or stays as it is.
const MIN_OF_EACH: usize = 50;

/// 1 − Π(1 − p); `None` of nothing.
#[must_use]
pub fn noisy_or(probabilities: impl Iterator<Item = f64>) -> Option<f64> {
    probabilities.fold(None, |innocent: Option<f64>, p| Some(innocent.unwrap_or(1.0) * (1.0 - p))).map(|innocent| 1.0 - innocent)
}

/// One fitted abuse label's held-out rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeldOutLabel<'a> {
    /// Rows of the set.
    pub(super) rows: &'a [u32],
    /// Their classes.
    pub(super) positive: &'a [bool],
    /// How much they count in calibration; a row of weight 0 says nothing of the union.
    pub(super) weight: &'a [f64],
    /// Their out-of-fold probabilities.
    pub(super) out_of_fold: &'a [Option<f64>],
    /// Their folds: the same group has the same fold under every label.
    pub(super) split: &'a Split,
}

/// What the union knows of one row.
#[derive(Clone, Copy)]
struct UnionRow {
    innocent: f64,
    is_positive: bool,
    weight: f64,
    fold: usize,
}

impl UnionRow {
    /// A violating row counts as under the labels that it violates, whatever it weighs as one that is innocent of others: classes may
    /// weigh differently.
    fn add(&mut self, is_positive: bool, weight: f64) {
        self.weight = match (self.is_positive, is_positive) {
            (false, true) => weight,
            (true, false) => self.weight,
            _ => self.weight.max(weight),
        };
        self.is_positive |= is_positive;
    }
}

/// Fits the recalibration; `None` with fewer than two labels or too few rows of a class.
pub(super) fn fit(labels: &[HeldOutLabel], n_rows: usize, method: CalibrationMethod) -> Option<Calibrator> {
    if labels.len() < 2 {
        return None;
    }
    let mut union: Vec<Option<UnionRow>> = vec![None; n_rows];
    for label in labels {
        for (i, row) in label.rows.iter().enumerate() {
            let Some(p) = label.out_of_fold[i].filter(|_| label.weight[i] > 0.0) else { continue };
            let fold = label.split.fold[i];
            let known = union[*row as usize].get_or_insert(UnionRow { innocent: 1.0, is_positive: false, weight: 0.0, fold });
            known.innocent *= 1.0 - p;
            known.add(label.positive[i], label.weight[i]);
        }
    }
    let rows: Vec<UnionRow> = union.into_iter().flatten().collect();
    let n_positive = rows.iter().filter(|row| row.is_positive).count();
    if n_positive < MIN_OF_EACH || rows.len() - n_positive < MIN_OF_EACH {
        return None;
    }
    let score: Vec<f64> = rows.iter().map(|row| logit(1.0 - row.innocent)).collect();
    let positive: Vec<bool> = rows.iter().map(|row| row.is_positive).collect();
    let weight: Vec<f64> = rows.iter().map(|row| row.weight).collect();
    let fold: Vec<usize> = rows.iter().map(|row| row.fold).collect();
    let scored = Scored { score: &score, positive: &positive, weight: &weight, fold: &fold, market: &[] };
    Some(Calibrator::fit(scored, choose(scored, method)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violating_row_counts_as_under_the_labels_that_it_violates() {
        let weight_of = |verdicts: &[(bool, f64)]| {
            let mut row = UnionRow { innocent: 1.0, is_positive: false, weight: 0.0, fold: 0 };
            verdicts.iter().for_each(|(positive, weight)| row.add(*positive, *weight));
            (row.is_positive, row.weight)
        };
        assert_eq!(weight_of(&[(false, 1.5), (true, 0.25), (false, 2.0)]), (true, 0.25));
        assert_eq!(weight_of(&[(true, 0.25), (true, 0.5), (false, 2.0)]), (true, 0.5));
        assert_eq!(weight_of(&[(false, 1.5), (false, 2.0)]), (false, 2.0));
    }
}
