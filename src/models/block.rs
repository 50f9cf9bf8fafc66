//! Scores blocks of rows: the same bits as row by row (`model`), several times as fast.
//!
//! A block's features become columns of bins once for all labels; a tree then finds the leaves of all its rows lane by lane.

use super::bins::BinEdges;
use super::lanes::{Binner, LaneTrees};
use super::model::{LabelSlot, Model, RowScratch};
use super::tree::BLOCK;
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

/// A model made ready for blocks.
#[derive(Debug)]
pub struct BlockScorer<'m> {
    model: &'m Model,
    binner: Binner,
    /// Of each label; none where it has no model.
    trees: Vec<LaneTrees>,
}

impl Model {
    /// The model made ready to score many rows.
    #[must_use]
    pub fn block_scorer(&self) -> BlockScorer<'_> {
        let edges: Vec<&BinEdges> = self.edges.iter().chain(self.text.labels().iter().map(|text| &text.edges)).collect();
        let binner = Binner::new(&edges, self.labels.iter().flat_map(LabelSlot::trees));
        let trees = self.labels.iter().map(|slot| LaneTrees::new(slot.trees(), &binner)).collect();
        BlockScorer { model: self, binner, trees }
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
        let n_features = self.model.edges.len();
        let texts = self.text_scores(rows);
        let columns = self.binner.bin(rows.len(), |feature, values| match feature.checked_sub(n_features) {
            None => {
                for (value, row) in values.iter_mut().zip(rows) {
                    *value = row.features.get(feature).copied().unwrap_or(f32::NAN);
                }
            }
            Some(label) => {
                for (value, scores) in values.iter_mut().zip(&texts) {
                    *value = scores[label] as f32;
                }
            }
        });
        let mut probabilities = vec![Vec::with_capacity(self.model.labels.len()); rows.len()];
        for (slot, trees) in self.model.labels.iter().zip(&self.trees) {
            match &slot.model {
                None => probabilities.iter_mut().for_each(|row| row.push(None)),
                Some(model) => {
                    let mut raw: Vec<f64> = texts.iter().map(|scores| model.line.at(scores)).collect();
                    trees.add_to(&mut raw, &columns);
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
