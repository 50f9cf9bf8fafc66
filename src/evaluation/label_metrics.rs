//! The metrics of one label as one JSON line, its fields always in this order.

use serde::Serialize;

use super::calibration::{ECE_BINS, brier, ece, log_loss};
use super::confusion::macro_f1;
use super::ece_excess::ece_excess;
use super::predictions::Predictions;
use super::ranking::{average_precision, roc_auc};
use crate::units::Id;

/// What is reported of one label. A metric that is undefined is absent from the JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelMetrics {
    /// The label's id.
    pub label: Id,
    /// Rows judged.
    pub n: u64,
    /// Rows that are violating.
    pub positives: u64,
    /// See [`average_precision`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_precision: Option<f64>,
    /// See [`roc_auc`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roc_auc: Option<f64>,
    /// See [`macro_f1`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub macro_f1: Option<f64>,
    /// See [`log_loss`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_loss: Option<f64>,
    /// See [`ece`], on [`ECE_BINS`] bins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ece: Option<f64>,
    /// See [`ece_excess`]: the part of `ece` that chance does not explain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ece_excess: Option<f64>,
    /// See [`brier`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brier: Option<f64>,
}

impl LabelMetrics {
    /// Judges the predictions of `label`.
    #[must_use]
    pub fn measure(label: Id, predictions: &Predictions<'_>) -> Self {
        let scores = predictions.scores();
        Self {
            label,
            n: scores.n_rows(),
            positives: scores.n_positive(),
            average_precision: average_precision(scores),
            roc_auc: roc_auc(scores),
            macro_f1: macro_f1(predictions),
            log_loss: log_loss(predictions),
            ece: ece(predictions, ECE_BINS).map(|calibration| calibration.ece),
            ece_excess: ece_excess(predictions, ECE_BINS).map(|found| found.excess),
            brier: brier(predictions),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(p: &[f64], positive: &[bool]) -> String {
        let metrics = LabelMetrics::measure("spam".into(), &Predictions::new(p, positive).unwrap());
        serde_json::to_string(&metrics).unwrap()
    }

    #[test]
    fn the_line_has_its_fields_in_order() {
        assert_eq!(
            json(&[0.75, 0.25], &[true, false]),
            r#"{"label":"spam","n":2,"positives":1,"average_precision":1.0,"roc_auc":1.0,"macro_f1":1.0,"log_loss":0.2876820724517809,"ece":0.25,"ece_excess":-0.13687500000000002,"brier":0.0625}"#
        );
    }

    #[test]
    fn what_is_undefined_is_absent() {
        assert_eq!(json(&[], &[]), r#"{"label":"spam","n":0,"positives":0}"#);
        assert_eq!(
            json(&[0.25, 0.25], &[false, false]),
            r#"{"label":"spam","n":2,"positives":0,"log_loss":0.2876820724517809,"ece":0.25,"ece_excess":-0.034999999999999976,"brier":0.0625}"#
        );
    }
}
