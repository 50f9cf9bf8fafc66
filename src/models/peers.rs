//! Peers that the model must beat to be worth its complexity: linfa's logistic regression and smartcore's random forest, on the
//! dense features alone. They are judged out of fold as everything else is, and never kept: no stored number comes from them.
//!
//! Per fold k they learn from the rows that the stack of fold k learns from, or from a bounded sample of these drawn by a hash of
//! the row, and score fold k's calibration rows. Columns are standardised on the rows learned from; missing becomes their mean.

use rayon::prelude::*;

use super::folds::Split;
use super::stack::LabelRows;
use super::{CandidateKind, ModelConfig, peer_forest, peer_logistic};
use crate::features::FeatureMatrix;
use crate::units::split_mix;

/// A peer's out-of-fold scores.
#[derive(Debug)]
pub(super) struct Peer {
    /// Which one.
    pub(super) kind: CandidateKind,
    /// Per row of the label, on the log-odds scale; 0 for rows that do not calibrate.
    pub(super) score: Vec<f64>,
    /// Most rows that one fold learned from.
    pub(super) learned_from: u64,
}

/// Dense rows with a class, row after row.
#[derive(Debug, Clone)]
pub(super) struct DenseRows {
    /// Row-major values, all finite.
    pub(super) values: Vec<f64>,
    /// Columns.
    pub(super) n_columns: usize,
    /// The classes, one per row.
    pub(super) positive: Vec<bool>,
}

/// Log-odds of violating for each of at least one row; `None` where there is no answer.
pub(super) type FittedPeer = Box<dyn Fn(&DenseRows) -> Option<Vec<f64>>>;

/// Fits a peer; `None` where it cannot be fitted.
type Fit<'a> = &'a (dyn Fn(&DenseRows) -> Option<FittedPeer> + Sync);

/// Rows that are laid out densely at a time for scoring.
const CHUNK: usize = 4096;

/// The peers that the configuration asks for, in a fixed order. One that cannot be fitted in some fold is left out.
pub(super) fn peers(features: &FeatureMatrix, label: LabelRows, split: &Split, config: &ModelConfig) -> Vec<Peer> {
    let limits = config.candidates;
    let forest = |train: &DenseRows| peer_forest::fit(train, limits.forest_trees, config.seed);
    let peers: [(CandidateKind, usize, Fit); 2] = [
        (CandidateKind::Logistic, limits.logistic_rows, &peer_logistic::fit),
        (CandidateKind::Forest, limits.forest_rows, &forest),
    ];
    let wanted = peers.into_iter().filter(|(_, limit, _)| *limit > 0 && features.n_features > 0);
    let jobs: Vec<(CandidateKind, usize, Fit)> = wanted.collect();
    let found = jobs.par_iter().map(|(kind, limit, fit)| out_of_fold(*kind, *limit, *fit, (features, label, split, config.seed)));
    found.collect::<Vec<_>>().into_iter().flatten().collect()
}

fn out_of_fold(
    kind: CandidateKind,
    limit: usize,
    fit: Fit,
    (features, label, split, seed): (&FeatureMatrix, LabelRows, &Split, u64),
) -> Option<Peer> {
    let fold_scores = |fold: usize| {
        let rows = || 0..label.rows.len();
        let learned: Vec<usize> = sample(rows().filter(|i| split.trains[*i] && split.fold[*i] != fold), limit, seed);
        let scored: Vec<usize> = rows().filter(|i| split.calibrates[*i] && split.fold[*i] == fold).collect();
        let scale = Scale::learn(features, label, &learned);
        let train = scale.rows(features, label, &learned);
        if !(train.positive.contains(&true) && train.positive.contains(&false)) {
            return None;
        }
        let fitted = fit(&train)?;
        let mut found = Vec::with_capacity(scored.len());
        for chunk in scored.chunks(CHUNK) {
            found.extend(fitted(&scale.rows(features, label, chunk))?);
        }
        (found.len() == scored.len() && found.iter().all(|s| s.is_finite())).then_some((scored, found, learned.len() as u64))
    };
    let folds: Vec<_> = (0..split.n_folds).into_par_iter().map(fold_scores).collect();
    let mut peer = Peer { kind, score: vec![0.0; label.rows.len()], learned_from: 0 };
    for fold in folds {
        let (rows, scores, learned_from) = fold?;
        rows.into_iter().zip(scores).for_each(|(row, score)| peer.score[row] = score);
        peer.learned_from = peer.learned_from.max(learned_from);
    }
    Some(peer)
}

/// At most `limit` of the rows, those of least hash, in their order.
fn sample(rows: impl Iterator<Item = usize>, limit: usize, seed: u64) -> Vec<usize> {
    let mut rows: Vec<usize> = rows.collect();
    if rows.len() > limit {
        rows.sort_by_key(|row| (split_mix(*row as u64 ^ seed.rotate_left(32)), *row));
        rows.truncate(limit);
        rows.sort_unstable();
    }
    rows
}

/// The columns that vary, with their mean and spread.
struct Scale {
    columns: Vec<(usize, f64, f64)>,
}

impl Scale {
    fn learn(features: &FeatureMatrix, label: LabelRows, rows: &[usize]) -> Self {
        let n = features.n_features;
        let (mut known, mut sums, mut squares) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        for row in rows {
            for (at, value) in features.row(label.rows[*row] as usize).iter().enumerate().filter(|(_, v)| !v.is_nan()) {
                known[at] += 1.0;
                sums[at] += f64::from(*value);
            }
        }
        let mean: Vec<f64> = sums.iter().zip(&known).map(|(sum, n)| if *n > 0.0 { sum / n } else { 0.0 }).collect();
        for row in rows {
            for (at, value) in features.row(label.rows[*row] as usize).iter().enumerate().filter(|(_, v)| !v.is_nan()) {
                let off = f64::from(*value) - mean[at];
                squares[at] += off * off;
            }
        }
        let spread = |at: usize| (squares[at] / rows.len().max(1) as f64).sqrt();
        let columns =
            (0..n).map(|at| (at, mean[at], spread(at))).filter(|(_, mean, spread)| *spread > 1e-9 * mean.abs().max(1.0));
        Self { columns: columns.collect() }
    }

    fn rows(&self, features: &FeatureMatrix, label: LabelRows, rows: &[usize]) -> DenseRows {
        let mut values = Vec::with_capacity(rows.len() * self.columns.len());
        for row in rows {
            let of_row = features.row(label.rows[*row] as usize);
            values.extend(self.columns.iter().map(|(at, mean, spread)| match of_row.get(*at) {
                Some(value) if !value.is_nan() => (f64::from(*value) - mean) / spread,
                _ => 0.0,
            }));
        }
        let positive = rows.iter().map(|row| label.positive[*row]).collect();
        DenseRows { values, n_columns: self.columns.len(), positive }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::models::SplitKind;
    use crate::models::config::tests::quick;
    use crate::models::measures::average_precision;

    /// Rows of which the first column tells the class nine times in ten and the second is noise; every third is positive.
    pub(in crate::models) fn told_by_the_first_column(n: usize) -> DenseRows {
        let positive: Vec<bool> = (0..n).map(|i| i % 3 == 0).collect();
        let tells = |i: usize| if split_mix(i as u64).is_multiple_of(10) { !positive[i] } else { positive[i] };
        let noise = |i: usize| (split_mix(i as u64 + 1_000_000) >> 40) as f64 / (1 << 24) as f64;
        let values = (0..n).flat_map(|i| [if tells(i) { 1.0 } else { -0.5 } + 0.01 * noise(i), noise(i)]).collect();
        DenseRows { values, n_columns: 2, positive }
    }

    #[test]
    fn peers_are_judged_out_of_fold_and_rank_the_right_way() {
        let dense = told_by_the_first_column(300);
        let mut features = FeatureMatrix::new(vec!["tells".into(), "noise".into(), "constant".into()]);
        for row in dense.values.chunks(2) {
            features.push_row(&[row[0] as f32, if row[1] < 0.2 { f32::NAN } else { row[1] as f32 }, 4.0]);
        }
        let rows: Vec<u32> = (0..300).collect();
        let label = LabelRows { rows: &rows, positive: &dense.positive, weight: &[1.0; 300] };
        let fold: Vec<usize> = (0..300).map(|i| i / 4 % 3).collect();
        let split = Split { kind: SplitKind::Group, n_folds: 3, fold, trains: vec![true; 300], calibrates: vec![true; 300] };
        let found = peers(&features, label, &split, &quick());
        let kinds: Vec<CandidateKind> = found.iter().map(|b| b.kind).collect();
        assert_eq!(kinds, [CandidateKind::Logistic, CandidateKind::Forest]);
        assert!(found.iter().all(|b| average_precision(&b.score, &dense.positive, &[1.0; 300]) > 0.7));
        assert!(found[0].learned_from > 150 && found[1].learned_from <= 200, "{found:?}");

        // A fold's own verdicts cannot change its scores.
        let mut turned = dense.positive.clone();
        (0..300).filter(|i| i / 4 % 3 == 0).for_each(|i| turned[i] = !turned[i]);
        let again = peers(&features, LabelRows { positive: &turned, ..label }, &split, &quick());
        for (before, after) in found.iter().zip(&again) {
            let same = |i: &usize| before.score[*i] == after.score[*i];
            assert!((0..300).filter(|i| i / 4 % 3 == 0).all(|i| same(&i)));
            assert!(!(0..300).all(|i| same(&i)));
        }
    }

    #[test]
    fn a_limit_of_zero_leaves_a_peer_out_and_one_class_cannot_be_fitted() {
        let mut config = quick();
        config.candidates.forest_rows = 0;
        let mut features = FeatureMatrix::new(vec!["a".into()]);
        (0..60).for_each(|i| features.push_row(&[i as f32]));
        let rows: Vec<u32> = (0..60).collect();
        let mut positive: Vec<bool> = (0..60).map(|i| i % 2 == 0).collect();
        let fold: Vec<usize> = (0..60).map(|i| i % 3).collect();
        let split = Split { kind: SplitKind::Group, n_folds: 3, fold, trains: vec![true; 60], calibrates: vec![true; 60] };
        let of =
            |positive: &[bool]| peers(&features, LabelRows { rows: &rows, positive, weight: &[1.0; 60] }, &split, &config).len();
        assert_eq!(of(&positive), 1);
        positive.fill(true);
        assert_eq!(of(&positive), 0);
    }
}
