//! Rates shrunk to a prior, and priors fitted from exact sums (FIELD.md §6).
//!
//! Input: k events of n chances per unit. Output: (k + α) / (n + α + β). Deliberately not here: which units share a prior (`dataset`
//! groups by tier) and what is counted (declared windows).

use serde::{Deserialize, Serialize};

/// A beta prior of a rate: α events and β non-events seen before any data, fitted on `n` units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RatePrior {
    /// Events.
    pub alpha: f64,
    /// Chances without an event.
    pub beta: f64,
    /// Units it was fitted on; 0 when it was configured.
    pub n: u64,
}

impl RatePrior {
    /// The prior with a mean in (0, 1) that counts as `strength` chances.
    #[must_use]
    pub fn configured(mean: f64, strength: f64) -> Self {
        Self { alpha: mean * strength, beta: (1.0 - mean) * strength, n: 0 }
    }

    /// (k + α) / (n + α + β). More events than chances (late or doubled logs) count as one per chance.
    #[must_use]
    pub fn shrink(&self, events: u64, chances: u64) -> f64 {
        let k = events.min(chances) as f64;
        (k + self.alpha) / (chances as f64 + self.alpha + self.beta)
    }

    /// The rate before any data.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.alpha / (self.alpha + self.beta)
    }
}

/// The prior of a seller's items found violating per item decided: a mean of 0.1 that counts as 5 items.
pub const VIOLATION_PRIOR: RatePrior = RatePrior { alpha: 0.5, beta: 4.5, n: 0 };

/// One tier's priors, in the order of a plan's rates.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TierPriors(Vec<RatePrior>);

impl TierPriors {
    /// Priors in the order of a plan's rates.
    #[must_use]
    pub fn new(priors: Vec<RatePrior>) -> Self {
        Self(priors)
    }

    /// The prior of rate number `rate`.
    #[must_use]
    pub fn get(&self, rate: usize) -> Option<RatePrior> {
        self.0.get(rate).copied()
    }

    /// The same priors with those replaced that were fitted, in their order.
    #[must_use]
    pub fn fitted(&self, fitted: impl Iterator<Item = Option<RatePrior>>) -> Self {
        let fitted = fitted.chain(std::iter::repeat(None));
        Self(self.0.iter().zip(fitted).map(|(configured, fitted)| fitted.unwrap_or(*configured)).collect())
    }
}

/// Sums from which a prior is fitted. All are integers, so neither the order of units nor the shards they came in matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RateMoments {
    units: u64,
    events: u128,
    chances: u128,
    chances_squared: u128,
    /// Σ k² / n in units of 2⁻³², each term rounded down.
    events_squared_per_chance: u128,
}

/// Chances of one unit beyond this are cut, so that no sum overflows.
const MOST_CHANCES: u64 = 1 << 40;
/// Bounds on α + β: below, a prior says nothing; above, data never would.
const STRENGTH: (f64, f64) = (1.0, 100_000.0);

impl RateMoments {
    /// Adds one unit with `events` of `chances`; a unit without chances says nothing.
    pub fn add(&mut self, events: u64, chances: u64) {
        let n = u128::from(chances.min(MOST_CHANCES));
        let k = u128::from(events).min(n);
        if n == 0 {
            return;
        }
        self.units += 1;
        self.events += k;
        self.chances += n;
        self.chances_squared += n * n;
        self.events_squared_per_chance += ((k * k) << 32) / n;
    }

    /// Adds the sums of another shard.
    pub fn merge(&mut self, other: &Self) {
        self.units += other.units;
        self.events += other.events;
        self.chances += other.chances;
        self.chances_squared += other.chances_squared;
        self.events_squared_per_chance += other.events_squared_per_chance;
    }

    /// Fits a beta-binomial by moments with weights n_i (Kleinman 1973, JASA 68:46–54): p = Σk/Σn, S = Σ n_i (p_i − p)²,
    /// ρ = (S / p(1−p) − (m−1)) / (N − Σn²/N − (m−1)), α + β = 1/ρ − 1. Units that differ no more than chance explains (ρ ≤ 0) get the
    /// strongest prior. `None` with fewer than two units, one chance each, or no contrast of events and non-events.
    #[must_use]
    pub fn fit(&self) -> Option<RatePrior> {
        if self.units < 2 || self.events == 0 || self.events == self.chances {
            return None;
        }
        let (m, n) = (self.units as f64, self.chances as f64);
        let p = self.events as f64 / n;
        let s = self.events_squared_per_chance as f64 / 4_294_967_296.0 - p * self.events as f64;
        let spread = n - self.chances_squared as f64 / n - (m - 1.0);
        if spread <= 0.0 {
            return None;
        }
        let rho = (s / (p * (1.0 - p)) - (m - 1.0)) / spread;
        let strength = if rho > 0.0 { (1.0 / rho - 1.0).clamp(STRENGTH.0, STRENGTH.1) } else { STRENGTH.1 };
        Some(RatePrior { alpha: p * strength, beta: (1.0 - p) * strength, n: self.units })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moments(units: &[(u64, u64)]) -> RateMoments {
        let mut moments = RateMoments::default();
        units.iter().for_each(|(k, n)| moments.add(*k, *n));
        moments
    }

    /// By hand: p = .3, S = .8, ρ = (.8/.21 − 3) / (40 − 10 − 3) = .0299824, α + β = 32.35294, α = 9.70588.
    #[test]
    fn the_fit_is_the_one_done_by_hand() {
        let prior = moments(&[(1, 10), (3, 10), (5, 10), (3, 10)]).fit().unwrap();
        assert!((prior.alpha - 9.705_882).abs() < 1e-5, "{prior:?}");
        assert!((prior.beta - 22.647_058).abs() < 1e-5, "{prior:?}");
        assert_eq!(prior.n, 4);
    }

    #[test]
    fn shrinking_is_the_formula() {
        let prior = RatePrior { alpha: 1.0, beta: 9.0, n: 0 };
        assert_eq!(prior.shrink(0, 0), 0.1);
        assert_eq!(prior.shrink(4, 10), 0.25);
        assert_eq!(prior.shrink(99, 10), 0.55);
        assert_eq!(prior.mean(), 0.1);
    }

    #[test]
    fn what_cannot_be_fitted_is_none() {
        assert_eq!(moments(&[]).fit(), None);
        assert_eq!(moments(&[(1, 10)]).fit(), None);
        assert_eq!(moments(&[(0, 10), (0, 5)]).fit(), None);
        assert_eq!(moments(&[(1, 1), (0, 1)]).fit(), None);
        assert_eq!(moments(&[(3, 10), (3, 10), (3, 10)]).fit().unwrap().alpha, 30_000.0);
    }

    #[test]
    fn a_fitted_prior_replaces_the_configured_one_of_its_rate() {
        let configured = TierPriors::new(vec![RatePrior::configured(0.1, 5.0), RatePrior::configured(0.25, 4.0)]);
        assert_eq!(configured.get(0), Some(VIOLATION_PRIOR));
        let fitted = RatePrior { alpha: 1.0, beta: 2.0, n: 3 };
        let priors = configured.fitted([None, Some(fitted)].into_iter());
        assert_eq!((priors.get(0), priors.get(1), priors.get(2)), (Some(VIOLATION_PRIOR), Some(fitted), None));
        assert_eq!(configured.fitted(std::iter::empty()), configured);
    }

    proptest! {
        #[test]
        fn shards_and_order_do_not_matter(units in proptest::collection::vec((any::<u64>(), any::<u64>()), 0..20), cut in 0usize..20) {
            let (a, b) = units.split_at(cut.min(units.len()));
            let mut merged = moments(b);
            merged.merge(&moments(a));
            prop_assert_eq!(merged, moments(&units));
            if let Some(prior) = merged.fit() {
                prop_assert!(prior.alpha > 0.0 && prior.beta > 0.0 && prior.alpha.is_finite() && prior.beta.is_finite());
            }
        }
    }
}
