//! One block of draws over ranked rows: sixteen resamples in one pass, their metrics in sixteen lanes.
//!
//! Rows are never copied. A draw is a number of times for each cluster, and every metric a function of weighted sums. Where rows
//! weigh 1 the sums are of integers and exact.

use super::super::calibration::LOG_LOSS_CLIP;
use super::super::confusion::Confusion;
use super::super::sum::Sum;
use super::multiplicities::{LANES, Lanes};
use super::rows::Ranked;

/// One number a draw.
type Numbers = [f64; LANES];

/// Σ over a cluster's rows of weight · log loss, weight · squared miss, and weight · (p − y).
pub(super) type LossSums = [f64; 3];

/// What the metrics of a block's draws are made of.
pub(super) struct BlockTotals {
    /// Σ over positive rows of weight · precision at their score.
    precision_sum: Numbers,
    /// Weight of the pairs in which the negative row scores higher, ties counting half.
    discordant: Numbers,
    /// Weight of the positive and of the negative rows.
    class: [Numbers; 2],
    /// The same of the rows that reach each threshold.
    at: Vec<[Numbers; 2]>,
    losses: [Numbers; 3],
}

/// The losses of each cluster.
pub(super) fn loss_sums(ranked: &Ranked) -> Vec<LossSums> {
    let mut sums = vec![[Sum::default(); 3]; ranked.n_clusters];
    for found in &ranked.rows {
        let (row, of_cluster) = (found.row, &mut sums[found.cluster as usize]);
        let p = row.score.clamp(LOG_LOSS_CLIP, 1.0 - LOG_LOSS_CLIP);
        let miss = row.score - if row.positive { 1.0 } else { 0.0 };
        of_cluster[0].add(row.weight * if row.positive { -libm::log(p) } else { -libm::log1p(-p) });
        of_cluster[1].add(row.weight * miss * miss);
        of_cluster[2].add(row.weight * miss);
    }
    sums.into_iter().map(|of| of.map(Sum::value)).collect()
}

impl BlockTotals {
    /// Passes over the rows once.
    pub(super) fn of(ranked: &Ranked, losses: &[LossSums], table: &[Lanes]) -> Self {
        let zero = [0.0; LANES];
        let mut totals = Self {
            precision_sum: zero,
            discordant: zero,
            class: [zero; 2],
            at: vec![[zero; 2]; ranked.reaching.len()],
            losses: [zero; 3],
        };
        let (mut start, mut next) = (0, 0);
        let mut thresholds: Vec<usize> = (0..ranked.reaching.len()).collect();
        thresholds.sort_by_key(|t| ranked.stretches_reaching[*t]);
        for (done, stretch) in ranked.stretches.iter().enumerate() {
            while let Some(t) = thresholds.get(next).filter(|t| ranked.stretches_reaching[**t] <= done) {
                totals.at[*t] = totals.class;
                next += 1;
            }
            if stretch.positive_end > start {
                let (mut positive, mut tied) = (zero, zero);
                add(ranked, table, start..stretch.positive_end, &mut positive);
                add(ranked, table, stretch.positive_end..stretch.tied_end, &mut tied);
                totals.include_step(&positive, &tied);
            }
            add(ranked, table, stretch.tied_end..stretch.end, &mut totals.class[1]);
            start = stretch.end;
        }
        for t in &thresholds[next..] {
            totals.at[*t] = totals.class;
        }
        for (drawn, of_cluster) in table.iter().zip(losses) {
            let drawn = drawn.map(f64::from);
            for (total, loss) in totals.losses.iter_mut().zip(of_cluster) {
                for (total, times) in total.iter_mut().zip(drawn) {
                    *total += times * loss;
                }
            }
        }
        totals
    }

    /// One score's positive and negative rows.
    fn include_step(&mut self, positive: &Numbers, negative: &Numbers) {
        let [all_positive, all_negative] = &mut self.class;
        for lane in 0..LANES {
            self.discordant[lane] += positive[lane] * (all_negative[lane] + negative[lane] * 0.5);
            all_positive[lane] += positive[lane];
            all_negative[lane] += negative[lane];
            // Where a draw has none of the rows so far, 0 ÷ the smallest number adds 0.
            let reached = (all_positive[lane] + all_negative[lane]).max(f64::MIN_POSITIVE);
            self.precision_sum[lane] += positive[lane] * (all_positive[lane] / reached);
        }
    }

    /// The metrics of one lane, in the order of [`super::metrics::Metric::all`]; `macro_f1` is taken at the first threshold.
    pub(super) fn metrics(&self, lane: usize) -> Vec<Option<f64>> {
        let [positive, negative] = self.class.map(|of| of[lane]);
        let total = positive + negative;
        let both = positive > 0.0 && negative > 0.0;
        let mut found = vec![
            both.then(|| (self.precision_sum[lane] / positive).clamp(0.0, 1.0)),
            both.then(|| (1.0 - self.discordant[lane] / positive / negative).clamp(0.0, 1.0)),
        ];
        found.extend(self.losses.map(|loss| (total > 0.0).then(|| loss[lane] / total)));
        let confusion = |at: &[Numbers; 2]| Confusion {
            true_positive: at[0][lane],
            false_positive: at[1][lane],
            false_negative: positive - at[0][lane],
            true_negative: negative - at[1][lane],
        };
        let mut at = self.at.iter().map(confusion);
        found.push(at.next().and_then(|c| c.macro_f1()));
        found.extend(at.flat_map(|c| [c.precision(), c.recall(), c.match_rate()]));
        found
    }
}

/// Adds the drawn weights of some rows to each lane.
fn add(ranked: &Ranked, table: &[Lanes], rows: std::ops::Range<usize>, into: &mut Numbers) {
    match &ranked.weight {
        None => add_counts(table, &ranked.cluster[rows], into),
        Some(weight) => add_weights(table, &ranked.cluster[rows.clone()], &weight[rows], into),
    }
}

/// Rows whose multiplicities fit into sixteen bits together: 256 · 255 < 2¹⁶.
const ROWS_A_SUM: usize = 256;

fn add_counts(table: &[Lanes], clusters: &[u32], into: &mut Numbers) {
    for some in clusters.chunks(ROWS_A_SUM) {
        let mut sums = [0_u16; LANES];
        for cluster in some {
            for (sum, times) in sums.iter_mut().zip(&table[*cluster as usize]) {
                *sum = sum.wrapping_add(u16::from(*times));
            }
        }
        for (into, sum) in into.iter_mut().zip(sums) {
            *into += f64::from(sum);
        }
    }
}

fn add_weights(table: &[Lanes], clusters: &[u32], weights: &[f64], into: &mut Numbers) {
    for (cluster, weight) in clusters.iter().zip(weights) {
        for (into, times) in into.iter_mut().zip(&table[*cluster as usize]) {
            *into += f64::from(*times) * weight;
        }
    }
}
