//! Wilson's score interval for a proportion (Wilson 1927), which stays inside 0 to 1 and holds at 0 and n successes.

use serde::Serialize;

/// How often the interval covers the truth in the long run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confidence {
    /// 90 %.
    Ninety,
    /// 95 %.
    NinetyFive,
    /// 99 %.
    NinetyNine,
}

/// Both ends of an interval, each in 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Confidence {
    /// The probability that is left out on each side.
    pub(super) fn tail(self) -> f64 {
        match self {
            Self::Ninety => 0.05,
            Self::NinetyFive => 0.025,
            Self::NinetyNine => 0.005,
        }
    }

    /// The two-sided normal quantile.
    pub(crate) fn z(self) -> f64 {
        match self {
            Self::Ninety => 1.644_853_626_951_472_2,
            Self::NinetyFive => 1.959_963_984_540_054,
            Self::NinetyNine => 2.575_829_303_548_900_4,
        }
    }
}

/// The interval for `successes` of `trials`; `None` without trials or with more successes than trials.
#[must_use]
pub fn wilson(successes: u64, trials: u64, confidence: Confidence) -> Option<Interval> {
    if trials == 0 || successes > trials {
        return None;
    }
    wilson_weighted(successes as f64 / trials as f64, trials as f64, confidence)
}

/// The interval for a weighted share, with Kish's effective number of trials (see [`effective_n`]) in the place of n;
/// `None` unless `share` lies in 0 to 1 and `n_effective` is above zero.
#[must_use]
pub fn wilson_weighted(share: f64, n_effective: f64, confidence: Confidence) -> Option<Interval> {
    wilson_at(share, n_effective, confidence.z())
}

/// The same at a two-sided normal quantile.
pub(super) fn wilson_at(share: f64, n_effective: f64, z: f64) -> Option<Interval> {
    if !(0.0..=1.0).contains(&share) || n_effective <= 0.0 || !n_effective.is_finite() {
        return None;
    }
    let z2 = z * z;
    let scale = 1.0 + z2 / n_effective;
    let centre = (share + z2 / (2.0 * n_effective)) / scale;
    let variance = share * (1.0 - share) / n_effective + z2 / (4.0 * n_effective * n_effective);
    let half = z * variance.sqrt() / scale;
    // At a share of 0 or 1 the near end is exactly that; rounding would leave a hair beside it.
    let low = if share <= 0.0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if share >= 1.0 { 1.0 } else { (centre + half).min(1.0) };
    Some(Interval { low, high })
}

/// Kish's effective sample size (Σw)² ÷ Σw²; `None` where all weights are zero or there are none.
#[must_use]
pub fn effective_n(weights: &[f64]) -> Option<f64> {
    let sum = weights.iter().copied().collect::<super::sum::Sum>().value();
    let squares = weights.iter().map(|w| w * w).collect::<super::sum::Sum>().value();
    (squares > 0.0).then(|| sum * sum / squares)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values: scipy 1.17.1, `binomtest(k, n).proportion_ci(level, "wilson")`.
    #[test]
    fn agrees_with_scipy() {
        use Confidence::{Ninety, NinetyFive, NinetyNine};
        for (k, n, level, low, high) in [
            (0, 10, NinetyFive, 0.0, 0.277_532_799_862_889_26),
            (3, 10, Ninety, 0.126_876_583_903_197_9, 0.558_300_204_130_164_9),
            (3, 10, NinetyFive, 0.107_791_267_406_301_02, 0.603_221_852_538_854_6),
            (3, 10, NinetyNine, 0.079_566_316_523_065_78, 0.679_975_320_798_897_4),
            (10, 10, NinetyFive, 0.722_467_200_137_111, 1.0),
            (1, 1, NinetyNine, 0.130_977_543_280_185_96, 1.0),
            (432, 1590, NinetyFive, 0.250_402_844_578_642_26, 0.294_093_883_134_051_6),
            (1, 100_000, NinetyFive, 1.765_247_730_378_316e-6, 5.664_709_659_040_965e-5),
        ] {
            let found = wilson(k, n, level).unwrap();
            assert!((found.low - low).abs() < 1e-12 && (found.high - high).abs() < 1e-12, "{k}/{n}: {found:?}");
        }
    }

    #[test]
    fn nothing_to_count_has_no_interval() {
        assert_eq!(wilson(0, 0, Confidence::NinetyFive), None);
        assert_eq!(wilson(2, 1, Confidence::NinetyFive), None);
        assert_eq!(wilson_weighted(f64::NAN, 10.0, Confidence::NinetyFive), None);
        assert_eq!(effective_n(&[]), None);
        assert_eq!(effective_n(&[0.0]), None);
    }

    #[test]
    fn equal_weights_count_as_rows_and_unequal_ones_as_fewer() {
        assert_eq!(effective_n(&[2.0; 10]), Some(10.0));
        assert_eq!(effective_n(&[3.0, 1.0]), Some(1.6));
    }
}
