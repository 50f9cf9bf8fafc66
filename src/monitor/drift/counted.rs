//! One night's counts of a column, or the mean of several nights'.

use std::collections::BTreeMap;

use super::profile::{Cell, Counts};

/// Counts of a column as numbers: a mean of whole numbers is none.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Counted {
    /// Rows in which it is there.
    pub(super) present: f64,
    /// Rows in which it is null.
    pub(super) nulls: f64,
    /// Rows in each cell.
    pub(super) cells: BTreeMap<Cell, f64>,
}

impl Counted {
    /// The mean of `nights`, each counted as one; `None` of none. A mean has the size of one night, so that what is tested against it is
    /// not taken for more than nights that share most of their items can prove.
    #[must_use]
    pub(super) fn mean(nights: &[&Counts]) -> Option<Self> {
        let mut sum = Counts::default();
        nights.iter().for_each(|night| sum.add(night));
        let share = |n: u64| n as f64 / nights.len() as f64;
        (!nights.is_empty()).then(|| Self {
            present: share(sum.present),
            nulls: share(sum.nulls),
            cells: sum.cells.iter().map(|(cell, n)| (cell.clone(), share(*n))).collect(),
        })
    }

    /// All rows.
    #[must_use]
    pub(super) fn n(&self) -> f64 {
        self.present + self.nulls
    }
}
