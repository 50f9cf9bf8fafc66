//! How often each cluster stands in each draw: as many clusters as there are, drawn with replacement.

/// Draws that are computed together: sixteen bytes are one vector register.
pub(super) const LANES: usize = 16;

/// How often one cluster stands in each draw of a block.
pub(super) type Lanes = [u8; LANES];

/// Clusters that are turned around at once: their counts fill half of a first-level cache.
const TILE: usize = 1024;

/// Numbers whose sequence depends on seed and draw alone: SplitMix64 (Steele, Lea and Flood 2014), of
/// which the i-th number is a function of i.
struct SplitMix64(u64);

impl SplitMix64 {
    const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

    /// The sequence of one draw. Seed and draw pass through the finaliser, so that neighbouring draws share no stretch.
    fn of_draw(seed: u64, draw: u64) -> Self {
        Self(mix(mix(seed).wrapping_add(draw.wrapping_mul(Self::GAMMA))))
    }

    /// The next number below `limit`, by the high word of a product: uneven by at most limit ÷ 2⁶⁴.
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(Self::GAMMA);
        ((u128::from(mix(self.0)) * limit as u128) >> 64) as usize
    }
}

/// The finaliser of SplitMix64.
fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// The multiplicities of `n_clusters` clusters in the draws `block · LANES` and following, cluster by cluster.
///
/// A draw depends on the seed, its number and the number of clusters: neither on its block nor on who computes it. A count
/// stops at 255, which no draw reaches: of n clusters one is drawn 256 times with a probability below 1 ÷ 255!.
pub(super) fn multiplicities(n_clusters: usize, seed: u64, block: usize) -> Vec<Lanes> {
    // Draw by draw, then turned around: a draw's own counts stay in the cache while it jumps about in them.
    let mut drawn = vec![0_u8; n_clusters * LANES];
    for (lane, counts) in drawn.chunks_exact_mut(n_clusters.max(1)).enumerate() {
        let mut numbers = SplitMix64::of_draw(seed, (block * LANES + lane) as u64);
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
    fn the_sequence_is_splitmix64() {
        // The reference implementation's first numbers from state 1234567 (https://prng.di.unimi.it/splitmix64.c).
        let mut state = 1_234_567_u64;
        let found: Vec<u64> = (0..3)
            .map(|_| {
                state = state.wrapping_add(SplitMix64::GAMMA);
                mix(state)
            })
            .collect();
        assert_eq!(found, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

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
