//! The hash behind every bucket number, built so that a longer n-gram goes on where a shorter one ended.
//!
//! Input: characters or word hashes, one at a time. Output: a bucket. The state of "abc" is that of "ab" and one addition and one
//! multiplication more: a polynomial in an odd number, modulo 2^64, over distinct seeds. A bucket is read off the state folded upon
//! itself and multiplied once more, since the low bits of a product know nothing of the high bits of its factors.
//! Deliberately not here: protection against somebody who looks for collisions.

/// Both are odd and have about as many ones as noughts. Never change: stored models hold bucket numbers.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
const FINISH: u64 = 0xd6e8_feb8_6659_fd93;

/// The state after one more character.
#[inline(always)]
pub(super) const fn follow(state: u64, code: u64) -> u64 {
    state.wrapping_add(code).wrapping_mul(STEP)
}

/// `STEP` to the power of 0, 1, … 5.
pub(super) const POWERS: [u64; 6] = {
    let mut powers = [1; 6];
    let mut n = 1;
    while n < powers.len() {
        powers[n] = follow(0, powers[n - 1]);
        n += 1;
    }
    powers
};

/// The state after a run of characters that began in the state `seed`, from the states of any one beginning before and after the run
/// and `STEP` to the power of its length: two beginnings that read the same stay apart by their distance, multiplied by `STEP` each time.
#[inline(always)]
pub(super) fn restart(seed: u64, before: u64, after: u64, power: u64) -> u64 {
    seed.wrapping_sub(before).wrapping_mul(power).wrapping_add(after)
}

/// The state after one more word. Half a turn keeps `a b` and `b a` apart.
#[inline(always)]
pub(super) fn join(state: u64, word: u64) -> u64 {
    follow(state, word.rotate_left(32))
}

/// The bucket of a state; `mask` is one less than the number of buckets.
#[inline(always)]
pub(super) fn bucket_of(state: u64, mask: u32) -> u32 {
    (mixed(state) >> 32) as u32 & mask
}

/// The number from whose higher half a bucket is read.
#[inline(always)]
pub(super) fn mixed(state: u64) -> u64 {
    (state ^ (state >> 32)).wrapping_mul(FINISH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> u64 {
        text.chars().fold(1, |state, c| follow(state, u64::from(u32::from(c))))
    }

    /// All 26^3 words of three letters in 4096 buckets: mean 4.29 a bucket. Pearson's sum over 4095 degrees of freedom has mean 4095
    /// and standard deviation 90.5; five of those are allowed, either way.
    #[test]
    fn buckets_fill_evenly() {
        let mut filled = vec![0_u32; 4096];
        for number in 0..26_u32.pow(3) {
            let letters = [number / 676, number / 26 % 26, number % 26];
            let state = letters.iter().fold(1, |state, i| follow(state, u64::from(i + 97)));
            filled[bucket_of(state, 4095) as usize] += 1;
        }
        let mean = f64::from(26_u32.pow(3)) / 4096.0;
        let sum: f64 = filled.iter().map(|n| (f64::from(*n) - mean).powi(2) / mean).sum();
        assert!((sum - 4095.0).abs() < 5.0 * 90.5, "{sum}");
    }

    /// One bit of any character changes each bit of the bucket about half the time.
    #[test]
    fn every_bit_of_a_character_reaches_every_bit_of_the_bucket() {
        for place in 0..5 {
            for bit in 0..7 {
                let mut changed = [0_u32; 17];
                for number in 0..1000_u64 {
                    let codes: [u64; 5] = std::array::from_fn(|i| 97 + (number * 7919 + 31 * i as u64 * number) % 1021);
                    let mut other = codes;
                    other[place] ^= 1 << bit;
                    let bucket = |codes: [u64; 5]| bucket_of(codes.into_iter().fold(1, follow), (1 << 17) - 1);
                    let difference = bucket(codes) ^ bucket(other);
                    changed.iter_mut().enumerate().for_each(|(i, n)| *n += difference >> i & 1);
                }
                assert!(changed.iter().all(|n| (350..=650).contains(n)), "{place} {bit}: {changed:?}");
            }
        }
    }

    #[test]
    fn a_run_hashes_the_same_from_any_beginning() {
        let codes: Vec<u64> = "harga murah".chars().map(|c| u64::from(u32::from(c))).collect();
        let state = |seed: u64, codes: &[u64]| codes.iter().fold(seed, |state, code| follow(state, *code));
        for (n, power) in POWERS.into_iter().enumerate() {
            let (before, after) = (state(77, &codes[..3]), state(77, &codes[..3 + n]));
            assert_eq!(restart(5, before, after, power), state(5, &codes[3..3 + n]));
        }
    }

    #[test]
    fn order_matters() {
        assert_ne!(join(of("a"), of("b")), join(of("b"), of("a")));
        assert_ne!(of("ab"), of("ba"));
    }
}
