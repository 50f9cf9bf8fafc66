//! Scores beside the truth, checked once so that no metric has to.
//!
//! Input: slices of equal length. Output: [`Scores`] (any finite numbers, enough to rank) or [`Predictions`] (numbers proven
//! to be probabilities). Deliberately not here: the metrics.

use thiserror::Error;

use super::sum::Sum;

/// Any finite scores, the truth, and weights.
#[derive(Debug, Clone, Copy)]
pub struct Scores<'a> {
    score: &'a [f64],
    positive: &'a [bool],
    weight: Option<&'a [f64]>,
}

/// Scores that are probabilities of the positive class.
#[derive(Debug, Clone, Copy)]
pub struct Predictions<'a>(Scores<'a>);

/// The slices cannot be judged.
#[derive(Debug, Error, PartialEq)]
pub enum EvaluationError {
    /// One slice is longer than another.
    #[error("{what} has {found} rows, the scores have {expected}: each row needs one of each")]
    Length {
        /// Which slice.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The number of scores.
        expected: usize,
    },
    /// A number is out of its range.
    #[error("row {row} has the {what} {value}: expected {expected}")]
    Value {
        /// Which slice.
        what: &'static str,
        /// Index of the row, from 0.
        row: usize,
        /// What stands there.
        value: f64,
        /// What would be accepted.
        expected: &'static str,
    },
    /// Two models are compared on different rows.
    #[error("row {row} has another {what} beside the second model's scores than beside the first's: expected the same rows")]
    Pair {
        /// Index of the row, from 0.
        row: usize,
        /// What differs.
        what: &'static str,
    },
}

/// One row, as the metrics see it. Unweighted rows weigh 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) score: f64,
    pub(super) positive: bool,
    pub(super) weight: f64,
}

impl<'a> Scores<'a> {
    /// Checks `score` (any finite numbers) against `positive` (whether the row is violating), each row weighing 1.
    ///
    /// # Errors
    /// When the lengths differ or a score is not finite.
    pub fn new(score: &'a [f64], positive: &'a [bool]) -> Result<Self, EvaluationError> {
        same_length("the truth", positive.len(), score.len())?;
        in_range("score", score, "a finite number", |s| s.is_finite())?;
        Ok(Self { score, positive, weight: None })
    }

    /// The same rows, weighted.
    ///
    /// # Errors
    /// When the lengths differ or a weight lies outside 0 to 1e100.
    pub fn weighted(self, weight: &'a [f64]) -> Result<Self, EvaluationError> {
        same_length("the weight", weight.len(), self.score.len())?;
        // The upper limit keeps every sum of weights finite.
        in_range("weight", weight, "a number between 0 and 1e100", |w| (0.0..=1e100).contains(&w))?;
        Ok(Self { weight: Some(weight), ..self })
    }

    /// How many rows there are.
    #[must_use]
    pub fn n_rows(&self) -> u64 {
        self.score.len() as u64
    }

    /// How many rows are positive, whatever they weigh.
    #[must_use]
    pub fn n_positive(&self) -> u64 {
        self.positive.iter().filter(|positive| **positive).count() as u64
    }

    /// Whether rows have weights of their own.
    pub(super) fn is_weighted(&self) -> bool {
        self.weight.is_some()
    }

    /// The rows in their given order.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row> + '_ {
        let weight_of = |i: usize| self.weight.map_or(1.0, |w| w[i]);
        self.score.iter().zip(self.positive).enumerate().map(move |(i, (score, positive))| Row {
            // Adding zero turns −0 into 0, so that the two tie.
            score: score + 0.0,
            positive: *positive,
            weight: weight_of(i),
        })
    }

    /// The rows that weigh something, highest score first; rows with equal scores positive first, then heaviest first. The
    /// order is thus a function of the set of rows, and every sum along it the same bits in whatever order they came.
    pub(super) fn descending(&self) -> Vec<Row> {
        let mut rows: Vec<Row> = self.rows().filter(|row| row.weight > 0.0).collect();
        rows.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.positive.cmp(&a.positive)).then(b.weight.total_cmp(&a.weight)));
        rows
    }

    /// Total weight of the positive and of the negative rows, if both are above zero.
    pub(super) fn class_weights(&self) -> Option<(f64, f64)> {
        let (mut positive, mut negative) = (Sum::default(), Sum::default());
        for row in self.rows() {
            if row.positive { positive.add(row.weight) } else { negative.add(row.weight) }
        }
        let (positive, negative) = (positive.value(), negative.value());
        (positive > 0.0 && negative > 0.0).then_some((positive, negative))
    }

    /// Mean of `of` over the rows by weight; `None` without any weight.
    pub(super) fn mean(&self, of: impl Fn(Row) -> f64) -> Option<f64> {
        let total = self.rows().map(|row| row.weight).collect::<Sum>().value();
        // A row without weight adds nothing, even where `of` would be infinite.
        let sum = self.rows().filter(|row| row.weight > 0.0).map(|row| row.weight * of(row)).collect::<Sum>().value();
        (total > 0.0).then(|| sum / total)
    }
}

impl<'a> Predictions<'a> {
    /// Checks `probability` (of violating) against `positive`, each row weighing 1.
    ///
    /// # Errors
    /// When the lengths differ or a number lies outside 0 to 1.
    pub fn new(probability: &'a [f64], positive: &'a [bool]) -> Result<Self, EvaluationError> {
        in_range("probability", probability, "a number between 0 and 1", |p| (0.0..=1.0).contains(&p))?;
        Ok(Self(Scores::new(probability, positive)?))
    }

    /// The same rows, weighted.
    ///
    /// # Errors
    /// When the lengths differ or a weight lies outside 0 to 1e100.
    pub fn weighted(self, weight: &'a [f64]) -> Result<Self, EvaluationError> {
        Ok(Self(self.0.weighted(weight)?))
    }

    /// The same rows for the metrics that only rank.
    #[must_use]
    pub fn scores(&self) -> &Scores<'a> {
        &self.0
    }
}

/// Each row needs one of each.
pub(super) fn same_length(what: &'static str, found: usize, expected: usize) -> Result<(), EvaluationError> {
    if found == expected { Ok(()) } else { Err(EvaluationError::Length { what, found, expected }) }
}

/// Finds the first value that `accepts` refuses.
fn in_range(
    what: &'static str,
    values: &[f64],
    expected: &'static str,
    accepts: impl Fn(f64) -> bool,
) -> Result<(), EvaluationError> {
    match values.iter().enumerate().find(|(_, value)| !accepts(**value)) {
        None => Ok(()),
        Some((row, value)) => Err(EvaluationError::Value { what, row, value: *value, expected }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(result: Result<Predictions<'_>, EvaluationError>, expect: &str) {
        assert_eq!(result.map(|_| String::new()).unwrap_or_else(|e| e.to_string()), expect);
    }

    #[test]
    fn what_cannot_be_judged_is_refused_by_row() {
        check(Predictions::new(&[0.5], &[true, false]), "the truth has 2 rows, the scores have 1: each row needs one of each");
        check(Predictions::new(&[0.5, 1.5], &[true, false]), "row 1 has the probability 1.5: expected a number between 0 and 1");
        check(Predictions::new(&[f64::NAN], &[true]), "row 0 has the probability NaN: expected a number between 0 and 1");
        check(
            Predictions::new(&[0.5], &[true]).unwrap().weighted(&[-1.0]),
            "row 0 has the weight -1: expected a number between 0 and 1e100",
        );
        check(Predictions::new(&[], &[]), "");
        assert!(Scores::new(&[-3.5, 7.0], &[true, false]).is_ok());
        assert!(Scores::new(&[f64::INFINITY], &[true]).is_err());
    }
}
