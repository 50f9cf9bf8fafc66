//! SplitMix64 (Steele, Lea and Flood 2014): random numbers that depend on their seed and place alone.

/// 2⁶⁴ ÷ the golden ratio, made odd: the step of the generator.
pub const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The generator's finaliser: a bijection on 64 bits that spreads a difference in one bit over all.
#[must_use]
pub fn finalise(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// One step from a state: what a stream that stands at `z` gives next.
#[must_use]
pub fn split_mix(z: u64) -> u64 {
    finalise(z.wrapping_add(GOLDEN))
}

/// A number in [0, 1) from the upper 53 bits.
#[must_use]
pub fn unit_interval(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub struct SplitMix(pub u64);

impl SplitMix {
    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        finalise(self.0)
    }

    /// Uniform in 0..n; 0 when n is 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next_u64()) * n as u128) >> 64) as usize
    }

    /// The next number in [0, 1).
    pub fn uniform(&mut self) -> f64 {
        unit_interval(self.next_u64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first outputs for seed 1234567, as Vigna's reference implementation prints them.
    #[test]
    fn the_stream_is_the_published_one() {
        let mut stream = SplitMix(1_234_567);
        let found = [(); 5].map(|()| stream.next_u64());
        assert_eq!(
            found,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821
            ]
        );
    }

    #[test]
    fn a_step_is_the_streams_next_number() {
        assert_eq!(split_mix(7), SplitMix(7).next_u64());
    }

    #[test]
    fn numbers_stay_below_one() {
        assert_eq!((unit_interval(0), unit_interval(u64::MAX) < 1.0), (0.0, true));
        let mut stream = SplitMix(3);
        assert!((0..1000).all(|_| stream.below(7) < 7));
        assert_eq!(stream.below(0), 0);
    }
}
