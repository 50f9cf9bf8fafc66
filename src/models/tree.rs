//! A symmetric tree: every node of a level asks the same question, so a leaf is found by reading bits.
//!
//! Deliberately not here: how splits are found (`split_search`) and trees are grown (`boosting`).

use super::bins::MISSING_BIN;

/// The side on which a missing value falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MissingSide {
    /// With the low values.
    Left,
    /// With the high values.
    Right,
}

/// One level's question: is the feature's bin above the threshold?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Level {
    /// The feature asked about.
    pub(super) feature: u32,
    /// Bins up to this one go left. 0 sends every value that is present right.
    pub(super) threshold: u8,
    /// Where missing values go.
    pub(super) missing: MissingSide,
}

impl Level {
    /// 1 when the bin goes right, else 0.
    pub(super) fn side(self, bin: u8) -> usize {
        if bin == MISSING_BIN { usize::from(self.missing == MissingSide::Right) } else { usize::from(bin > self.threshold) }
    }
}

/// A tree of depth d: d levels and 2^(d+1) − 1 node values, root first, level by level.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SymmetricTree {
    /// The questions from root to leaf.
    pub(super) levels: Vec<Level>,
    /// Values of all nodes: a leaf's is its step, shrunk by the learning rate; an inner node's is the mean of the leaves below
    /// it, weighted by the training weight that fell into them. The differences along a path attribute the score.
    pub(super) values: Vec<f32>,
}

impl SymmetricTree {
    /// Number of nodes of a tree of `depth` levels.
    pub(super) fn n_nodes(depth: usize) -> usize {
        (2 << depth) - 1
    }

    /// The value for a row whose bin of feature f is `bin(f)`.
    pub(super) fn predict(&self, bin: impl Fn(u32) -> u8) -> f64 {
        let leaf = self.levels.iter().fold(0, |path, level| 2 * path + level.side(bin(level.feature)));
        f64::from(self.values[(1 << self.levels.len()) - 1 + leaf])
    }

    /// The value above the root's, taken apart: calls `add(feature, difference)` at each level. Returns the root's value.
    pub(super) fn attribute(&self, bin: impl Fn(u32) -> u8, mut add: impl FnMut(u32, f64)) -> f64 {
        let mut node = 0;
        for level in &self.levels {
            let child = 2 * node + 1 + level.side(bin(level.feature));
            add(level.feature, f64::from(self.values[child]) - f64::from(self.values[node]));
            node = child;
        }
        f64::from(self.values[0])
    }
}

/// Fills the inner nodes of a heap of node values with the means of their children, weighted by `cover`.
pub(super) fn fill_inner_means(values: &mut [f64], cover: &mut [f64]) {
    let n_inner = values.len() / 2;
    for node in (0..n_inner).rev() {
        let (left, right) = (2 * node + 1, 2 * node + 2);
        cover[node] = cover[left] + cover[right];
        values[node] = if cover[node] > 0.0 {
            (values[left] * cover[left] + values[right] * cover[right]) / cover[node]
        } else {
            0.5 * (values[left] + values[right])
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> SymmetricTree {
        let levels = vec![
            Level { feature: 0, threshold: 1, missing: MissingSide::Right },
            Level { feature: 1, threshold: 0, missing: MissingSide::Left },
        ];
        SymmetricTree { levels, values: vec![0.5, 0.0, 1.0, -1.0, 1.0, 0.5, 1.5] }
    }

    #[test]
    fn leaves_are_found_by_bits_and_missing_takes_its_side() {
        let predict = |bins: [u8; 2]| tree().predict(|f| bins[f as usize]);
        assert_eq!([predict([1, 0]), predict([1, 1]), predict([2, 0]), predict([0, 3])], [-1.0, 1.0, 0.5, 1.5]);
    }

    #[test]
    fn attribution_sums_to_the_prediction() {
        let bins = [2_u8, 0];
        let mut parts = [0.0; 2];
        let root = tree().attribute(|f| bins[f as usize], |f, v| parts[f as usize] += v);
        assert_eq!((root, parts), (0.5, [0.5, -0.5]));
    }

    #[test]
    fn inner_values_are_weighted_means() {
        let mut values = vec![0.0, 4.0, 8.0];
        fill_inner_means(&mut values, &mut [0.0, 3.0, 1.0]);
        assert_eq!(values[0], 5.0);
    }
}
