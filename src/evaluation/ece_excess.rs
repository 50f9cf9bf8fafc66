//! How much of a calibration error is not chance.
//!
//! The ECE of finite rows is above zero even where every probability is right: a bin of n rows misses its own mean by about
//! √(p (1 − p) / n). What a perfectly calibrated model would show on these very probabilities is simulated by drawing each row's
//! class from its own probability (consistency resampling: Bröcker and Smith 2007; Vaicenavicius et al. 2019), and subtracted.

use serde::Serialize;

use super::calibration::{ece, equal_mass_bins};
use super::predictions::{Predictions, Row};
use crate::units::SplitMix;

/// How many sets of classes are drawn: the mean of so many lies within 5 % of its own standard deviation.
pub const ECE_DRAWS: u64 = 400;

/// Where the draws start: fixed, so that one set of rows has one figure.
const SEED: u64 = 0x005E_ED0F_0ECE;

/// A calibration error beside what chance alone would show.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EceExcess {
    /// The error that was found: [`ece`].
    pub ece: f64,
    /// The mean error of [`ECE_DRAWS`] sets of classes drawn from the probabilities themselves.
    pub expected: f64,
    /// `ece − expected`; about 0 for a calibrated model, on either side.
    pub excess: f64,
}

/// The calibration error on at most `n_bins` bins of equal mass, and its expectation under perfect calibration.
///
/// The draws depend on the rows alone, not on their order. `None` where [`ece`] is.
#[must_use]
pub fn ece_excess(predictions: &Predictions<'_>, n_bins: usize) -> Option<EceExcess> {
    let found = ece(predictions, n_bins)?.ece;
    let mut rows = predictions.scores().descending();
    // The draws must not depend on the truth, which `descending` sorts ties by.
    rows.sort_by(|a, b| a.score.total_cmp(&b.score).then(a.weight.total_cmp(&b.weight)));
    let bins = equal_mass_bins(&rows, n_bins);
    let total: f64 = rows.iter().map(|row| row.weight).sum();
    let mut sum = 0.0;
    for draw in 0..ECE_DRAWS {
        sum += gap_of_a_draw(&rows, &bins, draw) / total;
    }
    let expected = sum / ECE_DRAWS as f64;
    Some(EceExcess { ece: found, expected, excess: found - expected })
}

/// Σ over the bins of |Σ w (p − y)| with classes y drawn from the probabilities p.
fn gap_of_a_draw(rows: &[Row], bins: &[usize], draw: u64) -> f64 {
    let mut random = SplitMix(SEED ^ draw.wrapping_mul(0xD1B5_4A32_D192_ED03));
    let (mut gaps, mut gap, mut open) = (0.0, 0.0_f64, None);
    for (row, bin) in rows.iter().zip(bins) {
        if open != Some(*bin) {
            gaps += gap.abs();
            (gap, open) = (0.0, Some(*bin));
        }
        let drawn = if random.uniform() < row.score { 1.0 } else { 0.0 };
        gap += row.weight * (row.score - drawn);
    }
    gaps + gap.abs()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn excess(p: &[f64], positive: &[bool], n_bins: usize) -> EceExcess {
        ece_excess(&Predictions::new(p, positive).unwrap(), n_bins).unwrap()
    }

    #[test]
    fn chance_alone_is_expected_as_by_hand() {
        // One row misses by one half either way.
        assert_eq!(excess(&[0.5], &[true], 15), EceExcess { ece: 0.5, expected: 0.5, excess: 0.0 });
        // One bin of 100 fair coins: E|heads − 50| / 100 = C(100, 50) / 2^101 = 0.0398; standard error of the mean 0.0015.
        let coins = excess(&[0.5; 100], &[true; 100], 1);
        assert!((coins.expected - 0.0398).abs() < 0.005, "{coins:?}");
        assert!((coins.excess - (0.5 - coins.expected)).abs() < 1e-15);
        // Certain rows leave nothing to chance.
        assert_eq!(excess(&[0.0, 1.0], &[false, true], 2), EceExcess { ece: 0.0, expected: 0.0, excess: 0.0 });
    }

    /// numpy 2.4: 4,000 draws of the same 15 bins of p = (i + ½) / 3000 gave a mean ECE of 0.022327 (standard error 7e-5).
    #[test]
    fn a_ramp_has_the_expectation_that_numpy_found() {
        let p: Vec<f64> = (0..3000).map(|i| (f64::from(i) + 0.5) / 3000.0).collect();
        let found = excess(&p, &vec![false; 3000], 15);
        assert!((found.expected - 0.022_327).abs() < 0.0008, "{found:?}");
    }

    #[test]
    fn calibrated_rows_have_no_excess_and_shifted_ones_do() {
        let mut random = SplitMix(3);
        let p: Vec<f64> = (0..6000).map(|_| random.uniform()).collect();
        let positive: Vec<bool> = p.iter().map(|p| random.uniform() < *p).collect();
        assert!(excess(&p, &positive, 15).excess.abs() < 0.01);
        let shifted: Vec<f64> = p.iter().map(|p| (p + 0.05).min(1.0)).collect();
        assert!(excess(&shifted, &positive, 15).excess > 0.025);
    }

    proptest! {
        #[test]
        fn the_expectation_is_a_share_and_the_excess_what_is_left(rows in prop::collection::vec((0.0..=1.0_f64, any::<bool>()), 1..80)) {
            let (p, positive): (Vec<f64>, Vec<bool>) = rows.into_iter().unzip();
            let found = excess(&p, &positive, 15);
            prop_assert!((0.0..=1.0).contains(&found.expected));
            prop_assert_eq!(found.excess, found.ece - found.expected);
            let (turned_p, turned): (Vec<f64>, Vec<bool>) = p.iter().copied().zip(positive).rev().unzip();
            prop_assert_eq!(excess(&turned_p, &turned, 15).expected.to_bits(), found.expected.to_bits());
        }
    }

    #[test]
    fn neither_order_nor_truth_moves_the_draws() {
        let p = [0.2, 0.2, 0.7, 0.4, 0.9];
        let weight = [1.0, 3.0, 2.0, 0.5, 1.0];
        let of = |order: [usize; 5], positive: [bool; 5]| {
            let (p, w) = (order.map(|i| p[i]), order.map(|i| weight[i]));
            ece_excess(&Predictions::new(&p, &positive).unwrap().weighted(&w).unwrap(), 3).unwrap().expected
        };
        let truth = [true, false, true, false, true];
        assert_eq!(of([0, 1, 2, 3, 4], truth).to_bits(), of([4, 2, 0, 3, 1], truth).to_bits());
        assert_eq!(of([0, 1, 2, 3, 4], truth).to_bits(), of([0, 1, 2, 3, 4], [false; 5]).to_bits());
        assert_eq!(ece_excess(&Predictions::new(&[], &[]).unwrap(), 15), None);
    }
}
