//! An increasing calibration curve: pooled adjacent violators, joined through the blocks' centres.
//!
//! Blocks come from the pool-adjacent-violators algorithm (Ayer et al. 1955) over rows sorted by score. Each block becomes one
//! knot at its mean score with a smoothed rate (hits + base rate) / (weight + 1), so that no block claims 0 or 1. Between knots
//! the log-odds are interpolated (centred isotonic regression, Oron and Flournoy 2017), beyond them they go on with a given
//! slope: a plain step function would tie scores that the model tells apart.

use super::measures::logit;

/// Between knots the curve rises by at least this share of the outer slope, so that it never ties what the model tells apart.
const LEAST_SLOPE: f64 = 0.02;

/// The curve's knots.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct IsotonicCurve {
    /// Raw scores, strictly ascending; at least one.
    pub(super) score: Vec<f64>,
    /// Log-odds at the knots, never falling.
    pub(super) logit: Vec<f64>,
    /// Log-odds per unit of score beyond the outermost knots; at least 0.
    pub(super) outer_slope: f64,
}

/// A run of rows that share one rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Block {
    /// Sum of the weights.
    pub(super) weight: f64,
    /// Sum of the positives' weights.
    pub(super) hits: f64,
    /// Sum of weight × score.
    pub(super) score: f64,
}

impl Block {
    fn rate(&self) -> f64 {
        self.hits / self.weight
    }

    fn join(self, other: Self) -> Self {
        Self { weight: self.weight + other.weight, hits: self.hits + other.hits, score: self.score + other.score }
    }
}

/// Pools adjacent violators: blocks of rising rates, in order of the score. Equal scores share a block.
pub(super) fn pool(score: &[f64], positive: &[bool], weight: &[f64]) -> Vec<Block> {
    let mut order: Vec<usize> = (0..score.len()).collect();
    order.sort_by(|a, b| score[*a].total_cmp(&score[*b]).then(a.cmp(b)));
    let mut ties: Vec<Block> = Vec::new();
    let mut last = f64::NAN;
    for row in order {
        let hits = if positive[row] { weight[row] } else { 0.0 };
        let single = Block { weight: weight[row], hits, score: weight[row] * score[row] };
        match ties.last_mut() {
            Some(block) if score[row] == last => *block = block.join(single),
            _ => ties.push(single),
        }
        last = score[row];
    }
    let mut blocks: Vec<Block> = Vec::new();
    for mut block in ties {
        while let Some(previous) = blocks.pop_if(|previous| previous.rate() >= block.rate()) {
            block = previous.join(block);
        }
        blocks.push(block);
    }
    blocks
}

impl IsotonicCurve {
    /// Fits the curve. `outer_slope` is used as it is; negative values become 0.
    pub(super) fn fit(score: &[f64], positive: &[bool], weight: &[f64], outer_slope: f64) -> Self {
        let blocks = pool(score, positive, weight);
        let total = blocks.iter().fold(Block { weight: 0.0, hits: 0.0, score: 0.0 }, |sum, block| sum.join(*block));
        let base = (total.hits + 0.5) / (total.weight + 1.0);
        let mut curve = Self { score: Vec::new(), logit: Vec::new(), outer_slope: outer_slope.max(0.0) };
        for block in blocks {
            let centre = block.score / block.weight;
            let rate = (block.hits + base) / (block.weight + 1.0);
            // Smoothing draws light blocks in more than heavy ones, which may turn two around: the curve then rises gently.
            let floor = match (curve.score.last(), curve.logit.last()) {
                (Some(at), Some(logit)) => logit + LEAST_SLOPE * curve.outer_slope * (centre - at),
                _ => f64::NEG_INFINITY,
            };
            if curve.score.last().is_none_or(|previous| *previous < centre) {
                curve.score.push(centre);
                curve.logit.push(logit(rate).max(floor));
            }
        }
        if curve.score.is_empty() {
            curve.score.push(0.0);
            curve.logit.push(logit(base));
        }
        curve
    }

    /// The log-odds at a raw score.
    pub(super) fn at(&self, score: f64) -> f64 {
        let right = self.score.partition_point(|knot| *knot <= score);
        let last = self.score.len() - 1;
        if right == 0 {
            return self.logit[0] + self.outer_slope * (score - self.score[0]);
        }
        if right > last {
            return self.logit[last] + self.outer_slope * (score - self.score[last]);
        }
        let (x0, x1) = (self.score[right - 1], self.score[right]);
        let (y0, y1) = (self.logit[right - 1], self.logit[right]);
        y0 + (y1 - y0) * ((score - x0) / (x1 - x0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violators_are_pooled_by_hand() {
        // 0 | 1 0 → ½ | 1 1: rows 2 and 3 violate and share one block.
        let blocks = pool(&[1.0, 2.0, 3.0, 4.0, 5.0], &[false, true, false, true, true], &[1.0; 5]);
        let rates: Vec<(f64, f64)> = blocks.iter().map(|b| (b.score / b.weight, b.rate())).collect();
        assert_eq!(rates, vec![(1.0, 0.0), (2.5, 0.5), (4.5, 1.0)]);
    }

    #[test]
    fn equal_scores_share_a_block_whatever_their_order() {
        let a = pool(&[1.0, 1.0, 0.0], &[true, false, false], &[1.0, 2.0, 1.0]);
        let b = pool(&[0.0, 1.0, 1.0], &[false, false, true], &[1.0, 2.0, 1.0]);
        assert_eq!(a, b);
        assert_eq!(a.len(), 2);
    }

    #[test]
    fn the_curve_rises_and_stays_off_zero_and_one() {
        let score: Vec<f64> = (0..100).map(f64::from).collect();
        let positive: Vec<bool> = (0..100).map(|i| (i * 37 % 100) < i).collect();
        let curve = IsotonicCurve::fit(&score, &positive, &[1.0; 100], 0.1);
        let at: Vec<f64> = (-10..110).map(|s| curve.at(f64::from(s))).collect();
        assert!(at.windows(2).all(|w| w[0] <= w[1]));
        assert!(at.iter().all(|l| l.abs() < 10.0));
    }
}
