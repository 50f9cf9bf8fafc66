//! Scores blocks of rows: the same bits as row by row (`model`), several times as fast.
//!
//! A block's features become columns of bins once for all labels; a tree then finds the leaves of all its rows lane by lane.

use super::bins::EdgeTable;
use super::model::{Model, RowScratch};
use super::tree::{BLOCK, SymmetricTree};
use crate::units::Market;

/// A row to score, as [`Model::predict_row`] takes it.
#[derive(Debug, Clone, Copy)]
pub struct RowInput<'a> {
    /// Features in the model's order, NaN = missing; features beyond its end count as missing.
    pub features: &'a [f32],
    /// N-gram buckets, each once, and their counts.
    pub text: (&'a [u32], &'a [f32]),
    /// Whose correction applies; `None` for that of no market.
    pub market: Option<Market>,
}

/// Features as columns of bins, for at most `BLOCK` rows.
#[derive(Debug)]
pub(super) struct BlockBins {
    /// Feature after feature, `BLOCK` bins each.
    bins: Vec<u8>,
    n_rows: usize,
}

/// The features that trees ask about, ready to be binned.
#[derive(Debug)]
pub(super) struct Binner {
    n_features: usize,
    n_texts: usize,
    tables: Vec<(usize, EdgeTable)>,
}

impl Binner {
    /// For the features among the first `edges.len()` that one of the trees asks about, and `n_texts` text scores after them.
    pub(super) fn new<'t>(
        edges: &[super::bins::BinEdges],
        n_texts: usize,
        trees: impl Iterator<Item = &'t SymmetricTree>,
    ) -> Self {
        let mut is_used = vec![false; edges.len()];
        for level in trees.flat_map(|tree| &tree.levels) {
            if let Some(used) = is_used.get_mut(level.feature as usize) {
                *used = true;
            }
        }
        let used = edges.iter().enumerate().filter(|(feature, _)| is_used[*feature]);
        Self { n_features: edges.len(), n_texts, tables: used.map(|(feature, edges)| (feature, EdgeTable::new(edges))).collect() }
    }

    /// Bins at most `BLOCK` rows. The text scores after the last feature are left for `set`.
    pub(super) fn bin<'r>(&self, rows: impl ExactSizeIterator<Item = &'r [f32]> + Clone) -> BlockBins {
        let n_rows = rows.len().min(BLOCK);
        let mut block = BlockBins { bins: vec![0; (self.n_features + self.n_texts) * BLOCK], n_rows };
        let mut values = [f32::NAN; BLOCK];
        for (feature, table) in &self.tables {
            for (value, row) in values.iter_mut().zip(rows.clone()) {
                *value = row.get(*feature).copied().unwrap_or(f32::NAN);
            }
            table.bins(&values[..n_rows], &mut block.bins[feature * BLOCK..feature * BLOCK + n_rows]);
        }
        block
    }
}

impl BlockBins {
    /// The bins of a feature.
    fn column(&self, feature: u32) -> &[u8] {
        let first = feature as usize * BLOCK;
        &self.bins[first..first + self.n_rows]
    }

    /// Sets the bins of one feature.
    fn set(&mut self, feature: usize, bins: impl Iterator<Item = u8>) {
        let first = feature * BLOCK;
        for (place, bin) in self.bins[first..first + self.n_rows].iter_mut().zip(bins) {
            *place = bin;
        }
    }

    /// Adds the values of the trees to the rows' scores, in their order.
    pub(super) fn add_trees(&self, trees: &[SymmetricTree], scores: &mut [f64]) {
        let mut leaves = [[0_u16; BLOCK]; TOGETHER];
        let (groups, rest) = trees.as_chunks::<TOGETHER>();
        for group in groups {
            for (tree, leaves) in group.iter().zip(&mut leaves) {
                tree.leaves(|feature| self.column(feature), &mut leaves[..self.n_rows]);
            }
            add_group(group.each_ref().map(|tree| tree.values.as_slice()), &leaves, scores);
        }
        for tree in rest {
            tree.leaves(|feature| self.column(feature), &mut leaves[0][..self.n_rows]);
            for (score, leaf) in scores.iter_mut().zip(&leaves[0]) {
                *score += f64::from(tree.values[usize::from(*leaf)]);
            }
        }
    }
}

/// Trees whose values are added in one pass over the rows.
const TOGETHER: usize = 4;

/// Adds four trees' values, first to last, with one load and store of a score.
fn add_group(values: [&[f32]; TOGETHER], leaves: &[[u16; BLOCK]; TOGETHER], scores: &mut [f64]) {
    let [a, b, c, d] = values;
    if values.iter().any(|values| !values.len().is_power_of_two()) {
        return;
    }
    // A leaf lies within its tree's values; the masks say so to the compiler.
    let at = |values: &[f32], leaf: u16| f64::from(values[usize::from(leaf) & (values.len() - 1)]);
    let rows = leaves[0].iter().zip(&leaves[1]).zip(leaves[2].iter().zip(&leaves[3]));
    for (score, ((i, j), (k, l))) in scores.iter_mut().zip(rows) {
        *score = *score + at(a, *i) + at(b, *j) + at(c, *k) + at(d, *l);
    }
}

/// A model made ready for blocks.
#[derive(Debug)]
pub struct BlockScorer<'m> {
    model: &'m Model,
    binner: Binner,
}

impl Model {
    /// The model made ready to score many rows.
    #[must_use]
    pub fn block_scorer(&self) -> BlockScorer<'_> {
        let trees = self.labels.iter().filter_map(|slot| slot.model.as_ref()).flat_map(|model| &model.trees);
        BlockScorer { model: self, binner: Binner::new(&self.edges, self.text.labels().len(), trees) }
    }
}

impl BlockScorer<'_> {
    /// Rows that are best scored together.
    pub const ROWS: usize = BLOCK;

    /// What [`Model::predict_row`] says of each row, to the bit.
    #[must_use]
    pub fn predict(&self, rows: &[RowInput]) -> Vec<Vec<Option<f64>>> {
        rows.chunks(BLOCK).flat_map(|rows| self.predict_block(rows)).collect()
    }

    fn predict_block(&self, rows: &[RowInput]) -> Vec<Vec<Option<f64>>> {
        let mut block = self.binner.bin(rows.iter().map(|row| row.features));
        let texts = self.text_scores(rows);
        for (label, weights) in self.model.text.labels().iter().enumerate() {
            block.set(self.model.edges.len() + label, texts.iter().map(|scores| weights.edges.bin(scores[label] as f32)));
        }
        let mut probabilities = vec![Vec::with_capacity(self.model.labels.len()); rows.len()];
        for slot in &self.model.labels {
            match &slot.model {
                None => probabilities.iter_mut().for_each(|row| row.push(None)),
                Some(model) => {
                    let mut raw: Vec<f64> = texts.iter().map(|scores| model.line.at(scores)).collect();
                    block.add_trees(&model.trees, &mut raw);
                    for ((row, input), raw) in probabilities.iter_mut().zip(rows).zip(raw) {
                        row.push(Some(model.calibrator.probability(raw, input.market)));
                    }
                }
            }
        }
        probabilities
    }

    /// Every row's text scores, of the labels that have a model.
    fn text_scores(&self, rows: &[RowInput]) -> Vec<Vec<f64>> {
        let mut scratch = RowScratch::default();
        let score = |row: &RowInput| {
            self.model.vocabulary.transform(row.text.0, row.text.1, &mut scratch.text);
            self.model.text.scores(&scratch.text, &mut scratch.scores);
            scratch.scores.clone()
        };
        rows.iter().map(score).collect()
    }
}
