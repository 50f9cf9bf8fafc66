//! The feature matrix: rows of f32 with missing values as NaN.

/// Features by row.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureMatrix {
    /// Column names.
    pub names: Vec<String>,
    /// Row after row; NaN is missing, nothing is infinite.
    pub values: Vec<f32>,
    /// Number of columns.
    pub n_features: usize,
}

impl FeatureMatrix {
    /// No rows of the columns `names`.
    #[must_use]
    pub fn new(names: Vec<String>) -> Self {
        Self { n_features: names.len(), names, values: Vec::new() }
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.values.len().checked_div(self.n_features).unwrap_or(0)
    }

    /// Row `i`; empty when there is no such row.
    #[must_use]
    pub fn row(&self, i: usize) -> &[f32] {
        self.values.get(i * self.n_features..(i + 1) * self.n_features).unwrap_or(&[])
    }

    /// Where column `name` stands.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n == name)
    }

    /// Adds a row: cut or filled up with missing values to the number of columns, infinities made missing.
    pub fn push_row(&mut self, row: &[f32]) {
        debug_assert_eq!(row.len(), self.n_features, "one value per column");
        let padded = row.iter().copied().chain(std::iter::repeat(f32::NAN)).take(self.n_features);
        self.values.extend(padded.map(|v| if v.is_finite() { v } else { f32::NAN }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back() {
        let mut matrix = FeatureMatrix::new(vec!["a".to_owned(), "b".to_owned()]);
        matrix.push_row(&[1.0, f32::INFINITY]);
        matrix.push_row(&[2.0, 3.0]);
        assert_eq!(matrix.n_rows(), 2);
        assert!(matrix.row(0)[1].is_nan());
        assert_eq!(matrix.row(1), [2.0, 3.0]);
        assert_eq!(matrix.row(2), [0.0_f32; 0]);
        assert_eq!((matrix.column("b"), matrix.column("c")), (Some(1), None));
    }
}
