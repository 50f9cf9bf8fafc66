//! Decisions at a threshold: the confusion matrix, what is computed from it, and its rescaling to another base rate.

use serde::Serialize;

use super::predictions::{Predictions, Scores};
use super::sum::Sum;
use crate::units::Probability;

/// The threshold at which the macro F1 of the metrics file is taken.
pub const MACRO_F1_THRESHOLD: f64 = 0.5;

/// Weights (counts, where rows are unweighted) of the four outcomes. Positive means violating.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Confusion {
    /// Violating and called so.
    pub true_positive: f64,
    /// Compliant, called violating.
    pub false_positive: f64,
    /// Violating, called compliant.
    pub false_negative: f64,
    /// Compliant and called so.
    pub true_negative: f64,
}

impl Confusion {
    /// Calls every row whose score is at least `threshold` violating.
    #[must_use]
    pub fn at(scores: &Scores<'_>, threshold: f64) -> Self {
        let [mut tp, mut fp, mut fne, mut tn] = [Sum::default(); 4];
        for row in scores.rows() {
            let cell = match (row.score >= threshold, row.positive) {
                (true, true) => &mut tp,
                (true, false) => &mut fp,
                (false, true) => &mut fne,
                (false, false) => &mut tn,
            };
            cell.add(row.weight);
        }
        Self { true_positive: tp.value(), false_positive: fp.value(), false_negative: fne.value(), true_negative: tn.value() }
    }

    /// Share of what was called violating that is; `None` where nothing was.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(self.true_positive, self.true_positive + self.false_positive)
    }

    /// Share of what is violating that was called so; `None` where nothing is.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        share(self.true_positive, self.true_positive + self.false_negative)
    }

    /// F1 = 2 tp ÷ (2 tp + fp + fn), the harmonic mean of precision and recall; `None` where nothing is or was called
    /// violating.
    #[must_use]
    pub fn f1(&self) -> Option<f64> {
        share(2.0 * self.true_positive, 2.0 * self.true_positive + self.false_positive + self.false_negative)
    }

    /// Mean of the F1 of violating and of compliant; `None` unless both classes occur, because the F1 of a class without
    /// cases says nothing.
    #[must_use]
    pub fn macro_f1(&self) -> Option<f64> {
        let base_rate = self.base_rate()?;
        if base_rate <= 0.0 || base_rate >= 1.0 {
            return None;
        }
        Some((self.f1()? + self.of_the_negative_class().f1()?) / 2.0)
    }

    /// Share of all that is violating; `None` where there is nothing.
    #[must_use]
    pub fn base_rate(&self) -> Option<f64> {
        share(self.true_positive + self.false_negative, self.total())
    }

    /// Share of all at or above the threshold: the review load (FIELD.md §2). Its complement is the filter rate.
    #[must_use]
    pub fn match_rate(&self) -> Option<f64> {
        share(self.true_positive + self.false_positive, self.total())
    }

    /// Weight of all rows.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.true_positive + self.false_positive + self.false_negative + self.true_negative
    }

    /// The matrix that a population with `base_rate` positives would show, of the same total weight (FIELD.md §3): the
    /// violating cells are multiplied by π ÷ π_sample, the compliant ones by (1 − π) ÷ (1 − π_sample). Recall and specificity
    /// stay; precision and match rate become the population's. `None` unless the sample has both classes.
    #[must_use]
    pub fn at_base_rate(&self, base_rate: Probability) -> Option<Self> {
        let sample = self.base_rate()?;
        if sample <= 0.0 || sample >= 1.0 {
            return None;
        }
        let violating = base_rate.get() / sample;
        let compliant = (1.0 - base_rate.get()) / (1.0 - sample);
        Some(Self {
            true_positive: self.true_positive * violating,
            false_positive: self.false_positive * compliant,
            false_negative: self.false_negative * violating,
            true_negative: self.true_negative * compliant,
        })
    }

    /// The same matrix with compliant as the positive class.
    fn of_the_negative_class(&self) -> Self {
        Self {
            true_positive: self.true_negative,
            false_positive: self.false_negative,
            false_negative: self.false_positive,
            true_negative: self.true_positive,
        }
    }
}

/// Macro F1 at [`MACRO_F1_THRESHOLD`]; `None` unless both classes have weight.
#[must_use]
pub fn macro_f1(predictions: &Predictions<'_>) -> Option<f64> {
    Confusion::at(predictions.scores(), MACRO_F1_THRESHOLD).macro_f1()
}

/// A weight for each row, with which the rows show `base_rate`: π ÷ π_sample for the violating ones, (1 − π) ÷ (1 − π_sample) for the
/// others, as in [`Confusion::at_base_rate`]. `None` unless both classes occur.
///
/// For a population whose rate is known from elsewhere; where rows were drawn with known probabilities, their inverses are the weights.
#[must_use]
pub fn base_rate_weights(positive: &[bool], base_rate: Probability) -> Option<Vec<f64>> {
    let sample = positive.iter().filter(|positive| **positive).count() as f64 / positive.len().max(1) as f64;
    let of = |positive: bool| if positive { base_rate.get() / sample } else { (1.0 - base_rate.get()) / (1.0 - sample) };
    (sample > 0.0 && sample < 1.0).then(|| positive.iter().map(|positive| of(*positive)).collect())
}

/// `part ÷ whole`, undefined without a whole.
fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rescaling_to_the_population_keeps_recall_and_moves_precision() {
        // By hand: 50 of 100 violating in the sample, recall 0.8, false-positive rate 0.1; at 1 % violating the precision is
        // 0.008 ÷ (0.008 + 0.099).
        let sample = Confusion { true_positive: 40.0, false_positive: 5.0, false_negative: 10.0, true_negative: 45.0 };
        let population = sample.at_base_rate(Probability::new(0.01).unwrap()).unwrap();
        let close = |found: Option<f64>, expect: f64| assert!((found.unwrap() - expect).abs() < 1e-12, "{found:?} {expect}");
        close(population.recall(), 0.8);
        close(population.precision(), 0.008 / 0.107);
        close(population.match_rate(), 0.107);
        close(population.base_rate(), 0.01);
        close(Some(population.total()), 100.0);
    }

    #[test]
    fn weights_and_rescaling_lead_to_the_same_matrix() {
        let (p, positive) = ([0.9, 0.8, 0.3, 0.2, 0.1], [true, false, true, false, false]);
        let rate = Probability::new(0.1).unwrap();
        let scores = Scores::new(&p, &positive).unwrap();
        let weight = base_rate_weights(&positive, rate).unwrap();
        let (weighted, rescaled) =
            (Confusion::at(&scores.weighted(&weight).unwrap(), 0.5), Confusion::at(&scores, 0.5).at_base_rate(rate).unwrap());
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{weighted:?} {rescaled:?}");
        close(weighted.true_positive, rescaled.true_positive);
        close(weighted.false_positive, rescaled.false_positive);
        close(weighted.false_negative, rescaled.false_negative);
        close(weighted.true_negative, rescaled.true_negative);
        assert_eq!(base_rate_weights(&[true, true], rate), None);
        assert_eq!(base_rate_weights(&[], rate), None);
    }

    #[test]
    fn undefined_is_none() {
        let one_class = Confusion { true_positive: 0.0, false_positive: 0.0, false_negative: 0.0, true_negative: 9.0 };
        assert_eq!((one_class.precision(), one_class.recall(), one_class.f1(), one_class.macro_f1()), (None, None, None, None));
        assert_eq!(one_class.at_base_rate(Probability::new(0.5).unwrap()), None);
        assert_eq!((one_class.base_rate(), one_class.match_rate()), (Some(0.0), Some(0.0)));
        let empty = Confusion { true_negative: 0.0, ..one_class };
        assert_eq!((empty.base_rate(), empty.match_rate(), empty.macro_f1()), (None, None, None));
    }

    #[test]
    fn a_score_at_the_threshold_is_called_violating() {
        let scores = Scores::new(&[0.5, 0.499], &[true, true]).unwrap();
        let found = Confusion::at(&scores, 0.5);
        assert_eq!((found.true_positive, found.false_negative), (1.0, 1.0));
    }
}
