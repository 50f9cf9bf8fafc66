//! A fitted model: scores one row for all labels.
//!
//! Deliberately not here: attribution (`attribution`) and storage (`tensors`).

use super::abuse::noisy_or;
use super::bins::BinEdges;
use super::calibration::Calibrator;
use super::design::Vocabulary;
use super::market_calibration::MarketCalibrator;
use super::shapley::LazyTables;
use super::shared::SharedLine;
use super::text_weights::TextModel;
use super::tree::SymmetricTree;
use super::{CalibrationBasis, ModelError};
use crate::units::{Id, LabelKind, Market};

/// A fitted model. Fields are proven consistent by whoever makes one: `fit` or `from_parts`.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub(super) features: Vec<String>,
    pub(super) edges: Vec<BinEdges>,
    pub(super) vocabulary: Vocabulary,
    pub(super) text: TextModel,
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

/// One label's line through the text scores, trees and calibrator. Trees may ask about the features, and, as the features after
/// the last, about the text scores of the labels that have a model.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LabelModel {
    pub(super) line: SharedLine,
    pub(super) trees: Vec<SymmetricTree>,
    pub(super) shapley: LazyTables,
    pub(super) calibrator: MarketCalibrator,
    /// What its probabilities hold for.
    pub(super) basis: CalibrationBasis,
}

/// Room that scoring reuses from row to row.
#[derive(Debug, Default, Clone)]
pub struct RowScratch {
    /// Of the features, then of the text scores.
    pub(super) bins: Vec<u8>,
    pub(super) text: Vec<(u32, f32)>,
    pub(super) scores: Vec<f64>,
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

    /// What the probabilities of a label hold for; `None` for a label without a model. `label` is a position in
    /// [`Model::labels`].
    #[must_use]
    pub fn calibration_basis(&self, label: usize) -> Option<CalibrationBasis> {
        self.labels.get(label)?.model.as_ref().map(|model| model.basis)
    }

    /// The features that some tree asks about.
    #[must_use]
    pub fn features_used(&self) -> Vec<&str> {
        let mut is_used = vec![false; self.features.len()];
        for level in self.labels.iter().flat_map(LabelSlot::trees).flat_map(|tree| &tree.levels) {
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
    /// n-gram buckets, each once, and counts; `market` decides whose correction applies, `None` for that of no market.
    pub fn predict_row(
        &self,
        features: &[f32],
        text: (&[u32], &[f32]),
        market: Option<Market>,
        scratch: &mut RowScratch,
    ) -> Vec<Option<f64>> {
        self.prepare(features, text, scratch);
        let probability = |model: &LabelModel| model.calibrator.probability(model.raw_score(scratch), market);
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

    /// Bins the features, weighs the n-grams and scores the text, once for all labels.
    pub(super) fn prepare(&self, features: &[f32], text: (&[u32], &[f32]), scratch: &mut RowScratch) {
        let values = features.iter().copied().chain(std::iter::repeat(f32::NAN));
        scratch.bins.clear();
        scratch.bins.extend(self.edges.iter().zip(values).map(|(edges, value)| edges.bin(value)));
        self.vocabulary.transform(text.0, text.1, &mut scratch.text);
        self.text.scores(&scratch.text, &mut scratch.scores);
        let of_text = self.text.labels().iter().zip(&scratch.scores);
        scratch.bins.extend(of_text.map(|(label, score)| label.edges.bin(*score as f32)));
    }
}

impl LabelSlot {
    /// The trees, of which there are none without a model.
    pub(super) fn trees(&self) -> &[SymmetricTree] {
        self.model.as_ref().map_or(&[], |model| &model.trees)
    }
}

impl LabelModel {
    /// Log-odds before calibration.
    pub(super) fn raw_score(&self, row: &RowScratch) -> f64 {
        let bin = |feature: u32| row.bins[feature as usize];
        self.trees.iter().fold(self.line.at(&row.scores), |sum, tree| sum + tree.predict(bin))
    }
}
