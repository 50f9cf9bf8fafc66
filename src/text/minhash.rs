//! The MinHash signature of a normalised text: which texts say nearly the same.
//!
//! Input: normalised text. Output: a [`Signature`]: band keys, which near copies mostly share, and a sketch, from which the
//! likeness of two texts is estimated without reading them. Likeness is the Jaccard index of their sets of shingles: runs of k
//! characters, white space squeezed to one space, digits kept; characters need no word borders, so Thai and Vietnamese work like
//! English. Deliberately not here: which texts are compared, and what follows from it (`dataset`).
//!
//! The signature is one-permutation hashing (Li, Owen, Zhang 2012): every shingle falls by its hash into one of 256 bins, and
//! each bin keeps its smallest. An empty bin borrows from another by a sequence of bins that depends on its number alone (optimal
//! densification: Shrivastava 2017). One hash for each shingle, not one for each shingle and bin. The sketch keeps one bit of each
//! bin (b-bit minwise hashing, b = 1: Li, König 2010); bits of borrowed values depend on the borrowing bin, so that the 256 bits of a
//! short text are nearly independent.

/// Bins of a signature, and bits of its sketch.
const BINS: usize = 256;

/// Band keys of a signature.
pub const BANDS: usize = 10;

/// Bins that a band is made of. Two texts of likeness j share a band with probability 1 − (1 − j^ROWS)^BANDS: 0.98 for 0.8, 0.27
/// for 0.5, 0.02 for 0.3.
const ROWS: usize = 5;

/// Never change these: signatures are compared across nights. Odd, without a pattern; digits of the golden ratio and of others.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
const MIX: u64 = 0xd6e8_feb8_6659_fd93;
const STEP: u64 = 0x5851_f42d_4c95_7f2d;

/// What is compared of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// Keys under which near copies meet; equal keys in one place are worth a comparison.
    pub bands: [u32; BANDS],
    /// From which likeness is estimated.
    pub sketch: Sketch,
}

/// One bit of each bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sketch(pub [u64; BINS / 64]);

impl Signature {
    /// The signature of `normalised` by shingles of `k` characters; `None` with fewer than `min_shingles` distinct ones (as far as
    /// the bins tell them apart), for too little is said then to tell copies from chance. Linear in the text.
    #[must_use]
    pub fn of(normalised: &str, k: usize, min_shingles: usize) -> Option<Self> {
        let mut bins = [u64::MAX; BINS];
        each_shingle(normalised, k.max(1), |hash| {
            let least = &mut bins[bin_of(hash)];
            *least = hash.min(*least);
        });
        if bins.iter().filter(|least| **least < u64::MAX).count() < min_shingles.max(1) {
            return None;
        }
        let values = densified(&bins);
        let band = |at: usize| {
            let rows = &values[at * ROWS..(at + 1) * ROWS];
            (rows.iter().fold(at as u64, |key, value| mix(key ^ value)) >> 32) as u32
        };
        let mut sketch = [0_u64; BINS / 64];
        for (at, value) in values.iter().enumerate() {
            sketch[at / 64] |= ((value ^ START[at]).wrapping_mul(MIX) >> 63) << (at % 64);
        }
        Some(Self { bands: std::array::from_fn(band), sketch: Sketch(sketch) })
    }
}

impl Sketch {
    /// Estimated Jaccard index of two texts, in [−1, 1] and about 0 for unlike ones: 2 · (equal bits) / 256 − 1, for bits of
    /// unlike shingles agree half of the time. Its standard error at j is √(1 − j²) / 16: 0.038 for 0.8.
    #[must_use]
    pub fn likeness(&self, other: &Self) -> f64 {
        1.0 - 2.0 * f64::from(self.distance(other)) / BINS as f64
    }

    /// Bits that differ, 0 to 256.
    #[must_use]
    pub fn distance(&self, other: &Self) -> u32 {
        self.0.iter().zip(other.0).map(|(a, b)| (a ^ b).count_ones()).sum()
    }

    /// The largest distance of texts whose likeness is at least `likeness`.
    #[must_use]
    pub fn largest_distance(likeness: f64) -> u32 {
        ((1.0 - likeness.clamp(0.0, 1.0)) * BINS as f64 / 2.0) as u32
    }
}

/// Calls `visit` with a hash of every run of `k` characters: a polynomial of the characters, kept up as the run moves on.
fn each_shingle(normalised: &str, k: usize, mut visit: impl FnMut(u64)) {
    let leaving_weight = (0..k).fold(1_u64, |weight, _| weight.wrapping_mul(BASE));
    let mut leaving = squeezed(normalised);
    let mut hash = 0_u64;
    for (at, entering) in squeezed(normalised).enumerate() {
        hash = hash.wrapping_mul(BASE).wrapping_add(entering);
        if at >= k {
            hash = hash.wrapping_sub(leaving.next().unwrap_or(0).wrapping_mul(leaving_weight));
        }
        if at + 1 >= k {
            visit(mix(hash));
        }
    }
}

/// The characters' numbers, white space (normalised text has no other than these) as single spaces.
fn squeezed(text: &str) -> impl Iterator<Item = u64> {
    let mut after_space = true;
    text.chars().filter_map(move |c| {
        let space = c == ' ' || c == '\n';
        let repeated = space && after_space;
        after_space = space;
        (!repeated).then_some(if space { 32 } else { u64::from(u32::from(c)) })
    })
}

/// Every bin's own value, or that of the first bin with one in its sequence.
fn densified(bins: &[u64; BINS]) -> [u64; BINS] {
    std::array::from_fn(|at| {
        let mut state = START[at];
        let mut source = at;
        // The sequence has period 2^64 and visits every bin, and some bin has a value, since there was a shingle.
        while bins[source] == u64::MAX {
            state = state.wrapping_mul(STEP).wrapping_add(BASE);
            source = bin_of(state);
        }
        bins[source]
    })
}

/// The bin that a hash falls into: its eight highest bits.
fn bin_of(hash: u64) -> usize {
    (hash >> 56) as usize
}

/// Where the sequence of each bin begins.
const START: [u64; BINS] = {
    let mut start = [0; BINS];
    let mut at = 0;
    while at < BINS {
        start[at] = mix((at as u64 + 1).wrapping_mul(BASE));
        at += 1;
    }
    start
};

/// Spreads every bit over all.
const fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 32)).wrapping_mul(MIX);
    let x = (x ^ (x >> 32)).wrapping_mul(MIX);
    x ^ (x >> 32)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn signature(text: &str) -> Signature {
        Signature::of(text, 5, 8).unwrap()
    }

    /// Shingles of 5 characters, literally.
    fn shingles(text: &str) -> BTreeSet<Vec<char>> {
        let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
        squeezed.chars().collect::<Vec<_>>().windows(5).map(<[char]>::to_vec).collect()
    }

    fn jaccard(a: &str, b: &str) -> f64 {
        let (a, b) = (shingles(a), shingles(b));
        let both = a.intersection(&b).count();
        both as f64 / (a.len() + b.len() - both) as f64
    }

    #[test]
    fn signatures_never_change() {
        let got = signature("hàng đẹp, giao nhanh, 50k");
        assert_eq!(got.sketch.0, [0xe9a2_d544_9b93_d780, 0xdc37_587d_af49_8896, 0xf409_c7dd_51ab_7ddc, 0x129f_c2ab_da30_4e6e]);
        assert_eq!(
            got.bands,
            [
                0x7065_4be0,
                0xe20f_f500,
                0x20d7_661e,
                0xa426_5ce0,
                0x0698_a8b0,
                0x168e_97ee,
                0x19af_c1bf,
                0xbe98_3444,
                0xaf40_cbae,
                0xed42_486c
            ]
        );
    }

    #[test]
    fn short_texts_have_none() {
        assert_eq!(Signature::of("", 5, 1), None);
        assert_eq!(Signature::of("abcd", 5, 0), None);
        assert!(Signature::of("abcde", 5, 0).is_some());
        assert_eq!(Signature::of("abcdefghijk", 5, 8), None);
        assert!(Signature::of("abcdefghijkl", 5, 8).is_some());
        assert_eq!(Signature::of("a           b\n\n c", 5, 2), None);
        assert_eq!(Signature::of(&"ab ".repeat(100), 5, 4), None, "three distinct ones");
    }

    #[test]
    fn white_space_does_not_matter_and_digits_do() {
        assert_eq!(signature("phone case\nblack   leather"), signature("phone case black leather"));
        assert_ne!(signature("phone case 64gb black"), signature("phone case 32gb black"));
    }

    #[test]
    fn likeness_is_that_of_the_shingles() {
        let texts = [
            "good quality bag, strap is strong and the colour is the same as in the picture, will buy again",
            "good quality bag, strap is strong and the colour is the same as on the picture, will buy again",
            "good quality bag, strap is weak and the colour is not as in the picture, will not buy again",
            "ผ้านุ่มใส่สบายมากค่ะ สีตรงปก ส่งไว แพ็คของดี ราคาไม่แพง ขนาดพอดีตัว ซักแล้วไม่หด คุ้มค่ามาก",
            "ผ้านุ่มใส่สบายมากค่ะ สีตรงปก ส่งไว แพ็คของดี ราคาไม่แพง ขนาดพอดีตัว ซักแล้วหด คุ้มค่ามาก",
        ];
        for a in texts {
            for b in texts {
                let (estimated, exact) = (signature(a).sketch.likeness(&signature(b).sketch), jaccard(a, b));
                assert!((estimated - exact).abs() < 0.16, "{estimated} for {exact}: {a} / {b}");
            }
        }
    }

    #[test]
    fn a_distance_is_as_large_as_its_likeness_allows() {
        assert_eq!(Sketch::largest_distance(1.0), 0);
        assert_eq!(Sketch::largest_distance(0.75), 32);
        assert_eq!(Sketch::largest_distance(0.0), 128);
        let (zero, four) = (Sketch([0; 4]), Sketch([15, 0, 0, 0]));
        assert_eq!((zero.distance(&four), zero.likeness(&four)), (4, 0.96875));
    }

    proptest! {
        #[test]
        fn any_text_at_any_length_of_shingle(text in proptest::collection::vec(any::<char>(), 0..60), k in 0..20_usize, least in 0..20_usize) {
            // Normalised texts have single spaces, and none at their ends.
            let text = text.into_iter().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
            let n = text.chars().count();
            let got = Signature::of(&text, k, least);
            prop_assert_eq!(got, Signature::of(&text, k, least));
            if n < k.max(1) { prop_assert_eq!(got, None) }
        }
    }
}
