//! Sparse rows of counts, as compressed sparse rows.
//!
//! Input: rows of (index, value). Output: one flat matrix that models stream over. Deliberately not here: arithmetic.

/// A sparse matrix by rows; within a row no index stands twice, and indices come in any order that depends on the row alone.
#[derive(Debug, Clone, PartialEq)]
pub struct SparseRows {
    /// Number of columns; every index is below it.
    pub n_cols: u32,
    /// Where each row begins in `indices` and `values`; one more than there are rows.
    pub offsets: Vec<usize>,
    /// Column of each value.
    pub indices: Vec<u32>,
    /// The values.
    pub values: Vec<f32>,
}

impl SparseRows {
    /// No rows of `n_cols` columns.
    #[must_use]
    pub fn new(n_cols: u32) -> Self {
        Self { n_cols, offsets: vec![0], indices: Vec::new(), values: Vec::new() }
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Indices and values of row `i`; empty when there is no such row.
    #[must_use]
    pub fn row(&self, i: usize) -> (&[u32], &[f32]) {
        match (self.offsets.get(i), self.offsets.get(i + 1)) {
            (Some(&a), Some(&b)) => (&self.indices[a..b], &self.values[a..b]),
            _ => (&[], &[]),
        }
    }

    /// Adds a row in which no index stands twice. Its order is kept: sums over a row are made in it.
    pub fn push_row(&mut self, row: &[(u32, f32)]) {
        self.indices.extend(row.iter().map(|(index, _)| *index));
        self.values.extend(row.iter().map(|(_, value)| *value));
        self.offsets.push(self.indices.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_were_pushed() {
        let mut rows = SparseRows::new(8);
        rows.push_row(&[(1, 2.0), (5, 1.0)]);
        rows.push_row(&[]);
        rows.push_row(&[(0, 3.0)]);
        assert_eq!(rows.n_rows(), 3);
        assert_eq!(rows.row(0), (&[1, 5][..], &[2.0, 1.0][..]));
        assert_eq!(rows.row(1), (&[][..], &[][..]));
        assert_eq!(rows.row(2), (&[0][..], &[3.0][..]));
        assert_eq!(rows.row(9), (&[][..], &[][..]));
    }
}
