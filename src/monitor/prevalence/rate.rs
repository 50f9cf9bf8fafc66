//! The rate of violating views from a sample drawn with known probabilities, narrowed by what the model says of everything.
//!
//! θ̂ = λ F + Σ w (y − λ f) ÷ Σ w over the sample, with w = V/π, the model's probability f, and F = Σ V f ÷ Σ V over all items
//! (prediction-powered inference: Angelopoulos, Duchi and Zrnic 2023, arXiv 2311.01453, for a ratio of totals). It holds whatever f is:
//! a useless or wrong f only makes it no narrower. λ in 0 to 1 is Cov(y, f) ÷ Var(f) of the clusters' linearised sums, which
//! minimises the variance, drawn to 1, what it is for a calibrated f, by as much as few positives leave open. The interval has the form of
//! `evaluation::hajek`'s, Wilson's with Student's widening, on residuals w (y − λ f − mean) summed by cluster, each with the λ that the
//! other clusters choose. A term counts √(1 − π): what is always drawn leaves nothing open (Särndal, Swensson and Wretman 1992, §3.5,
//! of independent draws). Without that the samples of `coverage_tests` are held by 99 % of their intervals.
//!
//! With few positives residuals know their own variance badly, and with none not at all: Hájek's estimate stands then, which is
//! λ = 0. It also stands where the model would widen the interval.

use crate::evaluation::{Confidence, HajekRow, Interval, Spread, Sum, hajek, student_widening, wilson_weighted};

/// Positives below which the model's probabilities are left out.
const LEAST_POSITIVES: u64 = 5;

/// Positives that λ = 1 counts as when λ is estimated.
const LAMBDA_PRIOR: f64 = 10.0;

/// A sample is worth at most this many times its rows.
const MAX_GAIN: f64 = 10.0;

/// Student's widening ends here.
const MAX_WIDENING: f64 = 3.0;

/// One item of the sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SampledRow {
    /// Whether it was found violating.
    pub violating: bool,
    /// What the model says of it, in [0, 1]; absent where it says nothing.
    pub predicted: Option<f64>,
    /// V/π; a row that weighs nothing is left out.
    pub weight: f64,
    /// π, in [0, 1].
    pub inclusion: f64,
    /// Rows of one cluster (seller) are not independent.
    pub cluster: u64,
}

/// How a rate was estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RateMethod {
    /// From the sample alone.
    Hajek,
    /// From the sample and the model's probabilities.
    PredictionPowered,
}

impl RateMethod {
    /// As figures name it.
    #[must_use]
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Hajek => "hajek",
            Self::PredictionPowered => "ppi++",
        }
    }
}

/// A rate with what it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rate {
    /// θ̂, in [0, 1].
    pub value: f64,
    /// Its interval; never a point.
    pub interval: Interval,
    /// Items of the sample.
    pub n: u64,
    /// Of them, violating ones.
    pub positives: u64,
    /// Independent items of equal weight whose Wilson interval would be as wide.
    pub n_effective: f64,
    /// Σ π w² ÷ (Σ w)²: what a unit of noise in every verdict adds to the variance beyond what drawing leaves open.
    pub said_again: f64,
    /// λ; 0 for Hájek's.
    pub lambda: f64,
    /// How.
    pub method: RateMethod,
}

/// The share of views that went to violating items, at 95 %. `mean_predicted` is Σ V f ÷ Σ V over all items; absent where there are no
/// predictions. `None` of a sample without weight.
#[must_use]
pub(super) fn rate(rows: &[SampledRow], mean_predicted: Option<f64>) -> Option<Rate> {
    let sample = Sample::of(rows)?;
    let plain = sample.plain(rows)?;
    let width = |rate: &Rate| rate.interval.high - rate.interval.low;
    let powered = mean_predicted.filter(|f| (0.0..=1.0).contains(f)).and_then(|f| sample.powered(f));
    Some(powered.filter(|found| width(found) < width(&plain)).unwrap_or(plain))
}

/// Hájek's estimate alone.
#[must_use]
pub(super) fn plain(rows: &[SampledRow]) -> Option<Rate> {
    Sample::of(rows)?.plain(rows)
}

/// What the rows of one cluster add up to; the last three with √(1 − π) in each term, what drawing leaves open.
#[derive(Default, Clone, Copy)]
struct Cluster {
    weight: Sum,
    positive: Sum,
    predicted: Sum,
    open_weight: Sum,
    open_positive: Sum,
    open_predicted: Sum,
}

/// A sample summed by cluster.
struct Sample {
    clusters: Vec<Cluster>,
    total: f64,
    said_again: f64,
    n: u64,
    positives: u64,
    is_predicted: bool,
}

impl Sample {
    fn of(rows: &[SampledRow]) -> Option<Self> {
        let mut rows: Vec<SampledRow> = rows.iter().copied().filter(|row| row.weight > 0.0 && row.weight.is_finite()).collect();
        rows.sort_by_key(|row| row.cluster);
        let mut clusters = Vec::new();
        for of_one in rows.chunk_by(|a, b| a.cluster == b.cluster) {
            let mut cluster = Cluster::default();
            for row in of_one {
                let open = row.weight * (1.0 - row.inclusion).max(0.0).sqrt();
                let predicted = row.predicted.unwrap_or(0.0);
                cluster.weight.add(row.weight);
                cluster.predicted.add(row.weight * predicted);
                cluster.open_weight.add(open);
                cluster.open_predicted.add(open * predicted);
                if row.violating {
                    cluster.positive.add(row.weight);
                    cluster.open_positive.add(open);
                }
            }
            clusters.push(cluster);
        }
        let total = clusters.iter().map(|c| c.weight.value()).collect::<Sum>().value();
        let positives = rows.iter().filter(|row| row.violating).count() as u64;
        let is_predicted = rows.iter().all(|row| row.predicted.is_some());
        let squares = rows.iter().map(|row| row.inclusion * row.weight * row.weight).collect::<Sum>().value();
        let said_again = squares / (total * total);
        (total > 0.0).then_some(Self { clusters, total, said_again, n: rows.len() as u64, positives, is_predicted })
    }

    fn share(&self, of: fn(&Cluster) -> f64) -> f64 {
        self.clusters.iter().map(of).collect::<Sum>().value() / self.total
    }

    /// λ = 0. Where all rows say the same nothing varies, and Hájek's interval goes by the number of clusters.
    fn plain(&self, rows: &[SampledRow]) -> Option<Rate> {
        let found = self.share(|c| c.positive.value());
        let residual = |c: &Cluster| (c.open_positive.value() - found * c.open_weight.value()) / self.total;
        let residuals: Vec<f64> = self.clusters.iter().map(residual).collect();
        let varies = self.positives > 0 && self.positives < self.n;
        if let Some(rate) = varies.then(|| self.interval(found, &residuals, 0.0)).flatten() {
            return Some(rate);
        }
        let of = |row: &SampledRow| HajekRow { in_part: row.violating, weight: row.weight, cluster: row.cluster };
        let found = hajek(&rows.iter().map(of).collect::<Vec<_>>(), Confidence::NinetyFive)?;
        Some(Rate {
            value: found.share,
            interval: found.interval,
            n: found.n,
            positives: found.positives,
            n_effective: found.n_effective,
            said_again: self.said_again,
            lambda: 0.0,
            method: RateMethod::Hajek,
        })
    }

    fn powered(&self, mean_predicted: f64) -> Option<Rate> {
        if !self.is_predicted || self.positives < LEAST_POSITIVES || self.positives == self.n {
            return None;
        }
        let (found, said) = (self.share(|c| c.positive.value()), self.share(|c| c.predicted.value()));
        let residuals = |of: fn(&Cluster) -> f64, mean: f64| -> Vec<f64> {
            self.clusters.iter().map(|c| (of(c) - mean * c.open_weight.value()) / self.total).collect()
        };
        let (of_found, of_said) = (residuals(|c| c.open_positive.value(), found), residuals(|c| c.open_predicted.value(), said));
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).collect::<Sum>().value();
        let (covariance, variance) = (product(&of_found, &of_said), product(&of_said, &of_said));
        if variance <= 0.0 {
            return None;
        }
        let positives = self.positives as f64;
        let drawn_to_one = |lambda: f64| (lambda * positives + LAMBDA_PRIOR) / (positives + LAMBDA_PRIOR);
        let lambda = drawn_to_one((covariance / variance).clamp(0.0, 1.0));
        let value = found + lambda * (mean_predicted - said);
        // Every cluster against the λ that the others chose: its own would make the residuals look smaller than they are.
        let residual = |(y, f): (&f64, &f64)| {
            let others = variance - f * f;
            let chosen = if others > 0.0 { ((covariance - y * f) / others).clamp(0.0, 1.0) } else { 1.0 };
            y - drawn_to_one(chosen) * f
        };
        let residuals: Vec<f64> = of_found.iter().zip(&of_said).map(residual).collect();
        self.interval(value, &residuals, lambda)
    }

    /// Wilson's interval with the effective number of rows that the residuals' variance implies. `None` at or beyond 0 and 1.
    fn interval(&self, value: f64, residuals: &[f64], lambda: f64) -> Option<Rate> {
        if value <= 0.0 || value >= 1.0 {
            return None;
        }
        let spread = Spread::of_residuals(residuals)?;
        let widening = student_widening(Confidence::NinetyFive.z(), spread.degrees.max(1.0)).min(MAX_WIDENING);
        let n_effective = (value * (1.0 - value) / spread.variance).min(MAX_GAIN * self.n as f64) / (widening * widening);
        let interval = wilson_weighted(value, n_effective, Confidence::NinetyFive)?;
        let method = if lambda > 0.0 { RateMethod::PredictionPowered } else { RateMethod::Hajek };
        let said_again = self.said_again;
        Some(Rate { value, interval, n: self.n, positives: self.positives, n_effective, said_again, lambda, method })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(violating: bool, predicted: f64, weight: f64, cluster: u64) -> SampledRow {
        SampledRow { violating, predicted: Some(predicted), weight, inclusion: 1e-9, cluster }
    }

    /// Where nearly nothing is drawn, λ = 0 is Hájek's estimate of `evaluation::hajek`, whose example is worked by hand.
    #[test]
    fn without_predictions_it_is_hajeks() {
        let rows = [row(false, 0.1, 1.0, 7), row(true, 0.2, 2.0, 7), row(true, 0.7, 3.0, 8), row(false, 0.1, 4.0, 9)];
        let found = rate(&rows, None).unwrap();
        let of = |row: &SampledRow| HajekRow { in_part: row.violating, weight: row.weight, cluster: row.cluster };
        let expect = hajek(&rows.iter().map(of).collect::<Vec<_>>(), Confidence::NinetyFive).unwrap();
        assert_eq!((found.value, found.n, found.positives, found.lambda), (0.5, 4, 2, 0.0));
        assert!(
            (found.interval.low - expect.interval.low).abs() < 1e-6 && (found.interval.high - expect.interval.high).abs() < 1e-6
        );
    }

    /// By hand: 20 items of weight 1, f = 0.9 of the ten violating ones and 0.1 of the others but for one of each that is turned.
    /// Σ yf = 9·0.9 + 0.1 = 8.2, mean f 0.5, covariance 8.2/20 − ½·½ = 0.16, variance 0.16: λ = 1 whatever the prior. With F = 0.4 the
    /// rate is ½ + (0.4 − ½).
    #[test]
    fn predictions_move_the_estimate_by_what_the_sample_misses() {
        let rows: Vec<SampledRow> =
            (0..20).map(|i| row(i < 10, if (i < 10) == (i != 0 && i != 19) { 0.9 } else { 0.1 }, 1.0, i)).collect();
        let found = rate(&rows, Some(0.4)).unwrap();
        assert_eq!(found.method, RateMethod::PredictionPowered);
        assert!((found.lambda - 1.0).abs() < 1e-12 && (found.value - 0.4).abs() < 1e-12, "{found:?}");
        let without = plain(&rows).unwrap();
        assert!(found.interval.high - found.interval.low < without.interval.high - without.interval.low);
    }

    #[test]
    fn nothing_found_is_no_proof_of_nothing() {
        let rows: Vec<SampledRow> = (0..50).map(|i| row(false, 0.01, 2.0, i)).collect();
        let found = rate(&rows, Some(0.01)).unwrap();
        assert_eq!((found.value, found.interval.low, found.method), (0.0, 0.0, RateMethod::Hajek));
        assert!((0.06..0.085).contains(&found.interval.high), "{found:?}");
        assert_eq!(rate(&[], Some(0.1)), None);
        // A prediction that is missing of one item is no zero.
        let some: Vec<SampledRow> = (0..50).map(|i| SampledRow { predicted: None, ..row(i < 10, 0.0, 1.0, i) }).collect();
        assert_eq!(rate(&some, Some(0.2)).unwrap().method, RateMethod::Hajek);
    }

    #[test]
    fn what_is_always_drawn_leaves_nothing_open() {
        let rows = |inclusion: f64| -> Vec<SampledRow> {
            (0..200).map(|i| SampledRow { inclusion, ..row(i < 40, 0.2, 1.0, i) }).collect()
        };
        let width = |rows: &[SampledRow]| plain(rows).map(|found| found.interval.high - found.interval.low).unwrap();
        assert!(width(&rows(0.9)) < 0.4 * width(&rows(0.01)));
        assert!(width(&rows(1.0)) > 0.0);
    }

    proptest! {
        #[test]
        fn the_rate_lies_in_its_interval_and_order_and_scale_do_not_matter(
            rows in prop::collection::vec((any::<bool>(), 0.0..=1.0_f64, 0.1..50.0_f64, 0.01..=1.0_f64, 0..12_u64), 1..60),
            mean in 0.0..=1.0_f64,
            scale in 0.01..100.0_f64,
        ) {
            let row = |(violating, said, weight, inclusion, cluster): (bool, f64, f64, f64, u64)| {
                SampledRow { violating, predicted: Some(said), weight, inclusion, cluster }
            };
            let rows: Vec<SampledRow> = rows.into_iter().map(row).collect();
            let found = rate(&rows, Some(mean)).unwrap();
            prop_assert!(0.0 <= found.interval.low && found.interval.low <= found.value);
            prop_assert!(found.value <= found.interval.high && found.interval.high <= 1.0);
            prop_assert!(found.interval.high > found.interval.low);
            let without = plain(&rows).unwrap().interval;
            prop_assert!(found.interval.high - found.interval.low <= without.high - without.low);
            let turned: Vec<SampledRow> = rows.iter().rev().map(|r| SampledRow { weight: r.weight * scale, ..*r }).collect();
            let again = rate(&turned, Some(mean)).unwrap();
            prop_assert!((again.value - found.value).abs() < 1e-9);
            prop_assert!((again.interval.high - found.interval.high).abs() < 1e-6);
        }
    }
}
