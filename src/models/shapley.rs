//! Exact Shapley values of symmetric trees.
//!
//! The game is that of path-dependent TreeSHAP (Lundberg and others, "From local explanations to global understanding with
//! explainable AI for trees", 2020): v(S) is the tree's mean over the rows below each node, weighted by the training weight that
//! fell there (its cover), where the questions about features in S are answered as the row answers them. Because every node of a
//! level asks the same question, what a row answers is its leaf's number, so that one table a tree, leaf × feature, holds the
//! values of all rows there can be.
//!
//! v is worked out for all answers at once: each level is answered no, answered yes, or left open, which makes 3^d cases for a
//! tree of d levels. A node without cover weighs its children alike.

use std::sync::OnceLock;

use super::tree::SymmetricTree;

/// The Shapley values of one tree.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ShapleyTable {
    /// The distinct features that the tree asks about, ascending.
    pub(super) features: Vec<u32>,
    /// The tree's mean over its training rows.
    pub(super) base: f64,
    /// Leaf after leaf, one value a feature.
    pub(super) values: Vec<f64>,
}

impl ShapleyTable {
    /// The table of a tree.
    pub(super) fn new(tree: &SymmetricTree) -> Self {
        let depth = tree.levels.len();
        let mut features: Vec<u32> = tree.levels.iter().map(|level| level.feature).collect();
        features.sort_unstable();
        features.dedup();
        // The levels of each feature, as the bits that they have in a leaf's number.
        let bits: Vec<usize> = features
            .iter()
            .map(|feature| {
                let asked = tree.levels.iter().enumerate().filter(|(_, level)| level.feature == *feature);
                asked.map(|(i, _)| 1 << (depth - 1 - i)).sum()
            })
            .collect();
        let means = means(tree);
        let weights = weights(features.len());
        let ternary: Vec<usize> = (0..1 << depth).map(|bits| in_base_3(bits, depth)).collect();
        let everything = (1 << depth) - 1;
        // The value of each coalition, given a leaf: open levels are 2s, answered ones the leaf's bits.
        let masks: Vec<usize> = (0..1_usize << features.len())
            .map(|coalition| bits.iter().enumerate().filter(|(i, _)| coalition >> i & 1 == 1).map(|(_, bits)| bits).sum())
            .collect();
        let mut values = Vec::with_capacity(features.len() << depth);
        for leaf in 0..1_usize << depth {
            let worth: Vec<f64> =
                masks.iter().map(|mask| means[ternary[leaf & mask] + 2 * ternary[everything & !mask]]).collect();
            for player in 0..features.len() {
                let mut sum = 0.0;
                for coalition in (0..worth.len()).filter(|coalition| coalition >> player & 1 == 0) {
                    sum += weights[coalition.count_ones() as usize] * (worth[coalition | 1 << player] - worth[coalition]);
                }
                values.push(sum);
            }
        }
        Self { features, base: means[2 * ternary[everything]], values }
    }

    /// Each feature's value for a row that falls into `leaf`.
    pub(super) fn of_leaf(&self, leaf: usize) -> impl Iterator<Item = (u32, f64)> {
        let n = self.features.len();
        self.features.iter().copied().zip(self.values[leaf * n..(leaf + 1) * n].iter().copied())
    }
}

/// The tables of a list of trees, made when they are first asked for: most runs explain few labels.
#[derive(Debug, Clone, Default)]
pub(super) struct LazyTables(OnceLock<Vec<ShapleyTable>>);

/// They follow from the trees: two models are equal when their trees are.
impl PartialEq for LazyTables {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl LazyTables {
    /// The tables of `trees`, which must be the same at every call.
    pub(super) fn of(&self, trees: &[SymmetricTree]) -> &[ShapleyTable] {
        self.0.get_or_init(|| trees.iter().map(ShapleyTable::new).collect())
    }
}

/// The mean for each case, numbered in base 3: 0 and 1 are answers, 2 is open; the root's level is the highest digit.
fn means(tree: &SymmetricTree) -> Vec<f64> {
    let mut cover: Vec<f64> = tree.cover.iter().map(|cover| f64::from(*cover)).collect();
    // The cases of the levels below each node of a level, node after node; at the leaves there is one a node.
    let mut below: Vec<f64> = tree.values.iter().map(|value| f64::from(*value)).collect();
    let mut cases = 1;
    while cover.len() > 1 {
        let mut next = Vec::with_capacity(below.len() / 2 * 3);
        for (children, cover) in below.chunks_exact(2 * cases).zip(cover.chunks_exact(2)) {
            let (left, right) = children.split_at(cases);
            let total = cover[0] + cover[1];
            let share = if total > 0.0 { cover[0] / total } else { 0.5 };
            next.extend_from_slice(left);
            next.extend_from_slice(right);
            next.extend(left.iter().zip(right).map(|(a, b)| share * a + (1.0 - share) * b));
        }
        cover = cover.chunks_exact(2).map(|pair| pair[0] + pair[1]).collect();
        below = next;
        cases *= 3;
    }
    below
}

/// |S|! (n − |S| − 1)! / n! by the size of S.
fn weights(n: usize) -> Vec<f64> {
    let mut weights = Vec::with_capacity(n);
    let mut weight = 1.0 / n.max(1) as f64;
    for size in 0..n {
        weights.push(weight);
        weight *= (size + 1) as f64 / (n - size - 1).max(1) as f64;
    }
    weights
}

/// The number whose digits in base 3 are these bits.
fn in_base_3(bits: usize, depth: usize) -> usize {
    (0..depth).rev().fold(0, |number, bit| 3 * number + (bits >> bit & 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::tree::{Level, MissingSide};
    use proptest::prelude::*;

    /// v(S) of a row with these bins by walking the tree, as in Lundberg and others' algorithm 1.
    fn worth(tree: &SymmetricTree, bins: &[u8], coalition: usize, path: usize, depth: usize) -> f64 {
        if depth == tree.levels.len() {
            return f64::from(tree.values[path]);
        }
        let level = tree.levels[depth];
        let child = |side: usize| worth(tree, bins, coalition, 2 * path + side, depth + 1);
        if coalition >> level.feature & 1 == 1 {
            return child(level.side(bins[level.feature as usize]));
        }
        let below = tree.levels.len() - depth - 1;
        let cover = |side: usize| -> f64 {
            let node = 2 * path + side;
            tree.cover[node << below..(node + 1) << below].iter().map(|c| f64::from(*c)).sum()
        };
        let total = cover(0) + cover(1);
        let share = if total > 0.0 { cover(0) / total } else { 0.5 };
        share * child(0) + (1.0 - share) * child(1)
    }

    /// Shapley's sum over all orders in which `n` players can come.
    fn brute_force(tree: &SymmetricTree, bins: &[u8], n: usize) -> Vec<f64> {
        fn orders(left: Vec<usize>) -> Vec<Vec<usize>> {
            if left.is_empty() {
                return vec![vec![]];
            }
            let with_first = |first: usize| {
                let rest: Vec<usize> = left.iter().copied().filter(|p| *p != first).collect();
                orders(rest).into_iter().map(move |mut order| {
                    order.insert(0, first);
                    order
                })
            };
            left.iter().flat_map(|first| with_first(*first)).collect()
        }
        let orders = orders((0..n).collect());
        let mut values = vec![0.0; n];
        for order in &orders {
            let mut coalition = 0;
            for player in order {
                let before = worth(tree, bins, coalition, 0, 0);
                coalition |= 1 << player;
                values[*player] += (worth(tree, bins, coalition, 0, 0) - before) / orders.len() as f64;
            }
        }
        values
    }

    #[test]
    fn two_questions_by_hand() {
        // f0 then f1, one row in each leaf: mean 1; v({f0}) of leaf 3 is 2, v({f1}) 1.5, both 3.
        let level = |feature| Level { feature, threshold: 1, missing: MissingSide::Left };
        let values = vec![0.0, 0.0, 1.0, 3.0];
        let tree = SymmetricTree { levels: vec![level(0), level(1)], gains: vec![0.0; 2], values, cover: vec![1.0; 4] };
        let table = ShapleyTable::new(&tree);
        assert_eq!(table.base, 1.0);
        let of_leaf: Vec<(u32, f64)> = table.of_leaf(3).collect();
        // f0: ((2 − 1) + (3 − 1.5)) / 2; f1: ((1.5 − 1) + (3 − 2)) / 2.
        assert_eq!(of_leaf, [(0, 1.25), (1, 0.75)]);
    }

    #[test]
    fn weights_by_hand() {
        assert_eq!(weights(3), [1.0 / 3.0, 1.0 / 6.0, 1.0 / 3.0]);
        assert_eq!(weights(1), [1.0]);
    }

    proptest! {
        #[test]
        fn tables_hold_what_brute_force_finds(
            levels in prop::collection::vec((0_u32..4, 0_u8..4, any::<bool>()), 1..6),
            values in prop::collection::vec(-2.0_f32..2.0, 32),
            cover in prop::collection::vec(prop_oneof![Just(0.0_f32), 0.1_f32..9.0], 32),
            bins in prop::collection::vec(0_u8..6, 4),
        ) {
            let n_leaves = 1 << levels.len();
            let missing = |right: bool| if right { MissingSide::Right } else { MissingSide::Left };
            let levels: Vec<Level> =
                levels.into_iter().map(|(feature, threshold, right)| Level { feature, threshold, missing: missing(right) }).collect();
            let gains = vec![0.0; levels.len()];
            let tree = SymmetricTree { levels, gains, values: values[..n_leaves].to_vec(), cover: cover[..n_leaves].to_vec() };
            let table = ShapleyTable::new(&tree);
            let leaf = tree.leaf(|f| bins[f as usize]);
            let mut found = [0.0; 4];
            table.of_leaf(leaf).for_each(|(f, v)| found[f as usize] = v);
            let expected = brute_force(&tree, &bins, 4);
            prop_assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?} {expected:?}");
            let sum: f64 = table.base + found.iter().sum::<f64>();
            prop_assert!((sum - f64::from(tree.values[leaf])).abs() < 1e-9);
        }
    }
}
