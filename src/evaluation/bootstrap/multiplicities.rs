//! How often each cluster stands in each draw: as many clusters as there are, drawn with replacement.

use crate::units::{GOLDEN, SplitMix, finalise};

/// Draws that are computed together: sixteen bytes are one vector register.
pub(super) const LANES: usize = 16;

/// How often one cluster stands in each draw of a block.
pub(super) type Lanes = [u8; LANES];

/// Clusters that are turned around at once: their counts fill half of a first-level cache.
const TILE: usize = 1024;

/// The sequence of one draw. Seed and draw pass through the finaliser, so that neighbouring draws share no stretch.
fn of_draw(seed: u64, draw: u64) -> SplitMix {
    SplitMix(finalise(finalise(seed).wrapping_add(draw.wrapping_mul(GOLDEN))))
}

/// The multiplicities of `n_clusters` clusters in the draws `block · LANES` and following, cluster by cluster.
///
/// A draw depends on the seed, its number and the number of clusters: neither on its block nor on who computes it. A count
/// stops at 255, which no draw reaches: of n clusters one is drawn 256 times with a probability below 1 ÷ 255!.
pub(super) fn multiplicities(n_clusters: usize, seed: u64, block: usize) -> Vec<Lanes> {
    // Draw by draw, then turned around: a draw's own counts stay in the cache while it jumps about in them.
    let mut drawn = vec![0_u8; n_clusters * LANES];
    for (lane, counts) in drawn.chunks_exact_mut(n_clusters.max(1)).enumerate() {
        let mut numbers = of_draw(seed, (block * LANES + lane) as u64);
        for _ in 0..n_clusters {
            if let Some(count) = counts.get_mut(numbers.below(n_clusters)) {
                *count = count.saturating_add(1);
            }
        }
    }
    let mut table = vec![[0_u8; LANES]; n_clusters];
    for (tile, clusters) in table.chunks_mut(TILE).enumerate() {
        for (lane, counts) in drawn.chunks_exact(n_clusters.max(1)).enumerate() {
            for (cluster, count) in clusters.iter_mut().zip(counts.iter().skip(tile * TILE)) {
                cluster[lane] = *count;
            }
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_draw_holds_as_many_clusters_as_there_are() {
        for n in [0, 1, 2, 17, 1000] {
            let table = multiplicities(n, 7, 3);
            let totals: [usize; LANES] = std::array::from_fn(|lane| table.iter().map(|c| usize::from(c[lane])).sum());
            assert_eq!(totals, [n; LANES]);
        }
    }

    /// A cluster's count is binomial with mean 1 and variance 1 − 1 ÷ n; two clusters' counts have covariance −1 ÷ n.
    #[test]
    fn counts_have_the_moments_of_drawing_with_replacement() {
        let (n, blocks) = (20, 2000);
        let (mut squares, mut products) = (0.0, 0.0);
        for block in 0..blocks {
            let table = multiplicities(n, 1, block);
            (0..LANES).for_each(|lane| {
                let deviation = |c: usize| f64::from(table[c][lane]) - 1.0;
                squares += (0..n).map(|c| deviation(c) * deviation(c)).sum::<f64>() / n as f64;
                products += deviation(0) * deviation(1);
            });
        }
        let draws = (blocks * LANES) as f64;
        assert!((squares / draws - 0.95).abs() < 0.01, "{}", squares / draws);
        assert!((products / draws + 0.05).abs() < 0.02, "{}", products / draws);
    }

    #[test]
    fn draws_and_seeds_differ() {
        let draw =
            |seed, block: usize, lane: usize| -> Vec<u8> { multiplicities(50, seed, block).iter().map(|c| c[lane]).collect() };
        let first = draw(1, 0, 0);
        assert_eq!(first, draw(1, 0, 0));
        for other in [draw(1, 0, 1), draw(1, 1, 0), draw(2, 0, 0)] {
            assert_ne!(first, other);
        }
    }
}
