//! Gradient boosting on symmetric trees for the log loss.
//!
//! Input: binned columns, classes, weights and a starting score per row. Output: trees whose values are added to the starting
//! score. Leaves take a Newton step −G / (H + λ), shrunk by the learning rate; a leaf lighter than `min_child_weight` takes the
//! step of the nearest node above it that is heavy enough. Leaf values are rounded to f32 when a tree is made, so a stored model
//! is the fitted one.

use super::TreesConfig;
use super::bins::BinnedColumn;
use super::measures::{logistic_loss, sigmoid};
use super::split_search::{Derivatives, LevelState, best_split};
use super::tree::{SymmetricTree, fill_inner_means};

/// Rows to boost on: one entry per row in each part.
#[derive(Debug, Clone)]
pub(super) struct BoostingRows {
    /// The features' bins.
    pub(super) columns: Vec<BinnedColumn>,
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

/// Grows trees until there is nothing to gain or it is time to stop.
pub(super) fn boost(rows: &BoostingRows, stopping: Stopping, config: &TreesConfig) -> Vec<SymmetricTree> {
    let mut score = rows.start.clone();
    let mut trees = Vec::new();
    let mut watch = match stopping {
        Stopping::HeldOut(held_out) => Some(Watch::new(held_out)),
        Stopping::After(_) => None,
    };
    let limit = if let Stopping::After(rounds) = stopping { rounds.min(config.rounds) } else { config.rounds };
    while trees.len() < limit {
        let Some((tree, leaf)) = grow(rows, &score, config) else { break };
        for (s, node) in score.iter_mut().zip(&leaf) {
            *s += f64::from(tree.values[*node]);
        }
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

/// The held-out loss as trees are added.
struct Watch<'a> {
    rows: &'a BoostingRows,
    score: Vec<f64>,
    best_loss: f64,
    best_rounds: usize,
}

impl<'a> Watch<'a> {
    fn new(rows: &'a BoostingRows) -> Self {
        let mut watch = Self { rows, score: rows.start.clone(), best_loss: 0.0, best_rounds: 0 };
        watch.best_loss = watch.loss();
        watch
    }

    fn loss(&self) -> f64 {
        let mut sum = 0.0;
        for (i, score) in self.score.iter().enumerate() {
            sum += self.rows.weight[i] * logistic_loss(*score, self.rows.positive[i]);
        }
        sum
    }

    /// Takes the newest tree in; true when the loss has not fallen for `patience` rounds.
    fn is_over(&mut self, trees: &[SymmetricTree], patience: usize) -> bool {
        let Some(newest) = trees.last() else { return true };
        for (row, score) in self.score.iter_mut().enumerate() {
            *score += newest.predict(|feature| self.rows.columns[feature as usize].bins[row]);
        }
        let loss = self.loss();
        if loss < self.best_loss {
            self.best_loss = loss;
            self.best_rounds = trees.len();
        }
        trees.len() >= self.best_rounds + patience
    }
}

/// One tree, and the heap index of each row's leaf. `None` when no question gains anything.
fn grow(rows: &BoostingRows, score: &[f64], config: &TreesConfig) -> Option<(SymmetricTree, Vec<usize>)> {
    let derivatives: Vec<Derivatives> = score
        .iter()
        .enumerate()
        .map(|(i, s)| {
            let p = sigmoid(*s);
            [rows.weight[i] * (p - f64::from(u8::from(rows.positive[i]))), rows.weight[i] * p * (1.0 - p)]
        })
        .collect();
    let mut node = vec![0_u32; score.len()];
    let mut steps = vec![0.0];
    let mut levels = Vec::new();
    set_steps(&mut steps, 0, &node, &derivatives, config);
    while levels.len() < config.depth {
        let n_nodes = 1 << levels.len();
        let state = LevelState { columns: &rows.columns, node: &node, derivatives: &derivatives, n_nodes };
        let Some(split) = best_split(state, config) else { break };
        let bins = &rows.columns[split.level.feature as usize].bins;
        for (n, bin) in node.iter_mut().zip(bins) {
            *n = 2 * *n + split.level.side(*bin) as u32;
        }
        levels.push(split.level);
        set_steps(&mut steps, levels.len(), &node, &derivatives, config);
    }
    if levels.is_empty() {
        return None;
    }
    let first_leaf = (1 << levels.len()) - 1;
    let mut cover = vec![0.0; SymmetricTree::n_nodes(levels.len())];
    let leaf: Vec<usize> = node.iter().map(|n| first_leaf + *n as usize).collect();
    for (l, w) in leaf.iter().zip(&rows.weight) {
        cover[*l] += w;
    }
    let mut values: Vec<f64> = steps.iter().map(|s| f64::from((config.learning_rate * s) as f32)).collect();
    fill_inner_means(&mut values, &mut cover);
    Some((SymmetricTree { levels, values: values.iter().map(|v| *v as f32).collect() }, leaf))
}

/// Appends the Newton steps of the nodes of level `depth`.
fn set_steps(steps: &mut Vec<f64>, depth: usize, node: &[u32], derivatives: &[Derivatives], config: &TreesConfig) {
    let mut sums = vec![[0.0_f64; 2]; 1 << depth];
    for (n, d) in node.iter().zip(derivatives) {
        let sum = &mut sums[*n as usize];
        sum[0] += d[0];
        sum[1] += d[1];
    }
    let first = (1 << depth) - 1;
    steps.truncate(first);
    for (i, [gradient, curvature]) in sums.into_iter().enumerate() {
        let parent = if depth == 0 { 0.0 } else { steps[(first + i - 1) / 2] };
        let is_heavy = curvature >= config.min_child_weight && curvature + config.l2 > 0.0;
        steps.push(if is_heavy { -gradient / (curvature + config.l2) } else { parent });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::config::tests::quick;

    fn rows(bins: &[u8], n_bins: usize, positive: &[bool]) -> BoostingRows {
        let n = bins.len();
        let columns = vec![BinnedColumn { bins: bins.to_vec(), n_bins }];
        BoostingRows { columns, positive: positive.to_vec(), weight: vec![1.0; n], start: vec![0.0; n] }
    }

    fn config() -> TreesConfig {
        TreesConfig { rounds: 1, depth: 1, learning_rate: 1.0, min_child_weight: 0.0, ..quick().trees }
    }

    #[test]
    fn leaf_values_by_hand() {
        // p = 0.5: gradients are −0.5 and 0.5, curvatures 0.25. Left: two negatives and one positive: G = 0.5, H = 0.75.
        // Right: two positives: G = −1, H = 0.5. Steps: −0.5 / 1.75 and 1 / 1.5. Root: mean by rows.
        let rows = rows(&[1, 1, 1, 2, 2], 3, &[false, false, true, true, true]);
        let trees = boost(&rows, Stopping::After(1), &config());
        let (left, right) = (-0.5_f32 / 1.75, 1.0_f32 / 1.5);
        let expected = [(3.0 * left + 2.0 * right) / 5.0, left, right];
        assert!(trees[0].values.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{:?}", trees[0].values);
    }

    #[test]
    fn a_light_leaf_takes_its_parents_step() {
        let mut rows = rows(&[1, 1, 2, 2, 2], 3, &[false, false, true, true, true]);
        rows.columns.push(BinnedColumn { bins: vec![1, 2, 1, 1, 2], n_bins: 3 });
        let config = TreesConfig { depth: 2, min_child_weight: 0.5, l2: 0.0, ..config() };
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
}
