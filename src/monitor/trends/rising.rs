//! Whether a count rises: Fisher's exact test, the growth with its interval, and the log-odds of a term.

use std::collections::BTreeSet;

use super::super::Range;
use crate::evaluation::{Confidence, beta_interval};

/// Author-days with and without what is counted, in the last days and before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Windows {
    /// With it, in the last days.
    pub recent: u64,
    /// With it, before.
    pub baseline: u64,
    /// All of the last days.
    pub all_recent: u64,
    /// All before.
    pub all_baseline: u64,
}

impl Windows {
    /// P(at least as many recent ones | the margins): Fisher's exact test, one-sided, the upper tail of the hypergeometric
    /// distribution. What makes everything rise, or lets old items gather more complaints, cancels.
    pub(super) fn p_value(&self) -> f64 {
        let (drawn, marked) = (self.all_recent, self.recent + self.baseline);
        let total = self.all_recent + self.all_baseline;
        let denominator = ln_choose(total, drawn);
        let most = marked.min(drawn);
        let term = |k: u64| match drawn.checked_sub(k).filter(|rest| *rest <= total - marked) {
            Some(rest) => libm::exp(ln_choose(marked, k) + ln_choose(total - marked, rest) - denominator),
            None => 0.0,
        };
        (self.recent..=most).rev().map(term).sum::<f64>().min(1.0)
    }

    /// The daily rate of the last days over that before, with a 95 % interval: given the sum, the recent count is binomial, whose
    /// Jeffreys interval (Brown, Cai and DasGupta 2001) is carried over to the ratio. `exposure` is days times the share kept, of
    /// both windows.
    pub(super) fn growth(&self, exposure: [f64; 2]) -> Option<(f64, Range)> {
        let [recent, baseline] = [self.recent as f64 + 0.5, self.baseline as f64 + 0.5];
        let unit = exposure[1] / exposure[0];
        let interval = beta_interval(recent, baseline, Confidence::NinetyFive)?;
        let ratio = |p: f64| p / (1.0 - p) * unit;
        Some((recent / baseline * unit, Range { low: ratio(interval.low), high: ratio(interval.high) }))
    }
}

/// ln of the binomial coefficient.
fn ln_choose(n: u64, k: u64) -> f64 {
    let gamma = |n: u64| libm::lgamma(n as f64 + 1.0);
    gamma(n) - gamma(k) - gamma(n.saturating_sub(k))
}

/// The z-score of a term's log-odds among `all` items against `background` ones, with the background as the Dirichlet prior
/// (Monroe, Colaresi and Quinn 2008, equations 16 and 22; here an item has a term or not, so the prior has two cells). The prior
/// weighs as much as `PRIOR_ITEMS` items.
pub(super) fn log_odds_z(with: u64, all: u64, with_background: u64, background: u64) -> f64 {
    let (with, all) = (with as f64, all as f64);
    let (with_background, background) = (with_background as f64, background as f64);
    let share = (with + with_background + 0.5) / (all + background + 1.0);
    let (yes, no) = (share * PRIOR_ITEMS, (1.0 - share) * PRIOR_ITEMS);
    let odds = |with: f64, all: f64| libm::log((with + yes) / (all - with + no));
    let variance = 1.0 / (with + yes) + 1.0 / (with_background + yes);
    (odds(with, all) - odds(with_background, background)) / libm::sqrt(variance)
}

const PRIOR_ITEMS: f64 = 100.0;

/// Distinct authors a day.
pub(super) fn author_days(items: impl Iterator<Item = (u64, u32)>) -> u64 {
    items.collect::<BTreeSet<_>>().len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(recent: u64, all_recent: u64, baseline: u64, all_baseline: u64) -> Windows {
        Windows { recent, baseline, all_recent, all_baseline }
    }

    /// By whole-number binomial coefficients: for the first, (C(3,3) C(47,7)) ÷ C(50,10) = 62,891,499 ÷ 10,272,278,170.
    #[test]
    fn the_tail_is_that_of_the_hypergeometric_distribution() {
        for (windows, expect) in [
            (windows(3, 10, 0, 40), 62_891_499.0 / 10_272_278_170.0),
            (windows(2, 5, 4, 30), TAIL_2),
            (windows(5, 20, 3, 100), TAIL_5),
            (windows(0, 20, 3, 100), 1.0),
        ] {
            let found = windows.p_value();
            assert!((found - expect).abs() < 1e-10, "{windows:?}: {found}");
        }
    }

    const TAIL_2: f64 = 0.19520872865275143;
    const TAIL_5: f64 = 0.0032213012806861676;

    #[test]
    fn growth_is_a_ratio_of_daily_rates() {
        let (growth, interval) = windows(30, 40, 25, 400).growth([3.0, 25.0]).unwrap();
        assert!((growth - 30.5 / 25.5 * 25.0 / 3.0).abs() < 1e-12);
        assert!(interval.low > 5.5 && interval.low < growth && growth < interval.high && interval.high < 18.0, "{interval:?}");
        let (_, unseen) = windows(5, 40, 0, 400).growth([3.0, 25.0]).unwrap();
        assert!(unseen.low > 1.0 && unseen.high.is_finite());
    }

    #[test]
    fn a_term_of_the_background_has_no_odds() {
        // Half an item of smoothing is all that is left.
        assert!(log_odds_z(10, 100, 100, 1000).abs() < 0.01);
        assert!(log_odds_z(10, 100, 1, 1000) > 3.0);
        assert!(log_odds_z(1, 100, 100, 1000) < -2.0);
    }

    #[test]
    fn an_author_counts_once_a_day() {
        assert_eq!(author_days([(1, 0), (1, 0), (1, 1), (2, 0)].into_iter()), 3);
    }
}
