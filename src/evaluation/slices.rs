//! A model's metrics by slice: a market, a language, a category, a tier, or any other attribute of the rows.
//!
//! Input: predictions with weights and clusters, and attributes with a value a row. Output: a line for each slice of one attribute,
//! small ones included and marked. Deliberately not here: the search for slices that are worse than the rest (`slice_search`).

use std::collections::BTreeMap;

use serde::Serialize;

use super::calibration::log_loss;
use super::confusion::Confusion;
use super::predictions::{EvaluationError, Predictions};
use super::ranking::{average_precision, roc_auc};
use super::sum::Sum;

/// A named attribute with one value a row; an empty value is a missing one.
#[derive(Debug, Clone, Copy)]
pub struct Attribute<'a> {
    /// Its name, for instance `market`.
    pub name: &'a str,
    /// Its values.
    pub values: &'a [&'a str],
}

/// Rows to be looked at slice by slice; all slices have the same length.
#[derive(Debug, Clone, Copy)]
pub struct SliceRows<'a> {
    probability: &'a [f64],
    positive: &'a [bool],
    weight: &'a [f64],
    pub(super) cluster: &'a [u64],
    pub(super) attributes: &'a [Attribute<'a>],
}

/// Rows that share a value of each named attribute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Slice {
    /// Pairs of attribute and value, in the order of the attributes.
    pub of: Vec<(String, String)>,
}

/// Whether a slice has rows enough to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SliceSize {
    /// At least as many rows as were asked for.
    Enough,
    /// Fewer: the numbers are given, and mean little.
    Small,
}

/// The metrics of one slice, weighted. What is undefined is absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SliceMetrics {
    /// The slice.
    pub slice: Slice,
    /// Rows.
    pub n: u64,
    /// Violating rows.
    pub positives: u64,
    /// Whether `n` is enough.
    pub size: SliceSize,
    /// Weighted share of violating rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Weighted mean probability; calibrated where it equals `rate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_probability: Option<f64>,
    /// See [`average_precision`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_precision: Option<f64>,
    /// See [`roc_auc`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roc_auc: Option<f64>,
    /// See [`log_loss`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_loss: Option<f64>,
    /// Precision at the threshold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<f64>,
    /// Recall at the threshold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall: Option<f64>,
    /// Share of the compliant rows at or above the threshold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub false_positive_rate: Option<f64>,
}

impl<'a> SliceRows<'a> {
    /// Checks that every part has one value a row, that `probability` lies in 0 to 1 and `weight` in 0 to 1e100.
    ///
    /// # Errors
    /// Names the part and the row that does not fit.
    pub fn new(
        probability: &'a [f64],
        positive: &'a [bool],
        weight: &'a [f64],
        cluster: &'a [u64],
        attributes: &'a [Attribute<'a>],
    ) -> Result<Self, EvaluationError> {
        Predictions::new(probability, positive)?.weighted(weight)?;
        let expected = probability.len();
        let lengths = std::iter::once(("the clusters", cluster.len()));
        let lengths = lengths.chain(attributes.iter().map(|attribute| ("an attribute", attribute.values.len())));
        for (what, found) in lengths {
            if found != expected {
                return Err(EvaluationError::Length { what, found, expected });
            }
        }
        Ok(Self { probability, positive, weight, cluster, attributes })
    }

    /// One line for each value of each attribute, attributes in their order, values ascending; a slice with fewer than `min_rows` rows
    /// is marked.
    ///
    /// # Errors
    /// None that [`Self::new`] has not found.
    pub fn metrics(&self, threshold: f64, min_rows: u64) -> Result<Vec<SliceMetrics>, EvaluationError> {
        let mut lines = Vec::new();
        for attribute in self.attributes {
            for (value, rows) in rows_by_value(attribute) {
                let slice = Slice { of: vec![(attribute.name.to_owned(), value.to_owned())] };
                lines.push(self.measure(slice, &rows, threshold, min_rows)?);
            }
        }
        Ok(lines)
    }

    /// The metrics of some of the rows.
    fn measure(&self, slice: Slice, rows: &[u32], threshold: f64, min_rows: u64) -> Result<SliceMetrics, EvaluationError> {
        let probability: Vec<f64> = rows.iter().map(|row| self.probability[*row as usize]).collect();
        let positive: Vec<bool> = rows.iter().map(|row| self.positive[*row as usize]).collect();
        let weight: Vec<f64> = rows.iter().map(|row| self.weight[*row as usize]).collect();
        let predictions = Predictions::new(&probability, &positive)?.weighted(&weight)?;
        let scores = predictions.scores();
        let decided = Confusion::at(scores, threshold);
        let compliant = decided.false_positive + decided.true_negative;
        let total = weight.iter().copied().collect::<Sum>().value();
        let probable = probability.iter().zip(&weight).map(|(p, w)| p * w).collect::<Sum>().value();
        Ok(SliceMetrics {
            slice,
            n: rows.len() as u64,
            positives: scores.n_positive(),
            size: if rows.len() as u64 >= min_rows { SliceSize::Enough } else { SliceSize::Small },
            rate: decided.base_rate(),
            mean_probability: (total > 0.0).then(|| probable / total),
            average_precision: average_precision(scores),
            roc_auc: roc_auc(scores),
            log_loss: log_loss(&predictions),
            precision: decided.precision(),
            recall: decided.recall(),
            false_positive_rate: (compliant > 0.0).then(|| decided.false_positive / compliant),
        })
    }

    /// Probability, truth and weight of a row.
    pub(super) fn row(&self, row: usize) -> (f64, bool, f64) {
        (self.probability[row], self.positive[row], self.weight[row])
    }

    /// Number of rows.
    pub(super) fn n_rows(&self) -> usize {
        self.probability.len()
    }
}

/// The rows of each value, ascending.
pub(super) fn rows_by_value<'a>(attribute: &Attribute<'a>) -> BTreeMap<&'a str, Vec<u32>> {
    let mut rows: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (row, value) in attribute.values.iter().enumerate() {
        rows.entry(value).or_default().push(row as u32);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_its_own_metrics_and_small_ones_are_marked() {
        let markets = ["SG", "SG", "MY", "SG", "SG"];
        let attributes = [Attribute { name: "market", values: &markets }];
        let rows = SliceRows::new(
            &[0.9, 0.6, 0.3, 0.2, 0.1],
            &[true, false, true, false, false],
            &[1.0, 2.0, 1.0, 1.0, 1.0],
            &[1, 2, 3, 4, 5],
            &attributes,
        )
        .unwrap();
        let found = rows.metrics(0.5, 3).unwrap();
        let names: Vec<_> = found.iter().map(|line| (line.slice.of[0].1.as_str(), line.n, line.positives, line.size)).collect();
        assert_eq!(names, [("MY", 1, 1, SliceSize::Small), ("SG", 4, 1, SliceSize::Enough)]);
        let sg = &found[1];
        // By hand: Σ w p = 0.9 + 1.2 + 0.2 + 0.1 over 5; of the compliant weight 4 the second row's 2 is called.
        assert_eq!((sg.rate, sg.false_positive_rate, sg.precision), (Some(0.2), Some(0.5), Some(1.0 / 3.0)));
        assert!((sg.mean_probability.unwrap() - 0.48).abs() < 1e-12);
        assert_eq!((sg.roc_auc, sg.average_precision, found[0].roc_auc), (Some(1.0), Some(1.0), None));
    }

    #[test]
    fn a_part_of_another_length_is_refused() {
        let short = [Attribute { name: "market", values: &["SG"] }];
        let found = SliceRows::new(&[0.5, 0.5], &[true, false], &[1.0, 1.0], &[1, 2], &short).map(|_| ());
        assert_eq!(found, Err(EvaluationError::Length { what: "an attribute", found: 1, expected: 2 }));
    }
}
