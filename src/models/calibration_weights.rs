//! Which rows a calibrator learns from, and how much each counts.
//!
//! Where reviews were drawn with known inclusion probabilities π, rows stand for the population with weight 1/π (Hájek 1971),
//! and the others, picked because something about them looked bad, only train: a calibrator fitted to them would repeat their
//! base rate. With too few such rows every row calibrates, and the label's probabilities hold for the sample only: with the weights of
//! `sampling_weights`, if they are asked for, so that at least the base rate is near the population's, else with weight 1. The
//! weights of training (class weights, reviewers' reliability) never enter here, which undoes them.

use super::folds::Split;
use super::{CalibrationBasis, LabelTargets};

/// Rows of known inclusion probability that a label needs.
const MIN_KNOWN: usize = 100;

/// Of them, those that each class needs.
const MIN_KNOWN_OF_EACH: usize = 20;

/// Per row of a label: how much it counts in calibration; 0 where it does not calibrate.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CalibrationWeights {
    /// What the weights stand for.
    pub(super) basis: CalibrationBasis,
    /// The weights.
    pub(super) weight: Vec<f64>,
}

impl CalibrationWeights {
    /// Weighs the rows of `target` that calibrate in `split`. `stands_for`: how much of the population each row is thought to stand for.
    pub(super) fn of(target: &LabelTargets, split: &Split, stands_for: Option<&[f64]>) -> Self {
        let known: Vec<Option<f64>> =
            target.inclusion.iter().zip(&split.calibrates).map(|(pi, calibrates)| pi.filter(|_| *calibrates)).collect();
        let n_of = |class: bool| known.iter().zip(&target.positive).filter(|(pi, y)| pi.is_some() && **y == class).count();
        let (positives, negatives) = (n_of(true), n_of(false));
        if positives + negatives < MIN_KNOWN || positives.min(negatives) < MIN_KNOWN_OF_EACH {
            let one = |calibrates: &bool| f64::from(u8::from(*calibrates));
            let weight = match stands_for {
                None => split.calibrates.iter().map(one).collect(),
                Some(weight) => effective(split.calibrates.iter().zip(weight).map(|(c, weight)| one(c) * weight).collect()),
            };
            return Self { basis: CalibrationBasis::Sample, weight };
        }
        let weight = effective(known.iter().map(|pi| pi.map_or(0.0, |pi| 1.0 / pi)).collect());
        Self { basis: CalibrationBasis::Population, weight }
    }
}

/// The same weights, summing to Kish's effective number of rows, so that what is added to counts (drawn-in targets, priors) weighs
/// against what the rows really say.
fn effective(mut weight: Vec<f64>) -> Vec<f64> {
    let (sum, squares) = weight.iter().fold((0.0, 0.0), |(sum, squares), w| (sum + w, squares + w * w));
    weight.iter_mut().for_each(|w| *w = *w * sum / squares);
    weight
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::SplitKind;
    use crate::units::LabelKind;

    fn weights(n: usize, pi: impl Fn(usize) -> Option<f64>, positive: impl Fn(usize) -> bool) -> CalibrationWeights {
        let target = LabelTargets {
            label: "spam".into(),
            rows: (0..n as u32).collect(),
            positive: (0..n).map(positive).collect(),
            weight: vec![7.0; n],
            inclusion: (0..n).map(pi).collect(),
            kind: LabelKind::Abuse,
        };
        let split =
            Split { kind: SplitKind::Group, n_folds: 3, fold: vec![0; n], trains: vec![true; n], calibrates: vec![true; n] };
        CalibrationWeights::of(&target, &split, None)
    }

    #[test]
    fn too_few_known_rows_or_a_missing_class_make_it_a_sample() {
        let sample = CalibrationWeights { basis: CalibrationBasis::Sample, weight: vec![1.0; 400] };
        assert_eq!(weights(400, |i| (i < 99).then_some(0.5), |i| i % 2 == 0), sample);
        assert_eq!(weights(400, |_| Some(0.5), |i| i < 19), sample);
        assert_eq!(weights(400, |_| None, |i| i % 2 == 0), sample);
    }

    #[test]
    fn too_few_known_rows_still_lend_the_others_their_weights() {
        let target = LabelTargets {
            label: "spam".into(),
            rows: vec![0, 1, 2],
            positive: vec![true, false, false],
            weight: vec![7.0; 3],
            inclusion: vec![None; 3],
            kind: LabelKind::Abuse,
        };
        let split = Split {
            kind: SplitKind::Time,
            n_folds: 3,
            fold: vec![0; 3],
            trains: vec![true; 3],
            calibrates: vec![true, true, false],
        };
        // Weights 1 and 3 of the rows that calibrate: n_eff = 4² ÷ 10.
        let found = CalibrationWeights::of(&target, &split, Some(&[1.0, 3.0, 9.0]));
        assert_eq!(found, CalibrationWeights { basis: CalibrationBasis::Sample, weight: vec![0.4, 3.0 * 4.0 / 10.0, 0.0] });
    }

    #[test]
    fn known_rows_stand_for_the_population_and_the_others_for_nothing() {
        // 100 rows at ½, 100 at ¼: weights 2 and 4 up to a factor. n_eff = 600² / (100·4 + 100·16) = 180.
        let found = weights(300, |i| (i < 200).then_some(if i < 100 { 0.5 } else { 0.25 }), |i| i % 2 == 0);
        assert_eq!(found.basis, CalibrationBasis::Population);
        let sum: f64 = found.weight.iter().sum();
        assert!((sum - 180.0).abs() < 1e-9 && (found.weight[100] / found.weight[0] - 2.0).abs() < 1e-12);
        assert!(found.weight[200..].iter().all(|w| *w == 0.0));
    }
}
