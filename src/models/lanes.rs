//! Trees made ready for blocks of rows: only the edges that they ask about are left, and every question is one comparison of bytes.
//!
//! A question goes left where `least > bin`, both as signed bytes. Each feature has up to two columns, one for either side of missing
//! values: in the first the missing bin is the lowest, in the second the highest. Paths have a 1 for left, so leaves stand in reverse.
//! Deliberately not here: where the values come from (`block`).

use super::bins::BinEdges;
use super::edge_table::EdgeTable;
use super::tree::{BLOCK, Level, MissingSide, SymmetricTree};

/// The bins of a block's rows under one feature.
type Column = [i8; BLOCK];

/// The features that trees ask about, with the edges that they ask about.
#[derive(Debug)]
pub(super) struct Binner {
    asked: Vec<AskedFeature>,
}

#[derive(Debug)]
struct AskedFeature {
    feature: u32,
    /// The thresholds that stand for an edge, ascending, each once.
    thresholds: Vec<u8>,
    table: EdgeTable,
    /// Whether some question sends missing values left, and right.
    sides: [bool; 2],
}

/// A block's columns: two a feature that is asked about.
#[derive(Debug)]
pub(super) struct Columns {
    columns: Vec<Column>,
}

/// Trees whose questions are about the columns of one [`Binner`].
#[derive(Debug)]
pub(super) struct LaneTrees {
    trees: Vec<LaneTree>,
    /// Tree after tree, leaves in reverse, filled up so that any byte may be added to a tree's first leaf.
    values: Vec<f64>,
}

#[derive(Debug)]
struct LaneTree {
    questions: Vec<Question>,
    /// Where its values begin.
    first: usize,
}

/// Left where `least` is above the column's bin.
#[derive(Debug, Clone, Copy)]
struct Question {
    column: usize,
    least: i8,
}

/// Bytes whose order as signed numbers is that of the unsigned.
fn signed(byte: u8) -> i8 {
    (byte ^ 0x80) as i8
}

impl Binner {
    /// For what `trees` ask of features with these `edges`.
    pub(super) fn new<'a>(edges: &[&BinEdges], trees: impl Iterator<Item = &'a SymmetricTree>) -> Self {
        let mut levels: Vec<Level> = trees.flat_map(|tree| tree.levels.iter().copied()).collect();
        levels.sort_unstable_by_key(|level| (level.feature, level.threshold));
        let of_feature = |levels: &[Level]| {
            let feature = levels.first()?.feature;
            let edges = edges.get(feature as usize)?;
            let mut thresholds: Vec<u8> = levels.iter().map(|level| level.threshold).collect();
            thresholds.retain(|threshold| (1..=edges.edges.len()).contains(&usize::from(*threshold)));
            thresholds.dedup();
            let kept = thresholds.iter().map(|threshold| edges.edges[usize::from(*threshold) - 1]).collect();
            let sides = [MissingSide::Left, MissingSide::Right].map(|side| levels.iter().any(|level| level.missing == side));
            Some(AskedFeature { feature, thresholds, table: EdgeTable::new(&BinEdges { edges: kept }), sides })
        };
        Self { asked: levels.chunk_by(|a, b| a.feature == b.feature).filter_map(of_feature).collect() }
    }

    /// Bins at most `BLOCK` rows; `fill(f, values)` puts their values of feature f into `values`.
    pub(super) fn bin(&self, n_rows: usize, fill: impl Fn(usize, &mut [f32])) -> Columns {
        let n_rows = n_rows.min(BLOCK);
        let mut columns = vec![[0; BLOCK]; 2 * self.asked.len()];
        let (mut values, mut bins) = ([f32::NAN; BLOCK], [0; BLOCK]);
        for (asked, columns) in self.asked.iter().zip(columns.as_chunks_mut::<2>().0) {
            fill(asked.feature as usize, &mut values[..n_rows]);
            asked.table.bins(&values[..n_rows], &mut bins[..n_rows]);
            for ((column, is_asked), shift) in columns.iter_mut().zip(asked.sides).zip([0, 1]) {
                if is_asked {
                    for (place, bin) in column.iter_mut().zip(&bins) {
                        *place = signed(bin.wrapping_sub(shift));
                    }
                }
            }
        }
        Columns { columns }
    }

    /// What a level asks of the columns.
    fn question(&self, level: &Level) -> Option<Question> {
        let at = self.asked.binary_search_by_key(&level.feature, |asked| asked.feature).ok()?;
        let thresholds = &self.asked[at].thresholds;
        // The same threshold counted in the edges that are left; 0 stays below every value.
        let threshold = match level.threshold {
            0 => 0,
            threshold => 1 + thresholds.partition_point(|asked| *asked < threshold) as u8,
        };
        Some(match level.missing {
            MissingSide::Left => Question { column: 2 * at, least: signed(threshold.saturating_add(1)) },
            MissingSide::Right => Question { column: 2 * at + 1, least: signed(threshold) },
        })
    }
}

impl LaneTrees {
    /// Of trees that `binner` was made for, so that every level has its question.
    pub(super) fn new(trees: &[SymmetricTree], binner: &Binner) -> Self {
        let mut values: Vec<f64> = Vec::new();
        let lane_tree = |tree: &SymmetricTree| {
            let first = values.len();
            values.extend(tree.values.iter().rev().map(|value| f64::from(*value)));
            LaneTree { questions: tree.levels.iter().filter_map(|level| binner.question(level)).collect(), first }
        };
        let trees = trees.iter().map(lane_tree).collect();
        values.resize(values.len() + ANY_BYTE, 0.0);
        Self { trees, values }
    }

    /// Adds the values of the trees to the rows' scores, in the trees' order.
    pub(super) fn add_to(&self, scores: &mut [f64], columns: &Columns) {
        let mut paths = [[0_u8; BLOCK]; TOGETHER];
        let n_rows = scores.len().min(BLOCK);
        let (groups, rest) = self.trees.as_chunks::<TOGETHER>();
        for group in groups {
            if group.iter().all(|tree| tree.questions.len() <= BYTE_DEPTH) {
                for (tree, paths) in group.iter().zip(&mut paths) {
                    columns.paths(&tree.questions, n_rows, paths);
                }
                add_group(group.each_ref().map(|tree| self.leaf_values(tree)), &paths, scores);
            } else {
                group.iter().for_each(|tree| self.add_one(tree, columns, scores));
            }
        }
        rest.iter().for_each(|tree| self.add_one(tree, columns, scores));
    }

    /// A tree's values, and what stands behind them.
    fn leaf_values(&self, tree: &LaneTree) -> &[f64; ANY_BYTE] {
        self.values.get(tree.first..).and_then(|values| values.first_chunk()).unwrap_or(&[0.0; ANY_BYTE])
    }

    /// Adds one tree's values, whatever its depth.
    fn add_one(&self, tree: &LaneTree, columns: &Columns, scores: &mut [f64]) {
        let (high, low) = tree.questions.split_at(tree.questions.len().saturating_sub(BYTE_DEPTH));
        let (mut above, mut below) = ([0_u8; BLOCK], [0_u8; BLOCK]);
        columns.paths(high, scores.len(), &mut above);
        columns.paths(low, scores.len(), &mut below);
        for (score, (above, below)) in scores.iter_mut().zip(above.iter().zip(&below)) {
            *score += self.values[tree.first + (usize::from(*above) << BYTE_DEPTH) + usize::from(*below)];
        }
    }
}

/// Levels whose path is one byte.
const BYTE_DEPTH: usize = 8;

/// Numbers that a byte can have.
const ANY_BYTE: usize = 256;

/// Trees whose values are added in one pass over the rows.
const TOGETHER: usize = 8;

/// Adds a group's values, first to last, with one load and store of a score.
fn add_group(values: [&[f64; ANY_BYTE]; TOGETHER], paths: &[[u8; BLOCK]; TOGETHER], scores: &mut [f64]) {
    for (row, score) in scores.iter_mut().enumerate().take(BLOCK) {
        let mut sum = *score;
        for (values, paths) in values.iter().zip(paths) {
            sum += values[usize::from(paths[row])];
        }
        *score = sum;
    }
}

impl Columns {
    /// The paths of the first rows, at least `n_rows`, through at most 8 levels.
    fn paths(&self, questions: &[Question], n_rows: usize, paths: &mut [u8; BLOCK]) {
        match questions.len() {
            0 => *paths = [0; BLOCK],
            1 => self.paths_of::<1>(questions, n_rows, paths),
            2 => self.paths_of::<2>(questions, n_rows, paths),
            3 => self.paths_of::<3>(questions, n_rows, paths),
            4 => self.paths_of::<4>(questions, n_rows, paths),
            5 => self.paths_of::<5>(questions, n_rows, paths),
            6 => self.paths_of::<6>(questions, n_rows, paths),
            7 => self.paths_of::<7>(questions, n_rows, paths),
            _ => self.paths_of::<8>(questions, n_rows, paths),
        }
    }

    /// With a depth that the compiler knows, a path stays in a register from root to leaf, side by side for 16 rows.
    fn paths_of<const DEPTH: usize>(&self, questions: &[Question], n_rows: usize, paths: &mut [u8; BLOCK]) {
        let Some(questions) = questions.first_chunk::<DEPTH>() else { return };
        let columns = questions.map(|question| &self.columns[question.column]);
        let n_rows = n_rows.next_multiple_of(32).min(BLOCK);
        for (row, path) in paths[..n_rows].iter_mut().enumerate() {
            let mut at = 0_u8;
            for level in 0..DEPTH {
                at = (at << 1) | u8::from(questions[level].least > columns[level][row]);
            }
            *path = at;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const N_FEATURES: usize = 5;

    /// Numbers of edges a feature, the most and the fewest among them.
    const N_EDGES: [usize; N_FEATURES] = [254, 100, 7, 1, 0];

    fn edges() -> Vec<BinEdges> {
        N_EDGES.iter().map(|n| BinEdges { edges: (0..*n).map(|i| i as f32 * 0.5 - 20.0).collect() }).collect()
    }

    /// A tree with one question for each (feature, threshold, missing to the right).
    fn tree(questions: &[(u32, u8, bool)], leaf: impl Fn(usize) -> f32) -> SymmetricTree {
        let level = |(feature, threshold, right): &(u32, u8, bool)| Level {
            feature: *feature,
            // Any edge, or none: no threshold is the last bin.
            threshold: (usize::from(*threshold) % (N_EDGES[*feature as usize] + 1)) as u8,
            missing: if *right { MissingSide::Right } else { MissingSide::Left },
        };
        let levels: Vec<Level> = questions.iter().map(level).collect();
        SymmetricTree { values: (0..1 << levels.len()).map(leaf).collect(), levels, gains: vec![], cover: vec![] }
    }

    /// Scores rows of one value a feature, in one block; several lists of trees share the columns, as labels do.
    fn scores(trees: &[SymmetricTree], rows: &[[f32; N_FEATURES]]) -> Vec<f64> {
        let edges = edges();
        let binner = Binner::new(&edges.iter().collect::<Vec<_>>(), trees.iter());
        let columns = binner.bin(rows.len(), |feature, values| {
            for (value, row) in values.iter_mut().zip(rows) {
                *value = row[feature];
            }
        });
        let mut scores = vec![0.25; rows.len()];
        for trees in trees.chunks(TOGETHER + 3) {
            LaneTrees::new(trees, &binner).add_to(&mut scores, &columns);
        }
        scores
    }

    /// The same, row by row and with all edges.
    fn one_by_one(trees: &[SymmetricTree], rows: &[[f32; N_FEATURES]]) -> Vec<f64> {
        let edges = edges();
        let score = |row: &[f32; N_FEATURES]| {
            let bin = |feature: u32| edges[feature as usize].bin(row[feature as usize]);
            trees.iter().fold(0.25, |sum, tree| sum + tree.predict(bin))
        };
        rows.iter().map(score).collect()
    }

    #[test]
    fn an_edge_is_on_the_low_side_and_missing_takes_its_own() {
        let rows = [-20.5, -20.0, -19.9, f32::NAN, f32::NEG_INFINITY, f32::INFINITY].map(|v| [v; N_FEATURES]);
        let asked = |threshold, right| scores(&[tree(&[(3, threshold, right)], |leaf| leaf as f32)], &rows);
        assert_eq!(asked(1, false), [0.25, 0.25, 1.25, 0.25, 0.25, 1.25]);
        assert_eq!(asked(1, true), [0.25, 0.25, 1.25, 1.25, 0.25, 1.25]);
        assert_eq!(asked(0, false), [1.25, 1.25, 1.25, 0.25, 1.25, 1.25]);
        assert_eq!(asked(0, true), [1.25; 6]);
    }

    #[test]
    fn only_edges_that_are_asked_about_are_searched() {
        let trees = [tree(&[(0, 200, false), (0, 3, true), (2, 0, false)], |_| 0.0), tree(&[(0, 3, false)], |_| 0.0)];
        let binner = Binner::new(&edges().iter().collect::<Vec<_>>(), trees.iter());
        let asked: Vec<(u32, &[u8], [bool; 2])> =
            binner.asked.iter().map(|asked| (asked.feature, asked.thresholds.as_slice(), asked.sides)).collect();
        assert_eq!(asked, [(0, &[3, 200][..], [true, true]), (2, &[], [true, false])]);
    }

    #[test]
    fn every_edge_may_be_asked_about() {
        let trees: Vec<SymmetricTree> = (0..=254).map(|t| tree(&[(0, t, t % 2 == 0)], |leaf| leaf as f32 + 0.1)).collect();
        let rows: Vec<[f32; N_FEATURES]> = (0..256).map(|i| [i as f32 * 0.5 - 20.25; N_FEATURES]).collect();
        assert_eq!(scores(&trees, &rows), one_by_one(&trees, &rows));
    }

    proptest! {
        #[test]
        fn blocks_score_as_rows_do_to_the_bit(
            questions in prop::collection::vec(prop::collection::vec((0..N_FEATURES as u32, any::<u8>(), any::<bool>()), 0..11), 0..20),
            // On an edge, between edges, beyond them, or no number.
            rows in prop::collection::vec(
                prop::array::uniform5(prop_oneof![
                    (-50_i32..240).prop_map(|i| i as f32 * 0.5),
                    -30.0..120.0_f32,
                    prop::sample::select(vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0]),
                ]),
                0..=BLOCK,
            ),
        ) {
            let at = |tree: usize, leaf: usize| ((tree * 37 + leaf * 101) % 997) as f32 * 0.001 - 0.5;
            let trees: Vec<SymmetricTree> =
                questions.iter().enumerate().map(|(i, questions)| tree(questions, |leaf| at(i, leaf))).collect();
            prop_assert_eq!(scores(&trees, &rows), one_by_one(&trees, &rows));
        }
    }
}
