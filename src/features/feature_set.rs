//! The registered features together with the project's own `x_*` columns.

use super::{FeatureMatrix, ItemView, REGISTRY, compute_row, coverage, fingerprint, names};
use crate::units::ContentType;

/// The columns of one run: the registry, then the project's numeric columns as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeatureSet {
    names: Vec<String>,
    /// For each of the project's own columns, where it stands in `ContentRow::extra`; `None` when the input hasn't got it.
    extra_at: Vec<Option<usize>>,
}

impl FeatureSet {
    /// The registry and `extra_columns`, which stand in the order of `ContentRow::extra`.
    #[must_use]
    pub fn new(extra_columns: &[String]) -> Self {
        let registered = names().into_iter().map(str::to_owned);
        let extra_at = (0..extra_columns.len()).map(Some).collect();
        Self { names: registered.chain(extra_columns.iter().cloned()).collect(), extra_at }
    }

    /// The same columns over an input whose `ContentRow::extra` holds `extra_columns`: own columns that it hasn't got are
    /// missing, and those that nobody asked for are not read.
    #[must_use]
    pub fn reading(mut self, extra_columns: &[String]) -> Self {
        let own = &self.names[REGISTRY.len()..];
        self.extra_at = own.iter().map(|name| extra_columns.iter().position(|column| column == name)).collect();
        self
    }

    /// Column names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Replaces `out` with the item's values, NaN for missing.
    pub fn compute(&self, item: &ItemView<'_>, out: &mut Vec<f32>) {
        out.clear();
        compute_row(item, out);
        let values = self.extra_at.iter().map(|at| at.and_then(|at| item.content.extra.get(at).copied().flatten()));
        out.extend(values.map(|v| v.filter(|v| v.is_finite()).unwrap_or(f32::NAN)));
    }

    /// An empty matrix of these columns.
    #[must_use]
    pub fn matrix(&self) -> FeatureMatrix {
        FeatureMatrix::new(self.names.clone())
    }

    /// Share of known values in a row among the features meant for `content_type`.
    #[must_use]
    pub fn coverage(&self, content_type: ContentType, row: &[f32]) -> f32 {
        coverage(content_type, row)
    }

    /// Identity of the columns' definitions, as hex. The project's own columns count by name: what they mean is not ours to know.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(fingerprint().as_bytes());
        for name in &self.names[REGISTRY.len()..] {
            hasher.update(name.as_bytes());
            hasher.update(&[0]);
        }
        hasher.finalize().to_hex().to_string()
    }
}
