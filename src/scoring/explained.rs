//! Why an item has the score that it has, in full: for a person who looks at one case.

use super::scorer::Scorer;
use crate::dataset::Item;
use crate::models::{CalibrationBasis, Contribution, RowScratch};

/// One label's score of one item, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplainedLabel {
    /// The label's position in the project's labels.
    pub label: usize,
    /// Calibrated probability, as published: `None` outside the label's content types or without a model.
    pub probability: Option<f64>,
    /// Whether the label has a model.
    pub has_model: bool,
    /// What the probability holds for.
    pub basis: Option<CalibrationBasis>,
    /// Whether it is the label that the row's reasons are of.
    pub leading: bool,
    /// What its log-odds before calibration are the sum of, largest first; empty without a probability.
    pub contributions: Vec<Contribution>,
}

impl Scorer<'_> {
    /// Every label of the project, in its order. Probabilities are those of [`Scorer::score`], to the bit.
    #[must_use]
    pub fn explained(&self, item: &Item) -> Vec<ExplainedLabel> {
        let mut probabilities = self.probabilities(item);
        for (p, label) in probabilities.iter_mut().zip(self.labels) {
            *p = p.filter(|_| label.content_types.contains(&item.content_type));
        }
        let leading = self.leading(&probabilities);
        let (buckets, counts): (Vec<u32>, Vec<f32>) = item.ngrams.iter().copied().unzip();
        let mut scratch = RowScratch::default();
        let mut of_label = |(label, (probability, column)): (usize, (&Option<f64>, &Option<usize>))| {
            let contributions = column
                .filter(|_| probability.is_some())
                .and_then(|column| self.model.contributions(column, &item.features, (&buckets, &counts), &mut scratch));
            let basis = column.and_then(|column| self.model.calibration_basis(column));
            ExplainedLabel {
                label,
                probability: *probability,
                has_model: basis.is_some(),
                basis,
                leading: leading == Some(label),
                contributions: contributions.unwrap_or_default(),
            }
        };
        probabilities.iter().zip(&self.columns).enumerate().map(&mut of_label).collect()
    }
}
