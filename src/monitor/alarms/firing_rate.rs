//! Does a policy fire more often than it used to?

use crate::evaluation::binomial_upper_tail;

/// A policy's night in a market.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Firing {
    /// Items that it was asked of.
    pub items: u64,
    /// Those on which it fired.
    pub fired: u64,
}

/// When a firing rate is an alarm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FiringLimits {
    /// Weight of a night, for each night that has passed since.
    pub decay: f64,
    /// P of the count under the rate before, from which on it is chance no longer.
    pub max_p: f64,
    /// Nights before that are needed.
    pub min_periods: usize,
    /// Times the rate before that it has to be.
    pub min_ratio: f64,
    /// Firings tonight that are needed.
    pub min_fired: u64,
}

/// What was found: the rate expected and P, where tonight is an alarm.
///
/// The rate before is Σ dᵃ fired / Σ dᵃ items over nights of age a, with half a firing added, so that a policy that never fired has one.
/// P is the exact one-sided binomial's (FIELD.md §4). As volumes grow every p is small: `min_ratio` is the size that matters.
#[must_use]
pub fn firing_rate(before: &[Firing], tonight: Firing, limits: &FiringLimits) -> Option<(f64, f64)> {
    if before.len() < limits.min_periods || tonight.fired < limits.min_fired.max(1) || tonight.fired > tonight.items {
        return None;
    }
    let (mut items, mut fired) = (0.0, 0.0);
    for night in before {
        items = items * limits.decay + night.items as f64;
        fired = fired * limits.decay + night.fired as f64;
    }
    if items <= 0.0 {
        return None;
    }
    let rate = ((fired + 0.5) / (items + 1.0)).min(1.0);
    let p = binomial_upper_tail(tonight.fired, tonight.items, rate);
    let is_large = tonight.fired as f64 >= limits.min_ratio * rate * tonight.items as f64;
    (is_large && p < limits.max_p).then_some((rate, p))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: FiringLimits = FiringLimits { decay: 0.98, max_p: 0.005, min_periods: 24, min_ratio: 1.25, min_fired: 10 };

    fn check(nights: usize, fired: u64, expect: bool) {
        let before = vec![Firing { items: 10_000, fired: 100 }; nights];
        assert_eq!(firing_rate(&before, Firing { items: 10_000, fired }, &LIMITS).is_some(), expect, "{nights} {fired}");
    }

    #[test]
    fn a_flood_is_found_and_little_is_not() {
        check(24, 1_000, true);
        check(24, 140, true);
        check(24, 124, false);
        check(24, 0, false);
        check(23, 1_000, false);
    }

    /// By hand: P(X ≥ 2) of 3 at ½ is 4/8, P(X ≥ 10) of 10 at 0.5 is 2⁻¹⁰, P(X ≥ 1) of 20 at 0.1 is 1 − 0.9²⁰.
    #[test]
    fn the_tail_is_the_binomials() {
        for (k, n, p, expect) in
            [(2, 3, 0.5, 0.5), (10, 10, 0.5, 1.0 / 1024.0), (1, 20, 0.1, 0.878_423_345_409_430_7), (0, 5, 0.3, 1.0)]
        {
            assert!((binomial_upper_tail(k, n, p) - expect).abs() < 1e-12, "{k} of {n}");
        }
    }
}
