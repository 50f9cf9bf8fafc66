//! Features as small integers: bin 0 is missing, bins 1 and up are ascending ranges of values.
//!
//! One set of edges serves all labels. Edges lie between distinct values, at equal shares of the rows where there are more
//! distinct values than bins. NaN is missing; infinities fall into the outermost bins.

use rayon::prelude::*;

use super::edge_table::{EdgeTable, LANES};
use crate::features::FeatureMatrix;

/// Edges of larger sets are learned from about this many rows, evenly spaced.
pub(super) const EDGE_ROWS: usize = 100_000;

/// The bin of missing values.
pub(super) const MISSING_BIN: u8 = 0;

/// The edges of one feature: value v falls into bin 1 + (number of edges < v).
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct BinEdges {
    /// Strictly ascending and finite.
    pub(super) edges: Vec<f32>,
}

impl BinEdges {
    /// Chooses at most `max_bins` − 2 edges from the values that are present.
    pub(super) fn learn(values: impl Iterator<Item = f32>, max_bins: usize) -> Self {
        let mut sorted: Vec<f32> = values.filter(|v| v.is_finite()).map(|v| v + 0.0).collect();
        sorted.sort_unstable_by(f32::total_cmp);
        let mut distinct = sorted.clone();
        distinct.dedup();
        let max_edges = max_bins.saturating_sub(2);
        let mut edges: Vec<f32> = if distinct.len() <= max_edges + 1 {
            distinct.windows(2).map(|pair| between(pair[0], pair[1])).collect()
        } else {
            (1..=max_edges)
                .map(|k| {
                    let low = sorted[k * sorted.len() / (max_edges + 1) - 1];
                    let next = distinct.partition_point(|v| *v <= low);
                    distinct.get(next).map_or(low, |high| between(low, *high))
                })
                .collect()
        };
        edges.dedup();
        Self { edges }
    }

    /// The bin of a value.
    pub(super) fn bin(&self, value: f32) -> u8 {
        if value.is_nan() { MISSING_BIN } else { (1 + self.edges.partition_point(|edge| *edge < value)) as u8 }
    }

    /// Number of bins, the missing one included.
    pub(super) fn n_bins(&self) -> usize {
        self.edges.len() + 2
    }
}

/// A number in [low, high): the middle where it is representable.
fn between(low: f32, high: f32) -> f32 {
    let middle = ((f64::from(low) + f64::from(high)) / 2.0) as f32;
    if middle >= low && middle < high { middle } else { low }
}

/// Features that are read off the matrix together: a cache line of a row holds that many.
const GROUP: usize = 16;

/// All features' bins, top to bottom.
pub(super) fn bin_columns(matrix: &FeatureMatrix, edges: &[BinEdges]) -> Vec<BinnedColumn> {
    let width = matrix.n_features.max(1);
    let of_group = |(group, edges): (usize, &[BinEdges])| {
        let tables: Vec<EdgeTable> = edges.iter().map(EdgeTable::new).collect();
        let mut columns: Vec<BinnedColumn> =
            edges.iter().map(|edges| BinnedColumn { bins: vec![0; matrix.n_rows()], n_bins: edges.n_bins() }).collect();
        let mut values = [0.0_f32; LANES];
        for (run, rows) in matrix.values.chunks(LANES * width).enumerate() {
            let n = rows.len() / width;
            for (i, (table, column)) in tables.iter().zip(&mut columns).enumerate() {
                for (value, row) in values.iter_mut().zip(rows.chunks_exact(width)) {
                    *value = row[group * GROUP + i];
                }
                table.bins(&values[..n], &mut column.bins[run * LANES..run * LANES + n]);
            }
        }
        columns
    };
    edges.par_chunks(GROUP).enumerate().flat_map_iter(of_group).collect()
}

/// One feature's bins for a list of rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BinnedColumn {
    /// One bin per row.
    pub(super) bins: Vec<u8>,
    /// Number of bins, the missing one included.
    pub(super) n_bins: usize,
}

impl BinnedColumn {
    /// Bins a list of values.
    pub(super) fn new(edges: &BinEdges, values: impl Iterator<Item = f32>) -> Self {
        Self { bins: values.map(|v| edges.bin(v)).collect(), n_bins: edges.n_bins() }
    }

    /// The same column for some of its rows.
    pub(super) fn select(&self, rows: &[u32]) -> Self {
        Self { bins: rows.iter().map(|row| self.bins[*row as usize]).collect(), n_bins: self.n_bins }
    }
}

/// One feature's values, top to bottom.
pub(super) fn feature_values(matrix: &FeatureMatrix, feature: usize) -> impl Iterator<Item = f32> + '_ {
    matrix.values.iter().skip(feature).step_by(matrix.n_features.max(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_get_a_bin_each_and_missing_its_own() {
        let edges = BinEdges::learn([3.0, 1.0, f32::NAN, 1.0, 2.0].into_iter(), 255);
        assert_eq!(edges.edges, vec![1.5, 2.5]);
        let bins: Vec<u8> = [f32::NAN, 1.0, 1.5, 2.0, 9.0, f32::INFINITY, f32::NEG_INFINITY].map(|v| edges.bin(v)).to_vec();
        assert_eq!(bins, vec![0, 1, 1, 2, 3, 3, 1]);
    }

    #[test]
    fn many_values_are_cut_at_equal_shares() {
        let edges = BinEdges::learn((0..1000).map(|i| i as f32), 6);
        assert_eq!(edges.edges, vec![199.5, 399.5, 599.5, 799.5]);
    }

    #[test]
    fn a_matrix_is_binned_as_its_columns_are() {
        let n_features = 19;
        let values: Vec<f32> =
            (0..n_features * 131).map(|i| if i % 11 == 0 { f32::NAN } else { (i * 37 % 101) as f32 }).collect();
        let matrix = FeatureMatrix { names: vec![String::new(); n_features], values, n_features };
        let edges: Vec<BinEdges> = (0..n_features).map(|f| BinEdges::learn(feature_values(&matrix, f), 3 + f)).collect();
        let columns = bin_columns(&matrix, &edges);
        for (f, edges) in edges.iter().enumerate() {
            assert_eq!(columns[f], BinnedColumn::new(edges, feature_values(&matrix, f)));
        }
    }

    #[test]
    fn a_constant_or_wholly_missing_feature_has_no_edge() {
        assert!(BinEdges::learn([1.0, 1.0].into_iter(), 255).edges.is_empty());
        assert!(BinEdges::learn([f32::NAN].into_iter(), 255).edges.is_empty());
    }

    #[test]
    fn neighbouring_floats_are_still_told_apart() {
        let low = 1.0_f32;
        let high = f32::from_bits(low.to_bits() + 1);
        let edges = BinEdges::learn([low, high].into_iter(), 255);
        assert_ne!(edges.bin(low), edges.bin(high));
    }
}
