//! Decisions at a threshold, as the population would see them.
//!
//! Precision, recall, match rate, false-positive rate and the rate of violations are each a ratio of two population totals
//! (`hajek`), over the rows drawn with known probability. Rows of unknown probability were picked because something looked bad:
//! they are counted apart, unweighted, and say nothing of the population.

use serde::Serialize;

use super::hajek::{HajekEstimate, HajekRow, hajek};
use super::interval::Confidence;
use super::predictions::EvaluationError;

/// A decided row beside its score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DecidedRow {
    /// The probability of violating, or another finite score.
    pub score: f64,
    /// Whether it was found violating.
    pub positive: bool,
    /// The probability with which it was drawn, in (0, 1], where it is known.
    pub inclusion: Option<f64>,
    /// For how much it counts: 1 where items are counted, its views where views are.
    pub size: f64,
    /// The seller, or another group of dependent rows.
    pub cluster: u64,
}

/// What a threshold would do. A share is absent where nothing is in its whole.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ThresholdEstimates {
    /// Rows at or above it are called violating.
    pub threshold: f64,
    /// Share of violating rows among all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_rate: Option<HajekEstimate>,
    /// Share of violating rows among those called so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<HajekEstimate>,
    /// Share of those called violating among the violating rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall: Option<HajekEstimate>,
    /// Share of those called violating among all: the review load.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_rate: Option<HajekEstimate>,
    /// Share of those called violating among the compliant rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub false_positive_rate: Option<HajekEstimate>,
}

/// The same of the rows that speak for the population, and of those that speak for themselves.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PopulationEstimates {
    /// Rows of known inclusion probability, each weighing size ÷ π. Absent without such rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population: Option<ThresholdEstimates>,
    /// Rows of unknown inclusion probability, each weighing its size: a biased sample. Absent without such rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unweighted: Option<ThresholdEstimates>,
}

/// Judges a threshold on `rows`.
///
/// # Errors
/// When a score is not finite, a probability lies outside (0, 1], or a size outside 0 to 1e100.
pub fn at_threshold(rows: &[DecidedRow], threshold: f64, confidence: Confidence) -> Result<PopulationEstimates, EvaluationError> {
    for (row, decided) in rows.iter().enumerate() {
        let refuse = |what, value, expected| Err(EvaluationError::Value { what, row, value, expected });
        if !decided.score.is_finite() {
            return refuse("score", decided.score, "a finite number");
        }
        if let Some(pi) = decided.inclusion.filter(|pi| !(*pi > 0.0 && *pi <= 1.0)) {
            return refuse("inclusion probability", pi, "a number above 0, up to 1");
        }
        if !(0.0..=1e100).contains(&decided.size) {
            return refuse("size", decided.size, "a number between 0 and 1e100");
        }
    }
    let block = |is_known: bool| {
        let part: Vec<DecidedRow> = rows.iter().copied().filter(|row| row.inclusion.is_some() == is_known).collect();
        (!part.is_empty()).then(|| ThresholdEstimates::of(&part, threshold, confidence))
    };
    Ok(PopulationEstimates { population: block(true), unweighted: block(false) })
}

impl ThresholdEstimates {
    fn of(rows: &[DecidedRow], threshold: f64, confidence: Confidence) -> Self {
        let called = |row: &DecidedRow| row.score >= threshold;
        let share = |whole: &dyn Fn(&DecidedRow) -> bool, part: &dyn Fn(&DecidedRow) -> bool| {
            let of_row = |row: &DecidedRow| HajekRow {
                in_part: part(row),
                weight: row.size / row.inclusion.unwrap_or(1.0),
                cluster: row.cluster,
            };
            hajek(&rows.iter().filter(|row| whole(row)).map(of_row).collect::<Vec<_>>(), confidence)
        };
        Self {
            threshold,
            base_rate: share(&|_| true, &|row| row.positive),
            precision: share(&called, &|row| row.positive),
            recall: share(&|row| row.positive, &called),
            match_rate: share(&|_| true, &called),
            false_positive_rate: share(&|row| !row.positive, &called),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(score: f64, positive: bool, inclusion: Option<f64>, cluster: u64) -> DecidedRow {
        DecidedRow { score, positive, inclusion, size: 1.0, cluster }
    }

    /// By hand: weights 2, 4, 10, 1 and 5. Called: 2 (violating), 4 (not); not called: 10 (violating), 1 and 5 (not).
    #[test]
    fn each_share_is_a_ratio_of_population_totals() {
        let rows = [
            row(0.9, true, Some(0.5), 1),
            row(0.8, false, Some(0.25), 2),
            row(0.4, true, Some(0.1), 3),
            row(0.3, false, Some(1.0), 4),
            row(0.2, false, Some(0.2), 5),
            row(0.9, true, None, 6),
            row(0.7, false, None, 6),
        ];
        let found = at_threshold(&rows, 0.5, Confidence::NinetyFive).unwrap();
        let shares = |of: ThresholdEstimates| {
            [of.base_rate, of.precision, of.recall, of.match_rate, of.false_positive_rate].map(|e| e.map(|e| (e.share, e.n)))
        };
        let expect = [(12.0 / 22.0, 5), (2.0 / 6.0, 2), (2.0 / 12.0, 2), (6.0 / 22.0, 5), (4.0 / 10.0, 3)].map(Some);
        for (found, expect) in shares(found.population.unwrap()).into_iter().zip(expect) {
            let ((share, n), (expected_share, expected_n)) = (found.unwrap(), expect.unwrap());
            assert!((share - expected_share).abs() < 1e-12 && n == expected_n, "{share} of {n}");
        }
        // The picked rows stand apart: one violating and one compliant row, both called.
        let apart = [(0.5, 2), (0.5, 2), (1.0, 1), (1.0, 2), (1.0, 1)].map(Some);
        assert_eq!(shares(found.unweighted.unwrap()), apart);
    }

    #[test]
    fn a_share_of_nothing_is_absent() {
        let found = at_threshold(&[row(0.1, false, Some(0.5), 1)], 0.5, Confidence::NinetyFive).unwrap();
        let population = found.population.unwrap();
        assert_eq!((population.precision, population.recall, found.unweighted), (None, None, None));
        assert_eq!(population.match_rate.map(|e| e.share), Some(0.0));
    }

    #[test]
    fn views_count_where_they_are_the_size() {
        let rows =
            [DecidedRow { size: 9.0, ..row(0.9, true, Some(0.5), 1) }, DecidedRow { size: 6.0, ..row(0.1, false, Some(1.0), 2) }];
        let found = at_threshold(&rows, 0.5, Confidence::NinetyFive).unwrap().population.unwrap();
        assert_eq!(found.base_rate.unwrap().share, 18.0 / 24.0);
    }

    #[test]
    fn what_cannot_be_weighed_is_refused_by_row() {
        let refused = |row: DecidedRow| at_threshold(&[row], 0.5, Confidence::NinetyFive).unwrap_err().to_string();
        assert_eq!(
            refused(row(0.5, true, Some(0.0), 1)),
            "row 0 has the inclusion probability 0: expected a number above 0, up to 1"
        );
        assert_eq!(refused(row(f64::NAN, true, None, 1)), "row 0 has the score NaN: expected a finite number");
        let infinite = DecidedRow { size: f64::INFINITY, ..row(0.5, true, None, 1) };
        assert_eq!(refused(infinite), "row 0 has the size inf: expected a number between 0 and 1e100");
    }
}
