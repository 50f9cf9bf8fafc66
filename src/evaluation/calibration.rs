//! Whether a probability means what it says: log loss, Brier score, and calibration error on equal-mass bins.
//!
//! All three are defined for one class alone; only a lack of any weight leaves them undefined.

use serde::Serialize;

use super::predictions::{Predictions, Row};
use super::sum::Sum;

/// How many equal-mass bins the calibration error is computed on.
pub const ECE_BINS: usize = 15;

/// Probabilities are kept this far from 0 and 1 in the log loss, so that one certain mistake costs 34.5 and not infinity.
pub const LOG_LOSS_CLIP: f64 = 1e-15;

/// Calibration error and the bins behind it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// Σ (weight of the bin ÷ total weight) · |mean probability − observed rate|.
    pub ece: f64,
    /// The bins that are not empty, lowest probabilities first.
    pub bins: Vec<CalibrationBin>,
}

/// One bin of the reliability curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CalibrationBin {
    /// Rows that fell into it.
    pub n: u64,
    /// Their weighted mean probability.
    pub mean_p: f64,
    /// Their weighted share of positives.
    pub rate: f64,
    /// `mean_p − rate`: above zero where the model claims more than comes true.
    pub gap: f64,
}

/// Mean of −ln of the probability given to what came true, clipped at [`LOG_LOSS_CLIP`] (scikit-learn's `log_loss`).
#[must_use]
pub fn log_loss(predictions: &Predictions<'_>) -> Option<f64> {
    predictions.scores().mean(|row| {
        let p = row.score.clamp(LOG_LOSS_CLIP, 1.0 - LOG_LOSS_CLIP);
        if row.positive { -libm::log(p) } else { -libm::log1p(-p) }
    })
}

/// Mean of (p − y)² (Brier 1950).
#[must_use]
pub fn brier(predictions: &Predictions<'_>) -> Option<f64> {
    predictions.scores().mean(|row| {
        let miss = row.score - truth(&row);
        miss * miss
    })
}

/// Expected calibration error on at most `n_bins` bins of equal mass (FIELD.md §3).
///
/// Rows with equal probabilities share a bin: they go where the middle of their mass falls, bin
/// ⌊n_bins · middle ÷ total weight⌋. With distinct probabilities and `n_bins` dividing n the bins are exactly equal.
/// `None` without any weight or bins.
#[must_use]
pub fn ece(predictions: &Predictions<'_>, n_bins: usize) -> Option<Calibration> {
    let mut rows = predictions.scores().descending();
    rows.reverse();
    let total = rows.iter().map(|row| row.weight).collect::<Sum>().value();
    if rows.is_empty() || n_bins == 0 {
        return None;
    }
    let (mut filling, mut filled) = (Filling::default(), Vec::new());
    for (row, bin) in rows.iter().zip(equal_mass_bins(&rows, n_bins)) {
        if filling.bin != bin && filling.n > 0 {
            filled.push(std::mem::take(&mut filling));
        }
        filling.bin = bin;
        filling.include(row);
    }
    filled.push(filling);
    let weighted_gap = |bin: &Filling| bin.mass.value() / total * bin.finish().gap.abs();
    let ece = filled.iter().map(weighted_gap).collect::<Sum>().value();
    Some(Calibration { ece, bins: filled.iter().map(Filling::finish).collect() })
}

/// The bin of each row, for rows that ascend by score and weigh something; see [`ece`].
pub(super) fn equal_mass_bins(rows: &[Row], n_bins: usize) -> Vec<usize> {
    let total = rows.iter().map(|row| row.weight).collect::<Sum>().value();
    let mut before = Sum::default();
    let mut bins = Vec::with_capacity(rows.len());
    for tied in rows.chunk_by(|a, b| a.score == b.score) {
        let mass = tied.iter().map(|row| row.weight).collect::<Sum>().value();
        let middle = (before.value() + mass / 2.0) / total;
        bins.extend(std::iter::repeat_n(((middle * n_bins as f64) as usize).min(n_bins - 1), tied.len()));
        before.add(mass);
    }
    bins
}

/// A bin that rows still fall into.
#[derive(Default)]
struct Filling {
    bin: usize,
    n: u64,
    mass: Sum,
    probability: Sum,
    positive: Sum,
}

impl Filling {
    fn include(&mut self, row: &Row) {
        self.n += 1;
        self.mass.add(row.weight);
        self.probability.add(row.weight * row.score);
        self.positive.add(row.weight * truth(row));
    }

    fn finish(&self) -> CalibrationBin {
        let mean_p = self.probability.value() / self.mass.value();
        let rate = self.positive.value() / self.mass.value();
        CalibrationBin { n: self.n, mean_p, rate, gap: mean_p - rate }
    }
}

/// 1 for a positive row, else 0.
fn truth(row: &Row) -> f64 {
    f64::from(u8::from(row.positive))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bins(p: &[f64], positive: &[bool], n_bins: usize) -> Vec<(u64, f64, f64)> {
        let found = ece(&Predictions::new(p, positive).unwrap(), n_bins).unwrap();
        found.bins.iter().map(|b| (b.n, b.mean_p, b.rate)).collect()
    }

    #[test]
    fn bins_have_equal_mass_and_ties_stay_together() {
        let truth = [false, true, false, true];
        assert_eq!(bins(&[0.25, 0.75, 0.5, 1.0], &truth, 2), [(2, 0.375, 0.0), (2, 0.875, 1.0)]);
        assert_eq!(bins(&[0.5; 4], &truth, 2), [(4, 0.5, 0.5)]);
        assert_eq!(bins(&[0.5, 0.25, 0.5, 0.5], &truth, 2), [(1, 0.25, 1.0), (3, 0.5, 1.0 / 3.0)]);
        assert_eq!(bins(&[0.5], &[true], 15), [(1, 0.5, 1.0)]);
    }

    #[test]
    fn the_gap_is_signed_and_the_error_is_not() {
        let p = [0.1, 0.1, 0.9, 0.9];
        let found = ece(&Predictions::new(&p, &[false, false, true, false]).unwrap(), 2).unwrap();
        assert!((found.bins[0].gap - 0.1).abs() < 1e-15 && (found.bins[1].gap - 0.4).abs() < 1e-15);
        assert!((found.ece - 0.25).abs() < 1e-15);
        let under = ece(&Predictions::new(&[0.25], &[true]).unwrap(), 15).unwrap();
        assert_eq!((under.bins[0].gap, under.ece), (-0.75, 0.75));
    }

    #[test]
    fn one_class_is_defined_and_no_rows_are_not() {
        let one = Predictions::new(&[0.5, 0.5], &[true, true]).unwrap();
        assert!((log_loss(&one).unwrap() - std::f64::consts::LN_2).abs() < 1e-15);
        assert_eq!(brier(&one), Some(0.25));
        assert_eq!(ece(&one, ECE_BINS).unwrap().ece, 0.5);
        let none = Predictions::new(&[], &[]).unwrap();
        assert_eq!((log_loss(&none), brier(&none), ece(&none, ECE_BINS)), (None, None, None));
        let weightless = one.weighted(&[0.0, 0.0]).unwrap();
        assert_eq!((log_loss(&weightless), brier(&weightless), ece(&weightless, ECE_BINS)), (None, None, None));
        assert_eq!(ece(&one, 0), None);
    }

    #[test]
    fn a_certain_mistake_costs_what_the_clip_says() {
        let wrong = Predictions::new(&[0.0], &[true]).unwrap();
        assert!((log_loss(&wrong).unwrap() - 34.538_776_394_910_684).abs() < 1e-12);
    }
}
