//! The difference between two arms, adjusted for the period before, with an interval that lets units of one cluster be alike.
//!
//! Each arm is regressed on the centred value before treatment (Lin 2013, "Agnostic notes on regression adjustments to experimental
//! data", which is CUPED with a slope an arm). The variance is the sum over clusters of their squared influence, residuals inflated by
//! their leverage and Student's degrees of freedom taken from how unequal clusters are (after Bell and McCaffrey 2002, for independent units).

use crate::evaluation::{student_upper_quantile, student_upper_tail};
use crate::monitor::Range;

/// Sums over the units of one arm in one cluster.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ArmSums {
    /// Units.
    pub n: u64,
    /// Σ y, the metric since the unit entered.
    pub y: f64,
    /// Σ x, the same metric before.
    pub x: f64,
    /// Σ x².
    pub xx: f64,
    /// Σ xy.
    pub xy: f64,
}

impl ArmSums {
    /// Adds a unit with `before` and `after`.
    pub fn add(&mut self, before: f64, after: f64) {
        self.n += 1;
        self.y += after;
        self.x += before;
        self.xx += before * before;
        self.xy += before * after;
    }

    fn merge(&mut self, other: &Self) {
        self.n += other.n;
        self.y += other.y;
        self.x += other.x;
        self.xx += other.xx;
        self.xy += other.xy;
    }
}

/// A cluster, usually a seller. Its units may be in both arms.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ClusterSums {
    /// Those treated.
    pub treated: ArmSums,
    /// Those held back.
    pub held_back: ArmSums,
}

/// The effect on one metric, in the metric's unit for each unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// Mean of the treated less mean of those held back, adjusted.
    pub difference: f64,
    /// Its 95 % interval.
    pub interval: Range,
    /// Its standard error.
    pub standard_error: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// Adjusted mean of those held back.
    pub baseline: f64,
    /// P of so low a difference where there is none: small speaks for a loss.
    pub p_loss: f64,
    /// Treated units.
    pub n_treated: u64,
    /// Units held back.
    pub n_held_back: u64,
}

/// Clusters that either arm needs: fewer have no variance to speak of.
const MIN_CLUSTERS: usize = 5;

/// A leverage beyond this inflates no further: the cluster is nearly an arm by itself.
const MOST_LEVERAGE: f64 = 0.9;

/// What an arm's regression came to.
struct Fit {
    n: f64,
    mean_y: f64,
    mean_x: f64,
    slope: f64,
    spread: f64,
}

impl Fit {
    fn of(sums: &ArmSums) -> Self {
        let n = sums.n as f64;
        let (mean_y, mean_x) = (sums.y / n, sums.x / n);
        let spread = sums.xx - n * mean_x * mean_x;
        // What rounding leaves of a constant is no spread.
        let spread = if spread > 1e-9 * sums.xx { spread } else { 0.0 };
        let slope = if spread > 0.0 { (sums.xy - n * mean_x * mean_y) / spread } else { 0.0 };
        Self { n, mean_y, mean_x, slope, spread }
    }

    /// A cluster's share of the error of the arm's mean.
    fn influence(&self, cluster: &ArmSums) -> f64 {
        let n = cluster.n as f64;
        let away = cluster.x - n * self.mean_x;
        let residual = cluster.y - n * self.mean_y - self.slope * away;
        let by_slope = if self.spread > 0.0 && n > 0.0 { away * away / (n * self.spread) } else { 0.0 };
        let leverage = (n / self.n + by_slope).min(MOST_LEVERAGE);
        residual / self.n / (1.0 - leverage).sqrt()
    }
}

/// The effect of being treated. `None` with fewer than five clusters in an arm. Sums run in the order of `clusters`: sort them first.
#[must_use]
pub fn effect(clusters: &[ClusterSums]) -> Option<Effect> {
    let (mut treated, mut held_back) = (ArmSums::default(), ArmSums::default());
    for cluster in clusters {
        treated.merge(&cluster.treated);
        held_back.merge(&cluster.held_back);
    }
    let clusters_of = |arm: fn(&ClusterSums) -> &ArmSums| clusters.iter().filter(|c| arm(c).n > 0).count();
    if clusters_of(|c| &c.treated).min(clusters_of(|c| &c.held_back)) < MIN_CLUSTERS {
        return None;
    }
    let (one, zero) = (Fit::of(&treated), Fit::of(&held_back));
    let n = one.n + zero.n;
    let mean_x = (treated.x + held_back.x) / n;
    let at_mean = |fit: &Fit| fit.mean_y + fit.slope * (mean_x - fit.mean_x);
    let (difference, baseline) = (at_mean(&one) - at_mean(&zero), at_mean(&zero));
    let (mut variance, mut expected, mut expected_squares) = (0.0, 0.0, 0.0);
    for cluster in clusters {
        let (t, h) = (&cluster.treated, &cluster.held_back);
        let units = (t.n + h.n) as f64;
        // The mean before is an estimate as well: where slopes differ, it is part of the error.
        let of_mean = (one.slope - zero.slope) * (t.x + h.x - units * mean_x) / n;
        let influence = one.influence(t) - zero.influence(h) + of_mean;
        variance += influence * influence;
        let own = t.n as f64 / (one.n * one.n) + h.n as f64 / (zero.n * zero.n);
        expected += own;
        expected_squares += own * own;
    }
    let df = (expected * expected / expected_squares - 2.0).max(1.0);
    let standard_error = variance.sqrt();
    // Arms without any spread say nothing of chance: zero orders on both sides is no certainty.
    if standard_error <= 0.0 || !standard_error.is_finite() {
        return None;
    }
    let half = student_upper_quantile(0.025, df) * standard_error;
    Some(Effect {
        difference,
        interval: Range { low: difference - half, high: difference + half },
        standard_error,
        df,
        baseline,
        p_loss: student_upper_tail(-difference / standard_error, df),
        n_treated: treated.n,
        n_held_back: held_back.n,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn single(treated: bool, before: f64, after: f64) -> ClusterSums {
        let mut cluster = ClusterSums::default();
        if treated { &mut cluster.treated } else { &mut cluster.held_back }.add(before, after);
        cluster
    }

    /// By hand: without spread before, means 6 and 3, and the variance is s²/n of each arm (2.5 / 5 twice), as HC2 has it.
    #[test]
    fn without_a_period_before_it_is_the_difference_of_means() {
        let clusters: Vec<_> =
            (1..=5).flat_map(|i| [single(true, 0.0, f64::from(i) + 3.0), single(false, 0.0, f64::from(i))]).collect();
        let found = effect(&clusters).unwrap();
        assert!((found.difference - 3.0).abs() < 1e-12 && (found.baseline - 3.0).abs() < 1e-12);
        assert!((found.standard_error - 1.0).abs() < 1e-12, "{}", found.standard_error);
        assert!((found.df - 8.0).abs() < 1e-9, "{}", found.df);
        assert_eq!((found.n_treated, found.n_held_back), (5, 5));
        // scipy: t.isf(0.025, 8) = 2.306004135.
        assert!((found.interval.high - 5.306_004_135).abs() < 1e-6, "{:?}", found.interval);
    }

    #[test]
    fn the_period_before_takes_out_what_it_explains() {
        let noise = [0.1, -0.1, 0.2, -0.2, 0.05, -0.05];
        let arm = |treated: bool| {
            let lift = if treated { 1.0 } else { 0.0 };
            (0..30).map(move |i| single(treated, f64::from(i * i), 2.0 * f64::from(i * i) + lift + noise[i as usize % 6]))
        };
        let found = effect(&arm(true).chain(arm(false)).collect::<Vec<_>>()).unwrap();
        assert!((found.difference - 1.0).abs() < 1e-9 && found.standard_error < 0.05, "{found:?}");
    }

    #[test]
    fn too_few_clusters_and_no_spread_say_nothing() {
        assert_eq!(effect(&[]), None);
        let few: Vec<_> = (0..4).flat_map(|i| [single(true, 0.0, f64::from(i)), single(false, 0.0, 1.0)]).collect();
        assert_eq!(effect(&few), None);
        let constant: Vec<_> = (0..9).flat_map(|_| [single(true, 0.0, 0.0), single(false, 0.0, 0.0)]).collect();
        assert_eq!(effect(&constant), None);
    }
}
