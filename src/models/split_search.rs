//! The best question for one level of a symmetric tree, from histograms of first and second derivatives.
//!
//! gain = Σ over the level's nodes of G_L²/(H_L + λ) + G_R²/(H_R + λ) − G²/(H + λ) (Chen and Guestrin, XGBoost, eq. 7, summed as
//! in CatBoost's symmetric trees). A node that the question would leave with a child lighter than `min_child_weight` adds
//! nothing. Each feature's sums run in row order on one thread, and the best of the features is picked in their order, so the
//! number of threads changes no bit.

use rayon::prelude::*;

use super::TreesConfig;
use super::bins::BinnedColumn;
use super::tree::{Level, MissingSide};

/// Below this many rows a level is searched on one thread: handing out work would cost more than it saves.
const PARALLEL_FROM_ROWS: usize = 20_000;

/// First and second derivative of the loss.
pub(super) type Derivatives = [f64; 2];

/// A question and what it gains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Split {
    /// The question.
    pub(super) level: Level,
    /// Fall of the loss to second order, twice; above 0.
    pub(super) gain: f64,
}

/// What is known of a level before it is split.
#[derive(Debug, Clone, Copy)]
pub(super) struct LevelState<'a> {
    /// The features' bins for the training rows.
    pub(super) columns: &'a [BinnedColumn],
    /// The node of each row within the level.
    pub(super) node: &'a [u32],
    /// The derivatives of each row.
    pub(super) derivatives: &'a [Derivatives],
    /// Number of nodes in the level.
    pub(super) n_nodes: usize,
}

/// The best split over all features; of equal gains the lower feature, then the lower threshold.
pub(super) fn best_split(state: LevelState, config: &TreesConfig) -> Option<Split> {
    let search = |feature: usize| best_of_feature(state, feature, config);
    let n_features = state.columns.len();
    let found: Vec<Option<Split>> = if state.node.len() >= PARALLEL_FROM_ROWS {
        (0..n_features).into_par_iter().map(search).collect()
    } else {
        (0..n_features).map(search).collect()
    };
    found.into_iter().flatten().fold(None, |best: Option<Split>, split| match best {
        Some(b) if b.gain >= split.gain => Some(b),
        _ => Some(split),
    })
}

fn best_of_feature(state: LevelState, feature: usize, config: &TreesConfig) -> Option<Split> {
    let column = &state.columns[feature];
    // Nothing tells rows apart that are all missing or all alike: the features of absent tables are seen to be so in passing.
    if column.bins.first().is_none_or(|first| column.bins.iter().all(|bin| bin == first)) {
        return None;
    }
    let histogram = histogram(state, column);
    let has_missing = (0..state.n_nodes).any(|node| histogram[node * column.n_bins][1] > 0.0);
    let mut gains = vec![[0.0_f64; 2]; column.n_bins];
    for bins in histogram.chunks_exact(column.n_bins) {
        add_node_gains(bins, has_missing, config, &mut gains);
    }
    let sides = [MissingSide::Left, MissingSide::Right];
    let mut best: Option<Split> = None;
    for (threshold, pair) in gains.iter().enumerate() {
        for (gain, missing) in pair.iter().zip(sides) {
            if *gain > best.map_or(1e-9, |b| b.gain) {
                let level = Level { feature: feature as u32, threshold: threshold as u8, missing };
                best = Some(Split { level, gain: *gain });
            }
        }
    }
    best
}

/// Sums per node and bin, in row order.
fn histogram(state: LevelState, column: &BinnedColumn) -> Vec<Derivatives> {
    let mut sums = vec![[0.0; 2]; state.n_nodes * column.n_bins];
    for ((bin, node), derivatives) in column.bins.iter().zip(state.node).zip(state.derivatives) {
        let cell = &mut sums[*node as usize * column.n_bins + usize::from(*bin)];
        cell[0] += derivatives[0];
        cell[1] += derivatives[1];
    }
    sums
}

/// Adds what each threshold gains in one node: `gains[t][0]` with missing values left, `[1]` with them right.
fn add_node_gains(bins: &[Derivatives], has_missing: bool, config: &TreesConfig, gains: &mut [[f64; 2]]) {
    let total = bins.iter().fold([0.0; 2], |sum, cell| plus(sum, *cell));
    let whole = objective(total, config.l2);
    let split_gain = |left: Derivatives| {
        let right = [total[0] - left[0], total[1] - left[1]];
        if left[1] < config.min_child_weight || right[1] < config.min_child_weight || left[1] <= 0.0 || right[1] <= 0.0 {
            0.0
        } else {
            objective(left, config.l2) + objective(right, config.l2) - whole
        }
    };
    let missing = bins[0];
    let mut present = [0.0; 2];
    let last = bins.len() - 1;
    for threshold in 0..last {
        if threshold > 0 {
            present = plus(present, bins[threshold]);
        }
        if has_missing || threshold > 0 {
            gains[threshold][0] += split_gain(plus(present, missing));
        }
        if has_missing && threshold > 0 {
            gains[threshold][1] += split_gain(present);
        }
    }
}

fn plus(a: Derivatives, b: Derivatives) -> Derivatives {
    [a[0] + b[0], a[1] + b[1]]
}

/// G² / (H + λ)
fn objective(sum: Derivatives, l2: f64) -> f64 {
    let weight = sum[1] + l2;
    if weight > 0.0 { sum[0] * sum[0] / weight } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::config::tests::quick;

    fn search(bins: &[u8], n_bins: usize, gradient: &[f64]) -> Option<Split> {
        let columns = [BinnedColumn { bins: bins.to_vec(), n_bins }];
        let derivatives: Vec<Derivatives> = gradient.iter().map(|g| [*g, 0.25]).collect();
        let node = vec![0; bins.len()];
        let state = LevelState { columns: &columns, node: &node, derivatives: &derivatives, n_nodes: 1 };
        let mut config = quick().trees;
        config.min_child_weight = 0.0;
        best_split(state, &config)
    }

    #[test]
    fn the_first_split_by_hand() {
        // Two rows either side: G = ±1, H = 0.5, λ = 1: 1/1.5 + 1/1.5 − 0.
        let split = search(&[1, 1, 2, 2], 3, &[0.5, 0.5, -0.5, -0.5]).unwrap();
        assert_eq!(split.level, Level { feature: 0, threshold: 1, missing: MissingSide::Left });
        assert!((split.gain - 2.0 / 1.5).abs() < 1e-12);
    }

    #[test]
    fn missing_values_take_the_better_side() {
        let split = search(&[1, 1, 2, 0, 0], 3, &[0.5, 0.5, -0.5, -0.5, -0.5]).unwrap();
        assert_eq!(split.level, Level { feature: 0, threshold: 1, missing: MissingSide::Right });
    }

    #[test]
    fn being_missing_is_a_question_of_its_own() {
        let split = search(&[0, 0, 1, 1], 2, &[0.5, 0.5, -0.5, -0.5]).unwrap();
        assert_eq!(split.level.threshold, 0);
        assert_eq!(split.level.side(0), 0);
        assert_eq!(split.level.side(1), 1);
    }

    #[test]
    fn nothing_to_gain_is_no_split() {
        assert_eq!(search(&[1, 2, 1, 2], 3, &[0.5, 0.5, -0.5, -0.5]), None);
    }
}
