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

    /// The same as one comparison, (s, l): right when bin − s, modulo 256, is at least l. With s = 1 the missing bin is the highest.
    pub(super) fn comparison(self) -> (u8, u8) {
        match self.missing {
            MissingSide::Left => (0, self.threshold.saturating_add(1)),
            MissingSide::Right => (1, self.threshold),
        }
    }
}

/// A tree of depth d: d levels and 2^d leaves. A leaf's number has a bit a level, the root's the highest.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SymmetricTree {
    /// The questions from root to leaf.
    pub(super) levels: Vec<Level>,
    /// What each level gained when it was chosen.
    pub(super) gains: Vec<f32>,
    /// What each leaf adds to the score: its step, shrunk by the learning rate.
    pub(super) values: Vec<f32>,
    /// The training weight that fell into each leaf.
    pub(super) cover: Vec<f32>,
}

/// Rows whose leaves are found together.
pub(super) const BLOCK: usize = 256;

impl SymmetricTree {
    /// The value for a row whose bin of feature f is `bin(f)`.
    pub(super) fn predict(&self, bin: impl Fn(u32) -> u8) -> f64 {
        f64::from(self.values[self.leaf(bin)])
    }

    /// The leaf of such a row.
    pub(super) fn leaf(&self, bin: impl Fn(u32) -> u8) -> usize {
        self.levels.iter().fold(0, |path, level| 2 * path + level.side(bin(level.feature)))
    }

    /// The leaves of at most `BLOCK` rows; `bins(f)` are the rows' bins of feature f. Lane by lane, without a branch.
    pub(super) fn leaves<'b>(&self, bins: impl Fn(u32) -> &'b [u8], leaves: &mut [u16]) {
        let mut low = [0_u8; BLOCK];
        let n = leaves.len().min(BLOCK);
        let low = &mut low[..n];
        let (first, others) = self.levels.split_at(self.levels.len().min(8));
        for level in first {
            let (shift, least) = level.comparison();
            for (path, bin) in low.iter_mut().zip(bins(level.feature)) {
                *path = (*path << 1) | u8::from(bin.wrapping_sub(shift) >= least);
            }
        }
        for (leaf, path) in leaves.iter_mut().zip(low) {
            *leaf = u16::from(*path);
        }
        for level in others {
            let (shift, least) = level.comparison();
            for (leaf, bin) in leaves.iter_mut().zip(bins(level.feature)) {
                *leaf = (*leaf << 1) | u16::from(bin.wrapping_sub(shift) >= least);
            }
        }
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
        SymmetricTree { levels, gains: vec![1.0; 2], values: vec![-1.0, 1.0, 0.5, 1.5], cover: vec![1.0; 4] }
    }

    #[test]
    fn leaves_are_found_by_bits_and_missing_takes_its_side() {
        let predict = |bins: [u8; 2]| tree().predict(|f| bins[f as usize]);
        assert_eq!([predict([1, 0]), predict([1, 1]), predict([2, 0]), predict([0, 3])], [-1.0, 1.0, 0.5, 1.5]);
    }

    #[test]
    fn one_comparison_answers_as_the_question_does() {
        for missing in [MissingSide::Left, MissingSide::Right] {
            for threshold in 0..=254 {
                let level = Level { feature: 0, threshold, missing };
                let (shift, least) = level.comparison();
                let differs = |bin: &u8| usize::from(bin.wrapping_sub(shift) >= least) != level.side(*bin);
                // A threshold of 0 with missing values to the right sends every row right, either way.
                assert_eq!((0..=255).find(differs), None, "{threshold} {missing:?}");
            }
        }
    }

    #[test]
    fn a_block_finds_the_leaves_of_its_rows() {
        let levels = (0..10).map(|i| Level {
            feature: i % 3,
            threshold: (i * 7 % 5) as u8,
            missing: if i % 2 == 0 { MissingSide::Left } else { MissingSide::Right },
        });
        for depth in [1, 6, 8, 10] {
            let levels: Vec<Level> = levels.clone().take(depth).collect();
            let tree = SymmetricTree { levels, gains: vec![], values: vec![0.0; 1 << depth], cover: vec![] };
            let columns: Vec<Vec<u8>> =
                (0..3).map(|f| (0..200).map(|row| ((row * (f + 3) + row / 7) % 6) as u8).collect()).collect();
            let mut leaves = vec![0; 200];
            tree.leaves(|f| &columns[f as usize], &mut leaves);
            for (row, leaf) in leaves.iter().enumerate() {
                assert_eq!(usize::from(*leaf), tree.leaf(|f| columns[f as usize][row]));
            }
        }
    }
}
