//! Rates shrunk to a prior, and priors fitted from exact sums (FIELD.md §6).
//!
//! Input: k events of n chances per unit. Output: (k + α) / (n + α + β). Deliberately not here: which units share a prior (`dataset`
//! groups by tier) and windows.

use serde::{Deserialize, Serialize};

use super::WindowSums;

/// A rate: events per chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RateKind {
    /// Views per impression.
    View,
    /// Reports per view.
    Report,
    /// Hides per view.
    Hide,
    /// Likes per view.
    Like,
    /// Comments per view.
    Comment,
    /// Shares per view.
    Share,
    /// Clicks per view.
    Click,
    /// Orders per click.
    Order,
    /// Refunds per order.
    Refund,
    /// Items found violating per item decided.
    Violation,
}

impl RateKind {
    /// All rates, in declaration order.
    pub const ALL: [Self; 10] = [
        Self::View,
        Self::Report,
        Self::Hide,
        Self::Like,
        Self::Comment,
        Self::Share,
        Self::Click,
        Self::Order,
        Self::Refund,
        Self::Violation,
    ];

    /// Events and chances of this rate in a window; `None` when a counter is missing, or for violations, which no window holds.
    #[must_use]
    pub fn counts(self, sums: &WindowSums) -> Option<(u64, u64)> {
        let (events, chances) = match self {
            Self::View => (sums.views, sums.impressions),
            Self::Report => (sums.reports, sums.views),
            Self::Hide => (sums.hides, sums.views),
            Self::Like => (sums.likes, sums.views),
            Self::Comment => (sums.comments, sums.views),
            Self::Share => (sums.shares, sums.views),
            Self::Click => (sums.clicks, sums.views),
            Self::Order => (sums.orders, sums.clicks),
            Self::Refund => (sums.refunds, sums.orders),
            Self::Violation => return None,
        };
        Some((sums.count(events)?, sums.count(chances)?))
    }

    /// The prior until there is history: a mean and a strength in chances, from what marketplaces publish to an order of magnitude.
    fn configured(self) -> RatePrior {
        let (mean, strength) = match self {
            Self::View => (0.3, 50.0),
            Self::Report => (0.0005, 1000.0),
            Self::Hide => (0.001, 1000.0),
            Self::Like => (0.03, 100.0),
            Self::Comment => (0.005, 200.0),
            Self::Share => (0.003, 200.0),
            Self::Click => (0.05, 100.0),
            Self::Order => (0.03, 50.0),
            Self::Refund => (0.05, 20.0),
            Self::Violation => (0.1, 5.0),
        };
        RatePrior { alpha: mean * strength, beta: (1.0 - mean) * strength, n: 0 }
    }
}

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

/// One tier's priors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TierPriors {
    priors: [RatePrior; 10],
}

impl Default for TierPriors {
    fn default() -> Self {
        Self { priors: RateKind::ALL.map(RateKind::configured) }
    }
}

impl TierPriors {
    /// The prior of `kind`.
    #[must_use]
    pub fn get(&self, kind: RateKind) -> RatePrior {
        self.priors[kind as usize]
    }

    /// Replaces the prior of `kind`.
    pub fn set(&mut self, kind: RateKind, prior: RatePrior) {
        self.priors[kind as usize] = prior;
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
    fn every_kind_has_its_own_prior() {
        let mut priors = TierPriors::default();
        assert!(RateKind::ALL.iter().enumerate().all(|(i, kind)| *kind as usize == i && priors.get(*kind).n == 0));
        let fitted = RatePrior { alpha: 1.0, beta: 2.0, n: 3 };
        priors.set(RateKind::Refund, fitted);
        assert_eq!(priors.get(RateKind::Refund), fitted);
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
