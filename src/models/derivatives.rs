//! First and second derivatives of the log loss as integers, and the sums that trees are made of.
//!
//! A derivative is rounded once to a whole number of units (2⁻³⁰ of the largest weight), so that every sum over rows is exact
//! and has the same bits in any order and on any number of threads.

use rayon::prelude::*;

use super::measures::sigmoid;
use crate::units::{GOLDEN, finalise};

/// Rows that one task works on: their bins of one feature stay in the nearest cache, and a row within them fits in 16 bits.
pub(super) const CHUNK: usize = 8192;

/// Steps of a derivative's largest value.
const STEPS: f64 = (1_u64 << 30) as f64;

/// First and second derivative of each row's loss by its score, in units.
#[derive(Debug)]
pub(super) struct Derivatives {
    /// Gradient w (p − y) and curvature w p (1 − p) of each row.
    pub(super) of_row: Vec<[i32; 2]>,
    /// What one unit is worth.
    pub(super) unit: f64,
}

/// Exact sums of derivatives.
pub(super) type Sums = [i64; 2];

impl Derivatives {
    /// None yet, for rows of these weights.
    pub(super) fn new(weight: &[f64]) -> Self {
        let largest = weight.iter().fold(0.0_f64, |a, b| a.max(*b));
        let unit = if largest > 0.0 { largest / STEPS } else { 1.0 };
        Self { of_row: vec![[0; 2]; weight.len()], unit }
    }

    /// Takes the derivatives at `score`.
    pub(super) fn update(&mut self, score: &[f64], positive: &[bool], weight: &[f64]) {
        let per_unit = 1.0 / self.unit;
        let rows = self.of_row.par_chunks_mut(CHUNK).zip(score.par_chunks(CHUNK));
        rows.zip(positive.par_chunks(CHUNK).zip(weight.par_chunks(CHUNK))).for_each(|((of_row, score), (positive, weight))| {
            for (((derivatives, s), y), w) in of_row.iter_mut().zip(score).zip(positive).zip(weight) {
                *derivatives = at(sigmoid(*s), *y, w * per_unit);
            }
        });
    }

    /// Sums by group, of which each row's is below `n_groups`.
    pub(super) fn sums_by(&self, group: &[u16], n_groups: usize) -> Vec<Sums> {
        let of_chunk = |(group, of_row): (&[u16], &[[i32; 2]])| {
            let mut sums = vec![[0_i64; 2]; n_groups];
            for (g, [gradient, curvature]) in group.iter().zip(of_row) {
                let sum = &mut sums[usize::from(*g)];
                sum[0] += i64::from(*gradient);
                sum[1] += i64::from(*curvature);
            }
            sums
        };
        let parts: Vec<Vec<Sums>> = group.par_chunks(CHUNK).zip(self.of_row.par_chunks(CHUNK)).map(of_chunk).collect();
        let mut sums = vec![[0; 2]; n_groups];
        for part in &parts {
            for (sum, more) in sums.iter_mut().zip(part) {
                *sum = [sum[0] + more[0], sum[1] + more[1]];
            }
        }
        sums
    }
}

/// The derivatives of one row of weight `w` units.
fn at(p: f64, positive: bool, w: f64) -> [i32; 2] {
    let gradient = w * (p - f64::from(u8::from(positive)));
    [nearest(gradient), nearest(w * p * (1.0 - p))]
}

/// The nearest whole number, halves away from zero.
fn nearest(x: f64) -> i32 {
    (x + f64::copysign(0.5, x)) as i32
}

/// A random number from what it is for, and nothing else: SplitMix64's finaliser (Steele, Lea and Flood 2014) over a counter.
pub(super) fn counter_hash(seed: u64, round: u64, index: u64) -> u64 {
    finalise(seed ^ round.wrapping_mul(0xD1B5_4A32_D192_ED03) ^ index.wrapping_mul(GOLDEN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_by_hand() {
        // p = 1/2: gradients ∓w/2, curvature w/4; the largest weight, 2, is worth 2^30 units.
        let mut derivatives = Derivatives::new(&[1.0, 2.0]);
        derivatives.update(&[0.0, 0.0], &[true, false], &[1.0, 2.0]);
        assert_eq!(derivatives.of_row, [[-(1 << 28), 1 << 27], [1 << 29, 1 << 28]]);
        assert_eq!(derivatives.unit, 2.0 / STEPS);
    }

    #[test]
    fn sums_by_group_are_exact_over_many_runs() {
        let n = 3 * CHUNK + 5;
        let mut derivatives = Derivatives::new(&vec![1.0; n]);
        derivatives.update(&vec![0.0; n], &vec![true; n], &vec![1.0; n]);
        let group: Vec<u16> = (0..n).map(|i| (i % 3) as u16).collect();
        let of_group = |g: usize| (0..n).filter(|i| i % 3 == g).count() as i64;
        let expected: Vec<Sums> = (0..3).map(|g| [-(1 << 29) * of_group(g), (1 << 28) * of_group(g)]).collect();
        assert_eq!(derivatives.sums_by(&group, 3), expected);
    }
}
