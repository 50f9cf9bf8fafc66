//! How well scores order the rows: average precision and ROC AUC, ties handled as scikit-learn handles them.
//!
//! Rows with equal scores are one step of the curve, never an order among themselves. Both need both classes. Deliberately
//! not here: interpolated areas under the precision–recall curve, which flatter.

use super::predictions::{Row, Scores};
use super::sum::Sum;

/// Average precision AP = Σ (Rₙ − Rₙ₋₁) Pₙ over the distinct scores, highest first, with P precision and R recall at that
/// threshold (scikit-learn's `average_precision_score`). In (0, 1]; `None` unless both classes have weight.
#[must_use]
pub fn average_precision(scores: &Scores<'_>) -> Option<f64> {
    Some(average_precision_along(scores.descending(), scores.class_weights()?))
}

/// [`average_precision`] of rows that descend by score and weigh something, and the weights of their two classes.
pub(super) fn average_precision_along(rows: impl IntoIterator<Item = Row>, (all_positive, _): (f64, f64)) -> f64 {
    let (mut above, mut area) = (Above::default(), Sum::default());
    for step in steps(rows) {
        above.include(&step);
        let precision = above.positive.value() / (above.positive.value() + above.negative.value());
        area.add(step.positive.value() / all_positive * precision);
    }
    area.value().clamp(0.0, 1.0)
}

/// Area under the ROC curve: the probability that a positive row scores above a negative one, ties counting half
/// (Mann–Whitney U ÷ (n₊ n₋); scikit-learn's `roc_auc_score`). In [0, 1]; `None` unless both classes have weight.
#[must_use]
pub fn roc_auc(scores: &Scores<'_>) -> Option<f64> {
    Some(roc_auc_along(scores.descending(), scores.class_weights()?))
}

/// [`roc_auc`] of rows that descend by score and weigh something, and the weights of their two classes.
pub(super) fn roc_auc_along(rows: impl IntoIterator<Item = Row>, (all_positive, all_negative): (f64, f64)) -> f64 {
    let (mut above, mut area) = (Above::default(), Sum::default());
    for step in steps(rows) {
        area.add(step.negative.value() / all_negative * ((above.positive.value() + step.positive.value() / 2.0) / all_positive));
        above.include(&step);
    }
    area.value().clamp(0.0, 1.0)
}

/// Weights of the rows that share one score.
struct Step {
    score: f64,
    positive: Sum,
    negative: Sum,
}

/// Weights of the rows at or above a threshold.
#[derive(Default)]
struct Above {
    positive: Sum,
    negative: Sum,
}

impl Above {
    fn include(&mut self, step: &Step) {
        self.positive.add(step.positive.value());
        self.negative.add(step.negative.value());
    }
}

/// The distinct scores of descending rows.
fn steps(rows: impl IntoIterator<Item = Row>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for row in rows {
        if steps.last().is_none_or(|step| step.score != row.score) {
            steps.push(Step { score: row.score, positive: Sum::default(), negative: Sum::default() });
        }
        if let Some(step) = steps.last_mut() {
            if row.positive { step.positive.add(row.weight) } else { step.negative.add(row.weight) }
        }
    }
    steps
}
