//! Gradient boosting on symmetric trees for the log loss.
//!
//! Input: binned columns, classes, weights and a starting score per row. Output: trees whose values are added to the starting
//! score. Each tree's questions are chosen on a sample of the rows and features (`sampling`), its leaves on all rows (`leaves`).
//! Leaf values are rounded to f32 when a tree is made, so a stored model is the fitted one. Every sum over rows is one of whole
//! numbers, so rows and features are shared out among threads without changing a bit.

use rayon::prelude::*;

use super::TreesConfig;
use super::bins::BinnedColumn;
use super::derivatives::{CHUNK, Derivatives};
use super::growing::Grower;
use super::leaves::{follow_directions, newton_steps};
use super::measures::logistic_loss;
use super::tree::{BLOCK, SymmetricTree};
use crate::features::Direction;

/// Rows to boost on: one entry per row in each part.
#[derive(Debug, Clone)]
pub(super) struct BoostingRows {
    /// The features' bins.
    pub(super) columns: Vec<BinnedColumn>,
    /// Which way the score must go as each feature rises; features beyond the end are free.
    pub(super) directions: Vec<Option<Direction>>,
    /// The classes.
    pub(super) positive: Vec<bool>,
    /// The weights.
    pub(super) weight: Vec<f64>,
    /// The scores to start from, on the log-odds scale.
    pub(super) start: Vec<f64>,
}

/// When to stop adding trees.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stopping<'a> {
    /// After this many rounds.
    After(usize),
    /// When the loss of these rows no longer falls; the trees after its lowest point are dropped.
    HeldOut(&'a BoostingRows),
}

impl BoostingRows {
    /// The direction of a feature.
    pub(super) fn direction(&self, feature: usize) -> Option<Direction> {
        self.directions.get(feature).copied().flatten()
    }

    /// Puts each row's leaf into `leaves`.
    fn leaves_of(&self, tree: &SymmetricTree, leaves: &mut [u16]) {
        leaves.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, leaves)| {
            for (block, leaves) in leaves.chunks_mut(BLOCK).enumerate() {
                let first = chunk * CHUNK + block * BLOCK;
                let last = first + leaves.len();
                tree.leaves(|feature| &self.columns[feature as usize].bins[first..last], leaves);
            }
        });
    }

    /// Adds each row's leaf value to its score.
    fn add_values(values: &[f64], leaves: &[u16], score: &mut [f64]) {
        score.par_chunks_mut(CHUNK).zip(leaves.par_chunks(CHUNK)).for_each(|(score, leaves)| {
            for (s, leaf) in score.iter_mut().zip(leaves) {
                *s += values[usize::from(*leaf)];
            }
        });
    }
}

/// Grows trees until there is nothing to gain or it is time to stop.
pub(super) fn boost(rows: &BoostingRows, stopping: Stopping, config: &TreesConfig) -> Vec<SymmetricTree> {
    let mut boosting = Boosting::new(rows, config);
    let mut trees = Vec::new();
    let mut watch = match stopping {
        Stopping::HeldOut(held_out) => Some(Watch::new(held_out)),
        Stopping::After(_) => None,
    };
    let limit = if let Stopping::After(rounds) = stopping { rounds.min(config.rounds) } else { config.rounds };
    while trees.len() < limit {
        let Some(tree) = boosting.next(trees.len() as u64) else { break };
        trees.push(tree);
        if watch.as_mut().is_some_and(|w| w.is_over(&trees, config.early_stopping_rounds)) {
            break;
        }
    }
    if let Some(watch) = watch {
        trees.truncate(watch.best_rounds);
    }
    trees
}

/// The state between trees.
struct Boosting<'a> {
    rows: &'a BoostingRows,
    config: &'a TreesConfig,
    score: Vec<f64>,
    derivatives: Derivatives,
    leaves: Vec<u16>,
    grower: Grower<'a>,
}

impl<'a> Boosting<'a> {
    fn new(rows: &'a BoostingRows, config: &'a TreesConfig) -> Self {
        Self {
            rows,
            config,
            score: rows.start.clone(),
            derivatives: Derivatives::new(&rows.weight),
            leaves: vec![0; rows.start.len()],
            grower: Grower::new(rows, config),
        }
    }

    /// The next tree, its values added to the scores. `None` when no question gains anything.
    fn next(&mut self, round: u64) -> Option<SymmetricTree> {
        let (rows, config) = (self.rows, self.config);
        self.derivatives.update(&self.score, &rows.positive, &rows.weight);
        let splits = self.grower.grow(&self.derivatives, round);
        if splits.is_empty() {
            return None;
        }
        let n_leaves = 1 << splits.len();
        let mut tree = SymmetricTree {
            levels: splits.iter().map(|split| split.level).collect(),
            gains: splits.iter().map(|split| split.gain as f32).collect(),
            values: Vec::new(),
            cover: Vec::new(),
        };
        rows.leaves_of(&tree, &mut self.leaves);
        let sums = self.derivatives.sums_by(&self.leaves, n_leaves);
        let mut values = newton_steps(&sums, self.derivatives.unit, config);
        values.iter_mut().for_each(|value| *value *= config.learning_rate);
        let cover = cover(&self.leaves, &rows.weight, n_leaves);
        let directions: Vec<Option<Direction>> = tree.levels.iter().map(|level| rows.direction(level.feature as usize)).collect();
        follow_directions(&mut values, &cover, &directions);
        tree.values = values.iter().map(|value| *value as f32).collect();
        tree.cover = cover.iter().map(|cover| *cover as f32).collect();
        let added: Vec<f64> = tree.values.iter().map(|value| f64::from(*value)).collect();
        BoostingRows::add_values(&added, &self.leaves, &mut self.score);
        Some(tree)
    }
}

/// The weight of the rows in each leaf: run by run, then the runs in their order.
fn cover(leaves: &[u16], weight: &[f64], n_leaves: usize) -> Vec<f64> {
    let of_chunk = |(leaves, weight): (&[u16], &[f64])| {
        let mut sums = vec![0.0; n_leaves];
        for (leaf, w) in leaves.iter().zip(weight) {
            sums[usize::from(*leaf)] += w;
        }
        sums
    };
    let parts: Vec<Vec<f64>> = leaves.par_chunks(CHUNK).zip(weight.par_chunks(CHUNK)).map(of_chunk).collect();
    let mut sums = vec![0.0; n_leaves];
    for part in &parts {
        for (sum, more) in sums.iter_mut().zip(part) {
            *sum += more;
        }
    }
    sums
}

/// The held-out loss as trees are added.
struct Watch<'a> {
    rows: &'a BoostingRows,
    score: Vec<f64>,
    leaves: Vec<u16>,
    best_loss: f64,
    best_rounds: usize,
}

impl<'a> Watch<'a> {
    fn new(rows: &'a BoostingRows) -> Self {
        let (score, leaves) = (rows.start.clone(), vec![0; rows.start.len()]);
        let mut watch = Self { rows, score, leaves, best_loss: 0.0, best_rounds: 0 };
        watch.best_loss = watch.loss();
        watch
    }

    /// Run by run, then the runs in their order.
    fn loss(&self) -> f64 {
        let of_chunk = |(first, score): (usize, &[f64])| {
            let mut sum = 0.0;
            for (row, score) in (first * CHUNK..).zip(score) {
                sum += self.rows.weight[row] * logistic_loss(*score, self.rows.positive[row]);
            }
            sum
        };
        let parts: Vec<f64> = self.score.par_chunks(CHUNK).enumerate().map(of_chunk).collect();
        parts.iter().fold(0.0, |a, b| a + b)
    }

    /// Takes the newest tree in; true when the loss has not fallen for `patience` rounds.
    fn is_over(&mut self, trees: &[SymmetricTree], patience: usize) -> bool {
        let Some(newest) = trees.last() else { return true };
        self.rows.leaves_of(newest, &mut self.leaves);
        let values: Vec<f64> = newest.values.iter().map(|value| f64::from(*value)).collect();
        BoostingRows::add_values(&values, &self.leaves, &mut self.score);
        let loss = self.loss();
        if loss < self.best_loss {
            self.best_loss = loss;
            self.best_rounds = trees.len();
        }
        trees.len() >= self.best_rounds + patience
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::config::tests::quick;

    fn rows(bins: &[u8], n_bins: usize, positive: &[bool]) -> BoostingRows {
        let n = bins.len();
        let columns = vec![BinnedColumn { bins: bins.to_vec(), n_bins }];
        let directions = Vec::new();
        BoostingRows { columns, directions, positive: positive.to_vec(), weight: vec![1.0; n], start: vec![0.0; n] }
    }

    fn config() -> TreesConfig {
        TreesConfig { rounds: 1, depth: 1, learning_rate: 1.0, min_child_weight: 0.0, ..quick().trees }
    }

    #[test]
    fn leaf_values_by_hand() {
        // p = 0.5: gradients are −0.5 and 0.5, curvatures 0.25. Left: two negatives and one positive: G = 0.5, H = 0.75.
        // Right: two positives: G = −1, H = 0.5. Steps: −0.5 / 1.75 and 1 / 1.5.
        let rows = rows(&[1, 1, 1, 2, 2], 3, &[false, false, true, true, true]);
        let trees = boost(&rows, Stopping::After(1), &config());
        let expected = [-0.5_f32 / 1.75, 1.0_f32 / 1.5];
        assert!(trees[0].values.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{:?}", trees[0].values);
        assert_eq!(trees[0].cover, [3.0, 2.0]);
        // 0.25 / 1.75 + 1 / 1.5 − 0.25 / 2.25.
        assert!((trees[0].gains[0] - 0.698_412_7).abs() < 1e-5, "{:?}", trees[0].gains);
    }

    #[test]
    fn a_question_that_leaves_a_light_leaf_everywhere_is_not_asked() {
        let mut rows = rows(&[1, 1, 2, 2, 2], 3, &[false, false, true, true, true]);
        rows.columns.push(BinnedColumn { bins: vec![1, 2, 1, 1, 2], n_bins: 3 });
        let config = TreesConfig { depth: 2, min_child_weight: 0.4, l2: 0.0, ..config() };
        let trees = boost(&rows, Stopping::After(1), &config);
        assert_eq!(trees[0].levels.len(), 1);
    }

    #[test]
    fn stops_early_and_drops_the_trees_after_the_best() {
        let train = rows(&[1, 1, 2, 2], 3, &[false, false, true, true]);
        let opposite = rows(&[1, 1, 2, 2], 3, &[true, true, false, false]);
        let config = TreesConfig { rounds: 50, early_stopping_rounds: 3, ..config() };
        assert!(boost(&train, Stopping::HeldOut(&opposite), &config).is_empty());
        assert_eq!(boost(&train, Stopping::HeldOut(&train), &config).len(), 50);
    }

    #[test]
    fn boosting_learns_an_interaction() {
        let mut train = rows(&[1, 1, 2, 2, 1, 2, 1], 3, &[false, true, true, false, true, true, false]);
        train.columns.push(BinnedColumn { bins: vec![1, 2, 1, 2, 2, 1, 1], n_bins: 3 });
        let trees = boost(&train, Stopping::After(10), &TreesConfig { rounds: 10, depth: 2, ..config() });
        let score = |a: u8, b: u8| trees.iter().map(|t| t.predict(|f| [a, b][f as usize])).sum::<f64>();
        assert!(score(1, 1) < 0.0 && score(1, 2) > 0.0 && score(2, 1) > 0.0 && score(2, 2) < 0.0);
    }

    #[test]
    fn a_weight_is_as_many_rows() {
        let mut weighted = rows(&[1, 1, 2], 3, &[false, true, true]);
        weighted.weight = vec![2.0, 1.0, 3.0];
        let repeated = rows(&[1, 1, 1, 2, 2, 2], 3, &[false, false, true, true, true, true]);
        let value = |rows: &BoostingRows| boost(rows, Stopping::After(1), &config())[0].values.clone();
        let (a, b) = (value(&weighted), value(&repeated));
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-6), "{a:?} {b:?}");
    }
}
