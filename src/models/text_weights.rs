//! The text models of all labels as one table: the weights of a column stand side by side, so that one pass over a row's n-grams
//! scores every label.
//!
//! Deliberately not here: fitting (`logistic`) and storage (`tensors`).

use super::bins::BinEdges;
use super::logistic::LinearModel;

/// What a stored text model is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LabelWeights {
    /// Columns with a weight, ascending.
    pub(super) columns: Vec<u32>,
    /// Their weights.
    pub(super) values: Vec<f32>,
    /// The intercept.
    pub(super) intercept: f64,
    /// Bins of the score.
    pub(super) edges: BinEdges,
}

/// The text models of the labels that have a model, in their order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TextModel {
    labels: Vec<LabelWeights>,
    /// Weights by column, then label; each column's padded to whole blocks.
    table: Vec<[f32; BLOCK]>,
    n_blocks: usize,
}

/// Labels that are added together: as many 64-bit sums as fit into registers beside what they are made of.
const BLOCK: usize = 4;

impl TextModel {
    /// The caller has proven that columns lie below `n_columns`.
    pub(super) fn new(labels: Vec<LabelWeights>, n_columns: usize) -> Self {
        let n_blocks = labels.len().div_ceil(BLOCK);
        let mut table = vec![[0.0; BLOCK]; n_columns * n_blocks];
        for (at, label) in labels.iter().enumerate() {
            for (column, value) in label.columns.iter().zip(&label.values) {
                table[*column as usize * n_blocks + at / BLOCK][at % BLOCK] = *value;
            }
        }
        Self { labels, table, n_blocks }
    }

    /// From fitted models and the bins of their scores.
    pub(super) fn of<'a>(models: impl Iterator<Item = &'a LinearModel>, edges: Vec<BinEdges>, n_columns: usize) -> Self {
        let label = |(model, edges): (&LinearModel, BinEdges)| {
            let (columns, values) = model.nonzero();
            LabelWeights { columns, values, intercept: model.intercept, edges }
        };
        Self::new(models.zip(edges).map(label).collect(), n_columns)
    }

    /// The labels' parts.
    pub(super) fn labels(&self) -> &[LabelWeights] {
        &self.labels
    }

    /// What one n-gram adds to one label's score.
    pub(super) fn term(&self, label: usize, (column, value): (u32, f32)) -> f64 {
        f64::from(self.table[column as usize * self.n_blocks + label / BLOCK][label % BLOCK]) * f64::from(value)
    }

    /// Replaces `scores` with every label's text score of a row: intercept + Σ w x, added in the row's order.
    pub(super) fn scores(&self, row: &[(u32, f32)], scores: &mut Vec<f64>) {
        scores.clear();
        for (block, labels) in self.labels.chunks(BLOCK).enumerate() {
            let mut sums = [0.0_f64; BLOCK];
            for (column, value) in row {
                let weights = &self.table[*column as usize * self.n_blocks + block];
                let value = f64::from(*value);
                for lane in 0..BLOCK {
                    sums[lane] += f64::from(weights[lane]) * value;
                }
            }
            scores.extend(labels.iter().zip(sums).map(|(label, sum)| label.intercept + sum));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn label(weights: &[f32], intercept: f64) -> LabelWeights {
        LabelWeights {
            columns: (0..weights.len() as u32).collect(),
            values: weights.to_vec(),
            intercept,
            edges: BinEdges::default(),
        }
    }

    #[test]
    fn scores_by_hand() {
        let model = TextModel::new(vec![label(&[1.0, 2.0], 0.5), label(&[0.0, -1.0], 0.0)], 2);
        let mut scores = vec![9.0];
        model.scores(&[(1, 2.0), (0, 1.0)], &mut scores);
        assert_eq!(scores, [5.5, -2.0]);
    }

    proptest! {
        #[test]
        fn one_pass_has_the_bits_of_a_pass_for_each_label(
            weights in prop::collection::vec(prop::collection::vec(-2.0f32..2.0, 6), 0..11),
            row in prop::collection::vec((0_u32..6, 0.01f32..1.0), 0..9),
        ) {
            let all = TextModel::new(weights.iter().map(|w| label(w, 0.25)).collect(), 6);
            let mut scores = Vec::new();
            all.scores(&row, &mut scores);
            prop_assert_eq!(scores.len(), weights.len());
            for (at, weights) in weights.iter().enumerate() {
                let sum = row.iter().fold(0.0, |sum, (column, x)| sum + f64::from(weights[*column as usize]) * f64::from(*x));
                prop_assert_eq!(scores[at].to_bits(), (0.25 + sum).to_bits());
                let terms = row.iter().fold(0.0, |sum, cell| sum + all.term(at, *cell));
                prop_assert_eq!(terms, sum);
            }
        }
    }
}
