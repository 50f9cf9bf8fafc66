//! The best question for one level of a symmetric tree, from one feature's histograms.
//!
//! gain = Σ over the level's nodes of G_L²/(H_L + λ) + G_R²/(H_R + λ) − G²/(H + λ) (Chen and Guestrin, XGBoost, eq. 7, summed as
//! in CatBoost's symmetric trees). A node that the question would leave with a child lighter than `min_child_weight` adds
//! nothing, nor does one that it would split against the feature's declared direction.

use super::TreesConfig;
use super::sampling::unpack;
use super::tree::{Level, MissingSide};
use crate::features::Direction;

/// Least gain of a question that is worth asking.
const LEAST_GAIN: f64 = 1e-9;

/// A question and what it gains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Split {
    /// The question.
    pub(super) level: Level,
    /// Fall of the loss to second order, twice; above 0.
    pub(super) gain: f64,
}

/// One feature's histograms, node after node, `width` cells each.
#[derive(Debug, Clone, Copy)]
pub(super) struct FeatureSums<'a> {
    /// The feature.
    pub(super) feature: u32,
    /// Packed sums.
    pub(super) cells: &'a [i64],
    /// Cells of a node.
    pub(super) width: usize,
    /// Bins of the feature, at most `width`.
    pub(super) n_bins: usize,
    /// What one step of a packed gradient and curvature is worth.
    pub(super) unit: [f64; 2],
    /// Which way the score must go as the feature rises.
    pub(super) direction: Option<Direction>,
}

/// Of two splits the better; of equals the first.
pub(super) fn better(best: Option<Split>, found: Option<Split>) -> Option<Split> {
    match (best, found) {
        (Some(a), Some(b)) if b.gain > a.gain => Some(b),
        (None, found) => found,
        (best, _) => best,
    }
}

/// The feature's best split; of equal gains the lower threshold, missing values to the left.
pub(super) fn best_of_feature(sums: FeatureSums, config: &TreesConfig) -> Option<Split> {
    let mut gains = [[0.0_f64; 256]; 2];
    let n_thresholds = sums.n_bins.min(256) - 1;
    let has_missing = sums.cells.chunks_exact(sums.width).any(|node| unpack(node[0])[1] > 0);
    let mut scan = Scan { left: [[0.0; 256]; 2], unit: sums.unit, config, direction: sums.direction };
    for node in sums.cells.chunks_exact(sums.width) {
        let bins = &node[..sums.n_bins];
        let total = bins.iter().fold(0_i64, |sum, cell| sum.wrapping_add(*cell));
        if unpack(total)[1] <= 0 {
            continue;
        }
        scan.add_gains(bins, total, bins[0], &mut gains[0][..n_thresholds]);
        if has_missing {
            scan.add_gains(bins, total, 0, &mut gains[1][..n_thresholds]);
        }
    }
    // Without missing values the threshold 0 parts nothing from something; with them to the right it parts nothing either.
    gains[1][0] = 0.0;
    if !has_missing {
        gains[0][0] = 0.0;
    }
    let mut best: Option<Split> = None;
    for threshold in 0..n_thresholds {
        for (gains, missing) in gains.iter().zip([MissingSide::Left, MissingSide::Right]) {
            let gain = gains[threshold];
            if gain > best.map_or(LEAST_GAIN, |b| b.gain) {
                best = Some(Split { level: Level { feature: sums.feature, threshold: threshold as u8, missing }, gain });
            }
        }
    }
    best
}

/// One pass over a node's bins.
struct Scan<'a> {
    left: [[f64; 256]; 2],
    unit: [f64; 2],
    config: &'a TreesConfig,
    direction: Option<Direction>,
}

impl Scan<'_> {
    /// Adds what each threshold gains in one node, `start` being what is left of all thresholds.
    fn add_gains(&mut self, bins: &[i64], total: i64, start: i64, gains: &mut [f64]) {
        let n = gains.len();
        let mut sum = start;
        let [left_g, left_h] = &mut self.left;
        for (t, (g, h)) in left_g.iter_mut().zip(left_h.iter_mut()).enumerate().take(n) {
            if t > 0 {
                sum = sum.wrapping_add(bins[t]);
            }
            let [gradient, curvature] = unpack(sum);
            *g = f64::from(gradient);
            *h = f64::from(curvature);
        }
        let [total_g, total_h] = unpack(total).map(f64::from);
        let (unit_g, unit_h) = (self.unit[0], self.unit[1]);
        let l2 = self.config.l2;
        let whole = (total_g * unit_g) * (total_g * unit_g) / (total_h * unit_h + l2);
        // At least half a step, so that an empty side is none, and the quotients below are of numbers above 0.
        let least = self.config.min_child_weight.max(0.5 * unit_h);
        let sign = match self.direction {
            None => 0.0,
            Some(Direction::Up) => 1.0,
            Some(Direction::Down) => -1.0,
        };
        for ((gain, g), h) in gains.iter_mut().zip(&left_g[..n]).zip(&left_h[..n]) {
            let (gl, gr) = (*g * unit_g, (total_g - *g) * unit_g);
            let (hl, hr) = (*h * unit_h, (total_h - *h) * unit_h);
            let (wl, wr) = (hl + l2, hr + l2);
            // With wl, wr > 0 the left step −gl / wl is at most the right one when gl · wr ≥ gr · wl.
            let is_allowed = (hl >= least) & (hr >= least) & (sign * (gl * wr - gr * wl) >= 0.0);
            let value = (gl * gl * wr + gr * gr * wl) / (wl * wr) - whole;
            *gain += if is_allowed { value } else { 0.0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::config::tests::quick;

    /// The best split of one node whose bins hold these gradients, each of curvature 1/4 a row.
    fn search(bins: &[(i32, i32)], direction: Option<Direction>) -> Option<Split> {
        let mut cells: Vec<i64> = bins.iter().map(|(g, n)| (i64::from(*g) << 32) + i64::from(*n)).collect();
        cells.resize(4, 0);
        let mut config = quick().trees;
        config.min_child_weight = 0.0;
        let sums = FeatureSums { feature: 3, cells: &cells, width: 4, n_bins: bins.len(), unit: [0.5, 0.25], direction };
        best_of_feature(sums, &config)
    }

    #[test]
    fn the_first_split_by_hand() {
        // Two rows either side: G = ±1, H = 0.5, λ = 1: 1/1.5 + 1/1.5 − 0.
        let split = search(&[(0, 0), (2, 2), (-2, 2)], None).unwrap();
        assert_eq!(split.level, Level { feature: 3, threshold: 1, missing: MissingSide::Left });
        assert!((split.gain - 2.0 / 1.5).abs() < 1e-12);
    }

    #[test]
    fn missing_values_take_the_better_side() {
        let split = search(&[(-2, 2), (2, 2), (-1, 1)], None).unwrap();
        assert_eq!(split.level, Level { feature: 3, threshold: 1, missing: MissingSide::Right });
    }

    #[test]
    fn being_missing_is_a_question_of_its_own() {
        let split = search(&[(2, 2), (-2, 2)], None).unwrap();
        assert_eq!(split.level.threshold, 0);
        assert_eq!((split.level.side(0), split.level.side(1)), (0, 1));
    }

    #[test]
    fn nothing_to_gain_is_no_split() {
        assert_eq!(search(&[(0, 0), (0, 2), (0, 2)], None), None);
        assert_eq!(search(&[(0, 0), (2, 4)], None), None);
    }

    #[test]
    fn a_split_against_the_direction_gains_nothing() {
        // High values are the positive ones: the score must not fall as the feature rises.
        assert!(search(&[(0, 0), (2, 2), (-2, 2)], Some(Direction::Up)).is_some());
        assert_eq!(search(&[(0, 0), (2, 2), (-2, 2)], Some(Direction::Down)), None);
        assert!(search(&[(0, 0), (-2, 2), (2, 2)], Some(Direction::Down)).is_some());
    }

    #[test]
    fn of_equal_gains_the_first_stands() {
        let split = search(&[(0, 0), (2, 2), (0, 0), (-2, 2)], None).unwrap();
        assert_eq!(split.level.threshold, 1);
        let later = Split { level: Level { feature: 9, ..split.level }, ..split };
        assert_eq!(better(Some(split), Some(later)), Some(split));
    }
}
