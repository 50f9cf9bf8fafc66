//! Boosted trees over a plain table: one binary outcome, no text, no calibration.
//!
//! Input: a matrix, verdicts, weights, and if wanted categorical columns and rows that say when to stop. Output: a
//! [`TabularModel`] with raw scores (log-odds), their exact Shapley values, and importances. The models of labels (`fit`) grow their
//! trees with the same code.

use rayon::prelude::*;

use super::bins::{BinEdges, BinnedColumn, EDGE_ROWS, bin_columns, feature_values};
use super::boosting::{BoostingRows, Stopping, boost};
use super::importance::gain_shares;
use super::lanes::{Binner, LaneTrees};
use super::measures::logit;
use super::shapley::ShapleyTable;
use super::target_statistics::CategoryTable;
use super::tree::{BLOCK, SymmetricTree};
use super::{ModelError, TreesConfig};
use crate::features::{Direction, FeatureMatrix};

/// How many rows at the overall share a category's own rows are weighed against.
const CATEGORY_STRENGTH: f64 = 10.0;

/// A table of rows with what is known of them; row i is the same in every part.
#[derive(Debug, Clone, Copy)]
pub struct TabularSet<'a> {
    /// Features, NaN = missing.
    pub features: &'a FeatureMatrix,
    /// Categorical columns: one code a row, dense from 0, [`MISSING_CATEGORY`](super::MISSING_CATEGORY) where there is none.
    pub categories: &'a [Vec<u32>],
    /// Whether each row is of the positive class.
    pub positive: &'a [bool],
    /// The weight of each row, above 0.
    pub weight: &'a [f64],
    /// Which way the score must go as each feature rises; features beyond the end are free.
    pub directions: &'a [Option<Direction>],
}

/// Trees over a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TabularModel {
    edges: Vec<BinEdges>,
    categories: Vec<CategoryTable>,
    base: f64,
    trees: Vec<SymmetricTree>,
}

impl TabularModel {
    /// Grows `config.rounds` trees, or fewer where `held_out`, rows of a later time for instance, says when to stop. The same bits
    /// for any number of threads.
    ///
    /// # Errors
    /// When the configuration or a set breaks a rule: see [`ModelError`].
    pub fn fit(set: &TabularSet, held_out: Option<&TabularSet>, config: &TreesConfig) -> Result<Self, ModelError> {
        config.check()?;
        set.check()?;
        held_out.map_or(Ok(()), TabularSet::check)?;
        let fits = set.categories.iter().enumerate();
        let (categories, ordered): (Vec<CategoryTable>, Vec<Vec<f32>>) = fits
            .map(|(i, codes)| CategoryTable::fit(codes, set.positive, set.weight, (CATEGORY_STRENGTH, config.seed ^ i as u64)))
            .unzip();
        let n = set.positive.len();
        let stride = n.div_ceil(EDGE_ROWS).max(1);
        let mut edges: Vec<BinEdges> = (0..set.features.n_features)
            .into_par_iter()
            .map(|feature| BinEdges::learn(feature_values(set.features, feature).step_by(stride), config.max_bins))
            .collect();
        edges.extend(ordered.iter().map(|values| BinEdges::learn(values.iter().copied(), config.max_bins)));
        let base = base_score(set);
        let rows = set.boosting_rows(&edges, &ordered, base);
        let watched = held_out.map(|held_out| held_out.boosting_rows(&edges, &statistics(&categories, held_out), base));
        let stopping = watched.as_ref().map_or(Stopping::After(config.rounds), Stopping::HeldOut);
        let trees = boost(&rows, stopping, config);
        Ok(Self { edges, categories, base, trees })
    }

    /// The log-odds of each row. Features beyond the end of a row, and unknown categories, count as missing or unknown.
    #[must_use]
    pub fn scores(&self, features: &FeatureMatrix, categories: &[Vec<u32>]) -> Vec<f64> {
        let edges: Vec<&BinEdges> = self.edges.iter().collect();
        let binner = Binner::new(&edges, self.trees.iter());
        let trees = LaneTrees::new(&self.trees, &binner);
        let n_features = self.edges.len() - self.categories.len();
        let mut scores = vec![self.base; features.n_rows()];
        scores.par_chunks_mut(BLOCK).enumerate().for_each(|(block, scores)| {
            let first = block * BLOCK;
            let columns = binner.bin(scores.len(), |feature, values| match feature.checked_sub(n_features) {
                None => {
                    for (value, row) in values.iter_mut().zip(first..) {
                        *value = features.row(row).get(feature).copied().unwrap_or(f32::NAN);
                    }
                }
                Some(category) => {
                    for (value, row) in values.iter_mut().zip(first..) {
                        *value = self.category_value(category, categories, row);
                    }
                }
            });
            trees.add_to(scores, &columns);
        });
        scores
    }

    /// Exact Shapley values of one row's score (see `shapley` for the game), one a feature and then one a categorical column, and
    /// the score of a row of which nothing is known. Together they sum to the score.
    #[must_use]
    pub fn shapley_values(&self, features: &FeatureMatrix, categories: &[Vec<u32>], row: usize) -> (f64, Vec<f64>) {
        let values = self.row_of(features, categories, row);
        let bins: Vec<u8> = self.edges.iter().zip(&values).map(|(edges, value)| edges.bin(*value)).collect();
        let mut shares = vec![0.0; self.edges.len()];
        let mut base = self.base;
        for tree in &self.trees {
            let table = ShapleyTable::new(tree);
            base += table.base;
            for (feature, value) in table.of_leaf(tree.leaf(|feature| bins[feature as usize])) {
                shares[feature as usize] += value;
            }
        }
        (base, shares)
    }

    /// Each feature's share, then each categorical column's, of what all questions gained in training.
    #[must_use]
    pub fn gain_importance(&self) -> Vec<f64> {
        gain_shares(&self.trees, self.edges.len())
    }

    /// Number of trees.
    #[must_use]
    pub fn n_trees(&self) -> usize {
        self.trees.len()
    }

    /// A row's features, and its categories' statistics after them.
    fn row_of(&self, features: &FeatureMatrix, categories: &[Vec<u32>], row: usize) -> Vec<f32> {
        let n_features = self.edges.len() - self.categories.len();
        let mut values: Vec<f32> = features.row(row).iter().copied().take(n_features).collect();
        values.resize(n_features, f32::NAN);
        values.extend((0..self.categories.len()).map(|category| self.category_value(category, categories, row)));
        values
    }

    /// A row's statistic of a categorical column, missing where its code is.
    fn category_value(&self, category: usize, categories: &[Vec<u32>], row: usize) -> f32 {
        let code = categories.get(category).and_then(|codes| codes.get(row));
        code.zip(self.categories.get(category)).map_or(f32::NAN, |(code, table)| table.value(*code))
    }
}

impl TabularSet<'_> {
    fn check(&self) -> Result<(), ModelError> {
        let features = self.features.n_rows();
        let mut parts = vec![("verdicts", self.positive.len()), ("weights", self.weight.len())];
        parts.extend(self.categories.iter().map(|codes| ("categories", codes.len())));
        if let Some((part, found)) = parts.into_iter().find(|(_, n)| *n != features) {
            return Err(ModelError::RowCount { features, part, found });
        }
        match self.weight.iter().enumerate().find(|(_, w)| !w.is_finite() || **w <= 0.0) {
            Some((row, weight)) => Err(ModelError::Weight { label: "table".into(), row: row as u32, weight: *weight }),
            None => Ok(()),
        }
    }

    /// The rows, binned, with the statistics of their categories.
    fn boosting_rows(&self, edges: &[BinEdges], statistics: &[Vec<f32>], base: f64) -> BoostingRows {
        let (of_features, of_categories) = edges.split_at(self.features.n_features.min(edges.len()));
        let mut columns = bin_columns(self.features, of_features);
        let categories = of_categories.iter().zip(statistics);
        columns.extend(categories.map(|(edges, values)| BinnedColumn::new(edges, values.iter().copied())));
        BoostingRows {
            columns,
            directions: self.directions.iter().copied().take(of_features.len()).collect(),
            positive: self.positive.to_vec(),
            weight: self.weight.to_vec(),
            start: vec![base; self.positive.len()],
        }
    }
}

/// What rows that did not train get for their categories.
fn statistics(tables: &[CategoryTable], set: &TabularSet) -> Vec<Vec<f32>> {
    tables.iter().zip(set.categories).map(|(table, codes)| codes.iter().map(|code| table.value(*code)).collect()).collect()
}

/// The log-odds of the weighted share of positives.
fn base_score(set: &TabularSet) -> f64 {
    let (mut hits, mut total) = (0.0, 0.0);
    for (positive, weight) in set.positive.iter().zip(set.weight) {
        hits += if *positive { *weight } else { 0.0 };
        total += weight;
    }
    if total > 0.0 { logit(hits / total) } else { 0.0 }
}
