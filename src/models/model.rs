//! A fitted model: scores one row for all labels.
//!
//! Deliberately not here: attribution (`attribution`) and storage (`tensors`).

use super::ModelError;
use super::abuse::noisy_or;
use super::bins::BinEdges;
use super::calibration::Calibrator;
use super::design::Vocabulary;
use super::logistic::ScoreLine;
use super::shapley::LazyTables;
use super::tree::SymmetricTree;
use crate::units::{Id, LabelKind};

/// A fitted model. Fields are proven consistent by whoever makes one: `fit` or `from_parts`.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub(super) features: Vec<String>,
    pub(super) edges: Vec<BinEdges>,
    pub(super) vocabulary: Vocabulary,
    pub(super) labels: Vec<LabelSlot>,
    pub(super) abuse: Option<Calibrator>,
}

/// A label with its model, if there was enough to learn from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LabelSlot {
    pub(super) label: Id,
    pub(super) kind: LabelKind,
    pub(super) model: Option<LabelModel>,
}

/// One label's text model, trees and calibrator.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LabelModel {
    pub(super) text: TextWeights,
    pub(super) line: ScoreLine,
    pub(super) text_edges: BinEdges,
    pub(super) trees: Vec<SymmetricTree>,
    pub(super) shapley: LazyTables,
    pub(super) calibrator: Calibrator,
}

/// Weights of a text model.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TextWeights {
    /// Columns with a weight, ascending.
    pub(super) columns: Vec<u32>,
    /// Their weights.
    pub(super) values: Vec<f32>,
    /// The intercept.
    pub(super) intercept: f64,
    dense: Vec<f32>,
}

impl TextWeights {
    /// The caller has proven that columns lie below `n_columns`.
    pub(super) fn new(columns: Vec<u32>, values: Vec<f32>, intercept: f64, n_columns: usize) -> Self {
        let mut dense = vec![0.0; n_columns];
        for (column, value) in columns.iter().zip(&values) {
            dense[*column as usize] = *value;
        }
        Self { columns, values, intercept, dense }
    }

    /// What one n-gram adds to the text score.
    pub(super) fn term(&self, (column, value): (u32, f32)) -> f64 {
        f64::from(self.dense[column as usize]) * f64::from(value)
    }

    /// The text score of a row.
    pub(super) fn score(&self, row: &[(u32, f32)]) -> f64 {
        let mut sum = 0.0;
        for cell in row {
            sum += self.term(*cell);
        }
        self.intercept + sum
    }
}

/// Room that scoring reuses from row to row.
#[derive(Debug, Default, Clone)]
pub struct RowScratch {
    pub(super) bins: Vec<u8>,
    pub(super) text: Vec<(u32, f32)>,
}

impl Model {
    /// The features it was fitted on, in the order that rows must have.
    #[must_use]
    pub fn features(&self) -> &[String] {
        &self.features
    }

    /// Number of buckets of the n-gram hash space.
    #[must_use]
    pub fn n_buckets(&self) -> u32 {
        self.vocabulary.n_buckets
    }

    /// The labels in order, each with its kind and whether it is scored.
    pub fn labels(&self) -> impl Iterator<Item = (&Id, LabelKind, bool)> {
        self.labels.iter().map(|slot| (&slot.label, slot.kind, slot.model.is_some()))
    }

    /// The features that some tree asks about.
    #[must_use]
    pub fn features_used(&self) -> Vec<&str> {
        let mut is_used = vec![false; self.features.len()];
        let trees = self.labels.iter().filter_map(|slot| slot.model.as_ref()).flat_map(|model| &model.trees);
        for level in trees.flat_map(|tree| &tree.levels) {
            if let Some(used) = is_used.get_mut(level.feature as usize) {
                *used = true;
            }
        }
        self.features.iter().zip(is_used).filter(|(_, used)| *used).map(|(name, _)| name.as_str()).collect()
    }

    /// Checks that rows have this model's features in its order.
    ///
    /// # Errors
    /// Names the first position that differs.
    pub fn check_features(&self, names: &[String]) -> Result<(), ModelError> {
        let at = (0..self.features.len().max(names.len())).find(|i| self.features.get(*i) != names.get(*i));
        match at {
            None => Ok(()),
            Some(position) => Err(ModelError::FeatureSet {
                position,
                expected: self.features.get(position).cloned().unwrap_or_default(),
                found: names.get(position).cloned().unwrap_or_default(),
            }),
        }
    }

    /// Calibrated probability per label, in the order of [`Model::labels`]; `None` for a label without a model.
    ///
    /// `features` as in [`Model::features`], NaN = missing, and features beyond its end count as missing; `text` the row's
    /// n-gram buckets, each once, and counts.
    pub fn predict_row(&self, features: &[f32], text: (&[u32], &[f32]), scratch: &mut RowScratch) -> Vec<Option<f64>> {
        self.prepare(features, text, scratch);
        let probability = |model: &LabelModel| model.calibrator.probability(model.raw_score(scratch));
        self.labels.iter().map(|slot| slot.model.as_ref().map(probability)).collect()
    }

    /// The probability of any abuse from [`Model::predict_row`]'s answer. `None` when no abuse label is scored; labels set to
    /// `None` (outside their content types) are left out.
    #[must_use]
    pub fn abuse(&self, probabilities: &[Option<f64>]) -> Option<f64> {
        let of_abuse = self.labels.iter().zip(probabilities).filter(|(slot, _)| slot.kind == LabelKind::Abuse);
        let any = noisy_or(of_abuse.filter_map(|(_, p)| *p))?;
        Some(self.abuse.as_ref().map_or(any, |calibrator| calibrator.probability(super::measures::logit(any))))
    }

    /// Bins the features and weighs the n-grams, once for all labels.
    pub(super) fn prepare(&self, features: &[f32], text: (&[u32], &[f32]), scratch: &mut RowScratch) {
        let values = features.iter().copied().chain(std::iter::repeat(f32::NAN));
        scratch.bins.clear();
        scratch.bins.extend(self.edges.iter().zip(values).map(|(edges, value)| edges.bin(value)));
        self.vocabulary.transform(text.0, text.1, &mut scratch.text);
    }
}

impl LabelModel {
    /// The bin of a feature; the text score is the feature after the last.
    pub(super) fn bin(&self, bins: &[u8], text_score: f64, feature: u32) -> u8 {
        bins.get(feature as usize).copied().unwrap_or_else(|| self.text_edges.bin(text_score as f32))
    }

    /// Log-odds before calibration.
    pub(super) fn raw_score(&self, row: &RowScratch) -> f64 {
        let text_score = self.text.score(&row.text);
        let text_bin = self.text_edges.bin(text_score as f32);
        let bin = |feature: u32| row.bins.get(feature as usize).copied().unwrap_or(text_bin);
        self.trees.iter().fold(self.line.at(text_score), |sum, tree| sum + tree.predict(bin))
    }
}
