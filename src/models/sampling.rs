//! The rows of one tree: those that matter most for its questions, weighted so that sums are kept on average.
//!
//! Minimal variance sampling (Ibragimov and Gusev, "Minimal Variance Sampling in Stochastic Gradient Boosting", 2019): a row is
//! taken with probability min(1, s / μ), s = √(g² + h²), and weighs 1 / that; μ makes the expected number of rows the share
//! asked for. Whether a row is taken is a function of seed, tree and row. The derivatives of the sample are packed into one
//! 64-bit number a row, first derivative above, second below, so that a histogram adds both at once, exactly.

use rayon::prelude::*;

use super::derivatives::{CHUNK, Derivatives, counter_hash};

/// Sums of packed derivatives stay below this, with room for the rounding of as many rows.
const PACKED_LIMIT: f64 = (1_u64 << 30) as f64;

/// Buckets of the distribution of s: sign, exponent and four bits of the mantissa.
const BUCKETS: usize = 1 << 12;

/// A tree's rows.
#[derive(Debug)]
pub(super) struct Sample {
    /// They stand in runs of `CHUNK` rows of the training set.
    pub(super) chunks: Vec<SampleChunk>,
    /// What one step of a packed gradient and curvature is worth.
    pub(super) unit: [f64; 2],
}

/// The sampled rows of one run.
#[derive(Debug, Default)]
pub(super) struct SampleChunk {
    /// The first row of the run.
    pub(super) first: usize,
    /// Number of rows in the run, sampled or not.
    pub(super) len: usize,
    /// Each sampled row's place in the run.
    pub(super) rows: Vec<u16>,
    /// Its packed derivatives.
    pub(super) packed: Vec<i64>,
    weighted: Vec<[f32; 2]>,
}

/// Both derivatives in one number. The curvature is not negative.
fn pack(gradient: i32, curvature: i32) -> i64 {
    (i64::from(gradient) << 32) + i64::from(curvature)
}

/// Gradient and curvature of a sum of packed numbers.
pub(super) fn unpack(sum: i64) -> [i32; 2] {
    [(sum >> 32) as i32, sum as u32 as i32]
}

impl Sample {
    /// No rows, with room for `n`.
    pub(super) fn new(n: usize) -> Self {
        let chunk = |first: usize| SampleChunk { first, len: CHUNK.min(n - first), ..SampleChunk::default() };
        Self { chunks: (0..n).step_by(CHUNK).map(chunk).collect(), unit: [1.0; 2] }
    }

    /// Draws the rows of a tree; a share of 1 takes all.
    pub(super) fn draw(&mut self, derivatives: &Derivatives, share: f64, seed: u64, tree: u64) {
        let threshold = if share < 1.0 { threshold(&derivatives.of_row, share) } else { 0.0 };
        self.chunks.par_iter_mut().for_each(|chunk| {
            let of_row = &derivatives.of_row[chunk.first..chunk.first + chunk.len];
            chunk.rows.clear();
            chunk.weighted.clear();
            if threshold > 0.0 {
                chunk.thin_out(of_row, threshold, seed, tree);
            } else {
                chunk.rows.extend((0..of_row.len()).map(|row| row as u16));
                chunk.weighted.extend(of_row.iter().map(|d| [d[0] as f32, d[1] as f32]));
            }
        });
        self.pack(derivatives.unit);
    }

    /// Packs the weighted derivatives on the finest scale on which no sum can overflow.
    fn pack(&mut self, unit: f64) {
        let sums: Vec<[i64; 2]> = self.chunks.par_iter().map(SampleChunk::absolute).collect();
        let total = sums.iter().fold([0_i64; 2], |a, b| [a[0] + b[0], a[1] + b[1]]);
        let scale = total.map(|sum| (PACKED_LIMIT / (sum.max(1) as f64)) as f32);
        self.unit = scale.map(|scale| unit / f64::from(scale));
        self.chunks.par_iter_mut().for_each(|chunk| {
            chunk.packed.clear();
            chunk.packed.extend(chunk.weighted.iter().map(|d| pack(nearest(d[0] * scale[0]), nearest(d[1] * scale[1]))));
        });
    }
}

impl SampleChunk {
    /// Sums of the absolute weighted derivatives, in units of the derivatives.
    fn absolute(&self) -> [i64; 2] {
        self.weighted.iter().fold([0; 2], |sum, d| [sum[0] + d[0].abs() as i64 + 1, sum[1] + d[1] as i64 + 1])
    }

    fn thin_out(&mut self, of_row: &[[i32; 2]], threshold: f32, seed: u64, tree: u64) {
        let per_threshold = (1_u64 << 32) as f32 / threshold;
        self.rows.resize(of_row.len(), 0);
        self.weighted.resize(of_row.len(), [0.0; 2]);
        let mut n = 0;
        let mut random = 0;
        for (row, derivatives) in of_row.iter().enumerate() {
            // Two rows share a hash, 32 bits each.
            random = if row % 2 == 0 { counter_hash(seed, tree, ((self.first + row) / 2) as u64) } else { random >> 32 };
            let size = size(*derivatives);
            let is_sure = size >= threshold;
            let weight = if is_sure { 1.0 } else { threshold / size };
            let is_taken = is_sure || (random as u32) < (size * per_threshold) as u32;
            self.rows[n] = row as u16;
            self.weighted[n] = [derivatives[0] as f32 * weight, derivatives[1] as f32 * weight];
            n += usize::from(is_taken);
        }
        self.rows.truncate(n);
        self.weighted.truncate(n);
    }
}

/// s of a row.
fn size([gradient, curvature]: [i32; 2]) -> f32 {
    let (g, h) = (gradient as f32, curvature as f32);
    (g * g + h * h).sqrt()
}

/// μ, from the distribution of s in buckets.
fn threshold(of_row: &[[i32; 2]], share: f64) -> f32 {
    let count = |of_row: &[[i32; 2]]| {
        let mut buckets = vec![[0_u64; 2]; BUCKETS];
        for derivatives in of_row {
            let size = size(*derivatives);
            let bucket = &mut buckets[(size.to_bits() >> 19) as usize % BUCKETS];
            bucket[0] += 1;
            bucket[1] += size as u64;
        }
        buckets
    };
    let parts: Vec<Vec<[u64; 2]>> = of_row.par_chunks(16 * CHUNK).map(count).collect();
    let mut buckets = vec![[0_u64; 2]; BUCKETS];
    for part in &parts {
        for (bucket, more) in buckets.iter_mut().zip(part) {
            bucket[0] += more[0];
            bucket[1] += more[1];
        }
    }
    let wanted = share * of_row.len() as f64;
    let mut below: u64 = buckets.iter().map(|bucket| bucket[1]).sum();
    let mut above = 0;
    for (i, [n, sum]) in buckets.iter().enumerate().rev() {
        let lower = f64::from(f32::from_bits((i as u32) << 19));
        if lower > 0.0 && (above + n) as f64 + (below - sum) as f64 / lower >= wanted {
            return (below as f64 / (wanted - above as f64).max(1.0)) as f32;
        }
        above += n;
        below -= sum;
    }
    0.0
}

/// The nearest whole number, halves away from zero.
fn nearest(x: f32) -> i32 {
    (x + f32::copysign(0.5, x)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derivatives(n: usize) -> Derivatives {
        let weight: Vec<f64> = (0..n).map(|i| 1.0 + (i % 5) as f64).collect();
        let mut derivatives = Derivatives::new(&weight);
        let score: Vec<f64> = (0..n).map(|i| (i % 17) as f64 * 0.3 - 4.0).collect();
        let positive: Vec<bool> = (0..n).map(|i| i % 13 == 0).collect();
        derivatives.update(&score, &positive, &weight);
        derivatives
    }

    /// Sums of the packed derivatives, unpacked, in the derivatives' own unit.
    fn totals(sample: &Sample, unit: f64) -> [f64; 2] {
        let packed = sample.chunks.iter().flat_map(|chunk| &chunk.packed).fold(0_i64, |sum, p| sum.wrapping_add(*p));
        let [g, h] = unpack(packed).map(f64::from);
        [g * sample.unit[0] / unit, h * sample.unit[1] / unit]
    }

    #[test]
    fn packed_numbers_come_apart_again_also_where_sums_are_negative() {
        for (g, h) in [(-5, 3), (7, 0), (0, 9), (-1, i32::MAX)] {
            assert_eq!(unpack(pack(g, h)), [g, h]);
        }
        assert_eq!(unpack(pack(-5, 3) + pack(2, 8)), [-3, 11]);
        assert_eq!(unpack(pack(-5, 9) - pack(2, 8)), [-7, 1]);
    }

    #[test]
    fn a_share_of_one_takes_every_row_and_keeps_the_sums() {
        let derivatives = derivatives(2 * CHUNK + 100);
        let mut sample = Sample::new(derivatives.of_row.len());
        sample.draw(&derivatives, 1.0, 3, 0);
        assert_eq!(sample.chunks.iter().map(|chunk| chunk.rows.len()).collect::<Vec<_>>(), [CHUNK, CHUNK, 100]);
        let expected = derivatives.of_row.iter().fold([0.0; 2], |s, d| [s[0] + f64::from(d[0]), s[1] + f64::from(d[1])]);
        let found = totals(&sample, derivatives.unit);
        assert!((0..2).all(|i| (found[i] / expected[i] - 1.0).abs() < 1e-4), "{found:?} {expected:?}");
    }

    #[test]
    fn a_sample_has_the_size_asked_for_and_keeps_sums_on_average() {
        let derivatives = derivatives(4 * CHUNK);
        let n = derivatives.of_row.len() as f64;
        let expected = derivatives.of_row.iter().fold([0.0; 2], |s, d| [s[0] + f64::from(d[0]), s[1] + f64::from(d[1])]);
        for share in [0.1, 0.3, 0.7] {
            let mut sample = Sample::new(derivatives.of_row.len());
            let mut mean = [0.0; 2];
            for tree in 0..40 {
                sample.draw(&derivatives, share, 3, tree);
                let taken = sample.chunks.iter().map(|chunk| chunk.rows.len()).sum::<usize>() as f64;
                assert!((taken / n / share - 1.0).abs() < 0.08, "{share}: {}", taken / n);
                let found = totals(&sample, derivatives.unit);
                (0..2).for_each(|i| mean[i] += found[i] / 40.0);
            }
            assert!((0..2).all(|i| (mean[i] / expected[i] - 1.0).abs() < 0.02), "{share}: {mean:?} {expected:?}");
        }
    }

    #[test]
    fn draws_differ_by_tree_and_seed_only() {
        let derivatives = derivatives(CHUNK);
        let rows = |seed, tree| {
            let mut sample = Sample::new(CHUNK);
            sample.draw(&derivatives, 0.3, seed, tree);
            sample.chunks.swap_remove(0).rows
        };
        assert_eq!(rows(1, 0), rows(1, 0));
        assert_ne!(rows(1, 0), rows(1, 1));
        assert_ne!(rows(1, 0), rows(2, 0));
    }
}
