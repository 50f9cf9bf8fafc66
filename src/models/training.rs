//! What a fit learns from, and the checks it must pass first.

use crate::features::FeatureMatrix;
use crate::text::SparseRows;
use crate::units::{Id, LabelKind, Market};

use super::ModelError;

/// Largest hash space for n-grams: a lookup table of four bytes per bucket stays below 17 MB.
pub(super) const MAX_BUCKETS: u32 = 1 << 22;

/// Rows to learn from; row i is the same item in every part.
#[derive(Debug, Clone, Copy)]
pub struct TrainingSet<'a> {
    /// Features, n rows × f columns, NaN = missing.
    pub features: &'a FeatureMatrix,
    /// Raw n-gram counts, n rows.
    pub text: &'a SparseRows,
    /// The seller, author or text cluster of each row: rows of one group never stand on both sides of a split.
    pub groups: &'a [u64],
    /// The as-of day of each row.
    pub days: &'a [i32],
    /// The market of each row; empty where it is not known.
    pub markets: &'a [Market],
    /// Whether the days differ enough to split by time.
    pub timed: bool,
}

/// What is known of one label.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelTargets {
    /// The label.
    pub label: Id,
    /// The rows that were judged, ascending.
    pub rows: Vec<u32>,
    /// Whether each of them was found violating.
    pub positive: Vec<bool>,
    /// The weight of each verdict in training, above 0. Calibration does not see it, so class weights are undone there.
    pub weight: Vec<f64>,
    /// The probability with which each row was drawn into review, in (0, 1], where it is known.
    pub inclusion: Vec<Option<f64>>,
    /// Whether the label counts towards abuse or quality.
    pub kind: LabelKind,
}

/// The rows of a matrix, also where it has no columns.
pub(super) fn check(set: &TrainingSet, targets: &[LabelTargets]) -> Result<(), ModelError> {
    let n_rows = set.groups.len();
    let features = set.features;
    let n_feature_rows = features.values.len().checked_div(features.n_features).unwrap_or(n_rows);
    let counts = [("groups", n_rows), ("days", set.days.len()), ("text", set.text.n_rows())];
    let markets = ("markets", set.markets.len());
    let has_markets = !set.markets.is_empty();
    let counts = counts.into_iter().chain(has_markets.then_some(markets));
    if let Some((part, found)) = counts.into_iter().find(|(_, n)| *n != n_feature_rows) {
        return Err(ModelError::RowCount { features: n_feature_rows, part, found });
    }
    check_text(set.text)?;
    targets.iter().enumerate().try_for_each(|(i, target)| {
        if targets[..i].iter().any(|earlier| earlier.label == target.label) {
            return Err(ModelError::DuplicateLabel { label: target.label.clone() });
        }
        check_target(target, n_rows)
    })
}

fn check_text(text: &SparseRows) -> Result<(), ModelError> {
    if text.n_cols > MAX_BUCKETS {
        return Err(ModelError::Buckets { buckets: text.n_cols, limit: MAX_BUCKETS });
    }
    for row in 0..text.n_rows() {
        let (indices, values) = text.row(row);
        let bad = indices.iter().zip(values).find(|(i, v)| **i >= text.n_cols || !v.is_finite() || **v <= 0.0);
        if let Some((&bucket, &value)) = bad {
            return Err(ModelError::Ngram { row, bucket, value, buckets: text.n_cols });
        }
    }
    Ok(())
}

fn check_target(target: &LabelTargets, n_rows: usize) -> Result<(), ModelError> {
    let label = target.label.clone();
    let (rows, positive, weight) = (target.rows.len(), target.positive.len(), target.weight.len());
    let inclusion = target.inclusion.len();
    if rows != positive || rows != weight || rows != inclusion {
        return Err(ModelError::TargetCount { label, rows, positive, weight, inclusion });
    }
    let unlikely = |pi: &Option<f64>| pi.is_some_and(|pi| pi.is_nan() || pi <= 0.0 || pi > 1.0);
    if let Some((&row, &pi)) = target.rows.iter().zip(&target.inclusion).find(|(_, pi)| unlikely(pi)) {
        return Err(ModelError::Inclusion { label, row, probability: pi.unwrap_or_default() });
    }
    if let Some(&row) = target.rows.iter().find(|row| **row as usize >= n_rows) {
        return Err(ModelError::RowOutOfRange { label, row, n_rows });
    }
    if let Some(pair) = target.rows.windows(2).find(|pair| pair[0] >= pair[1]) {
        return Err(ModelError::RowOrder { label, row: pair[1] });
    }
    match target.rows.iter().zip(&target.weight).find(|(_, w)| !w.is_finite() || **w <= 0.0) {
        Some((&row, &weight)) => Err(ModelError::Weight { label, row, weight }),
        None => Ok(()),
    }
}
