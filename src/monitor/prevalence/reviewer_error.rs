//! A rate corrected for what reviewers get wrong (Rogan and Gladen 1978).
//!
//! p = (p̂ + sp − 1) ÷ (se + sp − 1), with sensitivity and specificity as counted on golden cases. The interval is Lang and Reiczigel's
//! (2014, Preventive Veterinary Medicine 113): the delta method over p̂, se and sp after a success and a failure were added to each, which
//! also holds where all golden cases were answered rightly.

use super::Rate;
use crate::evaluation::{Confidence, Interval};

/// Below this se + sp − 1 verdicts tell too little of the truth to be turned back into it.
const LEAST_INFORMED: f64 = 0.2;

/// Reviewers' answers on cases whose truth is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GoldenCounts {
    /// Violating cases that were called violating.
    pub found: u64,
    /// Violating cases.
    pub violating: u64,
    /// Compliant cases that were called compliant.
    pub cleared: u64,
    /// Compliant cases.
    pub compliant: u64,
}

/// The rate that reviewers who never err would have found, in [0, 1], with its 95 % interval. `None` with fewer than `least` golden cases
/// of either kind, or where reviewers hardly tell the kinds apart.
#[must_use]
pub(super) fn corrected(rate: &Rate, golden: &GoldenCounts, least: u64) -> Option<(f64, Interval)> {
    if golden.violating.min(golden.compliant) < least.max(1) {
        return None;
    }
    let share = |part: u64, whole: u64| part as f64 / whole as f64;
    let (se, sp) = (share(golden.found, golden.violating), share(golden.cleared, golden.compliant));
    if se + sp - 1.0 < LEAST_INFORMED || rate.n_effective <= 0.0 {
        return None;
    }
    let value = ((rate.value + sp - 1.0) / (se + sp - 1.0)).clamp(0.0, 1.0);

    let z = Confidence::NinetyFive.z();
    let known = with_noise(rate, value * se * (1.0 - se) + (1.0 - value) * sp * (1.0 - sp));
    let n = known + z * z;
    let p = (known * rate.value + z * z / 2.0) / n;
    let (n_se, n_sp) = (golden.violating as f64 + 2.0, golden.compliant as f64 + 2.0);
    let (se, sp) = ((golden.found as f64 + 1.0) / n_se, (golden.cleared as f64 + 1.0) / n_sp);
    let informed = se + sp - 1.0;
    let centre = ((p + sp - 1.0) / informed).clamp(0.0, 1.0);
    let (of_se, of_sp) = (se * (1.0 - se) / n_se, sp * (1.0 - sp) / n_sp);
    let shift = 2.0 * z * z * (centre * of_se - (1.0 - centre) * of_sp);
    let variance = p * (1.0 - p) / n + (1.0 - centre) * (1.0 - centre) * of_sp + centre * centre * of_se;
    let half = z * variance.sqrt() / informed;
    let low = (centre + shift - half).clamp(0.0, 1.0).min(value);
    let high = (centre + shift + half).clamp(0.0, 1.0).max(value);
    Some((value, Interval { low, high }))
}

/// The effective number of items where every verdict might have been another, with so much variance: also of what is always drawn.
fn with_noise(rate: &Rate, noise: f64) -> f64 {
    let of_one = rate.value * (1.0 - rate.value);
    if of_one > 0.0 { 1.0 / (1.0 / rate.n_effective + noise * rate.said_again / of_one) } else { rate.n_effective }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::prevalence::rate::RateMethod;

    fn observed(value: f64, n_effective: f64) -> Rate {
        let interval = Interval { low: 0.0, high: 1.0 };
        Rate { value, interval, n: 1000, positives: 50, n_effective, said_again: 0.0, lambda: 0.0, method: RateMethod::Hajek }
    }

    /// By hand: (0.2 + 0.9 − 1) ÷ (0.8 + 0.9 − 1) = 1/7.
    #[test]
    fn the_worked_example() {
        let golden = GoldenCounts { found: 80, violating: 100, cleared: 180, compliant: 200 };
        let (value, interval) = corrected(&observed(0.2, 500.0), &golden, 50).unwrap();
        assert!((value - 1.0 / 7.0).abs() < 1e-12);
        // The paper's formulas in Python 3, with se' = 81/102 and sp' = 181/202.
        assert!(
            (interval.low - 0.066_485_311_101_453_86).abs() < 1e-12 && (interval.high - 0.215_887_844_784_278_83).abs() < 1e-12,
            "{interval:?}"
        );
        // More golden cases know it better; too few, or useless reviewers, know nothing.
        let more = GoldenCounts { found: 8000, violating: 10_000, cleared: 18_000, compliant: 20_000 };
        let (_, narrower) = corrected(&observed(0.2, 500.0), &more, 50).unwrap();
        assert!(narrower.high - narrower.low < interval.high - interval.low);
        assert_eq!(corrected(&observed(0.2, 500.0), &golden, 101), None);
        assert_eq!(corrected(&observed(0.2, 500.0), &GoldenCounts { found: 15, ..golden }, 50), None);
    }

    #[test]
    fn a_rate_below_the_false_alarms_is_none_with_an_interval() {
        let golden = GoldenCounts { found: 90, violating: 100, cleared: 98, compliant: 100 };
        let (value, interval) = corrected(&observed(0.005, 1000.0), &golden, 50).unwrap();
        assert_eq!((value, interval.low), (0.0, 0.0));
        assert!(interval.high > 0.005);
    }
}
