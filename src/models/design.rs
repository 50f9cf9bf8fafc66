//! Hashed n-gram counts as a weighted, scaled matrix that every label shares.
//!
//! Input: raw counts per bucket. Output: rows of (1 + ln count) · idf, scaled to unit length, over the buckets that stand in
//! at least `min_documents` documents. idf = ln((1 + n) / (1 + df)) + 1 as in scikit-learn's `TfidfTransformer`.
//!
//! The document frequencies are counted over all training rows, held-out ones too: they carry no label.

use std::cmp::Reverse;

use super::TextBlocks;
use crate::text::SparseRows;

/// Regressions that share a pass over the rows: eight numbers fill a cache line.
pub(super) const LANES: usize = 8;

/// One number for each of them.
pub(super) type Lanes = [f64; LANES];

/// A bucket that the vocabulary does not hold.
const ABSENT: u32 = u32::MAX;

/// The buckets in use, their inverse document frequencies, and the way from a bucket to its column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Vocabulary {
    /// Size of the hash space.
    pub(super) n_buckets: u32,
    /// The bucket of each column: the most frequent first, so that the weights used most lie close together in memory.
    pub(super) buckets: Vec<u32>,
    /// Inverse document frequency of each column.
    pub(super) idf: Vec<f32>,
    /// What is scaled to unit length together.
    pub(super) blocks: TextBlocks,
    columns: Vec<u32>,
}

impl Vocabulary {
    /// Puts the parts together. The caller has proven that buckets lie below `n_buckets` and stand once.
    pub(super) fn new(n_buckets: u32, buckets: Vec<u32>, idf: Vec<f32>, blocks: TextBlocks) -> Self {
        let mut columns = vec![ABSENT; n_buckets as usize];
        for (column, bucket) in buckets.iter().enumerate() {
            columns[*bucket as usize] = column as u32;
        }
        Self { n_buckets, buckets, idf, blocks, columns }
    }

    /// Counts documents per bucket and keeps those that stand in at least `min_documents`.
    pub(super) fn learn(rows: &SparseRows, min_documents: u32, blocks: TextBlocks) -> Self {
        let mut documents = vec![0_u32; rows.n_cols as usize];
        for bucket in &rows.indices {
            documents[*bucket as usize] += 1;
        }
        let mut buckets: Vec<u32> = (0..rows.n_cols).filter(|b| documents[*b as usize] >= min_documents.max(1)).collect();
        buckets.sort_by_key(|b| (Reverse(documents[*b as usize]), *b));
        let n = rows.n_rows() as f64;
        let idf =
            buckets.iter().map(|b| (libm::log((1.0 + n) / (1.0 + f64::from(documents[*b as usize]))) + 1.0) as f32).collect();
        Self::new(rows.n_cols, buckets, idf, blocks)
    }

    /// Number of columns.
    pub(super) fn len(&self) -> usize {
        self.buckets.len()
    }

    /// One row's weighted, scaled values as (column, value), in the order of the buckets. Counts that are not above zero and
    /// buckets out of range are passed over.
    pub(super) fn transform(&self, indices: &[u32], counts: &[f32], out: &mut Vec<(u32, f32)>) {
        out.clear();
        let half = self.n_buckets / 2;
        let mut squares = [0.0_f64; 2];
        let block_of = |bucket: u32| usize::from(self.blocks == TextBlocks::Halves && bucket >= half);
        for (bucket, count) in indices.iter().zip(counts) {
            let column = self.columns.get(*bucket as usize).copied().unwrap_or(ABSENT);
            if column == ABSENT || count.is_nan() || *count <= 0.0 {
                continue;
            }
            // Most n-grams stand once in a text, and ln 1 is exactly 0.
            let log_count = if *count == 1.0 { 0.0 } else { libm::log(f64::from(*count)) };
            let value = (1.0 + log_count).max(0.0) * f64::from(self.idf[column as usize]);
            squares[block_of(*bucket)] += value * value;
            out.push((column, value as f32));
        }
        let scale = squares.map(|s| if s > 0.0 { 1.0 / s.sqrt() } else { 0.0 });
        for (column, value) in out.iter_mut() {
            *value = (f64::from(*value) * scale[block_of(self.buckets[*column as usize])]) as f32;
        }
    }
}

/// The weighted, scaled rows of a training set, in compressed rows.
#[derive(Debug)]
pub(super) struct Design {
    /// Number of columns.
    pub(super) n_columns: usize,
    offsets: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
}

impl Design {
    /// Transforms every row.
    pub(super) fn new(vocabulary: &Vocabulary, rows: &SparseRows) -> Self {
        let mut design = Self { n_columns: vocabulary.len(), offsets: vec![0], columns: Vec::new(), values: Vec::new() };
        let mut row = Vec::new();
        for i in 0..rows.n_rows() {
            let (indices, counts) = rows.row(i);
            vocabulary.transform(indices, counts, &mut row);
            design.columns.extend(row.iter().map(|(c, _)| *c));
            design.values.extend(row.iter().map(|(_, v)| *v));
            design.offsets.push(design.columns.len());
        }
        design
    }

    /// Dense rows as they are, for tests.
    #[cfg(test)]
    pub(super) fn of_dense(rows: &[&[f32]]) -> Self {
        let n_columns = rows.first().map_or(0, |row| row.len());
        let mut design = Self { n_columns, offsets: vec![0], columns: Vec::new(), values: Vec::new() };
        for row in rows {
            design.columns.extend(0..n_columns as u32);
            design.values.extend(*row);
            design.offsets.push(design.columns.len());
        }
        design
    }

    /// The columns and values of one row.
    pub(super) fn row(&self, row: u32) -> (&[u32], &[f32]) {
        let (start, end) = (self.offsets[row as usize], self.offsets[row as usize + 1]);
        (&self.columns[start..end], &self.values[start..end])
    }

    /// Σ w x over one row, in the row's order.
    pub(super) fn dot(&self, row: u32, weights: &[f64]) -> f64 {
        let (columns, values) = self.row(row);
        let mut sum = 0.0;
        for (column, value) in columns.iter().zip(values) {
            sum += weights[*column as usize] * f64::from(*value);
        }
        sum
    }

    /// Σ w x over one row in every lane, in the row's order.
    pub(super) fn dot_lanes(&self, row: u32, weights: &[Lanes]) -> Lanes {
        let (columns, values) = self.row(row);
        let mut sums = [0.0; LANES];
        for (column, value) in columns.iter().zip(values) {
            let (weights, value) = (&weights[*column as usize], f64::from(*value));
            for lane in 0..LANES {
                sums[lane] += weights[lane] * value;
            }
        }
        sums
    }

    /// Adds `scale` times one row to `target`, lane by lane.
    pub(super) fn add_scaled_lanes(&self, row: u32, scale: Lanes, target: &mut [Lanes]) {
        let (columns, values) = self.row(row);
        for (column, value) in columns.iter().zip(values) {
            let (target, value) = (&mut target[*column as usize], f64::from(*value));
            for lane in 0..LANES {
                target[lane] += scale[lane] * value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> SparseRows {
        let mut rows = SparseRows::new(8);
        rows.push_row(&[(1, 1.0), (5, 2.0)]);
        rows.push_row(&[(1, 1.0)]);
        rows.push_row(&[(2, 1.0), (5, 1.0)]);
        rows
    }

    #[test]
    fn rare_buckets_are_left_out_and_rows_have_unit_length() {
        let vocabulary = Vocabulary::learn(&rows(), 2, TextBlocks::Joint);
        assert_eq!(vocabulary.buckets, vec![1, 5]);
        // ln(4 / 3) + 1
        assert!((vocabulary.idf[0] - 1.287_682).abs() < 1e-5);
        let design = Design::new(&vocabulary, &rows());
        let (columns, values) = design.row(0);
        assert_eq!(columns, [0, 1]);
        // 1 : 1 + ln 2, scaled to length 1
        assert!((values[1] / values[0] - 1.693_147).abs() < 1e-5);
        assert!((values[0].powi(2) + values[1].powi(2) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn halves_are_scaled_on_their_own() {
        let vocabulary = Vocabulary::learn(&rows(), 1, TextBlocks::Halves);
        let design = Design::new(&vocabulary, &rows());
        assert!(design.row(0).1.iter().all(|v| (v - 1.0).abs() < 1e-6));
    }

    #[test]
    fn unknown_buckets_and_bad_counts_are_passed_over() {
        let vocabulary = Vocabulary::learn(&rows(), 1, TextBlocks::Joint);
        let mut out = Vec::new();
        vocabulary.transform(&[1, 7, 99, 5], &[1.0, 1.0, 1.0, f32::NAN], &mut out);
        assert_eq!(out.len(), 1);
        assert!((out[0].1 - 1.0).abs() < 1e-6);
    }
}
