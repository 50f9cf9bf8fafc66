//! Whether probabilities still say what is found: predicted less found, on decisions that the model cannot have learned.
//!
//! gap = Σ (f − y)/π ÷ Σ 1/π over items drawn with known probability; the interval is linearised as `rate`'s is. Where few violations
//! were found the residuals know their variance badly: the variance is at least Σ f (1 − f)/π² ÷ (Σ 1/π)², that of a calibrated model.

use super::SampledRow;
use crate::evaluation::{Confidence, Interval, Spread, Sum, student_widening};

/// Student's widening ends here.
const MAX_WIDENING: f64 = 3.0;

/// How far the mean probability lies above what was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Gap {
    /// Above 0 where the model says too much; in [−1, 1].
    pub value: f64,
    /// At 95 %.
    pub interval: Interval,
    pub n: u64,
    pub positives: u64,
}

/// Of rows that weigh 1/π; `None` without a row that has a prediction and weight.
pub(super) fn gap(rows: &[SampledRow]) -> Option<Gap> {
    let mut rows: Vec<(SampledRow, f64)> = rows
        .iter()
        .filter(|row| row.weight > 0.0 && row.weight.is_finite())
        .filter_map(|row| Some((*row, row.predicted?)))
        .collect();
    rows.sort_by_key(|(row, _)| row.cluster);
    let miss = |(row, said): &(SampledRow, f64)| said - if row.violating { 1.0 } else { 0.0 };
    let open = |row: &SampledRow| row.weight * (1.0 - row.inclusion).max(0.0).sqrt();
    let total = rows.iter().map(|(row, _)| row.weight).collect::<Sum>().value();
    if total <= 0.0 {
        return None;
    }
    let value = rows.iter().map(|of| of.0.weight * miss(of)).collect::<Sum>().value() / total;
    let mut residuals = Vec::new();
    for of_one in rows.chunk_by(|a, b| a.0.cluster == b.0.cluster) {
        residuals.push(of_one.iter().map(|of| open(&of.0) * (miss(of) - value)).collect::<Sum>().value() / total);
    }
    let expected = rows.iter().map(|(row, p)| open(row) * open(row) * p * (1.0 - p)).collect::<Sum>().value() / (total * total);
    let spread = Spread::of_residuals(&residuals);
    let z = Confidence::NinetyFive.z();
    let degrees = spread.map_or(residuals.len() as f64 - 1.0, |spread| spread.degrees);
    let widening = student_widening(z, degrees.max(1.0)).min(MAX_WIDENING);
    let half = z * widening * spread.map_or(0.0, |spread| spread.variance).max(expected).sqrt();
    let positives = rows.iter().filter(|(row, _)| row.violating).count() as u64;
    let interval = Interval { low: (value - half).max(-1.0), high: (value + half).min(1.0) };
    Some(Gap { value, interval, n: rows.len() as u64, positives })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(violating: bool, predicted: f64, weight: f64, cluster: u64) -> SampledRow {
        SampledRow { violating, predicted: Some(predicted), weight, inclusion: 1e-9, cluster }
    }

    /// By hand: misses 0.5, −0.5, 0.2 and 0.2 with weights 1, 1, 2 and 4: (0.5 − 0.5 + 0.4 + 0.8) ÷ 8 = 0.15.
    #[test]
    fn the_worked_example() {
        let rows = [row(false, 0.5, 1.0, 1), row(true, 0.5, 1.0, 2), row(false, 0.2, 2.0, 3), row(false, 0.2, 4.0, 4)];
        let found = gap(&rows).unwrap();
        assert!((found.value - 0.15).abs() < 1e-12 && (found.n, found.positives) == (4, 1));
        assert!(found.interval.low < 0.15 && 0.15 < found.interval.high);
        assert_eq!(gap(&[]), None);
    }

    #[test]
    fn a_model_that_says_too_much_is_told_from_one_that_does_not() {
        let rows = |said: f64| -> Vec<SampledRow> { (0..400).map(|i| row(i % 10 == 0, said, 1.0, i)).collect() };
        let right = gap(&rows(0.1)).unwrap();
        assert!(right.value.abs() < 1e-12 && right.interval.low < 0.0 && right.interval.high > 0.0);
        assert!(gap(&rows(0.2)).unwrap().interval.low > 0.0 && gap(&rows(0.03)).unwrap().interval.high < 0.0);
        // Nothing found of forty items at 2 % each, 0.8 expected: no proof of anything.
        let none: Vec<SampledRow> = (0..40).map(|i| row(false, 0.02, 1.0, i)).collect();
        assert!(gap(&none).unwrap().interval.low < 0.0);
    }
}
